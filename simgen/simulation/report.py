"""What happened in an episode: events, expectations, collisions. It is stored beside the frames."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from simgen.language.ending import LONGEST_S

CUT_OFF = f"time > {LONGEST_S:g} s (no end stated came true)"
"""What ended an episode that nothing else has ended."""

LATE_S = 0.05
"""Three ticks: what follows its herald, and each event that begins at the tick after the instant that was solved for,
may be later than planned by less."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Closest(_Frozen):
    """The nearest that a comparison came to turning true: ``value`` of its left side at ``time_s``."""

    comparison: str
    value: float
    time_s: float


class MeetReport(_Frozen):
    """How a meeting came out.

    Attributes:
        planned_overlap: share of the actor's width, from its near side, that was asked for.
        achieved_overlap: where the subject stood when the actor's point reached it; None if it never did.
        late_s: how much too late the event could start (0 when the plan could be kept).
    """

    planned_overlap: float
    achieved_overlap: float | None = None
    late_s: float = 0.0


class EventReport(_Frozen):
    """``blocked`` tells whose way a wall ended: the actor and the fixture, in pairs. Such an action waits there."""

    name: str
    fired: bool
    start_s: float | None = None
    end_s: float | None = None
    closest: tuple[Closest, ...] = ()
    meet: MeetReport | None = None
    blocked: tuple[tuple[str, str], ...] = ()


class ExpectationReport(_Frozen):
    """``value`` is what the left side of a comparison came to, when the expectation is one."""

    condition: str
    held: bool
    on_miss: Literal["report", "reject", "fail"]
    value: float | None = None


class CollisionReport(_Frozen):
    """The first contact of two actors, or of an actor and a fixture of the setting: when, and how fast they closed."""

    actors: tuple[str, str]
    time_s: float
    closing_speed_mps: float


class EpisodeReport(_Frozen):
    """Everything that is worth knowing of a run without its frames."""

    duration_s: float
    ended_by: str
    events: tuple[EventReport, ...]
    expectations: tuple[ExpectationReport, ...]
    collisions: tuple[CollisionReport, ...]

    @property
    def cut_off(self) -> bool:
        """Whether no end that the scenario states came true."""
        return self.ended_by == CUT_OFF

    @property
    def late_s(self) -> dict[str, float]:
        """By how much each event began too late for its meeting to come out as planned, where it did."""
        return {e.name: e.meet.late_s for e in self.events if e.meet is not None and e.meet.late_s > LATE_S}

    @property
    def missed(self) -> tuple[ExpectationReport, ...]:
        return tuple(e for e in self.expectations if not e.held)
