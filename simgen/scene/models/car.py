"""Passenger cars: one builder, three forms."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import models
from simgen.scene.models.coachwork import Cabin, Pane, Profile
from simgen.scene.models.vehicle import Vehicle

SEDAN = Profile(
    length_m=4.75,
    width_m=1.82,
    height_m=1.45,
    front_axle_m=1.44,
    rear_axle_m=-1.36,
    wheel_radius_m=0.325,
    tyre_width_m=0.225,
    sill_m=0.19,
    shoulder=(
        (2.375, 0.66),
        (2.25, 0.70),
        (1.9, 0.77),
        (1.44, 0.83),
        (0.95, 0.885),
        (0.3, 0.915),
        (-0.8, 0.935),
        (-1.6, 0.965),
        (-2.1, 0.98),
        (-2.375, 0.965),
    ),
    crown=((2.375, 0.02), (2.1, 0.045), (1.5, 0.065), (0.9, 0.07), (-1.2, 0.03), (-2.0, 0.03), (-2.375, 0.01)),
    nose=((0.15, 0.10), (0.3, 0.03), (0.45, 0.0), (0.56, 0.02), (0.66, 0.07), (0.75, 0.12)),
    tail=((0.15, 0.12), (0.35, 0.03), (0.5, 0.0), (0.65, 0.03), (0.8, 0.07), (0.92, 0.045), (0.98, 0.02)),
    section=((0.15, 0.93), (0.3, 0.975), (0.5, 0.995), (0.62, 1.0), (0.72, 0.99), (0.85, 0.97), (1.0, 0.95)),
    plan=(4.6, 5.5),
    cabin=Cabin(
        belt_front_m=0.98,
        belt_rear_m=-1.86,
        roof_front_m=0.24,
        roof_rear_m=-1.12,
        front_sweep_m=0.22,
        rear_sweep_m=0.14,
        belt_width=0.955,
        roof_half_front_m=0.60,
        roof_half_rear_m=0.575,
        roof_edge=((0.4, 1.375), (0.1, 1.405), (-0.4, 1.405), (-0.8, 1.385), (-1.2, 1.335)),
        roof_crown_m=0.04,
        bulge_m=0.035,
        panes=(
            Pane(kind="glass", belt=0.08, roof=0.03),
            Pane(kind="glass", belt=0.405, roof=0.37),
            Pane(kind="frame", belt=0.445, roof=0.42),
            Pane(kind="glass", belt=0.755, roof=0.86),
            Pane(kind="frame", belt=0.772, roof=0.88),
            Pane(kind="paint", belt=1.0, roof=1.0),
        ),
    ),
    doors=(0.93, -0.12, -1.06),
    handles=(0.05, -0.93),
    head=(0.52, 0.98, 0.575, 0.685),
    tail_lamp=(0.45, 0.98, 0.70, 0.86),
    grille=(0.42, 0.46, 0.60),
    intake=(0.6, 0.23, 0.34),
    front_plate_m=0.40,
    rear_plate_m=0.62,
    cladding=0.07,
    bumper_m=0.0,
    arch_gap_m=0.045,
    shoulder_radius_m=0.05,
    mirror=(0.62, 0.985),
    tail_relief_m=0.028,
)

HATCHBACK = replace(
    SEDAN,
    length_m=4.28,
    width_m=1.79,
    height_m=1.47,
    front_axle_m=1.30,
    rear_axle_m=-1.33,
    wheel_radius_m=0.318,
    shoulder=(
        (2.14, 0.68),
        (2.03, 0.73),
        (1.75, 0.80),
        (1.30, 0.865),
        (0.90, 0.91),
        (0.2, 0.945),
        (-0.8, 0.975),
        (-1.5, 1.0),
        (-2.14, 1.01),
    ),
    crown=((2.14, 0.02), (1.9, 0.05), (1.4, 0.07), (0.9, 0.07), (-1.2, 0.02), (-2.14, 0.01)),
    nose=((0.15, 0.10), (0.3, 0.03), (0.45, 0.0), (0.56, 0.02), (0.68, 0.07), (0.78, 0.12)),
    tail=((0.15, 0.10), (0.32, 0.02), (0.45, 0.0), (0.6, 0.02), (0.8, 0.04), (1.01, 0.075)),
    plan=(4.4, 5.0),
    cabin=Cabin(
        belt_front_m=1.02,
        belt_rear_m=-2.03,
        roof_front_m=0.30,
        roof_rear_m=-1.63,
        front_sweep_m=0.22,
        rear_sweep_m=0.10,
        belt_width=0.955,
        roof_half_front_m=0.59,
        roof_half_rear_m=0.555,
        roof_edge=((0.4, 1.40), (0.1, 1.425), (-0.5, 1.425), (-1.2, 1.40), (-1.7, 1.36)),
        roof_crown_m=0.04,
        bulge_m=0.035,
        panes=(
            Pane(kind="glass", belt=0.08, roof=0.03),
            Pane(kind="glass", belt=0.41, roof=0.36),
            Pane(kind="frame", belt=0.445, roof=0.40),
            Pane(kind="glass", belt=0.74, roof=0.76),
            Pane(kind="frame", belt=0.755, roof=0.78),
            Pane(kind="paint", belt=1.0, roof=1.0),
        ),
        rear_glass=(0.1, 0.86),
    ),
    doors=(0.92, -0.14, -1.03),
    handles=(0.03, -0.90),
    head=(0.50, 0.96, 0.60, 0.72),
    tail_lamp=(0.55, 0.98, 0.70, 0.92),
    grille=(0.40, 0.50, 0.62),
    intake=(0.6, 0.24, 0.36),
    front_plate_m=0.42,
    rear_plate_m=0.56,
    mirror=(0.66, 1.01),
    tail_relief_m=0.011,
)
SUV = replace(
    SEDAN,
    length_m=4.52,
    width_m=1.86,
    height_m=1.66,
    front_axle_m=1.38,
    rear_axle_m=-1.30,
    wheel_radius_m=0.358,
    tyre_width_m=0.235,
    sill_m=0.255,
    shoulder=(
        (2.26, 0.86),
        (2.16, 0.90),
        (1.9, 0.955),
        (1.38, 1.0),
        (0.95, 1.035),
        (0.2, 1.065),
        (-0.8, 1.09),
        (-1.6, 1.115),
        (-2.26, 1.12),
    ),
    crown=((2.26, 0.02), (2.0, 0.05), (1.4, 0.07), (0.9, 0.07), (-1.2, 0.02), (-2.26, 0.01)),
    nose=((0.2, 0.12), (0.36, 0.04), (0.55, 0.0), (0.7, 0.015), (0.86, 0.05), (0.95, 0.1)),
    tail=((0.2, 0.12), (0.4, 0.02), (0.55, 0.0), (0.7, 0.02), (0.9, 0.04), (1.12, 0.08)),
    section=((0.2, 0.95), (0.4, 0.985), (0.6, 1.0), (0.75, 1.0), (0.9, 0.985), (1.1, 0.955)),
    plan=(5.0, 5.6),
    cabin=Cabin(
        belt_front_m=1.02,
        belt_rear_m=-2.14,
        roof_front_m=0.36,
        roof_rear_m=-1.82,
        front_sweep_m=0.2,
        rear_sweep_m=0.1,
        belt_width=0.955,
        roof_half_front_m=0.635,
        roof_half_rear_m=0.60,
        roof_edge=((0.4, 1.58), (0.1, 1.61), (-0.6, 1.61), (-1.3, 1.59), (-1.85, 1.55)),
        roof_crown_m=0.045,
        bulge_m=0.03,
        panes=(
            Pane(kind="glass", belt=0.07, roof=0.03),
            Pane(kind="glass", belt=0.385, roof=0.35),
            Pane(kind="frame", belt=0.415, roof=0.385),
            Pane(kind="glass", belt=0.68, roof=0.68),
            Pane(kind="frame", belt=0.71, roof=0.71),
            Pane(kind="glass", belt=0.90, roof=0.92),
            Pane(kind="paint", belt=1.0, roof=1.0),
        ),
        rear_glass=(0.08, 0.84),
    ),
    doors=(0.93, -0.12, -1.02),
    handles=(0.05, -0.88),
    head=(0.50, 0.98, 0.755, 0.865),
    tail_lamp=(0.52, 1.0, 0.86, 1.04),
    grille=(0.46, 0.60, 0.78),
    intake=(0.62, 0.33, 0.46),
    front_plate_m=0.53,
    rear_plate_m=0.74,
    cladding=0.13,
    bumper_m=0.47,
    arch_gap_m=0.05,
    mirror=(0.66, 1.13),
    tail_relief_m=0.011,
)


@models.register("car.sedan")
class Sedan(Vehicle):
    """A saloon car with four doors and a boot."""

    form: ClassVar[Profile] = SEDAN
    kerb_mass_kg: ClassVar[float] = 1550.0
    length: float = quantity(
        "m", low=4.3, high=5.2, default=4.75, help="over bumpers", vary={"uniform": ["4.6 m", "4.95 m"]}
    )
    width: float = quantity(
        "m", low=1.7, high=1.95, default=1.82, help="without mirrors", vary={"uniform": ["1.79 m", "1.86 m"]}
    )
    height: float = quantity(
        "m", low=1.35, high=1.55, default=1.45, help="of the roof", vary={"uniform": ["1.42 m", "1.48 m"]}
    )


@models.register("car.hatchback")
class Hatchback(Vehicle):
    """A compact car with four doors and a tailgate."""

    form: ClassVar[Profile] = HATCHBACK
    kerb_mass_kg: ClassVar[float] = 1300.0
    length: float = quantity(
        "m", low=3.8, high=4.6, default=4.28, help="over bumpers", vary={"uniform": ["4.05 m", "4.38 m"]}
    )
    width: float = quantity(
        "m", low=1.65, high=1.85, default=1.79, help="without mirrors", vary={"uniform": ["1.74 m", "1.82 m"]}
    )
    height: float = quantity(
        "m", low=1.38, high=1.6, default=1.47, help="of the roof", vary={"uniform": ["1.44 m", "1.5 m"]}
    )


@models.register("car.suv")
class Suv(Vehicle):
    """A sport utility vehicle with black cladding."""

    form: ClassVar[Profile] = SUV
    kerb_mass_kg: ClassVar[float] = 1700.0
    length: float = quantity(
        "m", low=4.1, high=5.0, default=4.52, help="over bumpers", vary={"uniform": ["4.4 m", "4.75 m"]}
    )
    width: float = quantity(
        "m", low=1.75, high=2.0, default=1.86, help="without mirrors", vary={"uniform": ["1.82 m", "1.92 m"]}
    )
    height: float = quantity(
        "m", low=1.52, high=1.85, default=1.66, help="of the roof", vary={"uniform": ["1.62 m", "1.72 m"]}
    )
