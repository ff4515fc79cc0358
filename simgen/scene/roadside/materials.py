"""Materials of roads and of what lies beside them."""

from __future__ import annotations

from dataclasses import replace

from simgen.core.keeping import kept
from simgen.scene import textures
from simgen.scene.environment import Season
from simgen.scene.mesh import Material, Rgb, Texture
from simgen.scene.shapes import Tile

TILES_M: dict[str, Tile] = {
    "asphalt": textures.ASPHALT_M,
    "dark_asphalt": textures.ASPHALT_M,
    "driven_asphalt": textures.DRIVEN_M,
    "setts": 1.6,
    "marking": 3.0,
    "yellow_marking": 3.0,
    "kerb": 1.0,
    "paving": 2.0,
    "grass": 32.0,
    "field": 18.0,
    "stubble": 18.0,
    "ploughed": 18.0,
    "concrete": 4.0,
    "gravel": 2.0,
    "cast_iron": 1.0,
}
"""Side of a texture's tile, or its length and width, metres."""


MARKING_RETROREFLECTANCE = 0.012
"""Of beads in white paint: from 30 m, in the light of a car, some 260 mcd/lx/m² (EN 1436, between R4 and R5)."""


def _stone(name: str, albedo: Rgb, roughness: float, texture: Texture) -> Material:
    return Material(name=name, base_color=albedo, roughness=roughness, texture=texture, wettable=True)


_GROWTH: dict[str, dict[Season, Rgb]] = {
    "grass": {"summer": (0.082, 0.117, 0.035), "autumn": (0.100, 0.114, 0.042), "winter": (0.122, 0.118, 0.062)},
    "field": {"summer": (0.125, 0.155, 0.045), "autumn": (0.165, 0.140, 0.056), "winter": (0.112, 0.108, 0.055)},
}
"""Albedo of what grows: it pales in autumn, and in winter most of its blades are straw."""


@kept
def ground(name: str, season: Season = "summer") -> Material:
    """A surface by its name; made on first use, because textures take a moment, and a file is checked without them.

    Only lanes are of driven asphalt: its tracks belong to a lane's edge. Raises KeyError.
    """
    match name:
        case "asphalt":
            return _stone(name, (0.125, 0.125, 0.127), 0.92, textures.asphalt(1))
        case "driven_asphalt":
            return _stone(name, (0.125, 0.125, 0.127), 0.92, textures.driven_asphalt(1))
        case "dark_asphalt":
            return _stone(name, (0.075, 0.075, 0.077), 0.95, textures.asphalt(1))
        case "setts":
            return _stone(name, (0.20, 0.195, 0.19), 0.9, textures.cobbles(1))
        case "marking":
            paint = _stone(name, (0.62, 0.62, 0.60), 0.7, textures.worn_paint(1))
            return replace(paint, retroreflectance=MARKING_RETROREFLECTANCE)
        case "yellow_marking":
            return replace(_stone(name, (0.62, 0.40, 0.03), 0.7, textures.worn_paint(1)), retroreflectance=0.01)
        case "kerb":
            return _stone(name, (0.34, 0.335, 0.32), 0.85, textures.kerb(1))
        case "paving":
            return _stone(name, (0.30, 0.295, 0.28), 0.88, textures.paving(1))
        case "concrete":
            return _stone(name, (0.36, 0.355, 0.34), 0.9, textures.concrete(1))
        case "gravel":
            return _stone(name, (0.22, 0.21, 0.195), 0.95, textures.cobbles(2))
        case "grass":
            return Material(name=name, base_color=_GROWTH[name][season], roughness=1.0, texture=textures.grass(1))
        case "field":
            return Material(name=name, base_color=_GROWTH[name][season], roughness=1.0, texture=textures.field(1))
        case "stubble":
            return Material(name=name, base_color=(0.30, 0.225, 0.085), roughness=1.0, texture=textures.field(2))
        case "ploughed":
            return Material(name=name, base_color=(0.135, 0.095, 0.062), roughness=1.0, texture=textures.field(1))
        case "cast_iron":
            iron = Material(name=name, base_color=(0.045, 0.043, 0.042), roughness=0.6, metallic=0.3)
            return replace(iron, wettable=True)
        case "rail":
            return Material(name=name, base_color=(0.42, 0.40, 0.38), roughness=0.3, metallic=0.85)
        case "rubber":
            return Material(name=name, base_color=(0.03, 0.03, 0.03), roughness=0.9, wettable=True)
    raise KeyError(name)
