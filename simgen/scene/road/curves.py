"""Plan views of OpenDRIVE (ASAM OpenDRIVE 1.8, chapter 9): lines, arcs, spirals and cubic polynomials, chained to a
reference line that is followed by its length s."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array

Point = tuple[float, float, float, float]
"""x, y in metres, heading in radians, curvature in 1/m."""

_NODES, _WEIGHTS = (tuple(float(v) for v in row) for row in np.polynomial.legendre.leggauss(8))
_TURN_PER_PANEL_RAD = 0.5


@dataclass(frozen=True, slots=True)
class Cubic:
    """a + b ds + c ds² + d ds³ from ``s_m`` on, ds = s - s_m."""

    s_m: float = 0.0
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0

    def at(self, s_m: float) -> float:
        u = s_m - self.s_m
        return self.a + u * (self.b + u * (self.c + u * self.d))

    def slope_at(self, s_m: float) -> float:
        u = s_m - self.s_m
        return self.b + u * (2.0 * self.c + 3.0 * u * self.d)

    def bend_at(self, s_m: float) -> float:
        """Second derivative."""
        return 2.0 * self.c + 6.0 * (s_m - self.s_m) * self.d

    def shifted(self, s_m: float) -> Cubic:
        return Cubic(self.s_m + s_m, self.a, self.b, self.c, self.d)


def piece_at(pieces: Sequence[Cubic], s_m: float) -> Cubic:
    """The one that holds at s: the last that starts at or before it, else the first."""
    if len(pieces) == 1:
        return pieces[0]
    return pieces[max(0, bisect_right([p.s_m for p in pieces], s_m + 1e-9) - 1)]


def smooth_step(s_m: float, length_m: float, start: float, end: float) -> Cubic:
    """From ``start`` to ``end`` over a length, level at both ends."""
    rise = end - start
    return Cubic(s_m, start, 0.0, 3.0 * rise / length_m**2, -2.0 * rise / length_m**3)


@dataclass(frozen=True, slots=True)
class Spiral:
    """Curvature that grows evenly from ``start_per_m`` to ``end_per_m`` (a clothoid, of scale
    sqrt(length / change)); an arc where they are equal, a line where both are 0. It starts at the origin along +x."""

    length_m: float
    start_per_m: float = 0.0
    end_per_m: float = 0.0

    def at(self, u_m: float) -> Point:
        k, rate = self.start_per_m, (self.end_per_m - self.start_per_m) / self.length_m
        heading = u_m * (k + 0.5 * rate * u_m)
        if rate == 0.0:
            if k == 0.0:
                return u_m, 0.0, 0.0, 0.0
            return math.sin(heading) / k, 2.0 * math.sin(0.5 * heading) ** 2 / k, heading, k
        turn = (abs(k) + abs(k + rate * u_m)) * abs(u_m)
        panels = max(1, math.ceil(turn / _TURN_PER_PANEL_RAD))
        half = 0.5 * u_m / panels
        x = y = 0.0
        for panel in range(panels):
            middle = (2 * panel + 1) * half
            for node, weight in zip(_NODES, _WEIGHTS, strict=True):
                v = middle + half * node
                angle = v * (k + 0.5 * rate * v)
                x += weight * math.cos(angle)
                y += weight * math.sin(angle)
        return half * x, half * y, heading, k + rate * u_m

    def sample(self, u_m: Array) -> Array:
        """(N, 4) ``at`` of many (N,)."""
        k, rate = self.start_per_m, (self.end_per_m - self.start_per_m) / self.length_m
        heading = u_m * (k + 0.5 * rate * u_m)
        bend = k + rate * u_m
        if rate == 0.0:
            if k == 0.0:
                return np.stack([u_m, np.zeros_like(u_m), heading, bend], axis=1)
            return np.stack([np.sin(heading) / k, 2.0 * np.sin(0.5 * heading) ** 2 / k, heading, bend], axis=1)
        turn = float(((abs(k) + np.abs(bend)) * np.abs(u_m)).max(initial=0.0))
        panels = max(1, math.ceil(turn / _TURN_PER_PANEL_RAD))
        half = 0.5 * u_m / panels
        middle = (2.0 * np.arange(panels) + 1.0)[:, None] + np.array(_NODES)
        v = half[:, None] * middle.ravel()
        angle = v * (k + 0.5 * rate * v)
        weights = np.tile(_WEIGHTS, panels)
        return np.stack([half * (np.cos(angle) @ weights), half * (np.sin(angle) @ weights), heading, bend], axis=1)


def line(length_m: float) -> Spiral:
    return Spiral(length_m)


def arc(length_m: float, curvature_per_m: float) -> Spiral:
    """Positive curvature turns left."""
    return Spiral(length_m, curvature_per_m, curvature_per_m)


@dataclass(frozen=True, slots=True)
class CubicCurve:
    """A parametric cubic (paramPoly3; with u = p it is OpenDRIVE's poly3), followed by its length.

    Attributes:
        u, v: coefficients of 1, p, p², p³ of the local coordinates.
        p_end: the parameter runs from 0 to here.
    """

    u: tuple[float, float, float, float]
    v: tuple[float, float, float, float]
    p_end: float = 1.0
    length_m: float = field(init=False)
    _lengths: tuple[float, ...] = field(init=False, repr=False)

    _PANELS = 64

    def __post_init__(self) -> None:
        lengths = [0.0]
        step = self.p_end / self._PANELS
        for k in range(self._PANELS):
            lengths.append(lengths[-1] + self._length(k * step, (k + 1) * step))
        object.__setattr__(self, "_lengths", tuple(lengths))
        object.__setattr__(self, "length_m", lengths[-1])

    def _rates(self, p: float) -> tuple[float, float]:
        (_, b, c, d), (_, e, f, g) = self.u, self.v
        return b + p * (2.0 * c + 3.0 * d * p), e + p * (2.0 * f + 3.0 * g * p)

    def _length(self, start: float, end: float) -> float:
        half, middle = 0.5 * (end - start), 0.5 * (end + start)
        return half * sum(
            w * math.hypot(*self._rates(middle + half * n)) for n, w in zip(_NODES, _WEIGHTS, strict=True)
        )

    def _parameter(self, along_m: float) -> float:
        k = min(max(0, bisect_right(self._lengths, along_m) - 1), self._PANELS - 1)
        step = self.p_end / self._PANELS
        start = k * step
        p = start + step * (along_m - self._lengths[k]) / (self._lengths[k + 1] - self._lengths[k])
        for _ in range(4):
            p -= (self._lengths[k] + self._length(start, p) - along_m) / math.hypot(*self._rates(p))
        return p

    def at(self, u_m: float) -> Point:
        p = self._parameter(u_m)
        du, dv = self._rates(p)
        ddu, ddv = 2.0 * self.u[2] + 6.0 * self.u[3] * p, 2.0 * self.v[2] + 6.0 * self.v[3] * p
        x = self.u[0] + p * (self.u[1] + p * (self.u[2] + p * self.u[3]))
        y = self.v[0] + p * (self.v[1] + p * (self.v[2] + p * self.v[3]))
        return x, y, math.atan2(dv, du), (du * ddv - dv * ddu) / math.hypot(du, dv) ** 3

    def sample(self, u_m: Array) -> Array:
        """(N, 4) ``at`` of many (N,)."""
        return np.array([self.at(u) for u in u_m.tolist()]).reshape(-1, 4)


Curve = Spiral | CubicCurve
_COARSE_M = 2.0
_COARSE_SAG_M = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceLine:
    """Curves one after the other, each where the one before ends and in its direction; followed by the length s.

    Beyond its ends it goes on straight.

    Attributes:
        starts: (x, y, heading) at which each curve starts; read from a file, or made by ``chained``.
    """

    curves: tuple[Curve, ...]
    starts: tuple[tuple[float, float, float], ...]
    length_m: float = field(init=False)
    _s: tuple[float, ...] = field(init=False, repr=False)
    _knots: Array = field(init=False, repr=False)
    _knot_s: Array = field(init=False, repr=False)
    _straight: tuple[float, float, float, float, float] | None = field(init=False, repr=False)

    @classmethod
    def chained(cls, curves: Sequence[Curve], start: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> ReferenceLine:
        starts = []
        x, y, heading = start
        for curve in curves:
            starts.append((x, y, heading))
            dx, dy, turn, _ = curve.at(curve.length_m)
            c, s = math.cos(heading), math.sin(heading)
            x, y, heading = x + c * dx - s * dy, y + s * dx + c * dy, heading + turn
        return cls(tuple(curves), tuple(starts))

    def __post_init__(self) -> None:
        s = [0.0]
        for curve in self.curves:
            s.append(s[-1] + curve.length_m)
        object.__setattr__(self, "_s", tuple(s[:-1]))
        object.__setattr__(self, "length_m", s[-1])
        only = self.curves[0] if len(self.curves) == 1 else None
        straight = None
        if isinstance(only, Spiral) and only.start_per_m == only.end_per_m == 0.0:
            x, y, heading = self.starts[0]
            straight = (x, y, math.cos(heading), math.sin(heading), heading)
        object.__setattr__(self, "_straight", straight)
        knots = np.array(sorted(set(self.stations(0.0, s[-1], _COARSE_SAG_M, _COARSE_M))))
        object.__setattr__(self, "_knot_s", knots)
        object.__setattr__(self, "_knots", np.array([self.at(float(v))[:2] for v in knots]).T.copy())

    def at(self, s_m: float) -> Point:
        if self._straight is not None:
            x, y, c, s, heading = self._straight
            return x + c * s_m, y + s * s_m, heading, 0.0
        inside = min(max(s_m, 0.0), self.length_m)
        k = max(0, bisect_right(self._s, inside) - 1)
        dx, dy, turn, curvature = self.curves[k].at(inside - self._s[k])
        x, y, heading = self.starts[k]
        c, s = math.cos(heading), math.sin(heading)
        x, y, heading = x + c * dx - s * dy, y + s * dx + c * dy, heading + turn
        if inside != s_m:
            beyond = s_m - inside
            return x + beyond * math.cos(heading), y + beyond * math.sin(heading), heading, 0.0
        return x, y, heading, curvature

    def sample(self, s_m: ArrayLike) -> Array:
        """(N, 4) x, y, heading and curvature at s (N,)."""
        s = np.asarray(s_m, dtype=np.float64).ravel()
        inside = np.minimum(np.maximum(s, 0.0), self.length_m)
        place = np.maximum(np.searchsorted(self._s, inside, side="right") - 1, 0)
        result = np.empty((len(s), 4))
        for k in np.flatnonzero(np.bincount(place)).tolist():
            here = place == k
            x, y, heading = self.starts[k]
            c, sn = math.cos(heading), math.sin(heading)
            dx, dy, turn, bend = self.curves[k].sample(inside[here] - self._s[k]).T
            result[here] = np.stack([x + c * dx - sn * dy, y + sn * dx + c * dy, heading + turn, bend], axis=1)
        beyond = s - inside
        if np.count_nonzero(beyond):
            result[:, 0] += beyond * np.cos(result[:, 2])
            result[:, 1] += beyond * np.sin(result[:, 2])
            result[beyond != 0.0, 3] = 0.0
        return result

    def stations(self, start_m: float, end_m: float, sag_m: float, most_m: float = 1e9) -> list[float]:
        """Lengths from start to end, both included, so close that the line runs less than about ``sag_m`` beside the
        chord between two neighbours; joints of curves are among them."""
        joints = [s for s in self._s if start_m < s < end_m]
        edges = [start_m, *joints, end_m]
        result = [start_m]
        for a, b in pairwise(edges):
            k = max(0, bisect_right(self._s, 0.5 * (a + b)) - 1)
            curve = self.curves[k]
            if isinstance(curve, Spiral):
                bend = max(abs(curve.start_per_m), abs(curve.end_per_m))
            else:
                bend = max(abs(curve.at(f * curve.length_m)[3]) for f in np.linspace(0.0, 1.0, 9))
            pieces = max(1, math.ceil((b - a) * math.sqrt(bend / (8.0 * sag_m))), math.ceil((b - a) / most_m - 1e-9))
            result += [a + (b - a) * (j + 1) / pieces for j in range(pieces)]
        return result

    def locate(self, x_m: float, y_m: float) -> tuple[float, float]:
        """(s, t) of a point: the foot of its perpendicular on the nearest part of the line."""
        s, t, _ = self.place(x_m, y_m)
        return s, t

    def place(self, x_m: float, y_m: float) -> tuple[float, float, float]:
        """(s, t) of a point as ``locate`` gives them, and the heading of the line there."""
        if self._straight is not None:
            x, y, c, s, heading = self._straight
            return c * (x_m - x) + s * (y_m - y), c * (y_m - y) - s * (x_m - x), heading
        dx, dy = self._knots[0] - x_m, self._knots[1] - y_m
        k = int(np.argmin(dx * dx + dy * dy))
        s_m = float(self._knot_s[k])
        low = float(self._knot_s[k - 1]) if k else -math.inf
        high = float(self._knot_s[k + 1]) if k + 1 < len(self._knot_s) else math.inf
        for _ in range(24):
            x, y, heading, curvature = self.at(s_m)
            c, s = math.cos(heading), math.sin(heading)
            along, t = c * (x_m - x) + s * (y_m - y), -s * (x_m - x) + c * (y_m - y)
            step = along / max(1.0 - curvature * t, 0.3)
            moved = min(max(s_m + step, low), high)
            if abs(moved - s_m) < 1e-10:
                break
            s_m = moved
        return s_m, t, heading
