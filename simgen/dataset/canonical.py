"""Canonical JSON (RFC 8785) and the digests taken of it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import math
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any, TypeAlias

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
    """
    parts: list[str] = []
    numbers: list[float] = []
    _lay_out(value, parts, numbers)
    return "".join(parts) % tuple(_digits(numbers))


def _lay_out(value: Any, parts: list[str], numbers: list[float]) -> None:
    """Appends a value's text, with %s in the place of each of its ``numbers``."""
    kind: type = type(value)
    if kind is tuple or kind is list:
        if set(map(type, value)) == _FLOATS:
            parts.append(f"[{','.join(['%s'] * len(value))}]")
            numbers += value
            return
        before = "["
        for item in value:
            parts.append(before)
            _lay_out(item, parts, numbers)
            before = ","
        parts.append("]" if value else "[]")
    elif (fields := _fields(kind)) is not None:
        for before, name in fields:
            item = getattr(value, name)
            if type(item) is float:
                parts.append(f"{before}%s")
                numbers.append(item)
            else:
                parts.append(before)
                _lay_out(item, parts, numbers)
        parts.append("}")
    elif isinstance(value, str):
        parts.append(encode_basestring(value).replace("%", "%%"))
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
            parts.append(f"{before}{encode_basestring(name)}:".replace("%", "%%"))
            _lay_out(value[name], parts, numbers)
            before = ","
        parts.append("}" if value else "{}")


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, str], ...] | None:
    """What stands before each field of a dataclass, and its name, in the order of the names; None for other types."""
    if not dataclasses.is_dataclass(kind):
        return None
    names = sorted(f.name for f in dataclasses.fields(kind))
    return tuple((f'{"," if i else "{"}"{name}":', name) for i, name in enumerate(names))


def _digits(numbers: list[float]) -> list[str]:
    """As ``repr`` writes them, by a writer that takes a sixth of its time and differs in the form of small and great
    ones alone."""
    texts = to_json(numbers, inf_nan_mode="null").decode()[1:-1].split(",") if numbers else []
    if "null" in texts:
        raise ValueError(f"JSON has no {numbers[texts.index('null')]}")
    return [t if 1e-4 <= abs(n) < 1e16 else repr(n) for n, t in zip(numbers, texts, strict=True)]


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
