"""City buses, with large windows, doors on the kerb's side and a lit destination."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import ClassVar

import numpy as np

from simgen.core.declare import quantity
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.body import Lamp, Part
from simgen.scene.mesh import Material, Mesh
from simgen.scene.models import liveries
from simgen.scene.models.coachwork import Cabin, Coachwork, Pane, Profile, Skin
from simgen.scene.models.heavy import FURNITURE, Pile, block, heavy_wheel
from simgen.scene.models.vehicle import MATERIALS, Outfit, Vehicle, lens, paint_parameter
from simgen.scene.shapes import Shape

_WINDOWS = 7


def _panes() -> tuple[Pane, ...]:
    """A driver's window, a row of large ones with narrow black posts, and a painted corner."""
    edges = np.linspace(0.14, 0.955, _WINDOWS + 1)
    panes = [Pane(kind="glass", belt=0.02, roof=0.015), Pane(kind="glass", belt=0.13, roof=0.13)]
    for a, b in itertools.pairwise(edges):
        panes += [
            Pane(kind="frame", belt=float(a) + 0.004, roof=float(a) + 0.004),
            Pane(kind="glass", belt=float(b) - 0.004, roof=float(b) - 0.004),
        ]
    return (*panes, Pane(kind="frame", belt=0.958, roof=0.958), Pane(kind="paint", belt=1.0, roof=1.0))


CITY_BUS = Profile(
    length_m=12.0,
    width_m=2.5,
    height_m=3.4,
    front_axle_m=3.28,
    rear_axle_m=-2.62,
    wheel_radius_m=0.48,
    tyre_width_m=0.28,
    sill_m=0.30,
    shoulder=((6.0, 1.0), (5.6, 1.06), (4.6, 1.10), (-6.0, 1.10)),
    crown=((6.0, 0.0), (-6.0, 0.0)),
    nose=((0.28, 0.14), (0.45, 0.03), (0.6, 0.0), (0.8, 0.01), (1.0, 0.05)),
    tail=((0.28, 0.10), (0.45, 0.0), (0.7, 0.0), (1.1, 0.02)),
    section=((0.28, 0.975), (0.5, 1.0), (1.1, 1.0)),
    plan=(7.0, 16.0),
    cabin=Cabin(
        belt_front_m=5.94,
        belt_rear_m=-5.965,
        roof_front_m=5.72,
        roof_rear_m=-5.86,
        front_sweep_m=0.34,
        rear_sweep_m=0.10,
        belt_width=0.998,
        roof_half_front_m=1.13,
        roof_half_rear_m=1.16,
        roof_edge=((5.8, 2.93), (5.3, 2.98), (-6.0, 2.98)),
        roof_crown_m=0.09,
        bulge_m=0.03,
        panes=_panes(),
        edge_m=0.13,
        rear_glass=(0.36, 0.86),
        side_glass=(0.03, 0.80),
    ),
    doors=(),
    handles=(),
    head=(0.66, 1.14, 0.62, 0.80),
    tail_lamp=(0.98, 1.18, 0.62, 1.06),
    grille=(0.55, 0.66, 0.74),
    intake=(0.62, 0.36, 0.46),
    front_plate_m=0.54,
    rear_plate_m=0.62,
    cladding=0.06,
    bumper_m=0.5,
    arch_gap_m=0.07,
    shoulder_radius_m=0.015,
    mirror=(5.55, 1.72),
    mirror_tall=3.2,
)

MIDI_BUS_PAINTS = {"white": 0.3, "red": 0.25, "blue": 0.15, "green": 0.1, "yellow": 0.12, "silver": 0.08}


@models.register("bus")
class Bus(Vehicle):
    """A city bus of 12 m with two double doors."""

    semantic: ClassVar[str] = "bus"
    hinged_doors: ClassVar[int] = 0
    form: ClassVar[Profile] = CITY_BUS
    kerb_mass_kg: ClassVar[float] = 11_500.0
    length: float = quantity(
        "m", low=9.5, high=13.5, default=12.0, help="over bumpers", vary={"uniform": ["10.7 m", "12.2 m"]}
    )
    width: float = quantity(
        "m", low=2.35, high=2.55, default=2.5, help="without mirrors", vary={"uniform": ["2.45 m", "2.55 m"]}
    )
    height: float = quantity(
        "m", low=3.0, high=3.6, default=3.4, help="of what stands on the roof", vary={"uniform": ["3.2 m", "3.45 m"]}
    )
    paint: str = paint_parameter("red", MIDI_BUS_PAINTS)

    def wheel(self, p: Profile, *, rear: bool) -> tuple[Mesh, Mesh]:
        return heavy_wheel(p.wheel_radius_m, p.tyre_width_m, self.detail, rear)

    def outfit(self, p: Profile, shape: Coachwork) -> Outfit:
        plain = self.detail == "plain"
        pile = Pile()
        c = p.cabin
        roof = max(z for _, z in c.roof_edge)
        for x, long in ((0.24 * p.length_m, 1.9), (-0.2 * p.length_m, 2.3)):
            pod = shapes.rounded_box(
                (long, 1.5, p.height_m - roof), 0.16, (x, 0.0, 0.5 * (p.height_m + roof)), count=14
            )
            pile.add("roof_pods", pod)
        first = p.length_m / 2 - 0.42
        _doors(pile, p, (first, first - 1.16), plain=plain)
        _doors(
            pile,
            p,
            (0.45 * (p.front_axle_m + p.rear_axle_m) + 0.75, 0.45 * (p.front_axle_m + p.rear_axle_m) - 0.55),
            plain=plain,
        )
        rear = Skin(p)
        pile.add("trim", rear.patch(-1, (-0.8, 0.8), [0.74] * 2, [1.04] * 2, 0.012))
        if not plain:
            glass = c.belt_front_m + 0.5 * c.bulge_m
            belt, lean = p.shoulder[0][1], (c.belt_front_m - c.roof_front_m) / (roof - p.shoulder[0][1])
            for y in (0.85, -0.25):
                foot, tip = (glass + 0.05, y, belt + 0.02), (glass + 0.055 - 0.72 * lean, y - 0.45, belt + 0.72)
                pile.add("trim", shapes.tube([foot, tip], 0.012, count=5))
            for x in np.linspace(p.front_axle_m - 1.2, p.rear_axle_m + 1.0, 4):
                pile.both("side_marker", block((0.1, 0.014, 0.04), (float(x), p.width_m / 2 + 0.003, 0.62)))
        # A stripe below the windows.
        stripe = shapes.both_sides(
            block((p.length_m - 2.2, 0.008, 0.10), (-0.1, p.width_m / 2 + 0.001, 0.93), sides="y")
        )
        pile.add("stripe", Shape(stripe.points_m, stripe.faces))
        materials = {
            **FURNITURE,
            "roof_pods": Material(name="roof_pods", base_color=(0.62, 0.62, 0.61), roughness=0.5),
            "stripe": Material(name="stripe", base_color=(0.72, 0.72, 0.70), roughness=0.35),
            "door_glass": MATERIALS["glass"],
            "door_frames": MATERIALS["trim"],
        }
        sign, lit = self._sign(p, roof)
        fitted = (replace(part, name=f"{part.name}_fitted") for part in pile.parts(materials))
        return Outfit(parts=(*fitted, sign), lamps=(lit,))

    def _sign(self, p: Profile, roof_m: float) -> tuple[Part, Lamp]:
        """The destination over the windscreen, behind no glass so that it reads from afar."""
        c = p.cabin
        belt = p.shoulder[0][1]
        lean = (c.belt_front_m - c.roof_front_m) / (roof_m - belt)
        z0, tall = roof_m - 0.36, 0.24
        texture = liveries.destination(self.look)
        wide = min(1.7, tall * texture.pixels.shape[1] / 64)
        share = (z0 + tall / 2 - belt) / (roof_m - belt)
        bulge = c.bulge_m * (1 - (2 * share - 1) ** 2)
        x = c.belt_front_m - (z0 - belt) * lean + bulge + 0.02
        face = shapes.rectangle((x, -wide / 2, z0), (0.0, wide, 0.0), (-lean * tall, 0.0, tall))
        uv = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
        glow = lens("destination", (1.0, 1.0, 1.0), (600.0, 600.0, 600.0))
        material = Material(
            name="destination",
            base_color=(1.0, 1.0, 1.0),
            roughness=0.4,
            texture=texture,
            emission_cd_m2=glow.emission_cd_m2,
            lamp="destination",
        )
        lamp = Lamp(
            name="destination",
            position_m=(x - 0.05, 0.0, z0 + tall / 2),
            direction=(1.0, 0.0, 0.0),
            intensity_cd=8.0,
            color=(1.7, 0.85, 0.1),
            inner_rad=0.9,
            outer_rad=1.5,
            on=self.lights == "on",
        )
        return Part(name="destination", mesh=Shape(face.points_m, face.faces, uv).flat(), material=material), lamp


def _doors(pile: Pile, p: Profile, x_m: tuple[float, float], *, plain: bool) -> None:
    """A double door of glass on the right, from the step to above the windows."""
    front, rear = x_m
    low, high = p.sill_m + 0.06, 0.86 * max(z for _, z in p.cabin.roof_edge)
    skin = Skin(p)
    middle = 0.5 * (front + rear)

    def y(x: float) -> float:
        return -float(skin.half_width(x)) - 0.014

    for a, b in ((front, middle), (middle, rear)):
        ya, yb = y(a), y(b)
        centre, turn = 0.5 * (a + b), np.arctan2(yb - ya, b - a)
        long = abs(a - b)
        at = np.eye(4)
        at[:3, 3] = (centre, 0.5 * (ya + yb), 0.5 * (low + high))
        spin = turn - np.pi if abs(turn) > np.pi / 2 else turn
        at[:3, :3] = np.array([[np.cos(spin), -np.sin(spin), 0], [np.sin(spin), np.cos(spin), 0], [0, 0, 1]])
        tall = high - low
        pile.add("door_frames", block((long - 0.015, 0.03, tall), (0.0, 0.0, 0.0), sides="xXYzZ").moved(at))
        pile.add("door_glass", block((long - 0.15, 0.012, tall - 0.2), (0.0, -0.017, 0.0), sides="xXYzZ").moved(at))
        if not plain:
            pile.add(
                "chrome",
                block((0.025, 0.02, 0.9), (0.5 * long - 0.12 if b == rear else -0.5 * long + 0.12, -0.032, -0.1)).moved(
                    at
                ),
            )
