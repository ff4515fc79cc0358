"""What trucks, buses and trailers share: large wheels, a frame with axles, guards and lamps, and the pile of shapes
that becomes their parts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simgen.core.geometry import Array, rotation_y
from simgen.core.keeping import kept
from simgen.scene import shapes
from simgen.scene.body import Part
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.models.vehicle import MATERIALS
from simgen.scene.shapes import Shape, join

ALUMINIUM = Material(name="aluminium", base_color=(0.5, 0.51, 0.52), roughness=0.42, metallic=0.5)
STEEL_RIM = Material(name="rim", base_color=(0.33, 0.335, 0.34), roughness=0.45, metallic=0.4)
PLANKS = Material(name="planks", base_color=(0.20, 0.13, 0.075), roughness=0.85)
REFLECTOR = Material(name="reflector", base_color=(0.5, 0.02, 0.015), roughness=0.3, retroreflectance=0.5)
MARKER = Material(name="side_marker", base_color=(0.6, 0.22, 0.02), roughness=0.3, retroreflectance=0.3)


def bare(shape: Shape) -> Shape:
    """Without texture coordinates."""
    return Shape(shape.points_m, shape.faces)


def block(size_m: tuple[float, float, float], center_m: tuple[float, float, float], sides: str = "xXyYzZ") -> Shape:
    return bare(shapes.box(size_m, center_m, sides=sides))


def bar(a_m: tuple[float, float, float], b_m: tuple[float, float, float], radius_m: float, count: int = 6) -> Shape:
    """A round bar between two points."""
    return shapes.tube([a_m, b_m], radius_m, count=count)


@dataclass(slots=True)
class Pile:
    """Shapes by the part that they become, in the order in which the parts came."""

    shapes: dict[str, list[Shape]] = field(default_factory=dict)

    def add(self, part: str, *pieces: Shape) -> None:
        self.shapes.setdefault(part, []).extend(bare(p) for p in pieces)

    def both(self, part: str, *pieces: Shape) -> None:
        """On the left as given, and mirrored on the right."""
        self.add(part, *(shapes.both_sides(bare(p)) for p in pieces))

    def parts(self, materials: dict[str, Material], crease_rad: float = 0.55) -> list[Part]:
        return [
            Part(name=name, mesh=join(pieces).smooth(crease_rad), material=materials[name])
            for name, pieces in self.shapes.items()
        ]


def painted(name: str, color: Rgb, roughness: float = 0.3, metallic: float = 0.0) -> Material:
    return Material(name=name, base_color=color, roughness=roughness, metallic=metallic)


@kept
def heavy_wheel(radius_m: float, width_m: float, detail: str, twin: bool) -> tuple[Mesh, Mesh]:
    """(tyre, rim) of a left wheel around the y axis; its outside faces +y. A twin has its second tyre inboard."""
    r, w = radius_m, width_m / 2
    count = 20 if detail == "full" else 12
    rim = 0.6 * r
    profile = [
        (rim, -w),
        (0.93 * r, -w),
        (r, -0.8 * w),
        (r, 0.8 * w),
        (0.95 * r, w),
        (0.8 * r, 1.04 * w),
        (rim, 0.96 * w),
    ]
    tyre = shapes.lathe(profile, count=count)
    tyres = [tyre, shapes.lathe([(0.0, -w), (rim, -w)], count=count)]
    if twin:
        tyres.append(tyre.shifted(y_m=-2.0 * w - 0.05))
        tyres.append(tyres[1].shifted(y_m=-2.0 * w - 0.05))
    if twin:  # dished: the disc lies deep inside, the axle's end sticks out of it
        disc = [(rim, 0.96 * w), (0.93 * rim, 0.9 * w), (0.86 * rim, -0.35 * w), (0.42 * rim, -0.35 * w)]
        disc += [(0.38 * rim, 0.55 * w), (0.30 * rim, 0.68 * w), (0.0, 0.68 * w)]
        nut_y, nut_r = -0.35 * w, 0.58 * rim
    else:  # the disc bulges out
        disc = [(rim, 0.96 * w), (0.93 * rim, 0.86 * w), (0.86 * rim, 0.45 * w), (0.62 * rim, 0.84 * w)]
        disc += [(0.40 * rim, 0.86 * w), (0.34 * rim, 1.12 * w), (0.27 * rim, 1.2 * w), (0.0, 1.2 * w)]
        nut_y, nut_r = 0.85 * w, 0.51 * rim
    rims = [shapes.lathe(disc, count=count)]
    if detail == "full":
        for k in range(10):
            turn = np.eye(4)
            turn[:3, :3] = rotation_y(2 * np.pi * k / 10)
            nut = shapes.lathe([(0.022, nut_y), (0.022, nut_y + 0.035), (0.0, nut_y + 0.035)], count=5)
            rims.append(nut.shifted(z_m=nut_r).moved(turn))
    return join(tyres).smooth(0.7), join(rims).smooth(0.6)


def mudguard(x_m: float, z_m: float, radius_m: float, y_m: tuple[float, float], sweep: tuple[float, float]) -> Shape:
    """A curved sheet over a wheel, from angle to angle (rad, 0 is ahead, pi/2 is up), seen from both sides."""
    angle = np.linspace(*sweep, 9)
    x, z = x_m + radius_m * np.cos(angle), z_m + radius_m * np.sin(angle)
    rows = [np.column_stack([x, np.full(9, y), z]) for y in y_m]
    thin = 0.02
    inner = [
        np.column_stack(
            [x_m + (radius_m - thin) * np.cos(angle), np.full(9, y), z_m + (radius_m - thin) * np.sin(angle)]
        )
        for y in y_m
    ]
    outside, inside = shapes.grid(np.array(rows[::-1])), shapes.grid(np.array(inner))
    edge = [shapes.grid(np.array([inner[1], rows[1]])), shapes.grid(np.array([rows[0], inner[0]]))]
    return join([outside, inside, *(e.turned_inside_out() for e in edge)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The ladder frame of a truck or trailer, body frame, metres: where it begins and ends, its upper edge, and how
    far outside the wheels stand."""

    front_m: float
    rear_m: float
    top_m: float
    half_m: float
    axles_m: tuple[float, ...]
    wheel_radius_m: float
    tyre_width_m: float


def ladder(pile: Pile, f: Frame, *, plain: bool) -> None:
    """Rails, cross members and axles."""
    length, middle = f.front_m - f.rear_m, 0.5 * (f.front_m + f.rear_m)
    pile.both("under", block((length, 0.075, 0.24), (middle, 0.41, f.top_m - 0.12)))
    for x in np.linspace(f.front_m - 0.2, f.rear_m + 0.1, 3 if plain else 6):
        pile.add("under", block((0.1, 0.8, 0.18), (float(x), 0.0, f.top_m - 0.13)))
    for x in f.axles_m:
        reach = f.half_m - 2 * f.tyre_width_m
        pile.add("under", bar((x, -reach, f.wheel_radius_m), (x, reach, f.wheel_radius_m), 0.075))
        if not plain:
            pile.add("under", shapes.ellipsoid((0.2, 0.22, 0.2), (x, 0.0, f.wheel_radius_m), count=10))
            for side in (1.0, -1.0):
                spring = [
                    (x + 0.55, side * 0.5, f.top_m - 0.2),
                    (x, side * 0.5, f.wheel_radius_m + 0.07),
                    (x - 0.55, side * 0.5, f.top_m - 0.2),
                ]
                pile.add("under", shapes.tube(spring, 0.035, count=5))


def rear_end(pile: Pile, f: Frame, width_m: float, z_m: float, *, plain: bool) -> Array:
    """Underrun bar, lamp clusters and mud flaps at the rear; gives the middle (3,) of the left cluster."""
    x = f.rear_m
    pile.add("trim", block((0.09, 0.94 * width_m, 0.13), (x + 0.06, 0.0, 0.5)))
    pile.both("under", block((0.08, 0.07, f.top_m - 0.55), (x + 0.08, 0.41, 0.5 * (f.top_m + 0.45))))
    y = 0.5 * width_m - 0.30
    pile.both("trim", block((0.07, 0.46, 0.17), (x + 0.035, y, z_m)))
    lens = 0.125
    for name, at in (("tail_lamps", y), ("brake_lamps", y - 0.145)):
        pile.both(name, block((0.02, lens, 0.12), (x - 0.008, at, z_m), sides="XyYzZ"))
    for name, side in (("indicator_left", 1.0), ("indicator_right", -1.0)):
        pile.add(name, block((0.02, lens, 0.12), (x - 0.008, side * (y + 0.145), z_m), sides="XyYzZ"))
    if not plain:
        pile.both("reflector", block((0.012, 0.1, 0.1), (x - 0.002, 0.5 * width_m - 0.62, z_m), sides="XyYzZ"))
        back = f.axles_m[-1] - f.wheel_radius_m - 0.14
        pile.both("trim", block((0.015, 0.5, 0.42), (back, f.half_m - 0.28, 0.42)))
    return np.array([x - 0.005, y, z_m])


def side_guards(pile: Pile, front_m: float, rear_m: float, y_m: float, z_m: tuple[float, float]) -> None:
    """Two rails that keep others from going under the side (UN R73)."""
    for z in z_m:
        pile.both("aluminium", block((front_m - rear_m, 0.03, 0.1), (0.5 * (front_m + rear_m), y_m, z)))
    for x in (front_m - 0.15, 0.5 * (front_m + rear_m), rear_m + 0.15):
        pile.both("under", block((0.06, 0.05, 0.62), (x, y_m - 0.04, 0.5 * sum(z_m) + 0.12)))


FURNITURE = {
    **MATERIALS,
    "aluminium": ALUMINIUM,
    "reflector": REFLECTOR,
    "side_marker": MARKER,
    "planks": PLANKS,
}
