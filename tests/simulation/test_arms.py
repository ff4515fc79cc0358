"""Every arm: it reaches what it can reach, holds by friction, keeps to its limits, and obeys torque."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.geometry import pose
from simgen.core.seeds import Key
from simgen.sampling.concrete import ConcreteActor, ConcreteScenario, Use
from simgen.scene import urdf
from simgen.simulation.world import World

ARMS = ("franka_panda", "kuka_iiwa", "xarm")
BENCH_M = 0.75


def bench(
    arm: str, *things: tuple[str, tuple[float, float, float], dict[str, float | str]], **motors: float
) -> ConcreteScenario:
    """An arm on the bench, and things: (model, position, parameters), named thing_0, thing_1, …"""
    actors = [ConcreteActor(name="arm", model=Use(name=arm), position_m=(0.0, 0.0, BENCH_M), yaw_rad=0.0, **motors)]
    actors += [
        ConcreteActor(name=f"thing_{k}", model=Use(name=model, parameters=values), position_m=at, yaw_rad=0.0)
        for k, (model, at, values) in enumerate(things)
    ]
    return ConcreteScenario(
        concrete="bench", seed=0, index=0, setting=Use(name="tabletop"), actors=tuple(actors), end="time > 60"
    )


def act(world: World, name: str, **values: object) -> None:
    for _ in vocabulary.actions.get(name)(**values).run(world, "arm"):
        world.advance()


def turned_rad(a: np.ndarray, b: np.ndarray) -> float:
    """Angle between two rotations."""
    return float(np.arccos(np.clip((np.trace(a[:3, :3].T @ b[:3, :3]) - 1) / 2, -1, 1)))


@pytest.mark.parametrize("arm", ARMS)
def test_inverse_kinematics_find_random_poses_in_reach(arm: str) -> None:
    with World(bench(arm)) as world:
        robot = world.robot("arm")
        lower = np.array([j.lower for j in robot.model.movable])
        upper = np.array([j.upper for j in robot.model.movable])
        low, high = np.maximum(lower, -np.pi), np.minimum(upper, np.pi)
        rng = Key(3, 0, "poses").generator()
        found = 0
        for _ in range(12):
            q = low + rng.uniform(0.05, 0.95, len(low)) * (high - low)
            wanted = pose((0.0, 0.0, BENCH_M)) @ robot.model.forward(q)[robot.hand.tool_link]
            answer = robot.find(wanted)
            if answer is None:
                continue
            found += 1
            assert (answer >= lower - 1e-9).all() and (answer <= upper + 1e-9).all()
            reached = pose((0.0, 0.0, BENCH_M)) @ robot.model.forward(answer)[robot.hand.tool_link]
            assert np.linalg.norm(reached[:3, 3] - wanted[:3, 3]) < 0.005
            assert turned_rad(reached, wanted) < np.radians(1.0)
        assert found >= 11


@pytest.mark.parametrize("arm", ARMS)
def test_our_kinematics_are_those_of_the_physics(arm: str) -> None:
    with World(bench(arm)) as world:
        world.begin()
        act(world, "reach", position=(0.40, 0.10, 1.05), yaw=0.3)
        for _ in range(15):
            world.advance()
        robot = world.robot("arm")
        frames = robot.model.forward(robot.joints())
        ours = pose((0.0, 0.0, BENCH_M)) @ frames[robot.hand.tool_link]
        assert robot.tool() == pytest.approx(ours, abs=1e-5)
        assert robot.tool()[:3, 3] == pytest.approx([0.40, 0.10, 1.05], abs=5e-3)
        assert robot.tool()[:3, 2] == pytest.approx([0.0, 0.0, -1.0], abs=0.0175)


@pytest.mark.parametrize("arm", ARMS)
def test_half_a_kilogram_is_held_while_it_moves_and_slips_from_oily_pads(arm: str) -> None:
    size = {"length": 0.10, "width": 0.05, "height": 0.08}
    carton = ("box.carton", (0.42, 0.0, BENCH_M + 0.0032), {**size, "density": 0.5 / (0.10 * 0.05 * 0.08)})
    with World(bench(arm, carton)) as world:
        world.begin()
        act(world, "release")
        act(world, "reach", position=(0.42, 0.0, 0.98))
        act(world, "reach", position=(0.42, 0.0, 0.797), speed=0.2)
        act(world, "grasp")
        held = []
        act(world, "reach", position=(0.42, 0.0, 1.05), speed=0.5)
        for x, y in ((0.45, 0.16), (0.38, -0.16)):
            act(world, "reach", position=(x, y, 1.05), speed=0.8)
            held.append(world.robot("arm").grips("thing_0"))
        assert all(held)
        tool, thing = world.robot("arm").tool()[:3, 3], world.situation().position("thing_0")
        assert thing[2] > 0.95 and np.linalg.norm(thing[:2] - tool[:2]) < 0.01
        slip = vocabulary.actions.get("gripper_slip")(friction=0.06, grip=0.1).run(world, "arm")
        for _ in range(70):
            next(slip)
            world.advance()
        assert world.situation().position("thing_0")[2] < 0.85
        slip.close()


@pytest.mark.parametrize("arm", ARMS)
def test_a_joint_stays_within_its_limits(arm: str) -> None:
    with World(bench(arm)) as world:
        world.begin()
        robot = world.robot("arm")
        joint = robot.model.movable[0]
        act(world, "move_joints", joint=joint.name, position=joint.upper + 0.8)
        for _ in range(30):
            world.advance()
        assert robot.joints()[0] == pytest.approx(joint.upper, abs=0.01)
        # nor does a torque push it through
        robot.torques[0] = 60.0
        for _ in range(30):
            world.advance()
        assert robot.joints()[0] < joint.upper + 0.02


def test_torque_turns_the_last_joint_as_newton_says() -> None:
    """The last axis of the rest pose is upright, so that gravity has no part in it."""
    rates = []
    for torque in (0.004, 0.008):
        with World(bench("kuka_iiwa")) as world:
            world.begin()
            robot = world.robot("arm")
            index = world.scene.entity("arm").body.joints.index("lbr_iiwa_joint_7")
            before = robot.joints()[index]
            robot.torques[index] = torque
            for _ in range(6):
                world.advance()
            rates.append(float(robot.joints()[index] - before))
    assert rates[0] > 1e-4
    assert rates[1] / rates[0] == pytest.approx(2.0, rel=0.05)


def test_a_payload_pulls_a_weak_arm_down_and_is_taken_off() -> None:
    """At the shoulder of the xArm its load of 30 kg asks for more than the motor's 50 N m."""
    with World(bench("xarm")) as world:
        world.begin()
        act(world, "reach", position=(0.50, 0.0, 1.05))
        high = world.robot("arm").tool()[2, 3]
        load = vocabulary.actions.get("payload")(mass=30.0).run(world, "arm")
        for _ in range(40):
            next(load)
            world.advance()
        low = world.robot("arm").tool()[2, 3]
        load.close()
        for _ in range(90):
            world.advance()
        assert low < high - 0.03
        assert world.robot("arm").tool()[2, 3] == pytest.approx(high, abs=0.01)


def test_a_protective_stop_holds_the_arm_and_lets_it_go_on() -> None:
    with World(bench("xarm")) as world:
        world.begin()
        motion = world.robot("arm").move_joints(np.array([1.0, -0.35, -0.75, 0.0, 1.1, 0.0, 0.04, 0.04]))
        stop = vocabulary.actions.get("protective_stop")(over=0.1).run(world, "arm")
        for _ in range(20):
            next(motion)
            world.advance()
        positions = []
        for _ in range(40):
            next(motion)
            next(stop)
            world.advance()
            positions.append(world.robot("arm").joints()[0])
        assert positions[-1] == pytest.approx(positions[-20], abs=1e-4)
        stop.close()
        for _ in motion:
            world.advance()
        for _ in range(15):
            world.advance()
        assert world.robot("arm").joints()[0] == pytest.approx(1.0, abs=5e-3)


@pytest.mark.parametrize("arm", ("kuka_iiwa", "xarm"))
def test_an_arm_put_together_names_its_source(arm: str) -> None:
    body = vocabulary.models.get(arm)().build()
    assert body.urdf is not None and urdf.is_text(body.urdf)
    assert body.asset.digest == urdf.load(body.urdf).digest
    # the digest does not depend on where the mesh files are installed
    moved = body.urdf.replace("/pybullet_data/", "/pybullet_data/../pybullet_data/")
    assert urdf.load(moved).digest == body.asset.digest


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.5])
def test_a_weaker_motor_lags_further_behind(gain: float) -> None:
    """Position control takes away the share g = 0.15 gain of the error in each step. Behind a target that moves by 0.01
    rad in each tick, evenly over its four steps, the error settles where a step takes away what one adds: what is left
    of it is 0.0025 (1 - g) / g."""
    with World(bench("kuka_iiwa", motor_gain=gain)) as world:
        world.begin()
        robot = world.robot("arm")
        for _ in range(60):
            robot.targets[6] += 0.6 / 60
            world.advance()
        share = 0.15 * gain
        lag = robot.targets[6] - robot.joints()[6]
        assert lag == pytest.approx(0.0025 * (1.0 - share) / share, rel=0.05)


def test_rubbing_joints_stop_short_on_the_side_they_come_from() -> None:
    """A motor gives all it can at an error of 0.1 rad: 5 % of that is lost to friction at 0.005 rad."""
    with World(bench("kuka_iiwa", joint_friction=0.05)) as world:
        world.begin()
        robot, ends = world.robot("arm"), []
        for start in (0.0, 0.8):
            for goal in (start, 0.4):
                robot.targets[6] = goal
                for _ in range(40):
                    world.advance()
            ends.append(robot.joints()[6])
        assert ends == pytest.approx([0.395, 0.405], abs=5e-4)


def test_a_torque_below_the_friction_of_its_joint_moves_nothing() -> None:
    """The KUKA's last motor gives 40 N m: one part in ten thousand of that rubs."""
    turned = []
    for torque, friction in ((0.003, 1e-4), (0.008, 1e-4), (0.004, 0.0)):
        with World(bench("kuka_iiwa", joint_friction=friction)) as world:
            world.begin()
            robot = world.robot("arm")
            before = robot.joints()[6]
            robot.torques[6] = torque
            for _ in range(6):
                world.advance()
            turned.append(float(robot.joints()[6] - before))
    assert abs(turned[0]) < 1e-6
    assert turned[1] == pytest.approx(turned[2], rel=0.05)
