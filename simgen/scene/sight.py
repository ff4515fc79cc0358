"""What can be seen from where, by geometry alone: no renderer, no random rays, the same answer on every machine.

``visible_fraction`` and ``visible_pixels`` cast a regular grid of rays at the triangles of a target and of everything
that may stand before it. ``line_of_sight`` asks the cheaper question whether oriented boxes leave a clear line.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array, camera_pose, transform
from simgen.core.keeping import while_alive
from simgen.scene.scene import Scene, SceneView

_CELLS = 56
"""Rays along the longer side of the target's outline."""
_SLACK_M = 0.01
"""Something must be nearer by this much to hide a surface: shoes in the ground do not vanish."""
_GROUND_M = 0.35
"""A box lower than this (roads, kerbs, mats) never cuts a line of sight."""
_FIRST = (2, 12)
"""How many of the parts that cover most are tried first, and second, before all the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How much of a target a camera sees.

    Attributes:
        visible_px: area of what is seen, in pixels.
        inside_px: area of the target alone inside of the image; outside_px: the rest of its projection.
    """

    visible_px: float
    inside_px: float
    outside_px: float

    @property
    def fraction(self) -> float:
        """Visible share of the whole projection; 0 for what has none."""
        whole = self.inside_px + self.outside_px
        return self.visible_px / whole if whole > 0 else 0.0


def visible_fraction(view: SceneView, camera: Camera, entity_name: str) -> float:
    """Share (0 … 1) of an entity's projection that nothing hides and that lies inside of the image.

    Raises:
        UnknownName: no entity has this name.
    """
    return look(view, camera, entity_name).fraction


def visible_pixels(view: SceneView, camera: Camera, entity_name: str) -> float:
    """Area in pixels of what the camera sees of an entity.

    Raises:
        UnknownName: no entity has this name.
    """
    return look(view, camera, entity_name).visible_px


def look(view: SceneView, camera: Camera, entity_name: str) -> Seen:
    """Casts a grid of rays over the entity's outline; see ``Seen``.

    The rays meet the triangles exactly (a ray passes inside of a triangle where the three volumes that it spans with
    the edges have one sign, as in Moeller & Trumbore 1997); the error is that of counting cells, below 2 % of the
    outline for a target that is not all edges.
    """
    scene, snapshot = view.scene, view.snapshot
    index = scene.index(entity_name)
    nothing = Seen(visible_px=0.0, inside_px=0.0, outside_px=0.0)
    if not snapshot.present[index]:
        return nothing
    own = np.arange(scene.entities[index].nodes.start, scene.entities[index].nodes.stop)
    seen = camera
    if camera.lens is not None:
        center = transform(snapshot.world_from_entity[index], scene.entities[index].body.box_center_m)
        camera = _aimed(camera, center)
    target = _Triangles.of(view, camera, own)
    grid = _Grid.around(target, camera)
    if grid is None:
        return nothing
    depth = grid.nearest(target)
    hit = np.isfinite(depth)
    if not hit.any():
        return nothing
    if seen.lens is not None:
        return grid.through_lens(camera, seen, hit, _clear(view, camera, grid, depth, hit, excluded=own))
    inside = grid.inside_image(camera)
    clear = _clear(view, camera, grid, depth, hit & inside, excluded=own)
    cell = grid.cell_px2
    return Seen(
        visible_px=cell * float(np.count_nonzero(clear)),
        inside_px=cell * float(np.count_nonzero(hit & inside)),
        outside_px=cell * float(np.count_nonzero(hit & ~inside)),
    )


def _clear(
    view: SceneView,
    camera: Camera,
    grid: _Grid,
    depth: Array,
    asked: NDArray[np.bool_],
    *,
    excluded: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which of the rays (H, W) that are ``asked`` reach this depth.

    What covers most of the target comes first, and only the rays that it leaves go on: behind a parked van nothing else
    needs to be looked at.
    """
    clear = asked.copy()
    if not asked.any():
        return clear
    farthest = float(depth[asked].max())
    nodes = _candidates(view, camera, grid, farthest, excluded=excluded)
    for some in np.split(nodes, _FIRST):
        rows, columns = _span(np.any(clear, axis=1)), _span(np.any(clear, axis=0))
        nearest = grid.part(rows, columns).nearest(_Triangles.of(view, camera, some), farthest)
        clear[rows, columns] &= ~(nearest < depth[rows, columns] - _SLACK_M)
        if not clear.any():
            break
    return clear


def _span(some: NDArray[np.bool_]) -> slice:
    """From the first to the last that is true."""
    places = np.flatnonzero(some)
    return slice(int(places[0]), int(places[-1]) + 1)


def _aimed(camera: Camera, point_m: ArrayLike) -> Camera:
    """A pinhole where a camera with a lens stands, that looks at a point and has the lens's scale in the middle."""
    eye = camera.world_from_camera[:3, 3]
    away = np.asarray(point_m, dtype=np.float64) - eye
    if np.linalg.norm(away) < 1e-6:
        away = camera.world_from_camera[:3, 2]
    size = int(2 * camera.fx_px) + 1
    return Camera(
        width_px=size,
        height_px=size,
        fx_px=camera.fx_px,
        fy_px=camera.fy_px,
        cx_px=0.5 * (size - 1),
        cy_px=0.5 * (size - 1),
        world_from_camera=camera_pose(eye, eye + away),
        near_m=camera.near_m,
        far_m=camera.far_m,
    )


def line_of_sight(view: SceneView, from_point_m: ArrayLike, to_entity: str, *, ignore: Collection[str] = ()) -> bool:
    """Whether a point (3,) sees any of five points of an entity's box past the oriented boxes of all others.

    Coarser than ``visible_fraction`` (a box is wider than what it holds) and fast enough for every control tick. Low
    boxes (roads, kerbs), boxes that hold the point or the middle of the target (a tunnel), and those named in
    ``ignore`` cut no line.

    Raises:
        UnknownName: no entity has this name.
    """
    scene, snapshot = view.scene, view.snapshot
    index = scene.index(to_entity)
    centers, halves, radii, high = _boxes(scene)
    eye = np.asarray(from_point_m, dtype=np.float64)
    poses = snapshot.world_from_entity
    at = np.matmul(poses[:, :3, :3], centers[:, :, None])[:, :, 0] + poses[:, :3, 3]
    # Boxes whose bounding sphere stays clear of the spheres along the way cut nothing.
    way = at[index] - eye
    offset = at - eye
    along = np.clip(offset @ way / max(float(way @ way), 1e-12), 0.0, 1.0)
    gap = offset - along[:, None] * way
    near = np.einsum("ek,ek->e", gap, gap) < (radii + radii[index]) ** 2
    near &= high & snapshot.present
    near[index] = False
    for name in ignore:
        near[scene.index(name)] = False
    if not near.any():
        return True
    points = at[index] + (_LOOK_AT * halves[index]) @ poses[index, :3, :3].T
    rotation, center, half = poses[near, :3, :3], at[near], halves[near]
    start = np.einsum("eji,ej->ei", rotation, eye - center)
    end = np.einsum("eji,epj->epi", rotation, points[None] - center[:, None])
    around = np.all(np.abs(start) <= half, axis=1) | np.all(np.abs(end[:, 0]) <= half, axis=1)
    step = end - start[:, None, :]
    step = np.where(np.abs(step) < 1e-12, 1e-12, step)
    a = (-half - start)[:, None, :] / step
    b = (half - start)[:, None, :] / step
    enter, leave = np.minimum(a, b).max(axis=2), np.maximum(a, b).min(axis=2)
    cut = (enter <= leave) & (leave > 0.0) & (enter < 1.0) & ~around[:, None]
    return bool((~cut.any(axis=0)).any())


_LOOK_AT = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.8], [0.0, 0.0, -0.4], [0.8, 0.8, 0.3], [-0.8, -0.8, 0.3]])
"""Points of a box that are looked at, in half lengths from its middle; the middle comes first."""


@while_alive
def _boxes(scene: Scene) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Of all boxes in their body frames: centres and half sizes (E, 3), half diagonals (E,), and which are high enough
    to hide something."""
    centers = np.array([e.body.box_center_m for e in scene.entities], dtype=np.float64).reshape(-1, 3)
    halves = 0.5 * np.array([e.body.box_size_m for e in scene.entities], dtype=np.float64).reshape(-1, 3)
    high = np.array([not e.static for e in scene.entities], dtype=np.bool_)
    return centers, halves, np.linalg.norm(halves, axis=1), high | (centers[:, 2] + halves[:, 2] > _GROUND_M)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Triangles:
    """Triangles in the camera frame: vertices (3, V) and the indices of their corners, faces (3, T)."""

    vertices: Array
    faces: NDArray[np.int64]

    @classmethod
    def of(cls, view: SceneView, camera: Camera, nodes: NDArray[np.int64]) -> _Triangles:
        """The triangles of these nodes."""
        poses = camera.camera_from_world @ view.snapshot.world_from_node[nodes]
        meshes = [view.scene.nodes[node].mesh for node in nodes]
        vertices = np.empty((3, sum(len(m.vertices_m) for m in meshes)))
        faces = np.empty((3, sum(len(m.faces) for m in meshes)), dtype=np.int64)
        done = filled = 0
        for mesh, pose in zip(meshes, poses, strict=True):
            placed = vertices[:, done : done + len(mesh.vertices_m)]
            np.matmul(pose[:3, :3], mesh.vertices_m.T, out=placed)
            placed += pose[:3, 3:]
            np.add(mesh.faces.T, done, out=faces[:, filled : filled + len(mesh.faces)])
            done, filled = done + len(mesh.vertices_m), filled + len(mesh.faces)
        return cls(vertices=vertices, faces=faces)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grid:
    """Rays through the middles of cells on the image plane z = 1 of the camera frame.

    Attributes:
        x, y: (W,), (H,) coordinates of the rays where they cross z = 1; the direction of a ray is (x, y, 1).
        cell_px2: area of a cell in square pixels.
        near_m: planar depth at which seeing begins.
    """

    x: Array
    y: Array
    cell_px2: float
    near_m: float

    @classmethod
    def around(cls, target: _Triangles, camera: Camera) -> _Grid | None:
        """The grid over the projection of a target, or None when it has none.

        What reaches behind the camera is looked at within three images' width and height.
        """
        points = target.vertices
        front = points[:, points[2] > camera.near_m]
        if front.shape[1] == 0:
            return None
        on_plane = front[:2] / front[2]
        low, high = on_plane.min(axis=1), on_plane.max(axis=1)
        focal = np.array([camera.fx_px, camera.fy_px])
        size = np.array([camera.width_px, camera.height_px])
        center = np.array([camera.cx_px, camera.cy_px])
        widest_low, widest_high = (-center - 0.5 - size) / focal, (2 * size - 0.5 - center) / focal
        if front.shape[1] < points.shape[1]:
            low, high = np.minimum(low, widest_low), np.maximum(high, widest_high)
            low, high = np.maximum(low, widest_low), np.minimum(high, widest_high)
        span_px = (high - low) * focal
        if span_px.min() <= 0:
            return None
        count = np.clip(np.ceil(_CELLS * span_px / span_px.max()), 12, _CELLS).astype(int)
        step = (high - low) / count
        return cls(
            x=low[0] + (np.arange(count[0]) + 0.5) * step[0],
            y=low[1] + (np.arange(count[1]) + 0.5) * step[1],
            cell_px2=float(np.prod(step * focal)),
            near_m=camera.near_m,
        )

    def part(self, rows: slice, columns: slice) -> _Grid:
        return replace(self, x=self.x[columns], y=self.y[rows])

    def inside_image(self, camera: Camera) -> NDArray[np.bool_]:
        """(H, W) which rays pass through the image."""
        u = self.x * camera.fx_px + camera.cx_px
        v = self.y * camera.fy_px + camera.cy_px
        inside_u = (u >= -0.5) & (u < camera.width_px - 0.5)
        inside_v = (v >= -0.5) & (v < camera.height_px - 0.5)
        return inside_v[:, None] & inside_u[None, :]

    def through_lens(self, aimed: Camera, seen: Camera, hit: NDArray[np.bool_], clear: NDArray[np.bool_]) -> Seen:
        """What of the cells (H, W) that are ``hit`` in the view of ``aimed``, and ``clear``, a camera with a lens sees,
        in its pixels. What it does not image counts as outside, in pixels of the middle of its picture."""
        assert seen.lens is not None
        x, y = np.broadcast_arrays(self.x[None, :], self.y[:, None])
        rays = np.stack([x, y, np.ones(x.shape)], axis=-1)
        length = np.linalg.norm(rays, axis=-1)
        rays = rays @ (seen.world_from_camera[:3, :3].T @ aimed.world_from_camera[:3, :3]).T / length[..., None]
        u, v, _ = seen.image(rays)
        with np.errstate(invalid="ignore"):
            inside = (u >= -0.5) & (u < seen.width_px - 0.5) & (v >= -0.5) & (v < seen.height_px - 0.5)
            density = np.where(np.isnan(u), 1.0, seen.lens.density(rays))
        cells = self.cell_px2 / length**3 / density
        return Seen(
            visible_px=float(cells[clear & inside].sum()),
            inside_px=float(cells[hit & inside].sum()),
            outside_px=float(cells[hit & ~inside].sum()),
        )

    def nearest(self, triangles: _Triangles, farthest_m: float = np.inf) -> Array:
        """(H, W) planar depth of the nearest triangle along each ray; inf where there is none before ``farthest_m``."""
        depth = np.full((len(self.y), len(self.x)), np.inf)
        beyond = self.beyond(triangles.vertices, farthest_m)
        first, second, third = (beyond.take(corner) for corner in triangles.faces)
        # All three corners beyond one side of the pyramid of rays: no ray meets the triangle.
        some = np.flatnonzero((first & second & third) == 0)
        faces = triangles.faces.take(some, axis=1)
        x, y, z = ([ordinate.take(corner) for corner in faces] for ordinate in triangles.vertices)
        # What reaches behind the camera has no bounded projection.
        crosses = ((first | second | third)[some] & 1) > 0
        for ahead in z:
            ahead[crosses] = 1.0
        left, right = self._cells(x, z, self.x)
        top, bottom = self._cells(y, z, self.y)
        left[crosses], top[crosses] = 0, 0
        right[crosses], bottom[crosses] = len(self.x), len(self.y)
        met = np.flatnonzero((right > left) & (bottom > top))
        a, b, c = (triangles.vertices.take(corner.take(met), axis=1).T for corner in faces)
        left, top = left.take(met), top.take(met)
        width, height = right.take(met) - left, bottom.take(met) - top
        # Small triangles meet few rays: each pair of a triangle and a ray in its bounding rectangle is tried at once.
        pairs = np.cumsum(width * height)
        start = 0
        while start < len(met):
            done = int(pairs[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(pairs, done + _PAIRS, "right")))
            p = slice(start, stop)
            self._meet(depth, a[p], b[p], c[p], left[p], top[p], width[p], height[p])
            start = stop
        return depth

    def beyond(self, points: Array, farthest_m: float) -> NDArray[np.uint8]:
        """(n,) one bit for each side of the pyramid of rays that a point (3, n) lies beyond; bit 0 is behind the
        camera."""
        x, y, z = points
        sides = (
            z <= self.near_m,
            x < self.x[0] * z,
            x > self.x[-1] * z,
            y < self.y[0] * z,
            y > self.y[-1] * z,
            z > farthest_m,
        )
        outside = np.zeros(points.shape[1], dtype=np.uint8)
        for bit, beyond in enumerate(sides):
            outside |= beyond.view(np.uint8) << np.uint8(bit)
        return outside

    @staticmethod
    def _cells(
        aside: Sequence[Array], ahead: Sequence[Array], at: Array
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and last + 1 of the rays ``at`` that lie between the three corners (T,) of triangles, along one axis:
        so far aside and ahead."""
        a, b, c = (across / depth for across, depth in zip(aside, ahead, strict=True))
        first, last = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
        return np.searchsorted(at, first, "left"), np.searchsorted(at, last, "right")

    def _meet(
        self,
        depth: Array,
        a: Array,
        b: Array,
        c: Array,
        left: NDArray[np.int64],
        top: NDArray[np.int64],
        width: NDArray[np.int64],
        height: NDArray[np.int64],
    ) -> None:
        count = width * height
        which = np.repeat(np.arange(len(count)), count)
        place = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        wide = width.take(which)
        row = place // wide
        column = place - row * wide + left.take(which)
        row += top.take(which)
        x, y = self.x.take(column), self.y.take(row)
        normals = _cross(b, c), _cross(c, a), _cross(a, b)
        volume = np.zeros(len(which))
        positive, negative = np.ones(len(which), dtype=np.bool_), np.ones(len(which), dtype=np.bool_)
        for across, down, ahead in normals:
            w = across.take(which) * x
            w += down.take(which) * y
            w += ahead.take(which)
            positive &= w >= 0
            negative &= w <= 0
            volume += w
        met = (positive | negative) & (volume != 0)
        whole = sum(one * part for one, part in zip(a.T, normals[0], strict=True))
        z = whole[which[met]] / volume[met]
        seen = z > self.near_m
        np.minimum.at(depth, (row[met][seen], column[met][seen]), z[seen])


def _cross(a: Array, b: Array) -> tuple[Array, Array, Array]:
    """The components (T,) of the cross products of vectors (T, 3)."""
    (ax, ay, az), (bx, by, bz) = a.T, b.T
    return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx


_PAIRS = 400_000
"""Pairs of triangles and rays that are tried at once; bounds the memory."""


def _candidates(
    view: SceneView, camera: Camera, grid: _Grid, farthest_m: float, *, excluded: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Nodes whose bounding sphere and box reach into the pyramid of the rays, before the farthest point of the target;
    those whose box covers most of it come first."""
    corners, center, radius = _bounds(view.scene)
    pose = camera.camera_from_world @ view.snapshot.world_from_node
    middle = np.einsum("nij,nj->ni", pose[:, :3, :3], center) + pose[:, :3, 3]
    keep = view.node_present()
    keep[excluded] = False
    keep &= (middle[:, 2] + radius > grid.near_m) & (middle[:, 2] - radius < farthest_m)
    for axis, low, high in ((0, grid.x[0], grid.x[-1]), (1, grid.y[0], grid.y[-1])):
        # Signed distances to the two side planes of the pyramid through the camera.
        keep &= middle[:, axis] - low * middle[:, 2] > -radius * np.hypot(1.0, low)
        keep &= high * middle[:, 2] - middle[:, axis] > -radius * np.hypot(1.0, high)
    nodes = np.flatnonzero(keep)
    around = corners[nodes] @ pose[nodes, :3, :3].transpose(0, 2, 1) + pose[nodes, None, :3, 3]
    beyond = grid.beyond(around.reshape(-1, 3).T, farthest_m).reshape(-1, 8)
    reaches = np.bitwise_and.reduce(beyond, axis=1) == 0
    nodes, around, bounded = nodes[reaches], around[reaches], ((beyond[reaches] & 1) == 0).all(axis=1)
    ahead = np.where(bounded[:, None], around[:, :, 2], 1.0)
    covered = bounded.astype(np.float64)
    for axis, at in enumerate((grid.x, grid.y)):
        covered *= np.ptp(np.clip(around[:, :, axis] / ahead, at[0], at[-1]), axis=1)
    ordered: NDArray[np.int64] = nodes[np.argsort(-covered, kind="stable")]
    return ordered


@while_alive
def _bounds(scene: Scene) -> tuple[Array, Array, Array]:
    """Around the nodes' meshes, each in its node's frame: the corners (N, 8, 3) of boxes, and centres (N, 3) and radii
    (N,) of spheres."""
    count = len(scene.nodes)
    low, high, radius = np.zeros((3, count)), np.zeros((3, count)), np.zeros(count)
    sizes = np.array([len(node.mesh.vertices_m) for node in scene.nodes], dtype=np.int64)
    some = np.flatnonzero(sizes)
    if len(some):
        vertices = np.concatenate([scene.nodes[node].mesh.vertices_m for node in some]).T.astype(np.float64, order="C")
        starts = np.cumsum(sizes[some]) - sizes[some]
        low[:, some] = np.minimum.reduceat(vertices, starts, axis=1)
        high[:, some] = np.maximum.reduceat(vertices, starts, axis=1)
        vertices -= np.repeat(0.5 * (low + high)[:, some], sizes[some], axis=1)
        x, y, z = vertices
        radius[some] = np.sqrt(np.maximum.reduceat(x * x + y * y + z * z, starts))
    corners = np.where(_CORNERS, high.T[:, None], low.T[:, None])
    return corners, 0.5 * (low + high).T, radius


_CORNERS = np.indices((2, 2, 2)).reshape(3, 8).T > 0
"""(8, 3) which end of each axis a corner of a box lies at."""
