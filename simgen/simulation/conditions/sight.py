"""What a camera sees of an actor, by geometry: without a renderer, so that the story is the same whatever draws it."""

from __future__ import annotations

from simgen.core.declare import reference
from simgen.core.vocabulary import conditions
from simgen.scene.sight import visible_fraction, visible_pixels
from simgen.scene.situation import Condition, Situation, Tracked


@conditions.register("visible_fraction")
class VisibleFraction(Condition):
    """Share of an actor's projection that nothing hides and that lies inside of the image."""

    unit = ""

    actor: str = reference("actor", help="who is seen")
    sensor: str = reference("sensor", help="by which camera")

    def measure(self, situation: Situation) -> float:
        return visible_fraction(situation.view, situation.cameras(self.sensor), self.actor)


@conditions.register("visible_pixels")
class VisiblePixels(Condition):
    """Pixels of an actor that a camera sees."""

    unit = ""

    actor: str = reference("actor", help="who is seen")
    sensor: str = reference("sensor", help="by which camera")

    def measure(self, situation: Situation) -> float:
        return visible_pixels(situation.view, situation.cameras(self.sensor), self.actor)


@conditions.register("max_visible_pixels")
class MaxVisiblePixels(Tracked):
    """Most pixels of an actor that a camera has seen so far."""

    name = "max_visible_pixels"
    unit = ""
    tracked = "max"
    every_ticks = 12

    actor: str = reference("actor", help="who is seen")
    sensor: str = reference("sensor", help="by which camera")

    def sample(self, situation: Situation) -> float:
        return visible_pixels(situation.view, situation.cameras(self.sensor), self.actor)
