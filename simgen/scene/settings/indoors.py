"""What rooms are made of: sheets with textures, markings on the floor, lamps, and bodies that never move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.core.geometry import pose
from simgen.scene.body import Body, CollisionShape, Lamp, Part
from simgen.scene.mesh import Material, Mesh, Rgb, Texture
from simgen.scene.prints import hatched
from simgen.scene.solids import box, joined, lathe, moved
from simgen.scene.stage import Fixture
from simgen.scene.things import rigid_body

LICENCE = "Apache-2.0"
MARKING_M = 0.002
"""Height of paint on a floor, so that it never flickers against it."""
YELLOW = Material(name="floor_yellow", base_color=(0.72, 0.46, 0.02), roughness=0.55)
WHITE_PAINT = Material(name="floor_white", base_color=(0.70, 0.70, 0.68), roughness=0.55)
GREEN_PAINT = Material(name="floor_green", base_color=(0.05, 0.30, 0.12), roughness=0.55)
STEEL = Material(name="steel_grey", base_color=(0.30, 0.31, 0.33), roughness=0.5)
BRIGHT_STEEL = Material(name="bright_steel", base_color=(0.56, 0.57, 0.58), roughness=0.32, metallic=1.0)
DARK = Material(name="dark_plastic", base_color=(0.035, 0.036, 0.04), roughness=0.5)
SAFETY_YELLOW = Material(name="safety_yellow", base_color=(0.76, 0.50, 0.02), roughness=0.45)
PALE = Material(name="pale_paint", base_color=(0.72, 0.72, 0.70), roughness=0.8)


def textured(name: str, texture: Texture, roughness: float) -> Material:
    return Material(name=name, base_color=(1.0, 1.0, 1.0), roughness=roughness, texture=texture)


def warning_stripes() -> Material:
    return textured("warning_stripes", hatched((236, 186, 20), (26, 26, 26)), 0.55)


def sheet(
    corner: Sequence[float], u: Sequence[float], v: Sequence[float], repeat_m: float | None, *, along_y: bool = False
) -> Mesh:
    """A flat rectangle from ``corner`` along the edges u and v; its normal is u x v.

    Args:
        repeat_m: side of one repeat of the texture; None stretches it once over the sheet.
        along_y: the texture's u runs along the edge v.
    """
    p, a, b = (np.asarray(x, dtype=np.float64) for x in (corner, u, v))
    scale = (1.0, 1.0) if repeat_m is None else (np.linalg.norm(a) / repeat_m, np.linalg.norm(b) / repeat_m)
    uv = np.array([[0, 0], [scale[0], 0], [scale[0], scale[1]], [0, scale[1]]], dtype=np.float32)
    vertices = np.array([p, p + a, p + a + b, p + b])
    return Mesh.flat(vertices, [[0, 1, 2], [0, 2, 3]], uv[:, ::-1] if along_y else uv)


def strip(x0: float, y0: float, x1: float, y1: float, repeat_m: float | None = 1.0) -> Mesh:
    """A rectangle of paint on the floor between two corners (x0 < x1, y0 < y1)."""
    return sheet((x0, y0, MARKING_M), (x1 - x0, 0.0, 0.0), (0.0, y1 - y0, 0.0), repeat_m)


def outline(x0: float, y0: float, x1: float, y1: float, width_m: float = 0.08) -> Mesh:
    """The painted border of a rectangle."""
    w = width_m
    return joined(
        [
            strip(x0, y0, x1, y0 + w),
            strip(x0, y1 - w, x1, y1),
            strip(x0, y0 + w, x0 + w, y1 - w),
            strip(x1 - w, y0 + w, x1, y1 - w),
        ]
    )


def bar(size_m: Sequence[float], at_m: Sequence[float]) -> Mesh:
    """A box by its full lengths and its middle."""
    return moved(box(size_m), pose(at_m))


def block(size_m: tuple[float, float, float], at_m: Sequence[float]) -> CollisionShape:
    return CollisionShape(kind="box", size_m=size_m, body_from_shape=pose(at_m))


def post(radius_m: float, height_m: float, at_m: tuple[float, float, float], sectors: int = 16) -> Mesh:
    """An upright cylinder on a point."""
    return moved(lathe([(0.0, 0.0), (radius_m, 0.0), (radius_m, height_m), (0.0, height_m)], sectors), pose(at_m))


def stuff(
    semantic: str, asset_id: str, parts: Sequence[Part], collision: Sequence[CollisionShape] = (),
    lamps: Sequence[Lamp] = (), friction: float = 0.6,
) -> Body:  # fmt: skip
    """A body that never moves."""
    return rigid_body(
        semantic, asset_id, LICENCE, parts, collision, friction=friction, restitution=0.2, fixed=True, lamps=lamps
    )


def fixture(
    name: str, body: Body, at: tuple[float, float, float] = (0.0, 0.0, 0.0), *, labelled: bool = False
) -> Fixture:
    return Fixture(name=name, body=body, world_from_body=pose(at), labelled=labelled)


def glowing(name: str, luminance_cd_m2: Rgb, color: Rgb = (0.8, 0.8, 0.8)) -> Material:
    """A surface that shines with the lamp of its name."""
    return Material(name=name, base_color=color, roughness=0.6, emission_cd_m2=luminance_cd_m2, lamp=name)


def walls(low: Sequence[float], high: Sequence[float], height_m: float, repeat_m: float) -> Mesh:
    """The four walls of a room between two corners (2,), facing inwards, with upright texture coordinates."""
    (x0, y0), (x1, y1) = low, high
    corners = ((x0, y0), (x0, y1), (x1, y1), (x1, y0))
    return joined(
        [
            sheet((ax, ay, 0.0), (bx - ax, by - ay, 0.0), (0.0, 0.0, height_m), repeat_m)
            for (ax, ay), (bx, by) in zip(corners, (*corners[1:], corners[0]), strict=True)
        ]
    )
