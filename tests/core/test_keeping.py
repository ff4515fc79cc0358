"""What is kept stays within its budget, the least recently used goes first, and nothing depends on it."""

from __future__ import annotations

import gc
from dataclasses import dataclass

import numpy as np
import pytest

from simgen.core.keeping import KEPT, ByteCache, blocks_of, kept, while_alive


def array(size: int) -> np.ndarray:
    return np.zeros(size, dtype=np.uint8)


def test_the_least_recently_used_goes_first_and_the_budget_holds() -> None:
    cache: ByteCache[str, np.ndarray] = ByteCache(1000)
    for key in "abc":
        cache.get(key, lambda: array(300))
    cache.get("a", lambda: array(300))
    cache.get("d", lambda: array(300))
    assert [key in cache for key in "abcd"] == [True, False, True, True]
    assert cache.held_bytes == 900
    cache.get("e", lambda: array(1000))
    assert [key in cache for key in "acde"] == [False, False, False, True]
    cache.clear()
    assert cache.held_bytes == 0 and len(cache) == 0


def test_a_value_is_made_again_only_after_it_was_dropped() -> None:
    made: list[str] = []

    def make(key: str) -> np.ndarray:
        made.append(key)
        return array(600)

    cache: ByteCache[str, np.ndarray] = ByteCache(1000)
    for key in "aabba":
        cache.get(key, lambda key=key: make(key))
    assert made == ["a", "b", "a"]


def test_memory_that_values_share_counts_once() -> None:
    shared = array(600)
    cache: ByteCache[str, tuple[np.ndarray, ...]] = ByteCache(10_000)
    cache.get("a", lambda: (shared,))
    before = cache.held_bytes
    cache.get("b", lambda: (shared[100:], array(50)))
    assert 50 < cache.held_bytes - before < 600
    cache.budget_bytes = 700
    cache.trim(wanted={"b"})
    assert "a" not in cache and 650 < cache.held_bytes < 1000, "the second still holds on to it"


def test_what_is_too_large_or_dropped_is_released_and_what_is_wanted_stays() -> None:
    gone: list[int] = []
    cache: ByteCache[int, int] = ByteCache(100, blocks=lambda v: [(v, v)], release=gone.append)
    assert cache.get(101, lambda: 101) == 101 and 101 not in cache
    for size in (60, 70, 80):
        cache.get(size, lambda size=size: size, wanted={60, 80})
    assert gone == [70] and cache.held_bytes == 140, "what the work at hand needs stays above the budget"
    cache.trim()
    assert gone == [70, 60] and cache.held_bytes == 80


@dataclass(frozen=True, slots=True)
class Thing:
    pixels: np.ndarray
    inside: dict[str, list[object]]


def test_arrays_are_found_through_attributes_and_containers() -> None:
    whole = array(4096)
    value = Thing(pixels=whole[:10], inside={"x": [array(100), (array(20),)]})
    sizes = sorted(size for _, size in blocks_of(value))
    assert sizes[:2] == [20, 100] and sizes[-1] == 4096, "a view keeps all of what it looks into"
    assert len(sizes) == 4 and sizes[2] < 1000


def test_kept_results_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, str]] = []

    @kept
    def build(size: int, *, name: str = "") -> np.ndarray:
        calls.append((size, name))
        return array(size)

    assert build(10, name="a") is build(10, name="a") is not build(10, name="b")
    assert calls == [(10, "a"), (10, "b")]
    monkeypatch.setattr(KEPT, "budget_bytes", 0)
    KEPT.trim()
    assert len(KEPT) == 0 and KEPT.held_bytes == 0
    assert len(build(10, name="a")) == 10 and calls[2:] == [(10, "a")] and len(KEPT) == 0


def test_what_belongs_to_an_object_dies_with_it() -> None:
    class Owner:
        pass

    made: list[int] = []

    @while_alive
    def of(owner: Owner) -> np.ndarray:
        made.append(id(owner))
        return array(10)

    first, second = Owner(), Owner()
    result = of(first)
    assert of(first) is result and of(second) is not result and len(made) == 2
    holders = len(gc.get_referrers(result))
    del first
    gc.collect()
    assert len(gc.get_referrers(result)) == holders - 1
