"""What every registered model keeps, whatever it builds."""

import re
import subprocess
import sys

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.declare import Parameter
from simgen.scene.body import Body
from simgen.scene.classes import semantic_class

NAMES = vocabulary.models.names()
VEHICLES = [n for n in NAMES if n.startswith(("car.", "van"))]
WATERTIGHT_SHARE = 0.995


@pytest.fixture(scope="module")
def bodies() -> dict[str, Body]:
    return {name: vocabulary.models.get(name)().build() for name in NAMES}


def _points(body: Body) -> np.ndarray:
    moved = [p.mesh.vertices_m @ m[:3, :3].T + m[:3, 3] for p, m in zip(body.parts, body.rest, strict=True)]
    return np.vstack(moved)


def _other_value(parameter: Parameter) -> object:
    """A value within the range that is not the default; None where there is none to be had."""
    if parameter.kind == "choice":
        return next((c for c in parameter.choices if c != parameter.default), None)
    if parameter.kind not in ("quantity", "integer") or not isinstance(parameter.default, int | float):
        return None
    step = 1 if parameter.kind == "integer" else 0.03 * (parameter.high - parameter.low)
    higher = parameter.default + step
    return higher if higher <= parameter.high else parameter.default - step


@pytest.mark.parametrize("name", NAMES)
def test_box_holds_all_parts_and_no_more(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    low, high = _points(body).min(axis=0), _points(body).max(axis=0)
    center, half = np.array(body.box_center_m), np.array(body.box_size_m) / 2
    assert np.all(low >= center - half - 1e-4)
    assert np.all(high <= center + half + 1e-4)
    assert np.all(2 * half - (high - low) < 0.30), "the box is loose"


@pytest.mark.parametrize("name", NAMES)
def test_meshes_are_sound(bodies: dict[str, Body], name: str) -> None:
    for part in bodies[name].parts:
        mesh = part.mesh
        assert len(mesh.faces) > 0, part.name
        assert np.isfinite(mesh.vertices_m).all(), part.name
        assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-3), part.name
        assert mesh.faces.max() < len(mesh.vertices_m)
        if part.material.texture is not None:
            assert mesh.uv is not None, f"{part.name} has a texture and no coordinates"
            height, width = part.material.texture.pixels.shape[:2]
            assert height & (height - 1) == 0, "sides of textures are powers of two"
            assert width & (width - 1) == 0, "sides of textures are powers of two"


@pytest.mark.parametrize("name", NAMES)
def test_shading_agrees_with_winding(bodies: dict[str, Body], name: str) -> None:
    """A face whose corner normals point to its back would be lit from the wrong side."""
    for part in bodies[name].parts:
        if "leaves" in part.name:
            continue
        v = part.mesh.vertices_m[part.mesh.faces].astype(np.float64)
        cross = np.cross(v[:, 1] - v[:, 0], v[:, 2] - v[:, 0])
        shading = part.mesh.normals[part.mesh.faces].mean(axis=1)
        area = np.linalg.norm(cross, axis=1)
        wrong = (np.einsum("ij,ij->i", cross, shading) < 0) & (area > 1e-8)
        assert area[wrong].sum() < 0.005 * area.sum(), part.name


@pytest.mark.parametrize("name", NAMES)
def test_names_refer_to_parts(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    semantic_class(body.semantic)
    names = [p.name for p in body.parts]
    assert len(set(names)) == len(names)
    lamps = {lamp.name for lamp in body.lamps}
    assert all(lamp.part in ("", *names) for lamp in body.lamps)
    assert all(mount.part in names for mount in body.mounts.values())
    assert all(part in names for part, _ in body.keypoints.values())
    for part in body.parts:
        assert part.material.lamp in ("", *lamps), f"{part.name} shines with a lamp that is not there"
        albedo = np.array(part.material.base_color)
        assert np.all((albedo >= 0) & (albedo <= 1))
    for lamp in body.lamps:
        assert np.isclose(np.linalg.norm(lamp.direction), 1.0)
        assert np.isclose(np.dot(lamp.color, (0.2126, 0.7152, 0.0722)), 1.0, atol=0.03), (
            "a lamp's colour has luminance 1"
        )


@pytest.mark.parametrize("name", NAMES)
def test_keypoints_lie_on_the_body(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    poses = {p.name: m for p, m in zip(body.parts, body.rest, strict=True)}
    points = _points(body)
    low, high = points.min(axis=0) - 0.05, points.max(axis=0) + 0.05
    for key, (part, position) in body.keypoints.items():
        at = poses[part][:3, :3] @ position + poses[part][:3, 3]
        assert np.all((low <= at) & (at <= high)), key
    if body.base is not None or body.semantic in ("car", "van", "truck", "bus", "trailer", "forklift"):
        wheels = sum(key.startswith("wheel_") for key in body.keypoints)
        assert wheels >= (4 if body.base is None else len(body.base.wheels))
        assert {f"{a}_{b}_{c}" for a in ("front", "rear") for b in ("left", "right") for c in ("bottom", "top")} <= set(
            body.keypoints
        )
    if body.semantic == "robot" and body.base is None:
        assert len(body.keypoints) >= 8
    if body.semantic in ("bicycle", "cyclist", "scooter_rider", "motorcycle"):
        assert {"wheel_front", "wheel_rear"} <= set(body.keypoints)


@pytest.mark.parametrize("name", NAMES)
def test_identity_and_weight(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    assert len(body.asset.digest) == 64
    assert body.asset.licence
    assert body.fixed or body.urdf or body.mass_kg > 0
    assert body.rest.shape == (len(body.parts), 4, 4)
    assert len(body.joint_rest) == len(body.joints)
    if body.articulate is not None:
        assert np.allclose(body.articulate(np.array(body.joint_rest)), body.rest, atol=1e-9)


def test_digests_are_the_same_in_another_process(bodies: dict[str, Body]) -> None:
    chosen = ["ball", "car.sedan", "pedestrian.child", "tree"]
    code = (
        "from simgen.core.vocabulary import models\n"
        f"for n in {chosen!r}:\n"
        "    b = models.get(n)().build()\n"
        "    print(b.asset.digest, *(p.mesh.digest for p in b.parts))\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    expected = [" ".join([bodies[n].asset.digest, *(p.mesh.digest for p in bodies[n].parts)]) for n in chosen]
    assert printed.splitlines() == expected


def test_registering_loads_neither_pybullet_nor_gl() -> None:
    code = (
        "import sys; from simgen.core.vocabulary import models, settings; models.names(); settings.names()\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('pybullet', 'OpenGL', 'moderngl', 'pyrender')])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_parameters_change_the_digest() -> None:
    red, blue = (vocabulary.models.get("car.sedan")(paint=p).build() for p in ("red", "blue"))
    assert red.asset.digest != blue.asset.digest


@pytest.mark.parametrize("name", VEHICLES)
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_vehicle_has_the_size_it_is_given(name: str, share: float) -> None:
    model = vocabulary.models.get(name)
    size = {}
    for key in ("length", "width", "height"):
        low, high = (float(text.split()[0]) for text in model.parameters[key].vary["uniform"])
        size[key] = low + share * (high - low)
    body = model(**size).build()
    points = _points(body)
    assert points[:, 0].max() - points[:, 0].min() == pytest.approx(size["length"], abs=1e-3)
    assert body.box_size_m[0] == pytest.approx(size["length"], abs=1e-3)
    assert body.box_size_m[2] - body.notes["above_roof_m"] == pytest.approx(size["height"], abs=0.02)
    skin = next(p for p in body.parts if p.name == "under").mesh.vertices_m
    assert 2 * skin[:, 1].max() == pytest.approx(size["width"], rel=0.08)
    assert body.collision[0].size_m[1] == size["width"]
    assert points[:, 2].min() == pytest.approx(0.0, abs=2e-3), "wheels stand on the ground"


@pytest.mark.parametrize("name", VEHICLES)
def test_wheels_roll_and_steer(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    assert body.joints == ("steer", "wheel_fl_spin", "wheel_fr_spin", "wheel_rl_spin", "wheel_rr_spin")
    assert body.articulate is not None and body.vehicle is not None
    names = [p.name for p in body.parts]
    left = names.index("tyre_fl")
    turned = body.articulate(np.array([0.3, 0.0, 0.0, 0.0, 0.0]))[left]
    assert np.allclose(turned[:3, :3] @ (1, 0, 0), (np.cos(0.3), np.sin(0.3), 0)), "positive steer turns left"
    for wheel, joint in (("tyre_fl", 1), ("tyre_fr", 2), ("tyre_rl", 3), ("tyre_rr", 4)):
        k = names.index(wheel)
        joints = np.zeros(5)
        joints[joint] = 0.1
        before, after = body.rest[k], body.articulate(joints)[k]
        top = before[:3, :3].T @ (0, 0, body.vehicle.wheel_radius_m)
        assert (after[:3, :3] @ top + after[:3, 3])[0] > before[0, 3], f"the top of {wheel} moves forward"


@pytest.mark.parametrize("name", VEHICLES)
def test_windscreen_camera_sees_the_road(bodies: dict[str, Body], name: str) -> None:
    """Rays of a 60 by 36 degree view from the mount: at most the lower edge may show the bonnet."""
    body = bodies[name]
    mount = body.mounts["windscreen"]
    position = mount.part_from_mount[:3, 3]
    assert 1.1 < position[2] < 2.3
    corners = np.concatenate(
        [(p.mesh.vertices_m @ m[:3, :3].T + m[:3, 3])[p.mesh.faces] for p, m in zip(body.parts, body.rest, strict=True)]
    )
    yaw, pitch = np.meshgrid(np.radians(np.linspace(-30, 30, 13)), np.radians(np.linspace(-14, 18, 9)))
    rays = np.stack([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)], -1).reshape(-1, 3)
    # Moeller & Trumbore (1997), every ray against every triangle.
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    to_eye = position - corners[:, 0]
    q = np.cross(to_eye, a)
    for ray in rays:
        h = np.cross(ray, b)
        with np.errstate(divide="ignore", invalid="ignore"):
            f = 1.0 / np.einsum("ij,ij->i", a, h)
            u, v, t = f * np.einsum("ij,ij->i", to_eye, h), f * (q @ ray), f * np.einsum("ij,ij->i", b, q)
            hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)
        assert not hit.any(), f"the view along {ray} is blocked"


@pytest.mark.parametrize("name", VEHICLES)
def test_low_beams_light_the_road_ahead(bodies: dict[str, Body], name: str) -> None:
    heads = [lamp for lamp in bodies[name].lamps if lamp.name.startswith("head_")]
    assert {lamp.name for lamp in heads} == {"head_left", "head_right"}
    for lamp in heads:
        assert 15_000 <= lamp.intensity_cd <= 20_000
        reach = -lamp.position_m[2] / lamp.direction[2] * lamp.direction[0]
        assert 10 < reach < 60, "the axis of the beam meets the road"
    assert not next(lamp for lamp in bodies[name].lamps if lamp.name == "brake").on


@pytest.mark.parametrize("radius", [0.05, 0.11, 0.3])
def test_ball_is_round_and_closed(radius: float) -> None:
    body = vocabulary.models.get("ball")(radius=radius).build()
    points = _points(body) - (0, 0, radius)
    assert np.allclose(np.linalg.norm(points, axis=1), radius, rtol=1e-5)
    corners = np.concatenate([p.mesh.vertices_m[p.mesh.faces].astype(np.float64) for p in body.parts])
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert volume == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.03)


PEOPLE = [n for n in NAMES if n.startswith("pedestrian.") or n in ("deer", "dog", "boar")]


@pytest.mark.parametrize("name", PEOPLE)
def test_people_and_animals_are_light_and_have_mass_and_keypoints(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    assert sum(len(p.mesh.faces) for p in body.parts) < 6900
    assert body.gait is not None
    assert 3.0 < body.mass_kg < 150.0
    assert len(body.keypoints) >= 12
    assert _points(body)[:, 2].min() == pytest.approx(0.0, abs=0.012), "it stands on the ground"


SPDX = re.compile(r"^(NOASSERTION|[A-Za-z0-9][A-Za-z0-9.+-]*( (AND|OR|WITH) [A-Za-z0-9][A-Za-z0-9.+-]*)*)$")
TRIANGLES = 15_000


@pytest.mark.parametrize("name", NAMES)
def test_model_keeps_its_contract(bodies: dict[str, Body], name: str) -> None:
    """What a dataset's record and its users rely on: a class, a licence, a weight, a modest mesh."""
    body = bodies[name]
    semantic_class(body.semantic)
    assert SPDX.match(body.asset.licence), body.asset.licence
    assert body.fixed or body.urdf or 0.005 < body.mass_kg < 60_000
    made_elsewhere = body.urdf or name == "husky"
    assert made_elsewhere or sum(len(p.mesh.faces) for p in body.parts) < TRIANGLES
    assert np.isfinite(_points(body)).all()
    if not body.surface and not body.urdf and not body.vehicle:
        assert body.collision or body.fixed or body.gait, "nothing would feel it"


@pytest.mark.parametrize("name", NAMES)
def test_another_parameter_is_another_asset(bodies: dict[str, Body], name: str) -> None:
    """One parameter of each model, chosen by the alphabet."""
    model = vocabulary.models.get(name)
    values = {key: _other_value(model.parameters[key]) for key in sorted(model.parameters)}
    changed = next(({key: value} for key, value in values.items() if value is not None), None)
    if changed is None:
        pytest.skip("has no parameter to change")
    assert model(**changed).build().asset.digest != bodies[name].asset.digest, changed


@pytest.mark.parametrize("worn", [{"outer": "coat"}, {"legwear": "skirt"}])
def test_a_hem_is_open_and_shows_the_lining(worn: dict[str, str]) -> None:
    """Looked at from below, between and beside the legs: the first that is met lies well above the hem."""
    parts = vocabulary.models.get("pedestrian.adult")(**worn).build().parts
    cloth = [p for p in parts if p.name.startswith("drape") and not p.name.endswith("lining")]
    linings = [p for p in parts if p.name.startswith("drape") and p.name.endswith("lining")]
    assert len(cloth) == len(linings) > 0
    for outside, inside in zip(cloth, linings, strict=True):
        hem = float(outside.mesh.vertices_m[:, 2].min())
        for part, depth in ((outside, 0.15), (inside, 0.015)):
            corners = part.mesh.vertices_m[part.mesh.faces].astype(float)
            normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            flat = np.abs(normal[:, 2]) > 0.9 * np.linalg.norm(normal, axis=1)
            assert flat.any()
            assert corners[flat][:, :, 2].min() > hem + depth
        assert inside.material.base_color[1] < 0.05
