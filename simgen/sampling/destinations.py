"""Where the story puts actors: not into what stands there for good."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from simgen.core import vocabulary
from simgen.core.errors import SimgenError
from simgen.core.geometry import yaw_of
from simgen.language.logical import LogicalScenario
from simgen.sampling.concrete import ConcreteEvent
from simgen.sampling.obstacles import Placed, blocked_by, in_the_way, rise_of
from simgen.sampling.placement import NoRoom, Spot
from simgen.scene.body import Body
from simgen.scene.stage import Stage

ELSEWHERE = "choose another place"


def check_destinations(
    scenario: LogicalScenario,
    story: Sequence[ConcreteEvent],
    bodies: Mapping[str, Body],
    spots: Mapping[str, Spot],
    stage: Stage,
) -> None:
    """Raises NoRoom, where it is written, for an actor that would be teleported into something fixed. Who else is there
    by then, and which way an actor faces that is not told to turn, only the run knows."""
    for event, concrete in zip(scenario.story, story, strict=True):
        for do, done in zip(event.do, concrete.do, strict=True):
            if done.action.name != "teleport" or done.subject not in bodies:
                continue
            action = vocabulary.actions.get("teleport")(where=str(do.place), **done.action.parameters)
            start, body = spots[done.subject].pose, bodies[done.subject]
            try:
                pose = action.destination(stage, yaw_of(start), float(start[2, 3]))
            except SimgenError:  # a place that the road has not: a mistake, and told as one
                continue
            there = Placed(name=done.subject, body=body if action.turns else _core(body), world_from_body=pose)
            blocker = blocked_by(there, [], stage)
            if blocker is not None:
                said = in_the_way(replace(there, body=body), blocker)
                raise NoRoom(done.subject, said, rise_of(stage, there, blocker) or ELSEWHERE, do.place)


def _core(body: Body) -> Body:
    """A body that lies within this one whichever way that is turned."""
    length, width, height = body.box_size_m
    side = min(length, width) / math.sqrt(2.0)
    return replace(body, box_size_m=(side, side, height))
