"""Colours at the corners of faces, as vertex colours are, in a texture.

Where each face is of one colour, a texel holds it, and the face lies at its middle. Elsewhere a face has a block of
2 x 2 texels to itself: its corners lie at the middles of three, and the fourth is what continues the three, so that
between them a texture's filter gives what is interpolated over the face. A face as large as a pixel sees no texel of
another. The blocks lie in the texture as their faces lie in space (both along Morton's curve), so that what mipmaps
make one are neighbours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.mesh import Texture, distinct_rows
from simgen.scene.textures import srgb

MAX_BLOCKS = 2**20
"""Of a texture of 2048 x 2048. More faces than this get a colour each, in steps of 1 / 63."""
_STEPS = 63


def painted(name: str, colors: Array, centers: Array) -> tuple[Texture, NDArray[np.float32]]:
    """A texture, and the coordinates in it of the corners of faces (F, 3, 2).

    Args:
        colors: (F, 3, 3) linear RGB in [0, 1] of each face's corners.
        centers: (F, 3) where the faces are, in any unit.
    """
    bytes_ = srgb(np.clip(colors, 0.0, 1.0)).astype(np.int64)
    if len(bytes_) > MAX_BLOCKS:
        mean = np.rint(bytes_.mean(axis=1, keepdims=True) * (_STEPS / 255.0)) * (255.0 / _STEPS)
        bytes_ = np.repeat(np.rint(mean).astype(np.int64), 3, axis=1)
    if (bytes_ == bytes_[:, :1]).all():
        return _single(name, bytes_[:, 0])
    return _blocks(name, bytes_, centers)


def _single(name: str, colors: NDArray[np.int64]) -> tuple[Texture, NDArray[np.float32]]:
    """Of faces of one colour each (F, 3)."""
    first, index = distinct_rows(colors)
    bits = max(int(np.ceil(np.log2(len(first)))), 4)
    width, height = 2 ** -(-bits // 2), 2 ** (bits // 2)
    pixels = np.zeros((height * width, 3), dtype=np.uint8)
    pixels[: len(first)] = colors[first]
    pixels[len(first) :] = colors[first[-1]]
    place = np.stack([index % width, index // width], axis=1)
    uv = np.repeat(_uv(place, width, height)[:, None], 3, axis=1)
    return Texture(name=name, pixels=pixels.reshape(height, width, 3)), uv


def _blocks(name: str, colors: NDArray[np.int64], centers: Array) -> tuple[Texture, NDArray[np.float32]]:
    """Of faces whose corners differ (F, 3, 3)."""
    low = centers.min(axis=0)
    span = max(float((centers.max(axis=0) - low).max()), 1e-12)
    cells = np.minimum((centers - low) / span * 1024.0, 1023.0).astype(np.int64)
    order = np.argsort(sum(_spread(cells[:, k], 3) << k for k in range(3)), kind="stable")
    bits = max(int(np.ceil(np.log2(len(colors)))), 2)
    width, height = 2 ** -(-bits // 2), 2 ** (bits // 2)
    number = np.arange(width * height)
    column, row = _gathered(number), _gathered(number >> 1)
    face = order[np.minimum(number, len(order) - 1)]
    a, b, c = (colors[face, k] for k in range(3))
    pixels = np.zeros((2 * height, 2 * width, 3), dtype=np.uint8)
    for texel, (right, below) in ((a, (0, 0)), (b, (1, 0)), (c, (0, 1)), (np.clip(b + c - a, 0, 255), (1, 1))):
        pixels[2 * row + below, 2 * column + right] = texel
    corner = np.array([(0, 0), (1, 0), (0, 1)])
    place = np.empty((len(colors), 3, 2), dtype=np.int64)
    place[order] = 2 * np.stack([column, row], axis=1)[: len(order), None] + corner
    return Texture(name=name, pixels=pixels), _uv(place, 2 * width, 2 * height)


def _uv(texel: NDArray[np.int64], width: int, height: int) -> NDArray[np.float32]:
    """Texture coordinates of the middles of texels (..., 2), column and row."""
    result: NDArray[np.float32] = np.stack(
        [(texel[..., 0] + 0.5) / width, 1.0 - (texel[..., 1] + 0.5) / height], axis=-1
    ).astype(np.float32)
    return result


def _spread(values: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """The lowest ten bits of each, ``step`` bits apart."""
    return np.asarray(sum(((values >> k) & 1) << (step * k) for k in range(10)), dtype=np.int64)


def _gathered(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every second bit of each, from the lowest on."""
    return np.asarray(sum(((values >> (2 * k)) & 1) << k for k in range(11)), dtype=np.int64)
