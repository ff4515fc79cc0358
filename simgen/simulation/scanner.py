"""The safety scanner of a mobile robot: how far the way ahead is free, and of whom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgen.core.geometry import Array, inverse, transform
from simgen.scene.boxes import footprint, height_span
from simgen.scene.scene import Entity
from simgen.scene.situation import Situation

PEOPLE = frozenset({"pedestrian", "child", "wheelchair_user", "cyclist", "scooter_rider", "stroller"})
PLANE_M = 0.12
"""Height of the scanning plane over the floor: what is lower or hangs higher is not seen."""
MARGIN_M = 0.05
"""By how much the field is wider than the robot on either side."""


def is_person(entity: Entity) -> bool:
    return entity.body.semantic in PEOPLE


def free_ahead_m(situation: Situation, robot: str, who: Callable[[Entity], bool] | None = None) -> float:
    """Distance from the robot's front to the first thing in its way, along its heading; infinite when there is none.

    Args:
        who: what to look for; everything that stands in the scanning plane when left out.
    """
    pose, body = situation.pose(robot), situation.body(robot)
    front = body.box_center_m[0] + body.box_size_m[0] / 2
    half = body.box_size_m[1] / 2 + MARGIN_M
    floor = float(pose[2, 3])
    robot_from_world = inverse(pose)
    nearest = float("inf")
    for index, entity in enumerate(situation.scene.entities):
        if entity.name == robot or not situation.snapshot.present[index] or (who is not None and not who(entity)):
            continue
        other = situation.snapshot.world_from_entity[index]
        low, high = height_span(other, entity.body)
        if not low < floor + PLANE_M < high:
            continue
        outline = footprint(other, entity.body)
        flat = transform(robot_from_world, np.column_stack([outline, np.full(4, floor)]))[:, :2]
        within = _strip(flat, half)
        # what surrounds the robot (walls of the room, a box around a whole rack row) begins behind its front
        if len(within) and within[:, 0].max() > front and within[:, 0].min() > front - 0.3:
            nearest = min(nearest, max(0.0, float(within[:, 0].min()) - front))
    return nearest


def _strip(polygon: Array, half_m: float) -> Array:
    """Corners of the part of a convex polygon (N, 2) with |y| <= half_m (Sutherland & Hodgman 1974)."""
    for sign in (1.0, -1.0):
        kept: list[Array] = []
        for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            inside_a, inside_b = sign * a[1] <= half_m, sign * b[1] <= half_m
            if inside_a:
                kept.append(a)
            if inside_a != inside_b:
                kept.append(a + (b - a) * (sign * half_m - a[1]) / (b[1] - a[1]))
        polygon = np.array(kept).reshape(-1, 2)
        if len(polygon) == 0:
            return polygon
    return polygon
