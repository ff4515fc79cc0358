"""YAML text as a tree of nodes that know their places, without YAML's traps.

A plain scalar stays the text that was written (``on``, ``22:40``, ``012``); only ``true``, ``false`` and ``null`` mean
more. Keys are text and unique. The work that a text can cause is bounded: size, depth, and what its aliases expand to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import yaml

from simgen.core.errors import Place
from simgen.language.diagnostics import Report

MAX_CHARACTERS = 256 * 1024
MAX_NODES = 20_000
MAX_DEPTH = 24


@dataclass(frozen=True, slots=True)
class Scalar:
    """A piece of text. ``plain`` tells whether it stood without quotes; ``positions`` are the line and column of each
    character where they do not simply follow one another from ``place`` on."""

    text: str
    place: Place
    plain: bool = True
    positions: tuple[tuple[int, int], ...] = ()

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")

    @property
    def flag(self) -> bool | None:
        """True or false where that is what was written, else None."""
        if not self.plain or self.text not in ("true", "True", "TRUE", "false", "False", "FALSE"):
            return None
        return self.text.lower() == "true"

    def at(self, start: int, length: int) -> Place:
        """The place of a span of the text."""
        file, line, column = self.place.file, self.place.line, self.place.column
        if not self.positions:
            return Place(file, line, column + start, max(1, length))
        first = self.positions[min(start, len(self.positions) - 1)]
        last = self.positions[min(start + max(1, length), len(self.positions)) - 1]
        same_line = first[0] == last[0] and last[1] >= first[1]
        return Place(file, first[0], first[1], last[1] - first[1] + 1 if same_line else 1)


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys in the order written, each once."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> Node | None:
        entry = self.entry(key)
        return None if entry is None else entry.value

    def entry(self, key: str) -> Entry | None:
        return next((e for e in self.entries if e.key.text == key), None)

    def keys(self) -> tuple[str, ...]:
        return tuple(e.key.text for e in self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


_BARE = re.compile(r"(?:[\w.$+/]|-[\d.$])(?:[\w .$+/%^*()<>=-]*[\w.%)])?")
"""Texts that need no quotes wherever they stand."""

Node: TypeAlias = "Scalar | Sequence | Mapping"


def describe(node: Node) -> str:
    """What a node is, in the words of messages."""
    match node:
        case Scalar(is_null=True):
            return "nothing"
        case Scalar(text=text):
            line = " ".join(text.splitlines())
            return f"'{line}'" if len(line) <= 40 else f"'{line[:37]}…'"
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"


def text_of(node: Node | None) -> str | None:
    """The text of a scalar, else None."""
    return node.text if isinstance(node, Scalar) and not node.is_null else None


def one_deeper(name: str, node: Mapping | None) -> str | None:
    """``key.name`` of the first mapping among the values of ``node`` that has this name as a key."""
    return next(
        (f"{e.key.text}.{name}" for e in node or () if isinstance(e.value, Mapping) and e.value.entry(name)), None
    )


def flow(node: Node) -> str:
    """A node as YAML on one line, which reads back as the same node."""
    match node:
        case Scalar(text=text):
            return text if node.plain and _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)
        case Sequence(items=items):
            return f"[{', '.join(flow(item) for item in items)}]"
        case Mapping(entries=entries):
            return f"{{{', '.join(f'{flow(e.key)}: {flow(e.value)}' for e in entries)}}}"


def read(text: str, file: str, report: Report) -> Node | None:
    """The tree of a YAML text, or None when there is none to speak of; mistakes go to ``report``."""
    text = text.removeprefix("\ufeff")
    start = Place(file, 1, 1)
    if len(text) > MAX_CHARACTERS:
        report.add(start, f"{len(text)} characters are too many", f"a file may have {MAX_CHARACTERS}; split it")
        return None
    report.add_text(file, text)
    return _Composer(text, file, report).document()


class _UnreadableError(Exception):
    """Reading cannot go on; the mistake is in the report."""


class _Composer:
    """Turns PyYAML's events into nodes."""

    def __init__(self, text: str, file: str, report: Report) -> None:
        self._text = text
        self._file = file
        self._report = report
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._nodes = 0
        self._copied = 0  # of them, by aliases
        # PyYAML's events and marks are hardly typed; they do not leave this class.
        self._loader: Any = None

    def document(self) -> Node | None:
        try:
            self._loader = yaml.SafeLoader(self._text)
            self._loader.get_event()
            if self._loader.check_event(yaml.StreamEndEvent):
                self._report.add(Place(self._file, 1, 1), "there is nothing in this file", "start with 'simgen: 1'")
                return None
            self._loader.get_event()
            node = self._node(0)
            self._loader.get_event()
            following = self._loader.get_event()
            if not isinstance(following, yaml.StreamEndEvent):
                self._report.add(
                    self._place(following), "a second document starts here", "a file holds one; remove the '---'"
                )
            return node
        except yaml.MarkedYAMLError as error:
            self._syntax_error(error)
        except yaml.reader.ReaderError as error:
            self._unreadable(error.position, f"character {_code(error.character)} cannot stand in a YAML file")
        except (ValueError, OverflowError) as error:
            # PyYAML lets these through for an escape or a version number that is no character or number.
            self._unreadable(getattr(self._loader, "index", 0), f"not readable as YAML ({error})")
        except _UnreadableError:
            pass
        return None

    def _node(self, depth: int) -> Node:
        event = self._loader.get_event()
        place = self._place(event)
        if depth > MAX_DEPTH:
            self._stop(place, f"nested deeper than {MAX_DEPTH} levels", "no scenario needs that; check the brackets")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, place)
        before = self._nodes
        self._count(1, place)
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            self._report.add(place, f"the tag '{event.tag}' means nothing here", "remove it; a value needs no tag")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(place, bool(event.flow_style), depth)
        else:
            node = self._mapping(place, bool(event.flow_style), depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._nodes - before)
        return node

    def _alias(self, anchor: Any, place: Place) -> Node:
        if anchor not in self._anchors:
            known = ", ".join(f"&{name}" for name in self._anchors)
            self._stop(place, f"alias '*{anchor}' names no anchor", f"known: {known}" if known else "there is none")
        kept = self._anchors[anchor]
        if kept is None:
            self._stop(place, f"alias '*{anchor}' stands inside of what it names", "write the value out")
        node, size = kept
        self._copied += size
        self._count(size, place)
        return node

    def _count(self, nodes: int, place: Place) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            expanded = "with what its aliases stand for, " if self._copied else ""
            message = f"{expanded}the file has more than {MAX_NODES} keys, values and lists"
            self._stop(place, message, "write fewer, or split the file")

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        start, end = event.start_mark, event.end_mark
        plain = event.style is None
        skip = 0 if plain else 1
        if event.style in ("|", ">"):
            skip = self._text.find("\n", start.index) + 1 - start.index
        raw = self._text[start.index + skip : end.index]
        place = Place(self._file, start.line + 1, start.column + 1 + (skip if not self._broken(raw) else 0), 1)
        if raw.startswith(text) and not self._broken(text) and event.style not in ("|", ">"):
            return Scalar(text, Place(place.file, place.line, place.column, max(1, len(text))), plain)
        positions = _align(text, self._text, start.index + skip, end.index)
        whole = Place(self._file, start.line + 1, start.column + 1, max(1, len(raw) if not self._broken(raw) else 1))
        return Scalar(text, whole, plain, positions)

    @staticmethod
    def _broken(text: str) -> bool:
        return any(c in text for c in "\n\r\x85\u2028\u2029")

    def _sequence(self, place: Place, flow: bool, depth: int) -> Sequence:
        items: list[Node] = []
        while not self._loader.check_event(yaml.SequenceEndEvent):
            items.append(self._node(depth + 1))
        place = self._closed(place, self._loader.get_event())
        if flow:
            items = self._rejoin(items, "[ ]")
        return Sequence(tuple(items), place)

    def _mapping(self, place: Place, flow: bool, depth: int) -> Mapping:
        pairs: list[tuple[Node, Node]] = []
        while not self._loader.check_event(yaml.MappingEndEvent):
            key = self._node(depth + 1)
            pairs.append((key, self._node(depth + 1)))
        place = self._closed(place, self._loader.get_event())
        if flow:
            pairs = self._rejoin_pairs(pairs)
        entries: dict[str, Entry] = {}
        for key, value in pairs:
            if not isinstance(key, Scalar) or key.is_null:
                self._report.add(key.place, f"a key must be a name, not {describe(key)}", "write name: value")
            elif key.text == "<<" and key.plain:
                self._report.add(key.place, "'<<' merges nothing", "alias one value, or merge a file with 'use:'")
            elif key.text in entries:
                first = entries[key.text].key.place.line
                self._report.add(key.place, f"the key '{key.text}' is here twice", f"it is already in line {first}")
            else:
                entries[key.text] = Entry(key, value)
        return Mapping(tuple(entries.values()), place)

    @staticmethod
    def _closed(start: Place, event: Any) -> Place:
        """The place of a collection: up to its end where that is on the same line."""
        end = event.end_mark
        one_line = end.line + 1 == start.line and end.column + 1 > start.column
        return Place(start.file, start.line, start.column, end.column + 1 - start.column if one_line else 1)

    def _rejoin(self, items: list[Node], brackets: str) -> list[Node]:
        """Puts together what a comma inside of parentheses has cut: ``[max(1, 2)]`` reads as two items."""
        result: list[Node] = []
        position = 0
        while position < len(items):
            pieces = _cut(items[position:])
            joined = self._joined(items[position : position + pieces], brackets) if pieces > 1 else items[position]
            result.append(joined)
            position += pieces
        return result

    def _rejoin_pairs(self, pairs: list[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
        result: list[tuple[Node, Node]] = []
        position = 0
        while position < len(pairs):
            key, value = pairs[position]
            rest: list[Node] = [value]
            for piece, nothing in pairs[position + 1 :]:
                if not (isinstance(nothing, Scalar) and nothing.is_null):
                    break
                rest.append(piece)
            pieces = _cut(rest)
            result.append((key, self._joined(rest[:pieces], "{ }") if pieces > 1 else value))
            position += pieces
        return result

    def _joined(self, pieces: list[Node], brackets: str) -> Scalar:
        first, last = pieces[0], pieces[-1]
        assert isinstance(first, Scalar) and isinstance(last, Scalar)
        texts = [piece.text for piece in pieces if isinstance(piece, Scalar)]
        text = ", ".join(texts)
        one_line = first.place.line == last.place.line
        length = last.place.column + last.place.length - first.place.column if one_line else first.place.length
        place = Place(first.place.file, first.place.line, first.place.column, length)
        self._report.add(
            place,
            f"the comma after '{texts[0]}' ends the value, because it stands between {brackets}",
            f'write it in quotes: "{text}"' if '"' not in text else f"write it in quotes: '{text}'",
        )
        return Scalar(text, place)

    def _place(self, event: Any) -> Place:
        mark, end = event.start_mark, event.end_mark
        length = end.column - mark.column if end.line == mark.line else 1
        return Place(self._file, mark.line + 1, mark.column + 1, max(1, length))

    def _stop(self, place: Place, message: str, remedy: str) -> NoReturn:
        self._report.add(place, message, remedy)
        raise _UnreadableError

    def _unreadable(self, index: int, message: str) -> None:
        before = self._text[:index]
        line = len(re.findall("\r\n|[\n\r\x85\u2028\u2029]", before)) + 1
        column = index - max(before.rfind(c) for c in "\n\r\x85\u2028\u2029")
        self._report.add(Place(self._file, line, max(1, column)), message, "remove it")

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        place = Place(self._file, mark.line + 1, mark.column + 1) if mark else Place(self._file, 1, 1)
        problem = error.problem or "not readable as YAML"
        opened = error.context_mark.line + 1 if error.context_mark else place.line
        for pattern, message, remedy in _SYNTAX:
            found = re.search(pattern, f"{error.context or ''}; {problem}", re.DOTALL)
            if found:
                words = {"line": opened, "found": found[1] if found.groups() else ""}
                if "{start}" in message and error.context_mark:
                    place = Place(self._file, opened, error.context_mark.column + 1)
                self._report.add(place, message.format(start="", **words), remedy.format(**words))
                return
        self._report.add(place, problem, "see the line above, too")


def _code(character: object) -> str:
    return f"U+{character:04X}" if isinstance(character, int) else repr(character)


def _cut(nodes: list[Node]) -> int:
    """How many of the nodes are pieces of the first one, cut at commas between parentheses; 1 if it is whole."""
    depth = 0
    for count, node in enumerate(nodes, start=1):
        if not isinstance(node, Scalar) or not node.plain:
            return 1
        depth += node.text.count("(") - node.text.count(")")
        if depth <= 0:
            return count
    return 1


def _align(text: str, source: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The line and column in ``source[start:end]`` of each character of ``text``, which folding of lines has changed
    in nothing but white space; an escape shifts what follows it by its own length."""
    line = len(re.findall("\r\n|[\n\r\x85\u2028\u2029]", source[:start])) + 1
    column = start - max(source.rfind(c, 0, start) for c in "\n\r\x85\u2028\u2029")
    positions: list[tuple[int, int]] = []
    index = start
    for character in text:
        if not character.isspace():
            probe, probe_line, probe_column = index, line, column
            while probe < end and source[probe].isspace():
                if source[probe] in "\n\r\x85\u2028\u2029" and source[probe : probe + 2] != "\r\n":
                    probe_line, probe_column = probe_line + 1, 0
                probe, probe_column = probe + 1, probe_column + 1
            if probe < end:
                index, line, column = probe, probe_line, probe_column
        positions.append((line, column))
        at_blank = index < end and source[index].isspace()
        at_break = index < end and source[index] in "\n\r\x85\u2028\u2029"
        if index < end and not at_break and at_blank <= character.isspace():
            index, column = index + 1, column + 1
    return tuple(positions)


_SYNTAX = (
    (r"found character '\\t'", "a tab where YAML wants blanks", "indent with blanks"),
    (r"found character ('.+') that cannot start", "a value cannot start with {found}", "put the value in quotes"),
    (
        r"mapping values are not allowed",
        "a ': ' where none can be",
        "put the value in quotes if the colon belongs to it, or check how the line is indented",
    ),
    (
        r"expected ',' or '([}\]])', but got",
        "something is missing before this: a comma, or the '{found}' for line {line}",
        "close it with '{found}'",
    ),
    (
        r"expected <block end>",
        "this line does not go on with what line {line} began",
        "align it with the lines that it belongs to",
    ),
    (r"could not find expected ':'", "this is no 'key: value'", "write a colon and a blank after the key"),
    (r"quoted scalar.*end of stream", "{start}a quote is never closed", "close it"),
    (r"unknown escape character ('.+')", "a backslash and {found} mean nothing", "use single quotes, or write \\\\"),
    (r"sequence entries are not allowed", "a list cannot start here", "start it on a line of its own"),
    (
        r"expected '<document start>'",
        "this does not belong to what stands before it",
        "align it, or remove it",
    ),
    (r"node content.*found ('.+')", "{found} where a value should be", "write a value, or put it in quotes"),
)
