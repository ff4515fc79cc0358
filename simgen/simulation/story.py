"""The story: which events wait, run and are over; when they start, what they did, and how near they came."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from simgen.core import vocabulary
from simgen.core.errors import Place, SimgenError
from simgen.core.geometry import inverse, transform
from simgen.language import expressions
from simgen.language.ending import LONGEST_S
from simgen.language.expressions import Comparison, Expr
from simgen.language.expressions.tree import Logic
from simgen.sampling.asking import Asking
from simgen.sampling.concrete import ConcreteEvent, ConcreteScenario
from simgen.scene.scene import ActiveEffect, EventPhase, EventState
from simgen.scene.situation import Pair, Situation, Tracked
from simgen.simulation.action import Action, Steps
from simgen.simulation.report import (
    CUT_OFF,
    Closest,
    CollisionReport,
    EpisodeReport,
    EventReport,
    ExpectationReport,
    MeetReport,
)

if TYPE_CHECKING:
    from simgen.simulation.world import World


@dataclass(slots=True, eq=False)
class _Event:
    """One event as it runs. ``actions`` are the generators that have not returned yet."""

    spec: ConcreteEvent
    when: Expr | None
    until: Expr | None
    where: str
    phase: EventPhase = "waiting"
    start_s: float | None = None
    end_s: float | None = None
    starts: int = 0
    held: bool = False
    actions: list[Steps] = field(default_factory=list)
    effects: list[ActiveEffect] = field(default_factory=list)
    closest: dict[Comparison, tuple[float, float, float]] = field(default_factory=dict)
    meeting: _Meeting | None = None
    taken_along: list[str] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """What goes wrong within goes wrong because of this event, and is told at its place."""
        try:
            yield
        except SimgenError as error:
            error.where = self.spec.place or self.where
            raise


@dataclass(slots=True, eq=False)
class _Meeting:
    """A meeting that is under way: on which side of the actor the subject started, and how it comes out."""

    subject: str
    side: float
    late_s: float
    achieved: float | None = None
    over: bool = False


class Story:
    """Decides at every control tick what starts and what ends. The world advances the actions that run."""

    def __init__(self, concrete: ConcreteScenario, world: World) -> None:
        self._world = world
        self._concrete = concrete
        self._events = [
            _Event(
                spec=e,
                when=_parse(e.when, f"{e.defined_at} (event {e.name})"),
                until=_parse(e.until, f"{e.defined_at} (event {e.name})"),
                where=e.defined_at or f"story.{e.name}",
            )
            for e in concrete.story
        ]
        self._by_name = {e.spec.name: e for e in self._events}
        self._order = sorted(self._events, key=lambda e: -e.spec.priority)
        self._waiting_for = {e.spec.before.event: e for e in self._events if e.spec.before is not None}
        self._end = _clauses(_parse(concrete.end, "end"))
        self._expect = [(e, _parse(e.condition, "expect")) for e in concrete.expect]
        self._asking = Asking(concrete)
        trees = [tree for e in self._events for tree in (e.when, e.until)]
        trees += [*(tree for _, tree in self._end), *(tree for _, tree in self._expect)]
        asked = [c for tree in trees if tree is not None for c in self._asking.conditions(tree)]
        self._tracked = list({c.key(): c for c in asked if isinstance(c, Tracked)}.values())
        self.extremes: dict[tuple[str, ...], float] = {}
        self._collisions: dict[Pair, CollisionReport] = {}
        self._before = np.zeros((len(world.scene.entities), 3))
        self._states: tuple[EventState, ...] | None = None
        self.ended_by = ""

    @property
    def over(self) -> bool:
        return self.ended_by != ""

    # One tick

    def tick(self) -> None:
        """Reacts to the world as it stands: ends events, starts events, decides whether the episode is over."""
        situation = self._world.situation()
        self._track(situation)
        for event in self._order:
            with event.blamed():
                self._finish(event, situation)
        for event in self._order:
            with event.blamed():
                self._start_if_due(event, situation)
        self._follow_meetings(situation)
        self._decide_end(self._world.situation())

    def act(self) -> None:
        """Advances the actions of running events by one control tick."""
        for event in self._order:
            still: list[Steps] = []
            for action in event.actions:
                with event.blamed():
                    try:
                        next(action)
                    except StopIteration:
                        continue
                still.append(action)
            event.actions = still

    def _start_if_due(self, event: _Event, situation: Situation) -> None:
        if event.phase == "running" or (event.starts and (event.spec.once or event.starts >= event.spec.repeat)):
            return
        due = self._due_in(event, situation)
        if due is None or due > 1e-9:
            return
        if event.spec.meet is not None:
            # Not how long it has been due: other triggers may have held it back beyond the time solved for.
            foreseen = self._foreseen(event, situation)
            event.meeting = self._meeting(event, situation, late_s=max(0.0, -(foreseen or 0.0)))
        self._start(event)

    def _due_in(self, event: _Event, situation: Situation) -> float | None:
        """Seconds until the event is due (<= 0: now), or None while that cannot be foreseen."""
        spec = event.spec
        now = situation.time_s
        due = 0.0
        herald = self._waiting_for.get(spec.name)
        if herald is not None and herald.start_s is not None:
            # It was foreseen when its herald started; from then on it follows, come what may.
            assert herald.spec.before is not None
            return herald.start_s + herald.spec.before.by_s - now
        if event.when is not None:
            holds = self._holds(event, event.when, situation)
            if not holds:
                return None
        if spec.after is not None:
            start = self._by_name[spec.after.event].start_s
            if start is None:
                return None
            due = max(due, start + spec.after.delay_s - now)
        if spec.before is not None:
            follower = self._by_name[spec.before.event]
            foreseen = self._foreseen(follower, situation)
            if foreseen is None:
                return None
            due = max(due, foreseen - spec.before.by_s)
        if herald is not None:
            return None
        if spec.meet is not None:
            foreseen = self._foreseen(event, situation)
            if foreseen is None:
                return None
            due = max(due, foreseen) if spec.after is not None or spec.when is not None else foreseen
        return due

    def _foreseen(self, event: _Event, situation: Situation) -> float | None:
        """Seconds until the event's own trigger fires: solved for a meeting, now or unknown otherwise."""
        spec = event.spec
        if spec.meet is None:
            if event.when is not None and not self._holds(event, event.when, situation):
                return None
            if spec.after is not None:
                start = self._by_name[spec.after.event].start_s
                return None if start is None else start + spec.after.delay_s - situation.time_s
            assert event.spec.name in self._waiting_for
            by = self._waiting_for[event.spec.name].spec.before
            return by.by_s if by is not None else 0.0
        subject, action = self._mover(event)
        pose = situation.pose(spec.meet.actor)
        body = situation.body(spec.meet.actor)
        local = transform(inverse(pose), situation.position(subject))
        speed = float(situation.velocity(spec.meet.actor) @ pose[:3, 0])
        reach = {"front": 0.5, "center": 0.0, "rear": -0.5}[spec.meet.point] * body.box_size_m[0]
        gap = local[0] - body.box_center_m[0] - reach
        if gap <= 0 or speed <= 0.05:
            return None
        width = body.box_size_m[1]
        target = np.sign(local[1]) * width * (0.5 - spec.meet.overlap)
        distance = abs(local[1] - target)
        gap += float(action.lead_aside_m(self._world, subject, distance) @ pose[:2, 0])
        return float(gap / speed - action.lead_s(self._world, subject, distance))

    def _mover(self, event: _Event) -> tuple[str, Action]:
        do = event.spec.do[0]
        return do.subject, self._action(event, do.subject, 0)

    def _action(self, event: _Event, subject: str, index: int) -> Action:
        do = event.spec.do[index].action
        where = f"{event.where} (event {event.spec.name}, {subject})"
        action: Action = vocabulary.actions.get(do.name, where)(where=f"{where}.{do.name}", **do.parameters)
        return action

    def _holds(self, event: _Event, tree: Expr, situation: Situation) -> bool:
        asked = self._asking.of(situation, memory=event.spec.name)
        asked.observe(tree)
        for leaf in expressions.comparisons(tree):
            margin = asked.margin(leaf)
            if margin is not None and not math.isnan(margin[0]):
                gap, value = margin
                best = event.closest.get(leaf)
                if best is None or gap < best[0]:
                    event.closest[leaf] = (gap, value, situation.time_s)
        return bool(expressions.evaluate(tree, asked))

    def _start(self, event: _Event) -> None:
        world = self._world
        event.phase, event.start_s, event.end_s = "running", world.time_s, None
        event.starts += 1
        for index, do in enumerate(event.spec.do):
            if do.subject in world.sensors:
                end = None if event.spec.duration_s is None else world.time_s + event.spec.duration_s
                event.effects.append(
                    ActiveEffect(
                        sensor=do.subject,
                        effect=do.action.name,
                        values=do.action.parameters,
                        event=event.spec.name,
                        start_s=world.time_s,
                        end_s=end,
                    )
                )
            else:
                action = self._action(event, do.subject, index)
                event.taken_along += action.takes_along(world, do.subject)
                event.actions.append(action.run(world, do.subject))
        world.effects.extend(event.effects)
        self._changed()

    def _changed(self) -> None:
        self._states = None
        self._world.story_changed()

    def _finish(self, event: _Event, situation: Situation) -> None:
        if event.phase != "running":
            return
        assert event.start_s is not None
        if event.actions:
            walkers = [w for do in event.spec.do if (w := self._world.walkers.get(do.subject)) is not None]
            event.blocked.update((w.name, w.blocked_by) for w in walkers if w.blocked_by and w.halted)
        lasted = situation.time_s - event.start_s
        if event.spec.duration_s is not None:
            over = lasted >= event.spec.duration_s - 1e-9
        else:
            over = not event.actions and not event.effects and lasted > 0
        if event.until is not None:
            over = over or bool(expressions.evaluate(event.until, self._asking.of(situation, event.spec.name)))
        if not over:
            return
        for action in event.actions:
            action.close()
        ended = {id(e) for e in event.effects}
        self._world.effects[:] = [e for e in self._world.effects if id(e) not in ended]
        event.actions, event.effects = [], []
        event.phase, event.end_s = "complete", situation.time_s
        self._changed()

    # Meetings

    def _meeting(self, event: _Event, situation: Situation, late_s: float) -> _Meeting:
        assert event.spec.meet is not None
        subject = event.spec.do[0].subject
        local = transform(inverse(situation.pose(event.spec.meet.actor)), situation.position(subject))
        return _Meeting(subject=subject, side=float(np.sign(local[1])), late_s=late_s)

    def _follow_meetings(self, situation: Situation) -> None:
        for event in self._events:
            meeting, meet = event.meeting, event.spec.meet
            if meeting is None or meet is None or meeting.over:
                continue
            body = situation.body(meet.actor)
            local = transform(inverse(situation.pose(meet.actor)), situation.position(meeting.subject))
            reach = {"front": 0.5, "center": 0.0, "rear": -0.5}[meet.point] * body.box_size_m[0]
            touched = (min(meet.actor, meeting.subject), max(meet.actor, meeting.subject)) in situation.collided
            if local[0] - body.box_center_m[0] - reach <= 0 or touched:
                width = body.box_size_m[1]
                meeting.achieved = float(0.5 - meeting.side * local[1] / width)
                meeting.over = True

    # What is remembered

    def _track(self, situation: Situation) -> None:
        tick = situation.snapshot.tick
        for condition in self._tracked:
            if tick % condition.every_ticks == 0:
                key, value = condition.key(), condition.sample(situation)
                known = self.extremes.get(key, value)
                self.extremes[key] = max(known, value) if condition.tracked == "max" else min(known, value)
        for touching in sorted(situation.contacts):
            a, b = touching
            if touching in self._collisions or touching not in situation.collided:
                continue
            index = situation.scene.index
            closing = float(np.linalg.norm(self._before[index(a)] - self._before[index(b)]))
            self._collisions[touching] = CollisionReport(
                actors=touching, time_s=situation.time_s, closing_speed_mps=closing
            )

        self._before = situation.snapshot.velocity_mps

    def _decide_end(self, situation: Situation) -> None:
        for text, tree in self._end:
            if expressions.evaluate(tree, self._asking.of(situation, "end")):
                self.ended_by = text
                return
        if situation.time_s > LONGEST_S:
            self.ended_by = CUT_OFF

    def states(self) -> tuple[EventState, ...]:
        if self._states is None:
            self._states = self._list_states()
        return self._states

    def _list_states(self) -> tuple[EventState, ...]:
        return tuple(
            EventState(
                name=e.spec.name,
                phase=e.phase,
                start_s=e.start_s,
                end_s=e.end_s,
                actors=tuple(dict.fromkeys((*_named(e.spec), *e.taken_along))),
            )
            for e in self._events
        )

    def report(self) -> EpisodeReport:
        situation = self._world.situation()
        return EpisodeReport(
            duration_s=situation.time_s,
            ended_by=self.ended_by,
            events=tuple(self._event_report(e) for e in self._events),
            expectations=tuple(self._expectation_report(situation, i) for i in range(len(self._expect))),
            collisions=tuple(self._collisions[k] for k in sorted(self._collisions)),
        )

    def _event_report(self, event: _Event) -> EventReport:
        meet = None
        if event.spec.meet is not None:
            meeting = event.meeting
            meet = MeetReport(
                planned_overlap=event.spec.meet.overlap,
                achieved_overlap=None if meeting is None else meeting.achieved,
                late_s=0.0 if meeting is None else meeting.late_s,
            )
        closest: tuple[Closest, ...] = ()
        if event.start_s is None:
            closest = tuple(
                Closest(comparison=expressions.unparse(leaf), value=value, time_s=time)
                for leaf, (_, value, time) in event.closest.items()
            )
        return EventReport(
            name=event.spec.name,
            fired=event.start_s is not None,
            start_s=event.start_s,
            end_s=event.end_s,
            closest=closest,
            meet=meet,
            blocked=tuple(sorted(event.blocked.items())),
        )

    def _expectation_report(self, situation: Situation, index: int) -> ExpectationReport:
        spec, tree = self._expect[index]
        assert tree is not None
        asked = self._asking.of(situation, "expect")
        value = None
        for leaf in expressions.comparisons(tree):
            margin = asked.margin(leaf)
            if margin is not None and math.isfinite(margin[1]):
                value = margin[1]
        return ExpectationReport(
            condition=spec.condition,
            held=bool(expressions.evaluate(tree, asked)),
            on_miss=spec.on_miss,
            value=value,
        )


def _named(event: ConcreteEvent) -> Iterator[str]:
    """Who takes part in an event by what is written: the subjects, whom they meet, and whom their actions name."""
    yield from (do.subject for do in event.do)
    if event.meet is not None:
        yield event.meet.actor
    for do in event.do:
        if do.action.name not in vocabulary.actions:
            continue  # what is done to a sensor
        for name, parameter in vocabulary.actions.get(do.action.name).parameters.items():
            if parameter.kind == "actor" and do.action.parameters.get(name) is not None:
                yield str(do.action.parameters[name])


def _clauses(end: Expr | None) -> list[tuple[str, Expr]]:
    """The alternatives of an end condition, each with its text, so that the report can name the one that came true."""
    if end is None:
        return []
    alternatives = end.operands if isinstance(end, Logic) and end.operator == "or" else (end,)
    return [(expressions.unparse(tree), tree) for tree in alternatives]


def _parse(text: str | None, where: str) -> Expr | None:
    if text is None:
        return None
    try:
        return expressions.parse(text, Place(where, 1, 1))
    except SimgenError as error:
        raise SimgenError(f"'{text}' is no condition: {error.message}", where=where) from error
