"""The warehouse and the work cell: everything has its place, and people and robots have room."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simgen.core.vocabulary import models, settings
from simgen.sampling.obstacles import Placed, blocked_by
from simgen.scene.boxes import within
from simgen.scene.classes import semantic_class
from simgen.scene.settings.warehouse import RACK_DEPTH_M
from simgen.scene.stage import Fixture, Stage, Surface

NAMES = ("warehouse", "work_cell")


@pytest.fixture(scope="module")
def stages() -> dict[str, Stage]:
    return {name: settings.get(name)().build("indoor") for name in NAMES}


def span(fixture: Fixture) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corner of the parts, world frame."""
    points = np.vstack(
        [
            part.mesh.vertices_m @ (fixture.world_from_body @ rest)[:3, :3].T + (fixture.world_from_body @ rest)[:3, 3]
            for part, rest in zip(fixture.body.parts, fixture.body.rest, strict=True)
        ]
    )
    return points.min(axis=0), points.max(axis=0)


def outline(surface: Surface) -> np.ndarray:
    c, s = np.cos(surface.yaw_rad), np.sin(surface.yaw_rad)
    half = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * np.array(surface.size_m) / 2
    return np.asarray(surface.center_m) + half @ np.array([[c, s], [-s, c]])


@pytest.mark.parametrize("name", NAMES)
def test_names_are_unique_and_classes_known(stages: dict[str, Stage], name: str) -> None:
    stage = stages[name]
    assert stage.indoor
    assert len({f.name for f in stage.fixtures}) == len(stage.fixtures)
    for fixture in stage.fixtures:
        semantic_class(fixture.body.semantic)
        parts = [p.name for p in fixture.body.parts]
        assert len(set(parts)) == len(parts), fixture.name
        lamps = {lamp.name for lamp in fixture.body.lamps}
        assert all(p.material.lamp in ("", *lamps) for p in fixture.body.parts)


@pytest.mark.parametrize("name", NAMES)
def test_labelled_things_stand_apart_inside_the_walls(stages: dict[str, Stage], name: str) -> None:
    things = [f for f in stages[name].fixtures if f.labelled]
    low, high = span(next(f for f in stages[name].fixtures if f.name == "walls"))
    assert len(things) >= 3
    for fixture in things:
        a, b = span(fixture)
        assert (a[:2] >= low[:2] - 1e-3).all() and (b <= high + 1e-3).all(), fixture.name
        assert a[2] > -0.01
    # the fence and the conveyor go through and around others; the rest keep apart
    apart = [f for f in things if f.name not in ("fence", "curtain")]
    for one, other in itertools.combinations(apart, 2):
        (a, b), (c, d) = span(one), span(other)
        inside = np.minimum(b, d) - np.maximum(a, c)
        assert (inside <= 0.011).any(), (one.name, other.name)


@pytest.mark.parametrize("name", NAMES)
def test_floor_surfaces_are_free_for_a_robot(stages: dict[str, Stage], name: str) -> None:
    stage = stages[name]
    body = models.get("robot.amr")().build()
    for key, surface in stage.surfaces.items():
        if surface.height_m > 0.0:
            continue
        at = np.eye(4)
        at[:2, 3] = surface.center_m
        assert blocked_by(Placed(name="robot", body=body, world_from_body=at), [], stage, sink_m=0.007) is None, key


@pytest.mark.parametrize("values", [{}, {"aisles": 1, "bays": 2}, {"aisles": 4, "bays": 7, "aisle_width": 2.0}])
def test_aisles_are_free_from_end_to_end_and_lie_between_racks(values: dict[str, float]) -> None:
    stage: Stage = settings.get("warehouse")(**values).build("indoor")
    count = values.get("aisles", 3)
    racks = [f for f in stage.fixtures if f.name.startswith("rack_")]
    assert len(racks) == 2 * count and f"aisle_{count}" in stage.surfaces and f"aisle_{count + 1}" not in stage.surfaces
    for number in range(1, int(count) + 1):
        aisle = stage.surfaces[f"aisle_{number}"]
        corners = outline(aisle)
        (x0, y0), (x1, y1) = corners.min(axis=0) + 0.02, corners.max(axis=0) - 0.02
        for fixture in stage.fixtures:
            for part in fixture.body.parts:
                points = part.mesh.vertices_m + fixture.world_from_body[:3, 3]
                inside = (
                    (points[:, 0] > x0) & (points[:, 0] < x1) & (points[:, 1] > y0 + 0.15) & (points[:, 1] < y1 - 0.15)
                )
                tall = (points[:, 2] > 0.01) & (points[:, 2] < 2.0)
                assert not (inside & tall).any(), (fixture.name, part.name)
        sides = sorted(f.world_from_body[1, 3] - aisle.center_m[1] for f in racks)
        nearest = min(abs(s) for s in sides)
        assert nearest == pytest.approx(aisle.size_m[1] / 2 + RACK_DEPTH_M / 2)
    # never more lamps than a scene is lit with
    assert sum(len(f.body.lamps) for f in stage.fixtures) <= 24


def test_a_look_changes_the_loads_and_nothing_else() -> None:
    first, again, other = (settings.get("warehouse")(look=k, aisles=1, bays=2).build("indoor") for k in (3, 3, 4))
    for a, b, c in zip(first.fixtures, again.fixtures, other.fixtures, strict=True):
        assert a.body.asset.digest == b.body.asset.digest
        if a.name.startswith("goods"):
            assert a.body.asset.digest != c.body.asset.digest
        elif not a.name.startswith("pallets"):
            assert a.body.asset.digest == c.body.asset.digest


def test_pallets_stand_on_what_carries_them() -> None:
    stage: Stage = settings.get("warehouse")(aisles=1, bays=2).build("indoor")
    pallets = next(f for f in stage.fixtures if f.name == "pallets_1").body.parts[0].mesh.vertices_m
    levels = np.unique(np.round(pallets[:, 2], 3))
    for level in (0.0, 1.75, 3.35):
        assert np.abs(levels - level).min() < 0.003


def test_the_cell_is_closed_but_for_the_gate_and_the_belt(stages: dict[str, Stage]) -> None:
    stage = stages["work_cell"]
    shut: Stage = settings.get("work_cell")(gate="closed").build("indoor")
    body = models.get("pedestrian.adult")().build()
    for y, is_free in ((0.05, True), (-1.4, False), (1.5, False)):
        at = np.eye(4)
        at[:2, 3] = (2.4, y)
        blocker = blocked_by(Placed(name="someone", body=body, world_from_body=at), [], stage, sink_m=0.03)
        assert (blocker is None) == is_free, (y, blocker)
    at[:2, 3] = (2.4, 0.05)
    assert blocked_by(Placed(name="someone", body=body, world_from_body=at), [], shut, sink_m=0.03) == "fence"
    # the belt's surfaces lie on the belt
    belt = stage.surfaces["conveyor"]
    for key in ("infeed", "pickup"):
        assert all(
            within(outline(belt), 0.999 * corner + 0.001 * np.array(belt.center_m))
            for corner in outline(stage.surfaces[key])
        )
        assert stage.surfaces[key].height_m == belt.height_m


@pytest.mark.parametrize("signal", ["green", "amber", "red"])
def test_the_signal_tower_shows_one_colour(signal: str) -> None:
    stage: Stage = settings.get("work_cell")(signal=signal).build("indoor")
    tower = next(f for f in stage.fixtures if f.name == "tower").body
    assert [lamp.name for lamp in tower.lamps] == [signal]
    assert [p.name for p in tower.parts if max(p.material.emission_cd_m2) > 0] == [signal]
