"""The laboratory and the things on its bench."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.keeping import KEPT
from simgen.core.vocabulary import models, settings
from simgen.scene.body import Body
from simgen.scene.mesh import Mesh
from simgen.scene.prints import carton
from simgen.scene.solids import box, lathe, rounded_box, tube
from simgen.scene.stage import Stage

THINGS = ("block", "bottle", "box.carton", "can.soup", "cup", "fruit")


@pytest.fixture(scope="module")
def stage() -> Stage:
    built: Stage = settings.get("tabletop")().build("indoor")
    return built


def build(name: str, **values: float | str) -> Body:
    body: Body = models.get(name)(**values).build()
    return body


def illuminance_lux(stage: Stage, point: tuple[float, float, float]) -> float:
    """Direct light on an upward face: I(theta) cos(theta) / d^2."""
    total = 0.0
    for fixture in stage.fixtures:
        for lamp in fixture.body.lamps:
            away = np.array(point) - np.array(lamp.position_m)
            distance = np.linalg.norm(away)
            cosine = -away[2] / distance
            x = (cosine - np.cos(lamp.outer_rad)) / (np.cos(lamp.inner_rad) - np.cos(lamp.outer_rad))
            x = np.clip(x, 0, 1)
            total += lamp.intensity_cd * x * x * (3 - 2 * x) * cosine / distance**2
    return float(total)


def test_the_bench_is_lit_as_a_workplace(stage: Stage) -> None:
    mat, tote = (stage.surfaces[n] for n in ("mat", "tote"))
    for surface in (mat, tote):
        assert 450 < illuminance_lux(stage, (*surface.center_m, surface.height_m)) < 750


def test_surfaces_lie_on_their_fixtures_and_apart(stage: Stage) -> None:
    bodies = {f.name: f for f in stage.fixtures}
    for name in ("table", "mat", "tote"):
        fixture, surface = bodies[name], stage.surfaces[name]
        center = fixture.world_from_body[:2, 3] + fixture.body.box_center_m[:2]
        half = np.array(fixture.body.box_size_m[:2]) / 2
        assert (np.abs(np.array(surface.center_m) - center) + np.array(surface.size_m) / 2 <= half + 1e-6).all()
    mat, tote = stage.surfaces["mat"], stage.surfaces["tote"]
    assert tote.center_m[1] - mat.center_m[1] > (tote.size_m[1] + mat.size_m[1]) / 2
    assert bodies["mat"].body.box_size_m[2] + 0.75 == pytest.approx(mat.height_m, abs=1e-3)


def test_walls_face_the_room(stage: Stage) -> None:
    walls = next(f for f in stage.fixtures if f.name == "walls").body
    mesh = next(p for p in walls.parts if p.name == "plaster").mesh
    middle = mesh.vertices_m.mean(axis=0)
    towards = middle - mesh.vertices_m[mesh.faces].mean(axis=1)
    assert (np.einsum("ij,ij->i", towards, mesh.normals[mesh.faces[:, 0]]) > 0).all()


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_stands_on_its_origin_and_fits_the_hand(name: str) -> None:
    body = build(name)
    bottom = body.box_center_m[2] - body.box_size_m[2] / 2
    assert bottom == pytest.approx(0.0, abs=0.0025)
    assert min(body.box_size_m[:2]) < 0.075
    assert 0.03 < body.mass_kg < 0.8
    assert body.asset.digest == build(name).asset.digest


@pytest.mark.parametrize("name", THINGS)
def test_collision_shapes_follow_what_is_seen(name: str) -> None:
    body = build(name)
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for shape in body.collision:
        match shape.kind:
            case "box":
                half = np.abs(shape.body_from_shape[:3, :3]) @ (np.array(shape.size_m) / 2)
            case "sphere":
                half = np.full(3, shape.size_m[0])
            case _:
                half = np.array([shape.size_m[0], shape.size_m[0], shape.size_m[1] / 2])
        low = np.minimum(low, shape.body_from_shape[:3, 3] - half)
        high = np.maximum(high, shape.body_from_shape[:3, 3] + half)
    center, size = np.array(body.box_center_m), np.array(body.box_size_m)
    assert low == pytest.approx(center - size / 2, abs=0.006)
    assert high == pytest.approx(center + size / 2, abs=0.006)


@pytest.mark.parametrize("name", THINGS)
def test_every_variation_can_be_built(name: str) -> None:
    for parameter in models.get(name).parameters.values():
        if parameter.vary is None:
            continue
        ((kind, values),) = parameter.vary.items()
        if kind == "choice":
            assert {build(name, **{parameter.name: v}).semantic for v in values} == {models.get(name).semantic}
        elif kind == "uniform":
            ends = [float(v.removesuffix(" cm")) / 100 for v in values]
            sizes = [build(name, **{parameter.name: v}).box_size_m for v in ends]
            assert np.max(np.subtract(sizes[1], sizes[0])) > 0


@pytest.mark.parametrize(
    ("mesh", "volume"),
    [
        (box((1, 2, 3)), 6.0),
        (rounded_box((2, 2, 2), 1.0, segments=10), 4 / 3 * np.pi),
        (lathe([(0, 0), (1, 0), (1, 2), (0, 2)], sectors=90), 2 * np.pi),
        (lathe([(0.5, 0), (1, 0), (1, 2), (0.5, 2), (0.5, 0)], sectors=90), 1.5 * np.pi),
    ],
)
def test_solids_are_closed_and_face_outwards(mesh: Mesh, volume: float) -> None:
    corners = mesh.vertices_m[mesh.faces].astype(np.float64)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.einsum("ij,ij->i", cross, mesh.normals[mesh.faces].mean(axis=1)).min() > 0
    assert np.einsum("ij,ij->i", corners[:, 0], cross).sum() / 6 == pytest.approx(volume, rel=0.01)


@pytest.mark.parametrize("size", [(1.0, 2.0, 3.0), (0.3, 0.1, 0.7), (1e-3, 17.3, 0.29)])
def test_a_box_is_a_rounded_one_of_radius_0_to_the_bit(size: tuple[float, float, float]) -> None:
    assert box(size).digest == rounded_box(size, 0.0).digest


def test_a_tube_has_its_outside_out() -> None:
    mesh = tube([(0, 0, 0), (0.5, 0, 1), (0, 0, 2)], 0.1)
    corners = mesh.vertices_m[mesh.faces].astype(np.float64)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.einsum("ij,ij->i", cross, mesh.normals[mesh.faces].mean(axis=1)).min() > 0


def test_prints_on_a_box_are_not_mirrored() -> None:
    """On every side, u to the right and v upwards as seen from outside."""
    mesh = box((1, 1, 1))
    for side in range(6):
        first = mesh.faces[2 * side]
        p, uv = mesh.vertices_m[first].astype(np.float64), np.asarray(mesh.uv)[first]
        turn = np.linalg.det([uv[1] - uv[0], uv[2] - uv[0]])
        assert turn > 0 and np.cross(p[1] - p[0], p[2] - p[0]) @ mesh.normals[first[0]] > 0


def test_a_print_is_a_function_of_its_number() -> None:
    size = (0.1, 0.06, 0.07)
    first = carton(3, size).digest
    KEPT.clear()
    assert carton(3, size).digest == first != carton(4, size).digest
