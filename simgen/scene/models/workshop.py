"""What stands in workshops and production cells: benches, machines, guard fences."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.vocabulary import models
from simgen.scene import prints
from simgen.scene.body import Body, Deck, Lamp
from simgen.scene.mesh import Material
from simgen.scene.model import ActorModel
from simgen.scene.props import (
    BLACK_PLASTIC,
    GALVANISED,
    STAINLESS,
    Kit,
    Point,
    bar,
    beam,
    block,
    painted,
    plain,
    soft,
    turned,
)

DARK_GLASS = plain("dark_glass", (0.012, 0.016, 0.018), 0.06)


@models.register("workbench")
class Workbench(ActorModel):
    """A steel bench with a wooden top, a drawer cabinet and a vice; one works at it from +x."""

    semantic: ClassVar[str] = "table"
    length: float = quantity("m", low=1.0, high=3.0, default=1.8, help="along y", vary={"uniform": ["1.4 m", "2.2 m"]})
    depth: float = quantity("m", low=0.5, high=1.0, default=0.75, help="along x", vary={"uniform": ["0.65 m", "0.8 m"]})
    height: float = quantity(
        "m", low=0.7, high=1.1, default=0.86, help="of the top", vary={"uniform": ["0.82 m", "0.95 m"]}
    )
    color: str = choice(
        "blue", "grey", "green", default="blue", help="of the frame", vary={"choice": ["blue", "grey", "green"]}
    )

    def build(self) -> Body:
        kit, w, d, h = Kit(), self.length, self.depth, self.height
        paint = painted(self.color)
        top = Material(name="beech", base_color=(0.9, 0.9, 0.9), roughness=0.55, texture=prints.wood((202, 160, 112)))
        kit.add("top", top, beam((d, w, 0.04), (0, 0, h - 0.02), 0.8))
        under = h - 0.04
        for sy in (-1, 1):
            y = sy * (w / 2 - 0.12)
            for sx in (-1, 1):
                kit.add(
                    "frame", paint, soft((0.05, 0.05, under - 0.01), (sx * (d / 2 - 0.07), y, under / 2 + 0.005), 0.005)
                )
                kit.add("feet", BLACK_PLASTIC, soft((0.07, 0.07, 0.014), (sx * (d / 2 - 0.07), y, 0.007), 0.004))
            for z in (0.16, under - 0.03):
                kit.add("frame", paint, soft((d - 0.19, 0.04, 0.05), (0, y, z), 0.005))
        kit.add("frame", paint, soft((0.03, w - 0.29, 0.06), (-d / 2 + 0.07, 0, under - 0.035), 0.005))
        kit.add("shelf", GALVANISED, beam((d - 0.20, w - 0.29, 0.012), (-0.01, 0, 0.192)))
        # Four drawers at the left end, as seen by who works at it.
        wide, low = 0.46, 0.36
        tall = under - low
        y = -(w / 2 - 0.15 - wide / 2)
        shell = plain("cabinet", (0.30, 0.32, 0.34), 0.5)
        kit.add("cabinet", shell, soft((d - 0.10, wide, tall), (0.01, y, low + tall / 2), 0.006))
        front = d / 2 - 0.04
        for k in range(4):
            step = (tall - 0.02) / 4
            z = low + 0.01 + (k + 0.5) * step
            kit.add("drawers", paint, soft((0.018, wide - 0.02, step - 0.010), (front + 0.006, y, z), 0.004))
            kit.add("pulls", GALVANISED, soft((0.018, 0.20, 0.012), (front + 0.022, y, z + 0.28 * step), 0.004))
        self._vice(kit, (d / 2 - 0.12, 0.3 * w, h))
        collision = [
            block((d, w, 0.04), (0, 0, h - 0.02)),
            block((d - 0.1, wide, tall), (0, y, low + tall / 2)),
            *(block((d - 0.08, 0.05, under), (0, s * (w / 2 - 0.12), under / 2)) for s in (-1, 1)),
            block((0.20, 0.15, 0.15), (d / 2 - 0.10, 0.3 * w, h + 0.075)),
        ]
        deck = Deck(center_m=(0.0, 0.0), height_m=h, size_m=(d, w))
        return kit.body(self, "workbench", collision, mass_kg=round(44 + 30 * w * d, 1), deck=deck)

    @staticmethod
    def _vice(kit: Kit, at: Point) -> None:
        """A bench vice whose jaws close along x."""
        x, y, z = at
        iron = plain("cast_iron", (0.035, 0.055, 0.10), 0.5, 0.3)
        kit.add("vice", iron, turned([(0.0, 0.0), (0.07, 0.0), (0.07, 0.016), (0.055, 0.03), (0.0, 0.03)], at))
        kit.add("vice", iron, soft((0.13, 0.075, 0.055), (x - 0.01, y, z + 0.055), 0.012))
        kit.add("vice", iron, soft((0.040, 0.13, 0.085), (x - 0.02, y, z + 0.105), 0.008))
        kit.add("vice", iron, soft((0.036, 0.13, 0.110), (x + 0.085, y, z + 0.092), 0.008))
        kit.add("slide", STAINLESS, soft((0.17, 0.05, 0.035), (x + 0.04, y, z + 0.066), 0.005))
        for jaw in (0.003, 0.062):
            kit.add("jaws", STAINLESS, beam((0.008, 0.12, 0.03), (x + jaw, y, z + 0.133)))
        kit.add("slide", STAINLESS, bar([(x + 0.09, y, z + 0.066), (x + 0.155, y, z + 0.066)], 0.014, 12))
        kit.add(
            "slide", STAINLESS, bar([(x + 0.145, y - 0.085, z + 0.066), (x + 0.145, y + 0.085, z + 0.066)], 0.006, 8)
        )


@models.register("machine")
class Machine(ActorModel):
    """An enclosed machining cell with a sliding door, a control panel and a signal tower; its door faces +x."""

    semantic: ClassVar[str] = "machine"
    width: float = quantity("m", low=1.4, high=4.0, default=2.2, help="along y", vary={"uniform": ["1.9 m", "2.6 m"]})
    depth: float = quantity("m", low=1.0, high=3.0, default=1.6, help="along x", vary={"uniform": ["1.4 m", "1.9 m"]})
    height: float = quantity(
        "m", low=1.6, high=2.8, default=2.05, help="without the tower", vary={"uniform": ["1.9 m", "2.2 m"]}
    )
    state: str = choice(
        "running", "waiting", "stopped", "off", default="running",
        help="what its tower shows: green, amber, red or nothing",
        vary={"choice": ["running", "waiting", "stopped", "off"]},
    )  # fmt: skip

    def build(self) -> Body:
        kit, w, d, h = Kit(), self.width, self.depth, self.height
        pale = plain("machine_white", (0.62, 0.63, 0.62), 0.42)
        dark = plain("machine_grey", (0.055, 0.062, 0.070), 0.45)
        seam = plain("seam", (0.012, 0.012, 0.013), 0.8)
        kit.add("plinth", dark, soft((d - 0.06, w - 0.06, 0.26), (0, 0, 0.19), 0.015))
        for sx in (-1, 1):
            for sy in (-1, 1):
                foot = [(0.0, 0.0), (0.06, 0.0), (0.06, 0.012), (0.025, 0.02), (0.025, 0.08), (0.0, 0.08)]
                kit.add("feet", GALVANISED, turned(foot, (sx * (d / 2 - 0.14), sy * (w / 2 - 0.14), 0), sectors=16))
        kit.add("housing", pale, soft((d, w, h - 0.30), (0, 0, 0.30 + (h - 0.30) / 2), 0.035))
        x = d / 2
        # The door: frame, window and handle, on rails that run along y.
        wide, low, high = 0.52 * w, 0.62, h - 0.22
        y, z, tall = -0.12 * w, (low + high) / 2, high - low
        kit.add("door", dark, soft((0.035, wide, tall), (x + 0.012, y, z), 0.012))
        kit.add("window", DARK_GLASS, soft((0.012, wide - 0.22, tall - 0.30), (x + 0.028, y, z + 0.03), 0.005))
        kit.add("seams", seam, beam((0.004, 0.006, tall), (x + 0.030, y, z)))
        for rail in (low - 0.03, high + 0.03):
            kit.add("rails", GALVANISED, soft((0.05, 0.80 * w, 0.03), (x + 0.018, y + 0.04 * w, rail), 0.006))
        for side in (-0.05, 0.05):
            grip = [(x + 0.02, y + side, z - 0.17), (x + 0.075, y + side, z - 0.17), (x + 0.075, y + side, z + 0.17),
                    (x + 0.02, y + side, z + 0.17)]  # fmt: skip
            kit.add("handles", BLACK_PLASTIC, bar(grip, 0.011, 10))
        # Panel seams and louvres tell the scale of the sheet metal.
        for sy in (-1, 1):
            kit.add("seams", seam, beam((0.004, 0.006, h - 0.42), (x - 0.0005, sy * 0.44 * w, 0.30 + (h - 0.30) / 2)))
            for share in (-0.17, 0.17):
                kit.add(
                    "seams",
                    seam,
                    beam((0.006, 0.004, h - 0.42), (share * d, sy * (w / 2 - 0.0005), 0.30 + (h - 0.3) / 2)),
                )
            for row in range(9):
                kit.add(
                    "louvres", dark, beam((0.26 * d, 0.010, 0.014), (0.0, sy * (w / 2 + 0.002), 0.50 + 0.032 * row))
                )
        kit.add("stripe", painted("blue"), beam((0.004, w - 0.12, 0.05), (x - 0.0002, 0, 0.47)))
        self._panel(kit, (x + 0.03, 0.31 * w, 1.38))
        lamps = self._tower(kit, (d / 2 - 0.16, w / 2 - 0.16, h))
        collision = [block((d, w, h), (0, 0, h / 2)), block((0.14, 0.40, 0.62), (x + 0.07, 0.31 * w, 1.38))]
        return kit.body(self, "machine", collision, mass_kg=round(900 * w * d * h / 2.05), fixed=True, lamps=lamps)

    @staticmethod
    def _panel(kit: Kit, at: Point) -> None:
        """The operator's panel: screen, keys and an emergency stop."""
        x, y, z = at
        face = x + 0.10
        kit.add("panel", plain("panel", (0.10, 0.11, 0.12), 0.45), soft((0.10, 0.40, 0.60), (x + 0.05, y, z), 0.014))
        screen = Material(
            name="screen", base_color=(0.01, 0.01, 0.012), roughness=0.12, emission_cd_m2=(22.0, 40.0, 66.0)
        )
        kit.add("bezel", BLACK_PLASTIC, beam((0.004, 0.33, 0.25), (face + 0.001, y, z + 0.14)))
        kit.add("screen", screen, beam((0.003, 0.30, 0.22), (face + 0.003, y, z + 0.14)))
        keys = plain("keys", (0.36, 0.37, 0.38), 0.6)
        for i in range(7):
            for j in range(4):
                at_key = (face + 0.003, y - 0.14 + 0.032 * i, z - 0.04 - 0.034 * j)
                kit.add("keys", keys, beam((0.006, 0.022, 0.022), at_key))
        facing = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
        ring, stop = (face, y + 0.135, z - 0.20), (face + 0.004, y + 0.135, z - 0.20)
        kit.add("stop_ring", painted("yellow"), turned([(0.040, 0.0), (0.040, 0.004), (0.0, 0.004)], ring, facing))
        mushroom = [(0.012, 0.0), (0.012, 0.018), (0.026, 0.020), (0.026, 0.030), (0.018, 0.036), (0.0, 0.038)]
        kit.add("stop", painted("red", 0.35), turned(mushroom, stop, facing))

    def _tower(self, kit: Kit, at: Point) -> list[Lamp]:
        """A signal tower after IEC 60073: red above amber above green, of which one burns."""
        x, y, z = at
        kit.add("tower", GALVANISED, bar([(x, y, z - 0.01), (x, y, z + 0.16)], 0.012, 12))
        kit.add(
            "tower_cap", BLACK_PLASTIC, turned([(0.0, 0.16), (0.036, 0.16), (0.036, 0.185), (0.0, 0.185)], (x, y, z))
        )
        lamps = []
        shows = {"running": "green", "waiting": "amber", "stopped": "red", "off": ""}[self.state]
        kinds = (
            ("green", (0.01, 0.20, 0.05), (0.10, 1.33, 0.40)),
            ("amber", (0.40, 0.17, 0.01), (1.95, 0.82, 0.0)),
            ("red", (0.30, 0.012, 0.012), (4.4, 0.09, 0.02)),
        )
        for k, (name, tone, tint) in enumerate(kinds):
            low = 0.187 + 0.075 * k
            glow = (1500 * tint[0], 1500 * tint[1], 1500 * tint[2])
            lens = Material(name=f"lens_{name}", base_color=tone, roughness=0.2, emission_cd_m2=glow, lamp=name)
            drum = [
                (0.0, low),
                (0.035, low),
                (0.036, low + 0.004),
                (0.036, low + 0.066),
                (0.035, low + 0.07),
                (0.0, low + 0.07),
            ]
            kit.add(f"lens_{name}", lens, turned(drum, (x, y, z), sectors=28))
            collar = [(0.0, low + 0.069), (0.0375, low + 0.069), (0.0375, low + 0.076), (0.0, low + 0.076)]
            kit.add("tower_cap", BLACK_PLASTIC, turned(collar, (x, y, z)))
            lamps.append(
                Lamp(
                    name=name, position_m=(x, y, z + low + 0.035), direction=(1.0, 0.0, 0.0), intensity_cd=6.0,
                    color=tint,
                    on=name == shows, signal=True,
                )
            )  # fmt: skip
        cap = [(0.037, 0.412), (0.034, 0.422), (0.0, 0.430)]
        kit.add("tower_cap", BLACK_PLASTIC, turned(cap, (x, y, z)))
        return lamps


@models.register("fence.cell")
class CellFence(ActorModel):
    """A field of a machine guard (ISO 14120): welded mesh in a frame between two posts, along x."""

    semantic: ClassVar[str] = "fence"
    length: float = quantity("m", low=0.5, high=4.0, default=2.0, help="along x", vary={"uniform": ["1 m", "2 m"]})
    height: float = quantity(
        "m", low=1.0, high=2.5, default=2.0, help="of the posts", vary={"uniform": ["1.8 m", "2.2 m"]}
    )
    color: str = choice(
        "yellow", "black", "grey", default="yellow", help="of the posts", vary={"choice": ["yellow", "black", "grey"]}
    )

    def build(self) -> Body:
        kit, long, h = Kit(), self.length, self.height
        paint, black = painted(self.color), plain("mesh_black", (0.018, 0.018, 0.02), 0.5)
        for s in (-1, 1):
            x = s * (long / 2 - 0.03)
            kit.add("posts", paint, soft((0.06, 0.06, h - 0.012), (x, 0, (h + 0.008) / 2), 0.004))
            kit.add("caps", BLACK_PLASTIC, soft((0.062, 0.062, 0.010), (x, 0, h + 0.001), 0.004))
            kit.add("plates", paint, soft((0.06, 0.15, 0.012), (x, 0, 0.006), 0.003))
            for y in (-0.055, 0.055):
                bolt = [(0.011, 0.011), (0.011, 0.019), (0.006, 0.020), (0.006, 0.026), (0.0, 0.026)]
                kit.add("bolts", GALVANISED, turned(bolt, (x, y, 0), sectors=8))
        low, high, half = 0.16, h - 0.04, long / 2 - 0.075
        for z in (low, high):
            kit.add("frame", black, beam((2 * half, 0.025, 0.02), (0, 0, z)))
        for s in (-1, 1):
            kit.add("frame", black, beam((0.02, 0.025, high - low), (s * (half - 0.01), 0, (low + high) / 2)))
            for z in (low + 0.12, high - 0.12):
                kit.add("brackets", GALVANISED, soft((0.035, 0.03, 0.05), (s * (half + 0.008), 0, z), 0.004))
        for x in np.arange(-half + 0.05, half - 0.02, 0.05):
            kit.add("mesh", black, beam((0.003, 0.003, high - low), (float(x), 0.0, (low + high) / 2)))
        for z in np.arange(low + 0.09, high - 0.03, 0.10):
            kit.add("mesh", black, beam((2 * half, 0.003, 0.003), (0, 0.003, float(z))))
        collision = [block((long, 0.06, h), (0, 0, h / 2))]
        return kit.body(self, "fence.cell", collision, mass_kg=round(9.0 * h + 7.5 * long * h, 1), fixed=True)
