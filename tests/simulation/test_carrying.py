"""Things on vehicles and furniture: they stay where they stand, and start with the velocity of what carries them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import simgen
from simgen.core.errors import ScenarioRejected, SimgenError
from simgen.core.geometry import Array, inverse
from simgen.language import parse
from simgen.sampling.concrete import ConcreteScenario
from simgen.sampling.obstacles import Placed, reaches_into
from simgen.scene.boxes import footprint, height_span
from simgen.simulation.doors import UNLOCKED_RADPS
from simgen.simulation.physics import GRAVITY_MPS2
from simgen.simulation.report import EpisodeReport
from simgen.simulation.world import TICK_S, World
from tests.simulation.bodies import strays

ROAD = "{road: two_lane_urban, length: 250 m, parked: 0, trees: 0}"
HALL = "{room: warehouse}"
IN_LANE, IN_AISLE = "{lane: -1, s: 60 m}", "{aisle: 1, s: 5 m}"
MOVING = ", speed: 12 m/s, behavior: follow_lane"


def sampled(actors: str, setting: str, end_s: float, story: str = "") -> ConcreteScenario:
    return simgen.sample(
        parse(
            f"simgen: 1\nscenario: carrying\nrandomize: none\nsetting: {setting}\n"
            f'environment: {{time_of_day: "12:00"}}\nactors:\n{actors}{story}end: "time > {end_s} s"\n'
        )
    )


def on(carrier: str, thing: str, at: str = IN_LANE, more: str = "") -> str:
    return f"  carrier: {{model: {carrier}, at: {at}{more}}}\n  thing: {{model: {thing}, at: {{on: carrier}}}}\n"


def run(concrete: ConcreteScenario, thing: str = "thing", carrier: str = "carrier") -> tuple[Array, EpisodeReport]:
    """Poses (T, 4, 4) of the thing seen from what carries it, at each tick, and the report."""
    with World(concrete) as world:
        seen = []
        for _ in world.run():
            situation = world.situation()
            seen.append(inverse(situation.pose(carrier)) @ situation.pose(thing))
        return np.array(seen), world.report()


@pytest.mark.parametrize(
    ("carrier", "thing", "setting", "at"),
    [
        ("truck.flatbed", "barrel", ROAD, IN_LANE),
        ("truck.flatbed, load: empty", "pallet", ROAD, IN_LANE),
        ("car.pickup", "crate", ROAD, IN_LANE),
        ("car.sedan", "box.carton", ROAD, IN_LANE),
        ("van", "crate", ROAD, IN_LANE),
        ("trailer", "barrel", ROAD, IN_LANE),
        ("bench", "cup", ROAD, IN_LANE),
        ("forklift", "pallet", HALL, IN_AISLE),
        ("forklift", "box.carton", HALL, IN_AISLE),
        ("forklift, load: pallet", "box.carton", HALL, IN_AISLE),
        ("workbench", "cup", HALL, IN_AISLE),
        ("trolley", "box.carton", HALL, IN_AISLE),
        ("pallet", "crate", HALL, IN_AISLE),
        ("robot.amr", "box.carton", HALL, IN_AISLE),
    ],
)
def test_things_that_stand_stay(carrier: str, thing: str, setting: str, at: str) -> None:
    seen, report = run(sampled(on(carrier, thing, at), setting, 1.2))
    assert np.abs(seen[60:, :3, 3] - seen[0, :3, 3]).max() < 0.005
    assert seen[-1, 2, 2] > 0.9999
    assert report.collisions == ()


@pytest.mark.parametrize("carrier", ["truck.flatbed", "car.pickup", "van", "bus"])
def test_things_on_a_vehicle_start_with_its_velocity(carrier: str) -> None:
    concrete = sampled(on(carrier, "crate", more=MOVING), ROAD, 1.2)
    with World(concrete) as world:
        snapshot = world.begin()
        index = world.scene.index
        assert snapshot.velocity_mps[index("thing")] == pytest.approx([12.0, 0.0, 0.0], abs=1e-6)
    seen, report = run(concrete)
    assert np.abs(seen[:, :3, 3] - seen[0, :3, 3]).max() < 0.01
    assert report.collisions == ()


def test_a_thing_on_a_thing_on_a_truck_rides_along() -> None:
    actors = on("truck.flatbed, load: empty", "pallet", more=MOVING)
    concrete = sampled(actors + "  cup: {model: cup, at: {on: thing}}\n", ROAD, 1.0)
    assert [a.carrier for a in concrete.actors] == [None, "carrier", "thing"]
    seen, report = run(concrete, "cup", "thing")
    assert np.abs(seen[:, :3, 3] - seen[0, :3, 3]).max() < 0.01
    assert report.collisions == ()


@pytest.mark.parametrize("more", ["", MOVING])
def test_things_stand_on_a_truck_that_stands_on_a_slope(more: str) -> None:
    at = "{lane: -1, s: 120 m}"
    concrete = sampled(on("truck.flatbed", "box.carton", at, more), "{road: slope, grade: 6 %}", 1.0)
    with World(concrete) as world:
        assert world.begin().world_from_entity[world.scene.index("carrier")][2, 0] == pytest.approx(0.06, abs=0.001)
    seen, report = run(concrete)
    assert np.abs(seen[:, :3, 3] - seen[0, :3, 3]).max() < 0.01
    assert seen[:, 2, 2].min() > 0.99999
    assert report.collisions == ()


@pytest.mark.parametrize("grade", [-15, 12, 15])
def test_a_pallet_finds_its_place_on_a_steep_slope(grade: int) -> None:
    """The truck's headboard leans over a load that would be asked for upright."""
    at = "{lane: -1, s: 100 m}"
    concrete = sampled(on("truck.flatbed", "pallet", at), f"{{road: slope, grade: {grade} %}}", 0.5)
    seen, report = run(concrete)
    assert seen[:, 2, 2].min() > 0.9999
    assert report.collisions == ()


def test_cargo_that_nothing_holds_slides_when_the_truck_brakes() -> None:
    """Wood on a bed slides from 0.55 * 0.5 g; a full stop is harder."""
    story = "story:\n  - {event: stop, when: time > 0.5 s, do: {carrier: {override_controls: {brake: 1}}}, for: 3 s}\n"
    seen, _ = run(sampled(on("truck.flatbed, load: empty", "crate", more=MOVING), ROAD, 3.0, story))
    assert seen[-1, 0, 3] > seen[0, 0, 3] + 0.2
    assert seen[-1, 2, 3] == pytest.approx(seen[0, 2, 3], abs=0.01)


@pytest.mark.parametrize("direction", ["back", "left"])
def test_lost_cargo_slides_over_its_bed_and_falls(direction: str) -> None:
    story = (
        "story:\n  - {event: lash, do: {thing: {attach: carrier}}}\n"
        f"  - {{event: off, when: time > 0.5 s, do: {{carrier: {{lose_cargo: {{direction: {direction}}}}}}}}}\n"
    )
    concrete = sampled(on("truck.flatbed", "box.carton", more=MOVING), ROAD, 5.0, story)
    seen, _ = run(concrete)
    places = seen[:, :3, 3]
    with World(concrete) as world:
        body = world.scene.entity("carrier").body
    assert body.deck is not None
    assert places[0, 2] == pytest.approx(body.deck.height_m, abs=1e-6)
    axis, edge = (0, 0.5 * body.box_size_m[0]) if direction == "back" else (1, 0.5 * body.deck.size_m[1])
    falls = next(k for k, z in enumerate(places[:, 2]) if z < places[0, 2] - 0.02)
    # Beyond the drop side, by less than it is long and slides while it begins to fall
    assert 0.0 < abs(places[falls, axis]) - edge < 0.5
    # On the road, on whichever of its sides
    assert places[-1, 2] < 0.3


def lost(direction: str, more: str = "load: empty", thing: str = "crate", end_s: float = 3.0) -> ConcreteScenario:
    story = (
        "story:\n  - {event: lash, do: {thing: {attach: carrier}}}\n"
        f"  - {{event: off, when: time > 0.5 s, do: {{carrier: {{lose_cargo: {{direction: {direction}}}}}}}}}\n"
    )
    return sampled(on(f"truck.flatbed, {more}", thing), ROAD, end_s, story)


@pytest.mark.parametrize("direction", ["back", "left", "right"])
def test_a_drop_side_falls_open_as_a_board_about_its_edge(direction: str) -> None:
    """Energy: the rate at which it is level follows from m g L / 2 over m L² / 3, and what it had before."""
    with World(lost(direction)) as world:
        gate = next(g for g in world.scene.entity("carrier").body.gates if g.side == direction)
        name = world.scene.joint_names.index(f"carrier.{gate.joint}")
        angles = np.array([snapshot.joints[name] for snapshot in world.run()])
        others = [f"carrier.{g.joint}" for g in world.scene.entity("carrier").body.gates if g.side != direction]
        last = world.snapshot().joints
    assert angles[0] == 0.0 and angles[-1] == pytest.approx(np.pi)
    assert [last[world.scene.joint_names.index(other)] for other in others] == [0.0, 0.0]
    k = int(np.argmax(angles > 0.5 * np.pi))
    rate = (angles[k] - angles[k - 1]) / TICK_S
    middle = 0.5 * (angles[k] + angles[k - 1])
    due = np.sqrt(UNLOCKED_RADPS**2 + 3.0 * GRAVITY_MPS2 / gate.height_m * (1.0 - np.cos(middle)))
    assert rate == pytest.approx(due, rel=0.02)


@pytest.mark.parametrize(
    ("direction", "load", "thing"),
    [
        ("back", "load: empty", "crate"),
        ("left", "load: empty", "crate"),
        ("right", "load: empty", "crate"),
        ("right", "load: crates", "pallet"),
    ],
)
def test_lost_cargo_goes_through_nothing_of_its_truck(direction: str, load: str, thing: str) -> None:
    """At no time does it overlap what is drawn of the truck, its sides as they hang at that time; where other cargo
    would stand in its way, it stands elsewhere."""
    with World(lost(direction, load, thing, 6.0)) as world:
        truck, cargo = world.scene.entity("carrier").body, world.scene.entity("thing").body
        for snapshot in world.run():
            joints = snapshot.joints[world.scene.entity("carrier").joints]
            body = replace(truck, rest=truck.pose_parts(joints))
            place = inverse(world.situation().pose("carrier")) @ world.situation().pose("thing")
            if world.holding.is_attached("thing"):
                still = Placed(name="carrier", body=body, world_from_body=np.eye(4))
                assert not reaches_into(still, footprint(place, cargo), *height_span(place, cargo))
        assert not world.holding.is_attached("thing")
        assert float(world.situation().position("thing")[2]) < 0.5


def test_the_bed_holds_nothing_on_the_side_that_hangs() -> None:
    with World(lost("left")) as world:
        body = world.scene.entity("carrier").body
        for _ in world.run():
            pass
        left = next(g for g in body.gates if g.side == "left")
        assert set(body.collision) - set(world.bed("carrier").collision) == {left.board}
        assert {c.actors for c in world.report().collisions} <= {("carrier", "thing")}


def test_what_has_left_its_carrier_collides_with_it_as_anything_does() -> None:
    story = "story:\n  - {event: off, when: time > 0.2 s, do: {thing: {teleport: {position: [90 m, -1.6 m]}}}}\n"
    _, report = run(sampled(on("van", "crate", more=MOVING), ROAD, 4.0, story))
    assert [c.actors for c in report.collisions] == [("carrier", "thing")]
    assert report.collisions[0].time_s > 0.7


@pytest.mark.parametrize(("carrier", "thing"), [("truck.tipper", "barrel"), ("pedestrian.adult", "cup")])
def test_a_carrier_without_a_level_place_says_so(carrier: str, thing: str) -> None:
    with pytest.raises(ScenarioRejected, match="'carrier' has no free level place on which 'thing'"):
        sampled(on(carrier, thing), ROAD, 1.0)


def test_a_loose_thing_never_falls_through_what_stands_still() -> None:
    """A vehicle that nobody moves is in the physics as long as something may press on it."""
    concrete = sampled(on("van", "crate"), ROAD, 0.5)
    with World(concrete) as world:
        z = [float(world.situation().position("thing")[2]) for _ in world.run()]
    assert len(z) == round(0.5 / TICK_S) + 2
    assert min(z) > z[0] - 0.002


def test_what_stands_on_a_thing_goes_along_when_it_is_lashed_and_falls_with_it() -> None:
    actors = on("truck.flatbed, load: empty", "pallet", more=MOVING) + "  crate: {model: crate, at: {on: thing}}\n"
    lash = "story:\n  - {event: lash, when: time > 0.1 s, do: {thing: {attach: carrier}}}\n"
    seen, report = run(sampled(actors, ROAD, 1.5, lash), "crate", "thing")
    assert np.abs(seen[:, :3, 3] - seen[0, :3, 3]).max() < 0.01
    assert report.collisions == ()
    off = "  - {event: off, when: time > 0.5 s, do: {carrier: {lose_cargo: {direction: back}}}}\n"
    seen, _ = run(sampled(actors, ROAD, 6.0, lash + off), "crate", "carrier")
    assert seen[-1, 2, 3] < 0.5


def test_nothing_is_attached_to_itself() -> None:
    story = "story:\n  - {event: lash, do: {thing: {attach: thing}}}\n"
    concrete = sampled(on("truck.flatbed", "crate"), ROAD, 1.0, story)
    with World(concrete) as world, pytest.raises(SimgenError, match="'thing' cannot be attached to itself"):
        list(world.run())


def test_who_would_be_left_behind_by_a_vehicle_that_moves_is_a_mistake() -> None:
    with pytest.raises(SimgenError, match="'carrier' moves, and would leave 'thing' behind") as caught:
        sampled(on("van", "pedestrian.child", more=MOVING), ROAD, 1.0)
    assert str(caught.value.where).startswith("<text>:8:")
    assert sampled(on("van", "pedestrian.child"), ROAD, 1.0).actors[1].carrier == "carrier"
    stacked = on("truck.flatbed, load: empty", "pallet", more=MOVING)
    with pytest.raises(SimgenError, match="'carrier' moves, and would leave 'child' behind"):
        sampled(stacked + "  child: {model: pedestrian.child, at: {on: thing}}\n", ROAD, 1.0)


@pytest.mark.parametrize("direction", ["back", "left"])
def test_cargo_that_slides_off_moves_as_its_velocity_says(direction: str) -> None:
    """In a turn: of what it stands on, turned about with it, and over it; and it jumps nowhere when it comes off."""
    actors = on("truck.flatbed, load: empty", "crate", more=", speed: 12 m/s")
    story = (
        "story:\n  - {event: lash, do: {thing: {attach: carrier}}}\n"
        "  - {event: turn, do: {carrier: {override_controls: {steer: 3 deg}}}}\n"
        "  - {event: off, when: time > 0.5 s,"
        f" do: {{carrier: {{lose_cargo: {{direction: {direction}, speed: 4 m/s}}}}}}}}\n"
    )
    with World(sampled(actors, ROAD, 3.5, story)) as world:
        thing, carrier = world.scene.index("thing"), world.scene.index("carrier")
        snapshots, attached = [], []
        for snapshot in world.run():
            snapshots.append(snapshot)
            attached.append(world.holding.is_attached("thing"))
        off = strays(snapshots, world.scene)
    assert not attached[-1]
    edge = snapshots[max(k for k, held in enumerate(attached) if held)]
    slides = edge.velocity_mps[thing] - edge.velocity_mps[carrier]
    assert np.linalg.norm(slides) > 2.0 and abs(edge.angular_velocity_radps[thing][2]) > 0.05
    assert off["carrier"] < 0.02 and off["thing"] < 0.1


def test_what_is_not_attached_and_what_is_in_its_way_are_told_at_once() -> None:
    scenario = parse(
        f"simgen: 1\nscenario: carrying\nrandomize: none\nsetting: {ROAD}\n"
        f"actors:\n{on('truck.flatbed, load: crates', 'crate')}"
        "story:\n  - {event: off, do: {carrier: {lose_cargo: thing}}}\n"
    )
    said = []
    for index in range(8):
        with pytest.raises(SimgenError, match="'carrier' carries no 'thing' that it could lose") as told:
            simgen.sample(scenario, index=index)
        said.append(str(told.value))
    assert any("'thing' cannot slide off 'carrier' to the back" in text for text in said)


@pytest.mark.parametrize("named", ["{cargo: thing}", "{}"])
def test_what_is_lost_takes_part_in_what_loses_it(named: str) -> None:
    actors = on("truck.flatbed, load: empty", "pallet") + "  crate: {model: crate, at: {on: thing}}\n"
    story = (
        "story:\n  - {event: lash, do: {thing: {attach: carrier}}}\n"
        f"  - {{event: off, when: time > 0.1 s, do: {{carrier: {{lose_cargo: {named}}}}}}}\n"
    )
    with World(sampled(actors, ROAD, 0.3, story)) as world:
        lash, off = list(world.run())[-1].events
    assert lash.actors == ("thing", "carrier")
    assert off.phase == "running" and off.actors == ("carrier", "thing", "crate")
