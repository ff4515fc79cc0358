"""A panel van, the usual thing to be hidden behind."""

from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import models
from simgen.scene.models.coachwork import Cabin, Pane, Profile
from simgen.scene.models.vehicle import Vehicle, paint_parameter

PANEL_VAN = Profile(
    length_m=5.5,
    width_m=2.02,
    height_m=2.45,
    front_axle_m=1.78,
    rear_axle_m=-1.52,
    wheel_radius_m=0.345,
    tyre_width_m=0.225,
    sill_m=0.27,
    shoulder=((2.75, 0.92), (2.62, 0.98), (2.3, 1.10), (1.95, 1.22), (1.6, 1.28), (0.9, 1.30), (-2.75, 1.30)),
    crown=((2.75, 0.03), (2.3, 0.08), (1.9, 0.10), (1.3, 0.02), (-2.75, 0.0)),
    nose=((0.2, 0.12), (0.36, 0.03), (0.5, 0.0), (0.7, 0.02), (0.92, 0.08), (1.1, 0.14)),
    tail=((0.2, 0.06), (0.36, 0.0), (0.52, 0.0), (0.56, 0.045), (1.3, 0.06)),
    section=((0.25, 0.965), (0.4, 0.99), (0.6, 1.0), (1.0, 1.0), (1.3, 0.992)),
    plan=(5.0, 14.0),
    cabin=Cabin(
        belt_front_m=2.10,
        belt_rear_m=-2.69,
        roof_front_m=1.18,
        roof_rear_m=-2.62,
        front_sweep_m=0.24,
        rear_sweep_m=0.05,
        belt_width=0.995,
        roof_half_front_m=0.80,
        roof_half_rear_m=0.86,
        roof_edge=((1.3, 2.30), (0.9, 2.37), (0.0, 2.385), (-2.7, 2.37)),
        roof_crown_m=0.05,
        bulge_m=0.035,
        panes=(
            Pane(kind="glass", belt=0.10, roof=0.045),
            Pane(kind="glass", belt=0.265, roof=0.20),
            Pane(kind="frame", belt=0.275, roof=0.21),
            Pane(kind="paint", belt=0.60, roof=0.60),
            Pane(kind="paint", belt=1.0, roof=1.0),
        ),
        edge_m=0.09,
        rear_glass=(0.0, 0.0),
        side_glass=(0.04, 0.66),
    ),
    doors=(1.55, 0.52, -0.62),
    handles=(0.66, -0.5),
    head=(0.60, 1.04, 0.77, 0.93),
    tail_lamp=(0.93, 1.12, 0.86, 1.24),
    grille=(0.56, 0.66, 0.84),
    intake=(0.66, 0.32, 0.46),
    front_plate_m=0.55,
    rear_plate_m=0.74,
    cladding=0.10,
    bumper_m=0.54,
    arch_gap_m=0.055,
    shoulder_radius_m=0.02,
    mirror=(1.62, 1.36),
    rear_doors=True,
    mirror_tall=1.9,
)

VAN_PAINTS = {"white": 0.55, "silver": 0.12, "grey": 0.1, "blue": 0.08, "yellow": 0.07, "red": 0.05, "black": 0.03}


@models.register("van")
class Van(Vehicle):
    """A panel van with closed sides, as deliveries come in."""

    form: ClassVar[Profile] = PANEL_VAN
    kerb_mass_kg: ClassVar[float] = 2100.0
    semantic: ClassVar[str] = "van"
    hinged_doors: ClassVar[int] = 1
    length: float = quantity(
        "m", low=4.7, high=6.5, default=5.5, help="over bumpers", vary={"uniform": ["5.0 m", "6.0 m"]}
    )
    width: float = quantity(
        "m", low=1.9, high=2.16, default=2.02, help="without mirrors", vary={"uniform": ["1.95 m", "2.06 m"]}
    )
    height: float = quantity(
        "m", low=1.95, high=2.86, default=2.45, help="of the roof", vary={"uniform": ["2.2 m", "2.65 m"]}
    )
    paint: str = paint_parameter("white", VAN_PAINTS)
