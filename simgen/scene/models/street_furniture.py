"""What stands on pavements: lamps, bins, benches, bollards, signs."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import pose
from simgen.core.keeping import kept
from simgen.core.vocabulary import models
from simgen.scene import shapes, sign_faces
from simgen.scene.beams import cone_sr
from simgen.scene.body import Asset, Body, CollisionShape, Deck, Lamp, Part
from simgen.scene.mesh import Material, Mesh
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.shapes import Shape, join

VERSION = 5

STEEL = Material(name="galvanised", base_color=(0.30, 0.31, 0.32), roughness=0.5, metallic=0.5)
DARK_STEEL = Material(name="dark_steel", base_color=(0.03, 0.035, 0.035), roughness=0.55, metallic=0.2)
WOOD = Material(name="wood", base_color=(0.20, 0.11, 0.055), roughness=0.7)
LUMINOUS_FLUX_LM = 5000.0
_INNER_RAD, _OUTER_RAD = 0.65, 1.3
_SPILL = 0.01
"""Of a luminaire, beside its beam: 3 cd/klm. EN 13201-2 allows its class G3 20 cd/klm at the horizon."""
_TILT_RAD = 0.24
"""Of the beam away from the houses."""


def _plain(shape: Shape) -> Shape:
    return Shape(shape.points_m, shape.faces)


def _body(
    model: ActorModel,
    name: str,
    parts: list[tuple[str, Mesh, Material]],
    *,
    collision: tuple[CollisionShape, ...],
    mass_kg: float,
    lamps: tuple[Lamp, ...] = (),
    deck: Deck | None = None,
    fixed: bool = False,
) -> Body:
    low = np.min([m.vertices_m.min(axis=0) for _, m, _ in parts], axis=0).astype(np.float64)
    high = np.max([m.vertices_m.max(axis=0) for _, m, _ in parts], axis=0).astype(np.float64)
    center, size = (low + high) / 2, high - low
    asset: Asset = parametric_asset(
        name, {key: getattr(model, key) for key in model.parameters}, licence=model.licence, version=VERSION
    )
    return Body(
        semantic=model.semantic,
        asset=asset,
        parts=tuple(Part(name=n, mesh=m, material=material) for n, m, material in parts),
        rest=np.broadcast_to(np.eye(4), (len(parts), 4, 4)).copy(),
        box_center_m=(float(center[0]), float(center[1]), float(center[2])),
        box_size_m=(float(size[0]), float(size[1]), float(size[2])),
        collision=collision,
        mass_kg=mass_kg,
        lamps=lamps,
        deck=deck,
        fixed=fixed,
        notes={"height_m": float(high[2])},
    )


def _pole(radius_m: float, height_m: float) -> CollisionShape:
    return CollisionShape(kind="cylinder", size_m=(radius_m, height_m), body_from_shape=pose((0, 0, height_m / 2)))


def _luminaire(size_m: tuple[float, float, float], x_m: float, z_m: float) -> Shape:
    """A flat housing, chamfered at its upper edge."""
    x, y, z = (s / 2 for s in size_m)
    plan = [(x, y), (x, -y), (-x, -y), (-x, y)][::-1]
    sections = [
        [(x_m + share * a, share * b, z_m + level) for a, b in plan]
        for level, share in ((-z, 0.97), (0.3 * z, 1.0), (z, 0.8))
    ]
    return shapes.loft(np.array(sections))


@kept
def _lamp_meshes(height_m: float, reach_m: float) -> tuple[Mesh, Mesh, Mesh]:
    """(pole and arm, head, luminous face); the arm points along +x."""
    foot = shapes.tube([(0.0, 0.0, 0.0), (0.0, 0.0, 0.9), (0.0, 0.0, 0.95)], [0.085, 0.085, 0.062], count=8, caps=False)
    rise = height_m - 0.18
    bend = np.linspace(0, 1, 5)
    arm = [(0.0, 0.0, 0.9), (0.0, 0.0, rise - 0.35)]
    arm += [(reach_m * 0.85 * t * t, 0.0, rise - 0.35 + 0.42 * np.sin(t * np.pi / 2)) for t in bend[1:]]
    radii = np.interp(np.arange(len(arm)), [0, 1, len(arm) - 1], [0.062, 0.048, 0.036])
    pole = join([foot, shapes.tube(arm, [float(r) for r in radii], count=7, caps=False)])
    x, z = reach_m, height_m - 0.06
    head = _luminaire((0.62, 0.26, 0.11), x, z)
    glow = shapes.rectangle((x - 0.22, 0.09, z - 0.0565), (0.44, 0, 0), (0, -0.18, 0))
    return pole.smooth(), head.smooth(), _plain(glow).flat()


@models.register("street_lamp")
class StreetLamp(ActorModel):
    """A street lamp with an LED head of 5000 lm on an arm along +x."""

    semantic: ClassVar[str] = "pole"
    height: float = quantity(
        "m", low=3, high=12, default=6.5, help="of the luminaire", vary={"uniform": ["6 m", "7 m"]}
    )
    reach: float = quantity("m", low=0.4, high=3, default=1.3, help="of the arm")
    lights: str = choice("on", "off", default="on", help="whether it may burn")
    tone: str = choice(
        "neutral", "warm", "sodium", default="neutral", help="of the light: 4000 K, 3000 K, high-pressure sodium"
    )

    def build(self) -> Body:
        pole, head, glow = _lamp_meshes(self.height, self.reach)
        beam = (np.cos([_INNER_RAD]), np.cos([_OUTER_RAD]), np.array([_SPILL]))
        intensity = LUMINOUS_FLUX_LM / float(cone_sr(*beam)[0])
        color = {"neutral": (1.14, 0.98, 0.78), "warm": (1.33, 0.95, 0.51), "sodium": (1.75, 0.86, 0.16)}[self.tone]
        weight = 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]
        tint = (color[0] / weight, color[1] / weight, color[2] / weight)
        luminance = intensity / 0.0792
        face = Material(
            name="lamp_face",
            base_color=(0.7, 0.7, 0.68),
            roughness=0.3,
            emission_cd_m2=(luminance * tint[0], luminance * tint[1], luminance * tint[2]),
            lamp="head",
        )
        return _body(
            self,
            "street_lamp",
            [("pole", pole, STEEL), ("head", head, DARK_STEEL), ("glow", glow, face)],
            collision=(_pole(0.085, self.height),),
            mass_kg=110.0,
            fixed=True,
            lamps=(
                Lamp(
                    name="head",
                    part="head",
                    position_m=(self.reach, 0.0, self.height - 0.13),
                    direction=(float(np.sin(_TILT_RAD)), 0.0, float(-np.cos(_TILT_RAD))),
                    intensity_cd=float(round(intensity, 1)),
                    color=tint,
                    inner_rad=_INNER_RAD,
                    outer_rad=_OUTER_RAD,
                    spill=_SPILL,
                    on=self.lights == "on",
                ),
            ),
        )


@lru_cache(maxsize=1)
def _bin_meshes() -> tuple[Mesh, Mesh]:
    barrel = shapes.stack([0.12, 0.14, 0.78, 0.82], [(0.19, 0.19), (0.2, 0.2), (0.22, 0.22), (0.22, 0.22)], count=11)
    lid = shapes.stack([0.94, 0.97, 1.03, 1.05], [(0.23, 0.23), (0.24, 0.24), (0.18, 0.18), (0.05, 0.05)], count=11)
    posts = [shapes.tube([(0.2 * c, 0.2 * s, 0.0), (0.2 * c, 0.2 * s, 0.95)], 0.018, count=6) for c, s in _TRIPOD]
    return join([barrel, lid]).smooth(), join(posts).smooth()


_TRIPOD = [(float(np.cos(a)), float(np.sin(a))) for a in (0.0, 2.0944, 4.1888)]


@models.register("bin")
class Bin(ActorModel):
    """A litter bin."""

    semantic: ClassVar[str] = "thing"
    color: str = choice("green", "grey", "black", default="green", help="of the barrel")

    def build(self) -> Body:
        barrel, posts = _bin_meshes()
        color = {"green": (0.02, 0.09, 0.05), "grey": (0.18, 0.19, 0.2), "black": (0.02, 0.02, 0.022)}[self.color]
        paint = Material(name=f"bin_{self.color}", base_color=color, roughness=0.5)
        return _body(
            self,
            "bin",
            [("barrel", barrel, paint), ("posts", posts, STEEL)],
            collision=(_pole(0.23, 1.05),),
            mass_kg=28.0,
        )


@lru_cache(maxsize=1)
def _bench_meshes() -> tuple[Mesh, Mesh]:
    slats = [shapes.box((0.085, 1.7, 0.04), (0.02 + 0.105 * i, 0, 0.45)) for i in range(4)]
    for i in range(3):
        slat = shapes.box((0.03, 1.7, 0.1), (0.0, 0, 0.0)).moved(
            pose((-0.06 - 0.035 * i, 0.0, 0.58 + 0.13 * i), _lean(-0.26))
        )
        slats.append(slat)
    legs = []
    for y in (-0.65, 0.65):
        legs += [
            shapes.box((0.05, 0.06, 0.45), (0.34, y, 0.225)),
            shapes.box((0.05, 0.06, 0.45), (-0.02, y, 0.225)),
            shapes.box((0.42, 0.06, 0.04), (0.16, y, 0.41)),
            shapes.box((0.04, 0.05, 0.52), (0.0, 0.0, 0.0)).moved(pose((-0.11, y, 0.66), _lean(-0.26))),
        ]
    return _plain(join(slats)).flat(), _plain(join(legs)).flat()


def _lean(angle_rad: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


@models.register("bench")
class Bench(ActorModel):
    """A park bench that faces +x."""

    semantic: ClassVar[str] = "furniture"

    def build(self) -> Body:
        slats, legs = _bench_meshes()
        return _body(
            self,
            "bench",
            [("slats", slats, WOOD), ("legs", legs, DARK_STEEL)],
            collision=(
                CollisionShape(kind="box", size_m=(0.42, 1.7, 0.47), body_from_shape=pose((0.18, 0, 0.235))),
                CollisionShape(kind="box", size_m=(0.17, 1.7, 0.9), body_from_shape=pose((-0.115, 0, 0.45))),
            ),
            mass_kg=60.0,
            deck=Deck(center_m=(0.18, 0.0), height_m=0.47, size_m=(0.4, 1.7)),
        )


@models.register("bollard")
class Bollard(ActorModel):
    """A steel bollard with a reflective ring."""

    semantic: ClassVar[str] = "pole"
    height: float = quantity("m", low=0.5, high=1.3, default=0.9, help="above ground")

    def build(self) -> Body:
        h = self.height
        post = shapes.stack(
            [0.0, h - 0.04, h - 0.01, h], [(0.055, 0.055), (0.055, 0.055), (0.045, 0.045), (0.01, 0.01)], count=12
        )
        ring = shapes.stack([0.8 * h, 0.88 * h], [(0.057, 0.057), (0.057, 0.057)], count=12)
        white = Material(name="reflective_ring", base_color=(0.75, 0.75, 0.73), roughness=0.4, retroreflectance=0.4)
        return _body(
            self,
            "bollard",
            [("post", post.smooth(), DARK_STEEL), ("ring", ring.smooth(), white)],
            collision=(_pole(0.055, h),),
            mass_kg=18.0,
        )


@lru_cache(maxsize=4)
def _sign_meshes() -> tuple[Mesh, Mesh, Mesh]:
    pole = shapes.tube([(0, 0, 0), (0, 0, 2.85)], 0.03, count=8)
    angle = np.linspace(0, 2 * np.pi, 29)[:-1]
    y, z = 0.3 * np.cos(angle), 0.3 * np.sin(angle)
    front = shapes.fan(np.column_stack([np.full(28, 0.045), y, z + 2.5]))
    uv = np.column_stack([0.5 + front.points_m[:, 1] / 0.62, 0.5 + (front.points_m[:, 2] - 2.5) / 0.62])
    face = Shape(front.points_m, front.faces, uv)
    rim = np.array([np.column_stack([np.full(28, x), y, z + 2.5]) for x in (0.045, 0.038)])
    back = shapes.fan(rim[1, ::-1])
    edge = shapes.grid(np.concatenate([rim[::-1], rim[::-1, :1]], axis=1))
    return pole.smooth(), face.flat(), join([back, edge]).flat()


@models.register("sign.speed_limit")
class SpeedLimit(ActorModel):
    """A speed limit sign on a pole, which faces +x."""

    semantic: ClassVar[str] = "traffic_sign"
    limit: str = choice("20", "30", "40", "50", "60", "70", "80", default="50", help="number on it, km/h")

    def build(self) -> Body:
        pole, face, back = _sign_meshes()
        sheet = Material(
            name=f"sign_{self.limit}",
            base_color=(0.9, 0.9, 0.9),
            roughness=0.5,
            texture=sign_faces.speed_limit(int(self.limit)),
            retroreflectance=0.35,
        )
        return _body(
            self,
            "sign/speed_limit",
            [("face", face, sheet), ("back", back, STEEL), ("pole", pole, STEEL)],
            collision=(_pole(0.03, 2.85),),
            mass_kg=16.0,
        )
