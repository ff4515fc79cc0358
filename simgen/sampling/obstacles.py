"""What takes up room: bodies already placed, as boxes, and the fixtures of the stage, triangle by triangle."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array, inverse, planar_pose, transform, yaw_of
from simgen.core.keeping import kept, while_alive
from simgen.scene.body import Body
from simgen.scene.boxes import expanded, footprint, height_span, overlap
from simgen.scene.mesh import bounds
from simgen.scene.stage import Fixture, Stage
from simgen.scene.standing import RELIEF_M, drawn_triangles, fills

_LEVEL = 1.0 - 1e-9
_ROUNDING_M = 1e-3
"""By which single precision moves no corner."""
PATCH_HEADROOM_M = 0.3
"""Height over the ground in which nothing of the stage may stand within a patch."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Placed:
    """A body at its place."""

    name: str
    body: Body
    world_from_body: Array

    @functools.cached_property
    def outline(self) -> Array:
        """(4, 2) its footprint."""
        return footprint(self.world_from_body, self.body)

    @functools.cached_property
    def heights(self) -> tuple[float, float]:
        """Lowest and highest z of its box."""
        return height_span(self.world_from_body, self.body)

    @functools.cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Lowest x and y, highest x and y of its footprint."""
        return _bounds(self.outline)


def _bounds(outline: Array) -> tuple[float, float, float, float]:
    (x0, y0), (x1, y1) = outline.min(axis=0).tolist(), outline.max(axis=0).tolist()
    return x0, y0, x1, y1


def blocked_by(
    candidate: Placed,
    others: list[Placed],
    stage: Stage,
    *,
    margin_m: float = 0.0,
    sink_m: float = 0.05,
    beneath: Collection[str] = (),
) -> str | None:
    """Name of something that the candidate's box would overlap, or None when there is room.

    Args:
        beneath: names of bodies that carry the candidate, which stands within their boxes: only what is drawn of them
            is in its way.
        margin_m: room to keep to the other bodies.
        sink_m: how far a box may stand in the ground (markings, a rim) without overlapping it.
    """
    outline = candidate.outline
    low, high = candidate.heights
    if candidate.body.surface:
        # A patch lies under whatever stands there, and over markings; a kerb or a wall it cannot run through.
        return _fixture_in(stage, candidate, sink_m, sink_m + PATCH_HEADROOM_M)
    wide = expanded(outline, margin_m) if margin_m else outline
    x0, y0, x1, y1 = _bounds(wide)
    for other in others:
        left, near, right, far = other.bounds
        if x1 <= left or right <= x0 or y1 <= near or far <= y0 or other.body.surface:
            continue
        bottom, top = other.heights
        # Boxes that stand on one another touch; a millimetre keeps rounding out of it.
        if min(high, top) - max(low, bottom) <= 1e-3 or not overlap(wide, other.outline):
            continue
        if other.name not in beneath:
            return other.name
        upright, straightened = _straightened(candidate)
        carrier = replace(other, world_from_body=straightened @ other.world_from_body)
        if reaches_into(carrier, upright.outline, *upright.heights):
            return other.name
    tall = candidate.body.box_size_m[2]
    return _fixture_in(stage, candidate, min(sink_m, 0.5 * tall), tall)


def in_the_way(candidate: Placed, blocker: str) -> str:
    """What is said of a body that would overlap something."""
    return f"'{candidate.name}' ({size_of(candidate.body)}) would stand in '{blocker}'"


def rise_of(stage: Stage, candidate: Placed, blocker: str) -> str | None:
    """The remedy for a body that would stand partly in a surface which lies higher; None where the blocker is none."""
    surface = stage.surfaces.get(blocker)
    if surface is None or surface.height_m <= float(candidate.world_from_body[2, 3]):
        return None
    return f"the surface '{blocker}' is {surface.height_m:g} m high: choose a position wholly on it, or beside it"


def size_of(body: Body) -> str:
    return sized(*body.box_size_m)


def sized(*sides_m: float) -> str:
    """Lengths as they are told: to the centimetre, and what is thinner by two digits."""
    return " x ".join(f"{side:.2f}" if side >= 0.1 else f"{side:.2g}" for side in sides_m) + " m"


def encloses(stage: Stage, point_m: Array) -> str | None:
    """Name of a fixture within whose surface a point (3,) lies, or None.

    By the generalized winding number (Jacobson et al. 2013), which holds for what is made of pieces: the share of the
    sphere around the point that outward faces fill. A house that is open below counts as closed by its mirror image in
    the ground. A room, whose faces look at the point, does not enclose it.
    """
    for solid in _solids(stage, point_m, point_m):
        triangles = solid.triangles.astype(np.float64)
        # The image fills as much around the point as the fixture around the point's image.
        below = np.array([*point_m[:2], 2.0 * float(solid.lowest[2]) - point_m[2]])
        if _winding(triangles, point_m) + _winding(triangles, below) > 0.5:
            return solid.fixture.name
    return None


def _winding(triangles: Array, point_m: Array) -> float:
    """Share of the sphere around a point that triangles (T, 3, 3) fill, those that show it their front negative; the
    solid angles after van Oosterom and Strackee (1983)."""
    a, b, c = (triangles - point_m).swapaxes(0, 1)
    ra, rb, rc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    volume = np.einsum("ti,ti->t", a, np.cross(b, c))
    ab, bc, ca = (np.einsum("ti,ti->t", u, v) for u, v in ((a, b), (b, c), (c, a)))
    return float(np.arctan2(volume, ra * rb * rc + ab * rc + bc * ra + ca * rb).sum() / (2.0 * np.pi))


def extent(stage: Stage, name: str) -> str:
    """Lowest and highest x, y and z of a fixture, as words, to the centimetre: draws that differ in it differ here."""
    solid = _solid(next(fixture for fixture in stage.fixtures if fixture.name == name))
    return ", ".join(f"{v:.2f}" for v in (*solid.lowest.tolist(), *solid.highest.tolist()))


def reaches_into(carrier: Placed, outline: Array, low_m: float, high_m: float) -> bool:
    """Whether anything drawn of a body at rest reaches into the upright box over a footprint that stands on it."""
    low_m += min(RELIEF_M, 0.5 * (high_m - low_m))
    triangles = transform(carrier.world_from_body, drawn_triangles(carrier.body).astype(np.float64))
    low = np.array([*outline.min(axis=0), low_m])
    high = np.array([*outline.max(axis=0), high_m])
    near = (triangles.min(axis=1) < high).all(axis=1) & (triangles.max(axis=1) > low).all(axis=1)
    return bool(near.any()) and _reaches_in(triangles[near], outline, low_m, high_m)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solid:
    """The triangles of a fixture in the world frame (T, 3, 3), and the box (3,), (3,) around each and all of them."""

    fixture: Fixture
    triangles: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    lowest: NDArray[np.float32]
    highest: NDArray[np.float32]


@kept
def _solid(fixture: Fixture) -> _Solid:
    """Of a fixture that has triangles."""
    pieces = []
    for part, body_from_part in zip(fixture.body.parts, fixture.body.rest, strict=True):
        pose = fixture.world_from_body @ body_from_part
        pieces.append(transform(pose, part.mesh.vertices_m)[part.mesh.faces])
    triangles = np.concatenate(pieces).astype(np.float32)
    a, b, c = triangles.swapaxes(0, 1)
    low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    return _Solid(
        fixture=fixture,
        triangles=triangles,
        low=low,
        high=high,
        lowest=low.min(axis=0),
        highest=high.max(axis=0),
    )


def _solids(stage: Stage, low_m: Array, high_m: Array) -> Iterator[_Solid]:
    """Those whose box reaches into another one, in the stage's order: of most fixtures nobody asks the triangles."""
    lowest, highest = _around(stage)
    for k in np.flatnonzero((lowest < high_m).all(axis=1) & (highest > low_m).all(axis=1)):
        solid = _solid(stage.fixtures[k])
        if (solid.lowest < high_m).all() and (solid.highest > low_m).all():
            yield solid


@while_alive
def _around(stage: Stage) -> tuple[Array, Array]:
    """Lowest and highest corners (F, 3) of boxes that hold the fixtures, and may be wider; of one without triangles
    the box is none."""
    lowest, highest = np.full((len(stage.fixtures), 3), np.inf), np.full((len(stage.fixtures), 3), -np.inf)
    pieces = [
        (k, fixture.world_from_body @ body_from_part, *bounds(part.mesh))
        for k, fixture in enumerate(stage.fixtures)
        for part, body_from_part in zip(fixture.body.parts, fixture.body.rest, strict=True)
        if len(part.mesh.faces)
    ]
    if pieces:
        owners, poses, low, high = (np.array(column) for column in zip(*pieces, strict=True))
        middle = np.einsum("pij,pj->pi", poses[:, :3, :3], 0.5 * (low + high)) + poses[:, :3, 3]
        reach = np.einsum("pij,pj->pi", np.abs(poses[:, :3, :3]), 0.5 * (high - low)) + _ROUNDING_M
        np.minimum.at(lowest, owners, middle - reach)
        np.maximum.at(highest, owners, middle + reach)
    return lowest, highest


def _straightened(placed: Placed) -> tuple[Placed, Array]:
    """A body as it would stand on level ground, and the motion (4, 4) in the world that brings it there."""
    if placed.world_from_body[2, 2] >= _LEVEL:
        return placed, np.eye(4)
    x, y, z = placed.world_from_body[:3, 3].tolist()
    upright = replace(placed, world_from_body=planar_pose(x, y, yaw_of(placed.world_from_body), z))
    return upright, upright.world_from_body @ inverse(placed.world_from_body)


def _fixture_in(stage: Stage, candidate: Placed, from_m: float, to_m: float) -> str | None:
    """Name of a fixture that reaches into the box over a footprint, between two heights over its lower side. On a slope
    the box leans as the body does."""
    upright, straightened = _straightened(candidate)
    outline, bottom = upright.outline, upright.heights[0]
    low = np.array([*outline.min(axis=0), bottom + from_m])
    high = np.array([*outline.max(axis=0), bottom + to_m])
    # What lies within a trunk touches none of its bark
    middle = transform(candidate.world_from_body, candidate.body.box_center_m)
    # What straightening moves, at most
    reach = float(np.linalg.norm(straightened[:3, :3] - np.eye(3)) * np.linalg.norm(candidate.body.box_size_m))
    for solid in _solids(stage, low - reach, high + reach):
        if fills(solid.fixture.body, transform(inverse(solid.fixture.world_from_body), middle)):
            return solid.fixture.name
        near = (solid.low < high + reach).all(axis=1) & (solid.high > low - reach).all(axis=1)
        if not near.any():
            continue
        triangles = solid.triangles[near].astype(np.float64)
        if upright is not candidate:
            triangles = transform(straightened, triangles)
        if _reaches_in(triangles, outline, float(low[2]), float(high[2])):
            return solid.fixture.name
    return None


def _reaches_in(triangles: Array, outline: Array, low_m: float, high_m: float) -> bool:
    """Whether any triangle (T, 3, 3) overlaps an upright box (separating axes: the box's, the triangles' edges seen
    from above, and their normals)."""
    side = outline[0] - outline[1]
    yaw = np.arctan2(side[1], side[0])
    box = np.eye(4)
    box[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    box[:3, 3] = [*outline.mean(axis=0), 0.5 * (low_m + high_m)]
    half = 0.5 * np.array([np.linalg.norm(side), np.linalg.norm(outline[1] - outline[2]), high_m - low_m])
    t = transform(inverse(box), triangles)
    clear = ((t.min(axis=1) >= half) | (t.max(axis=1) <= -half)).any(axis=1)
    edges = np.roll(t, -1, axis=1) - t
    for k in range(3):
        across = np.stack([-edges[:, k, 1], edges[:, k, 0]], axis=1)
        on_triangle = np.einsum("tvk,tk->tv", t[:, :, :2], across)
        reach = np.abs(across) @ half[:2]
        clear |= (on_triangle.min(axis=1) >= reach) & (reach > 0)
        clear |= (on_triangle.max(axis=1) <= -reach) & (reach > 0)
    normal = np.cross(edges[:, 0], edges[:, 1])
    clear |= np.abs(np.einsum("tk,tk->t", normal, t[:, 0])) >= np.abs(normal) @ half
    return bool((~clear).any())
