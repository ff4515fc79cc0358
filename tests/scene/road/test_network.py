"""Networks: frames of roads, elevation, widths, links, routes and paths."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.core.errors import SimgenError, UnknownName
from simgen.scene.road import (
    Cubic,
    LaneKey,
    LaneSection,
    LaneSpan,
    Mark,
    ReferenceLine,
    Road,
    RoadLink,
    RoadNetwork,
    Spiral,
    arc,
    line,
    smooth_step,
    span,
)

PAIR = LaneSection(left=(span(1, "driving", 3.5),), right=(span(-1, "driving", 3.5), span(-2, "shoulder", 1.0)))


@settings(max_examples=40)
@given(
    bends=st.lists(st.floats(-0.02, 0.02), min_size=1, max_size=4),
    climb=st.floats(-0.15, 0.15),
    share=st.floats(0, 1),
    t=st.floats(-8, 8),
)
def test_world_and_back(bends: list[float], climb: float, share: float, t: float) -> None:
    curves, k = [], 0.0
    for bend in bends:
        curves.append(Spiral(25.0, k, bend))
        k = bend
    reference = ReferenceLine.chained(curves, (5.0, -3.0, 0.4))
    elevation = (smooth_step(0.0, reference.length_m, 1.0, 1.0 + climb * reference.length_m),)
    road = Road(id="r", line=reference, sections=(PAIR,), elevation=elevation)
    s = share * road.length_m
    pose = road.pose_at(s, t)
    assert road.locate(pose[:3, 3]) == pytest.approx((s, t), abs=1e-3)
    np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1.0)
    h = 1e-4
    inside = min(max(s, h), road.length_m - h)
    ahead = road.pose_at(inside + h, 0.0)[:3, 3] - road.pose_at(inside - h, 0.0)[:3, 3]
    assert road.pose_at(inside, 0.0)[:3, 0] @ ahead == pytest.approx(float(np.linalg.norm(ahead)), rel=1e-6)


def test_widths_change_along_a_section() -> None:
    growing = LaneSpan(id=-1, kind="driving", widths=(Cubic(a=3.0), smooth_step(20.0, 10.0, 3.0, 5.0)))
    section = LaneSection(right=(growing, span(-2, "verge", 2.0)))
    road = Road(id="r", line=ReferenceLine.chained([line(30.0)]), sections=(section,))
    assert road.lane(-1, 10.0).width_m == pytest.approx(3.0)
    assert road.lane(-1, 25.0).width_m == pytest.approx(4.0)
    assert road.lane_at(25.0, -3.9) == road.lane(-1, 25.0)
    assert road.lane_at(10.0, -3.9) == road.lane(-2, 10.0)
    assert road.lane_at(31.0, -1.0) is None
    with pytest.raises(KeyError):
        road.lane(3, 0.0)


def test_ids_count_up() -> None:
    with pytest.raises(ValueError, match="count up"):
        LaneSection(left=(span(2, "driving", 3.0),))


def chain() -> RoadNetwork:
    first = Road(
        id="a", line=ReferenceLine.chained([line(20.0)]), sections=(PAIR,), successor=RoadLink(kind="road", id="b")
    )
    second = Road(
        id="b",
        line=ReferenceLine.chained([arc(30.0, 0.02)], (20.0, 0.0, 0.0)),
        sections=(PAIR,),
        predecessor=RoadLink(kind="road", id="a", contact="end"),
    )
    return RoadNetwork(roads=(first, second), main=("a", "b"))


def test_the_main_road_is_one_road() -> None:
    network = chain()
    assert network.length_m == pytest.approx(50.0)
    assert network.curvature_at(10.0) == 0.0
    assert network.curvature_at(30.0) == pytest.approx(0.02)
    assert network.heading_at(35.0) == pytest.approx(0.3)
    np.testing.assert_allclose(network.pose_at(35.0, 1.0), network.road("b").pose_at(15.0, 1.0), atol=1e-9)
    assert network.key_at("main", -1, 35.0) == LaneKey("b", 0, -1)
    with pytest.raises(UnknownName, match="unknown road 'c'"):
        network.road("c")


def test_routes_follow_the_lanes() -> None:
    network = chain()
    right, left = LaneKey("a", 0, -1), LaneKey("a", 0, 1)
    assert network.route(right, LaneKey("b", 0, -1)) == (right, LaneKey("b", 0, -1))
    assert network.route(LaneKey("b", 0, 1), left) == (LaneKey("b", 0, 1), left)
    with pytest.raises(SimgenError, match="no lanes lead"):
        network.route(left, LaneKey("b", 0, 1))


def test_a_path_runs_in_the_middle_of_its_lanes() -> None:
    network = chain()
    path = network.path(LaneKey("a", 0, -1))
    # The lane's middle lies 1.75 m outside of the arc of 50 m.
    assert path.length_m == pytest.approx(20.0 + 30.0 * 51.75 / 50.0, abs=2e-3)
    for d in (3.0, 20.0, 33.3, 50.0):
        position = path.pose_at(d, 0.7)[:3, 3]
        assert network.locate(position)[1] == pytest.approx(-1.05, abs=2e-3)
        assert path.locate(position) == pytest.approx((d, 0.7), abs=2e-3)
    assert path.curvature_at(40.0) == pytest.approx(1.0 / 51.75, rel=0.02)
    back = network.path(LaneKey("b", 0, 1))
    assert math.cos(back.heading_at(1.0) - network.heading_at(49.0)) == pytest.approx(-1.0, abs=1e-3)


def test_marks_of_double_lines() -> None:
    assert Mark(kind="solid_broken", width_m=0.1).lines == ((-0.1, False), (0.1, True))
    assert Mark().lines == ()


@pytest.mark.parametrize("elevation", [(), (Cubic(0.0, 0.0, 0.02),)])
@settings(deadline=None, max_examples=60)
@given(x=st.floats(-5.0, 125.0), y=st.floats(-9.0, 9.0), reach=st.floats(0.1, 3.0))
def test_what_is_said_to_be_level_is(elevation: tuple[Cubic, ...], x: float, y: float, reach: float) -> None:
    kerb = span(-2, "sidewalk", 2.0, height_m=0.12), span(-3, "sidewalk", 1.0, height_m=0.12)
    section = LaneSection(left=(span(1, "driving", 3.5),), right=(span(-1, "driving", 3.5), *kerb))
    bent = ReferenceLine.chained((line(40.0), arc(80.0, 0.01)), (0.0, 0.0, 0.0))
    network = RoadNetwork(roads=(Road(id="main", line=bent, sections=(section,), elevation=elevation),))
    level = network.level_at(x, y, reach)
    if elevation:
        assert level is None
        return
    around = [
        network.ground_at(x + r * math.cos(a), y + r * math.sin(a))
        for r in (0.0, 0.5 * reach, reach)
        for a in np.linspace(0.0, 2.0 * np.pi, 12)
    ]
    if level is not None:
        assert set(around) == {level}
    elif 0.02 < reach < 1.0 and abs(y) < 1.0 and 5.0 < x < 40.0:
        raise AssertionError("the middle of the carriageway is level")
