"""Which bodies may meet within a control tick: the others need not be told to the physics at every step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.stage import Fixture, Stage
from simgen.simulation.physics import Physics

GROUND_CLASSES = frozenset({"road", "lane_marking", "sidewalk", "kerb", "terrain", "floor", "ground_patch"})
"""Semantic classes of what one stands on."""
ROOM_M = 0.3
MOST_MPS2 = 12.0
"""Nobody changes its velocity faster, unless something touches it."""


def grounds(stage: Stage) -> tuple[str, ...]:
    """Names of the fixtures that make up the ground, the plane below all of them included."""
    return ("ground", *(f.name for f in stage.fixtures if f.body.semantic in GROUND_CLASSES))


class Neighbours:
    """Finds near bodies, by upright boxes around them and around fixtures."""

    def __init__(self, physics: Physics, stage: Stage) -> None:
        ground = grounds(stage)
        solid = [f for f in stage.fixtures if f.name in physics and f.name not in ground]
        spans = [s for f in solid for s in _spans(physics, f)]
        self._low = np.array([low[:2] for low, _ in spans]).reshape(-1, 2).T.copy()
        self._high = np.array([high[:2] for _, high in spans]).reshape(-1, 2).T.copy()

    def near(self, centers_m: Array, halves_m: Array, velocities_mps: Array, dt_s: float) -> NDArray[np.bool_]:
        """(n,) whether each of these bodies may touch a fixture or another one within ``dt_s``, if one of the two
        moves; centres, half sizes of the upright boxes around them and velocities, (n, 2) along x and y."""
        speeds = np.abs(velocities_mps)
        moving = speeds.max(axis=1, initial=0.0) > 0.0
        reach = halves_m + (speeds * dt_s + 0.5 * (ROOM_M + MOST_MPS2 * dt_s * dt_s))
        (low_x, low_y), (high_x, high_y) = (centers_m - reach).T, (centers_m + reach).T
        close = (low_x[:, None] < high_x) & (low_x < high_x[:, None])
        close &= low_y[:, None] < high_y
        close &= low_y < high_y[:, None]
        np.fill_diagonal(close, False)
        close &= moving[:, None] | moving
        found: NDArray[np.bool_] = np.logical_or.reduce(close, axis=1)
        some = np.flatnonzero(moving & ~found)
        if len(some) and len(self._low):
            met = (low_x[some, None] <= self._high[0]) & (high_x[some, None] >= self._low[0])
            met &= low_y[some, None] <= self._high[1]
            met &= high_y[some, None] >= self._low[1]
            found[some] = np.logical_or.reduce(met, axis=1)
        return found


def _spans(physics: Physics, fixture: Fixture) -> list[tuple[Array, Array]]:
    """Lowest and highest corners of upright boxes that together hold all that collides of a fixture: a guard rail
    round a bend is many short ones."""
    shapes = fixture.body.collision
    if len(shapes) < 2 or any(shape.kind == "hull" for shape in shapes):
        return [physics.span(fixture.name)]
    spans = []
    for shape in shapes:
        turned = fixture.world_from_body @ shape.body_from_shape
        size = shape.size_m
        half = np.array(size) / 2 if shape.kind == "box" else np.full(3, size[0])
        if shape.kind in ("capsule", "cylinder"):
            half[2] += size[1] / 2
        reach = np.abs(turned[:3, :3]) @ half
        spans.append((turned[:3, 3] - reach, turned[:3, 3] + reach))
    return spans
