"""Cars and vans in service: taxi, police, ambulance, deliveries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.body import Lamp, Part
from simgen.scene.mesh import Material, Rgb, Texture
from simgen.scene.models import liveries
from simgen.scene.models.car import Sedan
from simgen.scene.models.car_bodies import Estate
from simgen.scene.models.coachwork import Coachwork, Profile, Skin
from simgen.scene.models.van import Van
from simgen.scene.models.vehicle import MATERIALS, PAINTS, Outfit, beacon_lamps, lens, paint_parameter
from simgen.scene.shapes import Shape, join

_BANDS = 14


def decal(name: str, texture: Texture, shape: Shape, *, bright: float = 0.25) -> Part:
    """A film with a picture on it, which sends back some of the light that it gets."""
    material = Material(name=name, base_color=(1.0, 1.0, 1.0), roughness=0.4, texture=texture, retroreflectance=bright)
    return Part(name=name, mesh=shape.flat(), material=material)


def side_band(p: Profile, x_m: tuple[float, float], below_m: tuple[float, float], tile_m: float) -> Shape:
    """A band along both sides of the tub, 3 mm in front of the skin, from front to rear.

    Args:
        below_m: its lower and upper edge, as distances below the shoulder.
        tile_m: length over which the texture fits once; it fits once over the height.
    """
    skin = Skin(p)
    x = np.linspace(x_m[1], x_m[0], _BANDS)
    rows = []
    for below in below_m:
        points = skin.at(x, skin.half_width(x), skin.shoulder(x) - below)
        rows.append(points + np.array([0.0, 0.004, 0.0]))
    u = (x - x[0]) / tile_m
    uv = np.stack([np.stack([u, np.full(_BANDS, float(v))], axis=1) for v in (0, 1)])
    # Seen from the left, columns run right towards the rear.
    return shapes.both_sides(shapes.grid(np.array(rows)[:, ::-1], uv=uv[:, ::-1]))


def side_board(
    text: str, ink: Rgb, ground: Rgb, center_m: tuple[float, float, float], height_m: float, name: str
) -> Part:
    """Lettering on flat boards on both sides, readable on each."""
    x, y, z = center_m
    texture = liveries.lettering(text, ink, ground)
    wide = liveries.lettering_width(text, height_m)
    uv = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    boards = []
    for sign in (1.0, -1.0):
        face = shapes.rectangle(
            (x + sign * wide / 2, sign * y, z - height_m / 2), (-sign * wide, 0, 0), (0, 0, height_m)
        )
        boards.append(Shape(face.points_m, face.faces, uv))
    return decal(name, texture, join(boards), bright=0.1)


def light_bar(x_m: float, z_m: float, half_m: float) -> tuple[list[Part], tuple[Lamp, ...]]:
    """A bar with blue beacons across a roof: (parts, lamps)."""
    base = shapes.rounded_box((0.26, 1.6 * half_m, 0.05), 0.02, (x_m, 0.0, z_m + 0.045), count=12)
    feet = shapes.both_sides(shapes.box((0.12, 0.08, 0.05), (x_m, 0.6 * half_m, z_m + 0.0)))
    middle = shapes.rounded_box((0.24, 0.5 * half_m, 0.075), 0.03, (x_m, 0.0, z_m + 0.105), count=12)
    blue = shapes.rounded_box((0.27, 0.72 * half_m, 0.085), 0.035, (x_m, 0.62 * half_m, z_m + 0.11), count=14)
    trim = join([base, Shape(feet.points_m, feet.faces)])
    parts = [
        Part(name="trim_bar", mesh=trim.smooth(0.6), material=MATERIALS["trim"]),
        Part(name="chrome_bar", mesh=middle.smooth(0.6), material=MATERIALS["chrome"]),
        Part(name="beacon_left", mesh=blue.smooth(0.6), material=MATERIALS["beacon_left"]),
        Part(name="beacon_right", mesh=blue.mirrored().smooth(0.6), material=MATERIALS["beacon_right"]),
    ]
    return parts, beacon_lamps(np.array([x_m, 0.62 * half_m, z_m + 0.11]))


def _roof_height(p: Profile) -> float:
    return max(z for _, z in p.cabin.roof_edge) + 0.6 * p.cabin.roof_crown_m


def _doors(p: Profile) -> tuple[float, float]:
    """Between the arches."""
    arch = p.wheel_radius_m + p.arch_gap_m + 0.03
    return p.front_axle_m - arch, p.rear_axle_m + arch


@models.register("car.taxi")
class Taxi(Sedan):
    """A taxi: a saloon with a lit sign on its roof."""

    paint: str = paint_parameter("beige", {"beige": 0.5, "yellow": 0.25, "black": 0.15, "white": 0.1})

    def outfit(self, p: Profile, shape: Coachwork) -> Outfit:
        x, z = p.cabin.roof_front_m - 0.35, _roof_height(p) + 0.005
        box = shapes.rounded_box((0.14, 0.42, 0.15), 0.03, (x, 0.0, z + 0.085), count=14)
        foot = shapes.box((0.12, 0.36, 0.03), (x, 0.0, z))
        glow = lens("taxi_sign", (0.85, 0.72, 0.2), (700.0, 520.0, 90.0))
        texture = liveries.lettering("TAXI", liveries.BLACK, (0.9, 0.75, 0.15))
        uv = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
        faces = []
        for end in (1.0, -1.0):
            at = (x + end * 0.0715, -end * 0.15, z + 0.045)
            face = shapes.rectangle(at, (0.0, end * 0.30, 0.0), (0.0, 0.0, 0.08))
            faces.append(Shape(face.points_m, face.faces, uv))
        letters = Material(
            name="taxi_letters",
            base_color=(1.0, 1.0, 1.0),
            roughness=0.4,
            texture=texture,
            emission_cd_m2=(700.0, 520.0, 90.0),
            lamp="taxi_sign",
        )
        lamp = Lamp(
            name="taxi_sign",
            position_m=(x, 0.0, z + 0.09),
            direction=(0.0, 0.0, 1.0),
            intensity_cd=12.0,
            color=(1.3, 0.97, 0.4),
            on=self.lights == "on",
        )
        parts = (
            Part(name="taxi_sign", mesh=box.smooth(0.6), material=glow),
            Part(name="trim_sign", mesh=Shape(foot.points_m, foot.faces).flat(), material=MATERIALS["trim"]),
            Part(name="taxi_letters", mesh=join(faces).flat(), material=letters),
        )
        return Outfit(parts=parts, lamps=(lamp,))


@models.register("car.police")
class Police(Estate):
    """A police car: chequers along its sides, and blue beacons that an action lights."""

    paint: str = paint_parameter("white", {"white": 0.6, "silver": 0.25, "blue": 0.15})
    roof: str = choice("bare", default="bare", help="the light bar takes the roof")

    def outfit(self, p: Profile, shape: Coachwork) -> Outfit:
        x = p.cabin.roof_front_m - 0.42
        parts, lamps = light_bar(x, _roof_height(p), 0.62)
        band = side_band(p, _doors(p), (0.27, 0.05), 1.6)
        parts.append(decal("livery", liveries.chequers(liveries.BLUE, liveries.YELLOW, 2), band))
        y = float(Skin(p).at(0.0, p.width_m / 2, p.shoulder[5][1] - 0.37)[1]) + 0.004
        parts.append(
            side_board(
                "POLICE", liveries.BLUE, PAINTS[self.paint][0], (-0.05, y, p.shoulder[5][1] - 0.37), 0.17, "letters"
            )
        )
        return Outfit(parts=tuple(parts), lamps=lamps)


@models.register("van.ambulance")
class Ambulance(Van):
    """An ambulance: a high van with stripes, lettering and blue beacons that an action lights."""

    height: float = quantity(
        "m", low=2.3, high=2.86, default=2.7, help="of the roof", vary={"uniform": ["2.55 m", "2.8 m"]}
    )
    length: float = quantity(
        "m", low=5.2, high=6.5, default=5.95, help="over bumpers", vary={"uniform": ["5.6 m", "6.2 m"]}
    )
    paint: str = paint_parameter("white", {"white": 0.7, "yellow": 0.3})

    def outfit(self, p: Profile, shape: Coachwork) -> Outfit:
        parts, lamps = light_bar(p.cabin.roof_front_m - 0.55, _roof_height(p), 0.78)
        band = side_band(p, _doors(p), (0.34, 0.06), 1.6)
        parts.append(decal("livery", liveries.chequers(liveries.RED, liveries.YELLOW, 2), band))
        parts.append(_panel_text("AMBULANCE", liveries.RED, PAINTS[self.paint][0], p, 0.44))
        return Outfit(parts=tuple(parts), lamps=lamps)


_FIRMS: Sequence[tuple[str, Rgb, Rgb]] = (
    ("PARCEL", liveries.WHITE, liveries.BLUE),
    ("FRESH FOOD", liveries.WHITE, (0.03, 0.25, 0.05)),
    ("EXPRESS", liveries.RED, liveries.YELLOW),
    ("LAUNDRY", liveries.BLUE, liveries.WHITE),
    ("PARTS", liveries.WHITE, liveries.RED),
)


@models.register("van.delivery")
class DeliveryVan(Van):
    """A panel van of a delivery firm, with its name on the sides."""

    def outfit(self, p: Profile, shape: Coachwork) -> Outfit:
        text, ink, ground = _FIRMS[self.look % len(_FIRMS)]
        return Outfit(parts=(_panel_text(text, ink, ground, p, 0.5),))


def _panel_text(text: str, ink: Rgb, ground: Rgb, p: Profile, height_m: float) -> Part:
    """Lettering on the side panels behind the doors, which lean in above the belt."""
    c = p.cabin
    rear_door = p.doors[1] if len(p.doors) > 1 else 0.0
    x0, x1 = c.roof_rear_m + 0.25, rear_door - 0.2
    wide = min(x1 - x0, liveries.lettering_width(text, height_m))
    x = 0.5 * (x0 + x1) + np.array([-0.5, 0.5]) * wide
    belt = float(Skin(p).shoulder(0.5 * (x0 + x1)))
    top = max(z for _, z in c.roof_edge)
    low = belt + 0.5 * (top - belt) - 0.5 * height_m * 0.9
    base_half = float(Skin(p).at(0.0, p.width_m / 2, belt)[1]) * c.belt_width
    rows, steps = [], np.linspace(low, low + 0.9 * height_m, 5)
    for z in steps:
        t = (z - belt) / (top - belt)
        half = c.roof_half_front_m + (c.roof_half_rear_m - c.roof_half_front_m) * (
            (c.roof_front_m - x) / (c.roof_front_m - c.roof_rear_m)
        )
        y = base_half + t * (half - base_half) + 1.02 * c.bulge_m * (1 - (2 * t - 1) ** 2) + 0.012
        rows.append(np.column_stack([x, y, np.full(2, z)]))
    share = np.linspace(0.0, 1.0, len(steps))
    # On the left the text runs towards the rear, on the right towards the front.
    points = np.array(rows)
    left_uv = np.stack([np.stack([np.array([0.0, 1.0]), np.full(2, v)], axis=1) for v in share])
    left = shapes.grid(points[:, ::-1], uv=left_uv)
    right = shapes.grid(points * np.array([1.0, -1.0, 1.0]), uv=left_uv)
    return decal("letters", liveries.lettering(text, ink, ground), join([left, right]), bright=0.1)
