"""Which bodies may meet within a control tick: the others need not be told to the physics at every step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.stage import Stage
from simgen.simulation.physics import Physics

GROUND_CLASSES = frozenset({"road", "lane_marking", "sidewalk", "kerb", "terrain", "floor", "ground_patch"})
"""Semantic classes of what one stands on."""
ROOM_M = 0.3


def grounds(stage: Stage) -> tuple[str, ...]:
    """Names of the fixtures that make up the ground, the plane below all of them included."""
    return ("ground", *(f.name for f in stage.fixtures if f.body.semantic in GROUND_CLASSES))


class Neighbours:
    """Finds near bodies, by circles around them and boxes around fixtures."""

    def __init__(self, physics: Physics, stage: Stage) -> None:
        ground = grounds(stage)
        spans = [physics.span(f.name) for f in stage.fixtures if f.name in physics and f.name not in ground]
        self._low = np.array([low[:2] for low, _ in spans]).reshape(-1, 2)
        self._high = np.array([high[:2] for _, high in spans]).reshape(-1, 2)

    def near(self, centers_m: Array, radii_m: Array, speeds_mps: Array, dt_s: float) -> NDArray[np.bool_]:
        """(n,) whether each of these bodies may touch a fixture or another one within ``dt_s``, if one of the two
        moves; centres (n, 2)."""
        moving = speeds_mps > 0.0
        reach = radii_m + speeds_mps * dt_s + 0.5 * ROOM_M
        offset = centers_m[:, None, :] - centers_m[None, :, :]
        close = (offset**2).sum(axis=-1) < (reach[:, None] + reach[None, :]) ** 2
        np.fill_diagonal(close, False)
        close &= moving[:, None] | moving[None, :]
        found: NDArray[np.bool_] = close.any(axis=1)
        some = np.flatnonzero(moving & ~found)
        if len(some) and len(self._low):
            at = centers_m[some, None, :]
            gap = np.maximum(np.maximum(self._low - at, at - self._high), 0.0)
            found[some] = ((gap**2).sum(axis=-1) < reach[some, None] ** 2).any(axis=1)
        return found


def radius_m(size_m: Sequence[float]) -> float:
    """Of a circle around a body's box (length, width, height), seen from above."""
    return 0.5 * float(np.hypot(size_m[0], size_m[1]))
