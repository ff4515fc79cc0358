"""Traffic signals in a world: the plan, the condition, and an action that holds a state."""

import pytest

from simgen.core import vocabulary
from simgen.core.errors import UnknownName
from simgen.core.geometry import planar_pose
from simgen.scene.settings.four_way_junction import phases
from simgen.scene.signals import BURNING, Signal, find, shown
from simgen.scene.stage import Stage


def test_the_two_ways_never_have_green_together() -> None:
    first = Signal(name="a", heads=(), phases=phases(15.0, first=True))
    second = Signal(name="b", heads=(), phases=phases(15.0, first=False))
    assert sum(d for _, d in first.phases) == pytest.approx(sum(d for _, d in second.phases))
    seen = set()
    for k in range(800):
        states = (first.state_at(0.1 * k), second.state_at(0.1 * k))
        seen.add(states)
        assert any(BURNING[s][0] == "red" for s in states), (k, states)
    assert {("green", "red"), ("red", "green"), ("amber", "red"), ("red", "amber")} <= seen


def test_offset_and_hold() -> None:
    signal = Signal(name="a", heads=(), phases=(("red", 5.0), ("green", 10.0)), offset_s=4.0)
    assert (signal.state_at(0.5), signal.state_at(1.5)) == ("red", "green")
    assert shown(signal, 0.5, {"a": "off"}) == "off"
    with pytest.raises(UnknownName, match="unknown traffic signal 'b'"):
        find((signal,), "b")


def test_heads_stand_beside_their_stop_lines_and_face_who_waits() -> None:
    stage: Stage = vocabulary.settings.get("four_way_junction")().build("daylight")
    assert stage.road is not None
    fixtures = {f.name: f for f in stage.fixtures}
    for signal in stage.signals:
        (road_id, lane_id, s), head = signal.stop_lines[0], fixtures[signal.heads[0]]
        road = stage.road.road(road_id)
        lane = road.lane(lane_id, s)
        pose = road.pose_at(s, lane.center_t_m) @ planar_pose(
            0.0, 0.0, 0.0 if lane.direction > 0 else 3.141592653589793
        )
        assert pose[:3, 0] @ head.world_from_body[:3, 0] == pytest.approx(-1.0)
        # Right of the lane as one drives.
        assert -3.0 < pose[:3, 1] @ (head.world_from_body[:3, 3] - pose[:3, 3]) < -1.625
