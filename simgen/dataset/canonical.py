"""Canonical JSON (RFC 8785) and the digests taken of it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import math
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias, get_type_hints

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from pydantic_core import to_json

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def plain(value: object) -> Json:
    """The value as JSON knows it: dataclasses and models become mappings, arrays become lists.

    JSON has no infinities; they become the texts "inf", "-inf" and "nan".

    Raises:
        TypeError: for a value that has no such form.
    """
    kind = type(value)
    if value is None or kind is str or kind is int or kind is bool:
        return value  # type: ignore[return-value]
    match value:
        case float():
            return float(value) if math.isfinite(value) else str(float(value))
        case list() | tuple():
            return [plain(v) for v in value]
        case Mapping():
            return {str(k): plain(v) for k, v in value.items()}
        case bool() | int() | str():
            return value
        case np.generic():
            return plain(value.item())
        case np.ndarray():
            return plain(value.tolist())
        case BaseModel():
            return plain(value.model_dump(mode="python"))
        case set() | frozenset():
            return [plain(v) for v in sorted(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    raise TypeError(f"{kind.__name__} has no form in JSON")


def canonical(value: Json) -> bytes:
    """RFC 8785: one text for one value, whoever writes it.

    Raises:
        ValueError: for a number that is not finite or, as an integer, not exact in double precision.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts).encode()


def _write(value: Json, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif value is None or isinstance(value, bool):
        parts.append(_CONSTANTS[value])
    elif isinstance(value, int):
        if abs(value) >= 1 << 53:
            raise ValueError(f"{value} is not exact in double precision")
        parts.append(str(value))
    elif isinstance(value, float):
        parts.append(_number(value))
    elif isinstance(value, dict):
        # By UTF-16 code units, which for ASCII is the order of the text.
        names = sorted(value) if all(map(str.isascii, value)) else sorted(value, key=lambda k: k.encode("utf-16-be"))
        before = "{"
        for name in names:
            parts += (before, encode_basestring(name), ":")
            _write(value[name], parts)
            before = ","
        parts.append("}" if names else "{}")
    else:
        before = "["
        for item in value:
            parts.append(before)
            _write(item, parts)
            before = ","
        parts.append("]" if value else "[]")


def _number(value: float) -> str:
    """As ECMAScript writes it: the shortest digits that read back as the same number, with an exponent from 1e21 on and
    below 1e-6."""
    if not math.isfinite(value):
        raise ValueError(f"JSON has no {value}")
    text = repr(value)
    if text.endswith(".0"):
        return "0" if value == 0 else text[:-2]
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    sign = "-" if value < 0 else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits, power = whole + fraction, int(exponent)
    if 0 <= power < 21:
        return sign + digits.ljust(power + 1, "0")
    if -7 < power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    return f"{sign}{whole}{'.' if fraction else ''}{fraction}e{power:+d}"


def compact(value: object) -> str:
    """Sorted keys, no spaces: what ``json.dumps`` gives. As repeatable as RFC 8785 within Python and much faster: for
    large tables whose digest is taken of the text itself. Dataclasses count as mappings of their fields.

    Raises:
        ValueError: for a number that is not finite.
        TypeError: for a dataclass of names and numbers that holds what its types do not say.
    """
    parts: list[str] = []
    numbers: list[float] = []
    _lay_out(value, parts, numbers)
    return "".join(parts) % tuple(_digits(numbers))


def _lay_out(value: Any, parts: list[str], numbers: list[float]) -> None:
    """Appends a value's text, with %s in the place of each of its ``numbers``."""
    kind: type = type(value)
    if (form := _form(kind)) is not None:
        if form.figures is not None and form.others is not None:
            parts.append(_flat(kind, form.others(value)))
            numbers += form.figures(value)
            return
        for before, before_number, name in form.fields:
            item = getattr(value, name)
            sort = type(item)
            if sort is float:
                parts.append(before_number)
                numbers.append(item)
            elif sort is str:
                parts += (before, _quoted(item))
            elif sort is tuple and set(map(type, item)) == _FLOATS:
                parts += (before, _row(len(item)))
                numbers += item
            else:
                parts.append(before)
                _lay_out(item, parts, numbers)
        parts.append("}")
    elif kind is tuple or kind is list:
        if set(map(type, value)) == _FLOATS:
            parts.append(_row(len(value)))
            numbers += value
            return
        before = "["
        for item in value:
            parts.append(before)
            _lay_out(item, parts, numbers)
            before = ","
        parts.append("]" if value else "[]")
    elif isinstance(value, str):
        parts.append(_quoted(value))
    elif value is None or kind is bool:
        parts.append(_CONSTANTS[value])
    elif isinstance(value, int):
        parts.append(int.__repr__(value))
    elif isinstance(value, float):
        parts.append("%s")
        numbers.append(value)
    else:
        before = "{"
        for name in sorted(value):
            parts.append(f"{before}{_quoted(name)}:")
            _lay_out(value[name], parts, numbers)
            before = ","
        parts.append("}" if value else "{}")


@functools.lru_cache
def _row(length: int) -> str:
    """The text of so many numbers."""
    return f"[{','.join(['%s'] * length)}]"


class _Form(NamedTuple):
    """How a dataclass is laid out.

    Attributes:
        fields: what stands before each field, the same with the place of a number, and its name; by name.
        figures, others: of one that by its types holds names and numbers alone, such as a keypoint: its fractions, and
            the rest. Other dataclasses, and those whose types cannot be looked up, have none.
    """

    fields: tuple[tuple[str, str, str], ...]
    figures: Callable[[Any], tuple[float, ...]] | None
    others: Callable[[Any], tuple[object, ...]] | None


@functools.cache
def _form(kind: type) -> _Form | None:
    """None for what is no dataclass."""
    if not dataclasses.is_dataclass(kind):
        return None
    names = sorted(f.name for f in dataclasses.fields(kind))
    fields = tuple((before := f'{"," if i else "{"}"{name}":', f"{before}%s", name) for i, name in enumerate(names))
    try:
        hints = get_type_hints(kind)
    except (NameError, TypeError):  # of a type that is there for type checkers alone
        return _Form(fields, None, None)
    figures = [name for name in names if hints[name] is float]
    others = [name for name in names if hints[name] in (int, bool, str)]
    if len(figures) + len(others) < len(names) or min(len(figures), len(others)) < 2:
        return _Form(fields, None, None)
    return _Form(fields, attrgetter(*figures), attrgetter(*others))


@functools.lru_cache(maxsize=4096)
def _flat(kind: type, others: tuple[object, ...]) -> str:
    """The text of a dataclass of names and numbers, with %s in the place of each fraction."""
    form = _form(kind)
    assert form is not None
    hints, parts, left = get_type_hints(kind), list[str](), iter(others)
    for before, before_number, name in form.fields:
        if hints[name] is float:
            parts.append(before_number)
        else:
            item = next(left)
            if type(item) is not hints[name]:
                raise TypeError(f"{kind.__name__}.{name} is {hints[name].__name__} by its type, and {item!r} is not")
            parts.append(before)
            _lay_out(item, parts, [])
    return "".join(parts) + "}"


@functools.lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    """As it stands in a text that % formats."""
    return encode_basestring(text).replace("%", "%%")


def _digits(numbers: list[float]) -> list[str]:
    """As ``repr`` writes them, by a writer that takes a sixth of its time and differs in the form of small and great
    ones alone."""
    if not numbers:
        return []
    sizes = np.abs(np.array(numbers, dtype=np.float64))
    if not np.isfinite(sizes).all():
        raise ValueError(f"JSON has no {numbers[int(np.flatnonzero(~np.isfinite(sizes))[0])]}")
    texts = to_json(numbers).decode()[1:-1].split(",")
    for i in np.flatnonzero(((sizes < 1e-4) & (sizes > 0.0)) | (sizes >= 1e16)).tolist():
        texts[i] = repr(numbers[i])
    return texts


_CONSTANTS = {None: "null", True: "true", False: "false"}
_FLOATS = {float}


def sha256(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def pixels_digest(array: NDArray[np.generic]) -> str:
    """Hex SHA-256 of an array's dtype, shape and little-endian bytes in C order; truth values as bits, each row from a
    new byte.

    Processors of today compute SHA-256 themselves, and every pixel passes through it.
    """
    little = array.dtype.newbyteorder("<")
    hasher = hashlib.sha256(f"{little.str}{array.shape}".encode())
    bits = np.packbits(array.astype(np.bool_, copy=False), axis=-1) if array.dtype == np.bool_ else None
    hasher.update((np.ascontiguousarray(array, dtype=little) if bits is None else bits).data.cast("B"))
    return hasher.hexdigest()
