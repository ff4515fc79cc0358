"""Where things stand on a body: on the level tops of what collides of it, as far as something is drawn there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array, inverse, transform
from simgen.core.keeping import kept
from simgen.scene.body import Body, CollisionShape
from simgen.scene.boxes import footprint

LEVEL_M = 0.004
"""Difference in height below which two places are level."""
CAMBER_M = 0.035
"""How far a flat collision shape may lie over the surface that is drawn (the camber of a roof)."""
RELIEF_M = 0.02
"""How far nails, ribs and seams may reach into what stands on them."""
_SPACING_M = 0.03
_MARGIN = 0.15
"""Share of its shorter side that a thing must be held beyond its middle, all around."""
_ROUND = 24
_AT_ONCE = 512


def carriers(first: str | None, carrier_of: Callable[[str], str | None]) -> list[str]:
    """Names of what something stands on: ``first``, what that one stands on, and so on; none for None."""
    names: list[str] = []
    while first is not None and first not in names:
        names.append(first)
        first = carrier_of(first)
    return names


def region(body: Body) -> tuple[Array, Array]:
    """Centre and full lengths (2,) of the rectangle in which things may lie on a body, body frame: its deck, else the
    outline of its box."""
    if body.deck is not None:
        return np.array(body.deck.center_m), np.array(body.deck.size_m)
    return np.array(body.box_center_m[:2]), np.array(body.box_size_m[:2])


def standing_height(carrier: Body, thing: Body, carrier_from_thing: Array) -> float | None:
    """Height at which a thing stands on a body at rest, in the frame of that body, metres.

    That is where physics holds it. A carrier without shapes (a patch of ground) leaves things on what it lies on.

    Args:
        carrier_from_thing: (4, 4) where it stands upright; its height is of no account.

    Returns:
        None where the thing would fall or tip, where nothing is drawn beneath it, and off the carrier's deck.
    """
    if not _solids(carrier) and carrier.urdf is None:
        return 0.0
    rest = _rest(carrier, thing, carrier_from_thing)
    if rest is None or (carrier.deck is not None and abs(rest.level_m - carrier.deck.height_m) > LEVEL_M):
        return None
    drawn = np.isfinite(_drawn(carrier, rest.feet_m, rest.level_m - CAMBER_M, rest.level_m + RELIEF_M))
    outline = footprint(carrier_from_thing, thing)
    return rest.height_m if _holds_up(rest.feet_m[drawn], outline) else None


def resting_height(carrier: Body, thing: Body, carrier_from_thing: Array) -> float | None:
    """Height at which the shapes of a body hold a thing, as ``standing_height`` says, drawn and meant for it or not."""
    rest = _rest(carrier, thing, carrier_from_thing)
    if rest is None or not _holds_up(rest.feet_m, footprint(carrier_from_thing, thing)):
        return None
    return rest.height_m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rest:
    """Where a thing that comes down on a body meets it first, body frame: height of its origin, height of what it
    meets, and the points (P, 2) in which they touch."""

    height_m: float
    level_m: float
    feet_m: Array


def _rest(carrier: Body, thing: Body, carrier_from_thing: Array) -> _Rest | None:
    points = _within(footprint(carrier_from_thing, thing))
    tops, bears = _tops(carrier, points)
    own = (points - carrier_from_thing[:2, 3]) @ carrier_from_thing[:2, :2]
    gaps = tops - _bottoms(thing, own)
    height = float(gaps.max())
    touching = bears & (gaps > height - LEVEL_M)
    # Below the level of the carrier's feet the ground holds the thing.
    if height < -LEVEL_M or not touching.any():
        return None
    return _Rest(height_m=height, level_m=float(tops[touching].max()), feet_m=points[touching])


@kept
def drawn_triangles(body: Body) -> NDArray[np.float32]:
    """(T, 3, 3) corners of all that is drawn of a body at rest, body frame."""
    pieces = [
        transform(body_from_part, part.mesh.vertices_m)[part.mesh.faces]
        for part, body_from_part in zip(body.parts, body.rest, strict=True)
    ]
    return np.concatenate([np.zeros((0, 3, 3)), *pieces]).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solid:
    """A convex shape as the planes (F, 4) that bound it, n . p + d <= 0 within; ``bears``: it is not round on top."""

    planes: Array
    bears: bool


@kept
def _solids(body: Body) -> tuple[_Solid, ...]:
    from scipy.spatial import ConvexHull  # costs a third of a second to import

    shapes = body.collision if body.belt is None else (*body.collision, body.belt.shape)
    return tuple(
        _Solid(
            planes=ConvexHull(transform(shape.body_from_shape, _corners(shape))).equations,
            bears=shape.kind not in ("sphere", "capsule"),
        )
        for shape in shapes
    )


def fills(body: Body, point_m: Array) -> bool:
    """Whether a point (3,) of the body frame lies within what collides of a body."""
    for k, shape in enumerate(body.collision):
        x, y, z = np.abs(transform(inverse(shape.body_from_shape), point_m))
        match shape.kind:
            case "box":
                long, wide, tall = shape.size_m
                inside = x < 0.5 * long and y < 0.5 * wide and z < 0.5 * tall
            case "cylinder":
                inside = np.hypot(x, y) < shape.size_m[0] and z < 0.5 * shape.size_m[1]
            case "sphere" | "capsule":
                straight = 0.5 * shape.size_m[1] if shape.kind == "capsule" else 0.0
                inside = np.hypot(np.hypot(x, y), max(0.0, z - straight)) < shape.size_m[0]
            case "hull":
                planes = _solids(body)[k].planes
                inside = bool((planes[:, :3] @ point_m + planes[:, 3] < 0.0).all())
        if inside:
            return True
    return False


def _corners(shape: CollisionShape) -> Array:
    """(P, 3) points whose convex hull is the shape, round ones in facets, shape frame."""
    if shape.kind == "hull":
        return np.asarray(shape.points_m, dtype=np.float64)
    if shape.kind == "box":
        signs = np.array([[x, y, z] for x in (1.0, -1.0) for y in (1.0, -1.0) for z in (1.0, -1.0)])
        box: Array = 0.5 * signs * np.asarray(shape.size_m)
        return box
    angle = 2 * np.pi * np.arange(_ROUND) / _ROUND
    ring = shape.size_m[0] * np.column_stack([np.cos(angle), np.sin(angle), np.zeros(_ROUND)])
    half = np.array([0.0, 0.0, 0.5 * shape.size_m[1] if len(shape.size_m) > 1 else 0.0])
    if shape.kind == "cylinder":
        return np.concatenate([ring - half, ring + half])
    caps = [
        np.cos(rise) * ring + np.sign(rise) * half + np.array([0.0, 0.0, shape.size_m[0] * np.sin(rise)])
        for rise in np.linspace(-0.5 * np.pi, 0.5 * np.pi, 12)
    ]
    return np.concatenate(caps)


def _within(outline_m: Array) -> Array:
    """(P, 2) points evenly over a rectangle (4, 2), its rim left out."""
    corner, along, across = outline_m[2], outline_m[3] - outline_m[2], outline_m[1] - outline_m[2]
    shares = []
    for side in (along, across):
        count = int(np.clip(np.ceil(np.linalg.norm(side) / _SPACING_M), 8, 48))
        shares.append((np.arange(count) + 0.5) / count)
    u, v = (grid.reshape(-1, 1) for grid in np.meshgrid(*shares, indexing="ij"))
    points: Array = corner + u * along + v * across
    return points


def _tops(body: Body, points_m: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Height (P,) of the highest solid over points (P, 2), -inf where there is none, and whether it bears a load."""
    solids = _solids(body)
    if not solids:
        tops = _drawn(body, points_m, -np.inf, np.inf)
        return tops, np.isfinite(tops)
    tops, bears = np.full(len(points_m), -np.inf), np.zeros(len(points_m), dtype=np.bool_)
    for solid in solids:
        heights = _top_of(solid.planes, points_m)
        bears[heights > tops] = solid.bears
        np.maximum(tops, heights, out=tops)
    return tops, bears


def _bottoms(body: Body, points_m: Array) -> Array:
    """(P,) height of the underside of a body over points (P, 2) of its own frame; inf where it has none.

    What rolls, hangs in its frame or has no shapes counts as flat below.
    """
    solids = [solid for solid in _solids(body) if solid.bears]
    mirrored = np.array([1.0, 1.0, -1.0, 1.0])
    tops = [_top_of(solid.planes * mirrored, points_m) for solid in solids]
    bottoms = np.full(len(points_m), np.inf)
    for top in tops:
        np.minimum(bottoms, -top, out=bottoms)
    level = body.box_center_m[2] - 0.5 * body.box_size_m[2]
    if not abs(bottoms.min() - level) < 2 * LEVEL_M:
        return np.full(len(points_m), level)
    return bottoms


def _top_of(planes: Array, points_m: Array) -> Array:
    """(P,) where upright lines through points (P, 2) leave a convex solid; -inf where they miss it."""
    rest = planes[:, :2] @ points_m.T + planes[:, 3:]
    rise = planes[:, 2]
    up, down = rise > 1e-9, rise < -1e-9
    top = (-rest[up] / rise[up, None]).min(axis=0)
    bottom = (-rest[down] / rise[down, None]).max(axis=0)
    hit = (bottom <= top) & (rest[~up & ~down] <= 1e-9).all(axis=0)
    return np.where(hit, top, -np.inf)


def _drawn(body: Body, points_m: Array, low_m: float, high_m: float) -> Array:
    """(P,) height of the highest surface drawn over points (P, 2) between two heights; -inf where there is none."""
    highest = np.full(len(points_m), -np.inf)
    if not len(points_m):
        return highest
    t = drawn_triangles(body)
    near = (t[:, :, :2].min(axis=1) <= points_m.max(axis=0)).all(axis=1)
    near &= (t[:, :, :2].max(axis=1) >= points_m.min(axis=0)).all(axis=1)
    near &= (t[:, :, 2].min(axis=1) <= high_m) & (t[:, :, 2].max(axis=1) >= low_m)
    a, b, c = t[near].astype(np.float64).swapaxes(0, 1)
    normal = np.cross(b - a, c - a)
    flat = np.abs(normal[:, 2]) > 1e-3 * np.linalg.norm(normal, axis=1)
    a, b, c, normal = a[flat], b[flat], c[flat], normal[flat]
    for some in np.split(np.arange(len(a)), range(_AT_ONCE, len(a), _AT_ONCE)):
        p, q, r, n = a[some], b[some], c[some], normal[some]
        sides = np.stack([_side(p, q, points_m), _side(q, r, points_m), _side(r, p, points_m)])
        met = (sides >= 0.0).all(axis=0) | (sides <= 0.0).all(axis=0)
        to = points_m - p[:, None, :2]
        height = p[:, None, 2] - (to @ n[:, :2, None])[:, :, 0] / n[:, None, 2]
        met &= (height >= low_m) & (height <= high_m)
        np.maximum(highest, np.where(met, height, -np.inf).max(axis=0, initial=-np.inf), out=highest)
    return highest


def _side(p: Array, q: Array, points_m: Array) -> Array:
    """(T, P) positive for points left of the lines from p to q (T, 3), seen from above."""
    ahead, to = (q - p)[:, None, :2], points_m - p[:, None, :2]
    side: Array = ahead[..., 0] * to[..., 1] - ahead[..., 1] * to[..., 0]
    return side


def _holds_up(feet_m: Array, outline_m: Array) -> bool:
    """Whether what touches a surface at points (P, 2) does not tip over any side: its middle lies well among them."""
    if not len(feet_m):
        return False
    sides = np.linalg.norm(outline_m[:2] - outline_m[1:3], axis=1)
    angle = 2 * np.pi * np.arange(16) / 16
    reach = (feet_m - outline_m.mean(axis=0)) @ np.stack([np.cos(angle), np.sin(angle)])
    return bool((reach.max(axis=0) >= _MARGIN * sides.min()).all())
