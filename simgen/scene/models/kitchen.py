"""What stands and lies in kitchens: crockery, pans, a kettle, jars and tools."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import pose, rotation_z
from simgen.core.vocabulary import models
from simgen.scene import prints, shapes
from simgen.scene.body import Body, CollisionShape
from simgen.scene.mesh import Material, linear
from simgen.scene.model import ActorModel
from simgen.scene.props import (
    BLACK_PLASTIC,
    STAINLESS,
    Kit,
    bar,
    beam,
    block,
    drum,
    extruded,
    painted,
    plain,
    soft,
    turned,
)

STAVES = 12
GLAZES = ("white", "blue", "teal", "grey", "yellow")
CERAMIC_KG_M3 = 2300.0


def staves(radius_m: float, low_m: float, high_m: float, wall_m: float) -> list[CollisionShape]:
    """A wall of upright slabs around z, so that a vessel stays hollow for what falls into it."""
    wide = 2 * radius_m * float(np.tan(np.pi / STAVES))
    slabs = []
    for k in range(STAVES):
        turn = rotation_z(2 * np.pi * k / STAVES)
        x, y, z = turn @ (radius_m - wall_m / 2, 0.0, (low_m + high_m) / 2)
        slabs.append(block((wall_m, wide, high_m - low_m), (float(x), float(y), float(z)), turn))
    return slabs


@models.register("plate")
class Plate(ActorModel):
    """A dinner plate with a broad lip on a foot ring."""

    semantic: ClassVar[str] = "tableware"
    diameter: float = quantity(
        "m", low=0.12, high=0.34, default=0.26, help="at the lip", vary={"uniform": ["20 cm", "28 cm"]}
    )
    color: str = choice(
        *GLAZES, default="white", help="of the glaze", vary={"choice": {"white": 0.6, "blue": 0.2, "grey": 0.2}}
    )

    def build(self) -> Body:
        r, kit = self.diameter / 2, Kit()
        under = [(0.0, 0.003), (0.56 * r, 0.003), (0.57 * r, 0.0), (0.61 * r, 0.0), (0.62 * r, 0.004)]
        lip = [(0.72 * r, 0.010), (0.985 * r, 0.020), (r, 0.0225), (0.985 * r, 0.0245)]
        well = [(0.74 * r, 0.0165), (0.68 * r, 0.0120), (0.60 * r, 0.0085), (0.0, 0.0075)]
        glaze = Material(name=f"glaze_{self.color}", base_color=prints.paint(self.color), roughness=0.16)
        kit.add("plate", glaze, turned([*under, *lip, *well], sectors=56, crease_rad=1.0))
        collision = [drum(0.62 * r, 0.0085), *staves(r, 0.009, 0.022, 0.27 * r)]
        return kit.body(
            self, "plate", collision, mass_kg=round(CERAMIC_KG_M3 * np.pi * r * r * 0.0058, 3), friction=0.4
        )


@models.register("bowl")
class Bowl(ActorModel):
    """A cereal bowl on a foot ring; hollow for other things too."""

    semantic: ClassVar[str] = "bowl"
    diameter: float = quantity(
        "m", low=0.08, high=0.32, default=0.15, help="at the lip", vary={"uniform": ["12 cm", "18 cm"]}
    )
    height: float = quantity(
        "m", low=0.03, high=0.16, default=0.065, help="upright", vary={"uniform": ["5.5 cm", "8 cm"]}
    )
    color: str = choice(*GLAZES, default="blue", help="of the glaze outside", vary={"choice": list(GLAZES)})

    def build(self) -> Body:
        r, h, kit, wall = self.diameter / 2, self.height, Kit(), 0.0045
        bend = np.linspace(0.0, np.pi / 2, 10)
        out = [(0.42 * r + 0.58 * r * float(np.sin(a)), 0.006 + (h - 0.008) * float(1 - np.cos(a))) for a in bend]
        inner = [(max(x - wall, 0.0), z + 0.004 * (1 - (z / h))) for x, z in reversed(out)]
        foot = [(0.0, 0.003), (0.38 * r, 0.003), (0.39 * r, 0.0), (0.43 * r, 0.0), (0.44 * r, 0.006)]
        lip = [(r - 0.0008, h - 0.0008), (r - wall / 2, h)]
        glaze = Material(name=f"glaze_{self.color}", base_color=prints.paint(self.color), roughness=0.15)
        white = Material(name="glaze_inside", base_color=(0.80, 0.79, 0.76), roughness=0.15)
        kit.add("outside", glaze, turned([*foot, *out[1:]], sectors=48, crease_rad=0.9))
        inside = [out[-1], *lip, *inner[:-1], (0.3 * r, 0.0098), (0.0, 0.0095)]
        kit.add("inside", white, turned(inside, sectors=48, crease_rad=1.2))
        collision = [
            drum(0.45 * r, 0.009),
            *staves(0.82 * r, 0.006, 0.45 * h, 0.25 * r),
            *staves(r, 0.45 * h, h, 0.10 * r),
        ]
        return kit.body(
            self, "bowl", collision, mass_kg=round(CERAMIC_KG_M3 * wall * np.pi * r * (r + h), 3), friction=0.4
        )


@models.register("pan")
class Pan(ActorModel):
    """A frying pan with a dark coating; its handle points along +x."""

    semantic: ClassVar[str] = "tableware"
    diameter: float = quantity(
        "m", low=0.14, high=0.36, default=0.26, help="at the rim", vary={"uniform": ["20 cm", "28 cm"]}
    )

    def build(self) -> Body:
        r, h, kit = self.diameter / 2, 0.05, Kit()
        floor = 0.80 * r
        out = [(0.0, 0.0), (floor - 0.004, 0.0), (floor, 0.003), (0.90 * r, 0.022), (r, h - 0.002), (r, h)]
        skin = [(r, h), (r - 0.003, h - 0.0005), (0.90 * r - 0.004, 0.024), (floor - 0.004, 0.0065), (0.0, 0.006)]
        kit.add("pan", STAINLESS, turned(out, sectors=56, crease_rad=0.9))
        coating = plain("coating", (0.016, 0.016, 0.017), 0.32)
        kit.add("coating", coating, turned(skin, sectors=56, crease_rad=0.7))
        root = 0.93 * r
        kit.add("bracket", STAINLESS, soft((0.05, 0.026, 0.006), (root + 0.022, 0, 0.038), 0.0028))
        for y in (-0.008, 0.008):
            kit.add("rivets", STAINLESS, turned([(0.0045, 0.0), (0.004, 0.002), (0.0, 0.003)], (root + 0.03, y, 0.041)))
        grip = [
            (root + 0.035, 0.0, 0.040),
            (root + 0.07, 0.0, 0.047),
            (root + 0.14, 0.0, 0.056),
            (root + 0.19, 0.0, 0.058),
        ]
        kit.add("handle", BLACK_PLASTIC, bar(grip, [0.0085, 0.0105, 0.0125, 0.0095], 16))
        ring = [
            (root + 0.187 + 0.008 * (1 - np.cos(a)), 0.008 * np.sin(a), 0.058) for a in np.linspace(0, 2 * np.pi, 13)
        ]
        kit.add("eye", STAINLESS, bar([(float(x), float(y), z) for x, y, z in ring], 0.0016, 8))
        collision = [
            drum(floor, 0.006),
            *staves(r, 0.004, h, 0.16 * r),
            block((0.19, 0.024, 0.024), (root + 0.11, 0, 0.052)),
        ]
        return kit.body(self, "pan", collision, mass_kg=round(14.0 * self.diameter**2 + 0.12, 3), friction=0.45)


@models.register("kettle")
class Kettle(ActorModel):
    """An electric kettle on its base; the spout points along +x."""

    semantic: ClassVar[str] = "appliance"
    color: str = choice(
        "steel", "white", "black", "red", default="steel", help="of the jug",
        vary={"choice": {"steel": 0.5, "white": 0.2, "black": 0.2, "red": 0.1}},
    )  # fmt: skip

    def build(self) -> Body:
        kit = Kit()
        kit.add("base", BLACK_PLASTIC, turned([(0, 0.0), (0.078, 0.0), (0.082, 0.004), (0.078, 0.018), (0.0, 0.020)]))
        shell = STAINLESS if self.color == "steel" else painted(self.color, 0.25)
        jug = [
            (0.0, 0.022), (0.074, 0.022), (0.077, 0.027), (0.076, 0.06), (0.072, 0.11), (0.064, 0.17), (0.057, 0.203),
            (0.056, 0.208),
        ]  # fmt: skip
        kit.add("jug", shell, turned(jug, sectors=48, crease_rad=0.9))
        lid = [(0.057, 0.207), (0.055, 0.213), (0.035, 0.222), (0.010, 0.225), (0.0, 0.225)]
        kit.add("lid", BLACK_PLASTIC, turned(lid, sectors=48, crease_rad=0.9))
        knob = [(0.007, 0.223), (0.007, 0.232), (0.012, 0.236), (0.011, 0.243), (0.0, 0.245)]
        kit.add("lid", BLACK_PLASTIC, turned(knob, sectors=20, crease_rad=0.9))
        # The spout: rings that grow out of the wall and end in a lip.
        rings = []
        for x, z, wide, tall in (
            (0.045, 0.165, 0.020, 0.040),
            (0.070, 0.182, 0.016, 0.026),
            (0.090, 0.202, 0.010, 0.012),
        ):
            a = np.linspace(0, 2 * np.pi, 17)[:-1]
            rings.append(np.column_stack([x - 0.3 * tall * np.sin(a), wide * np.cos(a), z + tall * np.sin(a)]))
        kit.add("spout", shell, shapes.loft(np.array(rings)).smooth(0.9))
        grip = [(-0.050, 0.0, 0.200), (-0.085, 0.0, 0.205), (-0.115, 0.0, 0.190), (-0.124, 0.0, 0.150),
                (-0.118, 0.0, 0.095), (-0.100, 0.0, 0.066), (-0.072, 0.0, 0.060)]  # fmt: skip
        kit.add("handle", BLACK_PLASTIC, bar(grip, [0.009, 0.012, 0.0125, 0.0125, 0.012, 0.010, 0.009], 14))
        kit.add("gauge", plain("gauge", (0.25, 0.34, 0.40), 0.1), soft((0.006, 0.012, 0.09), (0, 0.0725, 0.105), 0.002,
                np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])))  # fmt: skip
        kit.add("switch", painted("red"), soft((0.018, 0.014, 0.006), (-0.112, 0.0, 0.205), 0.002))
        collision = [drum(0.08, 0.02), drum(0.073, 0.19, 0.02), block((0.05, 0.025, 0.15), (-0.10, 0, 0.135))]
        return kit.body(self, "kettle", collision, mass_kg=1.1)


@models.register("jar")
class Jar(ActorModel):
    """A jar of preserves with a screw lid."""

    semantic: ClassVar[str] = "container"
    diameter: float = quantity(
        "m", low=0.04, high=0.14, default=0.075, help="of the body", vary={"uniform": ["6 cm", "9 cm"]}
    )
    height: float = quantity(
        "m", low=0.06, high=0.25, default=0.12, help="with the lid", vary={"uniform": ["9 cm", "15 cm"]}
    )
    filling: str = choice(
        "jam", "honey", "pickles", "coffee", default="jam", help="what is seen through the glass",
        vary={"choice": ["jam", "honey", "pickles", "coffee"]},
    )  # fmt: skip

    def build(self) -> Body:
        r, h, kit = self.diameter / 2, self.height, Kit()
        tint = {"jam": (0.20, 0.012, 0.016), "honey": (0.52, 0.22, 0.015), "pickles": (0.15, 0.18, 0.03),
                "coffee": (0.055, 0.026, 0.012)}[self.filling]  # fmt: skip
        neck = h - 0.030
        glass = [
            (0.0, 0.002),
            (r - 0.008, 0.002),
            (r - 0.006, 0.0),
            (r, 0.006),
            (r, neck - 0.012),
            (0.95 * r, neck - 0.004),
        ]
        kit.add("glass", plain(f"{self.filling}_in_glass", tint, 0.06), turned(glass, sectors=44, crease_rad=0.8))
        clear = [(0.95 * r, neck - 0.004), (0.84 * r, neck + 0.006), (0.84 * r, h - 0.016)]
        kit.add("neck", plain("glass", (0.42, 0.46, 0.45), 0.06), turned(clear, sectors=44, crease_rad=0.8))
        lid = [(0.80 * r, h - 0.018), (0.89 * r, h - 0.018), (0.90 * r, h - 0.016), (0.90 * r, h - 0.002),
               (0.88 * r, h),
               (0.80 * r, h), (0.79 * r, h - 0.001), (0.0, h - 0.001)]  # fmt: skip
        kit.add("lid", plain("lid_gold", (0.62, 0.45, 0.16), 0.3, 0.8), turned(lid, sectors=44))
        low, high = 0.22 * h, 0.62 * h
        ink = {"jam": "red", "honey": "yellow", "pickles": "green", "coffee": "brown"}[self.filling]
        paper = Material(
            name="label", base_color=(0.9, 0.9, 0.9), roughness=0.75,
            texture=prints.wrap_label(ink, 3, self.filling),
        )  # fmt: skip
        kit.add("label", paper, turned([(r + 0.0004, low), (r + 0.0004, high)], sectors=44))
        volume = np.pi * r * r * h
        return kit.body(
            self, "jar", [drum(r, neck), drum(0.9 * r, h - neck, neck)], mass_kg=round(1250.0 * volume, 3),
            friction=0.45, rolling_friction=0.0005,
        )  # fmt: skip


@models.register("cutting_board")
class CuttingBoard(ActorModel):
    """A chopping board of solid wood with a groove for juice and a hole to hang it."""

    semantic: ClassVar[str] = "tableware"
    length: float = quantity("m", low=0.2, high=0.6, default=0.38, help="along x", vary={"uniform": ["30 cm", "45 cm"]})
    width: float = quantity("m", low=0.12, high=0.4, default=0.25, help="along y", vary={"uniform": ["20 cm", "28 cm"]})
    wood: str = choice(
        "beech", "oak", "walnut", default="beech", help="kind", vary={"choice": ["beech", "oak", "walnut"]}
    )

    def build(self) -> Body:
        long, wide, thick, kit = self.length, self.width, 0.019, Kit()
        tone = {"beech": (206, 164, 118), "oak": (182, 142, 92), "walnut": (112, 78, 54)}[self.wood]
        timber = Material(name=self.wood, base_color=(0.9, 0.9, 0.9), roughness=0.62, texture=prints.wood(tone))
        corner, a = 0.022, np.linspace(0, np.pi / 2, 7)
        outline = np.concatenate(
            [
                np.column_stack(
                    [
                        sx * (long / 2 - corner) + corner * np.cos(a + turn),
                        sy * (wide / 2 - corner) + corner * np.sin(a + turn),
                    ]
                )
                for sx, sy, turn in ((1, 1, 0.0), (-1, 1, np.pi / 2), (-1, -1, np.pi), (1, -1, 1.5 * np.pi))
            ]
        )
        rings = [
            np.column_stack([outline * s, np.full(len(outline), z)])
            for s, z in ((0.99, 0.0), (1.0, 0.002), (1.0, thick - 0.002), (0.99, thick))
        ]
        skin = shapes.loft(np.array(rings))
        p = skin.points_m
        uv = np.column_stack([p[:, 0] / 0.4, (p[:, 1] + p[:, 2]) / 0.4])
        kit.add("board", timber, shapes.Shape(p, skin.faces, uv).flat())
        red, green, blue = linear((tone[0] / 255, tone[1] / 255, tone[2] / 255))
        groove = plain("groove", (0.5 * red, 0.5 * green, 0.5 * blue), 0.7)
        for sx in (-1, 1):
            kit.add("groove", groove, beam((0.006, wide - 0.042, 0.0004), (sx * (long / 2 - 0.018), 0, thick + 0.0001)))
        for sy in (-1, 1):
            kit.add("groove", groove, beam((long - 0.042, 0.006, 0.0004), (0, sy * (wide / 2 - 0.018), thick + 0.0001)))
        eye = turned([(0.010, thick + 0.0001), (0.0, thick + 0.0004)], (long / 2 - 0.036, 0, 0))
        kit.add("hole", plain("hole", (0.03, 0.022, 0.015), 0.9), eye)
        collision = [block((long, wide, thick), (0, 0, thick / 2))]
        return kit.body(self, "cutting_board", collision, mass_kg=round(700 * long * wide * thick, 3))


@models.register("spatula")
class Spatula(ActorModel):
    """A slotted turner that lies on its back; its handle points along -x."""

    semantic: ClassVar[str] = "tool"
    color: str = choice(
        "black", "red", "teal", default="black", help="of the grip", vary={"choice": ["black", "red", "teal"]}
    )

    def build(self) -> Body:
        kit = Kit()
        # The blade between its three slots: four fingers joined at both ends.
        for y in (-0.0315, -0.0105, 0.0105, 0.0315):
            kit.add("blade", STAINLESS, beam((0.076, 0.013, 0.0016), (0.115, y, 0.0018)))
        kit.add("blade", STAINLESS, beam((0.014, 0.076, 0.0016), (0.158, 0, 0.0018)))
        tip = np.array(
            [(0.070, -0.022), (0.078, -0.038), (0.078, 0.038), (0.070, 0.022), (0.055, 0.007), (0.055, -0.007)]
        )
        kit.add("blade", STAINLESS, extruded(tip - (0.068, 0.0), 0.0016, pose((0.068, 0, 0.001))))
        shaft = [(0.060, 0.0, 0.0035), (0.035, 0.0, 0.012), (0.0, 0.0, 0.017), (-0.07, 0.0, 0.016)]
        kit.add("shaft", STAINLESS, bar(shaft, [0.0035, 0.0036, 0.004, 0.004], 12))
        grip = [
            (-0.060, 0.0, 0.016),
            (-0.064, 0.0, 0.016),
            (-0.11, 0.0, 0.0135),
            (-0.155, 0.0, 0.0115),
            (-0.162, 0.0, 0.0115),
        ]
        kit.add("grip", painted(self.color, 0.5), bar(grip, [0.006, 0.009, 0.0105, 0.011, 0.007], 16))
        collision = [block((0.10, 0.076, 0.003), (0.115, 0, 0.0015)), block((0.22, 0.02, 0.022), (-0.05, 0, 0.012))]
        return kit.body(self, "spatula", collision, mass_kg=0.11, friction=0.5)
