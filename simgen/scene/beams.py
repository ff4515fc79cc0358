"""How a lamp spreads its light over directions: a cone with a soft rim, a little beside it where a lamp spills
some, and of a dipped beam little above its edge.

The one formula of every lamp. Sensing asks it here; ``rendering/raster/shaders/light.frag`` says the same to the GPU.
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


def within_cone(aim: Float32, cos_inner: Array, cos_outer: Array, spill: Array) -> Float32:
    """(P, K) share of the intensity on the axis, at cosines ``aim`` (P, K) of the angle to the axes of K cones.

    Args:
        spill: (K,) share that leaves on all sides.
    """
    scale = 1.0 / np.maximum(cos_inner - cos_outer, 1e-6)
    smooth = _step((aim - cos_outer.astype(np.float32)) * scale.astype(np.float32))
    if spill.any():
        smooth *= (1.0 - spill).astype(np.float32)
        smooth += spill.astype(np.float32)
    return smooth


def cone_sr(cos_inner: Array, cos_outer: Array, spill: Array) -> Array:
    """(K,) luminous flux of such beams over the intensity on their axes: the rim's smooth step is even about the mean
    of its cosines."""
    # the cosines of a lamp that shines all round lie below -1
    beam = 2 * np.pi * (1 - np.maximum(0.5 * (cos_inner + cos_outer), -1.0))
    solid_angle: Array = beam + spill * (4 * np.pi - beam)
    return solid_angle


def below_edge(rise: Float32, aside: Float32, edge_sin: Array) -> Float32:
    """(P, K) share of a dipped beam's light that its edge lets through, at unit directions whose parts along its up
    and its right are ``rise`` and ``aside`` (P, K).

    Args:
        edge_sin: (K,) sine of the edge's height over the axis; infinite for beams without one.
    """
    above = rise - edge_sin.astype(np.float32) - np.maximum(np.float32(KERB_SLOPE) * aside, np.float32(0.0))
    cut = _step((above - np.float32(EDGE_FROM)) * np.float32(1.0 / (EDGE_TO - EDGE_FROM)))
    left: Float32 = np.float32(1.0) - np.float32(DIPPED) * cut
    return left


def _step(share: Float32) -> Float32:
    """Smooth from 0 to 1."""
    t = np.minimum(np.maximum(share, np.float32(0.0)), np.float32(1.0))
    smooth: Float32 = t * t * (np.float32(3.0) - np.float32(2.0) * t)
    return smooth
