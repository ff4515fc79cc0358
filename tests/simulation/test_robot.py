"""The arm at work: it goes where it is told, takes things by friction alone, and loses them when its pads slip."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.sampling.concrete import ConcreteAction, ConcreteActor, ConcreteEvent, ConcreteScenario, Use
from simgen.simulation.robot import Unreachable
from simgen.simulation.world import World

ON_MAT_M = 0.7532


def scenario(*things: tuple[str, str, tuple[float, float], dict[str, float | str]], **more: object) -> ConcreteScenario:
    """A Panda on the bench, things on the mat: (name, model, (x, y), parameters)."""
    behavior = more.pop("behavior", None)
    panda = ConcreteActor(
        name="panda",
        model=Use(name="franka_panda"),
        position_m=(0.0, 0.0, 0.75),
        yaw_rad=0.0,
        behavior=behavior if isinstance(behavior, Use) else None,
    )
    actors = [
        ConcreteActor(name=name, model=Use(name=model, parameters=values), position_m=(*at, ON_MAT_M), yaw_rad=0.3)
        for name, model, at, values in things
    ]
    return ConcreteScenario(
        concrete="bench",
        seed=0,
        index=0,
        setting=Use(name="tabletop"),
        actors=(panda, *actors),
        story=more.get("story", ()),
        end="time > 60",
    )


def condition(world: World, name: str, **values: str) -> float | bool:
    answer: float | bool = vocabulary.conditions.get(name)(**values).measure(world.situation())
    return answer


def act(world: World, name: str, **values: object) -> None:
    """Runs an action to its end."""
    for _ in vocabulary.actions.get(name)(**values).run(world, "panda"):
        world.advance()


def in_tote(world: World, thing: str) -> bool:
    tote, situation = world.stage.surfaces["tote"], world.situation()
    away = np.abs(situation.position(thing)[:2] - tote.center_m)
    low = situation.position(thing)[2] - tote.height_m
    return bool((away < np.array(tote.size_m) / 2).all() and -0.01 < low < 0.08 and situation.speed(thing) < 0.02)


PICK = Use(name="pick_and_place", parameters={"surface": "mat", "into": "tote"})


def test_the_hand_goes_where_it_is_told_or_says_that_it_cannot() -> None:
    with World(scenario()) as world:
        world.begin()
        act(world, "reach", position=(0.5, -0.1, 0.9), yaw=0.5, speed=0.8)
        for _ in range(12):
            world.advance()
        tool = world.robot("panda").tool()
        assert tool[:3, 3] == pytest.approx([0.5, -0.1, 0.9], abs=1e-3)
        assert tool[:3, 0] == pytest.approx([np.cos(0.5), np.sin(0.5), 0.0], abs=5e-3)
        assert tool[:3, 2] == pytest.approx([0.0, 0.0, -1.0], abs=5e-3)
        # what is drawn is where the physics has it
        scene, snapshot = world.scene, world.snapshot()
        entity = scene.entity("panda")
        part, position = entity.body.keypoints["left_finger_tip"]
        node = entity.first_node + [p.name for p in entity.body.parts].index(part)
        drawn = snapshot.world_from_node[node] @ (*position, 1.0)
        true = world.physics.link_pose("panda", "panda_leftfinger") @ (*position, 1.0)
        assert drawn == pytest.approx(true, abs=1e-6)
        with pytest.raises(Unreachable, match=r"cannot reach \(1\.50"):
            act(world, "reach", position=(1.5, 0.0, 0.9))


def test_a_joint_moves_and_a_dead_one_sinks() -> None:
    with World(scenario()) as world:
        world.begin()
        act(world, "move_joints", joint="panda_joint4", position=-2.0)
        for _ in range(12):
            world.advance()
        assert condition(world, "joint_position", robot="panda", joint="panda_joint4") == pytest.approx(-2.0, abs=5e-3)
        fault = vocabulary.actions.get("joint_fault")(joint="panda_joint4", kind="dead").run(world, "panda")
        for _ in range(30):
            next(fault)
            world.advance()
        assert abs(condition(world, "joint_position", robot="panda", joint="panda_joint4") + 2.0) > 0.1
        fault.close()


def test_things_are_carried_to_the_tote_by_friction() -> None:
    things = (
        ("can", "can.soup", (0.56, -0.15), {}),
        ("fruit", "fruit", (0.45, 0.02), {"kind": "lemon", "size": 0.055}),
    )
    held_force = []
    with World(scenario(*things, behavior=PICK)) as world:
        world.begin()
        while world.time_s < 15.0 and not all(in_tote(world, thing) for thing in ("can", "fruit")):
            world.advance()
            for thing in ("can", "fruit") if world.tick % 6 == 0 else ():
                if condition(world, "grasped", thing=thing):
                    held_force.append(condition(world, "contact_force", a="panda", b=thing))
        for thing in ("can", "fruit"):
            assert in_tote(world, thing)
            assert not condition(world, "grasped", thing=thing)
    # two fingers of 40 N each press while it is carried
    assert len(held_force) > 20
    assert np.median(held_force) == pytest.approx(80.0, rel=0.15)


@pytest.mark.parametrize("model", ["can.soup", "box.carton"])
def test_a_thing_slips_out_of_the_hand(model: str) -> None:
    slip = ConcreteEvent(
        name="slip",
        when="grasped(thing) and thing.z > 0.9",
        duration_s=1.2,
        do=(ConcreteAction(subject="panda", action=Use(name="gripper_slip")),),
    )
    behavior = Use(name="pick_and_place", parameters={"surface": "mat", "into": "tote", "lift": 0.36})
    with World(scenario(("thing", model, (0.5, -0.1), {}), behavior=behavior, story=(slip,))) as world:
        world.begin()
        highest, digests = 0.0, []
        while world.time_s < 5.0:
            snapshot = world.advance()
            digests.append(snapshot.state_digest)
            highest = max(highest, float(world.situation().position("thing")[2]))
        event = world.snapshot().events[0]
        assert event.phase == "complete"
        thing = world.situation()
        # it was up in the hand, and now lies where it fell, outside of the tote
        assert highest > 0.9 and thing.position("thing")[2] < 0.82
        assert not condition(world, "grasped", thing="thing")
        assert thing.position("thing")[1] < 0.3
        robot = world.robot("panda")
        assert robot.grip_share == 1.0 and robot.pad_share == 1.0


@pytest.mark.parametrize("friction", [0.25, 0.5])
def test_nothing_hangs_on_pads_that_have_lost_their_friction(friction: float) -> None:
    """Pressed with 12 N between pads without friction, a bottle falls freely: by 0.5 g t² once they have lost it."""
    shape = {"diameter": 0.0517, "height": 0.1345, "design": 301}
    bench = scenario(("thing", "bottle", (0.519248, 0.116854), shape), behavior=PICK)
    slick = {"friction": friction, "yaw_rad": 0.94867}
    actors = tuple(a.model_copy(update=slick) if a.name == "thing" else a for a in bench.actors)
    with World(bench.model_copy(update={"actors": actors})) as world:
        world.begin()
        while not (condition(world, "grasped", thing="thing") and world.situation().position("thing")[2] > 0.88):
            world.advance()
        slip = vocabulary.actions.get("gripper_slip")(friction=0.0, grip=0.3).run(world, "panda")
        heights, speeds = [], []
        for _ in range(19):
            next(slip)
            world.advance()
            heights.append(world.situation().position("thing")[2])
            speeds.append(world.situation().velocity("thing")[2])
        slip.close()
    lost, ticks = 10, 8  # 0.15 s to lose it, and a tick to be past it
    fallen_s = ticks / 60
    expected = speeds[lost] * fallen_s - 0.5 * 9.81 * fallen_s**2
    # it tilts as it leaves the pads
    assert heights[lost + ticks] - heights[lost] == pytest.approx(expected, rel=0.12)


def test_two_runs_are_the_same_bit_for_bit_and_end_cleanly() -> None:
    things = (("can", "can.soup", (0.5, -0.1), {}),)
    digests = []
    for _ in range(2):
        slip = ConcreteEvent(
            name="slip", do=(ConcreteAction(subject="panda", action=Use(name="gripper_slip")),), when="time > 0.5"
        )
        with World(scenario(*things, behavior=PICK, story=(slip,))) as world:
            world.begin()
            for _ in range(70):
                snapshot = world.advance()
            digests.append(snapshot.state_digest)
        gc.collect()  # an event that still runs is dropped with the world, and must not touch it any more
    assert digests[0] == digests[1]
