"""Which bodies stand for boxes when the sky's light on the ground is asked for."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simgen.core.geometry import pose
from simgen.rendering.raster.occluders import Occluders, is_solid, near_boxes
from simgen.scene.mesh import Mesh
from simgen.scene.scene import Scene
from tests.rendering.scenes import Thing, box_mesh, view


def body(*parts: tuple[tuple[float, float, float], tuple[float, float, float]]) -> Scene:
    """One entity whose parts are boxes of these sizes at these places of its frame."""
    made = view([Thing(mesh=box_mesh(size), at=pose(at)) for size, at in parts]).scene
    first = made.entities[0]
    whole = dataclasses.replace(
        first.body,
        parts=tuple(part for entity in made.entities for part in entity.body.parts),
        rest=np.stack([pose(at) for _, at in parts]),
    )
    nodes = tuple(dataclasses.replace(node, entity=0) for node in made.nodes)
    return dataclasses.replace(made, entities=(dataclasses.replace(first, body=whole),), nodes=nodes)


def merged(*meshes: Mesh) -> Mesh:
    starts = np.cumsum([0, *(len(m.vertices_m) for m in meshes[:-1])])
    return Mesh(
        vertices_m=np.concatenate([m.vertices_m for m in meshes]),
        normals=np.concatenate([m.normals for m in meshes]),
        faces=np.concatenate([m.faces + start for m, start in zip(meshes, starts, strict=True)]).astype(np.int32),
    )


def test_a_block_is_solid_and_a_frame_is_not() -> None:
    assert is_solid(box_mesh((4.0, 1.8, 1.2)))
    bars = [box_mesh((4.0, 0.1, 0.1)), box_mesh((0.1, 4.0, 0.1))]
    assert not is_solid(merged(*bars))
    lamp = view([Thing(mesh=merged(*bars))]).scene
    assert len(Occluders.of(lamp).node) == 0


def test_what_lies_over_another_part_adds_no_box() -> None:
    """A cabin on a chassis: what the ground sees is the chassis."""
    found = Occluders.of(body(((4.0, 1.8, 0.6), (0, 0, 0.6)), ((2.0, 1.6, 0.6), (0, 0, 1.2))))
    assert found.node.tolist() == [0]
    assert found.half_m[0] == pytest.approx((2.0, 0.9, 0.3))


def test_nearly_the_same_outline_lower_down_makes_one_box_of_two() -> None:
    """A skirt of nine tenths of the area under the body: the box begins at the skirt."""
    found = Occluders.of(body(((4.0, 1.8, 0.6), (0, 0, 0.9)), ((3.8, 1.7, 0.4), (0, 0, 0.4))))
    assert found.node.tolist() == [0]
    assert found.center_m[0] + (0, 0, 0.9) == pytest.approx((0, 0, 0.7), abs=1e-6)
    assert found.half_m[0] == pytest.approx((2.0, 0.9, 0.5))


def test_a_small_part_below_stays_a_box_of_its_own() -> None:
    found = Occluders.of(body(((4.0, 1.8, 0.6), (0, 0, 0.9)), ((1.0, 1.0, 0.4), (0, 0, 0.4))))
    assert found.node.tolist() == [0, 1]


def test_what_has_fallen_over_and_what_is_absent_are_left_out() -> None:
    found = Occluders.of(view([Thing(mesh=box_mesh((1, 1, 1)), at=pose((3.0 * k, 0, 0.5))) for k in range(3)]).scene)
    poses = np.stack([pose((3.0 * k, 0, 0.5)) for k in range(3)])
    poses[1, :3, :3] = [[0, 0, 1], [0, 1, 0], [-1, 0, 0]]
    near = near_boxes(found, poses, np.array([True, True, False]))
    assert near.center_m.tolist() == [[0.0, 0.0, 0.5]]
