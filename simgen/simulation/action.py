"""The bases of what makes things happen: actions (begun and ended by the story) and behaviours (an actor's own)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from simgen.core.declare import Declared

Steps: TypeAlias = Generator[None, None, None]
"""What ``run`` gives: advanced at control ticks, closed when time is up."""

if TYPE_CHECKING:
    from simgen.simulation.world import World


class Action(Declared):
    """Something the story does to a subject. ``run`` is advanced once per control tick (60 Hz); the action is complete
    when it returns, and it is closed (GeneratorExit) when the event's time is up."""

    subjects: ClassVar[tuple[str, ...]] = ("actor",)
    """What it can be done to: actor, sensor, world."""

    @abstractmethod
    def run(self, world: World, subject: str) -> Steps: ...

    def lead_s(self, world: World, subject: str, distance_m: float) -> float:
        """Time from the start of the action until the subject has moved ``distance_m``; for ``meet``."""
        raise NotImplementedError(f"{type(self).__name__} moves nobody to a meeting")


class Behavior(Declared):
    """What an actor does by itself. ``run`` is advanced at every control tick, or at one in ``every_ticks``, until the
    episode ends; what it asked for holds in between."""

    every_ticks: ClassVar[int] = 1

    @abstractmethod
    def run(self, world: World, actor: str) -> Steps: ...
