"""Signals: for vehicles, for pedestrians, and the barriers of a level crossing."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import Array, pose, rotation_y, rotation_z, transform
from simgen.core.vocabulary import models
from simgen.scene import shapes, sign_faces
from simgen.scene.body import Body, Lamp
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.model import ActorModel
from simgen.scene.props import (
    BLACK_PLASTIC,
    FACING_FORWARD,
    GALVANISED,
    Kit,
    bar,
    beam,
    block,
    drum,
    extruded,
    face,
    identified,
    plain,
    soft,
    turned,
)
from simgen.scene.shapes import Shape

LENS_M = 0.105
"""Radius of a lens of 210 mm."""
INTENSITY_CD = 300.0
"""On the axis; EN 12368 asks a 200 mm lens of performance level 2 for 200 to 800 cd."""
PITCH_M = 0.29
TINTS: dict[str, Rgb] = {"red": (1.0, 0.03, 0.01), "amber": (1.0, 0.36, 0.0), "green": (0.0, 1.0, 0.42)}
GLASS: dict[str, Rgb] = {"red": (0.16, 0.012, 0.01), "amber": (0.22, 0.10, 0.01), "green": (0.012, 0.12, 0.07)}
STATES: dict[str, tuple[str, ...]] = {
    "red": ("red",),
    "red_amber": ("red", "amber"),
    "green": ("green",),
    "amber": ("amber",),
    "off": (),
}


def normalised(color: Rgb) -> Rgb:
    """The colour with luminance 1."""
    weight = 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]
    return (color[0] / weight, color[1] / weight, color[2] / weight)


def signal(name: str, color: str, position_m: tuple[float, float, float], part: str, *, on: bool) -> Lamp:
    return Lamp(
        name=name,
        part=part,
        position_m=position_m,
        direction=(1.0, 0.0, 0.0),
        intensity_cd=INTENSITY_CD,
        color=normalised(TINTS[color]),
        inner_rad=0.25,
        outer_rad=0.9,
        on=on,
        signal=True,
    )


def lens_material(name: str, color: str, radius_m: float = LENS_M) -> Material:
    """Glass that shines evenly over its disc when its lamp is on: luminance = intensity / area."""
    r, g, b = (INTENSITY_CD / (np.pi * radius_m**2) * c for c in normalised(TINTS[color]))
    return Material(name=f"lens_{name}", base_color=GLASS[color], roughness=0.18, emission_cd_m2=(r, g, b), lamp=name)


def dome(radius_m: float, rise_m: float) -> Mesh:
    """A lens that bulges towards +z from z = 0."""
    share = np.linspace(1.0, 0.0, 5)
    return turned([(radius_m * float(s), rise_m * float(1 - s * s)) for s in share], sectors=28, crease_rad=1.0)


def visor(radius_m: float, length_m: float) -> Mesh:
    """A hood around a lens, open below, along +z with its opening towards -y; it has two sides."""
    angle = np.linspace(-0.22 * np.pi, 1.22 * np.pi, 22)
    reach = length_m * np.clip(0.55 + 0.55 * np.sin(angle), 0.12, 1.0)
    inner = np.stack([radius_m * np.cos(angle), radius_m * np.sin(angle)], axis=1)
    outer = inner * (1 + 0.004 / radius_m)
    zero = np.zeros(len(angle))
    out = shapes.grid(np.array([np.column_stack([outer, zero]), np.column_stack([outer, reach])]))
    within = shapes.grid(np.array([np.column_stack([inner, reach]), np.column_stack([inner, zero])]))
    rim = shapes.grid(np.array([np.column_stack([outer, reach]), np.column_stack([inner, reach])]))
    return shapes.join([out, within, rim]).smooth(0.6)


def _placed(mesh: Mesh, x_m: float, y_m: float, z_m: float) -> Mesh:
    """A mesh whose z axis comes to point along +x and whose y axis points up."""
    return (
        Shape(mesh.vertices_m.astype(np.float64), mesh.faces.astype(np.int64))
        .moved(pose((x_m, y_m, z_m), FACING_FORWARD))
        .smooth(0.6)
    )


def vehicle_head(kit: Kit, lamps: list[Lamp], at: tuple[float, float, float], lit: tuple[str, ...]) -> None:
    """Three aspects, the red one above, before a white-rimmed backplate; ``at`` is the middle of the amber lens."""
    x, y, z = at
    backplate = _rounded_board(0.60, 1.18, 0.09)
    kit.add("backplate", BLACK_PLASTIC, extruded(backplate, 0.004, pose((x - 0.06, y, z), FACING_FORWARD)))
    rim = plain("backplate_rim", (0.72, 0.72, 0.70), 0.5)
    kit.add("rim", replace(rim, retroreflectance=0.3), *_frame(backplate, 0.035, (x - 0.0555, y, z)))
    for k, color in enumerate(("red", "amber", "green")):
        height = z + PITCH_M * (1 - k)
        kit.add("housing", BLACK_PLASTIC, soft((0.12, 0.28, PITCH_M - 0.004), (x - 0.06, y, height), 0.02))
        kit.add("visors", BLACK_PLASTIC, _placed(visor(LENS_M + 0.012, 0.20), x - 0.002, y, height))
        kit.add(f"lens_{color}", lens_material(color, color), _placed(dome(LENS_M, 0.02), x + 0.001, y, height))
        lamps.append(signal(color, color, (x + 0.21, y, height), "housing", on=color in lit))


def _rounded_board(width_m: float, height_m: float, radius_m: float) -> Array:
    half = np.array([width_m / 2 - radius_m, height_m / 2 - radius_m])
    rows = []
    for k, corner in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        for t in np.linspace(0, np.pi / 2, 5) + k * np.pi / 2:
            rows.append(half * corner + radius_m * np.array([np.cos(t), np.sin(t)]))
    return np.array(rows)


def _frame(outline: Array, width_m: float, at: tuple[float, float, float]) -> list[Mesh]:
    """A flat band inside of an outline, seen from +x."""
    size = outline.max(axis=0)
    inner = outline * (1 - width_m / size)
    rings = np.array([np.column_stack([o, np.zeros(len(o))]) for o in (outline, inner)])
    closed = np.concatenate([rings, rings[:, :1]], axis=1)
    return [shapes.grid(closed).moved(pose(at, FACING_FORWARD)).flat()]


@models.register("traffic_light")
class TrafficLight(ActorModel):
    """A traffic light on a pole that faces +x, for vehicles or pedestrians; its lamps are red, amber and green."""

    semantic: ClassVar[str] = "traffic_light"
    kind: str = choice("vehicle", "pedestrian", default="vehicle", help="whom it is for")
    state: str = choice(*STATES, default="red", help="which lamps burn at the start")
    height: float = quantity("m", low=2, high=7, default=3.0, help="of the middle of the head over the ground")
    reach: float = quantity(
        "m", low=0, high=8, default=0.0, help="of an arm to the left on which a second head hangs over the road"
    )

    def build(self) -> Body:
        kit, lamps = Kit(), list[Lamp]()
        lit = STATES[self.state]
        high = self.height + (0.55 if self.kind == "vehicle" else 0.3)
        top = max(high, 6.2) if self.reach > 0 else high
        radius = 0.085 if self.reach > 0 else 0.057
        kit.add("pole", GALVANISED, bar([(0, 0, 0), (0, 0, top)], [radius, 0.85 * radius], 16))
        kit.add("pole", GALVANISED, turned([(0.5 * radius, 0.0), (0.17, 0.0), (0.17, 0.02), (radius, 0.04)]))
        kit.add("pole", GALVANISED, bar([(0, 0, top), (0, 0, top + 0.02)], 0.9 * radius, 16))
        kit.add("cabinet", plain("cabinet", (0.30, 0.31, 0.31), 0.5), soft((0.10, 0.09, 0.26), (radius, 0, 1.1), 0.012))
        if self.kind == "vehicle":
            x = radius + 0.19
            vehicle_head(kit, lamps, (x, 0.0, self.height), lit)
            for dz in (-0.40, 0.40):
                kit.add("brackets", BLACK_PLASTIC, beam((0.12, 0.05, 0.05), (x - 0.15, 0, self.height + dz)))
        else:
            self._pedestrian(kit, lamps, lit, radius + 0.15)
        if self.reach > 0:
            self._arm(kit, lit, top - 0.35, radius)
        button = plain("button_box", (0.75, 0.52, 0.02), 0.4)
        kit.add("button", button, soft((0.06, 0.09, 0.16), (0.0, radius + 0.02, 1.0), 0.015))
        solids = [drum(radius, top), block((0.34, 0.36, 1.0), (radius + 0.15, 0, self.height))]
        return kit.body(
            self, "traffic_light", solids, mass_kg=95.0, fixed=True, lamps=lamps, notes={"height_m": self.height}
        )

    def _pedestrian(self, kit: Kit, lamps: list[Lamp], lit: tuple[str, ...], x: float) -> None:
        """A standing figure in red above a walking one in green."""
        for color, dz in (("red", 0.14), ("green", -0.14)):
            height = self.height + dz
            kit.add("housing", BLACK_PLASTIC, soft((0.13, 0.27, 0.276), (x - 0.065, 0, height), 0.02))
            kit.add("visors", BLACK_PLASTIC, _placed(visor(0.112, 0.14), x - 0.002, 0.0, height))
            back = _placed(turned([(0.105, 0.0), (0.0, 0.0001)], sectors=24), x + 0.001, 0.0, height)
            kit.add("dark_glass", plain("dark_glass", (0.012, 0.012, 0.013), 0.2), back)
            figure = sign_faces.figure_outlines(color == "green", 0.17)
            shown = [face(o, pose((x + 0.004, 0, height), FACING_FORWARD), (1.0, 1.0)) for o in figure]
            kit.add(f"lens_{color}", lens_material(color, color, 0.06), *shown)
            lamps.append(signal(color, color, (x + 0.16, 0.0, height), "housing", on=color in lit))
        kit.add("brackets", BLACK_PLASTIC, beam((0.14, 0.05, 0.05), (x - 0.17, 0, self.height)))

    def _arm(self, kit: Kit, lit: tuple[str, ...], z: float, radius: float) -> None:
        kit.add("pole", GALVANISED, bar([(0, 0, z), (0, self.reach + 0.2, z + 0.18)], [0.75 * radius, 0.045], 14))
        # One circuit, two heads: the lenses over the road burn with the lamps of the pole.
        vehicle_head(kit, [], (0.22, self.reach, z + 0.1), lit)
        kit.add("brackets", BLACK_PLASTIC, beam((0.14, 0.06, 0.06), (0.1, self.reach, z + 0.17)))


ARM_JOINT = "arm"


@models.register("level_crossing_barrier")
class LevelCrossingBarrier(ActorModel):
    """A level crossing's barrier: a striped arm along +y on the joint "arm" (0 is down), with a pair of red lamps."""

    semantic: ClassVar[str] = "barrier"
    length: float = quantity("m", low=2, high=9, default=4.5, help="of the arm", vary={"uniform": ["4 m", "6 m"]})
    opening: float = quantity("rad", low=0, high=1.5708, default=0.0, help="how far the arm is raised at the start")
    state: str = choice("flashing", "off", default="flashing", help="whether the lamps burn at the start")

    def build(self) -> Body:
        kit = Kit()
        cabinet = plain("cabinet", (0.60, 0.61, 0.60), 0.5)
        kit.add("cabinet", cabinet, soft((0.42, 0.36, 1.0), (0, 0, 0.52), 0.03))
        kit.add("plinth", plain("concrete", (0.36, 0.35, 0.33), 0.9), beam((0.55, 0.5, 0.06), (0, 0, 0.03)))
        kit.add("mast", GALVANISED, bar([(-0.12, -0.28, 0), (-0.12, -0.28, 2.75)], 0.05, 14))
        kit.add(
            "lamp_board",
            BLACK_PLASTIC,
            extruded(_rounded_board(0.86, 0.36, 0.12), 0.02, pose((-0.06, -0.28, 2.1), FACING_FORWARD)),
        )
        lamps = []
        for name, y in (("left", -0.05), ("right", -0.51)):
            kit.add("visors", BLACK_PLASTIC, _placed(visor(LENS_M + 0.012, 0.2), -0.042, y, 2.1))
            kit.add(f"lens_{name}", lens_material(name, "red"), _placed(dome(LENS_M, 0.02), -0.038, y, 2.1))
            lamps.append(signal(name, "red", (0.18, y, 2.1), "lamp_board", on=self.state == "flashing"))
        outline, size = sign_faces.outline("level_crossing"), sign_faces.size_m("level_crossing")
        sheet = Material(
            name="sign_level_crossing",
            base_color=(0.9, 0.9, 0.9),
            roughness=0.45,
            texture=sign_faces.picture("level_crossing"),
            retroreflectance=0.35,
        )
        for k, turn in enumerate((0.6, -0.6)):
            frame = pose((-0.06 + 0.006 * k, -0.28, 2.72), FACING_FORWARD @ rotation_z(turn))
            kit.add("cross", sheet, face(outline, frame, size))
            kit.add("cross_back", GALVANISED, extruded(outline, 0.0024, frame @ pose((0, 0, -0.003))))
        still = kit.parts()

        arm = Kit()
        count = max(4, round(self.length / 0.5))
        step = self.length / count
        for k in range(count):
            color = "red" if k % 2 == 0 else "white"
            film = plain(f"film_{color}", (0.50, 0.015, 0.02) if color == "red" else (0.80, 0.80, 0.78), 0.4)
            arm.add(
                f"arm_{color}",
                replace(film, retroreflectance=0.3),
                beam((0.05, step, 0.11), (0, 0.25 + (k + 0.5) * step, 0)),
            )
        arm.add(
            "hub",
            GALVANISED,
            turned([(0.0, -0.05), (0.11, -0.05), (0.11, 0.05), (0.0, 0.05)], turn=rotation_y(np.pi / 2)),
        )
        arm.add("hub", GALVANISED, beam((0.04, 0.9, 0.09), (0, -0.15, 0)))
        arm.add(
            "counterweight", plain("cast_iron", (0.06, 0.06, 0.065), 0.7), soft((0.16, 0.26, 0.26), (0, -0.62, 0), 0.02)
        )
        moving = arm.parts()
        parts = (*still, *moving)
        hinge = np.array([0.28, 0.0, 0.95])

        def articulate(joints: Array) -> Array:
            # Raised by a positive angle, the arm's +y turns towards +z, about the body's x.
            a = float(joints[0])
            c, s = np.cos(a), np.sin(a)
            turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
            return np.stack([*[np.eye(4)] * len(still), *[pose(hinge, turn)] * len(moving)])

        start = self.opening
        body = kit.body(
            self,
            "level_crossing_barrier",
            [block((0.42, 0.36, 1.0), (0, 0, 0.52)), drum(0.05, 2.75, 0.0, -0.12, -0.28)],
            mass_kg=420.0,
            fixed=True,
            lamps=lamps,
        )
        rest = articulate(np.array([start]))
        points = np.vstack([transform(m, p.mesh.vertices_m) for m, p in zip(rest, parts, strict=True)])
        low, high = points.min(axis=0), points.max(axis=0)
        center, size = (low + high) / 2, high - low
        return replace(
            body,
            asset=identified(self, body.asset),
            parts=parts,
            rest=rest,
            joints=(ARM_JOINT,),
            joint_rest=(start,),
            articulate=articulate,
            box_center_m=(float(center[0]), float(center[1]), float(center[2])),
            box_size_m=(float(size[0]), float(size[1]), float(size[2])),
        )
