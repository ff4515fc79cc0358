"""Crowns: closed, lit from outside, and covered with leaves of the same size on every triangle."""

import numpy as np
import pytest

from simgen.scene.body import Part
from simgen.scene.models.tree import Tree

KINDS = [
    (detail, look, height, crown) for detail in ("full", "plain") for look, height, crown in ((1, 7.5, 1.9), (4, 12, 3))
]


def crown(detail: str, look: int, height: float, crown: float) -> Part:
    parts = Tree(detail=detail, look=look, height=height, crown=crown).build().parts
    assert [p.name for p in parts] == ["wood", "leaves"]
    return parts[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_leaf_is_as_large_on_every_triangle(kind: tuple[str, int, float, float]) -> None:
    part = crown(*kind)
    assert part.material.texture is not None and part.mesh.uv is not None

    def sides(places: np.ndarray) -> np.ndarray:
        corners = places.astype(float)[part.mesh.faces]
        return np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)

    np.testing.assert_allclose(sides(part.mesh.uv) * 2.0, sides(part.mesh.vertices_m), atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_crown_is_lit_as_one_round_thing(kind: tuple[str, int, float, float]) -> None:
    mesh = crown(*kind).mesh
    out = mesh.vertices_m - 0.5 * (mesh.vertices_m.min(axis=0) + mesh.vertices_m.max(axis=0))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    facing = (out * mesh.normals).sum(axis=1)
    assert facing.mean() > 0.7
    assert (facing > 0.0).mean() > 0.95
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
    # Who sees the front of a leaf is not looked away from.
    a, b, c = (mesh.vertices_m[mesh.faces[:, k]].astype(float) for k in range(3))
    own = np.cross(b - a, c - a)
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    same = (own[:, None] * mesh.normals[mesh.faces]).sum(axis=2)
    assert (same > 0.0).mean() > 0.98
    assert same.mean() > 0.7


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("axis", [0, 1])
def test_nothing_is_seen_through_the_middle_of_a_crown(kind: tuple[str, int, float, float], axis: int) -> None:
    mesh, radius = crown(*kind).mesh, kind[3]
    middle = 0.5 * (mesh.vertices_m.min(axis=0) + mesh.vertices_m.max(axis=0))
    across, up = (grid.ravel() for grid in np.meshgrid(*[np.linspace(-0.5, 0.5, 41) * radius] * 2))
    inner = np.hypot(across, up) < 0.5 * radius  # towards its rim the leaves stand loose
    across, up = across[inner], up[inner]
    places = (mesh.vertices_m - middle)[mesh.faces].astype(float)[:, :, [1 - axis, 2]]
    hit = np.zeros(len(across), dtype=bool)
    for a, b, c in places:
        side = [(q[0] - p[0]) * (up - p[1]) - (q[1] - p[1]) * (across - p[0]) for p, q in ((a, b), (b, c), (c, a))]
        hit |= np.all(np.array(side) >= 0, axis=0) | np.all(np.array(side) <= 0, axis=0)
    assert hit.all()


def test_a_crown_is_light_enough_to_draw() -> None:
    for look in range(1, 9):
        assert len(crown("full", look, 7.5, 1.9).mesh.faces) < 1050
        assert len(crown("plain", look, 7.5, 1.9).mesh.faces) < 475
