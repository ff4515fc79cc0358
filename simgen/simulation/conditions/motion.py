"""How an actor moves."""

from __future__ import annotations

import numpy as np

from simgen.core.declare import quantity, reference
from simgen.core.vocabulary import conditions
from simgen.scene.situation import Condition, Situation


@conditions.register("speed")
class Speed(Condition):
    """Speed of an actor."""

    unit = "m/s"

    actor: str = reference("actor", help="whose")

    def measure(self, situation: Situation) -> float:
        return situation.speed(self.actor)


@conditions.register("relative_speed")
class RelativeSpeed(Condition):
    """How much faster an actor goes along its heading than another."""

    unit = "m/s"

    actor: str = reference("actor", help="whose")
    other: str = reference("actor", help="compared with")

    def measure(self, situation: Situation) -> float:
        heading = situation.pose(self.actor)[:3, 0]
        return float((situation.velocity(self.actor) - situation.velocity(self.other)) @ heading)


@conditions.register("acceleration")
class Acceleration(Condition):
    """Acceleration of an actor along its heading; negative when it brakes."""

    unit = "m/s^2"

    actor: str = reference("actor", help="whose")

    def measure(self, situation: Situation) -> float:
        index = situation.scene.index(self.actor)
        return float(situation.acceleration_mps2[index] @ situation.pose(self.actor)[:3, 0])


@conditions.register("stand_still")
class StandStill(Condition):
    """An actor has not moved for a time."""

    actor: str = reference("actor", help="who")
    duration: float = quantity("s", low=0, high=3600, default=0.0, help="for how long")

    def measure(self, situation: Situation) -> bool:
        index = situation.scene.index(self.actor)
        standing = float(situation.standing_s[index])
        return standing > 0.0 and standing >= self.duration


@conditions.register("traveled_distance")
class TraveledDistance(Condition):
    """Length of the path of an actor since the start."""

    unit = "m"

    actor: str = reference("actor", help="whose")

    def measure(self, situation: Situation) -> float:
        return float(situation.travelled_m[situation.scene.index(self.actor)])


@conditions.register("angle")
class Angle(Condition):
    """Heading of an actor against the world's x axis, from -180 to 180 degrees."""

    unit = "rad"

    actor: str = reference("actor", help="whose")

    def measure(self, situation: Situation) -> float:
        return situation.yaw(self.actor)


@conditions.register("relative_angle")
class RelativeAngle(Condition):
    """Absolute difference of two actors' headings, from 0 to 180 degrees."""

    unit = "rad"

    actor: str = reference("actor", help="whose")
    other: str = reference("actor", help="compared with")

    def measure(self, situation: Situation) -> float:
        difference = situation.yaw(self.actor) - situation.yaw(self.other)
        return float(abs((difference + np.pi) % (2 * np.pi) - np.pi))
