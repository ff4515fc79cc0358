"""Time, events and variables."""

from __future__ import annotations

from simgen.core.declare import reference, text
from simgen.core.errors import UnknownName
from simgen.core.vocabulary import conditions
from simgen.scene.situation import Condition, Situation


@conditions.register("time")
class Time(Condition):
    """Time since the start of the episode."""

    unit = "s"

    def measure(self, situation: Situation) -> float:
        return situation.time_s


@conditions.register("time_of_day")
class TimeOfDay(Condition):
    """Local solar time."""

    unit = "s"

    def measure(self, situation: Situation) -> float:
        return situation.snapshot.environment.time_of_day_h * 3600.0 + situation.time_s


@conditions.register("started")
class Started(Condition):
    """An event has started, whether or not it is over; ``complete`` asks for its end."""

    event: str = reference("event", help="which")

    def measure(self, situation: Situation) -> bool:
        return situation.event(self.event).start_s is not None


@conditions.register("fired")
class Fired(Started):
    """An event has started at any time; for expectations."""


@conditions.register("running")
class Running(Condition):
    """An event is going on."""

    event: str = reference("event", help="which")

    def measure(self, situation: Situation) -> bool:
        return situation.event(self.event).phase == "running"


@conditions.register("complete")
class Complete(Condition):
    """An event is over: ``when: complete(e)`` waits for the end of e."""

    event: str = reference("event", help="which")

    def measure(self, situation: Situation) -> bool:
        return situation.event(self.event).phase == "complete"


@conditions.register("variable")
class Variable(Condition):
    """Value that the action set_variable has set."""

    unit = ""

    name: str = text(help="name of the variable", names="variable")

    def measure(self, situation: Situation) -> float:
        if self.name not in situation.variables:
            raise UnknownName(kind="variable", name=self.name, known=situation.variables)
        return situation.variables[self.name]
