"""The points that drive distributions: even, keyed, and independent of everything but their key."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest, qmc

from simgen.core.errors import ValueOutOfRange
from simgen.core.seeds import Key
from simgen.sampling.points import Method, point

METHODS: tuple[Method, ...] = ("random", "sobol", "halton", "latin_hypercube")
EVEN: tuple[Method, ...] = ("sobol", "halton", "latin_hypercube")


def points(method: Method, count: int, paths: int, seed: int = 3) -> np.ndarray:
    return np.array([[point(method, Key(seed, i, f"p{k}"), count) for k in range(paths)] for i in range(count)])


@pytest.mark.parametrize("method", METHODS)
def test_points_are_uniform_and_open(method: Method) -> None:
    found = points(method, 200, 3)
    assert found.min() > 0.0
    assert found.max() < 1.0
    for column in found.T:
        assert kstest(column, "uniform").pvalue > 0.01


@pytest.mark.parametrize("method", EVEN)
def test_low_discrepancy_beats_random(method: Method) -> None:
    even = [qmc.discrepancy(points(method, 128, 2, seed)) for seed in range(4)]
    random = [qmc.discrepancy(points("random", 128, 2, seed)) for seed in range(4)]
    assert np.mean(even) < 0.35 * np.mean(random)


@pytest.mark.parametrize("path", ["a", "parameters.speed", "actors.child.height"])
def test_sobol_fills_every_dyadic_interval_once(path: str) -> None:
    values = np.array([point("sobol", Key(5, i, path), 1) for i in range(64)])
    for first in (0, 32):
        assert sorted((32 * values[first : first + 32]).astype(int)) == list(range(32))
    assert sorted((64 * values).astype(int)) == list(range(64))


def test_halton_fills_the_intervals_of_its_base_once() -> None:
    values = np.array([[point("halton", Key(5, i, f"p{k}"), 1) for i in range(169)] for k in range(12)])
    fitting = [
        [b for b in (2, 3, 5, 7, 11, 13) if sorted((b * row[:b]).astype(int)) == list(range(b))] for row in values
    ]
    assert all(fitting)


def test_latin_hypercube_visits_every_stratum_once_in_each_block() -> None:
    values = np.array([point("latin_hypercube", Key(5, i, "a"), 50) for i in range(100)])
    assert sorted((50 * values[:50]).astype(int)) == list(range(50))
    assert sorted((50 * values[50:]).astype(int)) == list(range(50))
    assert not np.array_equal((50 * values[:50]).astype(int), (50 * values[50:]).astype(int))


@pytest.mark.parametrize("method", EVEN)
def test_paths_are_independent_of_one_another(method: Method) -> None:
    found = points(method, 64, 40)
    pairs = np.corrcoef(found.T)[np.triu_indices(40, 1)]
    # Independent points would correlate by 1 / sqrt(64) in the root mean square, and 780 pairs by 0.4 at most.
    assert np.sqrt(np.mean(pairs**2)) * np.sqrt(64) < 1.4
    assert np.abs(pairs).max() < 0.65


@pytest.mark.parametrize("method", METHODS)
def test_seeds_give_other_points(method: Method) -> None:
    assert not np.allclose(points(method, 16, 1, seed=0), points(method, 16, 1, seed=1))


def test_sobol_does_not_depend_on_the_count() -> None:
    assert point("sobol", Key(1, 9, "x"), 10) == point("sobol", Key(1, 9, "x"), 1000)


def test_these_points_stay_the_same() -> None:
    # A dataset is regenerated from its seed: these numbers may only change with the major version.
    assert [point(m, Key(7, 42, "parameters.ego_speed"), 200) for m in METHODS] == pytest.approx(FROZEN, abs=0)


def test_an_index_out_of_range_is_told() -> None:
    with pytest.raises(ValueOutOfRange, match="2\\^31 - 1"):
        point("sobol", Key(0, 2**31, "x"), 1)


FROZEN = [0.4365615279881762, 0.319664122274407, 0.4454421813379455, 0.18718280763994088]
