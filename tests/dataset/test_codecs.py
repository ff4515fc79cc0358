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
from simgen.dataset.codecs import (
    Encoding,
    Plane,
    decode,
    depth_m,
    depth_plane,
    depth_scale_m,
    encode,
    flow_of,
    flow_plane,
    id_plane,
    normal_plane,
    normals,
    rgb_plane,
)
from simgen.dataset.codecs import read_note as note_of
from simgen.labels.flow import Flow

NOTE = '{"frame":"job/front/000001","record":"ab"}'
SHAPES = arrays.array_shapes(min_dims=2, max_dims=2, max_side=20)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "uint32"])
@given(data=st.data())
def test_png_keeps_every_bit(dtype: str, data: st.DataObject) -> None:
    pixels = data.draw(arrays.arrays(dtype, SHAPES))
    encoded = encode(Plane(name="x", pixels=pixels, codec="png"), NOTE)
    back = decode(encoded, dtype, "x")
    assert back.dtype == dtype
    assert np.array_equal(back, pixels)
    assert pixels_digest(back) == pixels_digest(pixels)


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))))
def test_colour_png_keeps_every_bit_and_the_order_of_channels(pixels: np.ndarray) -> None:
    encoded = encode(Plane(name="rgb", pixels=pixels, codec="png"), NOTE)
    assert np.array_equal(decode(encoded, "uint8", "x"), pixels)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encoded))), pixels)


def test_another_reader_sees_the_same_ids() -> None:
    pixels = np.arange(300, dtype=np.uint16).reshape(15, 20) * 218
    encoded = encode(Plane(name="instance", pixels=pixels, codec="png"), NOTE)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encoded))), pixels)


def test_jpeg_comes_close_and_keeps_the_order_of_channels() -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    pixels = np.stack(np.broadcast_arrays(ramp[None], ramp[:, None], 200), axis=-1).astype(np.uint8)
    back = decode(encode(Plane(name="rgb", pixels=pixels, codec="jpeg"), NOTE), "uint8", "x")
    assert np.abs(back.astype(int) - pixels).mean() < 3


@pytest.mark.parametrize("codec", ["jpeg", "png"])
def test_other_readers_find_the_note(codec: str) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    encoded = encode(rgb_plane(pixels, Encoding(rgb=codec)), NOTE)
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


@pytest.mark.parametrize("samples", [1, 3])
@given(data=st.data())
def test_tiff_keeps_every_bit(samples: int, data: st.DataObject) -> None:
    height, width = data.draw(st.tuples(st.integers(1, 20), st.integers(1, 20)))
    shape = (height, width) if samples == 1 else (height, width, samples)
    pixels = data.draw(arrays.arrays(np.float32, shape, elements=st.floats(width=32, allow_nan=False)))
    encoded = encode(Plane(name="x", pixels=pixels, codec="tiff"), NOTE)
    assert note_of(encoded) == NOTE
    back = decode(encoded, "float32", "x")
    assert back.dtype == np.float32
    assert pixels_digest(back) == pixels_digest(pixels)


def test_other_readers_open_our_tiff() -> None:
    depth = np.linspace(0.05, 600, 48 * 32, dtype=np.float32).reshape(32, 48)
    image = Image.open(io.BytesIO(encode(Plane(name="depth", pixels=depth, codec="tiff"), NOTE)))
    assert np.array_equal(np.asarray(image), depth)
    assert NOTE in image.tag_v2[270]


def test_depth_as_float_is_exact_with_its_sky() -> None:
    depth = np.array([[np.inf, 0.0512345, 1e-4, 599.123, 1e6]], np.float32)
    plane = depth_plane("depth", depth, 600.0, Encoding(depth="tiff"))
    back = decode(encode(plane, NOTE), "float32", "x")
    assert (plane.codec, plane.scale) == ("tiff", None)
    assert np.array_equal(depth_m(back, plane.scale, empty=np.inf), depth)


def test_normals_keep_their_direction() -> None:
    raw = np.random.default_rng(3).normal(size=(20, 30, 3))
    unit = (raw / np.linalg.norm(raw, axis=-1, keepdims=True)).astype(np.float32)
    unit[0] = 0.0
    plane = normal_plane(unit)
    back = normals(decode(encode(plane, NOTE), "uint16", "x"))
    assert np.abs(back - unit).max() <= 0.5 / 32_767 + 1e-6
    assert not back[0].any()
    assert plane.scale is not None
    assert plane.offset is not None
    assert np.allclose(plane.pixels[1:] * plane.scale + plane.offset, back[1:], atol=1e-6)


def test_flow_after_kitti_is_within_half_a_step_and_drops_what_does_not_fit() -> None:
    vector = np.array([[[0.0, 0.0], [3.1416, -200.7], [510.99, 0.0], [511.5, 0.0], [9.0, 9.0]]], np.float32)
    state = np.array([[1, 2, 1, 1, 0]], np.uint8)
    flow = Flow(vector_px=vector, state=state)
    plane = flow_plane("flow_forward", flow, Encoding(flow="png"))
    back = flow_of(decode(encode(plane, NOTE), "uint16", "x"))
    assert back.state.tolist() == [[1, 2, 1, 0, 0]]
    assert np.abs(back.vector_px - vector)[0, :3].max() <= 1 / 128
    assert not back.vector_px[0, 3:].any()
    # The published form: (value - 2^15) / 64, and a third channel that says whether it is valid.
    assert (plane.pixels[0, 1].astype(int)[:2] - 2**15).tolist() == [201, -12845]
    exact = flow_of(decode(encode(flow_plane("flow_forward", flow, Encoding()), NOTE), "float32", "x"))
    assert np.array_equal(exact.vector_px, vector)
    assert np.array_equal(exact.state, state)


def test_quality_decides_the_size_of_a_jpeg() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    sizes = [len(encode(rgb_plane(noise, Encoding(quality=q)), NOTE)) for q in (30, 95)]
    assert sizes[0] < sizes[1] / 2
    assert rgb_plane(noise, Encoding(quality=30)).quality == 30


def test_more_objects_than_sixteen_bits_hold() -> None:
    ids = np.arange(70_000, dtype=np.uint32).reshape(250, 280)
    plane = id_plane("instance", ids, 69_999)
    encoded = encode(plane, NOTE)
    assert np.array_equal(decode(encoded, "uint32", "x"), ids)
    red, green, blue, alpha = (np.asarray(c, dtype=np.int64) for c in Image.open(io.BytesIO(encoded)).split())
    assert np.array_equal(red + 256 * green + 65_536 * blue + 16_777_216 * alpha, ids)
