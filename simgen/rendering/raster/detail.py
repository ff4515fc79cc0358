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
from simgen.scene.mesh import distinct_rows

CELLS_M = (0.02, 0.04, 0.08, 0.16, 0.32)
"""Grids of the versions 1, 2, …; version 0 is the mesh itself."""
_SIMPLE = 24
_WORTH = 0.75


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Version:
    """vertices: (V, 8) position, normal, uv; faces: (F, 3)."""

    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]


def versions(vertices: NDArray[np.float32], faces: NDArray[np.uint32]) -> list[Version | None]:
    """One per grid; None where it would hardly be simpler than the one before."""
    result: list[Version | None] = []
    last = len(faces)
    for cell in CELLS_M:
        made = None if last <= _SIMPLE else _snapped(vertices, faces, cell, int(_WORTH * last))
        result.append(made)
        last = last if made is None else len(made.faces)
    return result


def _snapped(
    vertices: NDArray[np.float32], faces: NDArray[np.uint32], cell_m: float, most_faces: int
) -> Version | None:
    """The mesh on a grid, or None if that has more faces than asked for."""
    place = np.round(vertices[:, :3] / np.float32(cell_m)).astype(np.int64)
    place -= place.min(axis=0)
    span = place.max(axis=0) + 1
    key = (place[:, 0] * span[1] + place[:, 1]) * span[2] + place[:, 2]
    corner = key[faces]
    kept = (corner[:, 0] != corner[:, 1]) & (corner[:, 1] != corner[:, 2]) & (corner[:, 2] != corner[:, 0])
    faces, corner = faces[kept], corner[kept]
    # Of triangles that have come to lie upon each other one is enough, whichever way it faces.
    first, _ = distinct_rows(np.sort(corner, axis=1))
    if len(first) > most_faces:
        return None
    faces = faces[first]
    used = np.zeros(len(vertices), dtype=np.bool_)
    used[faces] = True
    index = np.cumsum(used) - 1
    moved = vertices[used]
    moved[:, :3] = np.round(moved[:, :3] / np.float32(cell_m)) * np.float32(cell_m)
    # Corners of one place, normal and texture are one.
    one, same = distinct_rows(moved)
    return Version(vertices=moved[one], faces=same[index[faces]].astype(np.uint32))


def version_for(grain_m: Array) -> NDArray[np.int64]:
    """(N,) the coarsest version whose cell is no larger than a grain (N,)."""
    result: NDArray[np.int64] = np.searchsorted(np.array(CELLS_M), grain_m, side="right").astype(np.int64)
    return result
