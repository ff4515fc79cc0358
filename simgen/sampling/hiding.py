"""Where to stand so that something hides one from an eye, ready to step out before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.core.camera import Camera
from simgen.core.geometry import Array, camera_pose, planar_pose, transform
from simgen.sampling.obstacles import Placed
from simgen.sampling.sketch import sketch
from simgen.scene.body import Body
from simgen.scene.boxes import footprint
from simgen.scene.sight import look


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hiding:
    """Who hides from what.

    Attributes:
        eye_m: (3,) where the looker's eye is, world frame.
        axis: (2,) unit vector along which the looker travels or looks.
        occluder: what stands between.
        body: of the one that hides.
    """

    eye_m: Array
    axis: Array
    occluder: Placed
    body: Body


def hiding_places(hiding: Hiding, clearance: float, aside: float) -> Iterator[Array]:
    """Poses (4, 4), upright at z = 0, past the far end of the occluder as the looker travels, facing the looker's path.

    The first ones stand close to the occluder's end, on the kerb's side of its middle, so that a runner comes out in
    front of it; then come spots further out, closer to the path as far as the occluder's shadow reaches, and further
    on. Distances shrink with occluders that are smaller than a person.

    Args:
        clearance: distance from the occluder's end to the near side of the body, in metres behind what is 1 m or more
            high and long.
        aside: how much further away from the looker's path, likewise.
    """
    left = np.array([-hiding.axis[1], hiding.axis[0]])
    frame = np.stack([hiding.axis, left])
    outline = (hiding.occluder.outline - hiding.eye_m[:2]) @ frame.T
    far = float(outline[:, 0].max())
    lateral = float(outline[:, 1].mean())
    # The side on which the occluder stands; one that stands in the path is left to the right.
    side = 1.0 if lateral > 0.0 else -1.0
    scale = min(1.0, hiding.occluder.body.box_size_m[2], hiding.occluder.body.box_size_m[0])
    # It faces the path: to the right of what comes from the left, and the other way round.
    yaw = float(np.arctan2(hiding.axis[1], hiding.axis[0])) - side * np.pi / 2
    around = footprint(planar_pose(0.0, 0.0, yaw), hiding.body) @ frame.T
    near_x, deep = float(around[:, 0].min()), float(np.abs(around[:, 1]).max())
    ahead = outline[:, 0] > 1e-3
    slope = float((side * outline[ahead, 1] / outline[ahead, 0]).min()) if ahead.any() else 0.0
    flanks = np.sort(side * outline[:, 1])
    kerb_side = float(flanks[0] + 0.7 * (flanks[-1] - flanks[0]))
    for further in (0.0, 0.4, 0.9, 1.6, 2.5):
        x = far + (clearance + further) * scale - near_x
        # The shadow's edge runs from the eye past the corner nearest to the path.
        edge = (slope * x if slope > 0 else abs(lateral)) + deep + 0.1 * scale
        start = max(edge, kerb_side) + aside * scale
        steps = [start + 0.3 * k * scale for k in range(10)] + [start - 0.3 * k * scale for k in range(1, 8)]
        for y in steps:
            if y >= edge:
                at = hiding.eye_m[:2] + np.array([x, side * y]) @ frame
                yield planar_pose(float(at[0]), float(at[1]), yaw)


def way_out(hiding: Hiding, hidden: Placed) -> Array:
    """(4, 2) the strip from a hidden body to the looker's path, as wide as the body."""
    left = np.array([-hiding.axis[1], hiding.axis[0]])
    frame = np.stack([hiding.axis, left])
    outline = (hidden.outline - hiding.eye_m[:2]) @ frame.T
    (x0, y0), (x1, y1) = outline.min(axis=0), outline.max(axis=0)
    low, high = min(y0, 0.0), max(y1, 0.0)
    strip = np.array([[x1, high], [x0, high], [x0, low], [x1, low]])
    way: Array = hiding.eye_m[:2] + strip @ frame
    return way


def visible_share(eye_m: Array, target: Placed, others: Sequence[Placed]) -> float:
    """Share (0 … 1) of the target that shows from the eye past the others."""
    view = sketch([target, *others])
    middle = transform(target.world_from_body, target.body.box_center_m)
    distance = float(np.linalg.norm(middle - eye_m))
    radius = 0.5 * float(np.linalg.norm(target.body.box_size_m))
    opening = 2.0 * np.arctan2(1.5 * radius, distance)
    camera = Camera.from_fov(512, 512, opening, camera_pose(eye_m, middle), far_m=max(600.0, 2 * distance))
    return look(view, camera, target.name).fraction
