"""Doors that open: a body is cut along the outline of a door, the piece becomes a leaf on hinges, and behind it there
is a dark room with a seat. A body whose doors stay shut has none of this."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from simgen.core.errors import UnknownName
from simgen.core.geometry import Array, pose, rotation_x, rotation_y, rotation_z
from simgen.scene import shapes
from simgen.scene.body import Asset, Body, CollisionShape, Door, Doorway, Outline, Part
from simgen.scene.mesh import Material, Mesh, distinct_rows
from simgen.scene.shapes import join

VERSION = 1

SKIN = ("paint", "glass", "trim")
"""Parts of which a leaf has an outside and an inside; of all others it takes what lies on it."""
SOLID_M = 0.5
"""A piece that stands out of the skin and is no larger is not cut: a mirror, a handle."""
PANEL_M, WINDOW_M = 0.085, 0.03
"""How thick a leaf is below the belt and above."""
FRAME_M, JAMB_M = 0.035, 0.07
ROOM_M = 0.03
"""How far from the middle the room behind a door ends."""
AREAL_KG_M2 = 30.0
"""Mass of a door with glass and trim: 25 to 40 kg for about 1.1 m²."""
LINING = Material(name="lining", base_color=(0.022, 0.022, 0.023), roughness=0.9)
UPHOLSTERY = Material(name="upholstery", base_color=(0.05, 0.05, 0.053), roughness=0.95)

Corners = NDArray[np.float64]
"""(T, 3, K) corners of triangles: position, normal and, if K is 8, texture coordinates."""


@dataclass(frozen=True, slots=True, eq=False)
class Hinged:
    """Poses of the parts of a body with doors: those of the body, what stands in the doorways, then each leaf's.
    Joints: the body's own, then the doors' angles."""

    own: Callable[[Array], Array]
    own_joints: int
    still: int
    doors: tuple[Door, ...]
    leaf_parts: tuple[int, ...]

    def __call__(self, joints: Array) -> Array:
        poses = [self.own(joints[: self.own_joints]), np.broadcast_to(np.eye(4), (self.still, 4, 4))]
        for door, angle, count in zip(self.doors, joints[self.own_joints :], self.leaf_parts, strict=True):
            turn, hinge = rotation_z(-door.side * angle), np.array(door.hinge_m)
            poses.append(np.broadcast_to(pose(hinge - turn @ hinge, turn), (count, 4, 4)))
        return np.concatenate(poses)


def with_doors(body: Body, names: Sequence[str], where: str = "") -> Body:
    """The body with these doors on hinges, all shut; what it looks like stays the same.

    Raises:
        UnknownName: it has no such door.
    """
    if not names:
        return body
    known = {doorway.name: doorway for doorway in body.doorways}
    for name in names:
        if name not in known:
            raise UnknownName(kind="door on hinges", name=name, known=known, where=where)
    identity = np.eye(4)
    fixed = {
        part.name: _corners(part.mesh)
        for part, matrix in zip(body.parts, body.rest, strict=True)
        if np.array_equal(matrix, identity)
    }
    materials = {part.name: part.material for part in body.parts} | {"lining": LINING, "upholstery": UPHOLSTERY}
    stands: list[Part] = []
    leaves: list[Part] = []
    counts: list[int] = []
    doors: list[Door] = []
    for name in names:
        cut = _Cut(known[name], fixed)
        fixed = cut.left
        stands += _parts(f"doorway_{name}", cut.doorway(), materials)
        leaf = _parts(f"door_{name}", cut.leaf(), materials)
        leaves += leaf
        counts.append(len(leaf))
        doors.append(cut.door())
    own = tuple(replace(part, mesh=_mesh(fixed[part.name])) if part.name in fixed else part for part in body.parts)
    joints = np.array(body.joint_rest)
    articulate = Hinged(body.pose_parts, len(joints), len(stands), tuple(doors), tuple(counts))
    rest = (*body.joint_rest, *(0.0 for _ in doors))
    digest = hashlib.sha256("\n".join([body.asset.digest, f"doors v{VERSION}", *names]).encode()).hexdigest()
    return replace(
        body,
        asset=Asset(id=body.asset.id, digest=digest, licence=body.asset.licence),
        parts=(*own, *stands, *leaves),
        rest=articulate(np.array(rest)),
        joints=(*body.joints, *(door.joint for door in doors)),
        joint_rest=rest,
        articulate=articulate,
        doors=tuple(doors),
    )


class _Cut:
    """One door cut out of the parts of a body."""

    def __init__(self, doorway: Doorway, parts: dict[str, Corners]) -> None:
        self.place = doorway
        self.left: dict[str, Corners] = {}
        self._on: dict[str, Corners] = {}
        self._skin: dict[str, Corners] = {}
        outline = np.array([*doorway.panel, *doorway.window])
        self.low, self.high = outline.min(axis=0), outline.max(axis=0)
        for name, corners in parts.items():
            self._take(name, corners)
        self._frame()
        points = self._points()
        near = points[points[:, 0] > self.high[0] - 0.03]
        self.hinge_m = (float(self.high[0]), doorway.side * float((doorway.side * near[:, 1]).max()), 0.0)
        self._edges = {name: _edges(corners, self._borders()) for name, corners in self._skin.items()}

    def _take(self, name: str, corners: Corners) -> None:
        side = self.place.side
        x, y, z = corners[..., 0], side * corners[..., 1], corners[..., 2]
        near = (y.max(axis=1) > 0.2) & (x.max(axis=1) > self.low[0]) & (x.min(axis=1) < self.high[0])
        near &= (z.max(axis=1) > self.low[1]) & (z.min(axis=1) < self.high[1])
        whole = np.zeros(len(corners), dtype=np.bool_)
        if near.any() and name in ("paint", "chrome"):
            outside = -np.inf if name == "chrome" else self.place.half_width_m + 0.01
            whole = near & self._solid(corners, outside)
        kept, cut = corners[~near & ~whole], corners[near & ~whole]
        panel, beside = _carve(cut, self.place.panel)
        window, beyond = _carve(beside, self.place.window)
        if name in SKIN:
            # What lies below the cabin's wall belongs to neither.
            belt, head = self.place.belt, self.place.head
            foot, top = ((side * (y - 0.012), z) for y, z in (belt, head))
            on_left, on_right = _split(window, foot, top, axes=(1, 2))
            window = on_right if side > 0 else on_left
            self._skin[name] = np.concatenate([panel, window])
            self._on[name] = corners[whole]
        else:
            self._on[name] = np.concatenate([panel, window, corners[whole]])
        self.left[name] = np.concatenate([kept, beyond])

    def _solid(self, corners: Corners, outside_m: float) -> NDArray[np.bool_]:
        """(T,) which triangles are of a small piece that stands out and lies before the doorway."""
        piece = _pieces(corners)
        count = int(piece.max()) + 1
        low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
        points = corners[..., :3] * (1.0, self.place.side, 1.0)
        np.minimum.at(low, piece, points.min(axis=1))
        np.maximum.at(high, piece, points.max(axis=1))
        middle = 0.5 * (low + high)[:, ::2]
        chosen = ((high - low).max(axis=1) < SOLID_M) & (high[:, 1] > outside_m) & (low[:, 1] > 0.2)
        chosen &= ((middle > self.low) & (middle < self.high)).all(axis=1)
        solid: NDArray[np.bool_] = chosen[piece]
        return solid

    def _frame(self) -> None:
        """Gives the window a dark frame along its outer edges."""
        glass, frame = self._skin["glass"], []
        for a, b in self._borders(self.place.window):
            way = np.array(b) - a
            inwards = FRAME_M / np.hypot(*way) * np.array([-way[1], way[0]])
            glass, edge = _split(glass, a + inwards, b + inwards)
            frame.append(edge)
        self._skin["glass"] = glass
        self._skin["trim"] = np.concatenate([self._skin["trim"], *frame])

    def _borders(self, *outlines: Outline) -> list[tuple[Array, Array]]:
        """Edges of the outlines, of both if none are named, but for the one that panel and window share."""
        every = {(a, b) for outline in (self.place.panel, self.place.window) for a, b in _around(outline)}
        chosen = outlines or (self.place.panel, self.place.window)
        return [(np.array(a), np.array(b)) for o in chosen for a, b in _around(o) if (b, a) not in every]

    def _points(self) -> Array:
        return np.concatenate([corners[..., :3].reshape(-1, 3) for corners in self._skin.values()])

    def _inwards(self, points: Array, depth_m: Array | float) -> Array:
        moved = points.copy()
        moved[..., 1] -= self.place.side * np.asarray(depth_m)
        return moved

    def _thickness(self, points: Array) -> Array:
        belt = self.place.belt[1]
        return np.interp(points[..., 2], [belt - 0.04, belt + 0.05], [PANEL_M, WINDOW_M])

    def leaf(self) -> dict[str, list[Corners]]:
        """Corners by the part whose material they have."""
        made = {name: [corners] for name, corners in self._on.items()}
        for name, corners in self._skin.items():
            rim = [
                _wall(a, b, self._inwards(a, self._thickness(a)), self._inwards(b, self._thickness(b)))
                for a, b in [self._edges[name]]
                if len(a)
            ]
            made[name] += [corners, *rim]
            inside = corners[:, ::-1].copy()
            inside[..., :3] = self._inwards(inside[..., :3], self._thickness(inside[..., :3]))
            inside[..., 3:6] *= -1.0
            made.setdefault("glass" if name == "glass" else "lining", []).append(inside)
        x, z = 0.5 * (self.low[0] + self.high[0]) + 0.05, self.place.belt[1] - 0.2
        y = self.place.side * (self._half_at(z) - PANEL_M - 0.015)
        rest = shapes.rounded_box((0.45 * (self.high[0] - self.low[0]), 0.08, 0.07), 0.03, (x, y, z), count=12)
        made["lining"].append(_corners(rest.smooth(0.7)))
        return made

    def doorway(self) -> dict[str, list[Corners]]:
        """The jamb, the room behind it and a seat."""
        side = self.place.side
        made: dict[str, list[Corners]] = {"paint": [], "lining": [], "upholstery": self._seat()}
        for a, b in self._edges.values():
            if len(a) == 0:
                continue
            jamb_a, jamb_b = self._inwards(a, JAMB_M), self._inwards(b, JAMB_M)
            back_a, back_b = jamb_a.copy(), jamb_b.copy()
            back_a[:, 1] = back_b[:, 1] = side * ROOM_M
            made["paint"].append(_wall(b, a, jamb_b, jamb_a))
            made["lining"].append(_wall(jamb_b, jamb_a, back_b, back_a))
        for corners in self._skin.values():
            back = corners.copy()
            back[..., 1] = side * ROOM_M
            back[..., 3:6] = (0.0, side, 0.0)
            made["lining"].append(back)
        return made

    def _seat(self) -> list[Corners]:
        foot, rear = float(self.low[1]), float(self.low[0])
        y = self.place.side * 0.42 * self.place.half_width_m
        top = foot + 0.27
        cushion = shapes.rounded_box((0.5, 0.5, 0.2), 0.06, (rear + 0.5, y, top - 0.1))
        back = shapes.rounded_box((0.14, 0.48, 0.6), 0.06, (0.0, 0.0, 0.3))
        head = shapes.rounded_box((0.1, 0.26, 0.18), 0.05, (0.02, 0.0, 0.72))
        leaning = pose((rear + 0.27, y, top - 0.05), rotation_y(-0.3))
        pieces = [cushion, join([back, head]).moved(leaning)]
        return [_corners(join(pieces).smooth(0.7))]

    def _half_at(self, z_m: float) -> float:
        """Distance of the skin from the middle at this height."""
        points = self._points()
        near = points[np.argsort(np.abs(points[:, 2] - z_m))[:24]]
        return float((self.place.side * near[:, 1]).mean())

    def door(self) -> Door:
        belt, side = self.place.belt[1], self.place.side
        panel, window = np.array(self.place.panel), np.array(self.place.window)
        points = self._points()
        points = points * (1.0, side, 1.0)
        below = points[points[:, 2] < belt]
        outer = float(below[:, 1].max()) - side * self.hinge_m[1]
        inner = float(np.median(below[:, 1])) - side * self.hinge_m[1] - PANEL_M
        (x0, z0), (x1, z1) = panel.min(axis=0), panel.max(axis=0)
        shift = np.array([self.hinge_m[0], 0.0, 0.0])
        lower = CollisionShape(
            kind="box",
            size_m=(float(x1 - x0), outer - inner, float(z1 - z0)),
            body_from_shape=pose(np.array([0.5 * (x0 + x1), side * 0.5 * (outer + inner), 0.5 * (z0 + z1)]) - shift),
        )
        (x0, z0), (x1, z1) = window.min(axis=0), window.max(axis=0)
        (y0, _), (y1, _) = self.place.belt, self.place.head
        lean = float(np.arctan2(y0 - y1, z1 - z0))
        # The window's front edge leans back: a box over the mean of its length
        length = 0.5 * (x1 - x0 + _width_at(self.place.window, float(z1) - 0.02))
        middle = (x0 + 0.5 * length, side * 0.5 * (y0 + y1) - self.hinge_m[1], 0.5 * (z0 + z1))
        upper = CollisionShape(
            kind="box",
            size_m=(float(length), WINDOW_M + 0.03, float(np.hypot(z1 - z0, y0 - y1))),
            body_from_shape=pose(np.array(middle) - shift, rotation_x(side * lean)),
        )
        area = sum(abs(_area(o)) for o in (self.place.panel, self.place.window))
        return Door(
            name=self.place.name,
            joint=f"door_{self.place.name}",
            side=side,
            hinge_m=self.hinge_m,
            length_m=float(self.high[0] - self.low[0]),
            mass_kg=round(AREAL_KG_M2 * area, 1),
            collision=(lower, upper),
        )


def _width_at(outline: Outline, z_m: float) -> float:
    xs = [
        a[0] + (z_m - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        for a, b in _around(outline)
        if (a[1] - z_m) * (b[1] - z_m) < 0.0
    ]
    return max(xs) - min(xs)


def _area(outline: Outline) -> float:
    return 0.5 * sum(a[0] * b[1] - b[0] * a[1] for a, b in _around(outline))


def _around(outline: Outline) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    return zip(outline, (*outline[1:], outline[0]), strict=True)


def _parts(prefix: str, made: dict[str, list[Corners]], materials: dict[str, Material]) -> list[Part]:
    parts = []
    for name, pieces in made.items():
        width = min((piece.shape[2] for piece in pieces), default=6)
        corners = np.concatenate([np.zeros((0, 3, width)), *(piece[..., :width] for piece in pieces)])
        mesh = _mesh(corners)
        if len(mesh.faces):
            parts.append(Part(name=f"{prefix}_{name}", mesh=mesh, material=materials[name]))
    return parts


def _corners(mesh: Mesh) -> Corners:
    columns = [mesh.vertices_m, mesh.normals] + ([] if mesh.uv is None else [mesh.uv])
    return np.hstack(columns).astype(np.float64)[mesh.faces]


def _mesh(corners: Corners) -> Mesh:
    """Without triangles that have no area."""
    a, b, c = (corners[:, k, :3] for k in range(3))
    kept = corners[np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-10]
    rows = kept.reshape(-1, corners.shape[2]).copy()
    rows[:, 3:6] /= np.maximum(np.linalg.norm(rows[:, 3:6], axis=1, keepdims=True), 1e-12)
    packed = rows.astype(np.float32)
    first, index = distinct_rows(packed)
    return Mesh(
        vertices_m=np.ascontiguousarray(packed[first, :3]),
        normals=np.ascontiguousarray(packed[first, 3:6]),
        faces=index.reshape(-1, 3).astype(np.int32),
        uv=np.ascontiguousarray(packed[first, 6:]) if corners.shape[2] == 8 else None,
    )


def _split(
    corners: Corners, a: Sequence[float] | Array, b: Sequence[float] | Array, axes: tuple[int, int] = (0, 2)
) -> tuple[Corners, Corners]:
    """What lies left and what lies right of the line from ``a`` to ``b``, in the plane of two axes."""
    way = np.asarray(b) - np.asarray(a)
    to = corners[..., list(axes)] - np.asarray(a)
    depth = (way[0] * to[..., 1] - way[1] * to[..., 0]) / np.hypot(*way)
    depth[np.abs(depth) < 1e-6] = 0.0
    left, right = (depth >= 0.0).all(axis=1), (depth <= 0.0).all(axis=1)
    right &= ~left
    across = np.flatnonzero(~left & ~right)
    above = (depth[across] > 0.0).sum(axis=1) == 1
    alone = np.where(above, (depth[across] > 0.0).argmax(axis=1), (depth[across] < 0.0).argmax(axis=1))
    order = (alone[:, None] + np.arange(3)) % 3
    v = np.take_along_axis(corners[across], order[:, :, None], axis=1)
    d = np.take_along_axis(depth[across], order, axis=1)
    p, q = (v[:, 0] + (d[:, 0] / (d[:, 0] - d[:, k]))[:, None] * (v[:, k] - v[:, 0]) for k in (1, 2))
    tip = np.stack([v[:, 0], p, q], axis=1)
    rest = np.concatenate([np.stack([p, v[:, 1], v[:, 2]], axis=1), np.stack([p, v[:, 2], q], axis=1)])
    twice = np.r_[above, above]
    return (
        np.concatenate([corners[left], tip[above], rest[~twice]]),
        np.concatenate([corners[right], tip[~above], rest[twice]]),
    )


def _carve(corners: Corners, outline: Outline) -> tuple[Corners, Corners]:
    """What lies within an outline, and what beside it."""
    beside = []
    for a, b in _around(outline):
        corners, out = _split(corners, a, b)
        beside.append(out)
    return corners, np.concatenate(beside)


def _edges(corners: Corners, borders: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """(E, 3), (E, 3) ends of those edges of the triangles that lie on one of the borders."""
    starts, ends = [np.zeros((0, 3))], [np.zeros((0, 3))]
    for k in range(3):
        p, q = corners[:, k, :3], corners[:, (k + 1) % 3, :3]
        for a, b in borders:
            way = b - a
            on = np.ones(len(p), dtype=np.bool_)
            for point in (p, q):
                to = point[:, ::2] - a
                on &= np.abs(way[0] * to[:, 1] - way[1] * to[:, 0]) < 1e-5 * np.hypot(*way)
            along = (0.5 * (p + q)[:, ::2] - a) @ way / (way @ way)
            on &= (along > 0.0) & (along < 1.0) & (np.linalg.norm(q - p, axis=1) > 1e-6)
            starts.append(p[on])
            ends.append(q[on])
    return np.concatenate(starts), np.concatenate(ends)


def _wall(a: Array, b: Array, a_inner: Array, b_inner: Array) -> Corners:
    """A strip beside the edges from ``a`` to ``b`` (E, 3) of a surface, down to the inner ends; it looks away from the
    surface."""
    points = np.concatenate([np.stack([a, a_inner, b_inner], axis=1), np.stack([a, b_inner, b], axis=1)])
    normal = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    return np.concatenate([points, np.broadcast_to(normal[:, None], points.shape)], axis=2)


def _pieces(corners: Corners) -> NDArray[np.int64]:
    """(T,) which of the connected pieces of a surface each triangle is of."""
    _, point = distinct_rows(np.round(corners[..., :3].reshape(-1, 3), 5).astype(np.float32))
    point = point.reshape(-1, 3)
    rows, columns = point[:, [0, 1]].ravel(), point[:, [1, 2]].ravel()
    count = int(point.max()) + 1
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    label: NDArray[np.int64] = connected_components(graph, directed=False)[1][point[:, 0]]
    return label
