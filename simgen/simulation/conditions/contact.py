"""What touches what."""

from __future__ import annotations

from simgen.core.declare import reference
from simgen.core.vocabulary import conditions
from simgen.scene.situation import Condition, Situation, pair


@conditions.register("collision")
class Collision(Condition):
    """Two actors touch or have touched; collision(a): an actor and anything else, houses and rails as well."""

    a: str = reference("actor", help="one")
    b: str | None = reference("actor", default=None, help="the other; anything but the ground when left out")

    def measure(self, situation: Situation) -> bool:
        if self.b is None:
            return any(self.a in touching for touching in situation.collided)
        return pair(self.a, self.b) in situation.collided


@conditions.register("contact_force")
class ContactForce(Condition):
    """Normal force between two actors."""

    unit = "N"

    a: str = reference("actor", help="one")
    b: str = reference("actor", help="the other")

    def measure(self, situation: Situation) -> float:
        return situation.contacts.get(pair(self.a, self.b), 0.0)
