from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, reference, text
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.vocabulary import behaviors
from simgen.scene.situation import Situation
from simgen.scene.stage import Surface
from simgen.simulation.action import Behavior
from simgen.simulation.grasping import Grasp, plan, solid, tool_pose

if TYPE_CHECKING:
    from simgen.simulation.robot import Robot
    from simgen.simulation.world import World

CLEARANCE_M = 0.12
"""Between the highest thing and the tool while it travels without one."""
DESCENT_MPS = 0.16
CLOSING_TICKS, OPENING_TICKS = 36, 18
GRIP_LOST_TICKS = 18
"""A grip that is gone for so long (0.3 s) is noticed."""


@behaviors.register("pick_and_place")
class PickAndPlace(Behavior):
    """Takes loose things from a surface one after the other, from above, and lets them go over another surface.

    It knows where things are; what it does with them is up to friction and force. A thing that slips away is left
    where it falls until its turn comes again.
    """

    surface: str = text(help="where to take things from", default="table")
    into: str = text(help="surface to put them on", default="tote")
    only: str = text(help="pattern of the actors to take, such as item_*", default="*")
    first: str | None = reference("actor", help="the thing to begin with", default=None)
    speed: float = quantity("m/s", low=0.02, high=2, default=0.45, help="of the hand while it carries")
    lift: float = quantity("m", low=0.05, high=0.8, default=0.30, help="height above the surface to lift things to")

    def run(self, world: World, actor: str) -> Iterator[None]:
        robot = world.robot(actor)
        source, target = _surface(world, self.surface), _surface(world, self.into)
        if self.first is not None:
            world.scene.index(self.first)
        given_up: dict[str, int] = {}
        for _ in range(30):
            yield
        turn = 0
        while True:
            situation = world.situation()
            chosen = self._choose(situation, robot, source, target, given_up)
            if chosen is None:
                yield from robot.move_joints(robot.rest)
                for _ in range(60):
                    yield
                given_up.clear()
                continue
            thing, grasp = chosen
            given_up[thing] = given_up.get(thing, 0) + 1
            yield from self._take(robot, source, grasp, situation, thing)
            for _ in range(CLOSING_TICKS):
                yield
            lost = yield from self._carry(robot, thing, source, target, turn)
            turn += 1
            robot.set_fingers(robot.hand.stroke_m)
            for _ in range(60 if lost else OPENING_TICKS):
                yield
            if not lost:
                yield from robot.move_tool(_raised(robot, source.height_m + self.lift), self.speed)

    def _choose(
        self, situation: Situation, robot: Robot, source: Surface, target: Surface, given_up: dict[str, int]
    ) -> tuple[str, Grasp] | None:
        """The thing that is easiest to take, and how; None when nothing is left that can be."""
        loose = [e.name for e in situation.scene.entities if not e.static and e.body.urdf is None and not e.body.fixed]
        solids = {name: solid(situation.body(name), situation.pose(name)) for name in loose}
        wanted = [
            name
            for name in loose
            if fnmatchcase(name, self.only)
            and given_up.get(name, 0) < 2
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
            if name == self.first and name not in given_up:
                return name, grasp
            if best is None or grasp.score > best[1].score + 1e-9:
                best = (name, grasp)
        return best

    def _take(self, robot: Robot, source: Surface, grasp: Grasp, situation: Situation, thing: str) -> Iterator[None]:
        above = grasp.world_from_tool.copy()
        above[2, 3] = max(above[2, 3] + CLEARANCE_M, source.height_m + self.lift)
        yield from robot.move_tool(_raised(robot, above[2, 3]), self.speed)
        robot.set_fingers(grasp.open_gap_m)
        yield from robot.move_tool(above, self.speed)
        near = grasp.world_from_tool.copy()
        near[2, 3] += 0.05
        yield from robot.move_tool(near, self.speed)
        yield from robot.move_tool(grasp.world_from_tool, DESCENT_MPS)
        robot.set_fingers(0.0)

    def _carry(self, robot: Robot, thing: str, source: Surface, target: Surface, turn: int) -> Iterator[None]: ...


def _surface(world: World, name: str) -> Surface:
    try:
        return world.stage.surfaces[name]
    except KeyError:
        raise UnknownName(kind="surface", name=name, known=world.stage.surfaces) from None
