"""Flow against depth, parts and poses of two instants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.labels.covering import nearest_around, nearest_of_four
from simgen.labels.flow import Flow, FlowState, Shot, covered_beyond_m, covered_share, passages

TOLERANCE_PX = 0.05
DOUBTFUL_SHARE = 0.01
"""Of the pixels whose points land at the outline of what stands before, so many may have another state than the files
say."""
_STRIP_PIXELS = 1 << 14
"""As much of a picture as stays in the processor's cache from one operation to the next."""

Axes = tuple[Array, Array, Array]
Vector = NDArray[np.float32]


def flow_faults(
    flow: Flow, here: Shot, there: Shot, *, depth_step_m: float = 0.0, flow_step_px: float = 0.0
) -> list[str]:
    """What does not hold of the flow of ``here`` to ``there``.

    Args:
        here, there: as files tell them; ``present`` is not looked at.
        depth_step_m: how finely both depths are stored, 0 for float; flow_step_px: the same for the flow.
    """
    seen = (here.node >= 0) & np.isfinite(here.depth_m) & (here.depth_m > 0)
    valid = seen & (flow.state != FlowState.INVALID)
    faults = []
    without = int(np.count_nonzero(flow.state) - np.count_nonzero(valid))
    if without:
        faults.append(f"{without} pixels without a surface have a flow")
    if int(flow.state.max()) > max(FlowState) or flow.vector_px[flow.state == FlowState.INVALID].any():
        faults.append("has an unknown state, or a vector where it is invalid")
    nearest, near_m = nearest_of_four(there.depth_m), there.camera.near_m
    off_px, strays, lost, doubted = [np.zeros(0)], 0, list[_Landing](), list[_Landing]()
    for rows, place in _strips(here, there, depth_step_m, flow_step_px):
        shown, stated, state = seen[rows], valid[rows], flow.state[rows]
        right, down = flow.vector_px[rows, :, 0], flow.vector_px[rows, :, 1]
        fallen = _fallen(place, stated, right, down, there.camera)
        if fallen is not None:
            place = place.moved(fallen, right, down)
        with np.errstate(invalid="ignore"):
            inside = _inside(place, fallen, there.camera)
            square = (right - (place.u - place.columns)) ** 2 + (down - (place.v - place.rows)) ** 2
            wrong = stated & ~(square <= place.slack_px**2)
            stray = stated & (inside < -place.slack_px)
            missing = shown & ~stated & (inside > place.slack_px) & (place.z > 1.1 * near_m)
            # What has nothing nearer around its place is covered by nothing.
            limit_m = covered_beyond_m(place.z, -_depth_slack_m(place.z, depth_step_m))
            asked = shown & ((nearest_around(nearest, place.u, place.v) < limit_m) | (state == FlowState.OCCLUDED))
        strays += int(np.count_nonzero(stray))
        for chosen, found in ((missing, lost), (asked, doubted)):
            if chosen.any():
                found.append(place.at(chosen))
        if wrong.any():
            off_px.append(np.sqrt(square[wrong]))
    off = np.concatenate(off_px)
    if len(off):
        faults.append(f"{len(off)} vectors are up to {float(off.max()):.2f} px off depth and poses")
    if strays:
        faults.append(f"{strays} pixels have a flow, and their points leave the picture")
    without = _forgotten(here, there, valid, _Landing.joined(lost)) if lost else 0
    if without:
        faults.append(f"{without} pixels have no flow, and their points stay in the picture")
    unseen, uncovered = (
        _misjudged(flow, here, there, _Landing.joined(doubted), nearest, depth_step_m) if doubted else (0, 0)
    )
    if unseen or uncovered:
        faults.append(f"{unseen} visible pixels are covered in the other picture, {uncovered} occluded ones are not")
    return faults


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Landing:
    """Where the points of pixels are in the other picture, of those of a strip (h, W) or of some (P,).

    Attributes:
        rows, columns: of the pixels; of a strip (h, 1) and (1, W).
        u, v: places in pixels; z: depths as that camera counts them.
        slack_px: how far the places may be off, by the last digits of depth and flow.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    u: Array
    v: Array
    z: Array
    slack_px: Array

    @classmethod
    def joined(cls, some: Sequence[_Landing]) -> _Landing:
        return cls(**{f.name: np.concatenate([getattr(one, f.name) for one in some]) for f in fields(cls)})

    def at(self, chosen: NDArray[np.bool_]) -> _Landing:
        """Those of the chosen pixels of the strip."""
        return _Landing(
            **{f.name: np.broadcast_to(getattr(self, f.name), chosen.shape)[chosen] for f in fields(_Landing)}
        )

    def moved(self, fallen: NDArray[np.bool_], right: Vector, down: Vector) -> _Landing:
        """With the fallen ones where the flow says."""
        u, v = np.where(fallen, self.columns + right, self.u), np.where(fallen, self.rows + down, self.v)
        return replace(self, u=u, v=v, z=np.where(fallen, np.abs(self.z), self.z))


def _strips(here: Shot, there: Shot, depth_step_m: float, flow_step_px: float) -> Iterator[tuple[slice, _Landing]]:
    """All pixels' landings by strips of rows; what they say of pixels that show no surface has no meaning."""
    passage, index = passages(here, there)
    height, width = here.node.shape
    columns = np.arange(width)[None]
    count = max(1, _STRIP_PIXELS // width)
    for first in range(0, height, count):
        rows = slice(first, min(first + count, height))
        lines = np.arange(rows.start, rows.stop)[:, None]
        with np.errstate(all="ignore"):
            ways, origins = _rays(here, rows, passage, index)
            u, v, z, spread = _places(there.camera, ways, origins, here.depth_m[rows].astype(np.float64), depth_step_m)
        # Off the rim of what a lens images there is no spread.
        slack = np.nan_to_num(TOLERANCE_PX + 0.5 * flow_step_px + spread, nan=TOLERANCE_PX)
        yield rows, _Landing(rows=lines, columns=columns, u=u, v=v, z=z, slack_px=slack)


def _rays(here: Shot, rows: slice, passage: Array, index: NDArray[np.int64]) -> tuple[Axes, Axes]:
    """Of a strip's pixels, in the frame of the other camera and at the other instant: the ways (h, W) that their points
    take per metre of depth, and where they begin, (h, W) or (). Each by x, y and z."""
    camera = here.camera
    if camera.lens is None:
        x, y = camera.places(np.arange(camera.width_px), np.arange(rows.start, rows.stop)[:, None])
        z = np.ones(1)
    else:
        x, y, z = np.moveaxis(camera.grid()[rows], -1, 0)
    ways = [x * still[0] + (y * still[1] + z * still[2]) for still in passage[0, :3, :3]]
    origins = list(passage[0, :3, 3])
    owner = index[here.node[rows]]
    moving = np.nonzero(owner)
    if len(moving[0]):
        movers = passage[owner[moving]]
        own = [np.broadcast_to(a, owner.shape)[moving] for a in (x, y, z)]
        for k in range(3):
            ways[k][moving] = own[0] * movers[:, k, 0] + own[1] * movers[:, k, 1] + own[2] * movers[:, k, 2]
            origins[k] = np.full(owner.shape, origins[k])
            origins[k][moving] = movers[:, k, 3]
    return (ways[0], ways[1], ways[2]), (origins[0], origins[1], origins[2])


def _places(
    camera: Camera, ways: Axes, origins: Axes, depth_m: Array, depth_step_m: float
) -> tuple[Array, Array, Array, Array]:
    """Columns, rows and depths in the picture of ``camera``, and by how many pixels a point moves when its depth does
    by what its last digit hides; all (h, W)."""
    half_m = 0.5 * depth_step_m
    x, y, z = (way * depth_m + origin for way, origin in zip(ways, origins, strict=True))
    if camera.lens is not None:
        u, v, depth = camera.image(np.stack([x, y, z], axis=-1))
        spread = np.zeros(u.shape)
        for step_m in (half_m, -half_m) if half_m > 0 else ():
            moved_m = np.maximum(depth_m + step_m, 1e-4)
            points = [way * moved_m + origin for way, origin in zip(ways, origins, strict=True)]
            u2, v2, _ = camera.image(np.stack(points, axis=-1))
            spread = np.fmax(spread, np.hypot(u2 - u, v2 - v))
        return u, v, depth, spread
    u, v = camera.fx_px * (x / z) + camera.cx_px, camera.fy_px * (y / z) + camera.cy_px
    if half_m == 0:
        return u, v, z, np.zeros(u.shape)
    # x = a d + p and z = c d + q, so (x + h a) / (z + h c) - x / z = h (a q - c p) / (z (z + h c)).
    across = camera.fx_px * (ways[0] * origins[2] - ways[2] * origins[0])
    along = camera.fy_px * (ways[1] * origins[2] - ways[2] * origins[1])
    least = np.maximum(np.abs(z) - half_m * np.abs(ways[2]), 1e-9)
    return u, v, z, half_m * np.sqrt(across * across + along * along) / (np.abs(z) * least)


def _fallen(
    place: _Landing, stated: NDArray[np.bool_], right: Vector, down: Vector, camera: Camera
) -> NDArray[np.bool_] | None:
    """By the last digit of its depth a point may fall off the rim of what a lens images: then it is taken where the
    flow says, within a pixel of that rim."""
    if camera.lens is None:
        return None
    within = _within_rim(camera, place.columns + right, place.rows + down)
    fallen: NDArray[np.bool_] = stated & np.isnan(place.u) & (np.abs(within) < 1.0)
    return fallen


def _inside(place: _Landing, fallen: NDArray[np.bool_] | None, camera: Camera) -> Array:
    """How far inside of the picture points land, negative outside."""
    x, y = 0.5 * camera.width_px, 0.5 * camera.height_px
    inside = np.minimum(x - np.abs(place.u - (x - 0.5)), y - np.abs(place.v - (y - 0.5)))
    if fallen is not None:
        inside = np.minimum(inside, _within_rim(camera, place.u, place.v))
        inside[fallen] = 0.0
    inside[place.z <= camera.near_m] = -np.inf
    return inside


def _forgotten(here: Shot, there: Shot, valid: NDArray[np.bool_], lost: _Landing) -> int:
    """How many of these pixels should have a flow."""
    node = here.node[lost.rows, lost.columns]
    # Of a body that is absent in the other picture no pixel has a flow.
    known = np.isin(node, here.node[valid]) | np.isin(node, there.node)
    far = np.hypot(lost.u - lost.columns, lost.v - lost.rows) > 500  # what KITTI's form does not hold
    return int(np.count_nonzero(known & ~far))


def _misjudged(
    flow: Flow, here: Shot, there: Shot, place: _Landing, nearest: NDArray[np.floating], depth_step_m: float
) -> tuple[int, int]:
    """How many of these pixels count as visible and are covered in the other picture, and the other way round."""
    state = flow.state[place.rows, place.columns]
    # By half a step each the point's depth may be off, that of the pixel which covers it, and along both axes the two
    # that its slope comes from: what covers a point either way does.
    step_m = _depth_slack_m(place.z, depth_step_m)
    u, v, z = place.u, place.v, place.z
    easily = covered_share(here, there, u, v, z, slack_m=-step_m, nearest=nearest)
    # What not even covers a point easily does not strictly.
    some = np.flatnonzero(easily)
    strictly = np.zeros(len(easily))
    strictly[some] = covered_share(here, there, u[some], v[some], z[some], slack_m=step_m[some], nearest=nearest)
    least, most = np.minimum(easily, strictly), np.maximum(easily, strictly)
    doubtful = (most > 0.0) & (least < 1.0)
    firm = _firm(u, v, place.slack_px, doubtful)
    # Where not all neighbours cover a point, or none, a share decides, which moves with the point.
    spare = np.minimum(4 * place.slack_px, 0.45)
    shown = (state == FlowState.VISIBLE) & firm & (least > 0.5 + spare)
    covered = (state == FlowState.OCCLUDED) & firm & (most < 0.5 - spare)
    # The order of two neighbours or a slope may hang on the last digit of some depth.
    valid = state != FlowState.INVALID
    if np.count_nonzero((shown | covered) & doubtful) <= DOUBTFUL_SHARE * np.count_nonzero(valid & firm & doubtful):
        shown, covered = shown & ~doubtful, covered & ~doubtful
    return int(shown.sum()), int(covered.sum())


def _depth_slack_m(z: Array, depth_step_m: float) -> Array:
    slack_m: Array = 3.0 * depth_step_m + 1e-5 * z
    return slack_m


def _firm(u: Array, v: Array, slack: Array, doubtful: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(P,) whether places have the same neighbours wherever within ``slack`` pixels they are and, of the doubtful ones,
    the same order of how near these are."""
    x, y = u - np.floor(u), v - np.floor(v)
    same = (np.abs(u - np.rint(u)) > slack) & (np.abs(v - np.rint(v)) > slack)
    apart = np.abs(np.stack([x - 0.5, y - 0.5, x + y - 1.0, x - y])).min(axis=0)
    firm: NDArray[np.bool_] = same & ((apart > 2 * slack) | ~doubtful)
    return firm


def _within_rim(camera: Camera, u: NDArray[np.floating], v: NDArray[np.floating]) -> Array:
    """(P,) pixels that places lie within the circle of a fisheye's image, negative outside; infinite for others."""
    if camera.lens is None or camera.depth == "planar":
        return np.full(u.shape, np.inf)
    reach = camera.lens.radius(camera.lens.widest_rad)
    within: Array = min(camera.fx_px, camera.fy_px) * (reach - np.hypot(*camera.places(u, v)))
    return within
