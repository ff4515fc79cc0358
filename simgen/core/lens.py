"""Lenses that bend the pinhole's picture: from directions in the camera's frame to the picture at focal length 1.

Coefficients have OpenCV's names and meaning, so that ``cv2.projectPoints`` and ``cv2.fisheye.projectPoints`` read what
is recorded. A polynomial is a good lens only as far out as it rises: each lens knows its limit, and what lies beyond it
has no image.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np

from simgen.core.errors import ValueOutOfRange
from simgen.core.geometry import Array

DepthKind = Literal["planar", "range"]
"""What a depth counts: along the optical axis, or along the ray."""

_STEEPEST = float(np.tan(np.radians(80)))
_FINE = 4096
_TURNS = 32


class Lens(ABC):
    """A lens by its published model. Picture coordinates here are pixels from the principal point over focal length.

    Attributes:
        model: its name in YAML and in records.
        depth: what the depths of its pictures count. Planar depth makes no sense at a right angle to the axis.
    """

    __slots__ = ()
    model: ClassVar[str]
    depth: ClassVar[DepthKind]

    @property
    @abstractmethod
    def widest_rad(self) -> float:
        """The angle to the axis up to which it images, in the picture's width."""

    @abstractmethod
    def radius(self, angle_rad: float) -> float:
        """Where the picture's horizontal axis is met by a ray at this angle to the optical axis; it must be less than
        ``widest_rad``."""

    @abstractmethod
    def image(self, directions: Array) -> Array:
        """(..., 2) picture coordinates of directions (..., 3) of any length; NaN for what it does not image."""

    @abstractmethod
    def directions(self, places: Array) -> Array:
        """(..., 3) unit directions of picture coordinates (..., 2); NaN where there is no image."""

    @abstractmethod
    def density(self, directions: Array) -> Array:
        """(...) steradians per unit of the picture's area, about unit directions (..., 3)."""

    @abstractmethod
    def relative_illumination(self, directions: Array) -> Array:
        """(...) light that a pixel gets from an even field, over that on the axis, about unit directions (..., 3)."""

    def facts(self) -> dict[str, Any]:
        """The model's name and coefficients, plain; ``lens_of_facts`` gives the lens back."""
        return {"model": self.model, **asdict(self)}  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrownConrady(Lens):
    """Brown (1966) with OpenCV's rational terms: with r² = x² + y² on the plane z = 1,

    x' = x (1 + k1 r² + k2 r⁴ + k3 r⁶) / (1 + k4 r² + k5 r⁴ + k6 r⁶) + 2 p1 x y + p2 (r² + 2 x²), and y' likewise.
    """

    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    k5: float = 0.0
    k6: float = 0.0

    model: ClassVar[str] = "brown_conrady"
    depth: ClassVar[DepthKind] = "planar"

    @property
    def widest_rad(self) -> float:
        return float(np.arctan(_rising_radius(self)))

    def radius(self, angle_rad: float) -> float:
        x, _ = self._bent(np.array(np.tan(angle_rad)), np.array(0.0))
        return float(x)

    def image(self, directions: Array) -> Array:
        z = directions[..., 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            x, y = directions[..., 0] / z, directions[..., 1] / z
            seen = (z > 0) & (x * x + y * y <= _rising_radius(self) ** 2)
        x, y = np.where(seen, x, 0.0), np.where(seen, y, 0.0)
        places = np.stack(self._bent(x, y), axis=-1)
        places[~seen] = np.nan
        return places

    def directions(self, places: Array) -> Array:
        u, v = np.asarray(places[..., 0], dtype=np.float64), np.asarray(places[..., 1], dtype=np.float64)
        limit = _rising_radius(self)
        table = np.linspace(0.0, limit, _FINE)
        bent = table * self._radial(table * table)[0]
        r = np.hypot(u, v)
        start = np.interp(r, bent, table) / np.maximum(r, 1e-12)
        x, y = u * start, v * start
        for _ in range(20):
            a, b = self._bent(x, y)
            xx, xy, yx, yy = self._jacobian(x, y)
            det = xx * yy - xy * yx
            det = np.where(np.abs(det) < 1e-9, 1e-9, det)
            du, dv = a - u, b - v
            dx, dy = (yy * du - xy * dv) / det, (xx * dv - yx * du) / det
            # Far outside of the picture the start may be poor; a step is no longer than the radius.
            long = np.maximum(np.hypot(dx, dy) / (0.5 + 0.5 * limit), 1.0)
            x, y = np.clip(x - dx / long, -2 * limit, 2 * limit), np.clip(y - dy / long, -2 * limit, 2 * limit)
            if np.hypot(dx, dy).max(initial=0.0) < 1e-13:
                break
        a, b = self._bent(x, y)
        seen = (np.hypot(a - u, b - v) < 1e-9) & (x * x + y * y <= limit**2)
        rays = np.stack([x, y, np.ones_like(x)], axis=-1)
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        rays[~seen] = np.nan
        return rays

    def density(self, directions: Array) -> Array:
        z = directions[..., 2]
        xx, xy, yx, yy = self._jacobian(directions[..., 0] / z, directions[..., 1] / z)
        result: Array = z**3 / (xx * yy - xy * yx)
        return result

    def relative_illumination(self, directions: Array) -> Array:
        """cos⁴ of a pinhole is its pupil, foreshortened by a cosine, times the solid angle of a pixel, cos³; distortion
        changes the latter."""
        return self.density(directions) * directions[..., 2]

    def _radial(self, s: Array) -> tuple[Array, Array]:
        """The radial factor, and its derivative by r² = s."""
        above = 1.0 + s * (self.k1 + s * (self.k2 + s * self.k3))
        below = 1.0 + s * (self.k4 + s * (self.k5 + s * self.k6))
        rise = self.k1 + s * (2 * self.k2 + s * 3 * self.k3)
        fall = self.k4 + s * (2 * self.k5 + s * 3 * self.k6)
        below = np.where(np.abs(below) < 1e-9, 1e-9, below)
        return above / below, (rise * below - above * fall) / below**2

    def _bent(self, x: Array, y: Array) -> tuple[Array, Array]:
        s = x * x + y * y
        factor, _ = self._radial(s)
        return (
            x * factor + 2 * self.p1 * x * y + self.p2 * (s + 2 * x * x),
            y * factor + self.p1 * (s + 2 * y * y) + 2 * self.p2 * x * y,
        )

    def _jacobian(self, x: Array, y: Array) -> tuple[Array, Array, Array, Array]:
        """Derivatives of x' by x and y, then of y'."""
        factor, slope = self._radial(x * x + y * y)
        mixed = 2 * x * y * slope + 2 * self.p1 * x + 2 * self.p2 * y
        return (
            factor + 2 * x * x * slope + 2 * self.p1 * y + 6 * self.p2 * x,
            mixed,
            mixed,
            factor + 2 * y * y * slope + 6 * self.p1 * y + 2 * self.p2 * x,
        )


@lru_cache(maxsize=64)
def _rising_radius(lens: BrownConrady) -> float:
    """Radius on the plane z = 1 up to which the picture neither folds over nor turns back."""
    r = np.linspace(0.0, _STEEPEST, _FINE)[:, None]
    turn = np.linspace(0.0, 2 * np.pi, _TURNS, endpoint=False)
    x, y = r * np.cos(turn), r * np.sin(turn)
    xx, xy, yx, yy = lens._jacobian(x, y)
    factor, slope = lens._radial(r * r)
    below = 1.0 + r**2 * (lens.k4 + r**2 * (lens.k5 + r**2 * lens.k6))
    good = (xx * yy - xy * yx > 1e-3) & (factor + 2 * r * r * slope > 1e-3) & (below > 1e-3)
    first = np.argmin(good.all(axis=1))
    return _STEEPEST if good.all() else float(r[max(int(first) - 1, 0), 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class KannalaBrandt(Lens):
    """Kannala & Brandt (2006) as OpenCV's fisheye has it: a ray at θ to the axis meets the picture at
    r = θ (1 + k1 θ² + k2 θ⁴ + k3 θ⁶ + k4 θ⁸) from the middle; without coefficients it is equidistant.

    Attributes:
        max_angle_rad: θ at which the image ends, a circle beyond which the picture is black.
    """

    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    max_angle_rad: float = float(np.radians(110))

    model: ClassVar[str] = "kannala_brandt"
    depth: ClassVar[DepthKind] = "range"

    @property
    def widest_rad(self) -> float:
        return _rising_angle(self)

    def radius(self, angle_rad: float) -> float:
        return float(self._bent(np.array(angle_rad)))

    def image(self, directions: Array) -> Array:
        across = np.hypot(directions[..., 0], directions[..., 1])
        angle = np.arctan2(across, directions[..., 2])
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(across > 0, self._bent(angle) / across, 0.0)
        places: Array = directions[..., :2] * scale[..., None]
        places[~(angle <= self.widest_rad)] = np.nan
        return places

    def directions(self, places: Array) -> Array:
        u, v = np.asarray(places[..., 0], dtype=np.float64), np.asarray(places[..., 1], dtype=np.float64)
        r = np.hypot(u, v)
        limit = self.widest_rad
        table = np.linspace(0.0, limit, _FINE)
        angle = np.interp(r, self._bent(table), table)
        for _ in range(4):
            angle = np.clip(angle - (self._bent(angle) - r) / np.maximum(self._slope(angle), 1e-6), 0.0, limit)
        seen = r <= float(self._bent(np.array(limit))) + 1e-12
        with np.errstate(divide="ignore", invalid="ignore"):
            across = np.where(r > 0, np.sin(angle) / r, 0.0)
        rays = np.stack([u * across, v * across, np.cos(angle)], axis=-1)
        rays[~seen] = np.nan
        return rays

    def density(self, directions: Array) -> Array:
        angle = np.arctan2(np.hypot(directions[..., 0], directions[..., 1]), directions[..., 2])
        r = self._bent(angle)
        with np.errstate(divide="ignore", invalid="ignore"):
            result: Array = np.where(angle > 1e-9, np.sin(angle) / (r * self._slope(angle)), 1.0)
        return np.where(np.isnan(angle), np.nan, result)

    def relative_illumination(self, directions: Array) -> Array:
        """A fisheye's entrance pupil turns towards the light and keeps its area (Reiss 1945 on the limits of cos⁴), so
        that only the solid angle of a pixel remains."""
        return self.density(directions)

    def _bent(self, angle: Array) -> Array:
        s = angle * angle
        result: Array = angle * (1.0 + s * (self.k1 + s * (self.k2 + s * (self.k3 + s * self.k4))))
        return result

    def _slope(self, angle: Array) -> Array:
        s = angle * angle
        result: Array = 1.0 + s * (3 * self.k1 + s * (5 * self.k2 + s * (7 * self.k3 + s * 9 * self.k4)))
        return result


@lru_cache(maxsize=64)
def _rising_angle(lens: KannalaBrandt) -> float:
    """The angle up to which the radius rises, ``max_angle_rad`` at most."""
    angle = np.linspace(0.0, lens.max_angle_rad, _FINE)
    good = lens._slope(angle) > 1e-3
    return lens.max_angle_rad if good.all() else float(angle[max(int(np.argmin(good)) - 1, 0)])


MODELS: dict[str, type[BrownConrady] | type[KannalaBrandt]] = {
    BrownConrady.model: BrownConrady,
    KannalaBrandt.model: KannalaBrandt,
}


def lens_of_facts(facts: Mapping[str, Any] | None) -> Lens | None:
    """The lens of ``Lens.facts``; None for None. Raises ValueOutOfRange or TypeError for what is none."""
    if facts is None:
        return None
    coefficients = dict(facts)
    model = coefficients.pop("model", None)
    if model not in MODELS:
        raise ValueOutOfRange(f"'{model}' is no lens", remedy=f"one of {', '.join(MODELS)}")
    return MODELS[model](**coefficients)


def focal_length(lens: Lens | None, width_px: int, horizontal_fov_rad: float) -> float:
    """The focal length in pixels with which the field of view spans the picture from edge to edge.

    Raises:
        ValueOutOfRange: the lens does not see that far.
    """
    half = 0.5 * horizontal_fov_rad
    if lens is None:
        if half >= np.radians(89):
            raise ValueOutOfRange(
                f"a pinhole with a field of view of {np.degrees(2 * half):.4g} deg",
                remedy="take one below 150 deg, or lens: kannala_brandt",
            )
        return float(0.5 * width_px / np.tan(half))
    if half > lens.widest_rad + 1e-12:
        raise ValueOutOfRange(
            f"a field of view of {np.degrees(2 * half):.4g} deg, and the {lens.model} lens images no more than "
            f"{np.degrees(2 * lens.widest_rad):.4g} deg: farther out its coefficients fold the picture over, or its "
            "image ends",
            remedy="take a smaller field of view, or other coefficients (for a narrow view they are small)",
        )
    return float(0.5 * width_px / lens.radius(half))
