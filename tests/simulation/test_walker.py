"""The walker: where it goes, how its feet behave on the way, and what a strike does."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgen.core.geometry import planar_pose
from simgen.core.vocabulary import models, settings
from simgen.simulation.footwork import Footwork, Motion
from simgen.simulation.walker import KERB_M, STEP_UP_M, Walker
from tests.simulation.bodies import entity

DT = 1 / 240


@pytest.fixture(scope="module")
def child():
    return models.get("pedestrian.child")().build()


def walker(body) -> Walker:
    return Walker(entity("child", body), planar_pose(0, 0, 0), None)


def test_it_arrives_and_stops(child):
    subject = walker(child)
    subject.go([np.array([4.0, 0.0]), np.array([4.0, 3.0])], 1.5, 2.0)
    for _ in range(240 * 8):
        subject.step(DT)
    assert subject.arrived
    assert subject.speed_mps == 0.0
    assert np.linalg.norm(subject.position_m - (4.0, 3.0)) < 0.7


@pytest.mark.parametrize("gain", [0.5, 1.5, 3.0])
def test_who_arrives_stops_as_gently_as_he_brakes(child, gain):
    """Not from 0.1 m/s at once three millimetres before the goal, and arms that still swung with him."""
    for way_m in np.arange(6.0, 6.05, 0.007):
        subject = walker(child)
        subject.go([np.array([way_m, 0.0])], 1.3, gain)
        speeds = [0.0]
        while not subject.arrived:
            subject.step(1 / 60)
            speeds.append(subject.speed_mps)
        assert subject.position_m[0] == pytest.approx(way_m, abs=1e-9)
        assert np.abs(np.diff(speeds)).max() * 60 < 1.6 * gain


def test_it_reaches_its_speed_after_v_over_a(child):
    subject = walker(child)
    subject.go([np.array([50.0, 0.0])], 4.0, 2.0)
    for _ in range(240 * 2):
        subject.step(DT)
    assert subject.speed_mps == pytest.approx(4.0)
    assert subject.position_m[0] == pytest.approx(4.0**2 / (2 * 2.0), rel=0.01)


@pytest.mark.parametrize("speed", [1.3, 3.5])
def test_a_foot_on_the_ground_stays_where_it_is(child, speed):
    """A point of a sole that touches the ground slides less than 2 cm until it lifts, also while the speed still
    changes; the first two steps out of standing are left out."""
    subject = walker(child)
    subject.go([np.array([60.0, 0.0])], speed, 2.0)
    feet = [i for i, p in enumerate(child.parts) if "shoe" in p.name or "foot" in p.name]
    assert feet
    soles = {i: child.parts[i].mesh.vertices_m for i in feet}
    tracks: dict[int, list[np.ndarray]] = {i: [] for i in feet}
    for _ in range(192):
        subject.step(DT)
    for _ in range(240 * 4):
        subject.step(DT)
        poses = subject.pose() @ child.pose_parts(subject.joints())
        for i in feet:
            tracks[i].append(soles[i] @ poses[i, :3, :3].T + poses[i, :3, 3])
    worst, longest = 0.0, 0
    for track in tracks.values():
        points = np.array(track)  # (T, P, 3)
        down = points[:, :, 2] < 0.002
        for p in range(points.shape[1]):
            edges = np.flatnonzero(np.diff(np.r_[0, down[:, p].astype(int), 0]))
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                if end - start >= 6 and end < len(points):
                    worst = max(worst, float(np.linalg.norm(np.ptp(points[start:end, p, :2], axis=0))))
                    longest = max(longest, int(end - start))
    assert longest > 15  # it did stand
    assert worst < 0.02


def test_a_foot_that_is_aimed_once_lands_where_one_aimed_at_every_tick_would(child, monkeypatch):
    motions: list[Motion] = []
    step = Footwork.after

    def watched(self, motion, ground, dt_s):
        motions.append(motion)
        return step(self, motion, ground, dt_s)

    monkeypatch.setattr(Footwork, "after", watched)
    subject = walker(child)
    other = subject.footwork
    subject.go([np.array([4.0, 0.0]), np.array([9.0, 5.0]), np.array([20.0, 5.0])], 1.5, 2.0)
    worst = 0.0
    for tick in range(60 * 12):
        if tick == 200:
            subject.go([np.array([6.0, 12.0])], 2.2, 2.0)
        subject.step(1 / 60)
        other = step(other, motions[-1]._replace(steady=False), lambda x, y: 0.0, 1 / 60)
        for mine, theirs in zip(subject.footwork.feet, other.feet, strict=True):
            worst = max(worst, *np.abs(np.subtract(mine.spot, theirs.spot)))
            assert mine.swing == theirs.swing
    assert sum(m.steady for m in motions) > 0.4 * len(motions)
    assert worst < 1e-6


def test_feet_are_put_right_by_who_stands_and_then_stay(child):
    subject = walker(child)
    subject.go([np.array([2.0, 0.0])], 1.3, 2.0)
    for _ in range(60 * 6):
        subject.step(1 / 60)
    assert subject.speed_mps == 0.0
    still = subject.footwork
    subject.step(1 / 60)
    assert subject.footwork is still
    for _ in range(60 * 3):
        subject.face(1.2, 1 / 60)
        subject.step(1 / 60)
    assert subject.yaw_rad == pytest.approx(1.2)
    assert [foot.spot[3] for foot in subject.footwork.feet] == pytest.approx([1.2, 1.2], abs=0.13)


@pytest.mark.parametrize("up", [True, False])
def test_a_kerb_is_climbed_evenly_on_the_way_of_one_step(child, up):
    road = settings.get("two_lane_urban")(parked=0).build("day").road
    kerb = min(min(abs(lane.inner_t_m), abs(lane.outer_t_m)) for lane in road.lanes if lane.kind == "sidewalk")
    street, pavement = (road.pose_at(40.0, kerb + t)[:2, 3] for t in (-1.5, 1.5))
    assert road.ground_at(*pavement) - road.ground_at(*street) == pytest.approx(KERB_M)
    start, goal = (street, pavement) if up else (pavement, street)
    yaw = math.atan2(*(goal - start)[::-1])
    subject = Walker(entity("child", child), planar_pose(*start, yaw, road.ground_at(*start)), road)
    subject.go([goal], 1.2, 2.0)
    beyond, risen = [], []
    while not subject.halted:
        subject.step(1 / 60)
        beyond.append(math.dist(subject.position_m, start) - 1.5)
        risen.append(subject.height_m - road.ground_at(*street))
    share = np.clip(np.array(beyond) / STEP_UP_M, 0.0, 1.0)
    # It takes note of the kerb within a tick
    assert risen == pytest.approx(KERB_M * (share if up else 1.0 - share), abs=KERB_M * 1.2 / 60 / STEP_UP_M)
    assert 0.3 < STEP_UP_M < 0.6
