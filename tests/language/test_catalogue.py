"""A user's own models: named in a catalogue, placed, simulated and labelled, and every mistake told with its place."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simgen
from simgen.core import keeping, vocabulary
from simgen.core.errors import AssetError, ScenarioInvalid
from simgen.episode import Episode
from simgen.language import catalogue
from simgen.rendering import select_renderer
from simgen.sampling.assembly import actor_body, assemble
from simgen.sampling.concrete import ConcreteScenario, read
from simgen.simulation.world import World
from tests.language import user_models

CLASSES = {"crate": "box", "brick": "thing", "wedge": "tool", "lift": "robot"}


@pytest.fixture(scope="module")
def scenario(tmp_path_factory) -> Path:
    return user_models.write(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def concrete(scenario: Path) -> ConcreteScenario:
    return simgen.sample(simgen.load(scenario), seed=1, index=0)


def test_every_model_is_labelled_with_its_class(concrete):
    with select_renderer("tiny") as renderer:
        last = list(Episode(concrete, renderer))[-1]
    own = {o.name: o for o in last.labels.objects if o.name in CLASSES}
    assert {name: o.semantic for name, o in own.items()} == CLASSES
    assert {name: o.model for name, o in own.items()} == {name: f"my.{name}" for name in CLASSES}
    for label in own.values():
        assert label.visible_pixels > 0
        assert label.visible_pixels == int((last.instance == label.instance_id).sum())
        assert set(np.unique(last.semantic[last.instance == label.instance_id])) == {label.semantic_id}


def test_sizes_are_those_of_the_files(concrete):
    bodies = {actor.name: actor_body(actor) for actor in concrete.actors}
    # 0.4 x 0.3 m with y up and z forward, its longest side made 20 cm; centimetres; millimetres
    assert bodies["crate"].box_size_m == pytest.approx((0.15, 0.20, 0.135), abs=1e-6)
    assert bodies["brick"].box_size_m == pytest.approx((0.12, 0.08, 0.06), abs=1e-6)
    assert bodies["wedge"].box_size_m == pytest.approx((0.12, 0.06, 0.05), abs=1e-6)
    # from the foot of the post, 10 cm below its frame, to the top of the arm, 17 cm above
    assert bodies["lift"].box_size_m == pytest.approx((0.11, 0.06, 0.27), abs=1e-3)
    for body in bodies.values():
        points = [p.mesh.vertices_m @ m[:3, :3].T + m[:3, 3] for p, m in zip(body.parts, body.rest, strict=True)]
        assert np.concatenate(points)[:, 2].min() == pytest.approx(0.0, abs=1e-6)
    assert bodies["wedge"].mass_kg == 0.5
    assert bodies["brick"].friction == 0.7
    assert bodies["lift"].joints == ("hinge",)
    assert {body.asset.id for body in bodies.values()} == {f"my.{name}" for name in CLASSES}
    assert bodies["wedge"].asset.licence == "CC-BY-4.0"


def test_triangles_face_outward(concrete):
    for actor in concrete.actors:
        for part in actor_body(actor).parts:
            corners = part.mesh.vertices_m[part.mesh.faces].astype(np.float64)
            winding = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            assert np.all(np.einsum("fi,fi->f", winding, part.mesh.normals[part.mesh.faces[:, 0]]) > 0), part.name
    wedge = actor_body(next(a for a in concrete.actors if a.name == "wedge"))
    corners = wedge.parts[0].mesh.vertices_m[wedge.parts[0].mesh.faces].astype(np.float64)
    volume = np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert volume == pytest.approx(0.12 * 0.06 * 0.05 / 2, rel=1e-5)


def test_materials_and_textures_are_kept(concrete):
    crate = actor_body(next(a for a in concrete.actors if a.name == "crate"))
    textured = next(p for p in crate.parts if p.material.texture is not None)
    assert textured.material.roughness == pytest.approx(0.35)
    assert textured.material.metallic == pytest.approx(0.25)
    # 100 x 60 pixels become powers of two
    assert textured.material.texture.pixels.shape == (64, 128, 3)
    assert textured.mesh.normals[:, 2] == pytest.approx(1.0, abs=1e-6)
    # The file's first row of pixels, blue at the left, lies at v = 1, where the file's y-up z is largest.
    assert textured.material.texture.pixels[2, 2] == pytest.approx([40, 40, 215], abs=12)
    painted = next(p for p in crate.parts if p.material.texture is None)
    assert painted.material.base_color == pytest.approx((200 / 255, 40 / 255, 30 / 255))


def test_concrete_scenario_reads_back_to_the_same_bytes(concrete):
    text = concrete.to_yaml()
    assert read(text, "scenario.yaml").to_yaml() == text


def test_another_process_makes_the_same_bytes(scenario, concrete):
    code = (
        "import simgen, sys; c = simgen.sample(simgen.load(sys.argv[1]), seed=1, index=0)\n"
        "from simgen.sampling.assembly import actor_body\n"
        "print(c.digest(), *(p.mesh.digest for a in c.actors for p in actor_body(a).parts))"
    )
    other = subprocess.run([sys.executable, "-c", code, str(scenario)], capture_output=True, text=True, check=True)
    meshes = [p.mesh.digest for a in concrete.actors for p in actor_body(a).parts]
    assert other.stdout.split() == [concrete.digest(), *meshes]


@pytest.mark.parametrize("name", ["brick.obj", "lift.urdf"])
@pytest.mark.parametrize("gone", [False, True])
def test_a_file_that_changed_is_told(tmp_path, monkeypatch, name, gone):
    text = simgen.sample(simgen.load(user_models.write(tmp_path)), seed=1, index=0).to_yaml()
    file = tmp_path / name
    if gone:
        file.unlink()
    else:
        file.write_text(file.read_text() + "\n")
    monkeypatch.setattr(keeping, "KEPT", keeping.ByteCache(keeping.BUDGET_BYTES))  # as if nothing had been built yet
    with pytest.raises(AssetError) as told:
        assemble(read(text, "scenario.yaml"))
    assert str(file) in str(told.value)
    assert ("cannot read the file" if gone else "the file has changed") in str(told.value)
    assert "put" in str(told.value)


@pytest.mark.parametrize(
    ("entry", "line", "message"),
    [
        ("my.brick: {file: brik.obj, class: thing, licence: MIT, mass: 1 kg}", 3, "cannot read the file"),
        ("my.brick: {file: brick.obj, clas: thing, class: thing, licence: MIT, mass: 1 kg}", 3, "did you mean 'class'"),
        ("my.brick: {file: brick.obj, class: thign, licence: MIT, mass: 1 kg}", 3, "did you mean 'thing'"),
        ("my.brick: {file: brick.obj, class: thing, mass: 1 kg}", 3, "needs 'licence'"),
        ("my.brick: {file: brick.obj, class: thing, licence: '??', mass: 1 kg}", 3, "no SPDX licence"),
        ("my.brick: {file: brick.obj, class: thing, licence: MIT}", 3, "has no mass"),
        ("my.brick: {file: brick.obj, class: thing, licence: MIT, mass: 1 kg, scale: 2, size: 1 m}", 3, "remove one"),
        ("my.brick: {file: brick.obj, class: thing, licence: MIT, mass: 1 kg, up: x}", 3, "both along x"),
        ("my.brick: {file: brick.obj, class: thing, licence: MIT, mass: {uniform: [1 kg, 2 kg]}}", 3, "every sample"),
        ("my.brick: {file: brick.fbx, class: thing, licence: MIT, mass: 1 kg}", 3, "'.fbx' are not read"),
        ("my.brick: {file: broken.glb, class: thing, licence: MIT, mass: 1 kg}", 3, "not a glTF file"),
        ("my.brick: {file: broken.stl, class: thing, licence: MIT, mass: 1 kg}", 3, "'broken.stl'"),
        ("my.lift: {file: lift.urdf, class: robot, licence: MIT, mass: 1 kg}", 3, "a URDF states its own mass"),
        ("my.lift: {file: broken.urdf, class: robot, licence: MIT}", 3, "not an XML document"),
        ("block: {file: brick.obj, class: thing, licence: MIT, mass: 1 kg}", 3, "already one of simgen"),
    ],
)
def test_a_mistake_in_a_catalogue_is_told_where_it_stands(tmp_path, entry, line, message):
    user_models.write(tmp_path, catalogue=f"simgen: 1\nmodels:\n  {entry}\n")
    for name in ("broken.glb", "broken.stl", "broken.urdf"):
        (tmp_path / name).write_text("nothing of the kind")
    with pytest.raises(ScenarioInvalid) as told:
        catalogue.load(tmp_path / "catalogue.yaml")
    assert message in str(told.value)
    assert all(d.place.line == line and d.remedy for d in told.value.diagnostics), str(told.value)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ("0 0 0, 1 0 0, 2 0 0", "has no area"),
        ("0 0 0, 0.1 0.7 0.3, 0.2 1.4 0.6", "has no area"),
        ("1 2 3, 1 2 3, 1 2 3", "all of its points are one"),
        ("nan 0 0, 1 0 0, 1 1 1", "nan: not a finite number"),
        ("1 0 0, 0 -inf 0, 1 1 1", "-inf: not a finite number"),
        ("1e300 0 0, 1 0 0, 1 1 1", "a coordinate of the mesh is 1e+300"),
    ],
)
@pytest.mark.parametrize("size", ["size: 1 m", "scale: 1"])
def test_a_mesh_without_a_surface_is_told(tmp_path, points, message, size):
    (tmp_path / "mesh.obj").write_text("".join(f"v {p}\n" for p in points.split(", ")) + "f 1 2 3\n")
    with pytest.raises(ScenarioInvalid, match=r"cat\.yaml:3:16: 'mesh\.obj': ") as told:
        catalogue.load(of_one(tmp_path, f"file: mesh.obj, class: thing, licence: MIT, {size}, mass: 1 kg"))
    (found,) = told.value.diagnostics
    assert message in found.message
    assert found.remedy


def of_one(folder: Path, entry: str) -> Path:
    path = folder / "cat.yaml"
    path.write_text(f"simgen: 1\nmodels:\n  my.x: {{{entry}}}\n")
    return path


def test_the_unit_of_a_file_makes_no_difference(tmp_path):
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    bodies = []
    for unit in (1e-12, 1.0, 1e6):
        lines = [f"v {x!r} {y!r} {z!r}" for x, y, z in (corners * unit).tolist()]
        (tmp_path / "mesh.obj").write_text("\n".join([*lines, "f 1 3 2", "f 1 2 4", "f 2 3 4", "f 3 1 4", ""]))
        entry = "file: mesh.obj, class: thing, licence: MIT, mass: 1 kg"
        named = catalogue.load(of_one(tmp_path, f"{entry}, size: 0.5 m"))["my.x"]
        values = {key: value.value for key, value in named.values.items()}
        bodies.append(vocabulary.models.get(named.name)(where="my.x", **values).build())
    for body in bodies:
        assert body.box_size_m == pytest.approx((0.5, 0.5, 0.5), rel=1e-6)
        assert len(body.parts[0].mesh.faces) == 4
        assert body.parts[0].mesh.normals == pytest.approx(bodies[1].parts[0].mesh.normals, abs=1e-5)
    with pytest.raises(ScenarioInvalid, match="no area") as told:  # a picometre, taken for metres
        (tmp_path / "mesh.obj").write_text("v 0 0 0\nv 1e-12 0 0\nv 0 1e-12 0\nf 1 2 3\n")
        catalogue.load(of_one(tmp_path, entry))
    assert "state its size" in str(told.value)


def test_a_plane_at_any_angle_can_be_stood_on(tmp_path):
    # a square that leans by 30 degrees about y: its hull has no volume in any box along the axes
    (tmp_path / "mesh.obj").write_text("v 0 0 0\nv 0.866 0 0.5\nv 0.866 1 0.5\nv 0 1 0\nf 1 2 3\nf 1 3 4\n")
    named = catalogue.load(of_one(tmp_path, "file: mesh.obj, class: thing, licence: MIT, mass: 1 kg"))["my.x"]
    body = vocabulary.models.get(named.name)(
        where="my.x", **{key: value.value for key, value in named.values.items()}
    ).build()
    (shape,) = body.collision
    across = np.array([-0.5, 0.0, 0.866])
    assert np.ptp(shape.points_m @ across) == pytest.approx(0.002, rel=0.01)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("/etc/passwd", "'/etc/passwd' has no ending"),
        (".", "'.' has no ending"),
        ("escape.gltf", "'../../secret.bin', which it names, lies outside of its folder"),
        ("short.stl", "cannot be read as stl: it is damaged"),
    ],
)
def test_what_is_no_mesh_is_told_in_words_of_ours(tmp_path, file, message):
    (tmp_path / "escape.gltf").write_text('{"asset": {"version": "2.0"}, "buffers": [{"uri": "../../secret.bin"}]}')
    (tmp_path / "short.stl").write_bytes(bytes(80) + (12).to_bytes(4, "little") + bytes(range(0, 232, 2)))
    with pytest.raises(ScenarioInvalid, match=r"cat\.yaml:3:16: ") as told:
        catalogue.load(of_one(tmp_path, f"file: {file}, class: thing, licence: MIT, size: 1 m, mass: 1 kg"))
    (found,) = told.value.diagnostics
    assert message in found.message
    assert found.remedy
    assert not any(word in str(told.value) for word in ("Resolver", "module", "charset"))


def test_a_scenario_tells_of_its_catalogue(tmp_path):
    written = user_models.SCENARIO.replace("[catalogue.yaml]", "[catalog.yaml]")
    with pytest.raises(ScenarioInvalid, match=r"scenario\.yaml:3:10: cannot read the catalogue 'catalog\.yaml'"):
        simgen.load(user_models.write(tmp_path, scenario=written))
    written = user_models.SCENARIO.replace("model: my.brick", "model: my.brik")
    with pytest.raises(ScenarioInvalid, match=r"unknown model 'my\.brik'[^?]*did you mean 'my\.brick'"):
        simgen.load(user_models.write(tmp_path, scenario=written))


def test_a_choice_among_own_and_shipped_models(tmp_path):
    written = user_models.SCENARIO.replace("model: my.brick", "model: {choice: [my.brick, block]}")
    scenario = simgen.load(user_models.write(tmp_path, scenario=written))
    names = {simgen.sample(scenario, seed=1, index=i).actors[1].model.name for i in range(8)}
    assert names == {"user.mesh", "block"}


def test_what_falls_through_the_ground_is_told(tmp_path):
    user_models.write(tmp_path, catalogue="simgen: 1\nmodels:\n  my.lift: {file: l.urdf, class: robot, licence: MIT}\n")
    plain = "<robot name='l'><link name='a'><visual><geometry><sphere radius='0.1'/></geometry></visual></link></robot>"
    (tmp_path / "l.urdf").write_text(plain)
    with pytest.raises(ScenarioInvalid, match="no link has a collision shape"):
        catalogue.load(tmp_path / "catalogue.yaml")


def test_a_mistake_in_a_catalogue_is_told_once(tmp_path):
    written = user_models.CATALOGUE.replace("class: tool", "class: tol")
    with pytest.raises(ScenarioInvalid) as told:
        simgen.load(user_models.write(tmp_path, catalogue=written))
    assert [d.place.line for d in told.value.diagnostics] == [6]


def test_loose_urdfs_rest_where_they_are_put(tmp_path):
    cube = (
        "<robot name='cube'><link name='it'><inertial><mass value='0.2'/>"
        "<inertia ixx='1e-4' iyy='1e-4' izz='1e-4' ixy='0' ixz='0' iyz='0'/></inertial>"
        "<visual><geometry><box size='0.05 0.05 0.05'/></geometry></visual>"
        "<collision><geometry><box size='0.05 0.05 0.05'/></geometry></collision></link></robot>"
    )
    (tmp_path / "cube.urdf").write_text(cube)
    models = user_models.CATALOGUE.replace(", fixed: true", "")
    models += "  my.cube: {file: cube.urdf, class: thing, licence: MIT}\n"
    written = user_models.SCENARIO.replace("sensors:", "  cube: {model: my.cube, at: {on: mat}}\nsensors:")
    concrete = simgen.sample(simgen.load(user_models.write(tmp_path, models, written)), seed=1, index=0)
    with World(concrete) as world:
        snapshots = list(world.run())
        for name in (*CLASSES, "cube"):
            poses = np.stack([s.world_from_entity[world.scene.index(name)] for s in snapshots])
            assert np.abs(poses[-1, :3, 3] - poses[0, :3, 3]).max() < 0.003, name
            assert poses[-1, 2, 2] == pytest.approx(1.0, abs=1e-3), name
