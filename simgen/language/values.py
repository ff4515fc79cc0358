"""Nodes read as values: constants, expressions, distributions, lists and maps, checked against declarations."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from simgen.core import declare, vocabulary
from simgen.core.declare import Parameter
from simgen.core.errors import Place, SimgenError, ValueOutOfRange, nearest, suggestion
from simgen.core.units import NUMBER, Dimension, UnitError, as_meant, dimension_of, from_si
from simgen.language import expressions, nodes
from simgen.language.diagnostics import Report, listed
from simgen.language.expressions import Expr, Names
from simgen.language.expressions.checking import Type, declared_type, describe, unit_remedy
from simgen.language.expressions.evaluation import Constants
from simgen.language.expressions.grammar import parse_located
from simgen.language.logical import Constant, Distribution, Expression, Named, Value, ValueList, ValueMap
from simgen.language.nodes import Mapping as MappingNode
from simgen.language.nodes import Node, Scalar
from simgen.language.nodes import Sequence as SequenceNode
from simgen.scene.environment import EnvironmentSpec

_PARAMETER = re.compile(r"\$[A-Za-z_]\w*")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|nan))(\s+\S+)?|[-+]?(inf|infinity|nan)", re.IGNORECASE)
"""YAML's ``.inf`` and ``.nan``, with or without a unit, and what other languages call these."""
_WORD = re.compile(r"[A-Za-z_][\w./\-]*")
_BOUNDS = ("low", "high", "mode", "median", "edges", "options")
"""Arguments of distributions that are themselves values that may be drawn, so that declared limits hold for them."""


Drawn: TypeAlias = "tuple[Distribution, Type, str]"
"""A distribution, the type of what it draws, and how ("number", "integer", "option")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueReader:
    """Reads values. Every mistake goes to ``report``; what cannot be read comes back as None.

    Attributes:
        names: what expressions in values may name.
        resolve: (path as written, file it was written in) -> the file that it means.
    """

    report: Report
    names: Names
    resolve: Callable[[str, str], Path] = field(default=lambda path, file: Path(path))

    # Sections ----------------------------------------------------------------------------------------------------

    def mapping(self, node: Node | None, what: str) -> MappingNode | None:
        """The node where it is a mapping; an empty section is None without a mistake."""
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return None
        if isinstance(node, MappingNode):
            return node
        self.report.add(node.place, f"{what} is a mapping, found {nodes.describe(node)}", "write 'name: value' pairs")
        return None

    def items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """The items of a list; an empty section has none."""
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return ()
        if isinstance(node, SequenceNode):
            return node.items
        self.report.add(node.place, f"{what} is a list, found {nodes.describe(node)}", "start each item with '- '")
        return ()

    def known_keys(self, node: MappingNode, known: Iterable[str], owner: str) -> None:
        """Every key that is not known is a mistake."""
        names = list(known)
        for entry in node:
            if entry.key.text not in names:
                below = nodes.one_deeper(entry.key.text, node)
                remedy = f"did you mean '{below}'?" if below else suggestion(entry.key.text, names, "key")
                self.report.add(entry.key.place, f"unknown key '{entry.key.text}' in {owner}", remedy)

    def declared(
        self,
        node: MappingNode | None,
        parameters: Mapping[str, Parameter],
        owner: str,
        place: Place,
        *,
        others: Sequence[str] = (),
        path: str = "",
    ) -> dict[str, Value]:
        """The values of declared parameters. Unknown keys (but ``others``) and missing ones are mistakes. ``path`` is
        where the node stands, with a dot behind it."""
        values: dict[str, Value] = {}
        for entry in node or ():
            name = entry.key.text
            if name in others:
                continue
            if name not in parameters:
                below = nodes.one_deeper(name, node) or _field(name, parameters)
                remedy = (
                    f"did you mean '{path}{below}'?"
                    if below
                    else unknown_key(name, [*parameters, *others], "parameter")
                )
                self.report.add(entry.key.place, f"unknown parameter '{name}' of {owner}", remedy)
                continue
            value = self.value(entry.value, parameters[name], entry.key.place)
            if value is not None:
                values[name] = value
        present = node.keys() if node is not None else ()
        for name, parameter in parameters.items():
            if parameter.required and parameter.vary is None and name not in present:
                self.report.add(place, f"{owner} needs '{name}' ({parameter.help})", parameter.expected())
        return values

    def named(self, node: Node, registry: vocabulary.Members, owner: str) -> Named | None:
        """Something registered: its bare name, or ``{name: {parameter: value}}``."""
        if isinstance(node, Scalar) and not node.is_null:
            return self.member(nodes.Entry(node, Scalar("", node.place)), registry, owner)
        if isinstance(node, MappingNode) and len(node.entries) == 1:
            return self.member(node.entries[0], registry, owner)
        found = nodes.describe(node)
        if isinstance(node, MappingNode):
            found = f"{len(node.entries)} keys" if node.entries else "an empty mapping"
        self.report.add(
            node.place, f"{owner} names one {registry.kind}, found {found}", "write name or {name: {parameter: value}}"
        )
        return None

    def member(self, entry: nodes.Entry, registry: vocabulary.Members, owner: str, *, path: str = "") -> Named | None:
        """``name: {parameter: value}``, ``name: value`` (its shorthand) or ``name:`` alone. ``path`` as for
        ``declared``, of what has the name as a key."""
        name, node, place = entry.key.text, entry.value, entry.key.place
        if name not in registry:
            remedy = suggestion(name, registry.names(), registry.kind)
            self.report.add(place, f"unknown {registry.kind} '{name}' for {owner}", remedy)
            return None
        member = registry.get(name)
        shown = f"{registry.kind} '{name}'"
        if isinstance(node, Scalar) and node.is_null:
            return Named(name=name, values=self.declared(None, member.parameters, shown, place), place=place)
        if self._is_shorthand(node, member):
            short = nodes.Entry(Scalar(member.shorthand, node.place), node)
            node = MappingNode((short,), node.place)
        if not isinstance(node, MappingNode):
            taken = ", ".join(member.parameters) or "nothing"
            self.report.add(
                node.place,
                f"{shown} takes its parameters by name, found {nodes.describe(node)}",
                f"write {{name: value}}; it takes {taken}",
            )
            return None
        below = f"{path}{name}." if path else ""
        return Named(name=name, values=self.declared(node, member.parameters, shown, place, path=below), place=place)

    @staticmethod
    def _is_shorthand(node: Node, member: type[declare.Declared]) -> bool:
        if member.shorthand is None:
            return False
        if not isinstance(node, MappingNode):
            return True
        keys = node.keys()
        return len(keys) == 1 and keys[0] not in member.parameters and keys[0] in vocabulary.distributions

    # Values ------------------------------------------------------------------------------------------------------

    def value(self, node: Node, slot: Parameter, near: Place) -> Value | None:
        """The value of a declared parameter. ``near`` is where to point at when there is nothing to point at."""
        if isinstance(node, Scalar) and node.is_null:
            place = node.place if node.text else near
            self.report.add(place, f"{slot.name} has no value", slot.expected())
            return None
        match slot.kind:
            case "record":
                return self._record(node, slot)
            case "vector":
                return self._vector(node, slot)
            case "list":
                return self._list(node, slot)
        if isinstance(node, MappingNode):
            return self._distribution(node, slot)
        if isinstance(node, SequenceNode):
            self.report.add(node.place, f"{slot.name} is one value, found a list", slot.expected())
            return None
        match slot.kind:
            case "quantity" | "integer" | "flag":
                return self._calculated(node, slot)
            case _:
                return self._word(node, slot)

    def untyped(self, node: Node, name: str, near: Place) -> tuple[Value, Type] | None:
        """The value of a parameter of the scenario, which may hold anything, and what it holds."""
        if isinstance(node, Scalar) and node.is_null:
            place = node.place if node.text else near
            self.report.add(place, f"parameter '{name}' has no value", "write a value, or remove it")
            return None
        if isinstance(node, SequenceNode):
            self.report.add(node.place, f"parameter '{name}' is one value, found a list", "write {choice: [ … ]}")
            return None
        if isinstance(node, MappingNode):
            return self._untyped_distribution(node, name)
        if self._is_word(node):
            return Constant(value=node.text, dimension="text", text=node.text, place=node.place), "text"
        return self._expression(node)

    def condition(self, node: Node, names: Names, what: str) -> Expression | None:
        """A text that is true or false at a tick."""
        if not isinstance(node, Scalar):
            remedy = "write it as one text, in quotes when it stands between { } or [ ]"
            self.report.add(node.place, f"{what} is a condition, found {nodes.describe(node)}", remedy)
            return None
        tree = self._tree(node)
        if tree is None:
            return None
        before = len(self.report)
        kind = expressions.check(tree, names, self.report.add)
        if kind is not None and kind != "flag":
            self.report.add(tree.place, f"{what} is true or false, found {describe(kind)}", "compare it: < > ==")
        if len(self.report) > before:
            return None
        return Expression(text=_one_line(node.text), place=node.place)

    def fixed(self, entry: nodes.Entry, slot: Parameter, default: Any) -> Any:
        """A plain value that is the same in every sample."""
        value = self.value(entry.value, slot, entry.key.place)
        if value is None:
            return default
        if not isinstance(value, Constant):
            self.report.add(value.place, f"{slot.name} is the same in every sample", "write a constant")
            return default
        return int(value.value) if slot.kind == "integer" else value.value

    def _record(self, node: Node, slot: Parameter) -> Value | None:
        if slot.shorthand and isinstance(node, Scalar):
            node = MappingNode((nodes.Entry(Scalar(slot.shorthand, node.place), node),), node.place)
        mapping = self.mapping(node, slot.name)
        if mapping is None:
            return None
        fields = {f.name: f for f in slot.fields}
        return ValueMap(items=self.declared(mapping, fields, f"'{slot.name}'", node.place), place=node.place)

    def _vector(self, node: Node, slot: Parameter) -> Value | None:
        if not isinstance(node, SequenceNode) or len(node.items) != slot.length:
            given = node.items if isinstance(node, SequenceNode) else ()
            found = f"{len(given)}" if isinstance(node, SequenceNode) else nodes.describe(node)
            usual = (1,) * slot.length if slot.required or slot.default is None else slot.default
            lacking = [f"{value:g} {slot.unit}".strip() for value in usual[len(given) :]]
            example = ", ".join([*(nodes.flow(item) for item in given[: slot.length]), *lacking])
            message = f"{slot.name} takes {slot.length} numbers ({slot.help}), found {found}"
            self.report.add(node.place, message, f"write [{example}]")
            return None
        single = replace(slot, kind="integer" if slot.whole else "quantity", length=0)
        return self._several(node, single)

    def _list(self, node: Node, slot: Parameter) -> Value | None:
        if not isinstance(node, SequenceNode):
            self.report.add(node.place, f"{slot.name} is a list, found {nodes.describe(node)}", "write [first, second]")
            return None
        if slot.choices:
            return self._chosen(node, slot)
        items = [self.untyped(item, slot.name, node.place) for item in node.items]
        values = [item[0] for item in items if item is not None]
        return ValueList(items=tuple(values), place=node.place) if len(values) == len(items) else None

    def _chosen(self, node: SequenceNode, slot: Parameter) -> Value | None:
        """Some of the declared choices, each at most once."""
        if not node.items:
            self.report.add(node.place, f"{slot.name} is empty", f"list some of {listed(slot.choices)}, or remove it")
            return None
        values = self._several(node, replace(slot, kind="choice"))
        names = [item.value if isinstance(item, Constant) else None for item in values.items] if values else []
        for number, (name, item) in enumerate(zip(names, node.items, strict=False)):
            if name is not None and name in names[:number]:
                self.report.add(item.place, f"{slot.name} names '{name}' twice", "remove one of them")
                return None
        return values

    def _several(self, node: SequenceNode, single: Parameter) -> ValueList | None:
        values = [self.value(item, single, node.place) for item in node.items]
        present = [v for v in values if v is not None]
        return ValueList(items=tuple(present), place=node.place) if len(present) == len(values) else None

    def _tree(self, node: Scalar) -> Expr | None:
        if _NOT_FINITE.fullmatch(node.text.strip()):
            message = f"{_one_line(node.text)} is not a finite number"
            self.report.add(node.place, message, "write one that is, or leave it out")
            return None
        try:
            return parse_located(node.text, node.at)
        except expressions.ExpressionError as error:
            self.report.add_error(error, node.place)
            return None

    def _expression(self, node: Scalar) -> tuple[Constant | Expression, Type] | None:
        """A constant where nothing is left to ask, else an expression; and its type."""
        flag = node.flag
        if flag is not None:
            return Constant(value=flag, dimension="flag", text=node.text, place=node.place), "flag"
        tree = self._tree(node)
        if tree is None:
            return None
        before = len(self.report)
        kind = expressions.check(tree, self.names, self.report.add)
        if kind is None or len(self.report) > before:
            return None
        if not _is_constant(tree):
            return Expression(text=_one_line(node.text), place=node.place), kind
        try:
            value = expressions.evaluate(tree, Constants())
        except ValueOutOfRange as error:
            self.report.add_error(error, node.place)
            return None
        return Constant(value=value, dimension=str(kind), text=_one_line(node.text), place=node.place), kind

    def _calculated(self, node: Scalar, slot: Parameter) -> Value | None:
        wanted = declared_type(slot)
        if slot.kind == "flag" and node.text.lower() in ("on", "off", "yes", "no"):
            meant = "true" if node.text.lower() in ("on", "yes") else "false"
            self.report.add(node.place, f"{slot.name} is true or false, found the text '{node.text}'", f"write {meant}")
            return None
        if self._is_mere_word(node):
            message = f"{slot.name}: expected {_expected(slot, wanted)}, found the text '{node.text}'"
            self.report.add(node.place, message, slot.expected())
            return None
        spoken = as_meant(node.text, slot.unit)
        if spoken is not None:
            message = f"{slot.name}: expected {_expected(slot, wanted)}, found {nodes.describe(node)}"
            self.report.add(node.place, message, f"write {spoken}")
            return None
        read = self._expression(node)
        if read is None:
            return None
        value, kind = read
        if kind != wanted:
            found = describe(kind)
            message = f"{slot.name}: expected {_expected(slot, wanted)}, found {found}"
            tree = self._tree(node)
            remedy = unit_remedy(tree, slot.unit, wanted) if tree is not None else ""
            self.report.add(node.place, message, remedy)
            return None
        if ":" in node.text and slot.unit != "h" and isinstance(value, Constant):
            self.report.add(node.place, f"{slot.name} is no time of day", slot.expected())
            return None
        if isinstance(value, Constant) and not self._in_range(value, slot):
            return None
        return value

    def _in_range(self, value: Constant, slot: Parameter) -> bool:
        if slot.kind not in ("quantity", "integer") or isinstance(value.value, bool | str):
            return True
        number = from_si(value.value, slot.unit)
        if slot.low <= number <= slot.high and not (slot.kind == "integer" and number != int(number)):
            return True
        self.report.add(value.place, f"{slot.name} is {value.text}", slot.expected())
        return False

    def _word(self, node: Scalar, slot: Parameter) -> Value | None:
        """A text, one of several choices, or a reference; ``$name`` stands for a parameter that holds one."""
        text = node.text
        if _PARAMETER.fullmatch(text):
            read = self._expression(node)
            if read is None:
                return None
            if read[1] != "text":
                message = f"{slot.name}: expected {_expected(slot, 'text')}, and {text} is {describe(read[1])}"
                self.report.add(node.place, message, slot.expected())
                return None
            return read[0]
        if slot.kind == "choice" and text not in slot.choices:
            self.report.add(node.place, f"unknown {slot.name} '{text}'", suggestion(text, slot.choices, slot.name))
            return None
        if slot.kind in ("actor", "event", "sensor"):
            known = self.names.of_kind(slot.kind)
            if text not in known:
                remedy = suggestion(text, known, slot.kind)
                self.report.add(node.place, f"unknown {slot.kind} '{text}' for {slot.name}", remedy)
                return None
        return Constant(value=text, dimension="text", text=text, place=node.place)

    def _is_word(self, node: Scalar) -> bool:
        """Whether a text in an untyped slot is just a word and no expression."""
        if node.flag is not None or not _WORD.fullmatch(node.text):
            return False
        owner = node.text.partition(".")[0]
        return not ("." in node.text and (owner in self.names.models or owner == "environment"))

    def _is_mere_word(self, node: Scalar) -> bool:
        """Whether a text names nothing that a calculation might have meant."""
        named = (self.names.parameters, self.names.models, self.names.sensors, self.names.events)
        return (
            self._is_word(node)
            and not _NOT_FINITE.fullmatch(node.text)
            and node.text not in vocabulary.conditions
            and not any(node.text in names for names in named)
        )

    # Distributions -----------------------------------------------------------------------------------------------

    def _distribution(self, node: MappingNode, slot: Parameter) -> Value | None:
        drawn = self._drawn(node, slot)
        if drawn is None:
            return None
        value, kind, gives = drawn
        wanted = declared_type(slot)
        if kind != wanted:
            message = f"{slot.name}: expected {_expected(slot, wanted)}, and {value.name} gives {describe(kind)}"
            self.report.add(value.place, message, slot.expected())
            return None
        if slot.kind == "integer" and gives == "number":
            message = f"{slot.name} is a whole number, and {value.name} gives any"
            self.report.add(value.place, message, "write {integer: [low, high]}")
            return None
        return value

    def _untyped_distribution(self, node: MappingNode, name: str) -> tuple[Value, Type] | None:
        drawn = self._drawn(node, Parameter(kind="quantity", name=name, help=""), typed=False)
        return None if drawn is None else (drawn[0], drawn[1])

    def _drawn(
        self, node: MappingNode, slot: Parameter, *, typed: bool = True
    ) -> tuple[Distribution, Type, str] | None:
        """A distribution, what it draws and how ("number", "integer", "option")."""
        if len(node.entries) != 1:
            found = f"the keys {', '.join(node.keys())}" if node.entries else "an empty mapping"
            self.report.add(
                node.place, f"{slot.name} is one value, found {found}", "a distribution is {name: arguments}"
            )
            return None
        entry = node.entries[0]
        if entry.key.text not in vocabulary.distributions:
            remedy = suggestion(entry.key.text, vocabulary.distributions.names(), "distribution")
            message = f"unknown distribution '{entry.key.text}' for {slot.name}"
            self.report.add(entry.key.place, message, remedy)
            return None
        return _DistributionReader(self, entry, slot, typed).read()


def named_parameter(name: str, parameter: Any) -> Parameter:
    """A declaration outside of a class, with its name."""
    declared: Parameter = replace(parameter, name=name)
    return declared


def written_texts(arguments: Mapping[str, Value]) -> dict[str, tuple[str, ...]]:
    """The arguments of a distribution as they were written, where that is said by a text each."""
    texts: dict[str, tuple[str, ...]] = {}
    for name, value in arguments.items():
        items = value.items if isinstance(value, ValueList) else (value,)
        known = [item.text for item in items if isinstance(item, Constant)]
        if len(known) == len(items):
            texts[name] = tuple(known)
    return texts


def _expected(slot: Parameter, wanted: Type) -> str:
    if slot.choices:
        return f"one of {', '.join(slot.choices)}"
    if slot.kind in ("actor", "event", "sensor"):
        return f"the name of one {slot.kind}"
    shown = describe(wanted)
    # A rain rate is a length per time, but nobody thinks of it as a speed.
    if isinstance(wanted, Dimension) and slot.unit and str(wanted) != slot.unit and slot.unit in ("mm/h",):
        return f"a quantity in {slot.unit}"
    return shown


def _is_constant(tree: Expr) -> bool:
    return not any(
        isinstance(node, expressions.Parameter | expressions.Property | expressions.Name)
        or (isinstance(node, expressions.Call) and node.function not in expressions.FUNCTIONS)
        for node in expressions.walk(tree)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _DistributionReader:
    """Reads one distribution: ``name: arguments`` in any of the forms that its class allows."""

    def __init__(self, reader: ValueReader, entry: nodes.Entry, slot: Parameter, typed: bool) -> None:
        self._reader = reader
        self._report = reader.report
        self._entry = entry
        self._slot = slot
        self._typed = typed
        self._member: type[Any] = vocabulary.distributions.get(entry.key.text)
        self._name = entry.key.text
        self._kinds: list[tuple[Type, Place]] = []

    def read(self) -> Drawn | None:
        before = len(self._report)
        given = self._arguments()
        if given is None:
            return None
        arguments: dict[str, Value] = {}
        for name, node in given.items():
            value = self._argument(name, node)
            if value is not None:
                arguments[name] = value
        for name, parameter in self._member.parameters.items():
            if parameter.required and name not in given:
                message = f"{self._name} needs '{name}' ({parameter.help})"
                self._report.add(self._entry.key.place, message, self._member.remedy())
        kind = self._type(arguments)
        if len(self._report) > before or kind is None:
            return None
        place = self._entry.key.place
        self._check(arguments)
        if len(self._report) > before:
            return None
        text = f"{self._name}: {_shown(self._entry.value)}"
        return Distribution(name=self._name, arguments=arguments, text=text, place=place), kind, self._member.gives

    def _arguments(self) -> dict[str, Node] | None:
        node, member, place = self._entry.value, self._member, self._entry.key.place
        if isinstance(node, SequenceNode):
            if member.many is not None:
                return {member.many: node}
            names = member.positional()
            if len(node.items) > len(names):
                message = f"{self._name} takes {len(names)} arguments, found {len(node.items)}"
                self._report.add(node.place, message, member.remedy())
                return None
            return dict(zip(names, node.items, strict=False))
        if isinstance(node, MappingNode):
            unknown = [e for e in node if e.key.text not in member.parameters]
            if member.many is not None and len(unknown) == len(node.entries) > 0:
                options = SequenceNode(tuple(e.key for e in node), node.place)
                return {member.many: options, "weights": SequenceNode(tuple(e.value for e in node), node.place)}
            if not unknown and node.entries:
                return {e.key.text: e.value for e in node}
            # A nested distribution stands for the shorthand: ``exponential: {uniform: [1 s, 2 s]}``.
            if member.shorthand is not None and [e.key.text in vocabulary.distributions for e in node] == [True]:
                return {member.shorthand: node}
            for entry in unknown:
                remedy = suggestion(entry.key.text, member.parameters, "argument")
                self._report.add(entry.key.place, f"unknown argument '{entry.key.text}' of {self._name}", remedy)
            if not node.entries:
                self._report.add(place, f"{self._name} has no arguments", member.remedy())
            return None
        if member.shorthand is not None and not node.is_null:
            return {member.shorthand: node}
        found = "nothing" if node.is_null else nodes.describe(node)
        self._report.add(
            place if node.is_null else node.place, f"{self._name} has no arguments in {found}", member.remedy()
        )
        return None

    def _argument(self, name: str, node: Node) -> Value | None:
        own: Parameter = self._member.parameters[name]
        if name in self._member.dimensional or name == self._member.many:
            return self._dimensional(name, node, own)
        if own.kind == "list":
            return self._list(node, replace(own, kind="quantity"), name)
        if name in self._member.files:
            return self._file(node, own)
        return self._reader.value(node, own, self._entry.key.place)

    def _list(self, node: Node, single: Parameter, name: str) -> Value | None:
        if not isinstance(node, SequenceNode):
            message = f"{name} of {self._name} is a list, found {nodes.describe(node)}"
            self._report.add(node.place, message, "write [first, second]")
            return None
        return self._reader._several(node, single)

    def _dimensional(self, name: str, node: Node, own: Parameter) -> Value | None:
        """An argument that is itself a value of what is drawn."""
        if own.kind == "list":
            if not isinstance(node, SequenceNode):
                message = f"{name} of {self._name} is a list, found {nodes.describe(node)}"
                self._report.add(node.place, message, "write [first, second]")
                return None
            values = [self._one(name, item, own) for item in node.items]
            present = tuple(v for v in values if v is not None)
            return ValueList(items=present, place=node.place) if len(present) == len(values) else None
        return self._one(name, node, own)

    def _one(self, name: str, node: Node, own: Parameter) -> Value | None:
        place = self._entry.key.place
        if own.unit:
            # von_mises: an angle whatever the slot wants.
            self._kinds.append((dimension_of(own.unit), node.place))
            return self._reader.value(node, own, place)
        if not self._typed:
            read = self._reader.untyped(node, self._slot.name, place)
            if read is None:
                return None
            self._kinds.append((read[1], node.place))
            return read[0]
        slot = self._slot if name in _BOUNDS else replace(self._slot, low=-math.inf, high=math.inf)
        self._kinds.append((declared_type(self._slot), node.place))
        return self._reader.value(node, slot, place)

    def _file(self, node: Node, own: Parameter) -> Value | None:
        value = self._reader.value(node, own, self._entry.key.place)
        if not isinstance(value, Constant) or not isinstance(value.value, str):
            return value
        path = self._reader.resolve(value.value, value.place.file)
        if not path.is_file():
            self._report.add(value.place, f"there is no file '{value.value}'", f"it is looked for at {path}")
            return None
        return value.model_copy(update={"value": str(path)})

    def _type(self, arguments: Mapping[str, Value]) -> Type | None:
        if self._member.gives == "integer":
            return NUMBER
        unit = arguments.get("unit")
        if self._member.files and "unit" in self._member.parameters:
            if unit is None:
                return NUMBER
            try:
                return dimension_of(str(unit.value)) if isinstance(unit, Constant) else None
            except UnitError as error:
                self._report.add_error(error, unit.place)
                return None
        many = self._member.many
        if not self._kinds and many is not None:
            if many in arguments:  # read, and empty: the distribution itself says what it lacks
                self._check(arguments)
            return None
        if not self._kinds:
            return NUMBER
        first = self._kinds[0][0]
        for kind, place in self._kinds[1:]:
            if kind != first:
                message = f"{self._name} mixes {describe(first)} and {describe(kind)}"
                self._report.add(place, message, "give all of them the same kind of unit")
                return None
        if self._member.gives == "number" and not isinstance(first, Dimension):
            message = f"{self._name} draws numbers, found {describe(first)}"
            self._report.add(self._kinds[0][1], message, self._member.remedy())
            return None
        return first

    def _check(self, arguments: Mapping[str, Value]) -> None:
        """What the distribution itself finds wrong with constant arguments."""
        plain: dict[str, Any] = {}
        for name, value in arguments.items():
            match value:
                case Constant():
                    plain[name] = value.value
                case ValueList(items=items) if all(isinstance(i, Constant) for i in items):
                    plain[name] = tuple(i.value for i in items if isinstance(i, Constant))
                case _:
                    return
        try:
            self._member(where=self._name, written=written_texts(arguments), **plain)
        except SimgenError as error:
            self._report.add(self._entry.key.place, error.message, error.remedy)


def _shown(node: Node) -> str:
    """A node in YAML's flow form, for records."""
    match node:
        case Scalar(text=text):
            return _one_line(text)
        case SequenceNode(items=items):
            return f"[{', '.join(_shown(i) for i in items)}]"
        case MappingNode(entries=entries):
            return f"{{{', '.join(f'{e.key.text}: {_shown(e.value)}' for e in entries)}}}"


def unknown_key(name: str, known: Sequence[str], kind: str) -> str:
    """The remedy for a key that is not known where it stands; weather has a section of its own."""
    if name in EnvironmentSpec.parameters and nearest(name, known, cutoff=0.8) is None:
        return f"it stands in a section of its own: environment: {{{name}: …}}"
    return suggestion(name, known, kind) if known else "it takes no parameters"


def _field(name: str, parameters: Mapping[str, Parameter]) -> str | None:
    """``record.name`` of the first record that has this field."""
    records = (p for p in parameters.values() if p.kind == "record")
    return next((f"{p.name}.{name}" for p in records if any(f.name == name for f in p.fields)), None)
