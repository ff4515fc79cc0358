"""What a user's file says of the look of its surfaces: kept, or told to be left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

import simgen
from simgen.core.errors import AssetError
from simgen.core.srgb import decoded
from simgen.scene import user_mesh
from simgen.scene.body import Part
from simgen.scene.user_materials import left_out
from tests.scene.test_paint import filtered


def read(path: Path) -> list[Part]:
    return user_mesh.read(path, up="z", forward="x", scale=1.0, size_m=None)


def gradient() -> trimesh.Trimesh:
    """A ball that is red above and blue below."""
    mesh = trimesh.creation.icosphere(2, 0.5)
    red = np.rint(255 * (mesh.vertices[:, 2] + 0.5))
    full = np.full(len(red), 255.0)
    mesh.visual = trimesh.visual.ColorVisuals(
        mesh, vertex_colors=np.stack([red, 0 * red, 255 - red, full], axis=1).astype(np.uint8)
    )
    return mesh


def gltf(folder: Path, mesh: trimesh.Trimesh, change: Any = None) -> Path:
    """Writes a .gltf, after ``change`` of its JSON."""
    for name, data in trimesh.exchange.gltf.export_gltf(trimesh.Scene(mesh)).items():
        document = json.loads(data) if name == "model.gltf" else None
        if document is not None and change is not None:
            change(document)
        (folder / name).write_bytes(data if document is None else json.dumps(document).encode())
    return folder / "model.gltf"


def shiny(**material: Any) -> trimesh.Trimesh:
    mesh = trimesh.creation.box((1.0, 1.0, 1.0))
    material = {"name": "skin", "baseColorFactor": [0, 0, 0, 255], **material}
    mesh.visual = trimesh.visual.TextureVisuals(
        uv=np.full((8, 2), 0.25), material=trimesh.visual.material.PBRMaterial(**material)
    )
    return mesh


def shown(part: Part) -> tuple[np.ndarray, np.ndarray]:
    """Places (3 F, 3) and bytes (3 F, 3) of the corners of a part."""
    assert part.material.texture is not None and part.mesh.uv is not None
    at = part.mesh.faces.reshape(-1)
    return part.mesh.vertices_m[at], filtered(part.material.texture, part.mesh.uv[at].astype(np.float64))


@pytest.mark.parametrize("with_material", [False, True])
def test_colours_of_vertices_are_kept(tmp_path: Path, with_material: bool):
    def put_material(document: dict[str, Any]) -> None:
        if with_material:
            document["materials"] = [{"name": "coat", "pbrMetallicRoughness": {"roughnessFactor": 0.3}}]
            document["meshes"][0]["primitives"][0]["material"] = 0

    (part,) = read(gltf(tmp_path, gradient(), put_material))
    assert part.material.base_color == (1.0, 1.0, 1.0)
    assert part.material.roughness == pytest.approx(0.3 if with_material else 0.8)
    places, bytes_ = shown(part)
    linear = decoded(bytes_ / 255.0)  # glTF's are linear
    np.testing.assert_allclose(linear[:, 0], places[:, 2], atol=0.006)
    np.testing.assert_allclose(linear[:, 2], 1.0 - places[:, 2], atol=0.006)
    assert len(part.mesh.faces) == 320


def test_colours_of_an_objs_vertices_are_srgb(tmp_path: Path):
    (tmp_path / "a.obj").write_text(trimesh.exchange.obj.export_obj(gradient(), include_color=True))
    (part,) = read(tmp_path / "a.obj")
    places, bytes_ = shown(part)
    np.testing.assert_allclose(bytes_[:, 0] / 255.0, places[:, 2], atol=0.006)


def test_eight_corners_of_a_cube_are_a_gradient_too(tmp_path: Path):
    """Twelve faces have few mean colours, and each face is of several."""
    cube = trimesh.creation.box((1.0, 1.0, 1.0))
    colors = np.column_stack([(cube.vertices > 0) * 255, np.full(8, 255)]).astype(np.uint8)
    cube.visual = trimesh.visual.ColorVisuals(cube, vertex_colors=colors)
    (part,) = read(gltf(tmp_path, cube))
    places, bytes_ = shown(part)
    np.testing.assert_allclose(bytes_ / 255.0, (places - (0, 0, 0.5) > 0).astype(float), atol=0.004)


def test_a_large_scan_stays_small(tmp_path: Path):
    mesh = trimesh.creation.icosphere(6, 0.5)  # 82,000 faces
    noise = np.random.default_rng(1).integers(0, 256, size=(len(mesh.vertices), 4)).astype(np.uint8)
    mesh.visual = trimesh.visual.ColorVisuals(mesh, vertex_colors=noise)
    (part,) = read(gltf(tmp_path, mesh))
    assert part.material.texture is not None and part.material.texture.pixels.shape == (512, 1024, 3)
    assert len(part.mesh.vertices_m) <= 3 * len(part.mesh.faces)


def test_colours_of_16_bits_without_a_material_are_told(tmp_path: Path):
    def shorten(document: dict[str, Any]) -> None:
        index = document["meshes"][0]["primitives"][0]["attributes"]["COLOR_0"]
        document["accessors"][index]["componentType"] = 5123

    with pytest.raises(AssetError, match="16 bits and no material") as told:
        read(gltf(tmp_path, gradient(), shorten))
    assert told.value.remedy


def test_an_emissive_factor_of_one_is_the_reference_white(tmp_path: Path):
    (part,) = read(gltf(tmp_path, shiny(emissiveFactor=[1.0, 0.5, 0.0])))
    # ITU-R BT.2408: 203 cd/m²
    assert part.material.emission_cd_m2 == pytest.approx((203.0, 101.5, 0.0))
    (dark,) = read(gltf(tmp_path, shiny()))
    assert dark.material.emission_cd_m2 == (0.0, 0.0, 0.0)


def test_its_strength_multiplies_an_emissive_factor(tmp_path: Path):
    def strengthen(document: dict[str, Any]) -> None:
        extension = {"KHR_materials_emissive_strength": {"emissiveStrength": 12.0}}
        document["materials"][0]["extensions"] = extension
        document["extensionsUsed"] = list(extension)

    path = gltf(tmp_path, shiny(emissiveFactor=[0.25, 0.5, 1.0]), strengthen)
    (part,) = read(path)
    assert part.material.emission_cd_m2 == pytest.approx((609.0, 1218.0, 2436.0))
    assert left_out(path) == []


def test_an_emissive_texture_shines_with_its_mean_and_is_told(tmp_path: Path):
    """A quarter of it is white."""
    pixels = np.zeros((64, 64, 3), dtype=np.uint8)
    pixels[:32, :32] = 255
    path = gltf(tmp_path, shiny(emissiveFactor=[1.0, 1.0, 1.0], emissiveTexture=Image.fromarray(pixels)))
    (part,) = read(path)
    assert part.material.emission_cd_m2 == pytest.approx((50.75,) * 3, rel=1e-3)
    assert left_out(path) == ["material 'skin' shines evenly, in the mean colour of its emissive texture"]


@pytest.mark.parametrize(
    ("material", "because"),
    [
        ({"alphaMode": "BLEND", "baseColorFactor": [0, 0, 255, 50]}, "alphaMode BLEND"),
        ({"alphaMode": "MASK"}, "alphaMode MASK"),
        ({"alphaMode": "BLEND"}, None),  # of nothing but 1
        ({"alphaMode": "OPAQUE"}, None),
        ({}, None),
    ],
)
def test_what_is_see_through_is_told(tmp_path: Path, material: dict[str, Any], because: str | None):
    told = left_out(gltf(tmp_path, shiny(**material)))
    expected = f"material 'skin' is see-through ({because}) and is drawn opaque, in the picture, depth and masks alike"
    assert told == ([] if because is None else [expected])


def test_glass_by_transmission_is_told(tmp_path: Path):
    def transmit(document: dict[str, Any]) -> None:
        document["materials"][0]["extensions"] = {"KHR_materials_transmission": {"transmissionFactor": 0.9}}

    (told,) = left_out(gltf(tmp_path, shiny(), transmit))
    assert "material 'skin' is see-through (KHR_materials_transmission)" in told


def test_an_objs_library_is_told_of(tmp_path: Path):
    (tmp_path / "a.mtl").write_text("newmtl pane one\nKd 0 0 1\nd 0.3\nnewmtl lamp\nKe 1 1 1\nd 1.0\nTr 0\n")
    (tmp_path / "a.obj").write_text("mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl lamp\nf 1 2 3\n")
    told = left_out(tmp_path / "a.obj")
    assert len(told) == 2 and "material 'pane one' is see-through (d 0.3)" in told[0] and "'lamp'" in told[1]
    (tmp_path / "b.stl").write_bytes(trimesh.creation.box((1, 1, 1)).export(file_type="stl"))
    assert left_out(tmp_path / "b.stl") == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("f 1 2 9", "the face in line 4 names vertex 9, and the file has 3 of them"),
        ("f 1 2 3\nf 1//1 2//2 12//3", "the face in line 5 names vertex 12, and the file has 3 of them"),
    ],
)
def test_a_face_that_names_what_the_file_has_not_is_told_by_its_line(tmp_path: Path, line: str, told: str):
    path = tmp_path / "stray.obj"
    path.write_text(f"v 0 0 0\nv 1 0 0\nv 0 1 0\n{line}\n")
    with pytest.raises(AssetError) as caught:
        read(path)
    assert caught.value.message == f"cannot be read as obj: {told}"


@pytest.mark.parametrize("index", ["--9", "9" * 5000], ids=["two signs", "5000 digits"])
def test_a_face_of_what_is_no_number_is_told(tmp_path: Path, index: str):
    path = tmp_path / "no_number.obj"
    path.write_text(f"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 {index}\n")
    with pytest.raises(AssetError, match="cannot be read as obj") as caught:
        read(path)
    assert caught.value.remedy == "export it again"


@pytest.mark.parametrize("subdivisions", [3, 6])
def test_a_ball_of_any_number_of_triangles_collides_as_a_ball(tmp_path: Path, subdivisions: int):
    """Few points tell that a hull has too many corners; of those it gets, none lies elsewhere than on the mesh."""
    path = tmp_path / "ball.stl"
    path.write_bytes(trimesh.creation.icosphere(subdivisions, 0.5).export(file_type="stl"))
    points = user_mesh.hull(read(path)).points_m
    assert points is not None and 100 <= len(points) <= user_mesh.MAX_HULL_POINTS + 6
    assert np.abs(np.linalg.norm(points - [0.0, 0.0, 0.5], axis=1) - 0.5).max() < 1e-5
    assert trimesh.convex.convex_hull(points).volume > 0.9 * np.pi / 6.0


def test_a_box_of_many_triangles_keeps_its_corners(tmp_path: Path):
    path = tmp_path / "box.stl"
    box = trimesh.creation.box((1.0, 2.0, 3.0))
    for _ in range(6):
        box = box.subdivide()
    path.write_bytes(box.export(file_type="stl"))
    (part,) = read(path)
    assert len(part.mesh.vertices_m) > user_mesh.MANY_POINTS
    assert len(user_mesh.hull([part]).points_m) == 8


def test_a_file_is_read_once_for_catalogue_and_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "box.stl").write_bytes(trimesh.creation.box((1, 1, 1)).export(file_type="stl"))
    (tmp_path / "own.yaml").write_text(
        "simgen: 1\ncatalogue: own\nmodels:\n"
        "  my.box: {file: box.stl, class: thing, licence: MIT, mass: 3 kg, size: 0.4321 m}\n"
    )
    (tmp_path / "scenario.yaml").write_text(
        "simgen: 1\nscenario: own\nassets: [own.yaml]\nsetting: {room: tabletop}\n"
        "actors:\n  box: {model: my.box, at: {on: floor}}\n"
    )
    found: list[Path] = []
    once = user_mesh.read
    monkeypatch.setattr(user_mesh, "read", lambda path, **how: (found.append(path), once(path, **how))[1])
    scenario = simgen.load(tmp_path / "scenario.yaml")
    for index in range(2):
        simgen.sample(scenario, index=index)
    assert found == [tmp_path / "box.stl"]
