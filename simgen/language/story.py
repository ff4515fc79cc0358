"""The story: events, what they do, when they start and end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simgen.core import vocabulary
from simgen.core.declare import Parameter, choice, flag, integer, quantity, record, reference, text
from simgen.core.errors import Place, suggestion
from simgen.language import nodes
from simgen.language.diagnostics import listed
from simgen.language.expressions import Names
from simgen.language.logical import After, Before, Constant, Do, Event, Meet, Named, Value
from simgen.language.nodes import Entry, Mapping, Node, Scalar
from simgen.language.values import ValueReader, named_parameter

WORLD = "world"

_EVENT = named_parameter("event", reference("event", help="the other event"))
_FOR = named_parameter("for", quantity("s", low=0, default=None, help="how long it lasts"))
_REPEAT = named_parameter("repeat", integer(low=1, high=10_000, default=1, help="how often it may start"))
_PRIORITY = named_parameter(
    "priority", integer(default=0, help="the higher wins where two events want the same subject")
)
_ONCE = named_parameter("once", flag(default=True, help="false: whenever its condition holds again"))
_WAIT = "when: complete(event) waits for its end"

KEYS: dict[str, Parameter] = {
    name: named_parameter(name, parameter)
    for name, parameter in {
        "event": text(help="its name"),
        "do": record(help="what is done to whom: {subject: {action: …}}; a subject is an actor, a sensor, or world"),
        "when": text(default=None, help="condition that it starts at; with the scenario when left out"),
        "after": record(
            default=None,
            help=f"starts once another event has started; {_WAIT}",
            shorthand="event",
            event=_EVENT,
            delay=quantity("s", low=0, default=0.0, help=f"time since the other event has started; {_WAIT}"),
        ),
        "before": record(
            default=None,
            help="starts ahead of another event",
            event=_EVENT,
            by=quantity("s", low=0, help="how long before the other event it starts"),
        ),
        "for": _FOR,
        "until": text(default=None, help="condition that it ends at"),
        "meet": record(
            default=None,
            help="starts so that the first that it does something to arrives there",
            actor=reference("actor", help="whom it meets"),
            point=choice("front", "rear", "center", help="where", default="front"),
            overlap=quantity("", low=0, high=1, help="share of the actor's width, from its near side"),
        ),
        "repeat": _REPEAT,
        "priority": _PRIORITY,
        "once": _ONCE,
    }.items()
}
"""The declared keys of an event."""

PARTS = {name: {field.name: field for field in KEYS[name].fields} for name in ("after", "before", "meet")}
"""The declared keys of an event's parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryReader:
    """Reads events. ``groups`` names the actors that ``count`` has made of one."""

    values: ValueReader
    conditions: Names
    groups: dict[str, tuple[str, ...]]

    def event(self, node: Node) -> Event | None:
        """One event, or None after telling what is wrong."""
        report = self.values.report
        if not isinstance(node, Mapping):
            report.add(node.place, f"an event is a mapping, found {nodes.describe(node)}", "write - event: name")
            return None
        name = nodes.text_of(node.get("event"))
        if name is None:
            report.add(node.place, "this event has no name", "write - event: name")
            name = ""
        shown = f"event '{name}'"
        self.values.known_keys(node, KEYS, shown)
        place = node.place if node.get("event") is None else node.entries[0].key.place
        entry = node.entry("event")
        place = entry.value.place if entry is not None else node.place
        done = self._do(node.get("do"), shown, place)
        meet = self._meet(node.entry("meet"), shown, done)
        repeat, once = self._repeated(node, shown)
        return Event(
            name=name,
            do=done,
            when=self._condition(node, "when", shown),
            after=self._after(node.entry("after"), shown),
            before=self._before(node.entry("before"), shown),
            duration=self._value(node, _FOR),
            until=self._condition(node, "until", shown),
            meet=meet,
            repeat=repeat,
            priority=self._fixed(node, _PRIORITY, 0),
            once=once,
            place=place,
        )

    def _repeated(self, node: Mapping, shown: str) -> tuple[int, bool]:
        """How often it may start, and whether that is once. Either key says something about the other."""
        repeat, once = node.entry("repeat"), node.entry("once")
        times = self._fixed(node, _REPEAT, 1 if once is None else 0)
        single = self._fixed(node, _ONCE, times == 1)
        if single and times > 1 and once is not None:
            message = f"{shown} is once, and {times} times"
            self.values.report.add(once.key.place, message, "remove 'once', or 'repeat'")
        if repeat is None and not single:
            return int(_REPEAT.high), False
        return max(1, times), single

    def _condition(self, node: Mapping, key: str, shown: str) -> Any:
        value = node.get(key)
        return None if value is None else self.values.condition(value, self.conditions, f"'{key}' of {shown}")

    def _value(self, node: Mapping, slot: Parameter) -> Value | None:
        entry = node.entry(slot.name)
        return None if entry is None else self.values.value(entry.value, slot, entry.key.place)

    def _fixed(self, node: Mapping, slot: Parameter, default: Any) -> Any:
        entry = node.entry(slot.name)
        return default if entry is None else self.values.fixed(entry, slot, default)

    def _after(self, entry: Entry | None, shown: str) -> After | None:
        if entry is None:
            return None
        if nodes.text_of(entry.value) is not None:
            event = self.values.value(entry.value, _EVENT, entry.key.place)
            return After(event=str(event.value)) if isinstance(event, Constant) else None
        values = self._part(entry, PARTS["after"], f"'after' of {shown}")
        event = values.get("event")
        return After(event=str(event.value), delay=values.get("delay")) if isinstance(event, Constant) else None

    def _before(self, entry: Entry | None, shown: str) -> Before | None:
        if entry is None:
            return None
        values = self._part(entry, PARTS["before"], f"'before' of {shown}")
        event, by = values.get("event"), values.get("by")
        return Before(event=str(event.value), by=by) if isinstance(event, Constant) and by is not None else None

    def _meet(self, entry: Entry | None, shown: str, done: tuple[Do, ...]) -> Meet | None:
        if entry is None:
            return None
        values = self._part(entry, PARTS["meet"], f"'meet' of {shown}")
        actor, overlap, point = values.get("actor"), values.get("overlap"), values.get("point")
        if not isinstance(actor, Constant) or overlap is None:
            return None
        if point is not None and not isinstance(point, Constant):
            self.values.report.add(point.place, "the point to meet at is fixed", "write front, rear or center")
            return None
        if done and done[0].subject not in self.values.names.models:
            message = f"{shown} is to meet '{actor.value}', and the first that it does is to '{done[0].subject}'"
            self.values.report.add(entry.key.place, message, "begin 'do' with the actor that arrives")
        elif done and done[0].subject == actor.value:
            message = f"'{actor.value}' cannot meet itself"
            remedy = f"name whom it meets; who arrives is '{actor.value}', the first that {shown} does something to"
            self.values.report.add(actor.place, message, remedy)
        where: Any = "front" if point is None else point.value
        return Meet(actor=str(actor.value), point=where, overlap=overlap, place=entry.key.place)

    def _part(self, entry: Entry, parameters: dict[str, Parameter], owner: str) -> dict[str, Value]:
        place = entry.key.place
        if isinstance(entry.value, Scalar):
            keys = ", ".join(f"{name}: …" for name in parameters)
            message = f"{owner} is a mapping, found {nodes.describe(entry.value)}"
            self.values.report.add(place if entry.value.is_null else entry.value.place, message, f"write {{{keys}}}")
            return {}
        mapping = self.values.mapping(entry.value, owner)
        return {} if mapping is None else self.values.declared(mapping, parameters, owner, place)

    def _do(self, node: Node | None, shown: str, place: Place) -> tuple[Do, ...]:
        remedy = "write do: {subject: {action: {parameter: value}}}"
        if node is None or (isinstance(node, Scalar) and node.is_null):
            self.values.report.add(place, f"{shown} does nothing", remedy)
            return ()
        if not isinstance(node, Mapping):
            message = f"'do' of {shown} is a mapping, found {nodes.describe(node)}"
            self.values.report.add(node.place, message, remedy)
            return ()
        if not node.entries:
            self.values.report.add(node.place, f"{shown} does nothing", remedy)
        return tuple(do for entry in node for do in self._subject(entry))

    def _subject(self, entry: Entry) -> tuple[Do, ...]:
        subject = entry.key.text
        names = self.values.names
        if subject == WORLD:
            kind = WORLD
        elif subject in names.models or subject in self.groups:
            kind = "actor"
        elif subject in names.sensors:
            kind = "sensor"
        else:
            known = [*names.models, *names.sensors, WORLD]
            message = f"unknown actor or sensor '{subject}'"
            self.values.report.add(entry.key.place, message, suggestion(subject, known, "subject"))
            kind = ""
        actions = [self._action(action, subject, kind) for action in self._actions(entry, subject)]
        subjects = self.groups.get(subject, (subject,))
        return tuple(
            Do(subject=one, action=action, place=entry.key.place)
            for action in actions
            if action is not None
            for one in subjects
        )

    def _actions(self, entry: Entry, subject: str) -> list[Entry]:
        """``action``, ``{action: parameters}``, or a list of those."""
        node = entry.value
        items = node.items if isinstance(node, nodes.Sequence) else (node,)
        found: list[Entry] = []
        for item in items:
            if isinstance(item, Scalar) and not item.is_null:
                found.append(Entry(item, Scalar("", item.place)))
            elif isinstance(item, Mapping) and item.entries:
                found += item.entries
            else:
                where = entry.key.place if isinstance(item, Scalar) else item.place
                message = f"'{subject}' does {nodes.describe(item)}"
                self.values.report.add(where, message, "write {action: {parameter: value}}")
        return found

    def _action(self, entry: Entry, subject: str, kind: str) -> Named | None:
        name, place = entry.key.text, entry.key.place
        effects, actions = vocabulary.effects, vocabulary.actions
        on_sensor = kind == "sensor" and not (name in actions and name not in effects)
        if not kind:
            on_sensor = name in effects and name not in actions
        registry = effects if on_sensor else actions
        if registry is actions and name in actions:
            subjects: tuple[str, ...] = actions.get(name).subjects
            if kind and kind not in subjects:
                message = f"action '{name}' is done to {listed(subjects, 'or')}, and '{subject}' is {_ARTICLE[kind]}"
                self.values.report.add(place, message, _instead(kind, subjects))
                return None
        elif kind == "actor" and name in effects:
            message = f"'{name}' is an effect on a sensor, and '{subject}' is an actor"
            known = ", ".join(sorted(self.values.names.sensors)) or "there is none"
            self.values.report.add(place, message, f"do it to a sensor: {known}")
            return None
        return self.values.member(entry, registry, f"'{subject}'")


_ARTICLE = {"actor": "an actor", "sensor": "a sensor", WORLD: "the world"}


def _instead(kind: str, subjects: tuple[str, ...]) -> str:
    if subjects == (WORLD,):
        return "write do: {world: {…}}"
    return f"name one {listed(subjects, 'or')} in place of the {kind}"
