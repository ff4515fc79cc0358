"""Lamps that are no larger than a few pixels: as bright as they are large, wherever they fall among the pixels.

A rasterizer asks what is at the middle of each pixel, and of a lamp of a pixel's size, or of a strip that is narrower,
finds all or nothing: it would blink while it comes nearer. So the light of such a lamp is not taken from the pixels
that happen to show it, but is shared out from points spread evenly over its triangles, each to the four pixels around
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.rendering.protocol import RADIANCE_MAX
from simgen.scene.scene import Scene

LARGEST_PX = 24.0
"""Longest side of a triangle of theirs."""
_AREA_PX = 20.0
"""Their largest area, in pixels: of more a picture's pixels make out enough."""
_SIDES = (1, 2, 4, 8, 16)
_FINE_PX = 1.5
"""A triangle's points stand in the middles of its parts, as many to a side as to make none longer than this."""
_BEHIND, _BEHIND_M = 0.01, 0.3
"""Share of its distance, and metres at most, that a point may lie behind what a pixel shows and still be seen: its
housing is nearer."""
_MOST = np.float32(RADIANCE_MAX)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emitters:
    """The surfaces of a scene that send out light.

    Attributes:
        corners_m: (T, 3, 3) of triangles, in the frames of their nodes; node: (T,) whose they are.
        longest_m: (N,) longest side of a triangle of each node of the scene; 0 where none sends out light.
    """

    corners_m: Array
    node: NDArray[np.int64]
    longest_m: Array

    @classmethod
    def of(cls, scene: Scene) -> Emitters:
        glowing = [i for i, n in enumerate(scene.nodes) if any(n.material.emission_cd_m2)]
        meshes = [scene.nodes[i].mesh for i in glowing]
        corners = np.concatenate([np.zeros((0, 3, 3)), *(m.vertices_m.astype(np.float64)[m.faces] for m in meshes)])
        node = np.repeat(np.array(glowing, dtype=np.int64), [len(m.faces) for m in meshes])
        longest = np.zeros(len(scene.nodes))
        np.maximum.at(longest, node, _sides(corners).max(axis=1))
        return cls(corners_m=corners, node=node, longest_m=longest)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glints:
    """Light of lamps of few pixels, as far as nothing stands before it.

    Attributes:
        nodes: (M,) whose light it is, all of it.
        u, v: (P,) places among the pixels; z_m: (P,) planar depths; light: (P, 3) cd/m² times pixels.
    """

    nodes: NDArray[np.int64]
    u: Array
    v: Array
    z_m: Array
    light: Array

    def add_to(self, radiance: NDArray[np.float16], depth_m: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Shares it out over a picture (H, W, 3).

        Returns:
            ``depth_m`` (H, W), but that of the lamps where more of the light is theirs than not; None without any.
        """
        if not len(self.u):
            return None
        height, width = radiance.shape[:2]
        left, top = np.floor(self.u).astype(np.int64), np.floor(self.v).astype(np.int64)
        right, below = self.u - left, self.v - top
        places, shares = [], []
        for dy, row in ((0, 1.0 - below), (1, below)):
            for dx, column in ((0, 1.0 - right), (1, right)):
                places.append(np.clip(top + dy, 0, height - 1) * width + np.clip(left + dx, 0, width - 1))
                shares.append(row * column)
        at, owner = np.unique(np.concatenate(places), return_inverse=True)
        share, flat = np.concatenate(shares), radiance.reshape(-1, 3)
        own = flat[at].astype(np.float32)
        more = np.stack([np.bincount(owner, share * np.tile(self.light[:, k], 4), len(at)) for k in range(3)], axis=1)
        flat[at] = np.minimum(own + more.astype(np.float32), _MOST)
        near = np.full(len(at), np.inf)
        np.minimum.at(near, owner, np.tile(self.z_m, 4))
        theirs = more.sum(axis=1) > own.sum(axis=1)
        result = depth_m.copy()
        result.reshape(-1)[at[theirs]] = np.minimum(depth_m.reshape(-1)[at[theirs]], near[theirs])
        return result


def glints(
    emitters: Emitters,
    candidates: NDArray[np.bool_],
    emission_cd_m2: NDArray[np.float32],
    poses: Array,
    camera: Camera,
    depth_m: NDArray[np.float32],
) -> Glints:
    """
    Args:
        candidates: (N,) nodes that may be small enough; of the others nothing is looked at.
        emission_cd_m2: (N, 3) of the nodes at this instant.
        poses: (N, 4, 4) of the nodes, in world axes, from the eye.
        depth_m: (H, W) planar z of what is seen; 0 or +inf is sky.
    """
    chosen = np.flatnonzero((candidates & emission_cd_m2.any(axis=1))[emitters.node])
    node = emitters.node[chosen]
    pose = camera.world_from_camera[:3, :3].T @ poses[node, :3]
    corners = emitters.corners_m[chosen] @ pose[:, :, :3].transpose(0, 2, 1) + pose[:, None, :, 3]
    points, of = _points(corners, camera)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    ahead = np.where(points[:, 2] > camera.near_m, points[:, 2], np.inf)
    # Pixels that a point stands for: positive on what faces the eye.
    pixels = -np.einsum("pi,pi->p", normal[of], points) / ahead**3 / np.bincount(of)[of]
    pixels *= 0.5 * camera.fx_px * camera.fy_px
    # A body shows its fronts, and as much of backs lies behind them; of a pane it may be the back that one sees.
    owner, count = node[of], len(candidates)
    fronts, backs = (np.bincount(owner, np.maximum(way * pixels, 0.0), count) for way in (1.0, -1.0))
    small = np.maximum(fronts, backs) < _AREA_PX
    u = camera.cx_px + camera.fx_px * points[:, 0] / ahead
    v = camera.cy_px + camera.fy_px * points[:, 1] / ahead
    height, width = depth_m.shape
    seen = (ahead < np.inf) & small[owner] & ((pixels > 0) == (fronts > 0.9 * backs)[owner])
    seen &= (u > -0.5) & (v > -0.5) & (u < width - 0.5) & (v < height - 0.5)
    shown = depth_m[np.rint(v[seen]).astype(np.int64), np.rint(u[seen]).astype(np.int64)]
    seen[seen] = (ahead[seen] - np.minimum(_BEHIND * ahead[seen], _BEHIND_M) < shown) | (shown == 0.0)
    return Glints(
        nodes=np.unique(node[small[node]]),
        u=u[seen],
        v=v[seen],
        z_m=ahead[seen],
        light=np.abs(pixels[seen])[:, None] * emission_cd_m2[owner[seen]],
    )


def _points(corners_m: Array, camera: Camera) -> tuple[Array, NDArray[np.int64]]:
    """(P, 3) points spread evenly over triangles (T, 3, 3) in the camera's frame, and (P,) which one each lies on."""
    parts = (
        _sides(corners_m).max(axis=1)
        * camera.fx_px
        / (_FINE_PX * np.maximum(corners_m[..., 2].min(axis=1), camera.near_m))
    )
    kind = np.minimum(np.searchsorted(_SIDES, parts), len(_SIDES) - 1)
    points, owners = [np.zeros((0, 3))], [np.zeros(0, dtype=np.int64)]
    for k, side in enumerate(_SIDES):
        own = np.flatnonzero(kind == k)
        points.append((_middles(side) @ corners_m[own]).reshape(-1, 3))
        owners.append(np.repeat(own, side * side))
    return np.concatenate(points), np.concatenate(owners)


def _sides(corners_m: Array) -> Array:
    """(T, 3) lengths of the sides of triangles (T, 3, 3)."""
    result: Array = np.linalg.norm(corners_m - np.roll(corners_m, 1, axis=1), axis=2)
    return result


@cache
def _middles(side: int) -> Array:
    """(side², 3) barycentric coordinates of the middles of a triangle's parts of equal size."""
    found = []
    for i in range(side):
        for j in range(side - i):
            found.append((3 * i + 1, 3 * j + 1))
            if i + j < side - 1:
                found.append((3 * i + 2, 3 * j + 2))
    a, b = np.array(found, dtype=np.float64).T / (3 * side)
    return np.stack([a, b, 1.0 - a - b], axis=1)
