"""The grammar of expressions, and the parser that lark makes of it. Nothing is ever evaluated as Python."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from simgen.core.errors import Place, SimgenError
from simgen.core.units import UNIT_TEXT, UnitError, parse_unit
from simgen.language.expressions import tree
from simgen.language.expressions.tree import Expr

MAX_LENGTH = 10_000
MAX_DEPTH = 60

Locate = Callable[[int, int], Place]
"""(start, length) within the expression's text -> its place in the file."""


class ExpressionError(SimgenError):
    """An expression that cannot be read; ``where`` is the place inside of it."""


GRAMMAR = r"""
    start: _disjunction
    _disjunction: disjunction
    ?disjunction: conjunction (OR conjunction)*
    ?conjunction: inversion (AND inversion)*
    ?inversion: NOT inversion -> inversion | comparison
    ?comparison: sum (COMPARE sum)*
    ?sum: product | sum (PLUS | MINUS) product -> arithmetic
    ?product: sign | product (TIMES | OVER) sign -> arithmetic
    ?sign: MINUS sign -> negative | PLUS sign -> positive | power
    ?power: atom | atom POWER exponent -> arithmetic
    ?exponent: NUMBER -> number | MINUS NUMBER -> negative_number
    ?atom: QUANTITY -> quantity
         | CLOCK -> clock
         | NUMBER -> number
         | TEXT -> text
         | PARAMETER -> parameter
         | TRUE -> flag
         | FALSE -> flag
         | NAME "(" [disjunction ("," disjunction)*] CLOSE -> call
         | NAME ("." NAME)+ -> path
         | NAME -> name
         | OPEN disjunction CLOSE -> group

    OR: "or"
    AND: "and"
    NOT: "not"
    TRUE: "true"
    FALSE: "false"
    COMPARE: "<=" | ">=" | "==" | "!=" | "<" | ">"
    POWER: "**" | "^"
    PLUS: "+"
    MINUS: "-"
    TIMES: "*" | "·"
    OVER: "/"
    OPEN: "("
    CLOSE: ")"
    QUANTITY.3: /NUMBER_TEXT(?![eE][+-]?\d)(?:[ \t\n]+1?\/|[ \t\n]*)(?!(?:and|or|not)(?!\w))UNIT_TEXT(?![\w(.µμΩ°%])/
    CLOCK.3: /\d{1,2}:\d\d(?::\d\d)?(?![\w:])/
    NUMBER: /NUMBER_TEXT(?![\w.])/
    TEXT: /'[^'\n]*'|"[^"\n]*"/
    PARAMETER: /\$[A-Za-z_]\w*/
    NAME: /[A-Za-z_]\w*/
    %ignore /[ \t\n]+/
"""

_NUMBER_TEXT = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_POWER = re.compile(rf"(?:\*\*|\^)\s*-?\s*{_NUMBER_TEXT}$")
_QUANTITY = re.compile(rf"({_NUMBER_TEXT})\s*(.+)", re.DOTALL)
# A number wider than this is no quantity of the world, and costs time to make exact.
_WIDEST_EXPONENT = 400
_MOST_DIGITS = 60


class _Piece(NamedTuple):
    """A part of the tree with its span in the text, and how deep it is."""

    node: Expr
    start: int
    end: int
    depth: int


def parse(text: str, place: Place) -> Expr:
    """The tree of an expression that starts at ``place``.

    Raises:
        ExpressionError: not an expression; ``where`` is the place inside of the text.
    """
    return parse_located(text, lambda start, length: Place(place.file, place.line, place.column + start, length))


def parse_located(text: str, locate: Locate) -> Expr:
    """The tree of an expression whose characters stand where ``locate`` says. Raises ExpressionError."""
    return _Reader(text, locate).read()


class _Reader:
    """Reads one expression."""

    def __init__(self, text: str, locate: Locate) -> None:
        self._text = text
        self._locate = locate

    def read(self) -> Expr:
        import lark

        text = self._text
        if not text.strip():
            raise self._error(0, 1, "an expression is missing", "write one, or remove the key")
        if len(text) > MAX_LENGTH:
            raise self._error(0, 1, f"an expression of {len(text)} characters", f"up to {MAX_LENGTH} are read")
        self._check_brackets()
        try:
            parsed = _parser().parse(text)
        except lark.exceptions.UnexpectedCharacters as error:
            raise self._unexpected_character(error.pos_in_stream or 0) from None
        except lark.exceptions.UnexpectedToken as error:
            raise self._unexpected_token(error.token) from None
        return self._build(parsed.children[0]).node

    def _error(self, start: int, length: int, message: str, remedy: str) -> ExpressionError:
        return ExpressionError(message, where=self._locate(start, max(1, length)), remedy=remedy)

    def _check_brackets(self) -> None:
        opened: list[int] = []
        quote = ""
        for position, character in enumerate(self._text):
            if quote:
                quote = "" if character == quote else quote
            elif character in "'\"":
                quote = character
            elif character == "(":
                opened.append(position)
                if len(opened) > MAX_DEPTH:
                    raise self._too_deep(position)
            elif character == ")":
                if not opened:
                    raise self._error(position, 1, "this ')' closes nothing", "remove it, or open it before")
                opened.pop()
        if opened:
            raise self._error(opened[-1], 1, "this '(' is never closed", "add ')'")

    def _too_deep(self, position: int) -> ExpressionError:
        return self._error(position, 1, f"nested deeper than {MAX_DEPTH} levels", "name parts of it in 'parameters:'")

    def _unexpected_character(self, position: int) -> ExpressionError:
        character = self._text[position]
        rest = self._text[position:]
        number = re.match(_NUMBER_TEXT, rest)
        if number is not None:
            word = re.match(r"[\w.]*", rest[number.end() :])
            whole = number[0] + (word[0] if word else "")
            return self._error(position, len(whole), f"'{whole}' is no number", "write a number and its unit, '5 m'")
        if character == "=":
            return self._error(position, 1, "'=' compares nothing", "write '==', '<=' or '>='")
        if rest.startswith(("&&", "||")):
            word_for = "and" if character == "&" else "or"
            return self._error(position, 2, f"'{rest[:2]}' is not part of the language", f"write '{word_for}'")
        if character == "!":
            return self._error(position, 1, "'!' is not part of the language", "write 'not', or '!='")
        if character == "$":
            return self._error(position, 1, "'$' names no parameter", "write its name after it, '$name'")
        return self._error(position, 1, f"'{character}' cannot stand in an expression", "remove it")

    def _unexpected_token(self, token: Any) -> ExpressionError:
        if token.type == "$END":
            end = len(self._text.rstrip())
            return self._error(max(0, end - 1), 1, "the expression ends too early", "something must follow this")
        position, length, found = token.start_pos, len(token), str(token)
        before = self._text[:position].rstrip()
        if token.type == "POWER" and _POWER.search(before):
            remedy = "put the first one in brackets, (2 ** 3) ** 2, or multiply the exponents"
            return self._error(position, length, f"'{found}' raises what is a power already", remedy)
        if before.endswith(("**", "^")) and token.type != "POWER":
            message = f"an exponent is a number as it stands, found '{found}'"
            return self._error(position, length, message, "write it out, x ** 2 or x ** -0.5; exp and log take any")
        if token.type in ("NAME", "PARAMETER", "NUMBER", "QUANTITY", "TEXT", "CLOCK", "OPEN", "NOT", "TRUE", "FALSE"):
            what = f"'{before[-1:]}' and '{found}'" if before else f"'{found}'"
            remedy = "write an operator (+ - * / < and or) between them"
            return self._error(position, length, f"nothing joins {what}", remedy)
        remedy = "something is missing before it, or it is one too many"
        return self._error(position, length, f"'{found}' cannot stand here", remedy)

    def _build(self, item: Any) -> _Piece:
        """The node of lark's tree; its depth is bounded by the brackets' and operators' chains, checked on the way."""
        stack: list[tuple[Any, list[_Piece], int]] = [(item, [], 0)]
        # An explicit stack: a chain of a thousand '+' is no reason to run out of Python's.
        while True:
            current, done, position = stack[-1]
            subtrees = [c for c in current.children if hasattr(c, "data")]
            if position < len(subtrees):
                stack[-1] = (current, done, position + 1)
                stack.append((subtrees[position], [], 0))
                continue
            piece = self._piece(current, done)
            if piece.depth > MAX_DEPTH:
                raise self._too_deep(piece.start)
            stack.pop()
            if not stack:
                return piece
            stack[-1][1].append(piece)

    def _piece(self, item: Any, parts: list[_Piece]) -> _Piece:
        tokens = [c for c in item.children if c is not None and not hasattr(c, "data")]
        starts = [t.start_pos for t in tokens] + [p.start for p in parts]
        ends = [t.end_pos for t in tokens] + [p.end for p in parts]
        start, end = min(starts), max(ends)
        place = self._locate(start, end - start)
        node = self._node(str(item.data), tokens, [p.node for p in parts], start, place)
        return _Piece(node, start, end, 1 + max((p.depth for p in parts), default=0))

    def _node(self, rule: str, tokens: list[Any], nodes: list[Expr], start: int, place: Place) -> Expr:
        match rule:
            case "quantity" | "number" | "clock":
                return self._number(rule, str(tokens[0]), start, place)
            case "negative_number":
                digits = tokens[1]
                return tree.Negative(self._number("number", str(digits), digits.start_pos, place), place)
            case "text":
                return tree.Text(str(tokens[0])[1:-1], place)
            case "flag":
                return tree.Flag(str(tokens[0]) == "true", place)
            case "parameter":
                return tree.Parameter(str(tokens[0])[1:], place)
            case "name":
                return tree.Name(str(tokens[0]), place)
            case "path":
                return tree.Property(str(tokens[0]), ".".join(str(t) for t in tokens[1:]), place)
            case "call":
                return tree.Call(str(tokens[0]), tuple(nodes), self._locate(start, len(tokens[0])))
            case "negative":
                return tree.Negative(nodes[0], place)
            case "group" | "positive":
                return nodes[0]
            case "arithmetic":
                operator: Any = {"**": "^", "·": "*"}.get(str(tokens[0]), str(tokens[0]))
                return tree.Arithmetic(operator, nodes[0], nodes[1], place)
            case "comparison":
                compared: Any = tuple(str(t) for t in tokens)
                return tree.Comparison(compared, tuple(nodes), place)
            case "inversion":
                return tree.Not(nodes[0], place)
            case _:
                return tree.Logic("or" if rule == "disjunction" else "and", tuple(nodes), place)

    def _number(self, rule: str, text: str, start: int, place: Place) -> tree.Number:
        if rule == "clock":
            return self._clock(text, start, place)
        digits, unit_text = text, ""
        if rule == "quantity":
            match = _QUANTITY.fullmatch(text)
            assert match is not None
            digits, unit_text = match[1], match[2]
            if unit_text.startswith("/"):
                unit_text = f"1{unit_text}"
        exponent = re.search(r"[eE]([+-]?\d+)", digits)
        too_wide = exponent is not None and (len(exponent[1]) > 5 or abs(int(exponent[1])) > _WIDEST_EXPONENT)
        if too_wide or len(digits) > _MOST_DIGITS:
            shown = digits if len(digits) <= 20 else f"{digits[:20]}…"
            raise self._error(start, len(digits), f"{shown} is no quantity of this world", "write fewer digits")
        try:
            unit = parse_unit(unit_text)
        except UnitError as error:
            at = start + len(text) - len(unit_text)
            remedy = error.remedy or ""
            if "/" in unit_text or "*" in unit_text:
                remedy += "; put blanks around an operator that is not part of the unit"
            raise self._error(at, len(unit_text), error.message, remedy) from None
        try:
            value = float((Fraction(digits) + unit.offset) * unit.factor)
        except OverflowError:
            raise self._error(start, len(text), f"{digits[:20]} is too large", "write fewer digits") from None
        return tree.Number(value, unit.dimension, text, place)

    def _clock(self, text: str, start: int, place: Place) -> tree.Number:
        parts = [int(part) for part in text.split(":")]
        hours, minutes, seconds = (*parts, 0)[:3]
        if hours > 24 or minutes > 59 or seconds > 59 or (hours == 24 and minutes + seconds > 0):
            raise self._error(start, len(text), f"there is no {text}", "a time of day runs from 00:00 to 24:00")
        unit = parse_unit("s")
        return tree.Number(float(hours * 3600 + minutes * 60 + seconds), unit.dimension, text, place)


@functools.cache
def _parser() -> Any:
    # Imported on first use: `import simgen` need not know the grammar.
    import lark

    grammar = GRAMMAR.replace("NUMBER_TEXT", _NUMBER_TEXT).replace("UNIT_TEXT", UNIT_TEXT.replace("/", r"\/"))
    return lark.Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=True)
