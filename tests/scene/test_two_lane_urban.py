"""The street: lanes where the network says, nothing standing in the way, and a size that can be drawn."""

import itertools

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.scene.models.van import VAN_PAINTS, Van
from simgen.scene.roadside.growth import parked_car
from simgen.scene.stage import Fixture, Stage

SURFACES = {"road", "markings", "kerb", "sidewalk", "terrain"}


@pytest.fixture(scope="module")
def stage() -> Stage:
    built: Stage = vocabulary.settings.get("two_lane_urban")().build("street_lamps")
    return built


def _corners(fixture: Fixture) -> np.ndarray:
    center, half = np.array(fixture.body.box_center_m), np.array(fixture.body.box_size_m) / 2
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    m = fixture.world_from_body
    return (center + signs * half) @ m[:3, :3].T + m[:3, 3]


def test_lanes(stage: Stage) -> None:
    road = stage.road
    assert road is not None
    assert road.length_m == 220.0
    assert {lane.id: lane.kind for lane in road.lanes} == {
        -1: "driving", 1: "driving", -2: "parking", 2: "parking", -3: "sidewalk", 3: "sidewalk"
    }  # fmt: skip
    assert road.lane(-1).width_m == pytest.approx(3.25)
    assert road.lane(-2).width_m == pytest.approx(2.2)
    assert road.height_at(50.0, -6.5) == pytest.approx(0.12)
    assert road.lane(-1).center_t_m < 0 < road.lane(1).center_t_m


def test_nothing_stands_in_the_driving_lanes(stage: Stage) -> None:
    for fixture in stage.fixtures:
        if fixture.name in SURFACES:
            continue
        points = np.vstack(
            [
                p.mesh.vertices_m @ (fixture.world_from_body @ m)[:3, :3].T + (fixture.world_from_body @ m)[:3, 3]
                for p, m in zip(fixture.body.parts, fixture.body.rest, strict=True)
            ]
        )
        low = points[(points[:, 2] < 4.0) & (points[:, 0] > 0.0) & (points[:, 0] < 220.0)]
        if fixture.name.startswith("parked"):
            assert np.abs(low[:, 1]).min() > 3.0, fixture.name
        elif len(low):
            assert np.abs(low[:, 1]).min() > 3.9, fixture.name


def test_right_hand_bays_stay_free(stage: Stage) -> None:
    cars = [f for f in stage.fixtures if f.name.startswith("parked")]
    assert len(cars) > 6
    for car in cars:
        corners = _corners(car)
        if corners[:, 1].max() < 0:
            assert corners[:, 0].max() < 40.0 or corners[:, 0].min() > 130.0, car.name
        assert car.labelled


def test_parked_cars_do_not_touch(stage: Stage) -> None:
    cars = [_corners(f)[:, :2] for f in stage.fixtures if f.name.startswith("parked")]
    spans = sorted((float(np.sign(c[:, 1].mean())), float(c[:, 0].min()), float(c[:, 0].max())) for c in cars)
    for a, b in itertools.pairwise(spans):
        assert a[0] != b[0] or a[2] < b[1]


def test_surfaces_lie_at_their_heights(stage: Stage) -> None:
    by_name = {f.name: f.body for f in stage.fixtures}

    def heights(name: str) -> tuple[float, float]:
        z = np.concatenate([p.mesh.vertices_m[:, 2] for p in by_name[name].parts])
        return float(z.min()), float(z.max())

    assert heights("markings") == (0.0, 0.0)
    assert heights("road")[1] < 0.006
    assert heights("sidewalk") == pytest.approx((0.12, 0.12))
    assert heights("kerb") == pytest.approx((0.0, 0.12))
    for name in ("road", "markings", "sidewalk"):
        for part in by_name[name].parts:
            assert np.all(part.mesh.normals[:, 2] > 0.99), f"{name} faces up"


def test_markings_and_asphalt_do_not_overlap(stage: Stage) -> None:
    """Area of the strip that the two share: where a marking lies there is no asphalt below it to fight with."""
    by_name = {f.name: f.body for f in stage.fixtures}
    total = 0.0
    for name in ("road", "markings"):
        for part in by_name[name].parts:
            v = part.mesh.vertices_m[part.mesh.faces].astype(np.float64)
            middle = v.mean(axis=1)
            inside = (middle[:, 0] > 0) & (middle[:, 0] < 220) & (part.name != "cast_iron")
            total += float(np.linalg.norm(np.cross(v[:, 1] - v[:, 0], v[:, 2] - v[:, 0]), axis=1)[inside].sum()) / 2
    assert total == pytest.approx(220.0 * 2 * (3.25 + 2.2), rel=1e-4)


def test_house_fronts_look_at_the_street(stage: Stage) -> None:
    for name, side in (("houses_left_", 1.0), ("houses_right_", -1.0)):
        parts = [p for f in stage.fixtures if f.name.startswith(name) for p in f.body.parts]
        assert any(part.name == "pane" for part in parts)
        for part in parts:
            if not part.name.startswith(("window", "pane")):
                continue
            assert np.all(part.mesh.normals[:, 1] * side < -0.9), part.name
            assert np.all(part.mesh.vertices_m[:, 1] * side >= 8.0)


def test_lamps_burn_when_they_should(stage: Stage) -> None:
    lamps = [f.body for f in stage.fixtures if f.name.startswith("street_lamp")]
    assert len(lamps) >= 12
    assert all(lamp.on for body in lamps for lamp in body.lamps)
    dark = vocabulary.settings.get("two_lane_urban")(length=80.0).build("unlit")
    assert not any(lamp.on for f in dark.fixtures for lamp in f.body.lamps)
    assert not any(
        max(p.material.emission_cd_m2) > 0 for f in dark.fixtures if f.name.startswith("houses") for p in f.body.parts
    )


def test_the_street_is_light_enough_to_draw(stage: Stage) -> None:
    assert sum(len(f.body.parts) for f in stage.fixtures) < 330
    assert sum(len(p.mesh.faces) for f in stage.fixtures for p in f.body.parts) < 90_000


def test_look_changes_the_street_and_nothing_else_does() -> None:
    setting = vocabulary.settings.get("two_lane_urban")

    def digests(**values: float) -> list[str]:
        fixtures = setting(length=80.0, **values).build("daylight").fixtures
        return [p.mesh.digest for f in fixtures for p in f.body.parts]

    first = digests(look=3)
    assert digests(look=3) == first
    assert digests(look=4) != first


def test_the_last_of_all_parked_cars_can_be_built() -> None:
    # Number 99 in the last hundredth of the paints would come to look 10 000, one more than a model takes.
    paint = list(VAN_PAINTS)[-1]
    for share, look in ((0.985, 9999), (0.995, 0)):
        van = Van(length=5.0, height=2.1, paint=paint, lights="off", look=look, detail="plain").build()
        assert parked_car(99, share).asset.digest == van.asset.digest
