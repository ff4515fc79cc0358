"""Rows of houses: they fill their length, and no wall is built where a neighbour hides it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simgen.core.geometry import Array
from simgen.core.seeds import Key
from simgen.scene.assembly import Pile
from simgen.scene.settings.facade import House, add_house, draw_house
from simgen.scene.settings.terrace import draw_row, terrace


def house(storeys: int) -> House:
    return House(
        width_m=6.0, storeys=storeys, ground_m=3.0, storey_m=3.0, wall=0, frame=0, door=0, door_bay=0, bays=2,
        pitched=False, shop=False,
    )  # fmt: skip


def side_wall(middle: House, left: House | None, right: House | None, x_m: float) -> tuple[float, float] | None:
    """Lowest and highest point of the wall in the plane x = ``x_m`` that reaches halfway back; None without one."""
    pile = Pile()
    add_house(pile, middle, 0.0, Key(1, 0, "house").generator(), 0.0, beside=(left, right))
    wall = next(p.mesh for p in pile.parts() if p.material.name == "plaster_cream")
    corners: Array = wall.vertices_m[wall.faces].astype(np.float64)
    within = (np.abs(corners[:, :, 0] - x_m) < 1e-4).all(axis=1) & (corners[:, :, 1].max(axis=1) > 0.5 * middle.depth_m)
    heights = corners[within][:, :, 2]
    return (heights.min(), heights.max()) if len(heights) else None


@pytest.mark.parametrize("x_m", [0.0, 6.0])
def test_a_side_wall_stands_where_no_neighbour_hides_it(x_m: float) -> None:
    low, middle, high = house(2), house(3), house(4)
    assert side_wall(middle, None, None, x_m) == pytest.approx((0.0, middle.eaves_m), abs=1e-4)
    assert side_wall(middle, low, low, x_m) == pytest.approx((low.eaves_m, middle.eaves_m), abs=1e-4)
    assert side_wall(middle, middle, middle, x_m) is None
    assert side_wall(middle, high, high, x_m) is None


def test_the_two_sides_have_their_own_neighbours() -> None:
    low, middle = house(2), house(3)
    assert side_wall(middle, low, None, 0.0) == pytest.approx((low.eaves_m, middle.eaves_m), abs=1e-4)
    assert side_wall(middle, low, None, 6.0) == pytest.approx((0.0, middle.eaves_m), abs=1e-4)


@pytest.mark.parametrize("length_m", [12.0, 62.0, 200.0])
def test_a_row_is_closed_and_fills_its_length(length_m: float) -> None:
    row = draw_row(Key(3, 0, "row").generator(), length_m)
    ends = [x + each.width_m for x, each in row]
    assert [x for x, _ in row] == pytest.approx([0.0, *ends[:-1]])
    assert ends[-1] == pytest.approx(length_m)
    assert all(a.wall != b.wall for (_, a), (_, b) in itertools.pairwise(row)), "neighbours differ"
    assert all(each.door_bay < each.bays for _, each in row)


def test_long_rows_are_several_bodies_whose_boxes_stop_who_drives_into_them() -> None:
    place = np.eye(4)
    place[0, 3] = 5.0
    rng = Key(3, 0, "row").generator
    fixtures = terrace("row", place, 200.0, rng(), 0.0, asset="row", values={"look": 3})
    assert [f.name for f in fixtures] == ["row_1", "row_2", "row_3"]
    assert len({f.body.asset.digest for f in fixtures}) == 3
    solids = [s for f in fixtures for s in f.body.collision]
    row = draw_row(rng(), 200.0)
    assert len(solids) == len(row)
    for solid, (x, each) in zip(solids, row, strict=True):
        assert solid.body_from_shape[0, 3] == pytest.approx(5.0 + x + 0.5 * each.width_m)


def test_a_house_at_random_has_a_door_in_one_of_its_bays() -> None:
    rng = Key(3, 0, "house").generator()
    assert all(0 <= h.door_bay < h.bays for h in (draw_house(rng, 0) for _ in range(50)))
