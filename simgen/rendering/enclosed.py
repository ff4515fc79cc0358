"""What light there is in and before the enclosures of a scene: little of the sky's, and that of the lamps in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.core.geometry import Array
from simgen.scene.enclosure import Enclosure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Enclosed:
    """An enclosure at an instant.

    Attributes:
        bounced_lux: (3,) what its walls throw back of the light of lamps in it, on any surface in it.
        threshold_lux: illuminance below which a lamp is left out where none of the sky is seen.
    """

    enclosure: Enclosure
    bounced_lux: Array
    threshold_lux: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Share:
    """How much of the light outside of all enclosures reaches P points, and what light there is inside of them.

    Attributes:
        sky: (P,) share of all directions in which a point sees the outside: 1 far from all enclosures, 0 deep inside.
        bounced_lux, threshold_lux: (P, 3) and (P,) of the enclosure that a point lies in, see ``Enclosed``; outside 0,
            and the threshold of the open.
    """

    sky: Array
    bounced_lux: Array
    threshold_lux: Array


def share(enclosed: Sequence[Enclosed], points_m: Array, threshold_lux: float) -> Share:
    """The share of points (P, 3) in the world frame, whichever way their surfaces are turned.

    Args:
        threshold_lux: illuminance below which lamps are left out in the open.
    """
    sky = np.ones(len(points_m))
    bounced, threshold = np.zeros((len(points_m), 3)), np.full(len(points_m), threshold_lux)
    for one in enclosed:
        within = one.enclosure.holds(points_m)
        seen = np.sum([o.solid_angle_sr(points_m) for o in one.enclosure.openings], axis=0) / (4 * np.pi)
        before = np.sum([np.minimum(o.solid_angle_sr(points_m), 0.0) for o in one.enclosure.openings], axis=0)
        sky = np.where(within, np.clip(seen, 0.0, 1.0), sky + before / (4 * np.pi))
        bounced[within] = one.bounced_lux
        threshold[within] = one.threshold_lux
    sky = np.clip(sky, 0.0, 1.0)
    # The sky that is seen outshines faint lamps as it does outside.
    threshold = threshold + (np.maximum(threshold_lux, threshold) - threshold) * sky
    return Share(sky=sky, bounced_lux=bounced, threshold_lux=threshold)
