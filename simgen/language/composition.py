"""Files put together: ``extends``, ``use`` and overrides become one tree, in which every node keeps its own place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simgen.core import vocabulary
from simgen.core.errors import Place, SimgenError, nearest, suggestion
from simgen.language import library, nodes
from simgen.language.diagnostics import Report
from simgen.language.logical import Source
from simgen.language.nodes import Entry, Mapping, Node, Scalar
from simgen.language.nodes import Sequence as SequenceNode
from simgen.scene.environment import EnvironmentSpec

MAX_FILES = 40

SECTIONS = {
    "simgen": "version of the language, which is 1",
    "scenario": "name of the scenario, in one word",
    "summary": "what happens, in one sentence",
    "tags": "words to find the scenario by",
    "use": "fragments to merge, in order",
    "extends": "the scenario to start from",
    "parameters": "values that others read as $name",
    "assets": "catalogues of models of your own, relative to this file; what they say of each model",
    "setting": "where it happens, by kind and name; the setting's own parameters stand beside it",
    "environment": "time, light and weather",
    "randomize": "whether what the file leaves open varies, as a whole or by section",
    "actors": "who and what is there, each by name; its model's parameters stand beside these",
    "traffic": "who else is on the road and on the pavements",
    "sensors": "what watches, each by name, as {camera: {…}}; beside its kind",
    "story": "what happens, and when: a list of events",
    "end": "when the episode ends: a condition, or any or all of several",
    "require": "conditions that a sampled world must fulfil",
    "expect": "conditions that a run is checked for, alone or as {condition: …, on_miss: …}",
    "sample": "how the values are drawn",
}
"""The keys of a scenario file, each with a line of help."""

_OWN = ("simgen", "use", "extends")
"""Keys that speak of their own file alone."""
_JOINED = ("tags", "assets", "story", "require", "expect")
"""Sections whose items add up."""


@dataclass(slots=True, kw_only=True)
class Composition:
    """Reads a scenario and all that it is made of. Mistakes go to ``report``."""

    report: Report
    sources: dict[str, Source] = field(default_factory=dict)
    _folders: dict[str, Path] = field(default_factory=dict)
    _open: list[Path] = field(default_factory=list)

    def read_file(self, path: Path, asked_at: Place | None = None) -> Mapping | None:
        """The tree of a file with what it extends and uses.

        Raises:
            SimgenError: the file that the user named cannot be read.
        """
        label = library.label(path)
        resolved = path.resolve()
        if resolved in self._open or len(self.sources) >= MAX_FILES:
            chain = " -> ".join([*(library.label(p) for p in self._open), label])
            message = f"files include each other: {chain}" if resolved in self._open else "too many files"
            self.report.add(asked_at or Place(label, 1, 1), message, "break the circle")
            return None
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SimgenError(f"cannot read: {error.strerror}", where=label, remedy="check the path") from None
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            message = f"byte {error.start} is not UTF-8 text"
            self.report.add(Place(label, line, 1), message, "save the file as UTF-8")
            return None
        self._open.append(resolved)
        try:
            return self.read_text(text, label, path.parent)
        finally:
            self._open.pop()

    def read_text(self, text: str, label: str, folder: Path) -> Mapping | None:
        """The tree of a text with what it extends and uses, which are looked for in ``folder`` first."""
        digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
        self.sources[label] = Source(file=label, sha256=digest)
        self._folders[label] = folder
        tree = nodes.read(text, label, self.report)
        if tree is None:
            return None
        if not isinstance(tree, Mapping):
            message = f"a scenario is a mapping, found {nodes.describe(tree)}"
            self.report.add(tree.place, message, "start with 'simgen: 1' and 'scenario: name'")
            return None
        self._version(tree)
        below = self._extended(tree, folder)
        for fragment in self._used(tree, folder):
            below = merge(below, without(fragment, ("scenario", "summary")))
        return merge(below, without(tree, _OWN))

    def resolve(self, path: str, file: str) -> Path:
        """The file that a path in a file means."""
        return (self._folders.get(file, Path()) / path).absolute()

    def override(self, tree: Mapping, text: str) -> Mapping:
        """The tree with ``path=value`` set; ``use=[fragment]`` merges fragments over it."""
        path, equals, written = text.partition("=")
        path = path.strip()
        label = f"--set {path}"
        here = Place(label, 1, 1)
        if not equals or not path:
            self.report.add(Place(f"--set {text}", 1, 1), "nothing is set", 'write --set path="value"')
            return tree
        self.sources[f"--set {text}"] = Source(
            file=f"--set {text}", sha256=hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
        )
        self._folders[label] = Path()
        self.report.add_text(label, written)
        value = nodes.read(written, label, self.report) if written.strip() else Scalar("", here)
        if value is None:
            return tree
        if path == "use":
            for fragment in self._fragments(value, Path()):
                tree = merge(tree, without(fragment, ("scenario", "summary")))
            return tree
        if path == "extends" or path == "simgen":
            self.report.add(here, f"'{path}' cannot be set", "it belongs to a file")
            return tree
        changed = _Override(self.report, path, here).apply(tree, value)
        return changed if isinstance(changed, Mapping) else tree

    def _version(self, tree: Mapping) -> None:
        entry = tree.entry("simgen")
        if entry is None:
            if tree.entry("scenario") is not None:
                first = tree.entries[0].key.place
                self.report.add(first, "the version of the language is missing", "write 'simgen: 1' in front")
        elif not isinstance(entry.value, Scalar) or entry.value.text != "1":
            found = nodes.describe(entry.value)
            self.report.add(entry.value.place, f"version {found} of the language is unknown", "write 'simgen: 1'")

    def _extended(self, tree: Mapping, folder: Path) -> Mapping:
        node = tree.get("extends")
        empty = Mapping((), tree.place)
        if node is None:
            return empty
        if not isinstance(node, Scalar) or node.is_null:
            message = f"'extends' names one file, found {nodes.describe(node)}"
            self.report.add(node.place, message, "write extends: file.yaml; several are merged with 'use:'")
            return empty
        return self._included(node, folder, ("scenario", "fragment")) or empty

    def _used(self, tree: Mapping, folder: Path) -> list[Mapping]:
        node = tree.get("use")
        return [] if node is None else self._fragments(node, folder)

    def _fragments(self, node: Node, folder: Path) -> list[Mapping]:
        items = node.items if isinstance(node, SequenceNode) else (node,)
        found: list[Mapping] = []
        for item in items:
            if not isinstance(item, Scalar) or item.is_null:
                message = f"'use' names files, found {nodes.describe(item)}"
                self.report.add(item.place, message, "write use: [weather/heavy_rain]")
                continue
            fragment = self._included(item, folder, ("fragment",))
            if fragment is not None:
                found.append(fragment)
        return found

    def _included(self, node: Scalar, folder: Path, kinds: Sequence[library.Kind]) -> Mapping | None:
        """The tree of a file named in a scenario: relative to it, or in the library."""
        name = node.text
        for candidate in (folder / name, folder / f"{name}.yaml"):
            if "\0" not in name and candidate.is_file():
                return self._readable(candidate, node)
        known = {known: path for kind in kinds for known, path in library.files(kind).items()}
        path = known.get(name.removesuffix(".yaml"))
        if path is None and "scenario" in kinds:
            top = library.root()
            path = next((p for p in known.values() if p == top / f"{name.removesuffix('.yaml')}.yaml"), None)
        if path is not None:
            return self._readable(path, node)
        what = "scenario" if "scenario" in kinds else "fragment"
        self.report.add(node.place, f"there is no {what} '{name}'", suggestion(name, known, what))
        return None

    def _readable(self, path: Path, node: Scalar) -> Mapping | None:
        try:
            return self.read_file(path, node.place)
        except SimgenError as error:
            self.report.add(node.place, error.message, error.remedy)
            return None


def without(tree: Mapping, keys: Iterable[str]) -> Mapping:
    """The mapping without some of its keys."""
    gone = frozenset(keys)
    return Mapping(tuple(e for e in tree if e.key.text not in gone), tree.place)


def merge(below: Mapping, above: Mapping, path: tuple[str, ...] = ()) -> Mapping:
    """Two trees as one, ``above`` winning. Sections merge key by key, stories and lists of conditions add up, and a
    value replaces a value whole."""
    entries = {e.key.text: e for e in _kept(below, above, path)}
    for entry in above:
        name = entry.key.text
        old = entries.get(name)
        entries[name] = entry if old is None else Entry(entry.key, _merged(old.value, entry.value, (*path, name)))
    return Mapping(tuple(entries.values()), above.place if above.entries else below.place)


def _merged(below: Node, above: Node, path: tuple[str, ...]) -> Node:
    if isinstance(below, Mapping) and isinstance(above, Mapping) and _has_sections(path):
        return merge(below, above, path)
    if isinstance(below, SequenceNode) and isinstance(above, SequenceNode) and _adds_up(path):
        return _joined(below, above)
    return above


def _has_sections(path: tuple[str, ...]) -> bool:
    match path:
        case ("parameters" | "environment" | "setting" | "sample" | "actors" | "sensors",):
            return True
        case ("actors" | "sensors", _) | ("sensors", _, _):
            return True
    return False


def _adds_up(path: tuple[str, ...]) -> bool:
    return (len(path) == 1 and path[0] in _JOINED) or (path[:1] == ("sensors",) and path[2:] == ("effects",))


def _kept(below: Mapping, above: Mapping, path: tuple[str, ...]) -> tuple[Entry, ...]:
    """What stays of ``below`` where ``above`` may name another setting, or another kind of sensor."""
    if path == ("setting",):
        chosen = [e for e in above if e.key.text in setting_groups()]
        if any(nodes.text_of(below.get(e.key.text)) != nodes.text_of(e.value) for e in chosen):
            return ()
    if len(path) == 2 and path[0] == "sensors" and set(above.keys()) - {"effects", *below.keys()}:
        return tuple(e for e in below if e.key.text == "effects")
    return below.entries


def setting_groups() -> tuple[str, ...]:
    """The keys under which settings are named: road, room."""
    return tuple(sorted({str(member.group) for _, member in vocabulary.settings.items()}))


def _joined(below: SequenceNode, above: SequenceNode) -> SequenceNode:
    """The items of both; an event or a text that is in both is taken from ``above``, at its old position."""
    items = list(below.items)
    for item in above.items:
        name = _identity(item)
        same = next((i for i, old in enumerate(items) if name is not None and _identity(old) == name), None)
        if same is None:
            items.append(item)
        else:
            items[same] = item
    return SequenceNode(tuple(items), above.place)


def _identity(item: Node) -> str | None:
    if isinstance(item, Scalar):
        return item.text
    event = item.get("event") if isinstance(item, Mapping) else None
    return event.text if isinstance(event, Scalar) else None


def unknown_section(path: str, tree: Mapping) -> str:
    """The remedy for a path (or a key) at the top of a scenario that begins with no section's name."""
    name, dot, rest = path.partition(".")
    below = nodes.one_deeper(name, tree)
    if below is None and name in EnvironmentSpec.parameters:
        below = f"environment.{name}"
    if below is not None:
        return f"did you mean '{below}{dot}{rest}'?"
    parameters = tree.get("parameters")
    meant = nearest(name, parameters.keys() if isinstance(parameters, Mapping) else ())
    return f"did you mean 'parameters.{meant}'?" if meant else suggestion(name, SECTIONS, "section")


class _Override:
    """Sets one path of a tree."""

    def __init__(self, report: Report, path: str, place: Place) -> None:
        self._report = report
        self._path = path
        self._place = Place(place.file, place.line, place.column)

    def apply(self, tree: Mapping, value: Node) -> Node:
        segments = self._path.split(".")
        if segments[0] not in SECTIONS:
            self._report.add(self._place, f"unknown section '{segments[0]}'", unknown_section(self._path, tree))
            return tree
        return self._set(tree, segments, (), value)

    def _set(self, node: Node | None, rest: list[str], done: tuple[str, ...], value: Node) -> Node:
        if not rest:
            return value
        name, here = rest[0], (*done, rest[0])
        if node is None or (isinstance(node, Scalar) and node.is_null):
            node = Mapping((), self._place)
        if isinstance(node, SequenceNode):
            return self._set_item(node, rest, done, value)
        if isinstance(node, Scalar):
            message = f"'{'.'.join(done)}' is the value {nodes.describe(node)}; it has no '{name}'"
            self._report.add(self._place, message, f"write --set {'.'.join(done)}=value")
            return node
        # An actor's model may have a dot in a key of a choice, so the whole rest is tried before its first segment.
        entry = node.entry(".".join(rest))
        if entry is not None:
            rest, name, here = [".".join(rest)], ".".join(rest), (*done, ".".join(rest))
        entry = node.entry(name)
        if entry is None and not self._may_add(done, rest):
            deeper = nodes.one_deeper(name, node)
            meant = ".".join((*done, deeper, *rest[1:])) if deeper else ""
            remedy = f"did you mean '{meant}'?" if meant else suggestion(name, node.keys(), "key")
            self._report.add(self._place, f"'{'.'.join(done)}' has no '{name}'", remedy)
            return node
        below = self._set(None if entry is None else entry.value, rest[1:], here, value)
        key = Scalar(name, self._place) if entry is None else entry.key
        changed = {e.key.text: e for e in node} | {name: Entry(key, below)}
        return Mapping(tuple(changed.values()), node.place)

    @staticmethod
    def _may_add(done: tuple[str, ...], rest: list[str]) -> bool:
        """Whether a key may be new: a section, or the last key of a path, but never the name of something that
        nothing would use."""
        if not done:
            return True
        return len(rest) == 1 and done not in (("parameters",), ("actors",), ("sensors",), ("story",))

    def _set_item(self, node: SequenceNode, rest: list[str], done: tuple[str, ...], value: Node) -> Node:
        name = rest[0]
        index = int(name) if re.fullmatch(r"\d{1,6}", name) else None
        if index is None:
            index = next((i for i, item in enumerate(node.items) if _identity(item) == name), None)
        if index is None or index >= len(node.items):
            known = [n for n in (_identity(item) for item in node.items) if n is not None]
            remedy = suggestion(name, known, "item") if known else f"it has {len(node.items)} items, from 0 on"
            self._report.add(self._place, f"'{'.'.join(done)}' has no '{name}'", remedy)
            return node
        items = list(node.items)
        items[index] = self._set(items[index], rest[1:], (*done, name), value)
        return SequenceNode(tuple(items), node.place)
