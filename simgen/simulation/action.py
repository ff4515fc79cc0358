"""The bases of what makes things happen: actions (begun and ended by the story) and behaviours (an actor's own)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np

from simgen.core.declare import Declared
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.geometry import Array

Steps: TypeAlias = Generator[None, None, None]
"""What ``run`` gives: advanced at control ticks, closed when time is up."""

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.movement import Mover
    from simgen.scene.road import RoadNetwork
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World


class Action(Declared):
    """Something the story does to a subject. ``run`` is advanced once per control tick (60 Hz); the action is complete
    when it returns, and it is closed (GeneratorExit) when the event's time is up."""

    subjects: ClassVar[tuple[str, ...]] = ("actor",)
    """What it can be done to: actor, sensor, world."""
    needs: ClassVar[tuple[Mover, ...]] = ()
    """What moves the actors that it can be done to; () for all."""
    moves: ClassVar[tuple[str, ...]] = ()
    """What of its subject it moves as long as it runs. Two that move the same at once stand against each other."""

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        """Tells, before anything runs, what can never be done.

        Args:
            body: of the subject; None for the world.

        Raises:
            SimgenError: with the parameter that is wrong as ``where``, if it is one.
        """

    @abstractmethod
    def run(self, world: World, subject: str) -> Steps: ...

    def takes_along(self, world: World, subject: str) -> list[str]:
        """Names of those that take part, as it starts, beside the subject and those that the parameters name."""
        return []

    def lead_s(self, world: World, subject: str, distance_m: float) -> float:
        """Time from the start of the action until the subject has moved ``distance_m``; for ``meet``."""
        raise NotImplementedError(f"{type(self).__name__} moves nobody to a meeting")

    def lead_aside_m(self, world: World, subject: str, distance_m: float) -> Array:
        """(2,) how far from its straight way the subject then is, in the world; for ``meet``."""
        return np.zeros(2)


class Behavior(Declared):
    """What an actor does by itself. ``run`` is advanced at every control tick, or at one in ``every_ticks``, until the
    episode ends; what it asked for holds in between."""

    every_ticks: ClassVar[int] = 1
    needs: ClassVar[tuple[Mover, ...]] = ()
    """What moves the actors that can have it; () for all."""

    @abstractmethod
    def run(self, world: World, actor: str) -> Steps: ...


@contextmanager
def named(parameter: str) -> Iterator[None]:
    """What is found wrong within is wrong with this parameter."""
    try:
        yield
    except SimgenError as error:
        error.where = parameter
        raise


def require_road(stage: Stage) -> RoadNetwork:
    """The roads of a stage. Raises SimgenError where there are none."""
    if stage.road is None:
        raise SimgenError("this setting has no road", remedy="choose a setting with one, as setting: {road: …}")
    return stage.road


def known_joint(name: str, body: Body) -> int:
    """The number of a joint. Raises UnknownName."""
    if name not in body.joints:
        raise UnknownName(kind="joint", name=name, known=body.joints, where="joint")
    return body.joints.index(name)
