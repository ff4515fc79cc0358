"""What stands along streets: shelters, racks, mailboxes, hydrants, dumpsters."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, integer
from simgen.core.vocabulary import models
from simgen.scene.body import Body
from simgen.scene.model import ActorModel
from simgen.scene.props import (
    BLACK_PLASTIC,
    GALVANISED,
    RUBBER,
    STAINLESS,
    Kit,
    bar,
    beam,
    block,
    drum,
    painted,
    plain,
    soft,
    turned,
)


@models.register("bus_stop")
class BusStop(ActorModel):
    """A bus shelter, open towards +x, with a bench and a timetable."""

    semantic: ClassVar[str] = "building"

    def build(self) -> Body:
        kit, frame = Kit(), plain("shelter_frame", (0.05, 0.055, 0.06), 0.45, 0.3)
        glass = plain("shelter_glass", (0.13, 0.16, 0.165), 0.08)
        for x, y in ((-0.7, -1.9), (-0.7, 0.0), (-0.7, 1.9), (0.35, -1.9), (0.35, 1.9)):
            kit.add("frame", frame, beam((0.08, 0.08, 2.4), (x, y, 1.2)))
        kit.add("roof", frame, soft((1.75, 4.1, 0.12), (0.0, 0, 2.46), 0.03))
        for y in (-0.95, 0.95):
            kit.add("glass", glass, beam((0.012, 1.82, 1.95), (-0.7, y, 1.22)))
            kit.add("frame", frame, beam((0.05, 1.82, 0.05), (-0.7, y, 0.22)))
        for y in (-1.9, 1.9):
            kit.add("glass", glass, beam((0.97, 0.012, 1.95), (-0.175, y, 1.22)))
        kit.add(
            "bench",
            plain("slats", (0.20, 0.11, 0.055), 0.7),
            *[beam((0.09, 2.2, 0.035), (-0.5 + 0.11 * k, 0.4, 0.47)) for k in range(4)],
        )
        for y in (-0.5, 1.3):
            kit.add(
                "frame", frame, beam((0.36, 0.05, 0.03), (-0.35, y, 0.44)), beam((0.05, 0.05, 0.44), (-0.35, y, 0.22))
            )
        kit.add("timetable", plain("paper", (0.75, 0.75, 0.72), 0.5), beam((0.02, 0.6, 0.9), (-0.68, -1.2, 1.45)))
        solids = [block((0.08, 3.9, 2.4), (-0.7, 0, 1.2)), block((1.75, 4.1, 0.12), (0, 0, 2.46))]
        solids += [block((1.0, 0.08, 2.4), (-0.175, y, 1.2)) for y in (-1.9, 1.9)]
        return kit.body(self, "bus_stop", solids, mass_kg=600.0, fixed=True)


@models.register("bicycle_rack")
class BicycleRack(ActorModel):
    """Steel hoops in a row along y to lock bicycles to."""

    semantic: ClassVar[str] = "furniture"
    hoops: int = integer(low=1, high=12, default=4, help="number of hoops")

    def build(self) -> Body:
        kit = Kit()
        arc = np.linspace(0, np.pi, 15)
        solids = []
        for k in range(self.hoops):
            y = 0.75 * (k - (self.hoops - 1) / 2)
            path = [(0.36, y, 0.0), (0.36, y, 0.45)]
            path += [(0.36 * float(np.cos(a)), y, 0.5 + 0.3 * float(np.sin(a))) for a in arc]
            path += [(-0.36, y, 0.45), (-0.36, y, 0.0)]
            kit.add("hoops", STAINLESS, bar(path, 0.024, 10))
            for x in (-0.36, 0.36):
                kit.add(
                    "flanges", STAINLESS, turned([(0.08, 0.0), (0.08, 0.008), (0.0, 0.0081)], (x, y, 0.0), sectors=16)
                )
            solids.append(block((0.76, 0.05, 0.8), (0, y, 0.4)))
        return kit.body(self, "bicycle_rack", solids, mass_kg=14.0 * self.hoops, fixed=True)


@models.register("mailbox")
class Mailbox(ActorModel):
    """A letter box on a post, which faces +x."""

    semantic: ClassVar[str] = "furniture"
    color: str = choice("yellow", "red", "blue", "green", default="yellow", help="of the paint")

    def build(self) -> Body:
        kit = Kit()
        kit.add("box", painted(self.color, 0.35), soft((0.34, 0.46, 0.62), (0, 0, 1.12), 0.05))
        kit.add("hood", painted(self.color, 0.35), soft((0.10, 0.40, 0.03), (0.18, 0, 1.335), 0.012))
        kit.add("slot", BLACK_PLASTIC, beam((0.006, 0.34, 0.035), (0.170, 0, 1.295)))
        kit.add("label", plain("paper", (0.75, 0.75, 0.72), 0.5), beam((0.004, 0.20, 0.16), (0.1715, 0, 1.05)))
        kit.add("post", GALVANISED, beam((0.09, 0.09, 0.82), (0, 0, 0.41)), beam((0.28, 0.28, 0.015), (0, 0, 0.0075)))
        return kit.body(
            self,
            "mailbox",
            [block((0.34, 0.46, 0.62), (0, 0, 1.12)), block((0.1, 0.1, 0.82), (0, 0, 0.41))],
            mass_kg=38.0,
        )


@models.register("hydrant")
class Hydrant(ActorModel):
    """A fire hydrant."""

    semantic: ClassVar[str] = "furniture"
    color: str = choice("red", "yellow", "blue", default="red", help="of the paint")

    def build(self) -> Body:
        kit, paint = Kit(), painted(self.color, 0.4)
        body = [
            (0.0, 0.0),
            (0.16, 0.0),
            (0.16, 0.04),
            (0.105, 0.045),
            (0.10, 0.08),
            (0.10, 0.52),
            (0.13, 0.525),
            (0.13, 0.565),
            (0.115, 0.57),
        ]
        body += [(0.115 * float(np.cos(a)), 0.57 + 0.13 * float(np.sin(a))) for a in np.linspace(0.15, 1.45, 7)]
        kit.add("body", paint, turned([*body, (0.03, 0.70), (0.03, 0.75), (0.0, 0.75)]))
        cap = plain("cap_white", (0.72, 0.72, 0.70), 0.4)
        for turn, length, radius in ((np.pi / 2, 0.17, 0.07), (0.0, 0.15, 0.05), (np.pi, 0.15, 0.05)):
            side = np.array([np.cos(turn - np.pi / 2), np.sin(turn - np.pi / 2), 0.0])
            start, end = side * 0.07, side * length
            at = (float(start[0]), float(start[1]), 0.43), (float(end[0]), float(end[1]), 0.43)
            kit.add("outlets", paint, bar([at[0], at[1]], radius, 16))
            over = side * (length + 0.03)
            kit.add("caps", cap, bar([at[1], (float(over[0]), float(over[1]), 0.43)], radius + 0.008, 6))
        return kit.body(self, "hydrant", [drum(0.13, 0.74)], mass_kg=70.0, fixed=True)


@models.register("dumpster")
class Dumpster(ActorModel):
    """A refuse container of 1100 litres on four castors."""

    semantic: ClassVar[str] = "container"
    color: str = choice("grey", "green", "blue", "brown", default="grey", help="of the plastic")

    def build(self) -> Body:
        kit, plastic = Kit(), painted(self.color, 0.5)
        kit.add("tub", plastic, soft((0.95, 1.28, 0.86), (0, 0, 0.67), 0.06))
        kit.add("rim", plastic, soft((1.05, 1.37, 0.07), (0, 0, 1.09), 0.025))
        kit.add("lid", painted("black", 0.5), soft((1.03, 1.36, 0.13), (-0.01, 0, 1.19), 0.06))
        for k in range(5):
            kit.add("ribs", plastic, soft((0.03, 0.05, 0.72), (0.48, -0.48 + 0.24 * k, 0.66), 0.012))
        for y in (-0.69, 0.69):
            kit.add("trunnions", GALVANISED, bar([(0, y - 0.05, 1.02), (0, y + 0.05, 1.02)], 0.025))
        for x in (-0.36, 0.36):
            for y in (-0.5, 0.5):
                kit.add("forks", GALVANISED, beam((0.06, 0.09, 0.09), (x, y, 0.2)))
                wheel = [(0.0, -0.025), (0.1, -0.025), (0.1, 0.025), (0.0, 0.025)]
                lying = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])
                kit.add("wheels", RUBBER, turned(wheel, (x, y, 0.1), lying, sectors=18))
        return kit.body(self, "dumpster", [block((1.0, 1.36, 1.1), (0, 0, 0.66))], mass_kg=110.0, friction=0.35)
