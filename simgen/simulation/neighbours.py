"""Which bodies may meet within a control tick: the others need not be told to the physics at every step."""

from __future__ import annotations

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
    """Finds near bodies, by upright boxes around them and around fixtures."""

    def __init__(self, physics: Physics, stage: Stage) -> None:
        ground = grounds(stage)
        spans = [physics.span(f.name) for f in stage.fixtures if f.name in physics and f.name not in ground]
        self._low = np.array([low[:2] for low, _ in spans]).reshape(-1, 2)
        self._high = np.array([high[:2] for _, high in spans]).reshape(-1, 2)

    def near(self, centers_m: Array, halves_m: Array, speeds_mps: Array, dt_s: float) -> NDArray[np.bool_]:
        """(n,) whether each of these bodies may touch a fixture or another one within ``dt_s``, if one of the two
        moves; centres and half sizes (n, 2) of the upright boxes around them, along x and y."""
        moving = speeds_mps > 0.0
        reach = halves_m + (speeds_mps * dt_s + 0.5 * ROOM_M)[:, None]
        low, high = centers_m - reach, centers_m + reach
        close = np.logical_and(low[:, None, 0] < high[None, :, 0], low[None, :, 0] < high[:, None, 0])
        close &= np.logical_and(low[:, None, 1] < high[None, :, 1], low[None, :, 1] < high[:, None, 1])
        np.fill_diagonal(close, False)
        close &= np.logical_or(moving[:, None], moving[None, :])
        found: NDArray[np.bool_] = np.logical_or.reduce(close, axis=1)
        some = np.flatnonzero(moving & ~found)
        if len(some) and len(self._low):
            apart = np.logical_or(low[some, None, :] > self._high, high[some, None, :] < self._low)
            found[some] = ~np.logical_and.reduce(np.logical_or.reduce(apart, axis=2), axis=1)
        return found
