"""What nobody walks through: walls, fences, racks and whatever else is fixed, tall and long."""

from __future__ import annotations

import math

import numpy as np

from simgen.scene.body import Body
from simgen.scene.stage import Stage
from simgen.simulation.neighbours import Boxes, grounds, shape_boxes
from simgen.simulation.physics import Physics

TALL_M, LONG_M = 1.0, 1.0
"""Lower things one climbs over (guard rails, benches); about shorter ones (posts, trees) one goes round."""
KEEPS_M = 0.15
"""Room that is left in front of whoever stops before a wall."""
_TOUCHES_M = 0.05
_WIDEST_M = 0.35


class Walls:
    """Finds how far somebody may walk, by upright boxes around what fixtures are made of."""

    def __init__(self, physics: Physics, stage: Stage) -> None:
        ground = grounds(stage)
        found = [
            (fixture.name, *box)
            for fixture in stage.fixtures
            if fixture.name in physics and fixture.name not in ground
            for box in shape_boxes(physics, fixture)
            if max(box[2].tolist()[:2]) >= LONG_M
        ]
        self._names = [name for name, *_ in found]
        poses = np.array([pose for _, pose, _, _ in found]).reshape(-1, 4, 4)
        centers, sizes = (np.array([box[k] for box in found]).reshape(-1, 3) for k in (2, 3))
        boxes = Boxes.around(poses, centers, sizes)
        middle = (poses[:, 2, :3] * centers).sum(axis=1) + poses[:, 2, 3]
        half = 0.5 * (np.abs(poses[:, 2, :3]) * sizes).sum(axis=1)
        self._low, self._high = middle - half, middle + half
        self._center, self._half = boxes.center_m, boxes.half_m
        low, high = boxes.span()
        self._span = low.T.copy(), high.T.copy()
        # (n, 2, 2): along and across each box
        self._axes = np.stack([boxes.forward, boxes.forward[:, ::-1] * (-1.0, 1.0)], axis=1)

    def before(
        self, body: Body, height_m: float, start_m: tuple[float, float], end_m: tuple[float, float]
    ) -> tuple[float, str]:
        """How far a body that stands at a height gets on the straight way between two places, metres, and the name of
        the fixture that stops it, or "". What it stands in already does not."""
        long = math.dist(start_m, end_m)
        wide = min(0.5 * body.box_size_m[1], _WIDEST_M)
        front = body.box_center_m[0] + 0.5 * body.box_size_m[0] + KEEPS_M
        room, level = max(wide, front), height_m + TALL_M
        near = (self._high > level) & (self._low < level)
        for low, high, here, there in zip(*self._span, start_m, end_m, strict=True):
            near &= (low < max(here, there) + room) & (high > min(here, there) - room)
        among = np.flatnonzero(near)
        if long == 0.0 or not len(among):
            return long, ""
        center, half, axes = self._center[among], self._half[among], self._axes[among]
        offset = (axes @ (np.array(start_m) - center)[:, :, None])[:, :, 0]
        way = axes @ (np.array(end_m) - start_m)
        # Whoever stands close to a wall may go along it.
        close = (np.abs(offset) < half + wide).all(axis=1)
        grown = np.where(close, _TOUCHES_M, wide)[:, None] + half
        inside = (np.abs(offset) < grown).all(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = (-grown - offset) / way, (grown - offset) / way
        still = way == 0.0
        misses = (still & (np.abs(offset) >= grown)).any(axis=1)
        enters = np.where(still, -np.inf, np.minimum(a, b)).max(axis=1)
        leaves = np.where(still, np.inf, np.maximum(a, b)).min(axis=1)
        hit = ~inside & ~misses & (enters < leaves) & (enters >= 0.0)
        free = np.where(hit, np.maximum(0.0, enters * long - (front - grown[:, 0] + half[:, 0])), np.inf)
        if free.min() >= long:
            return long, ""
        first = int(free.argmin())
        return float(free[first]), self._names[among[first]]
