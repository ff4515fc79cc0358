"""Feet on the ground: where each of a walking body stands, or between which places it swings."""

from __future__ import annotations

import math
from typing import NamedTuple

Spot = tuple[float, float, float, float]
"""(x, y, z, yaw): the point of the ground below the ankle of a foot that lies flat, and where the toes point."""

ROLL = 0.16
"""Share of its time on the ground that a foot rolls over the heel."""


class Foot(NamedTuple):
    """One foot. A named tuple, as each step of the walk makes new ones.

    Attributes:
        spot: where it stands, or where it is about to land.
        left: where it stood before.
        share: of its time on the ground that has passed, while it stands.
        swing: of its time in the air that has passed, 0 to 1; -1 while it stands.
        pitch_rad: toes up, when it landed (while it stands) or when it left the ground (while it swings).
        duty: share of the stride for which it stands, at most: that of the pace at which it landed.
        swerves: whether it swings, and has still to be moved aside to where it is needed now.
    """

    spot: Spot
    left: Spot
    share: float = 0.5
    swing: float = -1.0
    pitch_rad: float = 0.0
    duty: float = 1.0
    swerves: bool = False

    @property
    def stands(self) -> bool:
        return self.swing < 0.0

    def seen_from(self, frame: Spot) -> Foot:
        """The same with its spots in a frame that stands upright at a spot."""
        return self._replace(spot=_seen(self.spot, frame), left=_seen(self.left, frame))


class Pace(NamedTuple):
    """How a speed is walked.

    Attributes:
        stride_m: distance from one landing of a foot to the next.
        duty: share of the stride during which a foot stands.
        ahead: how far ahead of its place under the body a foot lands, as a share of what the body covers meanwhile.
        offsets: by which part of a stride each foot is later than the first.
        strike_rad, push_rad: pitch of a foot that lands (toes up) and that leaves (heel up).
        heel_off: share of its time on the ground after which the heel of a foot rises.
        reach_m: how far ahead of its place under the body, and how far behind, a foot may stand; None where the body
            bends its knees for it.
    """

    stride_m: float
    duty: float
    ahead: float
    offsets: tuple[float, ...]
    strike_rad: float = 0.0
    push_rad: float = 0.0
    heel_off: float = 0.5
    reach_m: tuple[float, float] | None = None

    def pitch_rad(self, foot: Foot) -> float:
        """Toes up, of a foot that stands: it rolls over its heel first, and over its toe at last."""
        strike = foot.pitch_rad * (1.0 - landing_share(foot.share / ROLL))
        return strike - self.push_rad * max(0.0, (foot.share - self.heel_off) / (1.0 - self.heel_off)) ** 2


def landing_share(swing: float) -> float:
    """How much of the way from where it stood to where it will stand a foot has covered, at a share of its swing."""
    t = min(max(swing, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def turn_between(from_rad: float, to_rad: float) -> float:
    """The angle from one heading to another, radians in [-pi, pi]."""
    return math.remainder(to_rad - from_rad, math.tau)


def ahead_of(frame: Spot, x_m: float, y_m: float) -> tuple[float, float]:
    """World (x, y) of a point in an upright frame."""
    c, s = math.cos(frame[3]), math.sin(frame[3])
    return frame[0] + c * x_m - s * y_m, frame[1] + s * x_m + c * y_m


def _seen(spot: Spot, frame: Spot) -> Spot:
    c, s = math.cos(frame[3]), math.sin(frame[3])
    dx, dy = spot[0] - frame[0], spot[1] - frame[1]
    return c * dx + s * dy, c * dy - s * dx, spot[2] - frame[2], turn_between(frame[3], spot[3])
