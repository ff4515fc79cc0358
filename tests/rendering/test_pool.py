"""What the GPU keeps stays within its budgets, and no picture depends on what was there before."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import pose
from simgen.rendering import Renderer
from simgen.scene.mesh import Material, Mesh, Texture
from simgen.scene.scene import SceneView
from tests.rendering.scenes import Thing, box_mesh, ground_mesh, sphere_mesh, view
from tests.rendering.test_geometry import camera


def checked(tone: int) -> Material:
    pixels = np.full((64, 64, 3), 40, dtype=np.uint8)
    pixels[::2, 1::2] = pixels[1::2, ::2] = tone
    return Material(name=f"checked {tone}", base_color=(0.8, 0.7, 0.6), texture=Texture(name="c", pixels=pixels))


def scene(number: int) -> SceneView:
    """A sphere, a box and a ground of their own, the last two with textures of their own."""
    size = 1.0 + 0.1 * number
    box = box_mesh((size, size, size))
    uv = np.tile(np.array([(0, 0), (1, 0), (1, 1)], dtype=np.float32), (len(box.vertices_m) // 3, 1))
    printed = Mesh(vertices_m=box.vertices_m, normals=box.normals, faces=box.faces, uv=uv)
    return view(
        [
            Thing(mesh=ground_mesh(30.0 + number), material=checked(100 + number), labelled=False, static=True),
            Thing(mesh=sphere_mesh(0.5 * size, 40, 60), at=pose((5.0, 1.5, 0.6))),
            Thing(mesh=printed, at=pose((5.0, -1.5, 0.6)), material=checked(200 + number)),
        ]
    )


ONE = 64 * 64 * 4 * 4 // 3
"""Bytes of one such texture with its mipmaps."""


def eye() -> Camera:
    return camera()


def pixels(renderer: Renderer, shown: SceneView) -> bytes:
    buffers = renderer.render(shown, eye())
    return b"".join(np.ascontiguousarray(p).tobytes() for p in (buffers.radiance, buffers.depth_m, buffers.instance))


def test_budgets_hold_and_evicting_changes_no_byte(raster: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    stock = raster._painter._stock  # type: ignore[attr-defined]
    meshes, textures = stock._meshes._pieces, stock._textures._textures
    first = [pixels(raster, scene(k)) for k in range(4)]
    assert len(set(first)) == 4
    monkeypatch.setattr(meshes, "budget_bytes", 1)
    monkeypatch.setattr(textures, "budget_bytes", ONE)
    meshes.trim()
    textures.trim()
    assert meshes.held_bytes == 0 and textures.held_bytes == ONE
    for k in (2, 0, 3, 1, 0, 2):
        assert pixels(raster, scene(k)) == first[k]
        assert len(textures) <= 2 and textures.held_bytes <= 2 * ONE, "those of this scene alone"
        assert len(meshes) == 0, "each is larger than the budget"
    monkeypatch.undo()
    assert [pixels(raster, scene(k)) for k in range(4)] == first


def test_the_buffers_hold_one_scene_and_shrink_with_it(raster: Renderer) -> None:
    pool = raster._painter._stock._meshes  # type: ignore[attr-defined]
    large = view([Thing(mesh=sphere_mesh(1.0, 200, 200), at=pose((5.0, 0.0, 1.0)))])
    small = scene(0)
    before = pixels(raster, small)
    generation, size = pool.generation, pool.vertices.size
    pixels(raster, large)
    assert pool.generation == generation + 1 and pool.vertices.size > 200 * 200 * 32
    assert pixels(raster, small) == before
    assert pool.vertices.size <= max(4 * size + 2**20, 2**20), "a buffer far too large is given back"
    generation = pool.generation
    pixels(raster, small)
    assert pool.generation == generation, "what is there already is not written again"
