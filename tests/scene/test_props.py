"""Props: patches of ground, signals, signs and their digests."""

import subprocess
import sys

import numpy as np
import pytest

from simgen.core.geometry import planar_pose
from simgen.core.vocabulary import models
from simgen.sampling.obstacles import Placed, blocked_by
from simgen.scene import sign_faces
from simgen.scene.stage import Stage

OWN = ("greenery", "patch", "roadside", "roadworks", "traffic_light", "traffic_sign")
PATCHES = [n for n in models.names() if n.startswith("patch.")]
PROPS = [n for n, model in models.items() if model.__module__.rpartition(".")[2] in OWN]


@pytest.mark.parametrize("name", PROPS)
def test_no_prop_is_heavy_to_draw(name: str) -> None:
    assert sum(len(p.mesh.faces) for p in models.get(name)().build().parts) < 15_000


@pytest.mark.parametrize("name", PATCHES)
def test_patch_lies_on_the_ground_and_stops_nobody(name: str) -> None:
    body = models.get(name)(length=3.0, width=2.0, look=7).build()
    assert body.surface == models.get(name).surface != ""
    assert body.collision == () and body.fixed
    assert body.box_center_m[2] - body.box_size_m[2] / 2 == pytest.approx(0.0, abs=0.03)
    assert body.box_size_m[2] < 0.12
    stage = Stage(fixtures=())
    patch = Placed(name="patch", body=body, world_from_body=planar_pose(0, 0, 0))
    cone = Placed(name="cone", body=models.get("cone")().build(), world_from_body=planar_pose(0.2, 0.1, 0))
    assert blocked_by(cone, [patch], stage) is None
    assert blocked_by(patch, [cone], stage) is None
    assert blocked_by(cone, [cone], stage) == "cone"


def test_seed_changes_the_outline_and_the_digest() -> None:
    a, b = (models.get("patch.oil")(look=k).build() for k in (1, 2))
    assert a.asset.digest != b.asset.digest
    assert a.parts[0].mesh.digest != b.parts[0].mesh.digest


@pytest.mark.parametrize(("state", "burning"), [("red", {"red"}), ("red_amber", {"red", "amber"}), ("off", set())])
def test_signal_burns_what_its_state_says(state: str, burning: set[str]) -> None:
    body = models.get("traffic_light")(state=state).build()
    assert {lamp.name for lamp in body.lamps if lamp.on} == burning
    assert all(lamp.signal for lamp in body.lamps)
    height = {lamp.name: lamp.position_m[2] for lamp in body.lamps}
    assert height["red"] > height["amber"] > height["green"]


def test_lens_sends_out_its_lamps_intensity() -> None:
    body = models.get("traffic_light")().build()
    lens = next(p.material for p in body.parts if p.name == "lens_green")
    luminance = np.dot(lens.emission_cd_m2, (0.2126, 0.7152, 0.0722))
    lamp = next(lamp for lamp in body.lamps if lamp.name == "green")
    assert luminance * np.pi * 0.105**2 == pytest.approx(lamp.intensity_cd, rel=1e-6)


def test_arm_of_a_level_crossing_rises_with_its_joint() -> None:
    body = models.get("level_crossing_barrier")(length=5.0).build()
    assert body.articulate is not None
    names = [p.name for p in body.parts]
    tip = np.array([0.0, 5.2, 0.0, 1.0])
    k = names.index("arm_white")
    assert (body.articulate(np.array([0.0]))[k] @ tip)[2] == pytest.approx(0.95, abs=0.01)
    assert (body.articulate(np.array([np.pi / 2]))[k] @ tip)[2] == pytest.approx(6.15, abs=0.01)


@pytest.mark.parametrize("kind", sign_faces.KINDS)
def test_every_sign_has_its_own_face_towards_x(kind: str) -> None:
    body = models.get("sign.traffic")(kind=kind).build()
    part = next(p for p in body.parts if p.name == "face")
    assert (part.mesh.normals[:, 0] > 0.99).all()
    assert part.material.retroreflectance > 0.2
    assert part.material.texture is not None
    others = [sign_faces.picture(k).digest for k in sign_faces.KINDS if k != kind]
    assert part.material.texture.digest not in others


def test_digests_are_the_same_in_another_process() -> None:
    chosen = ["patch.gravel", "hedge", "rock", "traffic_light", "tree.conifer"]
    code = (
        f"from simgen.core.vocabulary import models\nfor n in {chosen!r}: print(models.get(n)().build().asset.digest)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == [models.get(n)().build().asset.digest for n in chosen]
