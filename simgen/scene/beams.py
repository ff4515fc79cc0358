"""How a lamp spreads its light over directions: a cone with a soft rim, or of a dipped beam a bright spot that fades
to the sides of the cone, and little above an edge; a little beside the cone where a lamp spills some.

The one formula of every lamp. Sensing asks it here; ``rendering/raster/shaders/light.frag`` says the same to the
GPU, with the constants that stand here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array

Float32 = NDArray[np.float32]

DIPPED = 0.986
"""Share of a dipped beam's light that ends above its edge. UN R112 allows 0.4 lx in 25 m in the eyes of who comes the
other way (250 cd at the point B50L), and asks for some 17,000 cd below."""
EDGE_FROM, EDGE_TO = -0.012, 0.010
"""Sines of the heights over the edge between which a dipped beam falls from full to what is left."""
FADE_SQUARED = 3
FADE = 2**FADE_SQUARED
"""Power of the way from the cone's rim to the axis, in cosines, by which a dipped beam fades: of a cone of 40 degrees
it leaves 0.89 at 5 degrees from the axis, 0.60 at 10, 0.29 at 15, 0.09 at 20, 0.02 at 25. Film and eye see such light
fade into the dark to both sides; a rim that is steep as seen from a camera at night would be a line."""
BELOW_EDGE = 0.6
"""Share of a dipped beam's flux below its edge, which stands over the axis and rises on the right."""
KERB_SLOPE = 0.27
"""Tangent of the 15 degrees by which the edge rises on the right."""
BELOW_LEVEL_RAD = 0.01
"""How far below the horizon the edge of a car's dipped beam is set: by 1 % (UN R48)."""


def axes(direction: Array) -> Array:
    """(..., 3, 3) rows right, up, forward of beams along ``direction`` (..., 3) in the world frame; their up is as near
    to the world's as can be."""
    forward = direction / np.linalg.norm(direction, axis=-1, keepdims=True)
    x, y, z = np.moveaxis(forward, -1, 0)
    none = np.zeros_like(x)
    # Across the beam and the world's up, or its x for a beam that points up or down
    steep = (abs(z) >= 0.95)[..., None]
    right = np.where(steep, np.stack([none, z, -y], axis=-1), np.stack([y, -x, none], axis=-1))
    right /= np.linalg.norm(right, axis=-1, keepdims=True)
    return np.stack([right, np.cross(right, forward), forward], axis=-2)


def within_cone(
    aim: Float32, cos_inner: Array, cos_outer: Array, spill: Array, dipped: NDArray[np.bool_] | None = None
) -> Float32:
    """(P, K) share of the intensity on the axis, at cosines ``aim`` (P, K) of the angle to the axes of K cones.

    Args:
        spill: (K,) share that leaves on all sides.
        dipped: (K,) which of them fade as dipped beams do; none if left out.
    """
    scale = 1.0 / np.maximum(cos_inner - cos_outer, 1e-6)
    inward = _within((aim - cos_outer.astype(np.float32)) * scale.astype(np.float32))
    smooth = _step(inward)
    if dipped is not None and dipped.any():
        smooth.T[dipped] = _faded(inward.T[dipped])
    if spill.any():
        smooth *= (1.0 - spill).astype(np.float32)
        smooth += spill.astype(np.float32)
    return smooth


def cone_sr(cos_inner: Array, cos_outer: Array, spill: Array, dipped: NDArray[np.bool_] | bool = False) -> Array:
    """(K,) luminous flux of such beams, without an edge, over the intensity on their axes: over cosines, the mean of a
    smooth step is a half, and that of a power n is 1 / (n + 1)."""
    mean = np.where(dipped, 1 / (FADE + 1), 0.5)
    # the cosines of a lamp that shines all round lie below -1
    beam = 2 * np.pi * (1 - np.maximum(cos_inner + mean * (cos_outer - cos_inner), -1.0))
    solid_angle: Array = beam + spill * (4 * np.pi - beam)
    return solid_angle


def below_edge(rise: Float32, aside: Float32, edge_sin: Array) -> Float32:
    """(P, K) share of a dipped beam's light that its edge lets through, at unit directions whose parts along its up
    and its right are ``rise`` and ``aside`` (P, K).

    Args:
        edge_sin: (K,) sine of the edge's height over the axis; infinite for beams without one.
    """
    above = rise - edge_sin.astype(np.float32) - np.maximum(np.float32(KERB_SLOPE) * aside, np.float32(0.0))
    cut = _step(_within((above - np.float32(EDGE_FROM)) * np.float32(1.0 / (EDGE_TO - EDGE_FROM))))
    left: Float32 = np.float32(1.0) - np.float32(DIPPED) * cut
    return left


def _within(share: Float32) -> Float32:
    """Between 0 and 1."""
    clipped: Float32 = np.minimum(np.maximum(share, np.float32(0.0)), np.float32(1.0))
    return clipped


def _faded(t: Float32) -> Float32:
    """The power ``FADE``."""
    for _ in range(FADE_SQUARED):
        t = t * t
    return t


def _step(t: Float32) -> Float32:
    """Smooth from 0 to 1."""
    smooth: Float32 = t * t * (np.float32(3.0) - np.float32(2.0) * t)
    return smooth
