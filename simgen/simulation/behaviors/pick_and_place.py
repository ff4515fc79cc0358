from __future__ import annotations

from collections.abc import Generator, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, reference, text
from simgen.core.errors import UnknownName
from simgen.core.geometry import Array
from simgen.core.vocabulary import behaviors
from simgen.scene.scene import Entity
from simgen.scene.situation import Situation
from simgen.scene.stage import Surface
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.grasping import Grasp, plan, solid, tool_pose
from simgen.simulation.robot import CLOSING_TICKS, OPENING_TICKS, Unreachable

if TYPE_CHECKING:
    from simgen.simulation.robot import Robot
    from simgen.simulation.world import World

DESCENT_MPS, LIFT_MPS = 0.20, 0.45
NEAR_M, DROP_M = 0.05, 0.04
"""Height above the grasp from which the hand goes slowly; height from which a thing is let go."""
SETTLING_TICKS, STARTLED_TICKS, IDLE_TICKS = 24, 45, 120
GRIP_LOST_TICKS = 18
"""A grip that is gone for so long (0.3 s) is noticed."""
PALM_ROOM_M = (0.085, 0.115)
"""What the hand needs from the middle of its fingers to a wall of the target, along and across."""
SPOTS = ((0.0, -0.5), (0.0, 0.5), (-1.0, 0.0), (1.0, 0.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, -1.0))
"""Where things are let go one after the other, as shares of the room that the hand has over the target."""


@behaviors.register("pick_and_place")
class PickAndPlace(Behavior):
    """Takes loose things from a surface one after the other, from above, and lets them go over another surface.

    It knows where things are; what it does with them is up to friction and force. A thing that slips away is left
    where it falls until its turn comes again.
    """

    needs = ("robot",)

    surface: str = text(help="where to take things from", default="table")
    into: str = text(help="surface to put them on", default="tote")
    only: str = text(help="pattern of the actors to take, such as item_*", default="*")
    first: str | None = reference("actor", help="the thing to begin with", default=None)
    speed: float = quantity("m/s", low=0.02, high=2, default=0.7, help="top speed of the hand")
    lift: float = quantity("m", low=0.05, high=0.8, default=0.25, help="height above the surface to lift things to")

    def run(self, world: World, actor: str) -> Steps:
        robot = world.robot(actor)
        source, target = _surface(world, self.surface), _surface(world, self.into)
        tries: dict[str, int] = {}
        placed = 0
        yield from robot.wait(SETTLING_TICKS)
        while True:
            situation = world.situation()
            chosen = self._choose(situation, robot, source, target, tries)
            if chosen is None:
                yield from robot.move_joints(robot.rest)
                yield from robot.wait(IDLE_TICKS)
                tries.clear()
                continue
            thing, grasp = chosen
            tries[thing] = tries.get(thing, 0) + 1
            try:
                yield from self._take(robot, source, grasp)
                drop = self._drop_pose(situation, thing, grasp, target, placed)
                held = yield from self._carry(robot, thing, source, drop)
            except Unreachable:
                held = False
            if held:
                placed += 1
                robot.set_fingers(robot.hand.stroke_m)
                yield from robot.wait(OPENING_TICKS)
            else:
                yield from robot.wait(STARTLED_TICKS)
                robot.set_fingers(robot.hand.stroke_m)

    def _choose(
        self, situation: Situation, robot: Robot, source: Surface, target: Surface, tries: dict[str, int]
    ) -> tuple[str, Grasp] | None:
        """The thing that is easiest to take, and how; None when nothing is left that can be."""
        loose = [e.name for e in situation.scene.entities if _loose(e)]
        solids = {name: solid(situation.body(name), situation.pose(name)) for name in loose}
        wanted = [
            name
            for name in loose
            if fnmatchcase(name, self.only)
            and tries.get(name, 0) < 2
            and situation.speed(name) < 0.05
            and _on(source, solids[name].middle_m)
            and not _on(target, solids[name].middle_m)
            and abs(solids[name].bottom_m - source.height_m) < 0.05
        ]
        best: tuple[str, Grasp] | None = None
        for name in wanted:
            others = [solids[n] for n in loose if n != name]
            grasp = plan(solids[name], others, robot.hand, situation.position(robot.name))
            if grasp is None or robot.solve(grasp.world_from_tool, robot.rest, iterations=200) is None:
                continue
            if name == self.first and name not in tries:
                return name, grasp
            if best is None or grasp.score > best[1].score + 1e-9:
                best = (name, grasp)
        return best

    def _take(self, robot: Robot, source: Surface, grasp: Grasp) -> Iterator[None]:
        """Over the thing, down, and the fingers closed."""
        pose = grasp.world_from_tool
        travel = source.height_m + self.lift
        here = robot.commanded_tool()
        if here[2, 3] < travel:
            yield from robot.move_tool(_at_height(here, travel), self.speed)
        robot.set_fingers(grasp.open_gap_m)
        yield from robot.move_tool(_at_height(pose, travel), self.speed)
        yield from robot.move_tool(_at_height(pose, pose[2, 3] + NEAR_M), self.speed)
        yield from robot.move_tool(pose, DESCENT_MPS)
        robot.set_fingers(0.0)
        yield from robot.wait(CLOSING_TICKS)

    def _carry(self, robot: Robot, thing: str, source: Surface, drop: Array) -> Generator[None, None, bool]:
        """Up, across and down to ``drop``. Returns whether the thing is still held; stops where it was lost."""
        travel = max(source.height_m + self.lift, float(drop[2, 3]) + 0.02)
        lifted = _at_height(robot.commanded_tool(), travel)
        for pose, speed in ((lifted, LIFT_MPS), (_at_height(drop, travel), self.speed), (drop, self.speed)):
            empty = 0
            for _ in robot.move_tool(pose, speed):
                empty = 0 if robot.grips(thing) else empty + 1
                if empty > GRIP_LOST_TICKS:
                    return False
                yield
        return True

    def _drop_pose(self, situation: Situation, thing: str, grasp: Grasp, target: Surface, placed: int) -> Array:
        """A pose of the tool over the target from which the thing has a short way to fall."""
        u, v = SPOTS[placed % len(SPOTS)]
        c, s = np.cos(target.yaw_rad), np.sin(target.yaw_rad)
        x, y = u * max(target.size_m[0] / 2 - PALM_ROOM_M[0], 0.0), v * max(target.size_m[1] / 2 - PALM_ROOM_M[1], 0.0)
        spot = np.array([target.center_m[0] + c * x - s * y, target.center_m[1] + s * x + c * y])
        floor = target.height_m
        for entity in situation.scene.entities:
            if _loose(entity) and entity.name != thing:
                other = solid(entity.body, situation.pose(entity.name))
                if _on(target, other.middle_m) and np.linalg.norm(other.middle_m - spot) < 0.12:
                    floor = max(floor, other.top_m)
        below = float(grasp.world_from_tool[2, 3]) - solid(situation.body(thing), situation.pose(thing)).bottom_m
        return tool_pose(spot, floor + below + DROP_M, target.yaw_rad)


def _loose(entity: Entity) -> bool:
    body = entity.body
    moves = body.urdf is not None or body.base is not None or body.gait is not None or body.vehicle is not None
    return not (entity.static or body.fixed or moves or body.surface)


def _on(surface: Surface, point_m: Array) -> bool:
    """Whether a point (2,) lies within the rectangle of a surface."""
    dx, dy = np.asarray(point_m) - surface.center_m
    c, s = np.cos(surface.yaw_rad), np.sin(surface.yaw_rad)
    u, v = c * dx + s * dy, -s * dx + c * dy
    return bool(abs(u) <= surface.size_m[0] / 2 and abs(v) <= surface.size_m[1] / 2)


def _at_height(world_from_tool: Array, height_m: float) -> Array:
    """The same pose at another height, pointing down as it did."""
    raised = world_from_tool.copy()
    raised[2, 3] = height_m
    return raised


def _surface(world: World, name: str) -> Surface:
    try:
        return world.stage.surfaces[name]
    except KeyError:
        raise UnknownName(kind="surface", name=name, known=world.stage.surfaces) from None
