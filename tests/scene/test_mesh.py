"""What a texture shows makes it the same, and a hash tells rows apart as the rows themselves do."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import trimesh

from simgen.scene.mesh import Material, Mesh, Texture, count_distinct, distinct_rows


def texture(tone: int, name: str = "print") -> Texture:
    return Texture(name=name, pixels=np.full((4, 4, 3), tone, dtype=np.uint8))


def test_a_texture_made_twice_is_the_same() -> None:
    """Parts are joined by material: it must not matter whether a texture was found or made again."""
    materials = [Material(name="m", base_color=(1.0, 1.0, 1.0), texture=texture(t)) for t in (7, 7, 8)]
    assert materials[0] == materials[1] != materials[2]
    assert len(set(materials)) == 2
    assert texture(7) != texture(7, "other") and texture(7) != "print"


def test_distinct_rows_are_those_that_differ() -> None:
    rng = np.random.default_rng(1)
    whole = rng.integers(-3, 3, (4000, 3)) * 10**12
    broken = (rng.integers(-3, 3, (4000, 3)) / 7).astype(np.float32)
    for rows in (whole, broken):
        known: dict[tuple[float, ...], int] = {}
        expected = [known.setdefault(tuple(row.tolist()), len(known)) for row in rows]
        first, index = distinct_rows(rows)
        assert index.tolist() == expected
        assert np.array_equal(rows[first[index]], rows)
        assert (np.diff(first) > 0).all()
    assert count_distinct(np.ascontiguousarray(whole.T)) == len(distinct_rows(whole)[0])
    assert count_distinct(np.zeros((3, 0), dtype=np.int64)) == 0


def test_a_mapped_mesh_has_texture_coordinates_in_metres_over_the_tile() -> None:
    mesh = Mesh.smooth([(0, 0, 0), (2, 0, 0), (0, -1, 3), (0, 1, 3)], [(0, 1, 2), (0, 3, 1)])
    plain, both = (mesh.mapped((1.0, 0.0, 0.0), (0.0, 0.5, 1.0), 0.5, mirrored=m) for m in (False, True))
    x, y, z = mesh.vertices_m.T
    np.testing.assert_allclose(plain.uv, np.stack([x, 0.5 * y + z], axis=1) / 0.5)
    np.testing.assert_allclose(both.uv, np.stack([x, 0.5 * abs(y) + z], axis=1) / 0.5)
    assert len({mesh.digest, plain.digest, both.digest}) == 3


def test_smooth_normals_are_means_over_the_faces_within_the_crease() -> None:
    """Around points with edges and around those without, against a loop over all pairs of faces."""
    rng = np.random.default_rng(2)
    ball = trimesh.creation.icosphere(2)
    points = ball.vertices * (1.0 + 0.25 * rng.random(len(ball.vertices)) * (ball.vertices[:, 2] > 0.0))[:, None]
    for crease in (0.3, 0.7, 1.2):
        mesh = Mesh.smooth(points, ball.faces, crease)
        corners = points[ball.faces]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(across, axis=1)
        normal = across / area[:, None]
        for face, points_of in enumerate(ball.faces):
            for corner, point in enumerate(points_of):
                around = np.flatnonzero((ball.faces == point).any(axis=1))
                near = around[normal[around] @ normal[face] > np.cos(crease)]
                mean = (area[near, None] * normal[near]).sum(axis=0)
                found = mesh.normals[mesh.faces[face, corner]]
                assert np.abs(found - mean / np.linalg.norm(mean)).max() < 1e-4


def test_a_digest_is_that_of_all_of_a_mesh() -> None:
    mesh = Mesh.flat([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [(0, 1, 2)], uv=[(0, 0), (1, 0), (0, 1)])
    again = Mesh.flat([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [(0, 1, 2)], uv=[(0, 0), (1, 0), (0, 1)])
    hasher = hashlib.sha256()
    for array in (mesh.vertices_m, mesh.normals, mesh.faces, mesh.uv):
        assert array is not None and not array.flags.writeable
        hasher.update(repr((array.shape, array.dtype.str)).encode())
        hasher.update(array.tobytes())
    assert mesh.digest == again.digest == mesh.digest == hasher.hexdigest()
    # A copy with a change does not go by the digest of what it was made from.
    assert len({mesh.digest, replace(mesh, uv=None).digest, replace(mesh, normals=-mesh.normals).digest}) == 3
