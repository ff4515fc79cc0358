"""Where things stand on bodies: against the meshes below them, counted by another way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simgen.core.geometry import Array, planar_pose, pose, rotation_x, transform
from simgen.sampling.assembly import build_body
from simgen.sampling.concrete import Use
from simgen.sampling.obstacles import Placed, reaches_into
from simgen.scene.body import Body, CollisionShape
from simgen.scene.boxes import footprint
from simgen.scene.standing import CAMBER_M, carriers, fills, region, standing_height
from tests.sampling.blocks import block

SPOTS = 40
PRISM = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (0, 0.3)])
CARRIERS: list[tuple[str, dict[str, Any], str, float]] = [
    ("truck.flatbed", {"load": "empty"}, "pallet", 0.01),
    ("truck.flatbed", {"load": "crates"}, "barrel", 0.01),
    ("truck.flatbed", {"load": "empty", "length": 9.0, "width": 2.5}, "crate", 0.01),
    ("car.pickup", {}, "crate", 0.01),
    ("car.pickup", {"length": 5.6, "height": 1.9}, "barrel", 0.01),
    ("forklift", {}, "barrel", 0.01),
    ("forklift", {"load": "pallet"}, "box.carton", 0.01),
    ("workbench", {}, "cup", 0.01),
    ("trolley", {}, "box.carton", 0.01),
    ("bench", {}, "box.carton", 0.01),
    ("robot.amr", {}, "crate", 0.01),
    ("pallet", {}, "barrel", 0.01),
    ("pallet.loaded", {}, "crate", 0.01),
    ("crate", {}, "cup", 0.01),
    ("shelf", {}, "box.carton", 0.01),
    ("truck", {}, "crate", CAMBER_M),
    ("truck.fire", {}, "box.carton", CAMBER_M),
    ("van", {}, "crate", CAMBER_M),
    ("car.sedan", {}, "box.carton", CAMBER_M),
    ("car.taxi", {}, "box.carton", CAMBER_M),
    ("bus", {}, "barrel", CAMBER_M),
]


def body(name: str, **parameters: Any) -> Body:
    return build_body(Use(name=name, parameters=parameters))


def spots(carrier: Body, thing: Body, most: int = SPOTS) -> list[tuple[Array, float]]:
    """Poses seen from the carrier at which the thing stands clear of what is drawn, and their heights."""
    rng = np.random.default_rng(3)
    center, size = region(carrier)
    found = []
    for _ in range(300):
        x, y = center + size * rng.uniform(-0.5, 0.5, 2)
        at = planar_pose(float(x), float(y), float(rng.uniform(-np.pi, np.pi)))
        height = standing_height(carrier, thing, at)
        if height is None:
            continue
        here, outline = Placed(name="carrier", body=carrier, world_from_body=np.eye(4)), footprint(at, thing)
        if not reaches_into(here, outline, height, height + thing.box_size_m[2]):
            found.append((at, height))
        if len(found) == most:
            break
    return found


def surface_below(carrier: Body, at: Array, height_m: float, thing: Body) -> float:
    """Height of the highest mesh of the carrier below a thing that stands at a height, seen from its top."""
    triangles = np.concatenate(
        [transform(pose, p.mesh.vertices_m)[p.mesh.faces] for p, pose in zip(carrier.parts, carrier.rest, strict=True)]
    )
    outline = footprint(at, thing)
    middle = outline.mean(axis=0)
    top = height_m + thing.box_size_m[2]
    shares = np.linspace(-0.48, 0.5, 7)
    points = [middle + u * (outline[0] - middle) + v * (outline[1] - middle) for u in shares for v in shares]
    return max(_first_hit(triangles, np.array([*point, top])) for point in points)


def _first_hit(triangles: Array, origin: Array) -> float:
    """Height at which a ray straight down meets the first of triangles (T, 3, 3) (Möller and Trumbore 1997)."""
    down = np.array([0.0, 0.0, -1.0])
    a, ab, ac = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    across = np.cross(down, ac)
    area = np.einsum("ij,ij->i", ab, across)
    level = np.abs(area) > 1e-12
    a, ab, ac, across, area = a[level], ab[level], ac[level], across[level], area[level]
    u = np.einsum("ij,ij->i", origin - a, across) / area
    beside = np.cross(origin - a, ab)
    v = beside @ down / area
    t = np.einsum("ij,ij->i", ac, beside) / area
    hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)
    return float(origin[2] - t[hit].min(initial=np.inf))


@pytest.mark.parametrize(("name", "parameters", "thing", "off_m"), CARRIERS)
def test_things_stand_on_what_is_drawn_below_them(
    name: str, parameters: dict[str, Any], thing: str, off_m: float
) -> None:
    carrier, cargo = body(name, **parameters), body(thing)
    found = spots(carrier, cargo, 6)
    assert len(found) >= 3
    for at, height in found:
        assert height == pytest.approx(surface_below(carrier, at, height, cargo), abs=off_m + 0.001)


@pytest.mark.parametrize("name", ["truck.flatbed", "car.pickup", "workbench", "forklift"])
def test_a_deck_lies_below_the_top_of_the_box_around_the_body(name: str) -> None:
    """What once carried things; there a cup hung in the air."""
    carrier = body(name)
    top = carrier.box_center_m[2] + 0.5 * carrier.box_size_m[2]
    heights = {height for _, height in spots(carrier, body("box.carton"))}
    assert len(heights) == 1 and heights.pop() < top - 0.1


def test_a_bed_is_walled() -> None:
    """Nothing stands astride a drop side, nor in the cab."""
    truck, crate = body("truck.flatbed", load="empty"), body("crate")
    assert truck.deck is not None
    half = 0.5 * truck.deck.size_m[1]
    assert standing_height(truck, crate, planar_pose(-1.0, 0.0, 0.0)) == pytest.approx(truck.deck.height_m)
    assert standing_height(truck, crate, planar_pose(-1.0, half, 0.0)) is None
    assert standing_height(truck, crate, planar_pose(2.5, 0.0, 0.0)) is None


def test_nothing_stands_between_forks_or_on_a_vice() -> None:
    lift, cup = body("forklift"), body("cup")
    assert standing_height(lift, cup, planar_pose(1.1, 0.0, 0.0)) is None
    assert standing_height(lift, cup, planar_pose(1.1, 0.24, np.pi / 2)) == pytest.approx(0.083)
    bench = body("workbench")
    assert standing_height(bench, cup, planar_pose(0.0, 0.0, 0.0)) == pytest.approx(0.86)
    assert standing_height(bench, cup, planar_pose(0.5 * 0.75 - 0.12, 0.3 * 1.8, 0.0)) is None


def test_the_underside_of_a_thing_counts() -> None:
    """The boards below a pallet lie across the forks, or along them and beside them."""
    lift, pallet = body("forklift"), body("pallet")
    assert standing_height(lift, pallet, planar_pose(1.1, 0.0, np.pi / 2)) == pytest.approx(0.083)
    assert standing_height(lift, pallet, planar_pose(1.25, 0.0, 0.0)) is None
    assert standing_height(lift, block(1.2, 0.8, 0.144), planar_pose(1.25, 0.0, 0.0)) == pytest.approx(0.083)


def test_what_would_tip_does_not_stand() -> None:
    table, box = block(1.0, 1.0, 0.7), block(0.4, 0.4, 0.2)
    assert standing_height(table, box, planar_pose(0.42, 0.0, 0.0)) == pytest.approx(0.7)
    assert standing_height(table, box, planar_pose(0.52, 0.0, 0.0)) is None
    assert standing_height(table, box, planar_pose(2.0, 0.0, 0.0)) is None


@pytest.mark.parametrize("name", ["pedestrian.adult", "ball", "deer", "street_lamp"])
def test_round_tops_carry_nothing(name: str) -> None:
    assert spots(body(name), body("cup")) == []


def test_a_thing_lies_in_a_patch_and_on_its_ground() -> None:
    assert standing_height(body("patch.gravel"), body("cone"), planar_pose(0.0, 0.0, 0.0)) == 0.0


@pytest.mark.parametrize(
    ("shape", "top_m"),
    [
        (CollisionShape(kind="cylinder", size_m=(0.5, 0.4), body_from_shape=planar_pose(0, 0, 0, 0.2)), 0.4),
        (CollisionShape(kind="hull", points_m=PRISM), 0.3),
        (CollisionShape(kind="sphere", size_m=(0.5,), body_from_shape=planar_pose(0, 0, 0, 0.5)), None),
        (CollisionShape(kind="capsule", size_m=(0.5, 1.0), body_from_shape=planar_pose(0, 0, 0, 1.0)), None),
    ],
)  # fmt: skip
def test_each_kind_of_shape_has_its_top(shape: CollisionShape, top_m: float | None) -> None:
    drawn = block(0.9, 0.9, top_m or 1.0)
    height = standing_height(replace(drawn, collision=(shape,)), block(0.3, 0.2, 0.1), planar_pose(0.05, 0.0, 0.4))
    assert height == (None if top_m is None else pytest.approx(top_m))


def test_what_something_stands_on_is_named_from_the_top_down() -> None:
    below = {"cup": "tray", "tray": "table", "table": None, "a": "b", "b": "a"}
    assert carriers(below["cup"], below.__getitem__) == ["tray", "table"]
    assert carriers(below["table"], below.__getitem__) == []
    # A file that was written by hand may say anything
    assert carriers(below["a"], below.__getitem__) == ["b", "a"]


@pytest.mark.parametrize(
    ("shape", "reach"),
    [
        (CollisionShape(kind="box", size_m=(2.0, 1.0, 3.0)), (1.0, 0.5, 1.5)),
        (CollisionShape(kind="cylinder", size_m=(0.7, 3.0)), (0.7, 0.7, 1.5)),
        (CollisionShape(kind="sphere", size_m=(0.7,)), (0.7, 0.7, 0.7)),
        (CollisionShape(kind="capsule", size_m=(0.7, 3.0)), (0.7, 0.7, 2.2)),
    ],
)
def test_a_shape_is_filled_as_far_as_it_reaches(shape: CollisionShape, reach: tuple[float, float, float]) -> None:
    turned = rotation_x(0.4)
    moved = replace(shape, body_from_shape=pose((1.0, -2.0, 0.5), turned))
    body = replace(block(1.0, 1.0, 1.0), collision=(moved,))
    for axis, far in enumerate(reach):
        for sign in (1.0, -1.0):
            for share, filled in ((0.99, True), (1.01, False)):
                assert fills(body, np.array((1.0, -2.0, 0.5)) + turned[:, axis] * sign * share * far) is filled
