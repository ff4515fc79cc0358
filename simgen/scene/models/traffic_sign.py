"""Road signs."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import Array, pose, rotation_z
from simgen.core.vocabulary import models
from simgen.scene import sign_faces
from simgen.scene.body import Body
from simgen.scene.mesh import Material, Texture
from simgen.scene.model import ActorModel
from simgen.scene.props import ALUMINIUM, FACING_FORWARD, GALVANISED, Kit, bar, beam, drum, extruded, face

SHEET_M = 0.003
POLE_M = 0.038
LIMITS = ("5", "20", "30", "40", "50", "60", "70", "80", "100", "120", "130")


def sheeting(name: str, texture: Texture) -> Material:
    """Retroreflective film of class RA2: its share of headlamp light is what the speed limit signs have."""
    return Material(
        name=f"sign_{name}", base_color=(0.9, 0.9, 0.9), roughness=0.45, texture=texture, retroreflectance=0.35
    )


def drawn(kind: str, limit: int = 0) -> tuple[Array, tuple[float, float], Texture]:
    """(outline (N, 2) in metres, size of the picture, the picture) of a kind; ``limit`` is that of a speed limit."""
    if kind == "speed_limit":
        return sign_faces.outline("no_entry"), sign_faces.size_m("no_entry"), sign_faces.speed_limit(limit)
    return sign_faces.outline(kind), sign_faces.size_m(kind), sign_faces.picture(kind)


def plate(kit: Kit, kind: str, height_m: float, texture: Texture, *, x_m: float = POLE_M + 0.02) -> None:
    """A sheet with its picture before the pole, its middle at a height, with rails and clamps behind it."""
    outline, size = sign_faces.outline(kind), sign_faces.size_m(kind)
    kit.add("face", sheeting(kind, texture), face(outline, pose((x_m, 0, height_m), FACING_FORWARD), size))
    back = pose((x_m - SHEET_M, 0, height_m), FACING_FORWARD)
    kit.add("back", ALUMINIUM, extruded(outline, SHEET_M - 0.0006, back))
    low, high = float(outline[:, 1].min()), float(outline[:, 1].max())
    for share in (0.28, 0.72):
        z = height_m + low + share * (high - low)
        inside = np.abs(outline[:, 1] - (z - height_m)) < 0.35 * (high - low)
        wide = 1.3 * float(np.abs(outline[inside, 0]).min()) if inside.any() else size[0] * 0.5
        kit.add("back", ALUMINIUM, beam((0.012, min(wide, 0.8 * size[0]), 0.03), (x_m - SHEET_M - 0.006, 0, z)))
        kit.add("pole", GALVANISED, beam((0.05, 0.095, 0.028), (x_m - 0.038, 0, z)))


@models.register("sign.traffic")
class TrafficSign(ActorModel):
    """A road sign on a pole that faces +x, with retroreflective sheeting."""

    semantic: ClassVar[str] = "traffic_sign"
    kind: str = choice(
        *sign_faces.KINDS,
        "speed_limit",
        default="stop",
        help="what it says",
        vary={"choice": ["stop", "yield", "priority", "pedestrian_crossing", "children", "no_entry", "speed_limit"]},
    )
    limit: str = choice(*LIMITS, default="50", help="number on a speed limit, km/h")
    height: float = quantity(
        "m", low=0.6, high=4, default=2.1, help="of the lower edge over the ground", vary={"uniform": ["2 m", "2.3 m"]}
    )

    def build(self) -> Body:
        kit = Kit()
        if self.kind == "level_crossing":
            top = self._cross(kit)
        else:
            form = "no_entry" if self.kind == "speed_limit" else self.kind
            outline, _, picture = drawn(self.kind, int(self.limit))
            middle = self.height - float(outline[:, 1].min())
            plate(kit, form, middle, picture)
            # The pole ends behind the sheet, where that is wide enough to hide it.
            wide = outline[np.abs(outline[:, 0]) > POLE_M + 0.01]
            top = middle + float(wide[:, 1].max()) - 0.05
        poles = (-0.55, 0.55) if self.kind == "chevron" else (0.0,)
        for y in poles:
            kit.add("pole", GALVANISED, bar([(0, y, 0), (0, y, top)], POLE_M, 14))
            kit.add("cap", GALVANISED, bar([(0, y, top), (0, y, top + 0.012)], POLE_M + 0.004, 14))
        return kit.body(
            self,
            "sign.traffic",
            [drum(POLE_M, top, y_m=y) for y in poles],
            mass_kg=17.0 * len(poles),
            notes={"height_m": top},
        )

    def _cross(self, kit: Kit) -> float:
        """Two boards at right angles (Saint Andrew's cross)."""
        outline, size = sign_faces.outline("level_crossing"), sign_faces.size_m("level_crossing")
        sheet = sheeting("level_crossing", sign_faces.picture("level_crossing"))
        middle = self.height + 0.45
        for k, turn in enumerate((np.pi / 4, -np.pi / 4)):
            x = POLE_M + 0.014 + 0.006 * k
            kit.add("face", sheet, face(outline, pose((x, 0, middle), FACING_FORWARD @ rotation_z(turn)), size))
            back = pose((x - SHEET_M, 0, middle), FACING_FORWARD @ rotation_z(turn))
            kit.add("back", ALUMINIUM, extruded(outline, SHEET_M - 0.0006, back))
        kit.add("pole", GALVANISED, beam((0.05, 0.095, 0.05), (POLE_M - 0.012, 0, middle)))
        return middle + 0.42
