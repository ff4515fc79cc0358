"""Who is ahead of whom along the courses that vehicles follow: found for all of them at once, bends included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.situation import NOTICED_S

if TYPE_CHECKING:
    from simgen.simulation.vehicle import Vehicle
    from simgen.simulation.world import World

SPACING_M = 2.0
AHEAD_M = 120.0
BACK_M = 6.0
"""Way on which who is beside the line that they keep come back to it."""
DISCS = 5
"""A body is seen as so many discs of its width along its middle."""

_FOUND: WeakKeyDictionary[World, tuple[int, Mapping[str, tuple[float, float]]]] = WeakKeyDictionary()


def lead_on_course(world: World, name: str) -> tuple[float, float] | None:
    """(gap in m, speed in m/s along our course) of the next vehicle on the strip of road that we are about to drive
    over, or None; for a vehicle that has a course."""
    known = _FOUND.get(world)
    if known is None or known[0] != world.tick:
        known = _FOUND[world] = (world.tick, _leads(world))
    return known[1].get(name)


def _leads(world: World) -> Mapping[str, tuple[float, float]]:
    drivers = [v for v in world.vehicles.values() if v.course is not None]
    seen = world.situation().snapshot.present
    others = [v for v in world.vehicles.values() if v.course is not None or seen[world.scene.index(v.name)]]
    if not drivers or len(others) < 2:
        return {}
    discs, radii, velocities, owner = _discs(world, others)
    steps = np.arange(0.0, AHEAD_M + SPACING_M, SPACING_M)
    rows = []
    for driver in drivers:
        assert driver.course is not None
        rows.append(driver.course.way.along(driver.course.distance_m + steps))
    x, y, heading = (np.stack(columns)[:, :, None] for columns in zip(*rows, strict=True))
    # Rows are drivers, then points ahead of them, then discs: the nearest point of the way to each disc
    squared = (x - discs[:, 0]) ** 2 + (y - discs[:, 1]) ** 2
    nearest = squared.argmin(axis=1)
    row = np.arange(len(drivers))[:, None]
    x, y, heading = x[row, nearest, 0], y[row, nearest, 0], heading[row, nearest, 0]
    c, s = np.cos(heading), np.sin(heading)
    dx, dy = discs[:, 0] - x, discs[:, 1] - y
    ahead = steps[nearest] + c * dx + s * dy
    aside = c * dy - s * dx
    keeps = np.array([[v.course.keep_m] for v in drivers if v.course is not None])
    now = np.array([[v.course.offset_m] for v in drivers if v.course is not None])
    half = np.array([[0.5 * v.entity.body.box_size_m[1]] for v in drivers])
    front = np.array([[v.entity.body.box_center_m[0] + 0.5 * v.entity.body.box_size_m[0]] for v in drivers])
    # From the line that it is on, back to the one that it keeps
    line = keeps + (now - keeps) * np.clip(1.0 - (ahead - radii - front) / BACK_M, 0.0, 1.0)
    in_way = np.abs(aside - line) < half + radii
    in_way &= (ahead > 0.0) & (ahead < AHEAD_M)
    own = np.array([others.index(v) for v in drivers])
    in_way &= owner[None, :] != own[:, None]
    in_way &= np.array([bool(seen[world.scene.index(v.name)]) for v in others])[owner][None, :]
    gaps = np.where(in_way, ahead - radii - front, np.inf)
    first = gaps.argmin(axis=1)
    found: dict[str, tuple[float, float]] = {}
    for i, driver in enumerate(drivers):
        k = int(first[i])
        if np.isfinite(gaps[i, k]):
            speed = float(c[i, k] * velocities[k, 0] + s[i, k] * velocities[k, 1])
            found[driver.name] = (max(0.0, float(gaps[i, k])), speed)
    return found


def _discs(world: World, vehicles: Sequence[Vehicle]) -> tuple[Array, Array, Array, NDArray[np.int64]]:
    """Middles (D, 2), radii (D,) and velocities (D, 2) of the discs that stand for these bodies and for their open
    doors, and whose each is (D,)."""
    situation = world.situation()
    chosen = [world.scene.index(v.name) for v in vehicles]
    poses, moving = situation.snapshot.world_from_entity[chosen], situation.snapshot.velocity_mps[chosen]
    size = np.array([v.entity.body.box_size_m for v in vehicles])
    center = np.array([v.entity.body.box_center_m[0] for v in vehicles])
    half, radii = np.maximum(0.5 * (size[:, 0] - size[:, 1]), 0.0), 0.5 * size[:, 1]
    along = center[:, None] + half[:, None] * np.linspace(-1.0, 1.0, DISCS)
    middles = poses[:, None, :2, 3] + along[:, :, None] * poses[:, None, :2, 0]
    owner = np.arange(len(vehicles))
    if situation.open_leaves:
        outlines, owner = situation.footprints(chosen, open_s=NOTICED_S)
        leaves = outlines[len(chosen) :]
        across = leaves[:, 0] - leaves[:, 3]
        ends = 0.5 * (leaves[:, 0] + leaves[:, 3]), 0.5 * (leaves[:, 1] + leaves[:, 2])
        share = np.linspace(0.0, 1.0, DISCS)[:, None]
        middles = np.concatenate([middles, ends[0][:, None] + share * (ends[1] - ends[0])[:, None]])
        radii = np.r_[radii, 0.5 * np.hypot(*across.T)]
    return (
        middles.reshape(-1, 2),
        np.repeat(radii, DISCS),
        np.repeat(moving[owner, :2], DISCS, axis=0),
        np.repeat(owner, DISCS),
    )
