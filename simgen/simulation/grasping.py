"""Where a parallel gripper takes a thing from above: from the true shape of the thing and of what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.core.geometry import Array, pose, transform, wrap_angle
from simgen.scene.body import Body, Hand

DIRECTIONS = 24
"""Closing directions tried, over half a turn."""
OFFSETS_M = (0.0, -0.010, 0.010, -0.020, 0.020)
"""Places along the other horizontal axis tried, from the middle of the cross-section."""
SLACK_M = 0.006
"""Room that must be left between an open finger and the thing, both sides together."""
WORST_SQUARENESS = 0.7
TURN_COST, OFFSET_COST_PER_M = 0.02, 2.0
"""What a radian of turning the hand and a metre off the middle cost, as cosines of squareness."""
CELL_M = 0.004
"""Side of the cells to which surface points are thinned."""
APPROACH_M = 0.012
"""By how much the gap is wider than the thing on each side while the fingers come down."""
PALM_M = (0.105, 0.035)
"""Half sizes of the palm along and across the closing direction."""
CAMERA_M = (0.095, 0.055, 0.065)
"""The camera on the hand: how far it reaches out to the tool's +x, its half width, its height over the pads."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solid:
    """One thing in the world frame: triangles (F, 3, 3) with unit normals (F, 3), and points on its surface (P, 3),
    one for each 4 mm."""

    corners_m: Array
    normals: Array
    cloud_m: Array

    @property
    def bottom_m(self) -> float:
        return float(self.corners_m[..., 2].min())

    @property
    def top_m(self) -> float:
        return float(self.corners_m[..., 2].max())

    @property
    def middle_m(self) -> Array:
        """(2,) middle of the horizontal extent."""
        flat = self.corners_m[..., :2].reshape(-1, 2)
        middle: Array = (flat.min(axis=0) + flat.max(axis=0)) / 2
        return middle


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grasp:
    """A pose of the tool (z down, closing along its y axis), the thing's width there, and how good it is (up to 1)."""

    world_from_tool: Array
    width_m: float
    open_gap_m: float
    score: float


def solid(body: Body, world_from_body: Array) -> Solid:
    """The triangles of a rigid body where it stands."""
    corners = []
    for part, local in zip(body.parts, body.rest, strict=True):
        vertices = transform(world_from_body @ local, part.mesh.vertices_m)
        corners.append(vertices[part.mesh.faces])
    stacked = np.concatenate(corners)
    normals = np.cross(stacked[:, 1] - stacked[:, 0], stacked[:, 2] - stacked[:, 0])
    length = np.linalg.norm(normals, axis=1)
    keep = length > 1e-12
    stacked, normals = stacked[keep], normals[keep] / length[keep, None]
    return Solid(corners_m=stacked, normals=normals, cloud_m=_cloud(stacked))


def plan(thing: Solid, others: Sequence[Solid], hand: Hand, base_m: Array) -> Grasp | None:
    """The best grasp of a thing from above, or None when there is none that is free.

    Each candidate is a closing direction and an offset across it. The thing's cross-section at the height of the pads
    gives its width there and how squarely the pads meet its surface (cosine between the closing direction and the
    normals where they touch); a candidate is free when neither the open fingers nor the palm would hit another thing.

    Args:
        base_m: (3,) the arm's base; grasps that turn the hand away from it cost more.
    """
    height = max((thing.bottom_m + thing.top_m) / 2, thing.top_m - hand.depth_m, thing.bottom_m + 0.010)
    points, normals = _section(thing, height)
    if len(points) == 0:
        return None
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    outwards = float(np.arctan2(middle[1] - base_m[1], middle[0] - base_m[0]))
    low = _above([*others, thing], height - 0.012)
    high = _above(others, height + hand.depth_m - 0.008)
    tall = _above(others, height + CAMERA_M[2])
    best: Grasp | None = None
    for k in range(DIRECTIONS):
        yaw = np.pi * k / DIRECTIONS
        along, across = np.array([np.cos(yaw), np.sin(yaw)]), np.array([-np.sin(yaw), np.cos(yaw)])
        for offset in OFFSETS_M:
            window = np.abs((points - middle) @ across - offset) <= hand.pad_m / 2
            if not window.any():
                continue
            reach = (points[window] - middle) @ along
            lowest, highest = float(reach.min()), float(reach.max())
            width = highest - lowest
            if width > hand.stroke_m - SLACK_M or width < 0.006:
                continue
            facing = normals[window] @ along
            squareness = min(
                float(facing[reach > highest - 0.002].mean()), float(-facing[reach < lowest + 0.002].mean())
            )
            center = middle + along * (lowest + highest) / 2 + across * offset
            gap = min(hand.stroke_m, width + 2 * APPROACH_M)
            turn = _hand_yaw(yaw, outwards)
            away = abs(wrap_angle(turn - outwards))
            score = squareness - TURN_COST * away - OFFSET_COST_PER_M * abs(offset)
            better = best is None or score > best.score + 1e-9
            if squareness > WORST_SQUARENESS and better and _free(center, turn, gap, hand, low, high, tall):
                best = Grasp(
                    world_from_tool=tool_pose(center, height, turn), width_m=width, open_gap_m=gap, score=score
                )
    return best


def tool_pose(center_m: Array, height_m: float, yaw_rad: float) -> Array:
    """world_from_tool (4, 4) of a hand that points down with its x axis at a heading."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    rotation = np.array([[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]])
    return pose((float(center_m[0]), float(center_m[1]), height_m), rotation)


def _hand_yaw(closing_rad: float, outwards_rad: float) -> float:
    """Heading of the tool's x axis, which is square to the closing direction, on the side that faces away from the
    base."""
    yaw = closing_rad + np.pi / 2
    return float(yaw if abs(wrap_angle(yaw - outwards_rad)) <= np.pi / 2 else wrap_angle(yaw + np.pi))


def _section(thing: Solid, height_m: float) -> tuple[Array, Array]:
    """Points (P, 2) of the cross-section over the height of a pad, and the surface's horizontal normals there."""
    points, normals = [], []
    for level in (height_m - 0.008, height_m, height_m + 0.008):
        z = thing.corners_m[..., 2] - level
        crossed = (z.min(axis=1) < 0) & (z.max(axis=1) > 0) & (np.abs(thing.normals[:, 2]) < 0.95)
        corners, z, normal = thing.corners_m[crossed], z[crossed], thing.normals[crossed, :2]
        ends: list[list[Array]] = []
        for corner, heights in zip(corners, z, strict=True):
            cuts = [
                corner[a, :2] + (corner[b, :2] - corner[a, :2]) * heights[a] / (heights[a] - heights[b])
                for a, b in ((0, 1), (1, 2), (2, 0))
                if (heights[a] < 0) != (heights[b] < 0)
            ]
            ends.append(cuts)
        for cuts, n in zip(ends, normal, strict=True):
            steps = max(2, int(np.linalg.norm(cuts[1] - cuts[0]) / 0.003) + 1)
            share = np.linspace(0.0, 1.0, steps)[:, None]
            points.append(cuts[0] + share * (cuts[1] - cuts[0]))
            normals.append(np.repeat(n[None, :] / max(float(np.linalg.norm(n)), 1e-9), steps, axis=0))
    if not points:
        return np.zeros((0, 2)), np.zeros((0, 2))
    return np.concatenate(points), np.concatenate(normals)


def _cloud(corners_m: Array) -> Array:
    """(P, 3) points spread over triangles, thinned to one in each cell of 4 mm."""
    edge = np.linalg.norm(corners_m[:, 1:] - corners_m[:, :1], axis=-1).max(axis=1)
    clouds = []
    for steps in (1, 2, 4, 8, 16, 32):
        chosen = corners_m[(edge > (0 if steps == 1 else steps * CELL_M / 2)) & (edge <= steps * CELL_M)]
        share = np.array([(i / steps, j / steps) for i in range(steps + 1) for j in range(steps + 1 - i)])
        a, b, c = chosen[:, None, 0], chosen[:, None, 1], chosen[:, None, 2]
        clouds.append((a + share[None, :, :1] * (b - a) + share[None, :, 1:] * (c - a)).reshape(-1, 3))
    points = np.concatenate(clouds)
    cell = np.floor((points - points.min(axis=0)) / CELL_M).astype(np.int64)
    _, first = np.unique((cell[:, 0] * 4096 + cell[:, 1]) * 4096 + cell[:, 2], return_index=True)
    return points[np.sort(first)]


def _above(others: Sequence[Solid], height_m: float) -> Array:
    """(P, 2) surface points of things, seen from above, as far as they rise above a height."""
    return np.concatenate([np.zeros((0, 2)), *(o.cloud_m[o.cloud_m[:, 2] > height_m, :2] for o in others)])


def _free(center_m: Array, yaw_rad: float, gap_m: float, hand: Hand, low: Array, high: Array, tall: Array) -> bool:
    """Whether fingers, palm and camera, seen from above, miss all points (P, 2) that rise into their height."""
    x_axis, y_axis = np.array([np.cos(yaw_rad), np.sin(yaw_rad)]), np.array([np.sin(yaw_rad), -np.cos(yaw_rad)])
    across, along = np.abs((low - center_m) @ x_axis), np.abs((low - center_m) @ y_axis)
    fingers = (across < hand.pad_m / 2 + 0.003) & (along > gap_m / 2 - 0.004) & (along < gap_m / 2 + hand.thickness_m)
    palm = (np.abs((high - center_m) @ x_axis) < PALM_M[1]) & (np.abs((high - center_m) @ y_axis) < PALM_M[0])
    out = (tall - center_m) @ x_axis
    camera = (out > 0) & (out < CAMERA_M[0]) & (np.abs((tall - center_m) @ y_axis) < CAMERA_M[1])
    return not bool(fingers.any() or palm.any() or camera.any())
