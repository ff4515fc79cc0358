"""Every form of ``at:`` on a street of blocks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import trimesh

from simgen.core.errors import ScenarioRejected, SimgenError, UnknownName, ValueOutOfRange
from simgen.core.geometry import Array, inverse, planar_pose, pose, rotation_y, yaw_of
from simgen.language.logical import Actor
from simgen.sampling import obstacles
from simgen.sampling.draws import Draws
from simgen.sampling.hiding import visible_share
from simgen.sampling.mistakes import Mistakes
from simgen.sampling.obstacles import Placed, blocked_by
from simgen.sampling.placement import HIDDEN, Placer, Spot, eye_of
from simgen.sampling.resolve import Resolver
from simgen.scene.body import Body, CollisionShape, Deck
from simgen.scene.boxes import footprint, footprint_distance, overlap
from simgen.scene.stage import Stage, Surface
from tests.sampling.blocks import actor, block, body, car, fixture, placed, room, scenario, sphere, street

EGO = actor("ego", "lane", lane=-1, s=20.0)
VAN = block(5.5, 2.0, 2.6)
CHILD = block(0.3, 0.5, 1.15)


def place(
    stage: Stage, bodies: Mapping[str, Body], *actors: Actor, index: int = 0, eye: Array | None = None
) -> tuple[dict[str, Spot], Draws]:
    draws = Draws(method="random", seed=1, index=index, count=8)
    resolver = Resolver(scenario(*actors), draws)

    def look_from(_: object) -> Array:
        assert eye is not None
        return eye

    return Placer(stage, actors, bodies, resolver, look_from, Mistakes(resolver.scenario)).place(), draws


def at(spots: Mapping[str, Spot], name: str, stage: Stage) -> tuple[float, float, float]:
    """(s, t, heading relative to the road)."""
    assert stage.road is not None
    pose = spots[name].pose
    s, t = stage.road.locate(pose[:3, 3])
    return s, t, yaw_of(pose) - stage.road.heading_at(0.0)


@pytest.mark.parametrize("heading", [0.0, 0.8, -2.5])
def test_lanes_and_offsets_follow_the_direction_of_travel(heading: float) -> None:
    stage = street(heading=heading)
    oncoming = actor("oncoming", "lane", lane=1, s=80.0, offset=0.5)
    walker = actor("walker", "lane", lane=-3, s=50.0)
    spots, _ = place(stage, {"ego": car(), "oncoming": car(), "walker": CHILD}, EGO, oncoming, walker)
    assert at(spots, "ego", stage) == pytest.approx((20.0, -1.75, 0.0))
    s, t, turned = at(spots, "oncoming", stage)
    assert (s, t) == pytest.approx((80.0, 1.25))
    assert math.cos(turned) == pytest.approx(-1.0)
    assert at(spots, "walker", stage)[1] == pytest.approx(-7.2)
    assert spots["walker"].pose[2, 3] == pytest.approx(0.12)
    assert spots["ego"].lane == -1


@pytest.mark.parametrize("heading", [0.0, 2.0])
def test_gaps_run_from_bumper_to_bumper(heading: float) -> None:
    stage = street(heading=heading)
    bodies = {"ego": car(), "lead": VAN, "follower": VAN, "passer": car(), "meeting": VAN}
    actors = (
        actor("lead", "ahead_of", ahead_of="ego", gap=12.0),
        actor("follower", "behind", behind="ego", gap=3.0, offset=-0.4),
        actor("meeting", "ahead_of", ahead_of="ego", gap=30.0, lane=1),
        actor("passer", "behind", behind="meeting", gap=5.0),
        EGO,
    )
    spots, _ = place(stage, bodies, *actors)
    outlines = {name: footprint(spots[name].pose, bodies[name]) for name in bodies}
    assert footprint_distance(outlines["ego"], outlines["lead"]) == pytest.approx(12.0)
    assert at(spots, "follower", stage)[:2] == pytest.approx((20.0 - 2.3 - 3.0 - 2.75, -2.15))
    assert at(spots, "meeting", stage)[:2] == pytest.approx((20.0 + 2.3 + 30.0 + 2.75, 1.75))
    # Behind one that comes towards us is further up the road.
    assert at(spots, "passer", stage)[:2] == pytest.approx((55.05 + 2.75 + 5.0 + 2.3, 1.75))
    assert math.cos(at(spots, "passer", stage)[2]) == pytest.approx(-1.0)


@pytest.mark.parametrize(("side", "sign"), [("right", -1), ("left", 1)])
def test_parked_stands_at_the_kerb_as_that_side_drives(side: str, sign: int) -> None:
    stage = street(heading=0.3)
    van = actor("van", "parked", parked=side, ahead_of="ego", gap=45.0)
    second = actor("second", "parked", parked=side, ahead_of="van", gap=1.0)
    spots, _ = place(stage, {"ego": car(), "van": VAN, "second": VAN}, EGO, van, second)
    s, t, turned = at(spots, "van", stage)
    assert s == pytest.approx(20.0 + 2.3 + 45.0 + 2.75)
    assert t == pytest.approx(sign * (5.7 - 0.2 - 1.0))
    assert math.cos(turned) == pytest.approx(-sign)
    # Ahead of a van that faces us is on our side of it.
    assert at(spots, "second", stage)[0] == pytest.approx(s - sign * (5.5 + 1.0))


def test_nothing_overlaps_and_the_message_says_what_is_in_the_way() -> None:
    close = actor("close", "lane", lane=-1, s=22.0)
    with pytest.raises(ScenarioRejected, match=r"'close' .* would stand in 'ego'") as caught:
        place(street(), {"ego": car(), "close": VAN}, EGO, close)
    assert caught.value.where == "actors.close.at"
    assert caught.value.remedy is not None


def test_actors_that_cannot_stand_where_they_are_put_are_told_together() -> None:
    stage = street()
    free = [actor(f"free{i}", "lane", lane=-1, s=60.0 + 8 * i) for i in range(3)]
    within = [actor(f"in{i}", "lane", lane=-1, s=61.0 + 8 * i) for i in range(3)]
    after = actor("after", "ahead_of", ahead_of="in0", gap=1.0)
    bodies = {a.name: car() for a in (*free, *within, after)}
    with pytest.raises(ScenarioRejected) as caught:
        place(stage, bodies, *free, *within, after)
    assert caught.value.where == "actors.in0.at"
    assert caught.value.message.split("; ") == [
        f"'in{i}' (4.60 x 1.80 x 1.40 m) would stand in 'free{i}'" for i in range(3)
    ]
    crowd = [actor(f"c{i}", "lane", lane=-1, s=60.0) for i in range(30)]
    with pytest.raises(ScenarioRejected) as caught:
        place(stage, {a.name: CHILD for a in crowd}, *crowd)
    assert len(caught.value.message.split("; ")) == 10


def test_what_stands_apart_is_not_compared_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Array, Array]] = []
    monkeypatch.setattr(obstacles, "overlap", lambda a, b: compared.append((a, b)) or overlap(a, b))
    measured: list[Body] = []
    monkeypatch.setattr(obstacles, "footprint", lambda pose, of: measured.append(of) or footprint(pose, of))
    crowd = [actor(f"c{i}", "lane", lane=-1, s=5.0 + 0.5 * i) for i in range(300)]
    place(street(heading=0.4), {a.name: CHILD for a in crowd}, *crowd)
    # Within a street at an angle the boxes along the axes of those next to each other meet; of 45,000 pairs, few.
    assert len(compared) < 2 * len(crowd)
    assert len(measured) == len(crowd)


def test_fixtures_take_room_where_they_are_solid() -> None:
    arch = block(1.0, 20.0, 1.0)
    high = fixture("bridge", arch, planar_pose(43.0, -2.0, 0.0, 5.0))
    barrier = fixture("barrier", arch, planar_pose(43.0, -2.0, 0.0))
    through = actor("lorry", "lane", lane=-1, s=40.0)
    place(street(high), {"lorry": VAN}, through)
    with pytest.raises(ScenarioRejected, match="'barrier'"):
        place(street(barrier), {"lorry": VAN}, through)


@pytest.mark.parametrize("yaw", [0.0, 0.9])
@pytest.mark.parametrize(("x", "y"), [(2.2, 2.2), (-2.2, 2.2), (-2.2, -2.2), (2.2, -2.2)])
def test_a_fixture_blocks_only_where_it_is_and_not_all_of_its_bounding_box(x: float, y: float, yaw: float) -> None:
    # A square plate on its corner: |x| + |y| <= 2.83.
    stage = room(fixture("plate", block(4.0, 4.0, 1.0), planar_pose(0, 0, math.pi / 4)))
    post = block(0.4, 0.4, 2.0)
    assert blocked_by(placed("beside", post, x, y, yaw=yaw), [], stage) is None
    assert blocked_by(placed("within", post, 0.6 * x, 0.6 * y, yaw=yaw), [], stage) == "plate"
    assert blocked_by(placed("at a corner", post, 2.5 * np.sign(x), 0.0, yaw=yaw), [], stage) == "plate"
    assert blocked_by(placed("on top", post, 0.0, 0.0, z=1.0, yaw=yaw), [], stage) is None


@pytest.mark.parametrize("yaw", [0.0, 0.9])
def test_what_lies_within_a_solid_fixture_is_blocked_though_it_touches_no_surface_of_it(yaw: float) -> None:
    stage = room(fixture("trunk", block(1.0, 1.0, 2.0), planar_pose(3.0, 1.0, yaw)))
    cup = block(0.1, 0.1, 0.1)
    assert blocked_by(placed("within", cup, 3.2, 1.2, z=1.0), [], stage) == "trunk"
    assert blocked_by(placed("beside", cup, 3.9, 1.0, z=1.0), [], stage) is None


def hidden(name: str) -> Actor:
    return actor(name, "hidden_behind", hidden_behind="van")


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_hidden_actors_are_out_of_sight_at_the_far_end_of_the_van(side: str, index: int) -> None:
    stage = street()
    bodies = {"ego": car(), "van": VAN, "ball": sphere(0.11), "child": CHILD}
    van = actor("van", "parked", parked=side, ahead_of="ego", gap=50.0)
    spots, draws = place(stage, bodies, EGO, van, hidden("ball"), hidden("child"), index=index)
    where = {n: Placed(name=n, body=bodies[n], world_from_body=spots[n].pose) for n in bodies}
    eye = eye_of(where["ego"])
    assert eye == pytest.approx([23.5, -3.75, 1.3])
    toward = 1.0 if side == "right" else -1.0
    for name in ("ball", "child"):
        assert visible_share(eye, where[name], [where["van"]]) <= HIDDEN
        end = 20.0 + 2.3 + 50.0 + 5.5
        s, t, _ = at(spots, name, stage)
        assert 0.2 < s - end < 1.8
        assert 3.5 < abs(t) < 8.7
        # It faces the ego's path.
        assert spots[name].pose[1, 0] == pytest.approx(toward)
        assert not overlap(where[name].outline, where["van"].outline)
    assert not overlap(where["ball"].outline, where["child"].outline)
    assert {r.path for r in draws.records} >= {
        "actors.child.at.hidden_behind.clearance",
        "actors.child.at.hidden_behind.aside",
    }


def test_who_hides_later_does_not_stand_in_the_way_of_who_hides_first() -> None:
    stage = street()
    bodies = {"ego": car(), "van": VAN, "ball": sphere(0.11), "child": CHILD, "dog": block(0.8, 0.3, 0.6)}
    van = actor("van", "parked", parked="right", ahead_of="ego", gap=50.0)
    for index in range(4):
        spots, _ = place(stage, bodies, EGO, van, hidden("ball"), hidden("child"), hidden("dog"), index=index)
        outlines = [footprint(spots[n].pose, bodies[n]) for n in ("ball", "child", "dog")]
        for first in range(3):
            for later in outlines[first + 1 :]:
                reach = outlines[first][:, 0]
                in_strip = later[:, 0].min() < reach.max() and later[:, 0].max() > reach.min()
                assert not (in_strip and later[:, 1].max() > outlines[first][:, 1].max())


def test_one_that_cannot_hide_is_told_how_much_of_it_shows() -> None:
    low = actor("van", "parked", parked="right", ahead_of="ego", gap=50.0)
    bodies = {"ego": car(), "van": block(2.0, 1.0, 0.4), "child": CHILD}
    with pytest.raises(ScenarioRejected, match=r"1\.15 m high\) cannot hide behind 'van' \(0\.40 m high\): at least"):
        place(street(), bodies, EGO, low, hidden("child"))


def test_hiding_from_a_camera_on_a_table() -> None:
    table = Surface(center_m=(0.0, 0.0), height_m=0.7, size_m=(2.0, 2.0))
    box = actor("van", "position", position=[0.0, 0.0, 0.7])
    bodies = {"van": block(0.2, 0.3, 0.3), "cup": block(0.05, 0.05, 0.1)}
    eye = np.array([-1.0, 0.2, 0.9])
    spots, _ = place(room(table=table), bodies, box, hidden("cup"), eye=eye)
    assert spots["cup"].pose[2, 3] == pytest.approx(0.7)
    where = {n: Placed(name=n, body=bodies[n], world_from_body=spots[n].pose) for n in bodies}
    assert visible_share(eye, where["cup"], [where["van"]]) <= HIDDEN


def test_things_on_a_surface_lie_apart_and_within_it() -> None:
    top = Surface(center_m=(1.0, 2.0), height_m=0.75, size_m=(0.5, 0.4), yaw_rad=0.5)
    names = [f"cup_{i}" for i in range(8)]
    bodies = {name: block(0.08, 0.06, 0.1) for name in names}
    spots, draws = place(room(table=top), bodies, *(actor(n, "on", on="table") for n in names))
    outlines = [footprint(spots[n].pose, bodies[n]) for n in names]
    c, s = math.cos(0.5), math.sin(0.5)
    for i, outline in enumerate(outlines):
        local = (outline - [1.0, 2.0]) @ np.array([[c, -s], [s, c]])
        assert np.abs(local[:, 0]).max() <= 0.25 + 1e-9
        assert np.abs(local[:, 1]).max() <= 0.20 + 1e-9
        assert all(footprint_distance(outline, other) >= 0.01 - 1e-9 for other in outlines[:i])
    assert all(spot.pose[2, 3] == 0.75 for spot in spots.values())
    assert len({yaw_of(spot.pose) for spot in spots.values()}) == 8
    assert len(draws.records) == 24


def test_on_an_actor_is_on_its_top() -> None:
    stage = room(table=Surface(center_m=(0, 0), height_m=0.7, size_m=(2, 2)))
    bodies = {"crate": block(0.4, 0.3, 0.25), "cup": block(0.06, 0.06, 0.1)}
    spots, _ = place(stage, bodies, actor("cup", "on", on="crate"), actor("crate", "on", on="table"))
    assert spots["cup"].pose[2, 3] == pytest.approx(0.95)
    assert footprint_distance(footprint(spots["cup"].pose, bodies["cup"]), spots["crate"].pose[None, :2, 3]) < 0.2


@pytest.mark.parametrize("grade", [0.06, -0.12])
def test_a_long_body_on_a_slope_is_free_of_its_road_but_not_of_a_post(grade: float) -> None:
    lean = math.atan(grade)
    slope = pose(rotation=rotation_y(-lean))
    road = fixture("road", block(100.0, 8.0, 0.2), slope @ planar_pose(0.0, 0.0, 0.0, -0.2))
    truck = Placed(name="truck", body=block(8.0, 2.4, 3.0), world_from_body=slope @ planar_pose(5.0, 0.0, 0.0))
    assert blocked_by(truck, [], room(road)) is None
    for along, blocks in ((8.5, True), (9.3, False)):
        post = fixture("post", block(0.1, 0.1, 1.0), slope @ planar_pose(along, 0.0, 0.0))
        assert blocked_by(truck, [], room(road, post)) == ("post" if blocks else None)


def bed() -> Body:
    """4 x 2 m at 1 m, walled to 1.4 m all around, with a cab of 2.5 m before it: drawn and solid alike."""
    blocks = [((4, 2, 1), (0, 0, 0.5)), ((1.5, 2, 2.5), (2.75, 0, 1.25))]
    blocks += [((4, 0.05, 1.4), (0, y, 0.7)) for y in (-0.975, 0.975)]
    blocks += [((0.05, 2, 1.4), (x, 0, 0.7)) for x in (-1.975, 1.975)]
    whole = trimesh.util.concatenate(
        [trimesh.creation.box(size, planar_pose(*at[:2], 0, at[2])) for size, at in blocks]
    )
    shapes = tuple(
        CollisionShape(kind="box", size_m=s, body_from_shape=planar_pose(*at[:2], 0, at[2])) for s, at in blocks
    )
    low, high = whole.bounds
    plain = body(whole)
    return replace(
        plain, collision=shapes, deck=Deck(center_m=(0.0, 0.0), height_m=1.0, size_m=(3.9, 1.9)),
        box_center_m=tuple(0.5 * (low + high)), box_size_m=tuple(high - low),
    )  # fmt: skip


def test_things_on_a_bed_stand_in_it_and_on_one_another() -> None:
    names = ("a", "b", "c")
    bodies = {"truck": bed(), **{n: block(0.6, 0.4, 0.3) for n in names}, "cup": block(0.06, 0.06, 0.1)}
    ride = actor("truck", "lane", lane=-1, s=60.0)
    things = [actor(n, "on", on="truck") for n in names]
    for index in range(5):
        spots, _ = place(street(heading=0.7), bodies, ride, *things, actor("cup", "on", on="b"), index=index)
        outlines = []
        for name in names:
            local = inverse(spots["truck"].pose) @ spots[name].pose
            outlines.append(footprint(local, bodies[name]))
            assert local[2, 3] == pytest.approx(1.0)
            assert (np.abs(outlines[-1]) <= (1.95, 0.95)).all()
            assert spots[name].carrier == "truck"
        assert min(footprint_distance(a, b) for a, b in itertools.combinations(outlines, 2)) >= 0.01 - 1e-9
        assert spots["cup"].pose[2, 3] == pytest.approx(1.3)
        assert spots["cup"].carrier == "b"


def test_what_is_drawn_of_a_carrier_is_in_the_way_of_what_stands_on_it() -> None:
    """A mast that collides with nothing, in the middle of a table."""
    mast = trimesh.creation.box((0.01, 0.01, 0.5), planar_pose(0.0, 0.0, 0.0, 0.95))
    whole = trimesh.util.concatenate([trimesh.creation.box((1.0, 1.0, 0.7), planar_pose(0.0, 0.0, 0.0, 0.35)), mast])
    table = replace(
        body(whole),
        collision=block(1.0, 1.0, 0.7).collision,
        deck=Deck(center_m=(0.0, 0.0), height_m=0.7, size_m=(1.0, 1.0)),
    )
    names = [f"box_{i}" for i in range(4)]
    bodies = {"table": table, **{name: block(0.25, 0.25, 0.2) for name in names}, "board": block(0.8, 0.8, 0.05)}
    stand = actor("table", "lane", lane=-1, s=60.0)
    for index in range(4):
        spots, _ = place(street(), bodies, stand, *(actor(n, "on", on="table") for n in names), index=index)
        for name in names:
            away = inverse(spots["table"].pose) @ spots[name].pose
            assert np.abs(away[:2, :2].T @ away[:2, 3]).max() > 0.125
    with pytest.raises(ScenarioRejected, match="'table' has no free level place on which 'board'"):
        place(street(), bodies, stand, actor("board", "on", on="table"))


def test_what_has_no_level_place_says_so() -> None:
    bodies = {"ball": sphere(0.5), "cup": block(0.06, 0.06, 0.1)}
    ball = actor("ball", "lane", lane=-1, s=60.0)
    with pytest.raises(ScenarioRejected, match=r"'ball' has no free level place on which 'cup' \(0\.06 x 0\.06 m\)"):
        place(street(), bodies, ball, actor("cup", "on", on="ball"))


def test_a_full_or_small_surface_says_so() -> None:
    stage = room(tray=Surface(center_m=(0, 0), height_m=0.7, size_m=(0.2, 0.2)))
    bodies = {name: block(0.12, 0.12, 0.1) for name in ("a", "b")}
    with pytest.raises(ScenarioRejected, match=r"'b' .* finds no free spot in [0-9]+ tries; 'a' was in the way"):
        place(stage, bodies, actor("a", "on", on="tray"), actor("b", "on", on="tray"))
    with pytest.raises(ScenarioRejected, match="is larger than 'tray'"):
        place(stage, {"big": block(0.5, 0.5, 0.1)}, actor("big", "on", on="tray"))
    with pytest.raises(UnknownName, match="did you mean 'tray'"):
        place(stage, bodies, actor("a", "on", on="tary"))


def test_near_stays_within_the_radius_and_on_what_carries() -> None:
    stage = room(table=Surface(center_m=(0, 0), height_m=0.7, size_m=(1.0, 1.0)))
    bodies = {"cup": block(0.06, 0.06, 0.1), "spoon": block(0.1, 0.02, 0.02)}
    for index in range(6):
        cup = actor("cup", "position", position=[0.4, 0.4, 0.7])
        spots, _ = place(stage, bodies, cup, actor("spoon", "near", near="cup", radius=0.3), index=index)
        pose = spots["spoon"].pose
        assert np.linalg.norm(pose[:2, 3] - 0.4) <= 0.3
        assert pose[2, 3] == 0.7
        assert np.abs(footprint(pose, bodies["spoon"])).max() <= 0.5


def test_near_on_a_road_stands_on_its_surface() -> None:
    stage = street()
    spots, _ = place(stage, {"ego": car(), "dog": CHILD}, EGO, actor("dog", "near", near="ego", radius=8.0), index=3)
    s, t, _ = at(spots, "dog", stage)
    assert stage.road is not None
    assert spots["dog"].pose[2, 3] == stage.road.height_at(s, t)


def test_aisles_and_positions() -> None:
    stage = room(aisle_2=Surface(center_m=(0.0, 5.0), height_m=0.0, size_m=(20.0, 3.0), yaw_rad=math.pi / 2))
    lift = actor("lift", "aisle", aisle=2, s=4.0)
    post = actor("post", "position", position=[4.0, -3.0, 0.5], yaw=0.3)
    spots, _ = place(stage, {"lift": VAN, "post": CHILD}, lift, post)
    assert spots["lift"].pose[:2, 3] == pytest.approx([0.0, -1.0])
    assert yaw_of(spots["lift"].pose) == pytest.approx(math.pi / 2)
    assert spots["post"].pose == pytest.approx(planar_pose(4.0, -3.0, 0.3, 0.5))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (actor("x", "lane", lane=-7, s=20.0), "the road has no lane -7; its lanes are -3 (sidewalk), -2 (parking)"),
        (actor("x", "lane", lane=-1, s=900.0), "the road ends at 200 m"),
        (actor("x", "ahead_of", ahead_of="ego", gap=500.0), "the road ends at 200 m"),
        (actor("x", "parked", parked="left"), "needs 'ahead_of', 'behind' or 's'"),
        (actor("x", "on", on="shelf"), "unknown surface 'shelf'"),
    ],
)
def test_places_that_do_not_exist_are_told(wrong: Actor, told: str) -> None:
    with pytest.raises((ScenarioRejected, ValueOutOfRange, UnknownName)) as caught:
        place(street(), {"ego": car(), "x": CHILD}, EGO, wrong)
    assert told in str(caught.value)
    assert str(caught.value).startswith("actors.x.at")


def test_circles_are_told() -> None:
    a, b = actor("a", "ahead_of", ahead_of="b", gap=1.0), actor("b", "behind", behind="a", gap=1.0)
    with pytest.raises(SimgenError, match="a, b refer to each other in a circle"):
        place(street(), {"a": CHILD, "b": CHILD}, a, b)


def test_lanes_without_a_road_are_told() -> None:
    with pytest.raises(SimgenError, match="this setting has no road"):
        place(room(), {"ego": car()}, EGO)


@pytest.mark.parametrize(("s", "free"), [(55.0, True), (59.5, False), (80.0, False), (100.5, False), (105.0, True)])
def test_nobody_parks_on_a_crossing_or_beside_it(s: float, free: bool) -> None:
    """With the whole body, of 5 m and between 60 and 100 m."""
    stage = street()
    assert stage.road is not None
    roads = tuple(replace(road, no_parking_m=((60.0, 100.0),)) for road in stage.road.roads)
    stage = replace(stage, road=replace(stage.road, roads=roads))
    parked = actor("van", "parked", parked="right", s=s)
    if free:
        place(stage, {"van": VAN}, parked)
    else:
        with pytest.raises(ScenarioRejected, match=r"on and beside a crossing, nobody parks"):
            place(stage, {"van": VAN}, parked)


@pytest.mark.parametrize("stage", [street(), room()])
def test_what_is_stated_wholly_below_the_ground_is_told(stage: Stage) -> None:
    deep = actor("van", "position", position=[20.0, 0.0, -40.0], yaw=0.0)
    with pytest.raises(ValueOutOfRange, match="wholly below the ground") as caught:
        place(stage, {"van": VAN}, deep)
    assert caught.value.where == "actors.van.at.position"
    assert "state z = " in str(caught.value)
