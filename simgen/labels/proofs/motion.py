"""Flow against depth, parts and poses of two instants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.labels.flow import Flow, FlowState, Shot, covered_share, landing

TOLERANCE_PX = 0.05
DOUBTFUL_SHARE = 0.01
"""Of the pixels whose points land at the outline of what stands before, so many may have another state than the files
say."""


def flow_faults(
    flow: Flow, here: Shot, there: Shot, *, depth_step_m: float = 0.0, flow_step_px: float = 0.0
) -> list[str]:
    """What does not hold of the flow of ``here`` to ``there``.

    Args:
        here, there: as files tell them; ``present`` is not looked at.
        depth_step_m: how finely both depths are stored, 0 for float; flow_step_px: the same for the flow.
    """
    rows, columns, (u, v, z) = landing(here, there)
    state = flow.state[rows, columns]
    faults = []
    without = int(np.count_nonzero(flow.state) - np.count_nonzero(state))
    if without:
        faults.append(f"{without} pixels without a surface have a flow")
    if int(flow.state.max()) > max(FlowState) or flow.vector_px[flow.state == FlowState.INVALID].any():
        faults.append("has an unknown state, or a vector where it is invalid")
    slack = TOLERANCE_PX + 0.5 * flow_step_px + _spread(here, there, u, v, depth_step_m)
    valid = state != FlowState.INVALID
    stated = columns + flow.vector_px[rows, columns, 0], rows + flow.vector_px[rows, columns, 1]
    # By the last digit of its depth a point may fall off the rim of what a lens images: then it is taken where the flow
    # says, within a pixel of that rim.
    fallen = valid & np.isnan(u) & (np.abs(_within_rim(there.camera, *stated)) < 1.0)
    u, v = np.where(fallen, stated[0], u), np.where(fallen, stated[1], v)
    z = np.where(fallen, np.abs(z), z)
    slack = np.nan_to_num(slack, nan=TOLERANCE_PX)
    off = np.hypot(flow.vector_px[rows, columns, 0] - (u - columns), flow.vector_px[rows, columns, 1] - (v - rows))
    wrong = valid & ~(off <= slack)
    if wrong.any():
        faults.append(f"{int(wrong.sum())} vectors are up to {float(off[wrong].max()):.2f} px off depth and poses")
    width, height = there.camera.width_px, there.camera.height_px
    # How far inside of the picture a point lands, negative outside.
    inside = np.minimum(np.minimum(u + 0.5, width - 0.5 - u), np.minimum(v + 0.5, height - 0.5 - v))
    inside = np.minimum(inside, _within_rim(there.camera, u, v))
    inside[fallen] = 0.0
    inside[z <= there.camera.near_m] = -np.inf
    strays = int(np.count_nonzero(valid & (inside < -slack)))
    if strays:
        faults.append(f"{strays} pixels have a flow, and their points leave the picture")
    node = here.node[rows, columns]
    # Of a body that is absent in the other picture no pixel has a flow.
    known = np.isin(node, node[valid]) | np.isin(node, there.node)
    far = np.hypot(u - columns, v - rows) > 500  # what KITTI's form does not hold
    lost = int(np.count_nonzero(~valid & known & ~far & (inside > slack) & (z > 1.1 * there.camera.near_m)))
    if lost:
        faults.append(f"{lost} pixels have no flow, and their points stay in the picture")
    # By half a step each the point's depth may be off, that of the pixel which covers it, and along both axes the two
    # that its slope comes from: what covers a point either way does.
    step = 3.0 * depth_step_m + 1e-5 * z
    shares = [covered_share(here, there, u, v, z, slack_m=sign * step) for sign in (-1, 1)]
    least, most = np.minimum(*shares), np.maximum(*shares)
    doubtful = (most > 0.0) & (least < 1.0)
    firm = _firm(u, v, slack, doubtful)
    # Where not all neighbours cover a point, or none, a share decides, which moves with the point.
    spare = np.minimum(4 * slack, 0.45)
    shown = valid & (state == FlowState.VISIBLE) & firm & (least > 0.5 + spare)
    covered = (state == FlowState.OCCLUDED) & firm & (most < 0.5 - spare)
    # The order of two neighbours or a slope may hang on the last digit of some depth.
    if np.count_nonzero((shown | covered) & doubtful) <= DOUBTFUL_SHARE * np.count_nonzero(valid & firm & doubtful):
        shown, covered = shown & ~doubtful, covered & ~doubtful
    unseen, uncovered = int(shown.sum()), int(covered.sum())
    if unseen or uncovered:
        faults.append(f"{unseen} visible pixels are covered in the other picture, {uncovered} occluded ones are not")
    return faults


def _firm(u: Array, v: Array, slack: Array, doubtful: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(P,) whether places have the same neighbours wherever within ``slack`` pixels they are and, of the doubtful ones,
    the same order of how near these are."""
    x, y = u - np.floor(u), v - np.floor(v)
    same = (np.abs(u - np.rint(u)) > slack) & (np.abs(v - np.rint(v)) > slack)
    apart = np.abs(np.stack([x - 0.5, y - 0.5, x + y - 1.0, x - y])).min(axis=0)
    firm: NDArray[np.bool_] = same & ((apart > 2 * slack) | ~doubtful)
    return firm


def _within_rim(camera: Camera, u: Array, v: Array) -> Array:
    """(P,) pixels that places lie within the circle of a fisheye's image, negative outside; infinite for others."""
    if camera.lens is None or camera.depth == "planar":
        return np.full(u.shape, np.inf)
    reach = camera.lens.radius(camera.lens.widest_rad)
    within: Array = min(camera.fx_px, camera.fy_px) * (
        reach - np.hypot((u - camera.cx_px) / camera.fx_px, (v - camera.cy_px) / camera.fy_px)
    )
    return within


def _spread(here: Shot, there: Shot, u: Array, v: Array, depth_step_m: float) -> Array:
    """(P,) how far a landing point moves when the depth does, by what its last digit hides."""
    spread = np.zeros_like(u)
    if depth_step_m > 0:
        for sign in (0.5, -0.5):
            depth = np.maximum(here.depth_m + np.float32(sign * depth_step_m), np.float32(1e-4))
            _, _, (u2, v2, _) = landing(replace(here, depth_m=depth), there)
            spread = np.fmax(spread, np.hypot(u2 - u, v2 - v))
    return spread
