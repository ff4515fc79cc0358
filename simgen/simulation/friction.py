"""Friction between the ground and what stands on it: from what the ground is made of, what lies on it and how fast a
tyre goes. The names and figures of all grounds stand here.

Sources: a new tyre on asphalt or concrete, by speed and water (dry, 0.2 mm, 1 mm, 2 mm; 50, 90, 130 km/h), and black
ice: Bosch Automotive Handbook, "coefficients of static friction for pneumatic tyres on various surfaces". Snow and
gravel lie within what tables of road adhesion give (packed snow 0.2 to 0.35, gravel 0.5 to 0.7). Shares of the other
grounds and the figure for oil are round estimates of that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.environment import DAMP_FROM, Environment

DRY_50_KMH = 0.85
_KMH = 1 / 3.6
_SPEEDS_MPS = np.array([50.0, 90.0, 130.0]) * _KMH
_DRY = np.array([0.85, 0.80, 0.75])
_DAMP = np.array([0.65, 0.60, 0.55])
# Rows by depth of the film, columns by speed. At 2 mm and 90 km/h the tyre floats: aquaplaning. For 130 km/h the
# source says 0; a rest is left to the splashes.
_FILM = np.array([_DAMP, [0.55, 0.30, 0.20], [0.50, 0.05, 0.02]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What something stands on.

    Attributes:
        share: of the friction of asphalt, in the same weather and at the same speed.
        peak: friction whatever the weather and the speed, instead; None for grounds that weather changes.
        film_mm: water that always stands on it, at least.
    """

    share: float = 1.0
    peak: float | None = None
    film_mm: float = 0.0


GROUNDS: dict[str, Ground] = {
    "asphalt": Ground(),
    "concrete": Ground(),
    "paving": Ground(share=0.9),
    "cobbles": Ground(share=0.75),
    "gravel": Ground(share=0.7),
    "earth": Ground(share=0.8),
    "sand": Ground(share=0.6),
    "grass": Ground(share=0.55),
    "metal": Ground(share=0.6),
    "vinyl": Ground(share=0.8),
    "water": Ground(film_mm=3.0),
    "snow": Ground(peak=0.3),
    "ice": Ground(peak=0.1),
    "oil": Ground(peak=0.2),
}
"""Grounds by name; one that has no entry counts as asphalt."""

_NAMES = tuple(GROUNDS)
_SHARE = np.array([g.share for g in GROUNDS.values()])
_PEAK = np.array([np.nan if g.peak is None else g.peak for g in GROUNDS.values()])
_LEAST_MM = np.array([g.film_mm for g in GROUNDS.values()])
_SNOW, _ICE = 0.3, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Covering:
    """What the weather has put on the ground: ``wetness`` 0 dry, 0.3 and more damp throughout; depth of the film of
    water in mm; shares of the ground under snow and under ice."""

    wetness: float = 0.0
    film_mm: float = 0.0
    snow: float = 0.0
    ice: float = 0.0

    @classmethod
    def of(cls, environment: Environment) -> Covering:
        if environment.indoor:
            return cls()
        return cls(
            wetness=environment.road_wetness,
            film_mm=environment.water_film_mm,
            snow=environment.road_snow,
            ice=environment.road_ice,
        )


def ground_codes(names: Sequence[str]) -> NDArray[np.int64]:
    """(N,) places of the grounds in the table, for ``friction``; an unknown name counts as asphalt."""
    return np.array([_NAMES.index(n) if n in GROUNDS else 0 for n in names], dtype=np.int64)


def friction(codes: NDArray[np.int64], covering: Covering, speed_mps: Array) -> Array:
    """(...,) peak friction coefficients of tyres on these grounds (of ``ground_codes``), at these speeds in m/s.

    Snow and ice that cover a share of the ground count by that share: a contact patch is longer than the blotches.
    """
    film = np.maximum(covering.film_mm, _LEAST_MM[codes])
    damp = np.where(film > 0.0, 1.0, min(1.0, covering.wetness / DAMP_FROM))
    dry = np.interp(speed_mps, _SPEEDS_MPS, _DRY)
    if (damp > 0.0).any():
        thin, one, two = (np.interp(speed_mps, _SPEEDS_MPS, row) for row in _FILM)
        wet = np.where(film < 1.0, thin + film * (one - thin), one + np.minimum(film - 1.0, 1.0) * (two - one))
        dry = (1.0 - damp) * dry + damp * wet
    bare = dry * _SHARE[codes]
    own = _PEAK[codes]
    bare = np.where(np.isnan(own), bare, own)
    if covering.snow == 0.0 and covering.ice == 0.0:
        return bare
    # A patch of oil or ice lies on top of the snow; it keeps its own figure.
    covered = (1.0 - covering.ice) * ((1.0 - covering.snow) * bare + covering.snow * np.minimum(_SNOW, bare))
    covered += covering.ice * np.minimum(_ICE, bare)
    result: Array = np.where(np.isnan(own), covered, bare)
    return result


def tyre_friction(ground: str, covering: Covering, speed_mps: float) -> float:
    """Peak friction coefficient of one tyre; at walking speed also that of a sole or of a robot's wheel."""
    return float(friction(ground_codes([ground]), covering, np.array([speed_mps]))[0])


# Friction of polyurethane and rubber wheels on what lies on the ground. Oil: boundary lubrication of polymer on smooth
# concrete; the others as for tyres at walking speed.
_WHEELS = {"": 0.70, "concrete": 0.70, "epoxy": 0.65, "vinyl": 0.65, "asphalt": 0.75, "grass": 0.45}
_PATCHES = {"oil": 0.10, "water": 0.40, "ice": 0.06, "snow": 0.25, "gravel": 0.50, "sand": 0.45, "leaves": 0.35}


def wheel_friction(ground: str, patch: str = "") -> float:
    """Coefficient of sliding friction of an industrial wheel on a ground, or on a patch that lies on it."""
    dry = _WHEELS.get(ground, _WHEELS[""])
    return min(dry, _PATCHES.get(patch, dry)) if patch else dry
