"""Normals against depth, and parts against ids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.labels.frame_labels import Intrinsics
from simgen.scene.classes import VOID

_REACH = 2
"""Slopes are taken over this many pixels to either side."""
_LOOKS_AWAY = 0.3
"""Cosine towards the back up to which a smoothly shaded normal may turn at an outline."""


def normal_faults(
    camera: Intrinsics, normal: NDArray[np.float32], depth_m: NDArray[np.floating], depth_step_m: float
) -> list[str]:
    """Unit vectors where there is a surface, that face the camera and stand on the slope of the depth."""
    seen = np.isfinite(depth_m) & (depth_m > 0)
    length = np.linalg.norm(normal, axis=-1)
    wrong = int(np.count_nonzero(np.abs(length - seen) > 1e-3))
    if wrong:
        return [f"{wrong} normals are not of length 1 on surfaces and 0 in the sky"]
    # Where a lens has no image there is no surface either.
    rays = np.nan_to_num(camera.at_origin.grid(), nan=1.0)
    faults = []
    away = (normal * rays).sum(axis=-1) / np.linalg.norm(rays, axis=-1) > _LOOKS_AWAY
    if away.sum() > 0.01 * max(seen.sum(), 100):
        faults.append(f"{int(away.sum())} normals look away from the camera")
    off = _angles_to_slope(normal, rays, np.where(seen, depth_m, np.nan), camera, depth_step_m)
    if len(off) >= 200 and np.median(off) > np.radians(15):
        faults.append(f"normals stand {np.degrees(np.median(off)):.0f} degrees off the slope of the depth")
    return faults


def _angles_to_slope(
    normal: NDArray[np.float32],
    rays: NDArray[np.float64],
    depth_m: NDArray[np.floating],
    camera: Intrinsics,
    step_m: float,
) -> NDArray[np.float64]:
    """Angles between normals and the depth's slope, where that is smooth and resolved."""
    k = _REACH
    if min(depth_m.shape) <= 2 * k:
        return np.zeros(0)
    points = rays * depth_m[..., None]
    across, down = points[k:-k, 2 * k :] - points[k:-k, : -2 * k], points[2 * k :, k:-k] - points[: -2 * k, k:-k]
    middle = depth_m[k:-k, k:-k].astype(np.float64)
    sides = (depth_m[k:-k, 2 * k :], depth_m[k:-k, : -2 * k], depth_m[2 * k :, k:-k], depth_m[: -2 * k, k:-k])
    with np.errstate(invalid="ignore"):
        # On a plane the inverse depth is linear, so that its second differences vanish.
        bend = np.maximum(
            np.abs(1 / sides[0] + 1 / sides[1] - 2 / middle), np.abs(1 / sides[2] + 1 / sides[3] - 2 / middle)
        )
        if camera.lens is not None:
            # Through a lens it is not: slopes to one side and to the other must agree instead.
            bend = _turning(points) / np.maximum(middle, 1e-6)
        fine = (bend * middle < 0.002) & (2 * k * middle / camera.fx_px > 8 * step_m)
    cross = np.cross(across[fine], down[fine])
    cross /= np.maximum(np.linalg.norm(cross, axis=-1, keepdims=True), 1e-30)
    cosine = np.abs((cross * normal[k:-k, k:-k][fine]).sum(axis=-1))
    angles: NDArray[np.float64] = np.arccos(np.clip(cosine, 0.0, 1.0))
    return angles


def _turning(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 - cosine between the normals that two opposite quarters about each pixel have."""
    k = _REACH
    middle = points[k:-k, k:-k]
    right, left = points[k:-k, 2 * k :] - middle, points[k:-k, : -2 * k] - middle
    down, up = points[2 * k :, k:-k] - middle, points[: -2 * k, k:-k] - middle
    one, other = np.cross(right, down), np.cross(left, up)
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    turning: NDArray[np.float64] = 1.0 - (one * other).sum(axis=-1) / np.maximum(lengths, 1e-30)
    return turning


def part_faults(
    part: NDArray[np.unsignedinteger],
    parts: int,
    depth_m: NDArray[np.floating] | None,
    instance: NDArray[np.unsignedinteger] | None,
    semantic: NDArray[np.unsignedinteger] | None,
) -> list[str]:
    """Each part is one of ``parts``, belongs to one object and one class, and sky is no part."""
    if int(part.max()) > parts:
        return [f"part {int(part.max())} is in the image, and there are {parts}"]
    faults = []
    if depth_m is not None:
        other = int(np.count_nonzero((part > 0) != (np.isfinite(depth_m) & (depth_m > 0))))
        if other:
            faults.append(f"{other} pixels have a part or a depth, and not both")
    for name, plane in (("instance", instance), ("semantic", semantic)):
        if plane is None:
            continue
        pairs = _pairs(part, plane)
        if name == "semantic":
            pairs = pairs[pairs != VOID.id]  # no part, where a lens has no image
        owners = pairs >> 32
        twice = np.unique(owners[1:][owners[1:] == owners[:-1]])
        if len(twice):
            faults.append(f"part {int(twice[0])} shows several {name} ids")
    return faults


def _pairs(part: NDArray[np.unsignedinteger], other: NDArray[np.unsignedinteger]) -> NDArray[np.int64]:
    """The pairs of values that come together in some pixel, ascending, as one number each: part times 2^32 + other."""
    # Where a run of one pair along the picture's rows begins, which are far fewer than pixels.
    one, two = part.reshape(-1), other.reshape(-1)
    begins = np.flatnonzero((one[1:] != one[:-1]) | (two[1:] != two[:-1])) + 1
    begins = np.append(0, begins)
    return np.unique(one[begins].astype(np.int64) << 32 | two[begins].astype(np.int64))
