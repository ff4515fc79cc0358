"""More passenger cars: estate, coupé, city car and pickup, made of the same coachwork as the saloon."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from simgen.core.declare import choice, quantity
from simgen.core.geometry import pose
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.body import CollisionShape, Deck, Part
from simgen.scene.models.car import HATCHBACK, SEDAN, SUV
from simgen.scene.models.coachwork import Cabin, Coachwork, Pane, Profile
from simgen.scene.models.vehicle import MATERIALS, Outfit, Vehicle
from simgen.scene.shapes import join

ESTATE = replace(
    SEDAN,
    length_m=4.8,
    height_m=1.48,
    front_axle_m=1.46,
    rear_axle_m=-1.36,
    shoulder=(
        (2.4, 0.66),
        (2.28, 0.70),
        (1.92, 0.77),
        (1.46, 0.83),
        (0.95, 0.885),
        (0.3, 0.915),
        (-0.8, 0.94),
        (-1.6, 0.965),
        (-2.4, 0.985),
    ),
    crown=((2.4, 0.02), (2.1, 0.045), (1.5, 0.065), (0.9, 0.07), (-1.2, 0.02), (-2.4, 0.01)),
    tail=((0.15, 0.12), (0.35, 0.03), (0.5, 0.0), (0.65, 0.02), (0.8, 0.04), (0.985, 0.08)),
    plan=(4.6, 5.5),
    cabin=Cabin(
        belt_front_m=1.0,
        belt_rear_m=-2.28,
        roof_front_m=0.26,
        roof_rear_m=-1.92,
        front_sweep_m=0.22,
        rear_sweep_m=0.12,
        belt_width=0.955,
        roof_half_front_m=0.60,
        roof_half_rear_m=0.555,
        roof_edge=((0.4, 1.40), (0.1, 1.43), (-0.5, 1.435), (-1.3, 1.415), (-1.95, 1.37)),
        roof_crown_m=0.04,
        bulge_m=0.035,
        panes=(
            Pane(kind="glass", belt=0.075, roof=0.03),
            Pane(kind="glass", belt=0.355, roof=0.325),
            Pane(kind="frame", belt=0.385, roof=0.36),
            Pane(kind="glass", belt=0.63, roof=0.65),
            Pane(kind="frame", belt=0.655, roof=0.675),
            Pane(kind="glass", belt=0.90, roof=0.93),
            Pane(kind="paint", belt=1.0, roof=1.0),
        ),
        rear_glass=(0.08, 0.86),
    ),
    doors=(0.95, -0.10, -0.96),
    handles=(0.07, -0.83),
    tail_lamp=(0.55, 0.98, 0.70, 0.93),
    tail_relief_m=0.014,
    rear_plate_m=0.62,
    mirror=(0.64, 0.985),
)

COUPE = replace(
    SEDAN,
    length_m=4.4,
    width_m=1.84,
    height_m=1.31,
    front_axle_m=1.32,
    rear_axle_m=-1.20,
    wheel_radius_m=0.33,
    tyre_width_m=0.245,
    sill_m=0.16,
    shoulder=(
        (2.2, 0.60),
        (2.08, 0.645),
        (1.75, 0.72),
        (1.32, 0.79),
        (0.85, 0.83),
        (0.2, 0.845),
        (-0.6, 0.865),
        (-1.2, 0.905),
        (-1.75, 0.90),
        (-2.2, 0.86),
    ),
    crown=((2.2, 0.02), (1.95, 0.045), (1.4, 0.06), (0.8, 0.055), (-1.0, 0.03), (-1.8, 0.04), (-2.2, 0.01)),
    nose=((0.13, 0.12), (0.27, 0.03), (0.40, 0.0), (0.50, 0.03), (0.60, 0.09), (0.68, 0.15)),
    tail=((0.13, 0.12), (0.32, 0.03), (0.46, 0.0), (0.6, 0.03), (0.74, 0.06), (0.82, 0.03), (0.87, 0.01)),
    section=((0.13, 0.93), (0.27, 0.975), (0.46, 1.0), (0.58, 1.0), (0.68, 0.985), (0.8, 0.96), (0.93, 0.935)),
    plan=(4.0, 4.8),
    cabin=Cabin(
        belt_front_m=0.80,
        belt_rear_m=-1.84,
        roof_front_m=0.02,
        roof_rear_m=-0.86,
        front_sweep_m=0.24,
        rear_sweep_m=0.16,
        belt_width=0.945,
        roof_half_front_m=0.56,
        roof_half_rear_m=0.53,
        roof_edge=((0.2, 1.245), (-0.1, 1.27), (-0.5, 1.265), (-0.9, 1.225)),
        roof_crown_m=0.035,
        bulge_m=0.035,
        panes=(
            Pane(kind="glass", belt=0.10, roof=0.04),
            Pane(kind="glass", belt=0.60, roof=0.72),
            Pane(kind="frame", belt=0.62, roof=0.745),
            Pane(kind="glass", belt=0.78, roof=0.93),
            Pane(kind="paint", belt=1.0, roof=1.0),
        ),
        rear_glass=(0.06, 0.92),
    ),
    doors=(0.80, -0.50),
    handles=(-0.33,),
    head=(0.50, 0.96, 0.53, 0.63),
    tail_lamp=(0.40, 0.98, 0.66, 0.78),
    grille=(0.40, 0.40, 0.52),
    intake=(0.62, 0.19, 0.30),
    front_plate_m=0.35,
    rear_plate_m=0.50,
    mirror=(0.50, 0.90),
)

CITY = replace(
    HATCHBACK,
    length_m=3.6,
    width_m=1.65,
    height_m=1.50,
    front_axle_m=1.16,
    rear_axle_m=-1.18,
    wheel_radius_m=0.295,
    tyre_width_m=0.185,
    shoulder=(
        (1.8, 0.71),
        (1.70, 0.76),
        (1.48, 0.83),
        (1.16, 0.885),
        (0.85, 0.92),
        (0.2, 0.94),
        (-0.8, 0.975),
        (-1.8, 1.0),
    ),
    crown=((1.8, 0.02), (1.6, 0.05), (1.2, 0.07), (0.8, 0.06), (-1.0, 0.02), (-1.8, 0.01)),
    plan=(3.8, 4.6),
    cabin=Cabin(
        belt_front_m=1.06,
        belt_rear_m=-1.72,
        roof_front_m=0.42,
        roof_rear_m=-1.46,
        front_sweep_m=0.22,
        rear_sweep_m=0.10,
        belt_width=0.955,
        roof_half_front_m=0.56,
        roof_half_rear_m=0.53,
        roof_edge=((0.5, 1.43), (0.2, 1.455), (-0.5, 1.455), (-1.1, 1.435), (-1.5, 1.40)),
        roof_crown_m=0.04,
        bulge_m=0.035,
        panes=(
            Pane(kind="glass", belt=0.09, roof=0.03),
            Pane(kind="glass", belt=0.50, roof=0.46),
            Pane(kind="frame", belt=0.535, roof=0.50),
            Pane(kind="glass", belt=0.80, roof=0.83),
            Pane(kind="paint", belt=1.0, roof=1.0),
        ),
        rear_glass=(0.1, 0.86),
    ),
    doors=(0.80, -0.34, -0.82),
    handles=(-0.19,),
    head=(0.42, 0.86, 0.62, 0.78),
    tail_lamp=(0.52, 0.90, 0.70, 0.94),
    grille=(0.34, 0.52, 0.60),
    intake=(0.5, 0.25, 0.38),
    front_plate_m=0.44,
    rear_plate_m=0.56,
    mirror=(0.78, 1.01),
)

PICKUP = replace(
    SUV,
    length_m=5.3,
    width_m=1.9,
    height_m=1.82,
    front_axle_m=1.70,
    rear_axle_m=-1.52,
    wheel_radius_m=0.39,
    tyre_width_m=0.255,
    sill_m=0.34,
    shoulder=(
        (2.65, 0.97),
        (2.56, 1.01),
        (2.3, 1.06),
        (1.7, 1.10),
        (1.25, 1.125),
        (0.4, 1.15),
        (-0.6, 1.16),
        (-2.65, 1.17),
    ),
    crown=((2.65, 0.02), (2.35, 0.05), (1.7, 0.075), (1.2, 0.07), (0.2, 0.0), (-2.65, 0.0)),
    nose=((0.28, 0.10), (0.45, 0.03), (0.64, 0.0), (0.8, 0.015), (0.97, 0.05), (1.05, 0.1)),
    tail=((0.28, 0.12), (0.45, 0.0), (0.62, 0.0), (0.68, 0.05), (1.0, 0.06), (1.17, 0.065)),
    section=((0.28, 0.95), (0.45, 0.985), (0.65, 1.0), (0.85, 1.0), (1.0, 0.99), (1.17, 0.965)),
    plan=(5.2, 9.0),
    cabin=Cabin(
        belt_front_m=1.32,
        belt_rear_m=-0.84,
        roof_front_m=0.66,
        roof_rear_m=-0.74,
        front_sweep_m=0.2,
        rear_sweep_m=0.08,
        belt_width=0.965,
        roof_half_front_m=0.64,
        roof_half_rear_m=0.63,
        roof_edge=((0.7, 1.73), (0.4, 1.765), (-0.2, 1.77), (-0.8, 1.75)),
        roof_crown_m=0.045,
        bulge_m=0.03,
        panes=(
            Pane(kind="glass", belt=0.10, roof=0.05),
            Pane(kind="glass", belt=0.50, roof=0.45),
            Pane(kind="frame", belt=0.54, roof=0.50),
            Pane(kind="glass", belt=0.86, roof=0.86),
            Pane(kind="paint", belt=1.0, roof=1.0),
        ),
        rear_glass=(0.12, 0.84),
    ),
    doors=(1.24, 0.20, -0.74),
    handles=(0.36, -0.60),
    head=(0.52, 0.98, 0.84, 0.98),
    tail_lamp=(0.80, 0.99, 0.80, 1.10),
    grille=(0.48, 0.66, 0.92),
    intake=(0.62, 0.40, 0.54),
    front_plate_m=0.60,
    rear_plate_m=0.62,
    cladding=0.09,
    bumper_m=0.60,
    mirror=(0.98, 1.20),
    tail_relief_m=0.011,
    cover_m=-0.90,
)


@models.register("car.estate")
class Estate(Vehicle):
    """An estate car: a long roof, a tailgate, and often a roof box."""

    form: ClassVar[Profile] = ESTATE
    kerb_mass_kg: ClassVar[float] = 1650.0
    length: float = quantity(
        "m", low=4.4, high=5.1, default=4.8, help="over bumpers", vary={"uniform": ["4.6 m", "4.95 m"]}
    )
    width: float = quantity(
        "m", low=1.7, high=1.95, default=1.82, help="without mirrors", vary={"uniform": ["1.79 m", "1.86 m"]}
    )
    height: float = quantity(
        "m", low=1.4, high=1.6, default=1.48, help="of the roof", vary={"uniform": ["1.45 m", "1.52 m"]}
    )
    roof: str = choice(
        "bare",
        "rails",
        "box",
        default="rails",
        help="what the roof carries",
        vary={"choice": {"bare": 0.3, "rails": 0.5, "box": 0.2}},
    )

    def outfit(self, p: Profile, shape: Coachwork) -> Outfit:
        return Outfit(parts=roof_load(self.roof, p))


def roof_load(kind: str, p: Profile) -> tuple[Part, ...]:
    """Rails along the roof's edges, and a box on cross bars."""
    if kind == "bare":
        return ()
    c = p.cabin
    front, rear = c.roof_front_m - 0.25, c.roof_rear_m + 0.1
    foot = max(z for _, z in c.roof_edge) + 0.015
    y = 0.93 * c.roof_half_rear_m
    path = [
        (front, y, foot - 0.03),
        (front - 0.1, y, foot + 0.03),
        (rear + 0.1, y, foot + 0.03),
        (rear, y, foot - 0.05),
    ]
    pieces = [shapes.both_sides(shapes.tube(path, 0.014, count=6))]
    parts = []
    if kind == "box":
        middle = 0.5 * (front + rear)
        for x in (middle + 0.4, middle - 0.4):
            pieces.append(shapes.box((0.06, 2 * y, 0.025), (x, 0.0, foot + 0.055)))
        box = shapes.rounded_box((1.75, 0.78, 0.36), 0.13, (middle, 0.05, foot + 0.067 + 0.18))
        parts.append(Part(name="roof_box", mesh=box.smooth(0.7), material=MATERIALS["trim"]))
    bars = join(shapes.Shape(q.points_m, q.faces) for q in pieces)
    return (Part(name="chrome_rails", mesh=bars.smooth(0.6), material=MATERIALS["chrome"]), *parts)


@models.register("car.coupe")
class Coupe(Vehicle):
    """A low sports car with two doors."""

    form: ClassVar[Profile] = COUPE
    kerb_mass_kg: ClassVar[float] = 1480.0
    length: float = quantity(
        "m", low=4.0, high=4.7, default=4.4, help="over bumpers", vary={"uniform": ["4.25 m", "4.55 m"]}
    )
    width: float = quantity(
        "m", low=1.75, high=1.95, default=1.84, help="without mirrors", vary={"uniform": ["1.8 m", "1.89 m"]}
    )
    height: float = quantity(
        "m", low=1.22, high=1.42, default=1.31, help="of the roof", vary={"uniform": ["1.28 m", "1.35 m"]}
    )


@models.register("car.city")
class CityCar(Vehicle):
    """A small car for the city."""

    form: ClassVar[Profile] = CITY
    kerb_mass_kg: ClassVar[float] = 960.0
    length: float = quantity(
        "m", low=3.3, high=3.9, default=3.6, help="over bumpers", vary={"uniform": ["3.5 m", "3.75 m"]}
    )
    width: float = quantity(
        "m", low=1.55, high=1.75, default=1.65, help="without mirrors", vary={"uniform": ["1.6 m", "1.68 m"]}
    )
    height: float = quantity(
        "m", low=1.42, high=1.6, default=1.5, help="of the roof", vary={"uniform": ["1.47 m", "1.54 m"]}
    )


@models.register("car.pickup")
class Pickup(Vehicle):
    """A pickup with a double cab and a covered bed."""

    form: ClassVar[Profile] = PICKUP
    kerb_mass_kg: ClassVar[float] = 2050.0
    length: float = quantity(
        "m", low=4.9, high=5.8, default=5.3, help="over bumpers", vary={"uniform": ["5.2 m", "5.5 m"]}
    )
    width: float = quantity(
        "m", low=1.8, high=2.05, default=1.9, help="without mirrors", vary={"uniform": ["1.86 m", "1.96 m"]}
    )
    height: float = quantity(
        "m", low=1.7, high=1.95, default=1.82, help="of the roof", vary={"uniform": ["1.78 m", "1.88 m"]}
    )

    def deck(self, p: Profile) -> Deck:
        """The cover of the bed, which rises a little to the rear."""
        assert p.cover_m is not None
        front, rear = p.cover_m - 0.05, -0.5 * p.length_m + 0.15
        return Deck(
            center_m=(0.5 * (front + rear), 0.0), height_m=p.shoulder[-1][1], size_m=(front - rear, p.width_m - 0.24)
        )

    def bed(self, p: Profile) -> tuple[CollisionShape, ...]:
        cover = self.deck(p)
        low = 2.0 * p.sill_m
        x, y = cover.center_m
        size = (cover.size_m[0] + 0.1, p.width_m - 0.1, cover.height_m - low)
        at = pose((x, y, 0.5 * (cover.height_m + low)))
        return (CollisionShape(kind="box", size_m=size, body_from_shape=at),)
