"""The enclosures nearest to the eye as tables for ``enclosed.glsl``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.core.geometry import Array, inverse
from simgen.rendering.enclosed import Enclosed

MAX_ENCLOSURES, MAX_OPENINGS = 4, 8


def packed(enclosed: Sequence[Enclosed], eye_m: Array) -> dict[str, bytes | tuple[int, int]]:
    """Uniforms by name. Those farther away than the ``MAX_ENCLOSURES`` nearest ones, or whose openings find no room in
    ``MAX_OPENINGS``, are as if they were not there."""
    boxes = np.zeros((MAX_ENCLOSURES, 4, 4), dtype=np.float32)
    openings = np.zeros((MAX_OPENINGS, 3, 4), dtype=np.float32)
    kept = seen = 0
    for one in sorted(enclosed, key=lambda e: _distance_m(e, eye_m)):
        count = len(one.enclosure.openings)
        if kept == MAX_ENCLOSURES or seen + count > MAX_OPENINGS:
            break
        box_from_eye = inverse(one.enclosure.world_from_box)
        box_from_eye[:3, 3] += box_from_eye[:3, :3] @ eye_m
        boxes[kept, :3] = box_from_eye[:3] / (0.5 * np.array(one.enclosure.size_m))[:, None]
        boxes[kept, 3, :3], boxes[kept, 3, 3] = one.bounced_lux, one.threshold_lux
        for opening in one.enclosure.openings:
            openings[seen, 0, :3], openings[seen, 0, 3] = opening.center_m - eye_m, kept
            openings[seen, 1, :3], openings[seen, 2, :3] = opening.across_m, opening.up_m
            seen += 1
        kept += 1
    return {"enclosures": boxes.tobytes(), "openings": openings.tobytes(), "enclosed": (kept, seen)}


def _distance_m(one: Enclosed, eye_m: Array) -> float:
    """From the eye to the box."""
    pose = one.enclosure.world_from_box
    local = pose[:3, :3].T @ (eye_m - pose[:3, 3])
    return float(np.linalg.norm(np.maximum(np.abs(local) - 0.5 * np.array(one.enclosure.size_m), 0.0)))
