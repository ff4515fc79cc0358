"""Coarser versions of meshes, for shadow maps and mirrors: the picture itself and its labels show the mesh.

Corners are moved onto a grid (Rossignac & Borrel 1993, "Multi-resolution 3D approximations"), and triangles that
thereby lose their area are left out. The grid is that of the node's frame and not of the mesh, so that the parts of a
body stay closed against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.mesh import count_distinct, distinct, distinct_rows

CELLS_M = (0.02, 0.04, 0.08, 0.16, 0.32)
"""Grids of the versions 1, 2, …; version 0 is the mesh itself."""
_SIMPLE = 24
_WORTH = 0.75


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Version:
    """vertices: (V, 8) position, normal, uv; faces: (F, 3)."""

    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]


def versions(
    vertices: NDArray[np.float32],
    faces: NDArray[np.uint32],
    positions: NDArray[np.float32],
    position_faces: NDArray[np.uint32],
) -> list[Version | None]:
    """One per grid; None where it would hardly be simpler than the one before.

    Args:
        vertices, faces: (V, 8), (F, 3) the mesh; positions, position_faces: (P, 3), (F, 3) where its corners are,
            without repetition.
    """
    result: list[Version | None] = []
    last = len(faces)
    # Arrays of columns: along rows of three NumPy takes several times as long.
    place, at = np.ascontiguousarray(positions.T), np.ascontiguousarray(position_faces.T)
    for cell in CELLS_M:
        made = None if last <= _SIMPLE else _snapped(vertices, faces, place, at, np.float32(cell), int(_WORTH * last))
        result.append(made)
        last = last if made is None else len(made.faces)
    return result


def _snapped(
    vertices: NDArray[np.float32],
    faces: NDArray[np.uint32],
    place: NDArray[np.float32],
    at: NDArray[np.uint32],
    cell_m: np.float32,
    most_faces: int,
) -> Version | None:
    """The mesh on a grid, or None if that has more faces than asked for.

    Args:
        place: (3, P) the positions; at: (3, F) where the corners of the faces are.
    """
    step = np.round(place / cell_m).astype(np.int64)
    step -= step.min(axis=1, keepdims=True)
    span = step.max(axis=1) + 1
    a, b, c = ((step[0] * span[1] + step[1]) * span[2] + step[2])[at]
    kept = np.flatnonzero((a != b) & (b != c) & (c != a))
    if len(kept) == 0:
        return Version(vertices=vertices[:0], faces=np.zeros((0, 3), dtype=np.uint32))
    a, b, c = a[kept], b[kept], c[kept]
    # Of triangles that have come to lie upon each other one is enough, whichever way it faces.
    low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    places = np.stack([low, a + b + c - low - high, high])
    if count_distinct(places) > most_faces:
        return None
    faces = faces[kept[distinct(places)[0]]]
    used = np.zeros(len(vertices), dtype=np.bool_)
    used[faces] = True
    index = np.cumsum(used) - 1
    moved = vertices[used]
    moved[:, :3] = np.round(moved[:, :3] / cell_m) * cell_m
    # Corners of one place, normal and texture are one.
    one, same = distinct_rows(moved)
    return Version(vertices=moved[one], faces=same[index[faces]].astype(np.uint32))


def version_for(grain_m: Array) -> NDArray[np.int64]:
    """(N,) the coarsest version whose cell is no larger than a grain (N,)."""
    result: NDArray[np.int64] = np.searchsorted(np.array(CELLS_M), grain_m, side="right").astype(np.int64)
    return result
