"""A scenario's tree read as a LogicalScenario, or all of its mistakes told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simgen.core import vocabulary
from simgen.core.declare import Declared, Parameter, choice, integer, quantity, record, several, text
from simgen.core.errors import Place, nearest, suggestion
from simgen.core.seeds import MAX_SEED, SAMPLES
from simgen.language import catalogue, ending, nodes, placement, sensors
from simgen.language.composition import SECTIONS, setting_groups, unknown_section
from simgen.language.diagnostics import Report
from simgen.language.expressions import Call, Names, Property, walk
from simgen.language.expressions import Parameter as ParameterNode
from simgen.language.expressions import parse as parse_expression
from simgen.language.expressions.checking import Type
from simgen.language.logical import (
    SECTIONS_THAT_VARY,
    Actor,
    ActorModelChoice,
    Constant,
    Distribution,
    Event,
    Expectation,
    Expression,
    LogicalScenario,
    Named,
    SampleSpec,
    Sensor,
    Source,
    Traffic,
    Value,
    ValueList,
    ValueMap,
)
from simgen.language.nodes import Entry, Mapping, Node, Scalar
from simgen.language.story import WORLD, StoryReader
from simgen.language.values import ValueReader, named_parameter, unknown_key
from simgen.scene.environment import EnvironmentSpec
from simgen.scene.matter import Matter
from simgen.scene.traffic import TrafficSpec

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_TITLE = re.compile(r"[A-Za-z0-9_][\w.\-]*")
_RESERVED = frozenset({WORLD, "environment", "and", "or", "not", "true", "false", "any", "all"})
MAX_COUNT = 500
_MAX_CHAIN = 30

_TAG = named_parameter("tag", text(help="a word to find the scenario by"))
_SPEC = SampleSpec()
_METHODS = ("random", "sobol", "halton", "latin_hypercube")
SAMPLE = {
    "count": named_parameter("count", integer(low=1, high=SAMPLES, default=_SPEC.count, help="how many samples")),
    "method": named_parameter("method", choice(*_METHODS, default=_SPEC.method, help="how points lie")),
    "seed": named_parameter("seed", integer(low=0, high=MAX_SEED, default=_SPEC.seed, help="of all draws")),
}
_ON_MISS = named_parameter(
    "on_miss", choice("report", "reject", "fail", help="what becomes of a run that misses it", default="report")
)
EXPECTATION = {"condition": named_parameter("condition", text(help="what is to hold")), "on_miss": _ON_MISS}
END = {
    "any": named_parameter("any", several(default=None, help="ends when one of these conditions holds")),
    "all": named_parameter("all", several(default=None, help="ends when all of these conditions hold")),
}
_RANDOMIZE = named_parameter("randomize", choice("default", "none", help="whether what the file leaves open varies"))
RANDOMIZE = {name: replace(_RANDOMIZE, name=name, default="default") for name in SECTIONS_THAT_VARY}
ACTOR: dict[str, Parameter] = {
    name: named_parameter(name, parameter)
    for name, parameter in {
        "model": text(help="what it looks like", names="model"),
        "at": record(help="where it starts, in one of the forms of places"),
        "speed": quantity("m/s", low=-30, high=120, default=0.0, help="at the start"),
        "behavior": text(default=None, help="what it does by itself, alone or as {name: …}", names="behavior"),
        "count": integer(low=1, high=MAX_COUNT, default=1, help="how many, named name_1, name_2 …"),
    }.items()
}
"""The keys that actors take whatever their model, beside those of ``Matter``."""
_ACTORS_ALONE = frozenset(ACTOR) - {"speed"}
"""Those that no model has a parameter of."""
SENSOR = {"effects": named_parameter("effects", several(default=(), help="what degrades it all the time"))}
"""The key beside that of a sensor's kind."""
_TRAFFIC_NAME = re.compile(r"traffic_\d+")
"""Names of the actors that ``traffic:`` makes."""


def read(
    tree: Mapping, report: Report, resolve: Callable[[str, str], Path], sources: tuple[Source, ...]
) -> LogicalScenario | None:
    """The scenario that a tree states, or None after telling every mistake."""
    scenario = _Reader(tree, report, resolve).read(sources)
    return None if len(report) else scenario


@dataclass(slots=True)
class _ActorPlan:
    """An actor as written: one entry of ``actors:``, and the actors that it stands for."""

    entry: Entry
    names: tuple[str, ...]
    model: Value | None
    members: tuple[type[Declared], ...]


class _Reader:
    """Reads one scenario. What it names is collected first, so that anything may name what comes later."""

    def __init__(self, tree: Mapping, report: Report, resolve: Callable[[str, str], Path]) -> None:
        self.tree = tree
        self.report = report
        self._parameters: dict[str, Value] = {}
        self._types: dict[str, Type | None] = {}
        self._asking: list[str] = []
        self._catalogue = catalogue.of_section(tree.get("assets"), report, resolve)
        self._actor_entries = self._entries("actors", "actor")
        self._sensor_entries = self._entries("sensors", "sensor")
        self._groups = {e.key.text: self._expanded(e) for e in self._actor_entries}
        self._models: dict[str, tuple[type[Declared], ...]] = {
            name: () for names in self._groups.values() for name in names
        }
        parameters = self._section("parameters", "parameter")
        self._conditions = Names(
            parameters=parameters.keys() if parameters is not None else (),
            parameter_type=self._parameter_type,
            models=self._models,
            sensors=[e.key.text for e in self._sensor_entries],
            events=self._event_names(),
        )
        names = replace(self._conditions, environment=EnvironmentSpec.parameters, conditions=False)
        self._values = ValueReader(report=report, names=names, resolve=resolve)

    def read(self, sources: tuple[Source, ...]) -> LogicalScenario | None:
        self._known_sections()
        self._distinct()
        groups, actor_entries, sensor_entries = self._groups, self._actor_entries, self._sensor_entries
        parameters = self._section("parameters", "parameter")
        plans = [self._plan(entry, groups[entry.key.text]) for entry in actor_entries]
        for entry in parameters or ():
            self._parameter_type(entry.key.text)
        actors = tuple(actor for plan in plans for actor in self._actors(plan))
        seen_by = tuple(s for s in (self._sensor(e) for e in sensor_entries) if s is not None)
        teams = {name: members for name, members in groups.items() if members != (name,)}
        story_reader = StoryReader(values=self._values, conditions=self._conditions, groups=teams)
        story = tuple(e for e in (story_reader.event(item) for item in self._story_nodes()) if e is not None)
        setting = self._setting()
        title, summary = self._title(), self._summary()
        environment = self._environment()
        rest: dict[str, Any] = {
            "tags": self._tags(),
            "traffic": self._traffic(),
            "randomize": self._randomize(),
            "end": self._end(),
            "require": self._require(),
            "expect": self._expect(),
            "sample": self._sample(),
        }
        self._check_events(story)
        self._check_times(story, rest)
        self._check_places(actors)
        if setting is None or len(self.report):
            return None
        scenario = LogicalScenario(
            name=title,
            summary=summary,
            parameters={e.key.text: self._parameters[e.key.text] for e in parameters or ()},
            assets=self._catalogue.models,
            setting=setting,
            environment=environment,
            actors=actors,
            sensors=seen_by,
            story=story,
            sources=(*sources, *self._catalogue.sources),
            **rest,
        )
        self._check_circles(scenario)
        return scenario

    # Sections ----------------------------------------------------------------------------------------------------

    def _known_sections(self) -> None:
        known = [name for name in SECTIONS if name not in ("simgen", "use", "extends")]
        for entry in self.tree:
            if entry.key.text not in known:
                remedy = unknown_section(entry.key.text, self.tree)
                self.report.add(entry.key.place, f"unknown section '{entry.key.text}'", remedy)

    def _section(self, section: str, kind: str) -> Mapping | None:
        """A section of named things; an empty one is None without a mistake."""
        node = self.tree.get(section)
        if node is not None and not isinstance(node, Mapping) and not (isinstance(node, Scalar) and node.is_null):
            message = f"'{section}' is a mapping, found {nodes.describe(node)}"
            self.report.add(node.place, message, f"write the name of each {kind}, a colon, and what it is")
        return node if isinstance(node, Mapping) else None

    def _entries(self, section: str, kind: str) -> list[Entry]:
        """The entries of a section of named things; names that cannot be named are a mistake."""
        entries = list(self._section(section, kind) or ())
        for entry in entries:
            self._nameable(entry.key.text, kind, entry.key.place)
        return entries

    def _nameable(self, name: str, kind: str, place: Place) -> None:
        """Names of which no expression could ask are a mistake."""
        if not _IDENTIFIER.fullmatch(name):
            message = f"'{name}' cannot be the name of one {kind}"
            self.report.add(place, message, "use letters, digits and _, with a letter first")
        elif name in _RESERVED:
            message = f"'{name}' has a meaning of its own, and cannot be the name of one {kind}"
            self.report.add(place, message, "choose another name")

    def _event_names(self) -> list[str]:
        node = self.tree.get("story")
        items = node.items if isinstance(node, nodes.Sequence) else ()
        names = [nodes.text_of(item.get("event")) for item in items if isinstance(item, Mapping)]
        return [name for name in names if name is not None]

    def _story_nodes(self) -> tuple[Node, ...]:
        return self._values.items(self.tree.get("story"), "'story'")

    def _expanded(self, entry: Entry) -> tuple[str, ...]:
        """The names that ``count`` makes of one; a count that is no number is told of later."""
        name = entry.key.text
        count = nodes.text_of(entry.value.get("count")) if isinstance(entry.value, Mapping) else None
        if count is None or not re.fullmatch(r"\d{1,6}", count) or not 1 <= int(count) <= MAX_COUNT:
            return (name,)
        return tuple(f"{name}_{i}" for i in range(1, int(count) + 1))

    def _distinct(self) -> None:
        taken: dict[str, str] = {}
        for entry in self._actor_entries:
            for name in self._groups[entry.key.text]:
                if name in taken:
                    message = f"'{entry.key.text}' and '{taken[name]}' both name an actor '{name}'"
                    self.report.add(entry.key.place, message, "choose another name")
                taken.setdefault(name, entry.key.text)
        for entry in self._sensor_entries:
            if entry.key.text in taken:
                message = f"'{entry.key.text}' is the name of an actor, too"
                self.report.add(entry.key.place, message, "choose another name for the sensor")

    def _one(self, slot: Parameter, default: Any) -> Any:
        entry = self.tree.entry(slot.name)
        return default if entry is None else self._values.fixed(entry, slot, default)

    def _randomize(self) -> Any:
        """One word for the whole scenario, or a mapping with a word for each section."""
        entry = self.tree.entry("randomize")
        if entry is None or not isinstance(entry.value, Mapping):
            return self._one(_RANDOMIZE, "default")
        self._values.known_keys(entry.value, RANDOMIZE, "'randomize'")
        return {
            section.key.text: self._values.fixed(section, RANDOMIZE[section.key.text], "default")
            for section in entry.value
            if section.key.text in RANDOMIZE
        }

    def _traffic(self) -> Traffic | None:
        entry = self.tree.entry("traffic")
        mapping = None if entry is None else self._values.mapping(entry.value, "'traffic'")
        if entry is None or mapping is None:
            return None
        values = self._values.declared(mapping, TrafficSpec.parameters, "the traffic", mapping.place)
        for key in ("model", "pedestrian_model"):
            for name, place in self._options(values[key]) if key in values else ():
                if name not in vocabulary.models:
                    remedy = suggestion(name, vocabulary.models.names(), "model")
                    self.report.add(place, f"unknown model '{name}' for the traffic", remedy)
        for actor in self._actor_entries:
            if any(_TRAFFIC_NAME.fullmatch(name) for name in self._groups[actor.key.text]):
                message = f"'{actor.key.text}' is a name that the traffic gives to its members"
                self.report.add(actor.key.place, message, "choose another name for the actor")
        return Traffic(values=values, place=entry.key.place)

    def _title(self) -> str:
        entry = self.tree.entry("scenario")
        title = nodes.text_of(self.tree.get("scenario"))
        if title is None or not _TITLE.fullmatch(title):
            place = self.tree.place if entry is None else entry.value.place
            found = "" if entry is None else f", found {nodes.describe(entry.value)}"
            message = f"the scenario has no name{found}" if title is None else f"'{title}' cannot be a scenario's name"
            self.report.add(place, message, "write scenario: name_in_one_word")
        return title or ""

    def _summary(self) -> str:
        node = self.tree.get("summary")
        if isinstance(node, Mapping | nodes.Sequence):
            message = f"'summary' is text, found {nodes.describe(node)}"
            self.report.add(node.place, message, "write a sentence, in quotes where it holds ': ' or ' #'")
        return " ".join((nodes.text_of(node) or "").split())

    def _tags(self) -> tuple[str, ...]:
        node = self.tree.get("tags")
        values = [self._values.value(item, _TAG, item.place) for item in self._values.items(node, "'tags'")]
        words = [str(value.value) for value in values if isinstance(value, Constant)]
        return tuple(dict.fromkeys(words))

    def _sample(self) -> SampleSpec:
        entry = self.tree.entry("sample")
        mapping = None if entry is None else self._values.mapping(entry.value, "'sample'")
        if mapping is None:
            return SampleSpec()
        self._values.known_keys(mapping, SAMPLE, "'sample'")
        fixed = {e.key.text: self._values.fixed(e, SAMPLE[e.key.text], None) for e in mapping if e.key.text in SAMPLE}
        return SampleSpec(**{name: value for name, value in fixed.items() if value is not None})

    def _environment(self) -> dict[str, Value]:
        entry = self.tree.entry("environment")
        mapping = None if entry is None else self._values.mapping(entry.value, "'environment'")
        if mapping is None:
            return {}
        return self._values.declared(mapping, EnvironmentSpec.parameters, "the environment", mapping.place)

    def _setting(self) -> Named | None:
        entry = self.tree.entry("setting")
        groups = setting_groups()
        example = "write setting: {road: name} or {room: name}"
        if entry is None:
            self.report.add(self.tree.place, "the scenario has no setting", example)
            return None
        node = entry.value
        title = nodes.text_of(node)
        if title is not None:
            group = vocabulary.settings.get(title).group if title in vocabulary.settings else None
            remedy = f"write {{{group}: {title}}}" if group else example
            self.report.add(node.place, f"the setting is a mapping, found {nodes.describe(node)}", remedy)
            return None
        mapping = self._values.mapping(node, "'setting'")
        chosen = [e for e in mapping or () if e.key.text in groups]
        if mapping is not None and not chosen and mapping.entries:
            first = mapping.entries[0].key
            message = f"unknown kind of setting '{first.text}'"
            self.report.add(first.place, message, suggestion(first.text, groups, "kind of setting"))
            return None
        if mapping is None or len(chosen) != 1:
            found = "nothing" if not chosen else " and ".join(e.key.text for e in chosen)
            self.report.add(entry.key.place, f"the setting names one of {', '.join(groups)}, found {found}", example)
            return None
        return self._chosen_setting(mapping, chosen[0])

    def _chosen_setting(self, mapping: Mapping, chosen: Entry) -> Named | None:
        group, title, place = chosen.key.text, nodes.text_of(chosen.value), chosen.value.place
        known = {name: member for name, member in vocabulary.settings.items() if member.group == group}
        if title is None or title not in known:
            other = title is not None and title in vocabulary.settings
            shown = nodes.describe(chosen.value)
            remedy = (
                f"write {{{vocabulary.settings.get(title or '').group}: {title}}}"
                if other
                else suggestion(title or "", known, group)
            )
            self.report.add(place, f"{shown} is no {group}" if other else f"unknown {group} {shown}", remedy)
            return None
        parameters = known[title].parameters
        rest = Mapping(tuple(e for e in mapping if e is not chosen), mapping.place)
        values = self._values.declared(rest, parameters, f"setting '{title}'", place)
        return Named(name=title, values=values, place=place)

    # Parameters --------------------------------------------------------------------------------------------------

    def _parameter_type(self, name: str) -> Type | None:
        """The type of a parameter of the scenario, read when it is first asked for."""
        if name in self._types:
            return self._types[name]
        section = self._section("parameters", "parameter")
        entry = section.entry(name) if section is not None else None
        if entry is None:
            return None
        if name in self._asking:
            circle = " -> ".join([*self._asking[self._asking.index(name) :], name])
            self.report.add(entry.key.place, f"the parameters go in a circle: {circle}", "give one of them a value")
            return None
        if len(self._asking) == _MAX_CHAIN:
            message = f"a chain of more than {_MAX_CHAIN} parameters, each of which needs the next"
            self.report.add(entry.key.place, message, "write some of them out")
            return None
        if not _IDENTIFIER.fullmatch(name):
            self._nameable(name, "parameter", entry.key.place)
        self._asking.append(name)
        read = self._values.untyped(entry.value, name, entry.key.place)
        self._asking.pop()
        self._types[name] = None if read is None else read[1]
        if read is not None:
            self._parameters[name] = read[0]
        return self._types[name]

    # Actors and sensors ------------------------------------------------------------------------------------------

    def _plan(self, entry: Entry, names: tuple[str, ...]) -> _ActorPlan:
        """Reads what model an actor has, which decides what else it may say."""
        model: Value | None = None
        members: tuple[type[Declared], ...] = ()
        if isinstance(entry.value, Mapping):
            model, members = self._model(entry.value.entry("model"), entry)
        for name in names:
            self._models[name] = members
        return _ActorPlan(entry, names, model, members)

    def _model(self, entry: Entry | None, actor: Entry) -> tuple[Value | None, tuple[type[Declared], ...]]:
        shown = f"actor '{actor.key.text}'"
        if entry is None:
            self.report.add(actor.key.place, f"{shown} has no model", "write model: car.sedan, for example")
            return None, ()
        value = self._values.value(entry.value, ACTOR["model"], entry.key.place)
        options = self._options(value) if value is not None else []
        for name, place in options:
            if name not in vocabulary.models and name not in self._catalogue.names:
                remedy = suggestion(name, [*vocabulary.models.names(), *self._catalogue.names], "model")
                self.report.add(place, f"unknown model '{name}' for {shown}", remedy)
        members = [
            catalogue.CatalogueModel if name in self._catalogue.names else vocabulary.models.get(name)
            for name, _ in options
            if name in vocabulary.models or name in self._catalogue.names
        ]
        return value, tuple(dict.fromkeys(members)) if len(members) == len(options) else ()

    def _options(self, value: Value) -> list[tuple[str, Place]]:
        """The texts that a value may come to."""
        match value:
            case Constant(value=found, place=place):
                return [(str(found), place)]
            case Distribution(arguments=arguments):
                options = arguments.get("options")
                items = options.items if isinstance(options, ValueList) else ()
                return [option for item in items for option in self._options(item)]
            case Expression(text=written, place=place) if written.startswith("$"):
                held = self._parameters.get(written[1:])
                return [] if held is None else [(name, place) for name, _ in self._options(held)]
        return []

    def _actors(self, plan: _ActorPlan) -> Iterator[Actor]:
        """The actors that one entry stands for."""
        entry, group = plan.entry, plan.entry.key.text
        node, shown = entry.value, f"actor '{group}'"
        if not isinstance(node, Mapping):
            place = entry.key.place if isinstance(node, Scalar) and node.is_null else node.place
            self.report.add(place, f"{shown} is a mapping, found {nodes.describe(node)}", "write {model: …, at: …}")
            return
        values = self._actor_values(plan, node, shown)
        matter = self._matter(plan, node, shown)
        at = node.entry("at")
        if at is None:
            self.report.add(entry.key.place, f"{shown} has no place", f"at: takes one of {', '.join(placement.FORMS)}")
        where = placement.read(self._values, at.value, group, at.key.place) if at is not None else None
        speed_entry, behavior_entry = node.entry("speed"), node.entry("behavior")
        if any("speed" in member.parameters for member in plan.members):
            speed_entry = None  # that of a belt, which is its model's
        speed = self._values.value(speed_entry.value, ACTOR["speed"], speed_entry.key.place) if speed_entry else None
        behavior = (
            self._values.named(behavior_entry.value, vocabulary.behaviors, shown)
            if behavior_entry is not None
            else None
        )
        count = node.entry("count")
        if count is not None:
            self._values.fixed(count, ACTOR["count"], 1)
        model_entry = node.entry("model")
        if plan.model is None or where is None or model_entry is None:
            return
        choice_of_model = ActorModelChoice(name=plan.model, values=values, place=model_entry.key.place)
        for name in plan.names:
            yield Actor(
                name=name,
                model=choice_of_model,
                at=where,
                speed=speed,
                behavior=behavior,
                matter=matter,
                place=entry.key.place,
            )

    def _actor_values(self, plan: _ActorPlan, node: Mapping, shown: str) -> dict[str, Value]:
        """The model's parameters, which stand beside the actor's own keys."""
        if not plan.members:
            # Nothing is known of a model that does not exist; its parameters are not told to be wrong.
            return {}
        shared = {
            name: parameter
            for name, parameter in plan.members[0].parameters.items()
            if name not in _ACTORS_ALONE and all(name in member.parameters for member in plan.members)
        }
        title = nodes.text_of(node.get("model"))
        owner = f"{shown} (model {title})" if title and not title.startswith("$") else shown
        others = tuple(name for name in (*ACTOR, *Matter.parameters) if name not in shared)
        path = f"actors.{plan.entry.key.text}."
        return self._values.declared(node, shared, owner, plan.entry.key.place, others=others, path=path)

    def _matter(self, plan: _ActorPlan, node: Mapping, shown: str) -> dict[str, Value]:
        """What stands of the actor's physics, but for keys that the model itself has."""
        own = {
            name: parameter
            for name, parameter in Matter.parameters.items()
            if not any(name in member.parameters for member in plan.members)
        }
        rest = Mapping(tuple(e for e in node if e.key.text in own), node.place)
        return self._values.declared(rest, own, shown, plan.entry.key.place)

    def _sensor(self, entry: Entry) -> Sensor | None:
        shown, node = f"sensor '{entry.key.text}'", entry.value
        example = "write {camera: {mount: ego.windscreen}}"
        if not isinstance(node, Mapping):
            place = entry.key.place if isinstance(node, Scalar) and node.is_null else node.place
            self.report.add(place, f"{shown} is a mapping, found {nodes.describe(node)}", example)
            return None
        kinds = [e for e in node if e.key.text not in SENSOR]
        known = [e for e in kinds if e.key.text in vocabulary.sensors]
        if len(kinds) > 1 and len(known) == 1:
            self._misplaced(entry.key.text, known[0].key.text, [e for e in kinds if e is not known[0]])
            return None
        if len(kinds) != 1:
            found = " and ".join(f"'{e.key.text}'" for e in kinds) or "none"
            self.report.add(entry.key.place, f"{shown} is of one kind, found {found}", example)
            return None
        path = f"sensors.{entry.key.text}."
        sensor = self._values.member(kinds[0], vocabulary.sensors, shown, path=path)
        if sensor is not None:
            self._check_mount(sensor)
            sensors.check(sensor, self.report)
        items = self._values.items(node.get("effects"), f"'effects' of {shown}")
        effects = [self._values.named(item, vocabulary.effects, shown) for item in items]
        if sensor is None:
            return None
        present = tuple(effect for effect in effects if effect is not None)
        return Sensor(name=entry.key.text, sensor=sensor, effects=present, place=entry.key.place)

    def _misplaced(self, sensor: str, kind: str, entries: list[Entry]) -> None:
        """Keys beside the kind of a sensor: what they say belongs one level deeper."""
        parameters = vocabulary.sensors.get(kind).parameters
        for entry in entries:
            name = entry.key.text
            meant = name if name in parameters else nearest(name, parameters)
            remedy = f"did you mean 'sensors.{sensor}.{kind}.{meant}'?" if meant else f"known: {kind}, effects"
            if name in EnvironmentSpec.parameters and name not in parameters:
                remedy = unknown_key(name, (), "key")
            self.report.add(entry.key.place, f"unknown key '{name}' in sensor '{sensor}'", remedy)

    def _check_mount(self, sensor: Named) -> None:
        """A mount starts with the name of what carries it: an actor, the world, or a fixture that only the setting
        knows, so that a name is told to be wrong only where it is close to an actor's."""
        mount = sensor.values.get("mount")
        if not isinstance(mount, Constant):
            return
        carrier = str(mount.value).partition(".")[0]
        meant = suggestion(carrier, self._models, "actor")
        if carrier not in (*self._models, WORLD) and meant.startswith("did you mean"):
            self.report.add(mount.place, f"unknown actor '{carrier}' to mount the sensor on", meant)

    # Conditions --------------------------------------------------------------------------------------------------

    def _end(self) -> Expression | None:
        node = self.tree.get("end")
        if node is None:
            return None
        text_of_end = self._combined(node, 0)
        if text_of_end is None:
            return None
        end = Expression(text=text_of_end, place=node.place)
        ending.check(end, self._parameters, self.report)
        return end

    def _combined(self, node: Node, depth: int) -> str | None:
        """A condition, or ``any``/``all`` of several, as one expression's text."""
        if isinstance(node, Scalar):
            condition = self._values.condition(node, self._conditions, "'end'")
            return None if condition is None else condition.text
        entry = node.entries[0] if isinstance(node, Mapping) and len(node.entries) == 1 else None
        if entry is None or entry.key.text not in END:
            message = f"'end' is one condition, or any or all of several; found {nodes.describe(node)}"
            self.report.add(node.place, message, "write {any: [condition, condition]}")
            return None
        items = self._values.items(entry.value, f"'{entry.key.text}'")
        if not items:
            self.report.add(entry.key.place, f"'{entry.key.text}' of no conditions", "list some, or remove it")
            return None
        parts = [self._combined(item, depth + 1) for item in items]
        texts = [part for part in parts if part is not None]
        if len(texts) < len(parts):
            return None
        joined = {"any": " or ", "all": " and "}[entry.key.text].join(f"({part})" for part in texts)
        return joined if len(texts) > 1 else texts[0]

    def _require(self) -> tuple[Expression, ...]:
        items = self._values.items(self.tree.get("require"), "'require'")
        read = [self._values.condition(item, self._conditions, "a requirement") for item in items]
        found = tuple(condition for condition in read if condition is not None)
        for requirement in found:
            self._before_the_run(requirement)
        return found

    def _before_the_run(self, requirement: Expression) -> None:
        """Complains of what a requirement asks of the story, which has not begun when it is checked."""
        for call in walk(parse_expression(requirement.text, requirement.place)):
            if isinstance(call, Call) and call.function in vocabulary.conditions:
                asked = vocabulary.conditions.get(call.function).parameters.values()
                if any(parameter.kind == "event" for parameter in asked):
                    message = (
                        f"'{call.function}' is known only once the story runs, and requirements are checked before"
                    )
                    self.report.add(requirement.place, message, "ask for it under 'expect'")

    def _expect(self) -> tuple[Expectation, ...]:
        items = self._values.items(self.tree.get("expect"), "'expect'")
        read = [self._expectation(item) for item in items]
        return tuple(expectation for expectation in read if expectation is not None)

    def _expectation(self, node: Node) -> Expectation | None:
        on_miss: Any = "report"
        asked: Node = node
        if isinstance(node, Mapping):
            self._values.known_keys(node, EXPECTATION, "an expectation")
            condition_entry, miss = node.entry("condition"), node.entry("on_miss")
            if miss is not None:
                on_miss = self._values.fixed(miss, _ON_MISS, "report")
            if condition_entry is None:
                self.report.add(node.place, "this expectation has no condition", "write {condition: …, on_miss: fail}")
                return None
            asked = condition_entry.value
        condition = self._values.condition(asked, self._conditions, "an expectation")
        return None if condition is None else Expectation(condition=condition, on_miss=on_miss)

    # What hangs together -----------------------------------------------------------------------------------------

    def _check_events(self, story: tuple[Event, ...]) -> None:
        first: dict[str, Event] = {}
        for event in story:
            if not event.name:
                continue
            self._nameable(event.name, "event", event.place)
            if event.name in first:
                line = first[event.name].place.line
                self.report.add(event.place, f"the event '{event.name}' is here twice", f"it is already in line {line}")
            first.setdefault(event.name, event)
        waits = {
            event.name: [*([event.after.event] if event.after else []), *([event.before.event] if event.before else [])]
            for event in story
        }
        for circle in _circles(waits):
            path = " -> ".join(circle)
            message = f"the events wait for each other: {path}"
            self.report.add(first[circle[0]].place, message, "start one of them by 'when', or with the scenario")

    def _check_times(self, story: tuple[Event, ...], rest: dict[str, Any]) -> None:
        asked = [condition for event in story for condition in (event.when, event.until)]
        asked += [rest["end"], *rest["require"], *(e.condition for e in rest["expect"])]
        for condition in asked:
            if condition is not None:
                ending.check_times(condition, self._parameters, self.report)

    def _check_places(self, actors: tuple[Actor, ...]) -> None:
        by_name = {actor.name: actor for actor in actors}
        beside = {actor.name: [n for n in placement.relatives(actor.at) if n in by_name] for actor in actors}
        for circle in _circles(beside):
            if len(circle) > 2:
                message = f"the places refer to each other: {' -> '.join(circle)}"
                self.report.add(by_name[circle[0]].at.place, message, "give one of them a place of its own")

    def _check_circles(self, scenario: LogicalScenario) -> None:
        """Values that need each other: a parameter that needs an actor's height that needs the parameter."""
        places = {f"${name}": value.place for name, value in scenario.parameters.items()}
        places |= {f"environment.{name}": value.place for name, value in scenario.environment.items()}
        needs = {f"${name}": _needs(value) for name, value in scenario.parameters.items()}
        needs |= {f"environment.{name}": _needs(value) for name, value in scenario.environment.items()}
        for actor in scenario.actors:
            # A model is made of all its parameters at once, so that none of them can wait for another.
            places[actor.name] = actor.place
            needs[actor.name] = {n for v in (actor.model.name, *actor.model.values.values()) for n in _needs(v)}
            if actor.speed is not None:
                places[f"{actor.name}.speed"] = actor.speed.place
                needs[f"{actor.name}.speed"] = _needs(actor.speed)
        edges = {path: sorted(_source(name) for name in names) for path, names in needs.items()}
        for circle in _circles(edges):
            message = f"the values need each other: {' -> '.join(circle)}"
            self.report.add(places[circle[0]], message, "give one of them a value of its own")


def _needs(value: Value) -> set[str]:
    """What a value reads, as ``$parameter`` and ``owner.property``."""
    match value:
        case Constant():
            return set()
        case Expression(text=written, place=place):
            found: set[str] = set()
            for node in walk(parse_expression(written, place)):
                if isinstance(node, ParameterNode):
                    found.add(f"${node.name}")
                elif isinstance(node, Property):
                    found.add(f"{node.owner}.{node.name}")
            return found
        case Distribution(arguments=arguments):
            return {name for argument in arguments.values() for name in _needs(argument)}
        case ValueList(items=items):
            return {name for item in items for name in _needs(item)}
        case ValueMap(items=named):
            return {name for item in named.values() for name in _needs(item)}


def _source(name: str) -> str:
    """What must be known for a name to have a value: the whole model for one of its parameters."""
    owner, dot, rest = name.partition(".")
    return owner if dot and owner != "environment" and rest != "speed" else name


def _circles(edges: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """One path for each circle of a graph, starting and ending with the same node."""
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        rest = [iter((start,))]
        while rest:
            node = next(rest[-1], None)
            if node is None:
                rest.pop()
                if path:
                    done.add(path.pop())
            elif node in path:
                found.append((*path[path.index(node) :], node))
            elif node in edges and node not in done:
                path.append(node)
                rest.append(iter(edges[node]))
    return found
