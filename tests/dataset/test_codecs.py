from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from simgen.core.errors import DatasetFault
from simgen.dataset.canonical import pixels_digest
from simgen.dataset.codecs import Encoding, Plane, decode, depth_m, depth_plane, depth_scale_m, encode, id_plane
from simgen.dataset.codecs import read_note as note_of

NOTE = '{"frame":"job/front/000001","record":"ab"}'
SHAPES = arrays.array_shapes(min_dims=2, max_dims=2, max_side=20)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "uint32"])
@given(data=st.data())
def test_png_keeps_every_bit(dtype: str, data: st.DataObject) -> None:
    pixels = data.draw(arrays.arrays(dtype, SHAPES))
    encoded = encode(Plane(name="x", pixels=pixels, codec="png"), Encoding(), NOTE)
    back = decode(encoded, dtype, "x")
    assert back.dtype == dtype
    assert np.array_equal(back, pixels)
    assert pixels_digest(back) == pixels_digest(pixels)


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))))
def test_colour_png_keeps_every_bit_and_the_order_of_channels(pixels: np.ndarray) -> None:
    encoded = encode(Plane(name="rgb", pixels=pixels, codec="png"), Encoding(rgb="png"), NOTE)
    assert np.array_equal(decode(encoded, "uint8", "x"), pixels)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encoded))), pixels)


def test_another_reader_sees_the_same_ids() -> None:
    pixels = np.arange(300, dtype=np.uint16).reshape(15, 20) * 218
    encoded = encode(Plane(name="instance", pixels=pixels, codec="png"), Encoding(), NOTE)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encoded))), pixels)


def test_jpeg_comes_close_and_keeps_the_order_of_channels() -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    pixels = np.stack(np.broadcast_arrays(ramp[None], ramp[:, None], 200), axis=-1).astype(np.uint8)
    back = decode(encode(Plane(name="rgb", pixels=pixels, codec="jpeg"), Encoding(), NOTE), "uint8", "x")
    assert np.abs(back.astype(int) - pixels).mean() < 3


@pytest.mark.parametrize("codec", ["jpeg", "png"])
def test_other_readers_find_the_note(codec: str) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    encoded = encode(Plane(name="rgb", pixels=pixels, codec=codec), Encoding(), NOTE)
    image = Image.open(io.BytesIO(encoded))
    assert note_of(encoded) == NOTE
    assert NOTE in (image.text["simgen"] if codec == "png" else image.info["comment"].decode())


@given(st.floats(0.002, 600), st.sampled_from([10.0, 65.0, 100.0, 600.0, 3000.0, 20_000.0]))
def test_depth_is_stored_to_half_a_step(metres: float, far_m: float) -> None:
    metres = min(metres, far_m)
    plane = depth_plane("depth", np.full((2, 2), metres, np.float32), far_m)
    assert plane.scale is not None
    back = depth_m(plane.pixels, plane.scale, empty=np.inf)
    smallest = plane.scale if metres < plane.scale else 0
    assert np.abs(back - metres).max() <= max(plane.scale / 2 * 1.001, smallest) + 1e-6 * metres


def test_depth_is_a_centimetre_or_better_as_far_as_655_m() -> None:
    assert depth_scale_m(655.0) == 0.01
    assert depth_scale_m(65.0) == 0.001
    assert depth_scale_m(6000.0) == 0.1
    assert depth_scale_m(655_350.0) == 10.0


def test_sky_is_zero_and_nothing_else_is() -> None:
    depth = np.array([[np.inf, 0.0, 1e-4, 599.0, 1e6, np.nan]], np.float32)
    plane = depth_plane("depth", depth, 600.0)
    assert plane.pixels.tolist() == [[0, 0, 1, 59900, 65535, 0]]
    assert plane.scale is not None
    assert depth_m(plane.pixels, plane.scale, empty=np.inf)[0, 0] == np.inf


@pytest.mark.parametrize(("largest", "dtype"), [(255, "uint8"), (256, "uint16"), (65_536, "uint32")])
def test_ids_never_wrap(largest: int, dtype: str) -> None:
    plane = id_plane("instance", np.array([[0, largest]], np.uint32), largest)
    assert plane.pixels.dtype == dtype
    assert plane.pixels.max() == largest


def test_what_is_no_image_is_named() -> None:
    with pytest.raises(DatasetFault, match=r"front/rgb/000000\.jpg: not a readable image"):
        decode(b"", "uint8", "front/rgb/000000.jpg")
    assert note_of(b"") is None


def test_the_digest_of_pixels_depends_on_shape_and_type() -> None:
    zeros = np.zeros((2, 3), np.uint8)
    others = [zeros.reshape(3, 2), zeros.view(np.int8), zeros.astype(bool), zeros + np.uint8(1)]
    assert len({pixels_digest(zeros), *(pixels_digest(o) for o in others)}) == 5
    assert pixels_digest(np.asfortranarray(zeros)) == pixels_digest(zeros)
