"""Who is ahead of whom along the courses that vehicles follow: found for all of them at once, bends included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.situation import NOTICED_S, Situation
from simgen.simulation.lane_fixtures import lane_fixtures
from simgen.simulation.traffic import BACK_M, Gap

if TYPE_CHECKING:
    from simgen.simulation.world import World

SPACING_M = 2.0
AHEAD_M = 120.0
DISCS = 5
"""A body is seen as so many discs, as wide as it is, along its longer middle."""

_FOUND: WeakKeyDictionary[World, tuple[int, Mapping[str, Sequence[Gap]]]] = WeakKeyDictionary()


def ahead_on_course(world: World, name: str) -> Sequence[Gap]:
    """Those on the strip of road that a vehicle with a course is about to drive over, the nearest first."""
    known = _FOUND.get(world)
    if known is None or known[0] != world.tick:
        known = _FOUND[world] = (world.tick, _ahead(world))
    return known[1].get(name, ())


def _ahead(world: World) -> Mapping[str, Sequence[Gap]]:
    drivers = [v for v in world.vehicles.values() if v.course is not None]
    if not drivers:
        return {}
    discs, radii, velocities, owner = _discs(world.situation())
    if not len(discs):
        return {}
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
    own = np.array([world.scene.index(v.name) for v in drivers])
    in_way &= owner != own[:, None]
    gaps = np.where(in_way, ahead - radii - front, np.inf)
    found: dict[str, Sequence[Gap]] = {}
    for i, driver in enumerate(drivers):
        met: dict[str, Gap] = {}
        for k in np.argsort(gaps[i], kind="stable")[: int(in_way[i].sum())].tolist():
            name = world.scene.entities[owner[k]].name
            speed = float(c[i, k] * velocities[k, 0] + s[i, k] * velocities[k, 1])
            met.setdefault(name, Gap(name, max(0.0, float(gaps[i, k])), speed))
        found[driver.name] = tuple(met.values())
    return found


def _discs(situation: Situation) -> tuple[Array, Array, Array, NDArray[np.int64]]:
    """Middles (D, 2), radii (D,) and velocities (D, 2) of discs that stand for all that drivers do not drive over, open
    doors and fixtures in lanes included; and whose each is (D,), by the index of the entity."""
    chosen = situation.obstacles
    poses, moving = situation.snapshot.world_from_entity[chosen], situation.snapshot.velocity_mps
    center, size = situation.low_boxes(chosen)
    center, size = center[:, :2], size[:, :2]
    # A barrier is wider than long
    long = size.argmax(axis=1)
    share = np.linspace(-1.0, 1.0, DISCS)
    along = 0.5 * np.abs(size[:, 0] - size[:, 1])[:, None] * share
    middles = poses[:, :2, 3] + np.einsum("eij,ej->ei", poses[:, :2, :2], center)
    axis = poses[np.arange(len(chosen)), :2, long]
    discs, radii, owner = middles[:, None] + along[:, :, None] * axis[:, None], 0.5 * size.min(axis=1), chosen
    if situation.protrusions:
        outlines, whose = situation.footprints(chosen, out_s=NOTICED_S)
        leaves = outlines[len(chosen) :]
        half, across = 0.5 * (leaves[:, 0] - leaves[:, 1]), leaves[:, 0] - leaves[:, 3]
        discs = np.concatenate([discs, leaves.mean(axis=1)[:, None] + share[:, None] * half[:, None]])
        radii, owner = np.r_[radii, 0.5 * np.hypot(*across.T)], chosen[whose]
    fixed = lane_fixtures(situation)
    owner = np.concatenate([np.repeat(owner, DISCS), fixed.entity])
    return (
        np.concatenate([discs.reshape(-1, 2), fixed.center_m]),
        np.concatenate([np.repeat(radii, DISCS), fixed.radius_m]),
        moving[owner, :2],
        owner,
    )
