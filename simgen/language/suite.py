"""A suite: scenarios x overrides x environments x faults, without what ``exclude`` names.

    suite: night_rain
    scenarios: [child_chases_ball, cut_in]
    environments: {dry: none, rain: weather/heavy_rain, fog: {environment.fog_visibility: 60 m}}
    faults: [none, faults/frozen_camera]
    exclude:
      - {scenario: cut_in, environment: [fog, rain]}

A point on an axis is ``none``, a fragment or several, or a mapping of paths to values.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path

from simgen.core.errors import SimgenError, suggestion
from simgen.language import library, nodes
from simgen.language.diagnostics import Report
from simgen.language.logical import Source
from simgen.language.nodes import Entry, Mapping, Node, Scalar, Sequence

_AXES = {"overrides": "override", "environments": "environment", "faults": "fault"}
"""Section of each axis, and what one of its points is called under ``exclude`` and in a case."""
_KEYS = ("simgen", "suite", "summary", "tags", "scenarios", *_AXES, "exclude")
MAX_CASES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One point of the matrix: ``overrides`` are given to ``language.load`` with ``scenario``."""

    scenario: str
    overrides: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The scenario and its points, without those that change nothing: "cut_in/rain"."""
        return "/".join([Path(self.scenario).stem, *(label for _, label in self.labels if label != "none")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite as read."""

    name: str
    summary: str
    cases: tuple[Case, ...]
    sources: tuple[Source, ...]


def load(source: str | Path) -> Suite:
    """The suite of a file, or of a name in the library.

    Raises:
        ScenarioInvalid: the file has mistakes; it holds all of them.
        UnknownName: neither a file nor a name of the library.
        SimgenError: the file cannot be read.
    """
    path = Path(source) if Path(source).is_file() else library.find(str(source), "suite")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SimgenError(f"cannot read: {error}", where=str(source), remedy="a suite is UTF-8 text") from None
    return parse(text, library.label(path), path.parent)


def parse(text: str, file: str = "<text>", folder: Path = Path()) -> Suite:
    """The suite of a YAML text; scenarios given by path are looked for in ``folder``.

    Raises:
        ScenarioInvalid: the text has mistakes; it holds all of them.
    """
    report = Report()
    tree = nodes.read(text, file, report)
    suite = _Reader(report, folder, file).read(tree, text) if isinstance(tree, Mapping) else None
    if tree is not None and not isinstance(tree, Mapping):
        report.add(tree.place, f"a suite is a mapping, found {nodes.describe(tree)}", "start with 'suite: name'")
    report.raise_if_any()
    assert suite is not None
    return suite


class _Reader:
    def __init__(self, report: Report, folder: Path, file: str) -> None:
        self._report = report
        self._folder = folder
        self._file = file

    def read(self, tree: Mapping, text: str) -> Suite:
        for entry in tree:
            if entry.key.text not in _KEYS:
                remedy = suggestion(entry.key.text, _KEYS, "section")
                self._report.add(entry.key.place, f"unknown section '{entry.key.text}' in a suite", remedy)
        name = nodes.text_of(tree.get("suite"))
        if name is None:
            self._report.add(tree.place, "the suite has no name", "write suite: name")
        scenarios = self._scenarios(tree)
        axes = {word: self._axis(tree.entry(section), section) for section, word in _AXES.items()}
        size = len(scenarios)
        for points in axes.values():
            size *= len(points)
        if size > MAX_CASES:
            self._report.add(tree.place, f"the matrix has {size} cases", f"up to {MAX_CASES} are read; split it")
            return Suite(name=name or "", summary="", cases=(), sources=())
        excluded = self._excluded(tree, {"scenario": scenarios, **axes})
        cases = tuple(self._cases(scenarios, axes, excluded))
        if scenarios and not cases:
            self._report.add(tree.place, "nothing is left of the matrix", "exclude less")
        return Suite(
            name=name or "",
            summary=" ".join((nodes.text_of(tree.get("summary")) or "").split()),
            cases=cases,
            sources=(Source(file=self._file, sha256=hashlib.sha256(text.encode()).hexdigest()),),
        )

    def _scenarios(self, tree: Mapping) -> dict[str, str]:
        """What ``language.load`` takes, by the name under which ``exclude`` knows it."""
        node = tree.get("scenarios")
        if not isinstance(node, Sequence) or not node.items:
            place = tree.place if node is None else node.place
            self._report.add(place, "a suite needs a list of scenarios", "write scenarios: [name, name]")
            return {}
        found: dict[str, str] = {}
        for item in node.items:
            title = nodes.text_of(item)
            if title is None:
                message = f"a scenario is a name or a path, found {nodes.describe(item)}"
                self._report.add(item.place, message, "write scenarios: [name, name]")
            elif "\0" not in title and (self._folder / title).is_file():
                found[Path(title).stem] = str(self._folder / title)
            else:
                try:
                    library.find(title)
                    found[title] = title
                except SimgenError as error:
                    self._report.add_error(error, item.place)
        return found

    def _axis(self, entry: Entry | None, section: str) -> dict[str, tuple[str, ...]]:
        """The overrides of each point by its name; an axis that is missing has one point that changes nothing."""
        if entry is None:
            return {"none": ()}
        node = entry.value
        points: dict[str, tuple[str, ...]] = {}
        if isinstance(node, Mapping):
            points = {e.key.text: self._point(e.value, e.key.text) for e in node}
        elif isinstance(node, Sequence):
            for item in node.items:
                title = nodes.text_of(item)
                if title is None:
                    message = f"a point without a name is a fragment, found {nodes.describe(item)}"
                    self._report.add(item.place, message, f"write {section}: {{name: {{path: value}}}}")
                else:
                    points[title.rpartition("/")[2]] = self._point(item, title)
        else:
            found = nodes.describe(node)
            self._report.add(node.place, f"'{section}' is a list or a mapping, found {found}", "write [none, name]")
        return points or {"none": ()}

    def _point(self, node: Node, name: str) -> tuple[str, ...]:
        title = nodes.text_of(node)
        if title == "none" or (isinstance(node, Scalar) and node.is_null):
            return ()
        if title is not None:
            return (f"use=[{title}]",)
        if isinstance(node, Sequence):
            titles = [nodes.text_of(item) for item in node.items]
            if None not in titles:
                return (f"use=[{', '.join(str(title) for title in titles)}]",)
        if isinstance(node, Mapping):
            return tuple(f"{e.key.text}={nodes.flow(e.value)}" for e in node)
        self._report.add(node.place, f"'{name}' is no point of an axis", "write none, a fragment, or {path: value}")
        return ()

    def _excluded(self, tree: Mapping, axes: MappingType[str, MappingType[str, object]]) -> list[dict[str, set[str]]]:
        node = tree.get("exclude")
        if node is None:
            return []
        if not isinstance(node, Sequence):
            self._report.add(node.place, f"'exclude' is a list, found {nodes.describe(node)}", "start with '- '")
            return []
        return [self._exclusion(item, axes) for item in node.items]

    def _exclusion(self, node: Node, axes: MappingType[str, MappingType[str, object]]) -> dict[str, set[str]]:
        example = "write {scenario: name, fault: name}"
        if not isinstance(node, Mapping) or not node.entries:
            self._report.add(node.place, f"an exclusion is a mapping, found {nodes.describe(node)}", example)
            return {}
        excluded: dict[str, set[str]] = {}
        for entry in node:
            axis = entry.key.text
            if axis not in axes:
                self._report.add(entry.key.place, f"unknown axis '{axis}'", suggestion(axis, axes, "axis"))
                continue
            items = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
            excluded[axis] = {name for item in items if (name := self._known(item, axis, axes[axis])) is not None}
        return excluded

    def _known(self, item: Node, axis: str, points: MappingType[str, object]) -> str | None:
        name = nodes.text_of(item)
        if name in points:
            return name
        shown = nodes.describe(item)
        self._report.add(item.place, f"unknown {axis} {shown}", suggestion(name or "", points, axis))
        return None

    @staticmethod
    def _cases(
        scenarios: MappingType[str, str],
        axes: MappingType[str, MappingType[str, tuple[str, ...]]],
        excluded: list[dict[str, set[str]]],
    ) -> list[Case]:
        cases: list[Case] = []
        for title, *points in itertools.product(scenarios, *axes.values()):
            labels = dict(zip(axes, points, strict=True))
            at = {"scenario": title, **labels}
            if any(e and all(at[axis] in names for axis, names in e.items()) for e in excluded):
                continue
            overrides = tuple(o for axis, point in labels.items() for o in axes[axis][point])
            cases.append(Case(scenario=scenarios[title], overrides=overrides, labels=tuple(labels.items())))
        return cases
