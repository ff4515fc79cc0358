"""Drawing truth on pictures."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.dataset.overlay import DepthScale, boxes, delivered, instance_color, masks, mosaic, story_line, text
from simgen.scene.scene import EventState
from tests.dataset import small


def test_boxes_lie_where_labels_say() -> None:
    bundle = next(iter(small.bundles()))
    zoom = 12
    picture = np.zeros((zoom * small.HEIGHT_PX, zoom * small.WIDTH_PX, 3), dtype=np.uint8)
    drawn = boxes(picture, bundle.labels, least_pixels=1)
    assert not picture.any(), "the picture given is left alone"
    seen = [o for o in bundle.labels.objects if o.bbox_visible is not None]
    assert seen
    for label in seen:
        assert label.bbox_visible is not None
        x0, y0, x1, y1 = (zoom * int(v) for v in label.bbox_visible)
        color = instance_color(label.instance_id)
        edges = (drawn[y0, x0:x1], drawn[y1 - 1, x0:x1], drawn[y0:y1, x0], drawn[y0:y1, x1 - 1])
        shares = sorted(float((edge == color).all(axis=-1).mean()) for edge in edges)
        assert shares[1] > 0.9, f"three edges at least are not under a caption: {shares}"
    assert not boxes(picture, bundle.labels, least_pixels=10**6).any()


def test_depth_is_warm_near_and_black_where_nothing_is() -> None:
    depth = np.array([[1.0, 10.0, 100.0, np.inf, 0.0]], dtype=np.float32)
    picture = DepthScale(1.0, 100.0).picture(depth)
    assert (picture[0, 3:] == 0).all()
    red, blue = picture[0, :3, 0].astype(int), picture[0, :3, 2].astype(int)
    assert red[0] > blue[0] and blue[1] < picture[0, 1, 1]
    assert len({tuple(p) for p in picture[0, :3]}) == 3
    assert DepthScale.of(np.full((2, 2), np.inf, dtype=np.float32)).far_m > 1


def test_masks_show_things_in_colours_of_their_own() -> None:
    instance = np.array([[0, 1, 2]], dtype=np.uint32)
    picture = masks(instance, np.array([[2, 19, 19]], dtype=np.uint16))
    assert tuple(picture[0, 1]) == instance_color(1) != instance_color(2) == tuple(picture[0, 2])
    assert picture[0, 0].max() < 128


def test_colours_of_neighbouring_ids_differ() -> None:
    colors = np.array([instance_color(i) for i in range(1, 30)], dtype=int)
    assert np.abs(np.diff(colors, axis=0)).sum(axis=1).min() > 150


@pytest.mark.parametrize("width_px", [320, 641])
def test_a_mosaic_has_even_height_and_the_width_asked_for(width_px: int) -> None:
    bundle = next(iter(small.bundles()))
    picture = mosaic(bundle, DepthScale.of(bundle.depth_m), width_px=width_px)
    assert picture.shape[0] % 2 == 0
    assert picture.shape[1] == width_px // 2 * 2
    assert picture.dtype == np.uint8
    assert delivered(bundle).shape == (small.HEIGHT_PX, small.WIDTH_PX, 3)


def test_a_story_wraps_and_says_when() -> None:
    events = tuple(EventState(name=f"event_{i}", phase="waiting") for i in range(12))
    assert story_line(events, 1.0, 300).shape[0] > story_line(events[:1], 1.0, 300).shape[0]
    begun = (EventState(name="event_0", phase="running", start_s=0.5), *events[1:])
    assert not np.array_equal(story_line(begun, 1.0, 300), story_line(events, 1.0, 300))


def test_text_stays_inside_the_picture() -> None:
    picture = np.zeros((30, 80, 3), dtype=np.uint8)
    assert text(picture, "far right", origin_px=(1000, 500))[-2:, -2:].any()
