"""Actions on vehicles and things: each against what it says, in figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simgen
from simgen.core.errors import ScenarioRejected, SimgenError, ValueOutOfRange
from simgen.core.geometry import inverse
from simgen.language import parse
from simgen.sampling.assembly import assemble
from simgen.scene.boxes import footprint, footprint_distance
from simgen.simulation.actions.tire_blowout import LATERAL_LEFT, ROLLING
from simgen.simulation.fleet import GRAVITY_MPS2
from simgen.simulation.world import TICK_S, World

HEAD = """
simgen: 1
scenario: manoeuvres
randomize: none
setting: {{road: {setting}}}
environment: {{time_of_day: "12:00"}}
actors:
{actors}
story:
{story}
end: "time > {end} s"
"""
STREET = "two_lane_urban, length: 250 m, parked: 0, trees: 0"


def world(actors: str, story: str, end: float, setting: str = STREET) -> World:
    return World(simgen.sample(parse(HEAD.format(setting=setting, actors=actors, story=story, end=end))))


def car(
    name: str, s: float, speed: str, behavior: str = "follow_lane", lane: int = -1, model: str = "car.sedan"
) -> str:
    return f"  {name}: {{model: {model}, at: {{lane: {lane}, s: {s} m}}, speed: {speed}, behavior: {behavior}}}\n"


def event(do: str, when: str = "time > 0.2 s", more: str = "") -> str:
    return f"  - {{event: e, when: {when}, do: {{{do}}}{more}}}\n"


def test_a_speed_profile_is_driven_as_written() -> None:
    story = event("ego: {speed_profile: [0 s, 10 m/s, 2 s, 4 m/s, 4 s, 4 m/s, 6 s, 9 m/s]}", "time >= 0.5 s")
    with world(car("ego", 20, "10 m/s"), story, 9) as w:
        speeds = [w.vehicle("ego").speed_mps for _ in w.run()]
    for t, wanted in ((1.0, 7.0), (2.0, 4.0), (3.0, 4.0), (5.0, 6.5), (6.0, 9.0), (8.0, 9.0)):
        assert speeds[round((0.5 + t) / TICK_S)] == pytest.approx(wanted, abs=0.4)


def test_a_speed_profile_that_goes_back_in_time_is_refused() -> None:
    with pytest.raises(ValueOutOfRange, match="times rise"):
        world(car("ego", 20, "10 m/s"), event("ego: {speed_profile: [2 s, 10 m/s, 1 s, 4 m/s]}"), 1)


@pytest.mark.parametrize(("key", "gap"), [("distance: 12 m", 12.0), ("headway: 2 s", 16.0)])
def test_a_distance_is_kept_to_who_is_ahead(key: str, gap: float) -> None:
    actors = car("ego", 20, "10 m/s") + car("lead", 60, "8 m/s")
    with world(actors, event(f"ego: {{longitudinal_distance: {{to: lead, {key}}}}}"), 16) as w:
        for _ in w.run():
            pass
        assert w.situation().distance("ego", "lead") == pytest.approx(gap, abs=0.6)
        assert w.vehicle("ego").speed_mps == pytest.approx(8.0, abs=0.2)


def test_a_distance_is_kept_to_the_side() -> None:
    actors = car("ego", 20, "8 m/s", lane=1).replace("lane: 1", "lane: -1") + car("still", 90, "0 m/s", "idle", lane=1)
    with world(actors, event("ego: {lateral_distance: {to: still, distance: 0.8 m}}"), 12) as w:
        nearest = math.inf
        for _ in w.run():
            if abs(w.vehicle("ego").position_m[0] - w.vehicle("still").position_m[0]) < 1.0:
                nearest = min(nearest, w.situation().distance("ego", "still"))
    assert nearest == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize("final", [None, 6.0])
def test_two_meet_where_and_when_they_should(final: float | None) -> None:
    actors = car("ego", 20, "9 m/s") + car("other", 200, "10 m/s", lane=1)
    tail = "" if final is None else f", final_speed: {final} m/s"
    do = f"ego: {{synchronize: {{to: other, position: [90 m, -1.7 m], their_position: [120 m, 1.7 m]{tail}}}}}"
    with world(actors, event(do), 12) as w:
        mine, theirs, speed = math.inf, math.inf, 0.0
        for snapshot in w.run():
            if w.vehicle("other").position_m[0] <= 120.0 and theirs == math.inf:
                theirs = snapshot.time_s
            if w.vehicle("ego").position_m[0] >= 90.0 and mine == math.inf:
                mine, speed = snapshot.time_s, w.vehicle("ego").speed_mps
    assert mine == pytest.approx(theirs, abs=0.25)
    assert final is None or speed == pytest.approx(final, abs=0.5)


def test_a_car_is_put_on_another_lane_and_drives_on_there() -> None:
    with world(car("ego", 20, "10 m/s"), event("ego: {teleport: {lane: 1, s: 150 m, speed: 5 m/s}}"), 2.2) as w:
        for _ in w.run():
            pass
        ego = w.vehicle("ego")
        situation = w.situation()
        s, t = situation.road_position("ego")
        assert t == pytest.approx(situation.road.lane(1).center_t_m, abs=0.1)
        assert 139.0 < s < 141.5
        assert abs(ego.yaw_rad) == pytest.approx(math.pi, abs=0.02)


def test_a_place_is_driven_to_through_the_junction() -> None:
    do = "ego: {acquire_position: [90.875 m, 40 m]}"
    with world(car("ego", 55, "8 m/s"), event(do), 20, setting="four_way_junction, trees: 0") as w:
        for _ in w.run():
            pass
        ego = w.vehicle("ego")
        assert ego.position_m == pytest.approx(np.array([90.875, 40.0]), abs=2.0)
        assert ego.speed_mps == 0.0


def test_an_actor_changes_its_behaviour() -> None:
    with world(car("ego", 20, "8 m/s"), event("ego: {activate_behavior: idle}"), 5) as w:
        for _ in w.run():
            pass
        assert w.vehicle("ego").speed_mps == 0.0


def test_brakes_find_ice_on_a_patch_and_asphalt_once_it_is_gone() -> None:
    story = (
        "  - {event: ice, do: {world: {friction_patch: {position: [80 m, -1.7 m], length: 200 m, surface: ice}}},"
        " for: 2 s}\n  - {event: brake, when: time > 0.5 s, do: {ego: {override_controls: {brake: 1}}}, for: 3 s}\n"
    )
    with world(car("ego", 30, "20 m/s"), story, 2.6) as w:
        speeds = [w.vehicle("ego").speed_mps for _ in w.run()]
        body = w.scene.entity("ego").body
    _, width, height = body.box_size_m
    drag = 0.5 * 1.2 * 0.32 * 0.82 * width * height * speeds[84] ** 2 / body.mass_kg
    on_ice = (speeds[60] - speeds[108]) / (48 * TICK_S)
    assert on_ice == pytest.approx(0.1 * GRAVITY_MPS2 + drag, rel=0.03)
    assert (speeds[126] - speeds[144]) / (18 * TICK_S) > 6.0


@pytest.mark.parametrize(("wheel", "side"), [("front_left", 1.0), ("rear_right", -1.0)])
def test_a_burst_tyre_drags_and_pulls_to_its_side(wheel: str, side: float) -> None:
    hold = "  - {event: hold, do: {ego: {override_controls: {steer: 0 deg}}}, for: 4 s}\n"
    results = []
    for story in (hold, hold + event(f"ego: {{tire_blowout: {{wheel: {wheel}, over: 0 s}}}}")):
        with world(car("ego", 20, "20 m/s"), story, 1.2) as w:
            for _ in w.run():
                pass
            ego = w.vehicle("ego")
            results.append((ego.speed_mps, ego.yaw_rad))
            geometry = ego.geometry
    (free, _), (flat, yaw) = results
    front = geometry.front_axle_m - geometry.center_of_gravity_m
    rear = geometry.center_of_gravity_m - geometry.rear_axle_m
    carried = (rear if wheel.startswith("front") else front) / (front + rear)
    assert free - flat == pytest.approx(ROLLING * 0.5 * carried * GRAVITY_MPS2 * 1.0, rel=0.15)
    assert side * yaw > 0.002


def test_a_car_with_a_burst_front_tyre_turns_wider() -> None:
    hold = "  - {event: hold, do: {ego: {override_controls: {throttle: 0.1, steer: 8 deg}}}, for: 4 s}\n"
    rates = []
    for story in (hold, hold + event("ego: {tire_blowout: front_right}", "time >= 0 s")):
        with world(car("ego", 20, "12 m/s"), story, 1.5) as w:
            for _ in w.run():
                pass
            rates.append(w.vehicle("ego").yaw_rate_radps / w.vehicle("ego").speed_mps)
            grip = w.fleet.ground[:2, 0]
    assert rates[1] < 0.95 * rates[0]
    assert grip[0] / grip[1] == pytest.approx(0.5 * (1 + LATERAL_LEFT))


VAN = car("van", 20, "10 m/s", model="van") + "  box: {model: box.carton, at: {on: van}}\n"
LASHED = "  - {event: lash, do: {box: {attach: van}}}\n"


@pytest.mark.parametrize("setting", ["crosswalk_midblock", "two_lane_urban, length: 250 m, parked: 0.4"])
@pytest.mark.parametrize("pull_in", [12, 18, 30])
def test_who_parks_takes_account_of_vehicles_that_belong_to_the_street(setting: str, pull_in: int) -> None:
    with world(car("ego", 10, "8 m/s", f"{{park: {{pull_in: {pull_in} m}}}}"), "  []", 20, setting) as w:
        parked = [f for f in w.stage.fixtures if f.name.startswith("parked")]
        theirs = [footprint(f.world_from_body, f.body) for f in parked]
        still = 0
        for snapshot in w.run():
            if snapshot.tick % 10 == 0:
                own = w.situation().footprint("ego")[0]
                assert min(footprint_distance(own, other) for other in theirs) > 0.25
                still = still + 1 if w.vehicle("ego").speed_mps == 0.0 else 0
            if still > 6:  # for a second: it has parked
                break
        assert w.vehicle("ego").speed_mps == 0.0
        s, t = w.situation().road_position("ego")
        lane = w.situation().road.lane_at(s, t)
        assert lane is not None and lane.kind == "parking"
        if "crosswalk" in setting:
            assert abs(s - 85.0) > 2.0 + 7.0 + 2.3


LAMP = "street_lamp_1"


@pytest.mark.parametrize("model", ["car.sedan", "pedestrian.adult", "ball"])
@pytest.mark.parametrize("turned", ["", ", yaw: 20 deg"])
def test_nobody_is_teleported_into_what_stands_there(model: str, turned: str) -> None:
    """As at the start: it is told where it is written, before anything moves."""
    still = f"  a: {{model: {model}, at: {{lane: -1, s: 60 m}}}}\n"
    stage = assemble(simgen.sample(parse(HEAD.format(setting=STREET, actors=still, story="", end=1)))).stage
    x, y = next(f.world_from_body[:2, 3] for f in stage.fixtures if f.name == LAMP)
    there = event(f"a: {{teleport: {{position: [{x} m, {y} m]{turned}}}}}")
    with pytest.raises(ScenarioRejected, match=rf":\d+:\d+: 'a' .* would stand in '{LAMP}'; choose another place"):
        world(still, there, 1)
    beside = event(f"a: {{teleport: {{position: [{x} m, {y + 4.0} m]{turned}}}}}")
    with world(still, beside, 0.5) as w:
        for _ in w.run():
            pass
        assert w.situation().position("a")[:2] == pytest.approx([x, y + 4.0], abs=0.05)


def test_nobody_is_teleported_into_somebody_who_stands_there_by_then() -> None:
    actors = car("ego", 20, "0 m/s", "idle") + car("other", 60, "10 m/s", "cruise_control")
    with world(actors, event("ego: {teleport: {lane: -1, s: 60 m}}", "time > 2 s"), 2.5) as w:
        for _ in w.run():
            pass
        assert w.situation().position("ego")[0] == pytest.approx(60.0, abs=0.01)
    with (
        world(actors, event("ego: {teleport: {lane: -1, s: 72 m}}", "time > 1 s"), 2) as w,
        pytest.raises(ScenarioRejected, match=r":\d+:\d+: 'ego' .* would stand in 'other'"),
    ):
        list(w.run())


def test_cargo_rides_along_and_comes_off_with_the_speed_of_the_van() -> None:
    story = LASHED + "  - {event: off, when: time > 1 s, do: {van: {lose_cargo: {direction: back, speed: 2 m/s}}}}\n"
    with world(VAN, story, 7) as w:
        places, heights, along = [], [], []
        speed = 0.0
        for snapshot in w.run():
            situation = w.situation()
            if 0.1 < snapshot.time_s < 1.0:
                places.append((inverse(situation.pose("van")) @ situation.pose("box"))[:3, 3])
            if speed == 0.0 and snapshot.time_s > 1.1 and not w.holding.is_attached("box"):
                speed = float(situation.velocity("box")[0])
                roof = float(situation.position("box")[2])
            if speed > 0.0:
                heights.append(float(situation.position("box")[2]))
                along.append(float(situation.position("van")[0] - situation.position("box")[0]))
    assert np.ptp(np.array(places), axis=0).max() < 1e-6
    assert speed == pytest.approx(8.0, abs=0.2)
    assert roof > 1.5
    assert heights[-1] < 0.1
    # It falls as freely as any body
    down = next(k for k, h in enumerate(heights) if h < 0.3)
    assert down * TICK_S == pytest.approx(math.sqrt(2.0 * (roof - 0.3) / GRAVITY_MPS2), rel=0.25)
    assert along[-1] > 3.0


@pytest.mark.parametrize(("named", "what"), [("{}", "nothing"), ("box", "no 'box'")])
def test_nothing_is_lost_that_no_event_attaches(named: str, what: str) -> None:
    """It is a mistake of the text, known before anything moves."""
    other = "  other: {model: crate, at: {on: van}}\n"
    stays = "  - {event: lash, do: {other: {attach: van}}}\n" if named == "box" else ""
    with pytest.raises(SimgenError, match=rf":\d+:\d+: 'van' carries {what} that it could lose") as told:
        world(VAN + other, stays + event(f"van: {{lose_cargo: {named}}}"), 1)
    assert "attach it in an event before" in str(told.value)


def test_nothing_is_lost_before_it_is_attached() -> None:
    late = "  - {event: lash, when: time > 0.5 s, do: {box: {attach: van}}}\n"
    with (
        world(VAN, late + event("van: {lose_cargo: {}}"), 1) as w,
        pytest.raises(SimgenError, match="'van' carries nothing that it could lose"),
    ):
        list(w.run())


def test_a_dropped_thing_falls_freely() -> None:
    actors = car("ego", 20, "0 m/s", "idle") + "  box: {model: ball, at: {lane: -1, s: 40 m}}\n"
    with world(actors, event("box: {drop: 5 m}", "time >= 0 s"), 0.8) as w:
        heights = {round(s.tick): float(w.situation().position("box")[2]) for s in w.run()}
    start = heights[0] + 5.0
    seconds = 37 * TICK_S
    assert start - heights[37] == pytest.approx(0.5 * GRAVITY_MPS2 * seconds**2, rel=0.02)


def test_a_force_gives_a_thing_its_share_of_speed() -> None:
    actors = car("ego", 20, "0 m/s", "idle") + "  box: {model: ball, at: {lane: -1, s: 60 m}}\n"
    with world(actors, event("box: {apply_force: [2 N, 0 N, 0 N]}", "time >= 0 s", ", for: 0.5 s"), 0.55) as w:
        for _ in w.run():
            pass
        mass = w.scene.entity("box").body.mass_kg
        speed = float(w.situation().velocity("box")[0])
    # A hollow ball that rolls: between sliding (F t / m) and pure rolling of a shell (3/5 of it)
    assert 0.5 < speed / (2.0 * 0.5 / mass) < 1.05


def test_a_gust_pushes_a_car() -> None:
    actors = car("ego", 20, "20 m/s", "external")
    with world(actors, event("ego: {apply_force: [-6000 N, 0 N, 0 N]}", "time >= 0 s", ", for: 1 s"), 1.1) as w:
        start = w.vehicle("ego").speed_mps
        for _ in w.run():
            pass
        ego = w.vehicle("ego")
        assert not ego.crashed
        assert start - ego.speed_mps == pytest.approx(6000.0 / ego.entity.body.mass_kg, rel=0.1)


def test_an_actor_enters_when_the_story_says_so() -> None:
    actors = car("ego", 20, "5 m/s") + car("late", 120, "6 m/s")
    with world(actors, event("late: {add_entity: {}}", "time > 1 s"), 2.2) as w:
        index = w.scene.index("late")
        seen = {}
        for snapshot in w.run():
            seen[round(snapshot.time_s, 2)] = bool(snapshot.present[index])
        assert not seen[0.5] and seen[1.5]
        assert w.vehicle("late").speed_mps == pytest.approx(6.0, abs=0.2)
        assert w.vehicle("late").position_m[0] == pytest.approx(120.0 + 6.0 * 1.17, abs=0.5)


def test_who_is_hidden_is_hit_all_the_same() -> None:
    actors = car("ego", 20, "10 m/s") + car("ghost", 40, "0 m/s", "idle")
    with world(actors, event("ghost: {visibility: false}", "time >= 0 s", ", for: 5 s"), 2.5) as w:
        hidden = [bool(s.present[w.scene.index("ghost")]) for s in w.run()]
        assert not any(hidden[2:])
        assert [c.actors for c in w.report().collisions] == [("ego", "ghost")]


def test_a_blackout_darkens_streets_and_signals_until_it_is_over() -> None:
    text = HEAD.format(
        setting="four_way_junction, trees: 0",
        actors=car("ego", 20, "0 m/s", "idle"),
        story=event("world: {blackout: {}}", "time > 0.5 s", ", for: 1 s"),
        end=2,
    ).replace('"12:00"', '"23:00"')
    with World(simgen.sample(parse(text))) as w:
        own = np.array([w.scene.entities[lamp.entity].static for lamp in w.scene.lamps])
        rooms = np.array([lamp.lamp.name == "rooms" for lamp in w.scene.lamps])
        lit = {round(s.time_s, 2): s.lamp_power > 0 for s in w.run()}
    assert (lit[0.2] & own).sum() > 8 and (lit[0.2] & rooms).any()
    assert not (lit[1.0] & own).any()
    assert np.array_equal(lit[1.8], lit[0.2])
    # Vehicles have batteries.
    assert (lit[0.2] & ~own).any() and np.array_equal(lit[1.0] & ~own, lit[0.2] & ~own)


def test_clearance_looks_at_one_lane_and_its_stretch() -> None:
    actors = car("ego", 60, "0 m/s", "idle") + car("near", 75, "0 m/s", "idle", lane=1)
    conditions = {
        "relative_clearance(ego, 30 m, 30 m)": True,
        "relative_clearance(ego, 30 m, 30 m, 1)": False,
        "relative_clearance(ego, 9 m, 30 m, 1)": True,
        "relative_clearance(ego, 30 m, 30 m, -1)": False,
    }
    text = HEAD.format(setting=STREET, actors=actors, story="  []", end=0.1)
    text += "expect:\n" + "".join(f"  - {c}\n" for c in conditions)
    with World(simgen.sample(parse(text))) as w:
        for _ in w.run():
            pass
        held = [e.held for e in w.report().expectations]
    assert held == list(conditions.values())


def test_the_driver_of_r157_brakes_as_the_regulation_says() -> None:
    actors = car("ego", 20, "20 m/s", "r157_driver") + car("lead", 54, "20 m/s", "cruise_control")
    story = "  - {event: hard, when: time >= 1 s, do: {lead: {speed: {target: 0 m/s, rate: 8 m/s^2}}}}\n"
    with world(actors, story, 4.0) as w:
        ego, lead = w.vehicle("ego"), w.vehicle("lead")
        demands, danger = [], None
        for snapshot in w.run():
            demands.append(ego.wanted_mps2)
            heading = w.situation().acceleration_mps2[w.scene.index("lead")][0]
            if danger is None and heading < -5.0:
                danger = snapshot.tick
    assert danger is not None and lead.speed_mps < 20.0
    first = next(k for k, d in enumerate(demands) if d < -2.05)
    full = next(k for k, d in enumerate(demands) if d < -0.774 * 9.81 + 1e-2)
    begun = danger + round(1.15 / TICK_S)
    # 2.05 m/s^2 are reached after a share of the build-up of 0.6 s
    assert first * TICK_S == pytest.approx((begun + 1) * TICK_S + 0.6 * 2.05 / 7.593, abs=0.04)
    assert (full - begun) * TICK_S == pytest.approx(0.6, abs=0.04)
    assert min(demands) == pytest.approx(-0.774 * 9.81, abs=1e-3)


def test_a_careful_driver_brakes_late_and_an_aeb_earlier_for_who_stands() -> None:
    stops = []
    for behavior in ("r157_driver", "aeb"):
        actors = car("ego", 20, "8 m/s", behavior) + car("still", 90, "0 m/s", "idle")
        with world(actors, "  []", 14) as w:
            for _ in w.run():
                pass
            assert w.report().collisions == ()
            stops.append(w.situation().distance("ego", "still"))
    assert all(0.5 < stop < 6.0 for stop in stops)


@pytest.mark.parametrize("setting", [STREET.replace("parked: 0", "parked: 0.4"), STREET])
def test_a_car_parks_along_the_kerb_in_a_free_place(setting: str) -> None:
    with world(car("ego", 20, "8 m/s", "{park: {after: 20 m}}"), "  []", 30, setting=setting) as w:
        for _ in w.run():
            if w.time_s > 5 and w.vehicle("ego").speed_mps == 0.0:
                break
        ego, situation = w.vehicle("ego"), w.situation()
        assert ego.speed_mps == 0.0 and not ego.crashed
        assert w.report().collisions == ()
        assert abs(ego.yaw_rad) < math.radians(3.0)
        s, t = situation.road_position("ego")
        assert s > 40.0
        lane = situation.road.lane_at(s, t)
        assert lane is not None
        parking = [x for x in situation.road.main_road.cut(s) if x.kind == "parking" and x.id < 0]
        if parking:
            assert t == pytest.approx(parking[0].center_t_m, abs=0.2)
        else:
            assert t < situation.road.lane(-1, s).center_t_m - 0.2


def test_a_car_is_where_its_trajectory_says() -> None:
    points = [(0, 0, 0), (2, 20, 0), (4, 38, 2), (6, 54, 2), (8, 62, 2)]
    flat = ", ".join(f"{t} s, {x} m, {y} m" for t, x, y in points)
    with world(
        car("ego", 20, "10 m/s"), event(f"ego: {{follow_trajectory: {{points: [{flat}]}}}}", "time >= 0 s"), 8
    ) as w:
        places = [w.vehicle("ego").position_m for _ in w.run()]
    for t, x, y in points[1:]:
        there = places[round(t / TICK_S)] - places[0]
        assert there == pytest.approx(np.array([x, y]), abs=1.0)


def test_bays_across_the_road_are_refused() -> None:
    with (
        world(car("ego", 20, "8 m/s", "park"), "  []", 2, setting="parking_street") as w,
        pytest.raises(SimgenError, match="lie across the road"),
    ):
        list(w.run())
