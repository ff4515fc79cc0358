"""Every pixel's own albedo and emission under the light that was found at half resolution.

On the processor: a few dozen sums cost less than the texel fetches of a shader do. Pixels at even and at odd rows and
columns are kept in planes of their own, one to a cell, so that sums run over whole planes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.rendering.protocol import RADIANCE_MAX
from simgen.rendering.raster.edges import Edges
from simgen.rendering.shading import FILM_CATCHES, FILM_REFLECTS

_MOST = np.float32(RADIANCE_MAX)
_BAND_CELLS = 128
"""Rows of cells that are composed at a time: so many that calls cost little, but not all of a large picture."""

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


def compose(seen: Surfaces, cells: Sequence[Float32], sky: NDArray[np.float16] | None) -> NDArray[np.float16]:
    """(H, W, 3) the radiance.

    Args:
        cells: 7 planes ((H + 1) // 2, (W + 1) // 2) of the light in cells that stand at every other pixel: diffuse,
            gloss, and the share of the wet surface's darkening.
        sky: (H, W, 4) radiance where no surface is seen; None where there is no such pixel.
    """
    height, width = seen.node.shape
    rows, columns = cells[0].shape
    albedo = _even(seen.albedo).view(np.int32).reshape(rows, 2, columns, 2)
    across, down = (_even(edge).reshape(rows, 2, columns, 2) for edge in (seen.edges.across, seen.edges.down))
    glowing = [_Special.of(seen, parity) for parity in (0, 1)]
    too_bright = sum(max(float(plane.max()) for plane in cells[k : k + 3]) for k in (0, 3)) > _MOST
    result = np.empty((rows, 2, 2 * columns, 3), dtype=np.int16)
    words = result.reshape(rows, 2, columns, 6)
    room = np.empty((5, 2, min(rows, _BAND_CELLS), columns), dtype=np.float32)
    flat = room[0].reshape(-1)
    for first in range(0, rows, _BAND_CELLS):
        band = slice(first, min(first + _BAND_CELLS, rows))
        wet = cells[6][first : band.stop + 1].max() > 0
        colour, diffuse, gloss, damp, spare = (place[:, : band.stop - first] for place in room)
        lower = _share(*(_planes(down[band, parity])[0] for parity in (0, 1)))
        for parity in (0, 1):
            right = _share(*_planes(across[band, parity]))
            right[:, -1] = 0  # the light of the last cell goes on to the right of it
            towards = lower if parity else None, right
            if wet:
                damps = _at_pixels(cells[6], band, *towards, damp)
            stored = [_planes(_bytes(pixels)) for pixels in _planes(albedo[band, parity])]
            at, extra = glowing[parity].within(band, *room.shape[-2:])
            halves: list[Any] = [None] * 6
            for k in range(3):
                light = _at_pixels(cells[k], band, *towards, diffuse)
                shine = _at_pixels(cells[3 + k], band, *towards, gloss)
                for odd in (0, 1):
                    cv2.multiply(stored[odd][k], stored[odd][k], dst=colour[odd], scale=1 / 255**2, dtype=cv2.CV_32F)
                if len(at):
                    flat[at] *= 1 - extra[:, 3]
                for odd in (0, 1):
                    if wet:
                        _darken(colour[odd], damps[odd], spare[odd])
                    colour[odd] *= light[odd]
                    colour[odd] += shine[odd]
                if len(at):
                    flat[at] = np.minimum(flat[at] + extra[:, k], _MOST)
                if too_bright:
                    np.minimum(colour, _MOST, out=colour)
                halves[k], halves[3 + k] = (cv2.convertFp16(plane) for plane in colour)
            cv2.merge(halves, dst=words[band, parity])
    picture = result.reshape(2 * rows, 2 * columns, 3)
    picture = np.ascontiguousarray(picture[:height, :width])
    if sky is not None:
        for top in range(0, height, _BAND_CELLS):
            own = slice(top, top + _BAND_CELLS)
            nothing = (seen.node[own] < 0).view(np.uint8)
            if nothing.any():
                drawn = cv2.cvtColor(sky[own].view(np.uint16), cv2.COLOR_BGRA2BGR)
                cv2.copyTo(drawn.view(np.int16), nothing, picture[own])
    return picture.view(np.float16)


@dataclass(frozen=True, slots=True, eq=False)
class _Special:
    """Pixels (P,) whose material emits light or is metallic, in the even or in the odd rows: whether their column is
    odd, row and column of the cell, emission and metallic share (P, 4)."""

    odd: Index
    y: Index
    x: Index
    extra: Float32

    @classmethod
    def of(cls, seen: Surfaces, parity: int) -> _Special:
        y, x = np.divmod(seen.special, seen.node.shape[1])
        own = np.flatnonzero(y & 1 == parity)
        extra = seen.material[:, 0].take(seen.node.reshape(-1).take(seen.special[own]), axis=0)
        return cls(x[own] & 1, y[own] >> 1, x[own] >> 1, extra)

    def within(self, band: slice, rows: int, columns: int) -> tuple[Index, Float32]:
        """Those of a band: flat indices into planes (2, rows, columns) that begin with it, and what they have."""
        own = slice(*np.searchsorted(self.y, (band.start, band.stop)))
        return (self.odd[own] * rows + self.y[own] - band.start) * columns + self.x[own], self.extra[own]


def _darken(albedo: Float32, damp: Float32, spare: Float32) -> None:
    """Of the light in a wet surface a part is caught under the film (``shading.FILM_CATCHES``)."""
    # albedo (1 + damp (k / (1 - caught albedo) - 1))
    np.multiply(albedo, np.float32(-FILM_CATCHES), out=spare)
    spare += np.float32(1)
    np.divide(np.float32((1 - FILM_REFLECTS) * (1 - FILM_CATCHES)), spare, out=spare)
    spare -= np.float32(1)
    spare *= damp
    spare += np.float32(1)
    albedo *= spare


def _at_pixels(
    cells: Float32, band: slice, lower: Float32 | None, right: Float32, room: Float32
) -> tuple[Float32, Float32]:
    """What cells (h, w) say at the even and at the odd columns (rows of the band, w) of every other row of pixels.

    Between two cells stands their mean, unless an edge parts the pixel from one of them more than from the other.
    Whole planes, also of cells: numpy takes several times as long for parts of rows.

    Args:
        lower: the share of the cell below; None for the rows of pixels in which cells stand.
        right: the share of the cell to the right, at odd columns; none in the last one.
    """
    one, other = cells[band], room[1]
    if lower is not None:
        own, one = one, room[0]
        last = min(band.stop, len(cells) - 1) - band.start
        np.subtract(cells[band.start + 1 : band.start + 1 + last], own[:last], out=one[:last])
        one[last:] = 0
        one *= lower
        one += own
    flat = one.reshape(-1)
    np.subtract(flat[1:], flat[:-1], out=other.reshape(-1)[:-1])
    other[-1, -1] = 0
    other *= right
    other += one
    return one, other


def _planes(image: NDArray[Any]) -> list[Any]:
    """The channels (H, W) of an image (H, W, C)."""
    return list(cv2.split(image))


def _bytes(words: NDArray[np.int32]) -> NDArray[np.uint8]:
    """(H, W, 4) of words (H, W)."""
    return words.view(np.uint8).reshape(*words.shape, 4)


def _even(image: NDArray[Any]) -> NDArray[Any]:
    """An image (H, W, …) filled up to an even number of rows and columns, as its last ones go on."""
    height, width = image.shape[:2]
    if height % 2 == width % 2 == 0:
        return np.ascontiguousarray(image)
    return np.pad(image, [(0, height % 2), (0, width % 2), *[(0, 0)] * (image.ndim - 2)], mode="edge")


_SHARES = np.zeros(256, dtype=np.float32)
_SHARES[:16] = [0.5 + 0.5 * np.sign(before - after) for before in range(4) for after in range(4)]


def _share(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Float32:
    """Share of the following cell, from the grades of the edges towards the cell before and after a pixel."""
    return np.asarray(cv2.LUT(before * np.uint8(4) + after, _SHARES), dtype=np.float32)
