"""The lamps that burn, as rendering and sensing are given them."""

import dataclasses

import numpy as np
import pytest

from simgen.core.geometry import pose, rotation_z, transform
from simgen.scene.body import Lamp
from simgen.scene.lamps import Lamps
from simgen.scene.scene import SceneView
from tests.rendering.scenes import Thing, box_mesh, view

BULB = Lamp(name="bulb", position_m=(1, 0, 0), direction=(1, 0, 0), intensity_cd=100.0, color=(0.5, 1.2, 0.8))
BEAM = dataclasses.replace(BULB, name="beam", inner_rad=0.1, outer_rad=0.4, edge_rad=0.03)
TURNED = pose((5, 6, 7), rotation_z(np.pi / 2))


def stand(*lamps: Lamp) -> SceneView:
    mesh = box_mesh((0.1, 0.1, 0.1))
    return view([Thing(mesh=mesh), Thing(mesh=mesh, at=TURNED, lamps=lamps), Thing(mesh=mesh, lamps=(BULB,))])


def changed(of: SceneView, **values: object) -> SceneView:
    return SceneView(scene=of.scene, snapshot=dataclasses.replace(of.snapshot, **values))


def test_they_stand_and_shine_as_their_bodies_do() -> None:
    lamps = Lamps.burning(changed(stand(BULB, BEAM), lamp_power=np.array([0.5, 1.0, 1.0])))
    np.testing.assert_allclose(lamps.position_m, [(5, 7, 7), (5, 7, 7), (1, 0, 0)], atol=1e-12)
    np.testing.assert_allclose(lamps.direction, [(0, 1, 0), (0, 1, 0), (1, 0, 0)], atol=1e-12)
    np.testing.assert_allclose(lamps.axes[1], [(1, 0, 0), (0, 0, 1), (0, 1, 0)], atol=1e-12)
    np.testing.assert_allclose(lamps.rgb_cd[:2], [(25, 60, 40), (50, 120, 80)])
    assert lamps.dipped.tolist() == [False, True, False]
    assert lamps.entity.tolist() == [1, 1, 2]
    assert lamps.cos_outer == pytest.approx([-2, np.cos(0.4), -2])


def test_what_is_off_or_away_does_not_burn() -> None:
    lit = stand(BULB, BEAM)
    assert Lamps.burning(changed(lit, lamp_power=np.array([0.0, 1.0, 1.0]))).index.tolist() == [1, 2]
    assert Lamps.burning(changed(lit, present=np.array([True, False, True]))).index.tolist() == [2]
    assert len(Lamps.burning(changed(lit, lamp_power=np.zeros(3)))) == len(Lamps.none()) == 0


def test_another_frame_shows_the_same_light() -> None:
    lamps, other = Lamps.burning(stand(BEAM)), pose((1, -2, 3), rotation_z(0.7))
    moved = lamps.seen_from(other)
    points = np.random.default_rng(0).uniform(-2, 2, (50, 3)) + (5, 12, 7)

    def candela(of: Lamps, at: np.ndarray) -> np.ndarray:
        near = 1 / np.linalg.norm(at[:, None] - of.position_m, axis=2)
        return of.shine(at.astype(np.float32)).intensity_cd(np.float32(1.0), near.astype(np.float32))

    expected = candela(lamps, points)
    assert np.count_nonzero(expected[:, 0] > 1.0) > 3
    np.testing.assert_allclose(candela(moved, transform(other, points)), expected, atol=0.02)
