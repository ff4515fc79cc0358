"""Where the doors of a coachwork are: their outlines along the shut lines, the pillars and the roof."""

from __future__ import annotations

import numpy as np

from simgen.core.geometry import Array
from simgen.core.keeping import kept
from simgen.scene.body import Doorway, Outline
from simgen.scene.models.coachwork import Profile, Skin, curve

_NAMES = ("front", "rear")
_BELOW_SHOULDER_M = 0.012
_OFF_ARCH_M = 0.03
_ARCH_TANGENT_RAD = np.radians(35.0)
"""Above level, seen from the axle: where the edge of a door leaves the wheel arch."""


@kept
def doorways(p: Profile, hinged: int) -> tuple[Doorway, ...]:
    """Of both sides, from front to rear: the first ``hinged`` of those that have a handle."""
    count = min(hinged, len(p.handles), len(p.doors) - 1)
    return tuple(_doorway(p, k, side) for k in range(count) for side in (1.0, -1.0))


def _doorway(p: Profile, k: int, side: float) -> Doorway:
    c, skin = p.cabin, Skin(p)
    front, rear = p.doors[k], p.doors[k + 1]
    foot = p.sill_m + 0.1 if p.door_foot_m is None else p.door_foot_m
    a_base, d_base = c.belt_front_m - c.front_sweep_m, c.belt_rear_m + c.rear_sweep_m
    a_top, d_top = c.roof_front_m - 0.6 * c.front_sweep_m, c.roof_rear_m + 0.6 * c.rear_sweep_m
    share = min(0.95, c.side_glass[1] + 0.09)

    def belt(x: float) -> float:
        ends = (float(skin.shoulder(front)), float(skin.shoulder(rear)))
        return ends[0] + (ends[1] - ends[0]) * (front - x) / (front - rear) - _BELOW_SHOULDER_M

    def top(x: float) -> tuple[float, float]:
        return x, belt(x) + share * (float(curve(c.roof_edge, x)) - belt(x))

    # Below the belt: between the shut lines, but not into the arches.
    ahead = min(front, a_base)
    panel: Outline = ((rear, foot), (front, foot), (front, belt(front)), (ahead, belt(ahead)), (rear, belt(rear)))
    if ahead == front:
        panel = (*panel[:2], *panel[3:])
    radius = p.wheel_radius_m + p.arch_gap_m + _OFF_ARCH_M
    for axle, way in ((p.front_axle_m, -1.0), (p.rear_axle_m, 1.0)):
        normal = np.array([way * np.cos(_ARCH_TANGENT_RAD), np.sin(_ARCH_TANGENT_RAD)])
        panel = _beyond(panel, normal, float(normal @ (axle, p.wheel_radius_m)) + radius)
    # Above: along the pillars. The foremost door's front edge is parallel to the windscreen's.
    lean_front = share * (a_top - a_base) if k == 0 else 0.0
    panes = [q for q in c.panes if q.kind == "glass"]
    last = panes[-1] if len(panes) < 4 else panes[-2]
    lean_rear = 0.0
    if k == 1:
        lean_rear = share * (a_top + last.roof * (d_top - a_top) - a_base - last.belt * (d_base - a_base))
    x_front, x_rear = ahead + lean_front, rear + lean_rear
    roof = [top(float(x)) for x in np.linspace(x_front, x_rear, 5)]
    window = ((rear, belt(rear)), (ahead, belt(ahead)), *roof)
    half = float(skin.at(rear, skin.half_width(rear), skin.shoulder(rear))[1]) * c.belt_width
    return Doorway(
        name=f"{_NAMES[k]}_{'left' if side > 0 else 'right'}",
        side=side,
        panel=panel,
        window=_convex(window),
        belt=(half, belt(rear)),
        head=(min(c.roof_half_front_m, c.roof_half_rear_m), float(curve(c.roof_edge, x_rear))),
        half_width_m=0.5 * p.width_m,
    )


def _beyond(outline: Outline, normal: Array, distance_m: float) -> Outline:
    """What of a convex outline lies beyond a line (Sutherland & Hodgman 1974)."""
    points = np.array(outline)
    depth = points @ normal - distance_m
    kept: list[tuple[float, float]] = []
    for a, b, da, db in zip(points, np.roll(points, -1, axis=0), depth, np.roll(depth, -1), strict=True):
        if da >= 0.0:
            kept.append((float(a[0]), float(a[1])))
        if (da >= 0.0) != (db >= 0.0):
            x, z = a + da / (da - db) * (b - a)
            kept.append((float(x), float(z)))
    return tuple(kept)


def _convex(outline: Outline) -> Outline:
    """Without the corners, beyond the first two, at which an outline bends inwards by the curve of a roof."""
    kept = list(outline)
    k = 2
    while k < len(kept):
        (ax, az), (bx, bz), (cx, cz) = kept[k - 1], kept[k], kept[(k + 1) % len(kept)]
        if (bx - ax) * (cz - bz) - (bz - az) * (cx - bx) <= 0.0:
            del kept[k]
            k = max(2, k - 1)
        else:
            k += 1
    return tuple(kept)
