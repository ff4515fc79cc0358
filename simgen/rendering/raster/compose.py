"""Every pixel's own albedo and emission under the light that was found at half resolution.

On the processor: a few dozen sums over rows that lie in its cache cost less than the texel fetches of a shader do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.rendering.raster.edges import Edges

_MOST = np.float32(65_000)
_BAND_CELLS = 12
"""Rows of cells that are composed at a time: so that they stay in the processor's cache."""

Float32 = NDArray[np.float32]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surfaces:
    """What a picture shows, pixel by pixel.

    Attributes:
        albedo: (H, W, 4) square root of albedo, roughness, as geometry.frag has them.
        node: (H, W) index of the node, -1 for sky; edges: where surfaces end and turn.
        special: (P,) flat indices, in order, of the pixels whose material emits light or is metallic.
        material: (N, 2, 4) of the nodes, see ``node.glsl``.
    """

    albedo: NDArray[np.uint8]
    node: NDArray[np.int32]
    edges: Edges
    special: Index
    material: Float32


def compose(seen: Surfaces, cells: Float32, sky: NDArray[np.float16] | None) -> NDArray[np.float16]:
    """(H, W, 3) the radiance.

    Args:
        cells: (7, (H + 1) // 2, (W + 1) // 2) light in cells that stand at every other pixel: diffuse, gloss,
            and the share of the wet surface's darkening.
        sky: (H, W, 4) radiance where no surface is seen; None where there is no such pixel.
    """
    height, width = seen.node.shape
    columns = cells.shape[2]
    extra = seen.material[seen.node.reshape(-1)[seen.special], 0]
    special_y, special_x = np.divmod(seen.special, width)
    special_odd, special_x = special_x & 1, special_x >> 1
    if not cells[6].any():
        cells = cells[:6]
    result = np.empty((height, 2 * columns, 3), dtype=np.float16)
    words = result.view(np.int16).reshape(height, columns, 6)
    stored = _even(seen.albedo, 2 * columns).reshape(height, columns, 8)
    room = np.empty((2, 3, 2, 2 * _BAND_CELLS, columns), dtype=np.float32)
    most = np.full((12 * _BAND_CELLS, columns), _MOST, dtype=np.float32)
    for top, light in _at_pixels(cells, seen.edges):
        bottom = min(top + light.shape[2], height)
        light = light[:, :, : bottom - top]
        colour, spare = room[:, :, :, : bottom - top]
        for k, plane in enumerate(cv2.split(stored[top:bottom])):
            if k % 4 < 3:
                np.multiply(plane, np.float32(1 / 255), out=colour[k % 4, k // 4])
        np.square(colour, out=colour)
        first, end = np.searchsorted(special_y, (top, bottom))
        if end > first:
            at = special_odd[first:end], special_y[first:end] - top, special_x[first:end]
            colour[:, *at] *= 1 - extra[first:end, 3]
            light[3:6, *at] += extra[first:end, :3].T
        if len(cells) == 7:
            _darken(colour, light[6], spare)
        colour *= light[0:3]
        colour += light[3:6]
        halves = []
        for k in range(6):
            plane = colour[k % 3, k // 3]
            cv2.min(plane, most[: bottom - top], dst=plane)
            halves.append(cv2.convertFp16(plane))
        if sky is not None:
            nothing = _even(seen.node[top:bottom], 2 * columns) < 0
            if nothing.any():
                drawn = cv2.split(_even(sky[top:bottom].view(np.int16), 2 * columns).reshape(-1, columns, 8))
                empty = cv2.split(nothing.view(np.uint8).reshape(-1, columns, 2))
                for k in range(6):
                    np.copyto(halves[k], drawn[k % 3 + k // 3 * 4], where=empty[k // 3].view(np.bool_))
        cv2.merge(halves, dst=words[top:bottom])
    return np.ascontiguousarray(result[:, :width])


def _darken(albedo: Float32, damp: Float32, spare: Float32) -> None:
    """Lekner & Dorf (1988): of the light in a wet surface a part is caught under the film by total internal
    reflection."""
    np.multiply(albedo, np.float32(-0.47), out=spare)
    spare += np.float32(1)
    np.divide(damp * np.float32((1 - 0.066) * (1 - 0.47)), spare, out=spare)
    spare += np.float32(1) - damp
    albedo *= spare


def _at_pixels(cells: Float32, edges: Edges) -> Iterator[tuple[int, Float32]]:
    """Bands of the picture: the first row, and (C, 2, rows, columns) what cells (C, h, w) say at even and odd columns,
    in a place that the next band takes.

    Between two cells stands their mean, unless an edge parts the pixel from one of them more than from the other. The
    last row and column may lie outside of the picture.
    """
    count, rows, columns = cells.shape
    both = np.empty((count, 2, 2 * _BAND_CELLS, columns), dtype=np.float32)
    for first in range(0, rows, _BAND_CELLS):
        end = min(first + _BAND_CELLS, rows)
        height = 2 * (end - first)
        down = _pairs(edges.down[2 * first : 2 * end, ::2], (height, columns))
        lower = _share(down[::2], down[1::2])
        across = _pairs(edges.across[2 * first : 2 * end], (height, 2 * columns)).reshape(height, columns, 2)
        right = _share(across[..., 0], across[..., 1])
        one, other = both[:, 0, :height], both[:, 1, :height]
        own, between = cells[:, first:end], one[:, 1::2]
        one[:, ::2] = own
        last = rows - first - 1
        np.subtract(cells[:, first + 1 : end + 1], own[:, :last], out=between[:, :last])
        between[:, last:] = 0
        between *= lower
        between += own
        np.subtract(one[:, :, 1:], one[:, :, :-1], out=other[:, :, :-1])
        other[:, :, -1] = 0
        other *= right
        other += one
        yield 2 * first, both[:, :, :height]


def _even(image: NDArray[Any], width: int) -> NDArray[Any]:
    """An image (H, W, …) filled up to this width."""
    if image.shape[1] == width:
        return np.ascontiguousarray(image)
    return np.concatenate([image, image[:, -1:]], axis=1)


def _pairs(grades: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Filled up to an even number of rows or columns."""
    if grades.shape == shape:
        return np.ascontiguousarray(grades)
    result = np.zeros(shape, dtype=np.uint8)
    result[: grades.shape[0], : grades.shape[1]] = grades
    return result


def _share(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Float32:
    """Share of the following cell, from the grades of the edges towards the cell before and after a pixel."""
    more = before.view(np.int8) - after.view(np.int8)
    np.sign(more, out=more)
    more += np.int8(1)
    return more * np.float32(0.5)
