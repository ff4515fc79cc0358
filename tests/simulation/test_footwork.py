"""Feet: what stands does not slide, from the first step to the last, and nobody walks through the ground."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgen.core.geometry import planar_pose
from simgen.core.vocabulary import models
from simgen.scene.body import Body
from simgen.simulation.walker import Walker
from tests.simulation.bodies import entity

TICK = 1 / 60


@pytest.fixture(scope="module")
def bodies() -> dict[str, Body]:
    return {}


def build(bodies: dict[str, Body], name: str) -> Body:
    if name not in bodies:
        bodies[name] = models.get(name)().build()
    return bodies[name]


def walked(body: Body, speed: float, ticks: int, waypoints=((8.0, 0.0),), acceleration=2.0) -> tuple[np.ndarray, ...]:
    """(T, F, P, 3) lowest points of each foot in the world, (T, J) joints, (T,) speeds."""
    subject = Walker(entity("someone", body), planar_pose(0, 0, 0), None)
    subject.go([np.array(w) for w in waypoints], speed, acceleration)
    feet = [i for i, p in enumerate(body.parts) if p.name.endswith(("foot_soles", "hoof"))]
    assert feet
    soles = []
    for i in feet:
        points = body.parts[i].mesh.vertices_m
        soles.append(points[points[:, 2] < points[:, 2].min() + 0.002][::3])
    tracks, joints, speeds = [], [], []
    for _ in range(ticks):
        subject.step(TICK)
        own = subject.joints()
        poses = subject.pose() @ body.pose_parts(own)
        tracks.append([p @ poses[i, :3, :3].T + poses[i, :3, 3] for i, p in zip(feet, soles, strict=True)])
        joints.append(own)
        speeds.append(subject.speed_mps)
    return tracks, np.array(joints), np.array(speeds)


def worst_slide(tracks, touching=0.002) -> float:
    """Furthest that a point of a sole moves along the ground while it touches it."""
    worst = 0.0
    for f in range(len(tracks[0])):
        points = np.array([t[f] for t in tracks])
        down = points[:, :, 2] < touching
        for p in range(points.shape[1]):
            edges = np.flatnonzero(np.diff(np.r_[0, down[:, p].astype(int), 0]))
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                worst = max(worst, float(np.linalg.norm(np.ptp(points[start:end, p, :2], axis=0))))
    return worst


@pytest.mark.parametrize("name", ["pedestrian.adult", "pedestrian.child"])
@pytest.mark.parametrize("speed", [0.8, 1.3, 1.8, 2.5, 4.0])
def test_feet_do_not_slide_from_standing_to_standing(bodies, name: str, speed: float) -> None:
    body = build(bodies, name)
    tracks, joints, speeds = walked(body, speed, int(60 * (8 / speed + speed / 2 + 2.5)))
    assert speeds.max() == pytest.approx(speed, rel=0.01)
    assert speeds[-1] == 0.0
    assert worst_slide(tracks) < 0.02
    assert min(float(p[:, 2].min()) for t in tracks for p in t) > -0.01
    by_name = dict(zip(body.joints, joints.T, strict=True))
    for side in ("left", "right"):
        assert by_name[f"{side}_knee"].min() > -0.02
        assert by_name[f"{side}_knee"].max() < math.radians(140)
        # What the pelvis tilts and turns, the skeleton leaves to the hip; whoever brakes from a run sits back on it.
        steady = speeds > 0.99 * speed
        assert by_name[f"{side}_hip"][steady].min() > -math.radians(45)
        assert by_name[f"{side}_hip"].min() > -math.radians(60)
        assert by_name[f"{side}_hip"].max() < math.radians(100)
    # No joint jumps: a sprinter's knee turns at some 20 rad/s.
    legs = [i for i, n in enumerate(body.joints) if n.endswith(("hip", "knee"))]
    assert np.abs(np.diff(joints[:, legs], axis=0)).max() < 29 * TICK


@pytest.mark.parametrize(
    ("name", "speed"),
    [("deer", 1.2), ("deer", 3.0), ("deer", 8.0), ("dog", 1.0), ("dog", 4.0), ("boar", 2.5), ("pedestrian.pram", 1.2)],
)
def test_hooves_and_paws_do_not_slide(bodies, name: str, speed: float) -> None:
    way = 24.0 if speed > 5 else 8.0
    tracks, _, speeds = walked(build(bodies, name), speed, int(60 * (way / speed + speed / 3 + 3)), ((way, 0.0),), 4.0)
    assert speeds.max() == pytest.approx(speed, rel=0.01)
    assert speeds[-1] == 0.0
    assert worst_slide(tracks) < 0.03
    assert min(float(p[:, 2].min()) for t in tracks for p in t) > -0.01


@pytest.mark.parametrize(
    ("name", "speed", "gain"),
    [("deer", 1.2, 2.0), ("deer", 8.5, 5.0), ("deer", 8.5, 2.0), ("dog", 4.0, 4.0), ("boar", 4.0, 4.0)],
)
def test_an_animal_carries_its_trunk_evenly(bodies, name: str, speed: float, gain: float) -> None:
    """From standing to standing. A leg that holds on to the ground behind or ahead of its reach drags the trunk down,
    and lets it jump when it lets go: 0.15 m in a tick, 9 m/s."""
    body, way = build(bodies, name), speed * speed / gain + 3.0 * speed
    ticks = int(60 * (way / speed + speed / gain + 2.0))
    _, joints, speeds = walked(body, speed, ticks, ((way, 0.0),), gain)
    assert speeds.max() == pytest.approx(speed, rel=0.01)
    assert speeds[-1] == 0.0
    lift = joints[:, body.joints.index("trunk_lift")]
    # A bound's rise and fall by 8 % of the hip's height, five times a second, is 0.9 m/s.
    assert np.abs(np.diff(lift)).max() / TICK < 3.0
    assert lift.min() > -0.1 * body.box_size_m[2]


@pytest.mark.parametrize("name", ["deer", "dog"])
def test_an_animal_that_sets_off_does_not_fling_its_legs(bodies, name: str) -> None:
    """Legs that were late caught up so fast that the turn of a bone changed by up to 54 rad/s in a tick."""
    _, joints, _ = walked(build(bodies, name), 1.2, 120, ((30.0, 0.0),), 2.0)
    assert np.abs(np.diff(joints[:, 5:], 2, axis=0)).max() / TICK < 36.0


def test_who_turns_a_corner_steps_round_it(bodies) -> None:
    waypoints = ((3.0, 0.0), (3.0, 3.0), (0.0, 3.0))
    tracks, joints, _ = walked(build(bodies, "pedestrian.adult"), 1.3, 600, waypoints, 1.5)
    assert worst_slide(tracks) < 0.03
    yaws = [i for i, n in enumerate(build(bodies, "pedestrian.adult").joints) if n.endswith("hip_yaw")]
    assert np.abs(joints[:, yaws]).max() <= 0.81


def jerks(body: Body, subject: Walker, ticks: int) -> tuple[float, float]:
    """By how much the velocity of an ankle changes within a tick at most, m/s, and how fast it bends, rad/s."""
    feet = [i for i, p in enumerate(body.parts) if p.name.endswith("foot_soles")]
    places, joints = [], []
    for _ in range(ticks):
        subject.step(TICK)
        own = subject.joints()
        places.append((subject.pose() @ body.pose_parts(own)[feet])[:, :3, 3])
        joints.append(own[[i for i, n in enumerate(body.joints) if n.endswith("ankle")]])
    changes = np.linalg.norm(np.diff(places, 2, axis=0), axis=-1)
    return float(changes.max()) / TICK, float(np.abs(np.diff(joints, axis=0)).max()) / TICK


@pytest.mark.parametrize("name", ["pedestrian.adult", "pedestrian.child"])
def test_a_foot_does_not_jump_where_a_trajectory_has_a_corner(bodies, name: str) -> None:
    """Wherever it is in the air by then: when it was aimed anew all at once, its velocity changed by up to 34 m/s."""
    body = build(bodies, name)
    for straight_m in np.arange(2.0, 3.2, 0.15):
        subject = Walker(entity("someone", body), planar_pose(0, 0, 0), None)
        way = np.array([(0.0, 0.0), (straight_m, 0.0), (straight_m, 2.0)])
        subject.follow(np.array([0.0, straight_m, straight_m + 2.0]) / 1.3, way)
        for _ in range(60):
            subject.step(TICK)
        assert jerks(body, subject, 120)[0] < 5.0


@pytest.mark.parametrize("name", ["pedestrian.adult", "pedestrian.child"])
@pytest.mark.parametrize("turn_deg", [120, 180])
def test_a_foot_that_is_lifted_out_of_its_turn_is_lifted_as_it_stands(bodies, name: str, turn_deg: float) -> None:
    """On its toe, say: it was laid flat at once, at up to 35 rad/s."""
    body = build(bodies, name)
    subject = Walker(entity("someone", body), planar_pose(0, 0, 0), None)
    turn = math.radians(turn_deg)
    subject.go([np.array([4.0 * math.cos(turn), 4.0 * math.sin(turn)])], 1.3, 1.5)
    change, bending = jerks(body, subject, 180)
    assert change < 4.5
    assert bending < 18.0


@pytest.mark.parametrize("name", ["pedestrian.adult", "pedestrian.child"])
@pytest.mark.parametrize("way_m", [4.0, 6.0, 8.5])
def test_who_slows_from_a_run_to_a_walk_does_not_drop_and_bounce(bodies, name: str, way_m: float) -> None:
    body = build(bodies, name)
    _, joints, speeds = walked(body, 3.5, 420, ((way_m, 0.0),))
    assert speeds.max() > 2.4 and speeds[-1] == 0.0
    # A runner's body rises and falls by some 8 cm, 2.8 times a second: at 0.08 pi 2.8 = 0.7 m/s.
    rising = np.abs(np.diff(joints[:, body.joints.index("pelvis_lift")])) / TICK
    assert rising.max() < 1.2


def test_adults_take_1_9_steps_a_second_at_1_3_mps() -> None:
    body = models.get("pedestrian.adult")().build()
    subject = Walker(entity("someone", body), planar_pose(0, 0, 0), None)
    subject.go([np.array([60.0, 0.0])], 1.3, 1.5)
    stands = []
    for _ in range(60 * 12):
        subject.step(TICK)
        stands.append([f.stands for f in subject.footwork.feet])
    landed = np.diff(np.array(stands[120:]).astype(int), axis=0) == 1
    assert landed.sum() / 10.0 == pytest.approx(1.9, rel=0.1)
