from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.language import nodes
from simgen.language.diagnostics import Report
from simgen.language.nodes import Mapping, Node, Scalar, Sequence


def read(text: str) -> Node | None:
    report = Report()
    node = nodes.read(text, "x.yaml", report)
    assert not len(report), [str(d) for d in report.diagnostics()]
    return node


def told(text: str) -> list[str]:
    report = Report()
    nodes.read(text, "x.yaml", report)
    return [f"{d.place.line}:{d.place.column}: {d.message} -> {d.remedy}" for d in report.diagnostics()]


def values(text: str) -> dict[str, str]:
    node = read(text)
    assert isinstance(node, Mapping)
    return {e.key.text: e.value.text for e in node if isinstance(e.value, Scalar)}


def test_plain_scalars_stay_the_text_that_was_written():
    text = "a: on\nb: off\nc: yes\nd: no\ne: 22:40\nf: 012\ng: 1e3\nh: 2024-01-01\ni: =\nj: 0x1F\nk: .inf\nl: 1_000\n"
    assert values(text) == {
        "a": "on", "b": "off", "c": "yes", "d": "no", "e": "22:40", "f": "012", "g": "1e3", "h": "2024-01-01",
        "i": "=", "j": "0x1F", "k": ".inf", "l": "1_000",
    }  # fmt: skip


def test_only_true_false_and_null_mean_more():
    node = read("[true, false, null, ~, 'true', 'null', yes]")
    assert isinstance(node, Sequence)
    scalars = [item for item in node.items if isinstance(item, Scalar)]
    assert [s.flag for s in scalars] == [True, False, None, None, None, None, None]
    assert [s.is_null for s in scalars] == [False, False, True, True, False, False, False]


def test_a_comma_inside_of_parentheses_is_explained_and_the_value_put_together():
    report = Report()
    node = nodes.read("a: {s: max(1 m, min(2 m, $x)), t: 3}\nb: [f(a, b) < 5 m, c]\n", "x.yaml", report)
    assert [
        f"{d.place.line}:{d.place.column}:{d.place.length} {d.message}; {d.remedy}" for d in report.diagnostics()
    ] == [
        "1:8:22 the comma after 'max(1 m' ends the value, because it stands between { }; "
        'write it in quotes: "max(1 m, min(2 m, $x))"',
        "2:5:13 the comma after 'f(a' ends the value, because it stands between [ ]; "
        'write it in quotes: "f(a, b) < 5 m"',
    ]
    assert isinstance(node, Mapping)
    first, second = node.get("a"), node.get("b")
    assert isinstance(first, Mapping) and first.keys() == ("s", "t")
    assert first.get("s").text == "max(1 m, min(2 m, $x))"  # type: ignore[union-attr]
    assert isinstance(second, Sequence) and [s.text for s in second.items] == ["f(a, b) < 5 m", "c"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: there is nothing in this file -> start with 'simgen: 1'"),
        ("# nothing\n", "1:1: there is nothing in this file"),
        ("a: 1\nb: 2\na: 3\n", "3:1: the key 'a' is here twice -> it is already in line 1"),
        ("a:\n\tb: 1\n", "2:1: a tab where YAML wants blanks -> indent with blanks"),
        ("a: b: c\n", "1:5: a ': ' where none can be -> put the value in quotes"),
        ("a: {b: 1\nc: 2\n", "something is missing before this: a comma, or the '}' for line 1"),
        ("a: 'b\n", "1:4: a quote is never closed -> close it"),
        ("a: %x\n", "1:4: a value cannot start with '%' -> put the value in quotes"),
        ("a: @x\n", "1:4: a value cannot start with '@'"),
        ('a: "x\\qy"\n', "1:7: a backslash and 'q' mean nothing"),
        ("- a\nb: c\n", "2:1: this line does not go on with what line 1 began"),
        ("a: - b\n", "1:4: a list cannot start here"),
        ("a: *x\n", "1:4: alias '*x' names no anchor -> there is none"),
        ("a: &x 1\nb: *y\n", "2:4: alias '*y' names no anchor -> known: &x"),
        ("a: &x [*x]\n", "alias '*x' stands inside of what it names"),
        ("? [a]\n: b\n", "1:3: a key must be a name, not a list"),
        ("{1: {2: 3}}: 4\n", "a key must be a name, not a mapping"),
        ("{~: 1}\n", "a key must be a name, not nothing"),
        ("<<: {a: 1}\n", "1:1: '<<' merges nothing"),
        ("a: !!python/object/apply:os.system [x]\n", "means nothing here -> remove it"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document starts here"),
        ("a: \x00\n", "1:4: character U+0000 cannot stand in a YAML file"),
        ("a: 1\nb: \x07\n", "2:4: character U+0007 cannot stand in a YAML file"),
        ('a: "\\UFFFFFFFF"\n', "not readable as YAML"),
        ("[" * 5000, "1:26: nested deeper than 24 levels"),
        ("- " * 5000, "nested deeper than 24 levels"),
        ("{a: " * 5000, "nested deeper than 24 levels"),
        ("a: " + "x" * 300_000, "300003 characters are too many"),
    ],
)  # fmt: skip
def test_traps_and_slips_are_explained(text: str, expected: str):
    found = told(text)
    assert any(expected in one for one in found), found


def test_aliases_that_explode_are_refused_and_others_are_not():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    (only,) = told("\n".join(lines))
    assert "with what its aliases stand for, the file has more than 20000 keys, values and lists" in only
    node = read("a: &x {s: 1}\nb: *x\n")
    assert isinstance(node, Mapping) and node.get("a") == node.get("b")


def test_a_file_of_too_many_values_is_told_its_limit_and_nothing_of_aliases():
    (only,) = told("a: [" + ", ".join(["1"] * 20_001) + "]")
    assert only.endswith("the file has more than 20000 keys, values and lists -> write fewer, or split the file")
    assert "alias" not in only


@pytest.mark.parametrize(
    "text",
    [
        "k: abc(def)",
        "k:   'abc(def)'",
        'k: "abc(def)"',
        "k: abc\n  (def)",
        "k: >\n  abc\n  (def)",
        "k: |\n  abc\n  (def)",
        "k: 'abc\n  (def)'",
        "é: 'abc(def)'",
        "\ufeffk: abc(def)",
        "k: abc\r\n  (def)",
    ],
)
def test_the_place_of_each_character_is_where_it_stands(text: str):
    node = read(text)
    assert isinstance(node, Mapping)
    value = node.entries[0].value
    assert isinstance(value, Scalar)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for index, character in enumerate(value.text):
        place = value.at(index, 1)
        if not character.isspace():
            assert lines[place.line - 1][place.column - 1] == character


@given(
    st.recursive(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc 1:", min_size=1), inner, max_size=3),
        max_leaves=8,
    )
)
@settings(max_examples=60)
def test_flow_text_reads_back_as_the_same_node(data: object):
    def node_of(value: object) -> str:
        if isinstance(value, str):
            return nodes.flow(Scalar(value, None, plain=False))  # type: ignore[arg-type]
        if isinstance(value, list):
            return f"[{', '.join(node_of(v) for v in value)}]"
        assert isinstance(value, dict)
        return f"{{{', '.join(f'{node_of(k)}: {node_of(v)}' for k, v in value.items())}}}"

    def data_of(node: Node | None) -> object:
        if isinstance(node, Scalar):
            return node.text
        if isinstance(node, Sequence):
            return [data_of(item) for item in node.items]
        assert isinstance(node, Mapping)
        return {e.key.text: data_of(e.value) for e in node}

    first = read(f"k: {node_of(data)}")
    assert data_of(first) == {"k": data}
    assert isinstance(first, Mapping)
    again = read(nodes.flow(first))
    assert data_of(again) == {"k": data}
