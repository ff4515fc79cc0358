from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import choice, quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("open_door")
class OpenDoor(Action):
    """Somebody swings a door of a vehicle open, or shut; it stays where it is left, or where it is struck to.

    Distances, automatic brakes, cameras, labels and collisions know the open door as it swings; drivers who keep a
    distance have taken note of it after 1.15 s.
    """

    side: str = choice("left", "right", default="left", help="of the vehicle")
    door: str = choice("front", "rear", default="front", help="which one of that side")
    angle: float = quantity("rad", low=0, high=1.2, default=1.1, help="to which it swings; 0 shuts it")
    over: float = quantity("s", low=0.1, high=10, default=0.8, help="time that it takes")

    shorthand = "side"

    @property
    def name(self) -> str:
        """Of the door, as its model calls it."""
        return f"{self.door}_{self.side}"

    def run(self, world: World, subject: str) -> Steps:
        leaf = world.leaf(subject, self.name)
        leaf.swing(self.angle, self.over)
        while leaf.swinging:
            yield
