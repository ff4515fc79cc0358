"""Coarser versions of meshes stay within half a cell of the mesh, and closed meshes are told from open ones."""

from __future__ import annotations

import numpy as np

from simgen.rendering.raster.detail import CELLS_M, Version, version_for, versions
from simgen.rendering.raster.pool import is_closed, welded
from tests.rendering.scenes import box_mesh, ground_mesh, sphere_mesh


def packed(mesh: object) -> tuple[np.ndarray, np.ndarray]:
    vertices = np.zeros((len(mesh.vertices_m), 8), dtype=np.float32)  # type: ignore[attr-defined]
    vertices[:, :3] = mesh.vertices_m  # type: ignore[attr-defined]
    return vertices, mesh.faces.astype(np.uint32)  # type: ignore[attr-defined]


def versions_of(mesh: object) -> list[Version | None]:
    vertices, faces = packed(mesh)
    positions, index = welded(vertices[:, :3], faces)
    return versions(vertices, faces, positions, index.reshape(-1, 3))


def test_a_version_is_simpler_and_no_corner_moves_further_than_half_a_cell_along_an_axis() -> None:
    sphere = sphere_mesh(0.5, 40, 60)
    found = [(cell, v) for cell, v in zip(CELLS_M, versions_of(sphere), strict=True) if v is not None]
    assert len(found) >= 3
    last = len(sphere.faces)
    for cell, version in found:
        assert len(version.faces) < last
        last = len(version.faces)
        distance = np.abs(np.linalg.norm(version.vertices[:, :3], axis=1) - 0.5)
        assert distance.max() <= np.sqrt(3) / 2 * cell + 1e-6
        # Every triangle has an area.
        a, b, c = (version.vertices[version.faces[:, k], :3].astype(float) for k in range(3))
        assert (np.linalg.norm(np.cross(b - a, c - a), axis=1) > 0).mean() > 0.99


def test_the_version_follows_the_grain() -> None:
    assert version_for(np.array([0.0, CELLS_M[0], CELLS_M[1] * 1.5, 99.0])).tolist() == [0, 1, 2, len(CELLS_M)]


def test_a_simple_mesh_has_no_versions() -> None:
    assert versions_of(box_mesh((1.0, 1.0, 1.0))) == [None] * len(CELLS_M)


def test_closed_meshes_are_those_that_bound_a_volume_and_face_away_from_it() -> None:
    for mesh, closed in ((box_mesh((1.0, 2.0, 3.0)), True), (ground_mesh(5.0), False)):
        vertices, faces = packed(mesh)
        assert is_closed(*welded(vertices[:, :3], faces)) is closed
    vertices, faces = packed(box_mesh((1.0, 2.0, 3.0)))
    assert not is_closed(*welded(vertices[:, :3], faces[:, ::-1])), "it faces inwards"
    assert not is_closed(*welded(vertices[:, :3], faces[1:])), "a face is missing"
    beside = vertices + np.array([1.0, 2.0, 0, 0, 0, 0, 0, 0], dtype=np.float32)
    both = np.concatenate([vertices, beside]), np.concatenate([faces, faces + np.uint32(len(vertices))])
    assert not is_closed(*welded(both[0][:, :3], both[1])), "two that share an edge: it is passed twice"
