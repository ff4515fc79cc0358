"""Tyre friction on a surface, from what lies on it and how fast the tyre goes."""

from __future__ import annotations

import numpy as np

# Peak friction at 50 and at 90 km/h by depth of the water film in mm; 0.001 mm stands for damp. Figures: sensing.md.
_FILM_MM = np.array([0.0, 0.001, 1.0, 2.0, 3.0])
_AT_50_KMH = np.array([0.85, 0.65, 0.55, 0.50, 0.42])
_AT_90_KMH = np.array([0.80, 0.60, 0.30, 0.05, 0.05])
_SURFACE = {"asphalt": 1.0, "concrete": 1.0, "paving": 0.9, "gravel": 0.7, "grass": 0.55, "snow": 0.35, "ice": 0.12}


def tyre_friction(surface: str, wetness: float, speed_mps: float) -> float:
    """Peak friction coefficient of a tyre.

    Args:
        surface: name of the ground; unknown ones count as asphalt.
        wetness: 0 dry, 0.3 damp, 1 a film of 1 mm, 2 a film of 2 mm.
    """
    film_mm = max(0.0, wetness - 0.3) / 0.7
    damp = min(1.0, wetness / 0.3)
    slow = np.interp(film_mm, _FILM_MM[1:], _AT_50_KMH[1:])
    fast = np.interp(film_mm, _FILM_MM[1:], _AT_90_KMH[1:])
    slow = (1 - damp) * _AT_50_KMH[0] + damp * slow
    fast = (1 - damp) * _AT_90_KMH[0] + damp * fast
    share = np.clip((speed_mps - 50 / 3.6) / (40 / 3.6), 0.0, 1.0)
    return float(_SURFACE.get(surface, 1.0) * ((1 - share) * slow + share * fast))
