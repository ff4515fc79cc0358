"""What guards and guides along roads: cones, barriers, rails, reflector posts."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import cv2
import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.keeping import kept
from simgen.core.vocabulary import models
from simgen.scene import shapes, textures
from simgen.scene.body import Body, Lamp
from simgen.scene.mesh import Material, Texture
from simgen.scene.model import ActorModel
from simgen.scene.props import GALVANISED, RUBBER, Kit, bar, beam, block, drum, plain, soft, turned

REFLECTIVE = replace(plain("reflective_white", (0.80, 0.80, 0.78), 0.4), retroreflectance=0.35)


@kept
def _stripes() -> Texture:
    """Red and white at 45 degrees, a pair per tile."""
    v, u = np.mgrid[0:256, 0:256]
    red = ((u + v) // 128) % 2 == 0
    pixels = np.where(red[..., None], np.array([190, 24, 30]), np.array([240, 240, 236])).astype(np.uint8)
    return Texture(name="stripes", pixels=cv2.GaussianBlur(pixels, (3, 3), 0.8).astype(np.uint8))


@kept
def _striped() -> Material:
    return Material(
        name="striped_board", base_color=(0.9, 0.9, 0.9), roughness=0.45, texture=_stripes(), retroreflectance=0.35
    )


@models.register("cone")
class Cone(ActorModel):
    """A traffic cone on a rubber foot, with two reflective sleeves."""

    semantic: ClassVar[str] = "traffic_cone"
    height: float = quantity(
        "m", low=0.3, high=1.0, default=0.75, help="of the tip", vary={"uniform": ["0.5 m", "0.8 m"]}
    )

    def build(self) -> Body:
        h = self.height
        base, tip = 0.17 * h + 0.02, 0.03
        kit = Kit()

        def radius(share: float) -> float:
            return base + (tip - base) * share

        kit.add("foot", RUBBER, soft((0.5 * h, 0.5 * h, 0.035), (0, 0, 0.0175), 0.012))
        orange = plain("cone_orange", (0.72, 0.10, 0.012), 0.5)
        shell = [(radius(0) + 0.02, 0.034), (radius(0), 0.05), (radius(1), h - 0.008), (radius(1) - 0.008, h), (0.0, h)]
        kit.add("shell", orange, turned(shell))
        for low, high in ((0.30, 0.48), (0.62, 0.78)):
            sleeve = [(radius(low) + 0.002, low * h + 0.03), (radius(high) + 0.002, high * h + 0.03)]
            kit.add("sleeves", REFLECTIVE, turned(sleeve))
        return kit.body(
            self,
            "cone",
            [block((0.5 * h, 0.5 * h, 0.035), (0, 0, 0.0175)), drum(0.6 * base, 0.9 * h, 0.03)],
            mass_kg=round(5.0 * h**2, 2),
            friction=0.8,
        )


@models.register("barrier.roadworks")
class RoadworksBarrier(ActorModel):
    """A striped barrier board on rubber feet with a warning lamp; it faces +x."""

    semantic: ClassVar[str] = "barrier"
    width: float = quantity("m", low=0.8, high=3, default=2.0, help="along y", vary={"uniform": ["1.5 m", "2.2 m"]})
    lamp: str = choice("amber", "red", "none", default="amber", help="warning lamp at its end")

    def build(self) -> Body:
        w, kit = self.width, Kit()
        for y in (-0.4 * w, 0.4 * w):
            kit.add("feet", RUBBER, soft((0.80, 0.30, 0.11), (0, y, 0.055), 0.025))
            kit.add("posts", GALVANISED, beam((0.04, 0.06, 1.05), (0, y, 0.575)))
        for z, tall in ((0.95, 0.25), (0.35, 0.16)):
            kit.add("boards", _striped(), beam((0.025, w, tall), (0.034, 0, z), 0.35))
        lamps = []
        if self.lamp != "none":
            tint = {"amber": (1.95, 0.82, 0.0), "red": (4.4, 0.09, 0.02)}[self.lamp]
            y, z = 0.4 * w, 1.27
            kit.add(
                "lamp_case", plain("lamp_case", (0.70, 0.42, 0.01), 0.5), soft((0.06, 0.18, 0.14), (0, y, 1.14), 0.02)
            )
            lens = Material(
                name="warning_lens",
                base_color=(0.3, 0.13, 0.01) if self.lamp == "amber" else (0.25, 0.01, 0.01),
                roughness=0.25,
                emission_cd_m2=(2000 * tint[0], 2000 * tint[1], 2000 * tint[2]),
                lamp="warning",
            )
            side = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
            rim = [(0.07, -0.03), (0.09, -0.03), (0.095, 0.0), (0.09, 0.03), (0.07, 0.04), (0.0, 0.045)]
            kit.add("lens", lens, turned([(0.0, -0.031), *rim], (0, y, z + 0.02), side, crease_rad=0.8))
            lamps.append(
                Lamp(
                    name="warning",
                    position_m=(0.08, y, z + 0.02),
                    direction=(1.0, 0.0, 0.0),
                    intensity_cd=40.0,
                    color=tint,
                    inner_rad=0.4,
                    outer_rad=1.2,
                    signal=True,
                )
            )
        return kit.body(
            self,
            "barrier.roadworks",
            [block((0.80, w, 0.11), (0, 0, 0.055)), block((0.06, w, 0.97), (0.02, 0, 0.6))],
            mass_kg=64.0,
            friction=0.8,
            lamps=lamps,
        )


@models.register("barrier.jersey")
class JerseyBarrier(ActorModel):
    """A concrete safety barrier of New Jersey profile along x."""

    semantic: ClassVar[str] = "barrier"
    length: float = quantity("m", low=1, high=8, default=3.0, help="along x")

    def build(self) -> Body:
        half = [(0.30, 0.0), (0.30, 0.075), (0.17, 0.33), (0.08, 0.79), (0.065, 0.81)]
        ring = np.array(half + [(-y, z) for y, z in reversed(half)])
        # Counter-clockwise seen from +x: y to the right when x points at the eye.
        stations = [-self.length / 2, self.length / 2]
        skin = shapes.loft(np.array([np.column_stack([np.full(len(ring), x), ring]) for x in stations]))
        along = skin.points_m
        uv = np.column_stack([along[:, 0] / 1.2, (along[:, 2] + along[:, 1]) / 1.2])
        concrete = Material(
            name="cast_concrete",
            base_color=(0.42, 0.41, 0.39),
            roughness=0.9,
            texture=textures.concrete(3),
            wettable=True,
        )
        kit = Kit()
        kit.add("concrete", concrete, shapes.Shape(skin.points_m, skin.faces, uv).flat())
        for x in (-0.35 * self.length, 0.35 * self.length):
            for side in (-1, 1):
                kit.add(
                    "reflectors",
                    replace(plain("reflector_amber", (0.7, 0.3, 0.02), 0.3), retroreflectance=0.6),
                    beam((0.02, 0.02, 0.06), (x, side * 0.112, 0.66)),
                )
        return kit.body(
            self,
            "barrier.jersey",
            [block((self.length, 0.6, 0.08), (0, 0, 0.04)), block((self.length, 0.28, 0.75), (0, 0, 0.435))],
            mass_kg=620.0 * self.length,
            friction=0.7,
        )


@models.register("guard_rail")
class GuardRail(ActorModel):
    """A steel guard rail along x that faces +y, with a W-shaped beam on posts."""

    semantic: ClassVar[str] = "barrier"
    length: float = quantity("m", low=2, high=20, default=4.0, help="along x")

    def build(self) -> Body:
        z = np.array([0.44, 0.47, 0.51, 0.56, 0.595, 0.63, 0.68, 0.72, 0.75])
        y = np.array([0.02, 0.06, 0.085, 0.06, 0.02, 0.06, 0.085, 0.06, 0.02])
        ends = (-self.length / 2, self.length / 2)
        front = np.array([[(x, b, c) for x in reversed(ends)] for b, c in zip(y, z, strict=True)])
        sheet = shapes.grid(front)
        back = sheet.shifted(0.0, -0.004).turned_inside_out()
        kit = Kit()
        kit.add("beam", GALVANISED, sheet.smooth(0.9), back.smooth(0.9))
        count = max(2, round(self.length / 2.0) + 1)
        for x in np.linspace(ends[0] + 0.2, ends[1] - 0.2, count):
            kit.add("posts", GALVANISED, beam((0.06, 0.10, 0.74), (float(x), -0.12, 0.37)))
            kit.add("spacers", GALVANISED, beam((0.06, 0.12, 0.2), (float(x), -0.02, 0.6)))
        return kit.body(
            self, "guard_rail", [block((self.length, 0.2, 0.35), (0, 0, 0.6))], mass_kg=21.0 * self.length, fixed=True
        )


@models.register("reflector_post")
class ReflectorPost(ActorModel):
    """A white delineator post with a black band and a reflector, which faces +x."""

    semantic: ClassVar[str] = "pole"

    def build(self) -> Body:
        kit = Kit()
        white, black = plain("white_plastic", (0.74, 0.74, 0.72), 0.5), plain("black_band", (0.02, 0.02, 0.02), 0.5)
        kit.add(
            "post", white, shapes.stack([0, 1.0, 1.05], [(0.05, 0.06), (0.05, 0.06), (0.03, 0.05)], count=14).smooth()
        )
        kit.add("band", black, shapes.stack([0.76, 0.98], [(0.0515, 0.0615), (0.0515, 0.0615)], count=14).smooth())
        glass = replace(plain("reflector", (0.78, 0.76, 0.70), 0.2), retroreflectance=0.9)
        kit.add("reflector", glass, beam((0.012, 0.05, 0.18), (0.05, 0, 0.87)))
        return kit.body(self, "reflector_post", [drum(0.05, 1.05)], mass_kg=2.5)


@models.register("fence")
class Fence(ActorModel):
    """A steel fence of vertical bars along y."""

    semantic: ClassVar[str] = "fence"
    length: float = quantity("m", low=1, high=12, default=2.5, help="along y")
    height: float = quantity("m", low=0.6, high=2.2, default=1.1, help="above ground")

    def build(self) -> Body:
        kit, w, h = Kit(), self.length, self.height
        green = plain("fence_green", (0.012, 0.055, 0.030), 0.5)
        for y in np.linspace(-w / 2 + 0.03, w / 2 - 0.03, max(2, round(w / 2.5) + 1)):
            kit.add("posts", green, beam((0.06, 0.06, h), (0, float(y), h / 2)))
        for z in (0.12, h - 0.05):
            kit.add("rails", green, beam((0.03, w, 0.04), (0, 0, z)))
        for y in np.arange(-w / 2 + 0.13, w / 2 - 0.08, 0.11):
            kit.add("bars", green, bar([(0, float(y), 0.12), (0, float(y), h - 0.05)], 0.009, 6))
        return kit.body(self, "fence", [block((0.06, w, h), (0, 0, h / 2))], mass_kg=18.0 * w, fixed=True)
