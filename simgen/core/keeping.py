"""Results that took long to make, kept for the next time within a budget of bytes: the least recently used goes first.

What is kept is a function of its key alone, so whether it is made again or found changes no result.
"""

from __future__ import annotations

import functools
import itertools
import sys
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Owner = TypeVar("Owner")
P = ParamSpec("P")

Block = tuple[int, int]
"""Identity and size in bytes of memory that a value holds on to."""

BUDGET_BYTES = 128 * 2**20
"""Of what ``kept`` functions return, all of them together."""


class ByteCache(Generic[K, V]):
    """Values by key. Memory that several of them share counts once.

    Args:
        budget_bytes: a value that is larger by itself is handed out and not kept.
        blocks: what a value holds on to; the arrays and objects that can be reached from it, if not given.
        release: called with each value that is dropped.
    """

    def __init__(
        self,
        budget_bytes: int,
        *,
        blocks: Callable[[V], Iterable[Block]] | None = None,
        release: Callable[[V], object] | None = None,
    ) -> None:
        self.budget_bytes = budget_bytes
        self.held_bytes = 0
        self._blocks: Callable[[V], Iterable[Block]] = blocks or blocks_of
        self._release = release
        self._entries: dict[K, tuple[V, tuple[Block, ...]]] = {}
        self._holders: Counter[int] = Counter()
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def get(self, key: K, make: Callable[[], V], wanted: Collection[K] = ()) -> V:
        """The value of ``key``, made if it is missing; what is ``wanted`` besides stays whatever the budget."""
        with self._lock:
            found = self._entries.pop(key, None)
            if found is not None:
                self._entries[key] = found
                return found[0]
        value = make()
        blocks = tuple(self._blocks(value))
        if key not in wanted and sum(size for _, size in blocks) > self.budget_bytes:
            return value
        with self._lock:
            if key not in self._entries:
                self._entries[key] = (value, blocks)
                for identity, size in blocks:
                    self._holders[identity] += 1
                    if self._holders[identity] == 1:
                        self.held_bytes += size
                self.trim(wanted)
        return value

    def trim(self, wanted: Collection[K] = ()) -> None:
        """Drops what was used longest ago and is not ``wanted``, until the rest fits the budget."""
        with self._lock:
            if self.held_bytes <= self.budget_bytes:
                return
            for key in [k for k in self._entries if k not in wanted]:
                self._drop(key)
                if self.held_bytes <= self.budget_bytes:
                    return

    def clear(self) -> None:
        with self._lock:
            for key in list(self._entries):
                self._drop(key)

    def _drop(self, key: K) -> None:
        value, blocks = self._entries.pop(key)
        for identity, size in blocks:
            self._holders[identity] -= 1
            if self._holders[identity] == 0:
                del self._holders[identity]
                self.held_bytes -= size
        if self._release is not None:
            self._release(value)


def blocks_of(value: object) -> Iterator[Block]:
    """The arrays that can be reached from a value, through containers and attributes, and the rest as one block."""
    seen: set[int] = set()
    waiting: list[object] = [value]
    rest = 0
    while waiting:
        each = waiting.pop()
        kind = type(each)
        if kind in _SMALL:
            rest += _SMALL_BYTES
            continue
        if kind is str:
            rest += len(each)  # type: ignore[arg-type]
            continue
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, np.ndarray):
            # A view keeps all of what it looks into.
            if isinstance(each.base, np.ndarray):
                waiting.append(each.base)
            elif each.nbytes:
                yield id(each), each.nbytes
            continue
        rest += sys.getsizeof(each)
        waiting.extend(_way_into(kind)(each))  # type: ignore[arg-type]  # mypy takes types for unhashable
    if rest:
        yield id(value), rest


@functools.cache
def _way_into(kind: type) -> Callable[[Any], Iterable[object]]:
    """What is one step inside of a value of this type."""
    if issubclass(kind, tuple | list | set | frozenset):
        return iter
    if issubclass(kind, Mapping):
        return lambda each: itertools.chain(each.keys(), each.values())
    if issubclass(kind, str | bytes | type | Enum) or any("__call__" in vars(base) for base in kind.__mro__):
        return lambda each: ()
    names = tuple(getattr(kind, "__dataclass_fields__", ()))
    if not kind.__dictoffset__:
        return lambda each: [getattr(each, name, None) for name in names]
    return lambda each: [*(getattr(each, name, None) for name in names), *vars(each).values()]


_SMALL = frozenset({int, float, bool, type(None)})
_SMALL_BYTES = 24


KEPT: ByteCache[Hashable, Any] = ByteCache(BUDGET_BYTES)
"""Results of all ``kept`` functions of the process, each beside its arguments, which live as long."""


def kept(make: Callable[P, V]) -> Callable[P, V]:
    """Decorator: calls with equal arguments share one result, which nobody may change, as long as it is kept."""

    @functools.wraps(make)
    def found(*args: P.args, **kwargs: P.kwargs) -> V:
        key = (make, args, tuple(sorted(kwargs.items())))
        result: V = KEPT.get(key, lambda: (key, make(*args, **kwargs)))[1]
        return result

    return found


def while_alive(make: Callable[[Owner], V]) -> Callable[[Owner], V]:
    """Decorator: one result per object, which dies with the object and must not refer to it."""
    results: weakref.WeakKeyDictionary[Owner, V] = weakref.WeakKeyDictionary()

    @functools.wraps(make)
    def found(of: Owner) -> V:
        if of not in results:
            results[of] = make(of)
        return results[of]

    return found
