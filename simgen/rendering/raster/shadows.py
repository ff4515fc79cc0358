"""Where the shadow maps of the sun and of lamps look from, in world coordinates."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.core.srgb import LUMINANCE
from simgen.rendering.frustum import orthographic, perspective
from simgen.rendering.light import Lighting
from simgen.scene.beams import axes
from simgen.scene.lamps import Lamps

CASCADES = 3
SUN_SIZE = 1280
LAMP_COLUMNS, LAMP_ROWS, LAMP_SIZE = 3, 2, 768
LAMP_SLOTS = LAMP_COLUMNS * LAMP_ROWS
LAMP_NEAR_M, LAMP_FAR_M = 0.08, 120.0
_WIDEST = np.radians(74.0)
_USUAL = 0.7
"""Tangent of the angle to a picture's corner up to which cascades end where they do: 70 degrees from side to side."""
_SUN_M = 1e6
"""Where the sun stands for those who ask which faces it sees: outside of every box."""
_TOGETHER_M, _PARALLEL, _NARROW = 2.0, 0.999, 0.5
_STEPS = 16
"""To half the width of a lamp's map, in which the part that holds things grows, so that it seldom changes."""
TURNED = np.array([[2.0, 1.0, 0.0], [-1.0, 2.0, 0.0], [0.0, 0.0, 5.0**0.5]]) / 5.0**0.5
"""Most edges stand upright or lie level. One that lies almost along a map's rows throws a shadow with long teeth; in
a turned map it changes rows at every second texel, which filtering smooths."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShadowView:
    """One shadow map.

    Attributes:
        clip: (4, 4) clip coordinates from world coordinates.
        origin_m: (3,) the lamp, or the middle of the cascade.
        forward: (3,) unit vector away from the light.
        scale: one over half the width in metres (sun), or in tangents (lamp); over the larger one of width and height.
        whole: the scale of the whole cone, by which is chosen what is drawn and how finely: a part of the cone costs as
            much to draw as all of it (lamp).
        texel_m, far_z_m: size of a texel, and planar depth at which the cascade ends (sun).
        lamps: indices among the lighting's lamps, none for the sun.
        outline: (K, 3) half planes in the map's clip coordinates, a x + b y + c >= 0 inside, around what the eye sees
            of the cascade; only what falls on it casts a shadow that is seen (sun).
        entity: whose lamp it is; its parts, the housing, cast no shadow here. -1 for the sun.
    """

    clip: Array
    origin_m: Array
    forward: Array
    scale: float
    whole: float = 0.0
    texel_m: float = 0.0
    far_z_m: float = 0.0
    lamps: tuple[int, ...] = ()
    entity: int = -1
    outline: Array = field(default_factory=lambda: np.zeros((0, 3)))

    @property
    def viewer_m(self) -> Array:
        """(3,) where the map is drawn from."""
        return self.origin_m if self.lamps else self.origin_m - _SUN_M * self.forward

    def reaches(self, centers_m: Array, radii_m: Array) -> NDArray[np.bool_]:
        """(N,) whether spheres (N, 3), (N,) stand between the sun and what the eye sees of the cascade."""
        place = centers_m @ self.clip[:2, :3].T + self.clip[:2, 3]
        distance = place @ self.outline[:, :2].T + self.outline[:, 2]
        result: NDArray[np.bool_] = np.all(distance >= -(radii_m * self.scale)[:, None] - 0.01, axis=1)
        return result


def reach_of_scene(camera: Camera, centers_m: Array, radii_m: Array) -> float:
    """Planar depth of the farthest thing that can be seen, at most the camera's own far plane."""
    if len(centers_m) == 0:
        return camera.near_m * 4
    z = centers_m @ camera.world_from_camera[:3, 2] + radii_m
    return float(np.clip(z.max(), camera.near_m * 4, camera.far_m))


def sun_views(camera: Camera, light: Lighting, centers_m: Array, radii_m: Array) -> list[ShadowView]:
    """Cascades over the view, each around the sphere of its slice and aligned to whole texels of the world.

    Args:
        centers_m, radii_m: (N, 3), (N,) spheres around what is drawn.
    """
    from scipy.spatial import ConvexHull  # costs a third of a second to import

    rotation = camera.world_from_camera[:3, :3]
    eye = camera.world_from_camera[:3, 3]
    centers_m = centers_m - eye
    far = min(reach_of_scene(camera, centers_m, radii_m), 400.0)
    near = min(0.5, 0.02 * far)
    ends = [
        near * (far / near) ** (k / CASCADES) * 0.55 + (near + (far - near) * k / CASCADES) * 0.45 * 0.35 * k
        for k in range(1, CASCADES + 1)
    ]
    corners = np.array(
        [
            [-0.5, -0.5],
            [camera.width_px - 0.5, -0.5],
            [-0.5, camera.height_px - 0.5],
            [camera.width_px - 0.5, camera.height_px - 0.5],
        ]
    )
    rays = (
        np.column_stack(
            [(corners[:, 0] - camera.cx_px) / camera.fx_px, (corners[:, 1] - camera.cy_px) / camera.fy_px, np.ones(4)]
        )
        @ rotation.T
    )
    # A wide picture shows the ground before one's feet, of which it needs a map as fine as a narrow one of what is
    # farther: a cascade's width goes with its end and the picture's.
    share = min(1.0, _USUAL / float(np.linalg.norm((rays @ rotation)[:, :2], axis=1).max())) ** 1.5
    ends = [min(e * share, far) for e in ends]
    ends[-1] = far
    basis = TURNED @ axes(-light.sun_direction)
    views = []
    start = 0.0
    for end in ends:
        points = np.concatenate([rays * start, rays * end])
        middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
        radius = float(np.linalg.norm(points - middle, axis=1).max())
        # A size in steps keeps texels of the same size while the scene's reach changes a little.
        radius = 2.0 ** (np.ceil(np.log2(radius) * 8) / 8)
        texel = 2 * radius / (SUN_SIZE - 4)
        place = basis @ (middle + eye)
        place[:2] = np.round(place[:2] / texel) * texel
        center = place - basis @ eye
        offset = np.eye(4)
        offset[:3, :3] = basis
        offset[:3, 3] = -place
        local = centers_m @ basis.T - center
        around = np.all(np.abs(local[:, :2]) <= (radius + radii_m)[:, None], axis=1)
        low = float(np.min(local[around, 2] - radii_m[around], initial=-radius)) - 0.1
        half = radius * SUN_SIZE / (SUN_SIZE - 4)
        # The slice as the sun sees it; the hull's equations point outwards.
        seen = (points @ basis[:2].T - center[:2]) / half
        views.append(
            ShadowView(
                clip=orthographic(half, low, radius + 0.1) @ offset,
                origin_m=middle + eye,
                forward=basis[2],
                scale=1 / half,
                texel_m=texel,
                far_z_m=end,
                outline=-ConvexHull(seen).equations,
            )
        )
        start = end
    return views


def slot_corner(slot: int) -> tuple[int, int]:
    """First column and row of a square of the lamps' atlas, in texels."""
    return slot % LAMP_COLUMNS * LAMP_SIZE, slot // LAMP_COLUMNS * LAMP_SIZE


def lamp_views(
    lamps: Lamps, chosen: NDArray[np.bool_], eye_m: Array, things_m: Array, entity: NDArray[np.int64]
) -> list[ShadowView]:
    """Shadow maps of the most important of the ``chosen`` (K,) lamps.

    A lamp that shines all round casts shadows within its widest cone. Of a room, a map shows only that part of
    the cone in which things stand; its edges lie along the map's or far off them. All others are turned.

    Beams of one body that stand close together and shine the same way, as the two headlamps of a car, share a map from
    the middle between them: their two shadows of a thing fall into one.

    Args:
        things_m, entity: (M, 8, 3) corners of the boxes of all that casts a shadow onto something, and (M,) their
            entities; none if all of the cone counts.
    """
    strength = lamps.rgb_cd @ LUMINANCE
    distance = np.linalg.norm(lamps.position_m - eye_m, axis=1)
    relevance = strength / (25.0 + distance**2)
    order = sorted((int(i) for i in np.flatnonzero(chosen)), key=lambda i: (-relevance[i], i))
    groups: list[list[int]] = []
    for i in order:
        for group in groups:
            k = group[0]
            if (
                lamps.entity[i] == lamps.entity[k]
                and min(lamps.cos_outer[i], lamps.cos_outer[k]) > _NARROW
                and np.linalg.norm(lamps.position_m[i] - lamps.position_m[k]) < _TOGETHER_M
                and lamps.direction[i] @ lamps.direction[k] > _PARALLEL
            ):
                group.append(i)
                break
        else:
            groups.append([i])
    views = []
    for group in groups[:LAMP_SLOTS]:
        first = group[0]
        position = lamps.position_m[sorted(group)].mean(axis=0)
        outer = min(float(lamps.cos_outer[k]) for k in group)
        half = min(float(np.arccos(np.clip(outer, -1.0, 1.0))) * 1.02, _WIDEST)
        basis = TURNED @ lamps.axes[first]
        window = np.tan(half) * np.array([[-1.0, -1.0], [1.0, 1.0]])
        if len(things_m) and len(group) == 1 and not lamps.dipped[first]:
            basis = lamps.axes[first]
            window = _window(basis, half, position, things_m[entity != lamps.entity[first]])
        offset = np.eye(4)
        offset[:3, :3] = basis
        offset[:3, 3] = -basis @ position
        views.append(
            ShadowView(
                clip=_cut(window, half) @ perspective(half, LAMP_NEAR_M, LAMP_FAR_M) @ offset,
                origin_m=position,
                forward=basis[2],
                scale=2.0 / float((window[1] - window[0]).max()),
                whole=1.0 / np.tan(half),
                lamps=tuple(group),
                entity=int(lamps.entity[first]),
            )
        )
    return views


def _window(basis: Array, half_rad: float, origin_m: Array, things_m: Array) -> Array:
    """(2, 2) least and greatest tangents, along the rows and columns of a map with these axes (3, 3) and half angle, of
    the part of it in which things stand.

    Args:
        things_m: (M, 8, 3) corners of boxes.
    """
    width = float(np.tan(half_rad))
    whole = np.array([[-width, -width], [width, width]])
    local = (things_m - origin_m) @ basis.T
    ahead = local[..., 2] > LAMP_NEAR_M
    if np.any(ahead.any(axis=1) & ~ahead.all(axis=1)):
        return whole  # a thing beside the lamp may shade all of it
    local = local[ahead.all(axis=1)]
    place = local[..., :2] / local[..., 2:]
    low, high = place.min(axis=1), place.max(axis=1)
    within = np.all((low < width) & (high > -width), axis=1)
    if not within.any():
        return whole
    step = width / _STEPS
    # With room to filter
    found = np.stack([np.floor(low[within].min(axis=0) / step - 0.1), np.ceil(high[within].max(axis=0) / step + 0.1)])
    return np.clip(found * step, -width, width)


def _cut(window: Array, half_rad: float) -> Array:
    """(4, 4) clip coordinates within a window (2, 2) of tangents, from those of the whole map."""
    middle, size = window.mean(axis=0), 0.5 * (window[1] - window[0])
    matrix = np.diag([*(np.tan(half_rad) / size), 1.0, 1.0])
    matrix[:2, 3] = -middle / size
    return matrix
