"""What is painted and stuck on vehicles: lettering, chequers, stripes, a bus's destination."""

from __future__ import annotations

import numpy as np

from simgen.core.keeping import kept
from simgen.core.seeds import Key
from simgen.scene.mesh import Rgb, Texture
from simgen.scene.textures import srgb, write

BLUE: Rgb = (0.008, 0.06, 0.36)
RED: Rgb = (0.48, 0.012, 0.015)
ORANGE: Rgb = (0.85, 0.16, 0.01)
YELLOW: Rgb = (0.82, 0.66, 0.02)
WHITE: Rgb = (0.85, 0.85, 0.83)
BLACK: Rgb = (0.012, 0.012, 0.014)


@kept
def lettering(text: str, ink: Rgb, ground: Rgb) -> Texture:
    """A line of text in the middle of a board whose sides are powers of two; a glyph is 6 by 8 dots."""
    dot = 4
    wide = 6 * dot * len(text) + 2 * dot
    width = 1 << (wide - 1).bit_length()
    pixels = np.ones((64, width, 3)) * np.array(ground)
    write(pixels, text, (width - wide) // 2 + dot + dot // 2, (64 - 7 * dot) // 2, dot, ink)
    return Texture(name=f"lettering_{text.lower().replace(' ', '_')}", pixels=srgb(pixels))


def lettering_width(text: str, height_m: float) -> float:
    """Width of such a board when its text is about as high as 0.44 of ``height_m``."""
    return float(height_m * lettering(text, BLACK, WHITE).pixels.shape[1] / 64)


@kept
def chequers(one: Rgb, other: Rgb, rows: int) -> Texture:
    """Squares of two colours, ``rows`` rows of eight."""
    v, u = np.mgrid[0:64, 0:128]
    odd = ((v * rows // 64) + (u // 16)) % 2 == 1
    pixels = np.where(odd[..., None], np.array(other), np.array(one))
    return Texture(name="chequers", pixels=srgb(pixels))


@kept
def chevrons(one: Rgb, other: Rgb) -> Texture:
    """Slanting stripes of two colours."""
    v, u = np.mgrid[0:64, 0:64]
    odd = ((u + v) // 16) % 2 == 1
    pixels = np.where(odd[..., None], np.array(other), np.array(one))
    return Texture(name="chevrons", pixels=srgb(pixels))


@kept
def destination(look: int) -> Texture:
    """The matrix sign of a bus: a line's number and where it goes."""
    rng = Key(look, 0, "models").child("destination").generator()
    place = rng.choice(["CENTRE", "STATION", "HARBOUR", "MARKET", "PARK NORTH", "ARENA"])
    return lettering(f"{int(rng.integers(2, 98))} {place}", (1.0, 0.42, 0.03), (0.004, 0.004, 0.004))
