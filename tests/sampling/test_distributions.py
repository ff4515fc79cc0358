"""Every distribution against scipy's of the same name, through its inverse CDF."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simgen.core import vocabulary
from simgen.core.errors import SimgenError, ValueOutOfRange
from simgen.core.seeds import Key
from simgen.sampling.distribution import Distribution
from simgen.sampling.points import point


def make(name: str, **arguments: Any) -> Distribution:
    made: Distribution = vocabulary.distributions.get(name)(where=name, **arguments)
    return made


CONTINUOUS = [
    ("uniform", {"low": -2.0, "high": 5.0}, stats.uniform(-2, 7)),
    ("normal", {"mean": 1.15, "std": 0.08}, stats.norm(1.15, 0.08)),
    ("truncated_normal", {"mean": 0.8, "std": 0.3, "low": 0.2, "high": 2.0}, stats.truncnorm(-2, 4, 0.8, 0.3)),
    ("truncated_normal", {"mean": 0.0, "std": 1.0, "low": 8.0, "high": 9.0}, stats.truncnorm(8, 9)),
    ("truncated_normal", {"mean": 0.0, "std": 1.0, "low": -9.0, "high": -8.0}, stats.truncnorm(-9, -8)),
    ("lognormal", {"median": 1.4, "sigma": 0.5}, stats.lognorm(0.5, scale=1.4)),
    ("exponential", {"mean": 3.0}, stats.expon(scale=3.0)),
    ("beta", {"a": 2.0, "b": 5.0, "low": 1.0, "high": 4.0}, stats.beta(2, 5, 1, 3)),
    ("triangular", {"low": 1.0, "mode": 2.0, "high": 5.0}, stats.triang(0.25, 1, 4)),
    ("triangular", {"low": 1.0, "mode": 1.0, "high": 5.0}, stats.triang(0.0, 1, 4)),
    ("von_mises", {"mean": 0.3, "concentration": 0.4}, stats.vonmises(0.4, 0.3)),
    ("von_mises", {"mean": -2.0, "concentration": 40.0}, stats.vonmises(40.0, -2.0)),
    ("histogram", {"edges": (0.0, 1.0, 3.0, 4.0), "counts": (2.0, 0.0, 6.0)}, None),
]


def histogram_cdf(x: Any) -> Any:
    return np.interp(x, [0, 1, 3, 4], [0, 0.25, 0.25, 1.0])


@pytest.mark.parametrize(("name", "arguments", "reference"), CONTINUOUS)
def test_quantiles_invert_the_cdf(name: str, arguments: dict[str, Any], reference: Any) -> None:
    cdf = histogram_cdf if reference is None else reference.cdf
    made = make(name, **arguments)
    for u in (1e-9, 1e-4, 0.03, 0.2, 0.5, 0.77, 0.999, 1 - 1e-9):
        assert cdf(made.quantile(u)) == pytest.approx(u, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(("name", "arguments", "reference"), CONTINUOUS)
def test_draws_follow_the_distribution(name: str, arguments: dict[str, Any], reference: Any) -> None:
    made = make(name, **arguments)
    values = [made.quantile(point("random", Key(11, i, name), 500)) for i in range(500)]
    assert stats.kstest(values, histogram_cdf if reference is None else reference.cdf).pvalue > 0.01


@pytest.mark.parametrize("mean", [0.02, 1.0, 7.3, 450.0])
def test_poisson_counts(mean: float) -> None:
    made = make("poisson", mean=mean)
    for u in np.linspace(0.001, 0.999, 97):
        assert made.quantile(float(u)) == int(stats.poisson(mean).ppf(u))


def test_integer_includes_both_ends_equally() -> None:
    made = make("integer", low=-1, high=3)
    counts = np.bincount([made.quantile((i + 0.5) / 1000) + 1 for i in range(1000)])
    assert counts.tolist() == [200] * 5
    assert made.quantile(1 - 2.0**-53) == 3


def test_choice_follows_weights() -> None:
    made = make("choice", options=("rain", "snow", "dry"), weights=(1.0, 0.0, 3.0))
    drawn = [made.quantile((i + 0.5) / 400) for i in range(400)]
    assert (drawn.count("rain"), drawn.count("snow"), drawn.count("dry")) == (100, 0, 300)
    assert make("choice", options=(True, 2.5, "x")).quantile(0.99) == "x"


def test_fit_gives_the_measured_quantiles_in_si(tmp_path: Path) -> None:
    table = tmp_path / "speeds.csv"
    table.write_text("who,speed\na,10\nb,30\nc,20\nd,\n", encoding="utf-8")
    made = make("fit", csv=str(table), column="speed", unit="km/h")
    assert made.quantile(0.5) == pytest.approx(20 / 3.6)
    assert made.quantile(0.25) == pytest.approx(15 / 3.6)
    assert make("fit", csv=str(table), column="speed").quantile(1e-12) == pytest.approx(10)


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("uniform", {"low": 2.0, "high": 2.0}, "low (2) is not below high (2)"),
        ("normal", {"mean": 0.0, "std": 0.0}, "std (0) is not above 0"),
        ("truncated_normal", {"mean": 0.0, "std": 1.0, "low": 1.0, "high": 0.0}, "not below high"),
        ("lognormal", {"median": -1.0, "sigma": 1.0}, "median (-1) is not above 0"),
        ("exponential", {"mean": 0.0}, "mean (0) is not above 0"),
        ("poisson", {"mean": -1.0}, "not above 0"),
        ("integer", {"low": 3, "high": 2}, "low (3) is above high (2)"),
        ("choice", {"options": ()}, "nothing to choose"),
        ("choice", {"options": ("a", "b"), "weights": (1.0,)}, "2 options have 1 weights"),
        ("choice", {"options": ("a", "b"), "weights": (1.0, -1.0)}, "weight of b"),
        ("choice", {"options": ("a", "b"), "weights": (0.0, 0.0)}, "all weights are 0"),
        ("beta", {"a": 0.0, "b": 1.0}, "not both above 0"),
        ("triangular", {"low": 0.0, "mode": 3.0, "high": 2.0}, "mode (3) is not between"),
        ("von_mises", {"mean": 0.0, "concentration": -1.0}, "concentration is -1"),
        ("histogram", {"edges": (0.0, 1.0), "counts": (1.0, 1.0)}, "n bins have n + 1 edges"),
        ("histogram", {"edges": (0.0, 2.0, 1.0), "counts": (1.0, 1.0)}, "do not rise"),
        ("fit", {"csv": "/nowhere.csv", "column": "speed"}, "cannot be read"),
        ("uniform", {"low": 1.0}, "needs 'high'"),
        ("uniform", {"low": 1.0, "high": 2.0, "middle": 3.0}, "middle"),
    ],
)
def test_arguments_that_make_no_distribution_are_told(name: str, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(SimgenError) as caught:
        make(name, **arguments)
    assert told in str(caught.value)


def test_fit_names_the_row_that_is_no_number(tmp_path: Path) -> None:
    table = tmp_path / "speeds.csv"
    table.write_text("speed\n1\nfast\n", encoding="utf-8")
    with pytest.raises(ValueOutOfRange, match=r"speeds\.csv:3: 'fast'"):
        make("fit", csv=str(table), column="speed")
    with pytest.raises(ValueOutOfRange, match="no column 'spede'; it has speed"):
        make("fit", csv=str(table), column="spede")


@given(u=st.lists(st.floats(1e-12, 1 - 1e-12), min_size=2, max_size=8))
@settings(max_examples=25)
def test_quantiles_never_fall(u: list[float]) -> None:
    for name, arguments, _ in CONTINUOUS:
        values = [make(name, **arguments).quantile(v) for v in sorted(u)]
        assert all(math.isfinite(v) for v in values)
        assert values == sorted(values)


def test_every_member_declares_what_the_language_needs() -> None:
    for name, member in vocabulary.distributions.items():
        assert issubclass(member, Distribution), name
        assert member.help(), name
        assert set(member.dimensional) <= set(member.parameters), name
        assert member.shorthand is None or member.shorthand in member.parameters, name
        assert member.many is None or member.many in member.parameters, name
        assert all(p.help for p in member.parameters.values()), name
