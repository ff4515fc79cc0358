"""What every vehicle keeps, on two wheels or more, driven, ridden or parked."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.geometry import Array
from simgen.scene.assembly import frozen
from simgen.scene.body import Body
from simgen.scene.models.two_wheeler import PARKED_GROUPS, Riding
from simgen.scene.models.vehicle import FROZEN_GROUPS

FAMILIES = ("car.", "van", "truck", "bus", "trailer", "bicycle", "cyclist", "motorcycle", "scooter", "forklift")
OTHERS = {"bus_stop", "bush", "bicycle_rack"}
NAMES = [n for n in vocabulary.models.names() if n.startswith(FAMILIES) and n not in OTHERS]
RIDDEN = ["cyclist", "motorcycle", "scooter"]
MASS_KG = {
    "car.": (900.0, 2600.0),
    "van": (1900.0, 3600.0),
    "truck": (4500.0, 14_000.0),
    "bus": (9000.0, 14_000.0),
    "trailer": (3500.0, 9000.0),
    "bicycle": (10.0, 25.0),
    "cyclist": (60.0, 130.0),
    "motorcycle": (150.0, 350.0),
    "scooter": (12.0, 140.0),
    "forklift": (2500.0, 5000.0),
}
"""Kerb masses of the classes, with the driver or rider where there is one."""
MOST_FACES = {"truck": 12_000, "bus": 12_000, "trailer": 12_000, "cyclist": 8300, "motorcycle": 10_500}
WHEELS_DOWN_M = 0.002


def _family(name: str) -> str:
    return next(f for f in FAMILIES if name.startswith(f))


@pytest.fixture(scope="module")
def bodies() -> dict[str, Body]:
    return {name: vocabulary.models.get(name)().build() for name in NAMES}


def _points(body: Body, poses: Array | None = None, only: str = "") -> Array:
    poses = body.rest if poses is None else poses
    return np.vstack(
        [
            p.mesh.vertices_m @ m[:3, :3].T + m[:3, 3]
            for p, m in zip(body.parts, poses, strict=True)
            if p.name.startswith(only)
        ]
    )


def test_the_families_are_there() -> None:
    assert {_family(n) for n in NAMES} == set(FAMILIES)


@pytest.mark.parametrize("name", NAMES)
def test_wheels_stand_on_the_ground(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    assert _points(body)[:, 2].min() == pytest.approx(0.0, abs=WHEELS_DOWN_M)
    if body.vehicle is not None:
        for axle in (body.vehicle.front_axle_m, body.vehicle.rear_axle_m):
            points = _points(body)
            near = points[np.abs(points[:, 0] - axle) < 0.05]
            assert near[:, 2].min() == pytest.approx(0.0, abs=WHEELS_DOWN_M), f"the wheels at {axle:.2f} m float"


@pytest.mark.parametrize("name", NAMES)
def test_box_is_as_large_as_the_vehicle(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    points = _points(body)
    center, half = np.array(body.box_center_m), np.array(body.box_size_m) / 2
    assert np.all(points >= center - half - 1e-4)
    assert np.all(points <= center + half + 1e-4)
    assert np.all(2 * half - np.ptp(points, axis=0) < 0.05 + 0.06 * 2 * half)


@pytest.mark.parametrize("name", [n for n in NAMES if "length" in vocabulary.models.get(n).parameters])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_size_is_what_was_declared(name: str, share: float) -> None:
    model = vocabulary.models.get(name)
    size = {}
    for key in ("length", "width", "height"):
        low, high = (float(text.split()[0]) for text in model.parameters[key].vary["uniform"])
        size[key] = low + share * (high - low)
    body = model(**size, detail="plain").build()
    assert body.box_size_m[0] == pytest.approx(size["length"], rel=0.02)
    assert body.notes["width_without_mirrors_m"] == size["width"]
    assert body.box_size_m[1] >= size["width"] - 0.02
    assert body.box_size_m[2] - body.notes.get("above_roof_m", 0.0) == pytest.approx(size["height"], rel=0.02)
    assert max(s.size_m[1] for s in body.collision) == pytest.approx(size["width"], rel=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_mass_is_that_of_its_class(bodies: dict[str, Body], name: str) -> None:
    low, high = MASS_KG[_family(name)]
    assert low <= bodies[name].mass_kg <= high


@pytest.mark.parametrize("name", NAMES)
def test_faces_look_outwards(bodies: dict[str, Body], name: str) -> None:
    """Mirror-symmetric winding and few faces on the inside: the volume that a part's faces enclose is not negative."""
    for part in bodies[name].parts:
        corners = part.mesh.vertices_m[part.mesh.faces].astype(np.float64)
        corners -= part.mesh.vertices_m.mean(axis=0)
        volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
        extent = np.ptp(part.mesh.vertices_m, axis=0)
        if part.name.startswith(("tyre", "rider", "panels", "leather", "front_tyre", "rear_tyre")):
            assert volume > 0.02 * float(np.prod(extent)), f"{part.name} is inside out"


@pytest.mark.parametrize("name", NAMES)
def test_detail_costs_what_was_budgeted(bodies: dict[str, Body], name: str) -> None:
    full = sum(len(p.mesh.faces) for p in bodies[name].parts)
    plain = sum(len(p.mesh.faces) for p in vocabulary.models.get(name)(detail="plain").build().parts)
    assert full <= MOST_FACES.get(_family(name), 9000)
    # People have one level of detail.
    assert plain < (0.95 if name in RIDDEN else 0.75) * full


@pytest.mark.parametrize("name", NAMES)
def test_lamps_lie_in_the_box_and_shine_outwards(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    poses = {"": np.eye(4)} | {p.name: m for p, m in zip(body.parts, body.rest, strict=True)}
    center, half = np.array(body.box_center_m), np.array(body.box_size_m) / 2
    for lamp in body.lamps:
        at = poses[lamp.part][:3, :3] @ lamp.position_m + poses[lamp.part][:3, 3]
        assert np.all(np.abs(at - center) <= half + 1e-6), lamp.name
        direction = poses[lamp.part][:3, :3] @ lamp.direction
        wanted = {"head": (1, 0, 0), "tail": (-1, 0, 0), "brake": (-1, 0, 0), "indicator": (0, np.sign(at[1]), 0)}
        group = lamp.name.partition("_")[0]
        if group in wanted:
            assert direction @ wanted[group] > 0.9, lamp.name
        assert any(p.material.lamp == lamp.name for p in body.parts), f"nothing glows when {lamp.name} is on"


@pytest.mark.parametrize("name", [n for n in NAMES if _family(n) in ("car.", "van", "truck", "bus", "motorcycle")])
def test_road_vehicles_have_the_lamps_that_the_law_asks_for(bodies: dict[str, Body], name: str) -> None:
    names = {lamp.name for lamp in bodies[name].lamps}
    assert {"tail", "brake", "indicator_left", "indicator_right"} <= names
    assert any(n.startswith("head") for n in names)
    off = {lamp.name for lamp in bodies[name].lamps if not lamp.on}
    assert {"brake", "indicator_left", "indicator_right"} <= off
    if name in ("car.police", "van.ambulance", "truck.fire"):
        assert {"beacon_left", "beacon_right"} <= off


@pytest.mark.parametrize("name", NAMES)
def test_keypoints_lie_in_the_box(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    poses = {p.name: m for p, m in zip(body.parts, body.rest, strict=True)}
    center, half = np.array(body.box_center_m), np.array(body.box_size_m) / 2
    assert body.keypoints
    for key, (part, position) in body.keypoints.items():
        at = poses[part][:3, :3] @ position + poses[part][:3, 3]
        assert np.all(np.abs(at - center) <= half + 1e-6), key


@pytest.mark.parametrize("name", NAMES)
def test_the_same_parameters_build_the_same(bodies: dict[str, Body], name: str) -> None:
    again = vocabulary.models.get(name)().build()
    assert again.asset == bodies[name].asset
    assert [p.mesh.digest for p in again.parts] == [p.mesh.digest for p in bodies[name].parts]
    assert np.array_equal(again.rest, bodies[name].rest)


@pytest.mark.parametrize("name", NAMES)
def test_a_parked_one_can_be_frozen(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    groups = PARKED_GROUPS if "lean" in body.joints else FROZEN_GROUPS
    still = frozen(body, groups)
    assert len(still.parts) < len(body.parts)
    assert np.allclose(_points(still).min(axis=0), _points(body).min(axis=0), atol=1e-5)
    assert np.allclose(_points(still).max(axis=0), _points(body).max(axis=0), atol=1e-5)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("trailer",)])
def test_wheels_turn_forwards_about_their_hubs(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    assert body.vehicle is not None and body.articulate is not None
    joints = np.array(body.joint_rest)
    spun = joints.copy()
    spun[[i for i, j in enumerate(body.joints) if "spin" in j]] += 0.1
    before, after = body.articulate(joints), body.articulate(spun)
    tyres = [i for i, p in enumerate(body.parts) if "tyre" in p.name]
    assert len(tyres) >= 2
    for i in tyres:
        assert np.allclose(before[i, :3, 3], after[i, :3, 3], atol=1e-9), "the hub stays"
        top = before[i, :3, 3] + (0, 0, body.vehicle.wheel_radius_m)
        local = np.linalg.inv(before[i]) @ [*top, 1.0]
        assert (after[i] @ local)[0] > top[0], "the top of the wheel moves forward"


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("trailer",)])
def test_steering_left_turns_the_front_to_the_left(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    assert body.vehicle is not None and body.articulate is not None
    joints = np.array(body.joint_rest)
    joints[body.joints.index("steer")] = 0.3
    turned = body.articulate(joints)
    middle = 0.5 * (body.vehicle.front_axle_m + body.vehicle.rear_axle_m)
    for i, part in enumerate(body.parts):
        if "tyre" not in part.name:
            continue
        twist = turned[i, :3, :3] @ body.rest[i, :3, :3].T
        yaw = np.arctan2(twist[1, 0], twist[0, 0])
        if name.startswith("forklift"):
            assert yaw == pytest.approx(-0.3 if body.rest[i, 0, 3] < middle else 0.0, abs=1e-6)
        elif body.rest[i, 0, 3] > middle:
            assert 0.2 < yaw < 0.35
        else:
            assert yaw == pytest.approx(0.0, abs=1e-9)


def _riding(body: Body) -> Riding:
    assert isinstance(body.articulate, Riding)
    return body.articulate


@pytest.mark.parametrize("stature", [1.58, 1.75, 1.92])
def test_feet_stay_on_the_pedals_over_a_turn(stature: float) -> None:
    body = vocabulary.models.get("cyclist")(rider_height=stature).build()
    riding = _riding(body)
    names = [p.name for p in body.parts]
    assert riding.skeleton is not None
    p, h = riding.skeleton.proportions, stature
    ball = np.array([0.42 * p.foot * h, 0.0, -p.ankle * h, 1.0])
    knees = []
    for crank in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        poses = riding(np.array([0.0, 0.0, 0.0, 0.0, crank, 0.0]))
        for side in ("left", "right"):
            foot = poses[next(i for i, n in enumerate(names) if n.startswith(f"rider_{side}_foot"))]
            pedal = poses[names.index(f"pedal_{side}_trim")]
            gap = (foot @ ball)[:3] - pedal[:3, 3]
            assert np.linalg.norm(gap) < 0.02, f"the {side} foot is {np.linalg.norm(gap):.3f} m off its pedal"
            shank = poses[next(i for i, n in enumerate(names) if n.startswith(f"rider_{side}_shank"))]
            knees.append(shank[2, 3])
            ankle = (shank @ [0.0, 0.0, -riding.skeleton.legs.shank_m, 1.0])[:3]
            assert np.linalg.norm(ankle - foot[:3, 3]) < 0.005, "shank and foot meet"
    assert np.ptp(knees) > 0.2, "knees rise and fall"


@pytest.mark.parametrize("name", RIDDEN)
@pytest.mark.parametrize("steer", [-0.4, 0.0, 0.4])
def test_hands_stay_on_the_grips(bodies: dict[str, Body], name: str, steer: float) -> None:
    body = bodies[name]
    riding = _riding(body)
    joints = np.array(body.joint_rest)
    joints[1] = steer
    poses = riding(joints)
    names = [p.name for p in body.parts]
    fork = poses[next(i for i, n in enumerate(names) if n.startswith("steer_"))]
    for k, side in enumerate(("left", "right")):
        hand = poses[next(i for i, n in enumerate(names) if n.startswith(f"rider_{side}_hand"))]
        palm = (hand @ [0.0, 0.0, -0.04 * 1.75, 1.0])[:3]
        grip = (fork @ [*riding.machine.grips_m[k], 1.0])[:3]
        assert np.linalg.norm(palm - grip) < 0.05
        fore = poses[next(i for i, n in enumerate(names) if n.startswith(f"rider_{side}_forearm"))]
        assert riding.skeleton is not None
        wrist = (fore @ [0.0, 0.0, -riding.skeleton.of(riding.skeleton.proportions.forearm), 1.0])[:3]
        assert np.linalg.norm(wrist - hand[:3, 3]) < 1e-6, "forearm and hand meet"


@pytest.mark.parametrize("name", RIDDEN)
def test_leaning_turns_about_the_line_of_contact_and_a_fallen_one_lies_on_the_ground(
    bodies: dict[str, Body], name: str
) -> None:
    body = bodies[name]
    riding = _riding(body)
    joints = np.array(body.joint_rest)
    joints[0] = 0.3
    leaning = riding(joints)
    assert _points(body, leaning)[:, 1].max() > _points(body)[:, 1].max() + 0.2, "positive leans to the left"
    assert abs(_points(body, leaning, "rear_tyre")[:, 2].min()) < 0.04
    joints[0], joints[body.joints.index("fallen")] = 1.38, 1.0
    low = _points(body, riding(joints))[:, 2].min()
    assert low == pytest.approx(0.0, abs=0.001), f"it lies {low:.2f} m above the ground"


def test_one_rides_in_place_of_the_other() -> None:
    """The parked machines are those of the riders."""
    for ridden, parked in (("motorcycle", "motorcycle.parked"), ("scooter", "scooter.parked")):
        on = {p.mesh.digest for p in vocabulary.models.get(ridden)().build().parts}
        off = {p.mesh.digest for p in vocabulary.models.get(parked)().build().parts}
        assert len(on & off) > 8
