"""The three renderers draw the same scene."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, planar_pose, pose, rotation_rpy, rotation_z
from simgen.core.vocabulary import models, settings
from simgen.rendering import RenderBuffers, Renderer
from simgen.scene.scene import SceneView
from tests.rendering.scenes import Placed, Thing, box_mesh, environment, ground_mesh, sphere_mesh, staged, view


def near_edges(*images: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Pixels within two of a change of id."""
    edge = np.zeros(images[0].shape, dtype=np.uint8)
    for image in images:
        across, down = image[:, 1:] != image[:, :-1], image[1:] != image[:-1]
        edge[:, 1:] |= across
        edge[:, :-1] |= across
        edge[1:] |= down
        edge[:-1] |= down
    return cv2.dilate(edge, np.ones((3, 3), dtype=np.uint8)) > 0


def assert_agree(a: RenderBuffers, b: RenderBuffers) -> None:
    away = ~near_edges(a.instance, b.instance, a.semantic, b.semantic)
    assert away.mean() > 0.3
    assert (a.instance == b.instance)[away].mean() >= 0.995
    assert (a.semantic == b.semantic)[away].mean() >= 0.995
    assert (np.isinf(a.depth_m) == np.isinf(b.depth_m))[away].mean() >= 0.995
    # Within a class an outline may still run between two depths.
    finite = away & np.isfinite(a.depth_m) & np.isfinite(b.depth_m)
    error = np.abs(a.depth_m[finite] - b.depth_m[finite])
    assert (error <= np.maximum(0.01, 0.01 * a.depth_m[finite])).mean() >= 0.995


def hand_made() -> SceneView:
    return view(
        [
            Thing(mesh=ground_mesh(), semantic="road", labelled=False, static=True),
            Thing(mesh=sphere_mesh(0.5), at=pose((6, 0.5, 0.5)), semantic="ball"),
            Thing(mesh=box_mesh((4, 1.8, 1.4)), at=pose((12, -2, 0.8), rotation_z(0.3)), semantic="car"),
            Thing(
                mesh=box_mesh((0.6, 0.4, 1.7)), at=pose((9, 2.5, 0.9), rotation_rpy(0.1, 0.2, 0.7)), semantic="thing"
            ),
            Thing(mesh=box_mesh((1, 30, 9)), at=pose((40, 4, 4.5)), semantic="building", labelled=False, static=True),
        ]
    )


def street() -> SceneView:
    stage = settings.get("two_lane_urban")(length=80.0, parked=0.1).build("daylight")
    car, adult = models.get("car.sedan")().build(), models.get("pedestrian.adult")().build()
    actors = [
        Placed(name="car", body=car, at=planar_pose(30, -1.7, 0.0)),
        Placed(name="walker", body=adult, at=planar_pose(22, 1.5, -1.4)),
    ]
    return staged(stage, actors, around=environment())


@pytest.fixture(scope="module")
def street_scene() -> SceneView:
    return street()


@pytest.mark.parametrize("other", ["tiny", "pyrender"])
def test_hand_made_scene(raster: Renderer, other: str, request: pytest.FixtureRequest) -> None:
    made = hand_made()
    camera = Camera.from_fov(240, 160, 1.2, camera_pose((0, 0.2, 1.5), (12, 0, 0.8)))
    assert_agree(raster.render(made, camera), request.getfixturevalue(other).render(made, camera))


@pytest.mark.parametrize("other", ["tiny", "pyrender"])
def test_street(raster: Renderer, street_scene: SceneView, other: str, request: pytest.FixtureRequest) -> None:
    camera = Camera.from_fov(240, 160, 1.2, camera_pose((12, -1.7, 1.4), (30, -1.0, 1.1)))
    assert_agree(raster.render(street_scene, camera), request.getfixturevalue(other).render(street_scene, camera))


@pytest.mark.parametrize("other", ["tiny", "pyrender"])
@pytest.mark.parametrize("hour", [12.0, 23.0])
def test_radiance_is_alike(raster: Renderer, other: str, hour: float, request: pytest.FixtureRequest) -> None:
    """The light models differ in detail; the level of the picture must not."""
    made = view(
        [
            Thing(mesh=ground_mesh(), semantic="road", labelled=False),
            Thing(mesh=sphere_mesh(0.5), at=pose((6, 0, 0.5))),
        ],
        around=environment(time_of_day=hour),
    )
    camera = Camera.from_fov(96, 64, 1.2, camera_pose((0, 0, 1.5), (6, 0, 0.5)))
    a = raster.render(made, camera).radiance.astype(np.float64).mean()
    b = request.getfixturevalue(other).render(made, camera).radiance.astype(np.float64).mean()
    assert b == pytest.approx(a, rel=0.3)


def test_contexts_live_side_by_side(raster: Renderer, pyrender: Renderer, tiny: Renderer) -> None:
    made = hand_made()
    camera = Camera.from_fov(64, 48, 1.2, camera_pose((0, 0.2, 1.5), (12, 0, 0.8)))
    first = [r.render(made, camera) for r in (raster, pyrender, tiny)]
    second = [r.render(made, camera) for r in (pyrender, tiny, raster)]
    for a, b in zip(first, (second[2], second[0], second[1]), strict=True):
        assert a.radiance.tobytes() == b.radiance.tobytes()
        assert a.depth_m.tobytes() == b.depth_m.tobytes()
        assert a.instance.tobytes() == b.instance.tobytes()
