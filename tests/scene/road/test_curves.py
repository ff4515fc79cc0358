"""Curves against formulas: Fresnel integrals, circles, and numeric derivatives."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import fresnel

from simgen.scene.road import Cubic, CubicCurve, ReferenceLine, Spiral, arc, line, smooth_step

bends = st.floats(-0.05, 0.05)


@given(length=st.floats(5, 200), rate=st.floats(1e-5, 2e-3))
def test_clothoid_is_fresnels(length: float, rate: float) -> None:
    x, y, heading, curvature = Spiral(length, 0.0, rate * length).at(length)
    scale = math.sqrt(math.pi / rate)
    s, c = fresnel(length / scale)
    assert x == pytest.approx(scale * c, abs=1e-9)
    assert y == pytest.approx(scale * s, abs=1e-9)
    assert heading == pytest.approx(0.5 * rate * length**2)
    assert curvature == pytest.approx(rate * length)


def test_arc_closes_to_a_circle() -> None:
    x, y, heading, _ = arc(2 * math.pi * 20.0, 0.05).at(2 * math.pi * 20.0)
    assert (x, y, heading) == pytest.approx((0.0, 0.0, 2 * math.pi), abs=1e-9)
    assert arc(100.0, 0.05).at(10.0 * math.pi)[:2] == pytest.approx((20.0, 20.0))


@settings(max_examples=40)
@given(a=bends, b=bends, v2=st.floats(-0.3, 0.3), v3=st.floats(-0.2, 0.2), share=st.floats(0.02, 0.98))
def test_heading_and_curvature_are_derivatives(a: float, b: float, v2: float, v3: float, share: float) -> None:
    cubic = CubicCurve((0.0, 30.0, 0.0, 0.0), (0.0, 0.0, 30.0 * v2, 30.0 * v3))
    for curve in (Spiral(40.0, a, b), cubic):
        u, h = share * curve.length_m, 1e-4
        (x0, y0, d0, _), (x1, y1, d1, _) = curve.at(u - h), curve.at(u + h)
        _, _, heading, curvature = curve.at(u)
        assert math.hypot(x1 - x0, y1 - y0) == pytest.approx(2 * h, rel=1e-5)
        assert math.remainder(math.atan2(y1 - y0, x1 - x0) - heading, 2 * math.pi) == pytest.approx(0.0, abs=1e-5)
        assert (d1 - d0) / (2 * h) == pytest.approx(curvature, abs=1e-5)


@settings(max_examples=60)
@given(
    pieces=st.lists(st.tuples(st.floats(8, 60), bends), min_size=1, max_size=5),
    start=st.tuples(st.floats(-50, 50), st.floats(-50, 50), st.floats(-3, 3)),
    share=st.floats(-0.05, 1.05),
    t=st.floats(-9, 9),
)
def test_round_trip(
    pieces: list[tuple[float, float]], start: tuple[float, float, float], share: float, t: float
) -> None:
    curves, bend = [], 0.0
    for length, goal in pieces:
        curves.append(Spiral(length, bend, goal))
        bend = goal
    reference = ReferenceLine.chained(curves, start)
    s = share * reference.length_m
    x, y, heading, _ = reference.at(s)
    found_s, found_t = reference.locate(x - math.sin(heading) * t, y + math.cos(heading) * t)
    x1, y1, heading1, _ = reference.at(found_s)
    # A line that comes back over itself has two answers; both lead to the same point.
    back = (x1 - math.sin(heading1) * found_t, y1 + math.cos(heading1) * found_t)
    assert math.dist(back, (x - math.sin(heading) * t, y + math.cos(heading) * t)) < 1e-3
    if sum(abs(b) * length for length, b in pieces) < 1.5:
        assert (found_s, found_t) == pytest.approx((s, t), abs=1e-3)


def test_beyond_its_ends_a_line_goes_on_straight() -> None:
    reference = ReferenceLine.chained((line(10.0), arc(10.0, 0.1)))
    x, y, heading, curvature = reference.at(23.0)
    at_end = reference.at(20.0)
    assert heading == at_end[2] and curvature == 0.0
    assert math.dist((x, y), at_end[:2]) == pytest.approx(3.0)
    assert reference.locate(-4.0, 2.0) == pytest.approx((-4.0, 2.0))


def test_cubics() -> None:
    piece = smooth_step(10.0, 20.0, 1.0, 4.0)
    assert [piece.at(v) for v in (10.0, 20.0, 30.0)] == pytest.approx([1.0, 2.5, 4.0])
    assert (piece.slope_at(10.0), piece.slope_at(30.0)) == pytest.approx((0.0, 0.0))
    assert Cubic(5.0, 1.0, 2.0, 3.0, 4.0).at(6.0) == pytest.approx(10.0)
    assert np.isclose(Cubic(0.0, 0.0, 0.0, 3.0).bend_at(2.0), 6.0)
