"""Which enclosures the shaders are told of when there are more than they take."""

from __future__ import annotations

import numpy as np

from simgen.core.geometry import pose
from simgen.rendering.enclosed import Enclosed
from simgen.rendering.raster.enclosures import MAX_ENCLOSURES, MAX_OPENINGS, packed
from simgen.scene.enclosure import Enclosure, Opening


def hall(x_m: float, openings: int) -> Enclosed:
    door = Opening.upright(np.array([x_m - 2.0, 0.0, 0.0]), np.array([-1.0, 0.0, 0.0]), 2.0, 2.0)
    made = Enclosure(
        world_from_box=pose((x_m, 0.0, 1.5)), size_m=(4.0, 6.0, 3.0), openings=(door,) * openings, albedo=0.3
    )
    return Enclosed(enclosure=made, bounced_lux=np.full(3, x_m), threshold_lux=0.1)


def told(halls: list[Enclosed], eye_m: float) -> list[float]:
    """By what it throws back, each of those that are told of."""
    tables = packed(halls, np.array([eye_m, 0.0, 1.5]))
    boxes = np.frombuffer(tables["enclosures"], dtype=np.float32).reshape(MAX_ENCLOSURES, 4, 4)  # type: ignore[arg-type]
    openings = np.frombuffer(tables["openings"], dtype=np.float32).reshape(MAX_OPENINGS, 3, 4)  # type: ignore[arg-type]
    count, doors = tables["enclosed"]
    assert openings[:doors, 0, 3].max(initial=0) < max(count, 1)
    found: list[float] = boxes[:count, 3, 0].tolist()  # type: ignore[misc]
    return found


def test_the_nearest_ones_are_told() -> None:
    halls = [hall(10.0 * k, 1) for k in range(1, 8)]
    assert told(halls, 71.0) == [70.0, 60.0, 50.0, 40.0]
    assert told(halls[::-1], 9.0) == [10.0, 20.0, 30.0, 40.0]


def test_none_is_told_without_all_of_its_openings() -> None:
    assert told([hall(10.0, 3), hall(20.0, 5), hall(30.0, 1)], 0.0) == [10.0, 20.0]
    assert told([hall(10.0, 3), hall(20.0, 6), hall(30.0, 1)], 0.0) == [10.0]


def test_a_point_of_the_box_has_coordinates_of_one() -> None:
    tables = packed([hall(10.0, 1)], np.array([3.0, 0.5, 1.0]))
    box = np.frombuffer(tables["enclosures"], dtype=np.float32).reshape(MAX_ENCLOSURES, 4, 4)[0, :3]  # type: ignore[arg-type]
    corner = np.array([12.0, 3.0, 3.0]) - (3.0, 0.5, 1.0)  # from the eye
    np.testing.assert_allclose(box @ np.append(corner, 1.0), 1.0, atol=1e-5)
