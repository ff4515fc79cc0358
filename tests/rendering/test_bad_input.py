"""What nobody means to ask for: the right picture and labels, or a clear error."""

from __future__ import annotations

import ctypes
import dataclasses
import warnings
from typing import Any

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.errors import RendererUnavailable, ValueOutOfRange
from simgen.core.geometry import camera_pose, pose, transform
from simgen.labels import FrameLabels, Planes, label, proof_faults
from simgen.rendering import RenderBuffers, Renderer, select_renderer
from simgen.rendering.raster import engine
from simgen.rendering.raster.context import open_context
from simgen.scene.mesh import Mesh
from simgen.scene.scene import SceneView
from tests.rendering.scenes import Thing, box_mesh, ground_mesh, view

EYE = camera_pose((0, 0, 1), (5, 0, 1))
CAMERA = Camera.from_fov(96, 64, 1.2, EYE)
UP = np.array([[0, 0, 1]], dtype=np.float32)


def box(x: float, y: float = 0.0, size: float = 1.0) -> Thing:
    return Thing(mesh=box_mesh((size, size, size)), at=pose((x, y, 1.0)))


def seen(renderer: Renderer, made: SceneView, camera: Camera = CAMERA) -> tuple[RenderBuffers, FrameLabels]:
    """Picture and labels, of which every proof holds."""
    buffers = renderer.render(made, camera, ("normal",))
    labels = label(made, camera, buffers, renderer.silhouettes(made, camera, made.labelled_ids()))
    planes = Planes(instance=buffers.instance, semantic=buffers.semantic, depth_m=buffers.depth_m)
    assert proof_faults(labels, planes) == []
    assert buffers.instance.shape == (camera.height_px, camera.width_px)
    assert np.isfinite(buffers.radiance.astype(np.float32)).all()
    assert buffers.normal is not None
    assert np.isfinite(buffers.normal).all()
    return buffers, labels


def test_a_camera_inside_a_body(each: Renderer) -> None:
    buffers, labels = seen(each, view([box(0, size=3.0), box(5)]))
    assert (buffers.instance == 1).all()
    assert buffers.depth_m[32, 48] == pytest.approx(1.5, abs=0.01)
    inside, hidden = labels.objects
    assert (inside.visible_fraction > 0, inside.truncation > 0.2) == (True, True)
    assert (hidden.visible_pixels, hidden.occlusion) == (0, 1.0)


def test_a_camera_behind_a_wall(each: Renderer) -> None:
    buffers, labels = seen(each, view([Thing(mesh=box_mesh((0.1, 50, 50)), at=pose((1, 0, 0))), box(5)]))
    assert (buffers.instance == 1).all()
    hidden = labels.of("thing_1")
    assert hidden is not None
    assert hidden.occlusion == 1.0
    assert hidden.amodal_pixels > 50


def test_an_object_that_fills_the_picture(each: Renderer) -> None:
    buffers, labels = seen(each, view([box(5, size=8.0)]))
    assert (buffers.instance == 1).all()
    one = labels.objects[0]
    assert one.bbox_visible == one.bbox_amodal == one.bbox_loose == (0.0, 0.0, 96.0, 64.0)
    assert one.bbox_amodal_unclipped[0] < -10
    assert one.truncation > 0.1


@pytest.mark.parametrize("away", [1e5, 1e8])
def test_a_camera_far_from_everything(each: Renderer, away: float) -> None:
    for target in (0.0, 2 * away):
        camera = Camera.from_fov(96, 64, 1.2, camera_pose((-away, 0, 1), (target - away * (target > 0), 0, 1)))
        buffers, labels = seen(each, view([box(5)]), camera)
        assert not buffers.instance.any()
        assert np.isinf(buffers.depth_m).all()
        assert labels.objects == ()


@pytest.mark.parametrize("coordinate", [np.nan, np.inf, -np.inf])
def test_a_camera_nowhere(coordinate: float) -> None:
    place = EYE.copy()
    place[1, 3] = coordinate
    with pytest.raises(ValueOutOfRange, match="which is no place; see where its mount is"):
        Camera.from_fov(96, 64, 1.2, place)


@pytest.mark.parametrize("changed", [{"width_px": 0}, {"height_px": -3}, {"fx_px": 0.0}, {"fy_px": np.nan}])
def test_a_camera_without_pixels_or_focal_length(changed: dict[str, float]) -> None:
    with pytest.raises(ValueOutOfRange, match="at least one pixel"):
        dataclasses.replace(CAMERA, **changed)


def degenerate(*corners: tuple[float, float, float]) -> Mesh:
    count = len(corners)
    faces = [(i, i + 1, i + 2) for i in range(count - 2)]
    return Mesh(
        vertices_m=np.array(corners, dtype=np.float32).reshape(-1, 3),
        normals=np.repeat(UP, count, axis=0),
        faces=np.array(faces, dtype=np.int32).reshape(-1, 3),
    )


@pytest.mark.parametrize(
    "mesh",
    [degenerate(), degenerate(*[(0.0, 0.0, 0.0)] * 3), degenerate((0, 0, 0), (1, 0, 0), (2, 0, 0), (2, 0, 0))],
    ids=["empty", "a point", "a line"],
)
def test_meshes_that_show_nothing(each: Renderer, mesh: Mesh) -> None:
    buffers, labels = seen(each, view([Thing(mesh=mesh, at=pose((4, 0, 1))), box(6)]))
    assert set(np.unique(buffers.instance)) == {0, 2}
    assert [o.name for o in labels.objects] == ["thing_1"]


def test_nothing_at_all(each: Renderer) -> None:
    buffers, labels = seen(each, view([]))
    assert np.isinf(buffers.depth_m).all()
    assert labels.objects == ()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 9), (9, 1), (7, 5)])
def test_pictures_of_few_pixels(each: Renderer, width: int, height: int) -> None:
    camera = Camera.from_fov(width, height, 1.2, EYE)
    buffers, labels = seen(each, view([box(3, size=1.5), Thing(mesh=ground_mesh(), labelled=False)]), camera)
    assert buffers.instance[height // 2, width // 2] == 1
    assert labels.objects[0].visible_pixels >= 1


def test_a_wide_picture_after_a_small_one(raster: Renderer) -> None:
    """More squares than the first picture had room for, and as many pixels across as 8192 x 8192 has."""
    made = view([box(5), Thing(mesh=ground_mesh(), labelled=False)])
    seen(raster, made)
    camera = dataclasses.replace(Camera.from_fov(8192, 384, 1.2, EYE), cy_px=191.5)
    _, labels = seen(raster, made, camera)
    one = labels.objects[0]
    side = camera.fx_px / 4.5
    assert one.bbox_amodal[2] - one.bbox_amodal[0] == pytest.approx(side, abs=1)
    assert one.truncation > 0.5
    again, _ = seen(raster, made)
    assert np.array_equal(again.instance, raster.render(made, CAMERA).instance)


def test_a_picture_that_opengl_has_no_room_for(raster: Renderer) -> None:
    made = view([box(5), Thing(mesh=ground_mesh(), labelled=False)])
    before = raster.render(made, CAMERA)
    context = open_context()
    widest = int(context.info["GL_MAX_TEXTURE_SIZE"])
    context.release()
    with pytest.raises(RendererUnavailable, match=f"cannot draw {widest + 1} x 2 pixels") as told:
        raster.render(made, Camera.from_fov(widest + 1, 2, 1.2, EYE))
    assert f"draws at most {widest} x" in told.value.message
    assert told.value.remedy == "lower the sensor's resolution"
    after = raster.render(made, CAMERA)
    assert np.array_equal(after.radiance, before.radiance)
    assert np.array_equal(after.depth_m, before.depth_m)


def test_ten_thousand_objects(raster: Renderer) -> None:
    rng = np.random.default_rng(1)
    mesh = box_mesh((0.3, 0.3, 0.3))
    places = rng.uniform((3, -60, -30), (100, 60, 30), (10_000, 3))
    made = view([Thing(mesh=mesh, at=pose(place)) for place in places])
    camera = Camera.from_fov(160, 90, 1.2, EYE)
    buffers = raster.render(made, camera)
    labels = label(made, camera, buffers, raster.silhouettes(made, camera, range(1, 10_001, 20)))
    local = transform(camera.camera_from_world, places)
    inside = (local[:, 2] > 1) & (np.abs(camera.fx_px * local[:, 0] / local[:, 2]) < 78)
    inside &= np.abs(camera.fy_px * local[:, 1] / local[:, 2]) < 43
    # The farthest are smaller than a pixel, and may lie between the centres of four.
    labelled = {o.instance_id for o in labels.objects}
    near = set((np.flatnonzero(inside & (local[:, 2] < 25)) + 1).tolist()) & set(range(1, 10_001, 20))
    assert near
    assert near <= labelled
    assert len(np.unique(buffers.instance)) > 1000
    assert {int(i) for i in np.unique(buffers.instance)} <= {0, *labelled}


def test_a_lost_context_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The context is destroyed behind the renderer's back, as a driver that resets does: calls do nothing from then on,
    and say nothing either. What they leave of a picture is anything, and nobody is warned of it."""
    try:
        renderer = select_renderer("raster")
    except RendererUnavailable as error:
        pytest.skip(str(error))
    made = view([box(5)])
    renderer.render(made, CAMERA)
    egl = ctypes.CDLL("libEGL.so.1")
    egl.eglGetCurrentDisplay.restype = egl.eglGetCurrentContext.restype = ctypes.c_void_p
    with renderer._painter._context:  # type: ignore[attr-defined]
        display, context = (ctypes.c_void_p(v) for v in (egl.eglGetCurrentDisplay(), egl.eglGetCurrentContext()))
        egl.eglMakeCurrent(display, None, None, None)
        assert egl.eglDestroyContext(display, context)
    read = engine._read

    def anything(*which: Any, **more: Any) -> Any:
        found = read(*which, **more)
        found[...] = np.nan if found.dtype.kind == "f" else 0
        return found

    monkeypatch.setattr(engine, "_read", anything)
    for use in (renderer.render, lambda v, c: renderer.silhouettes(v, c, [1])):
        with warnings.catch_warnings(record=True) as told, pytest.raises(RendererUnavailable, match="lost its OpenGL"):
            warnings.simplefilter("always")
            use(made, CAMERA)
        assert not told
    renderer.close()
    monkeypatch.undo()
    with select_renderer("raster") as fresh:
        assert (fresh.render(made, CAMERA).instance == 1).any()


@pytest.mark.parametrize("when", ["between frames", "in the middle"])
def test_a_context_that_was_released_is_told(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else got at it through moderngl, and gave it back."""
    try:
        renderer = select_renderer("raster")
    except RendererUnavailable as error:
        pytest.skip(str(error))
    made, engine = view([box(5)]), renderer._painter  # type: ignore[attr-defined]
    renderer.render(made, CAMERA)

    def release(*_: object) -> None:
        engine._context.release()
        raise AttributeError("what moderngl says of what is gone")

    if when == "between frames":
        engine._context.release()
    else:
        monkeypatch.setattr(engine._lit, "illuminate", release)
        monkeypatch.setattr(engine._outlines, "silhouettes", release)
    with pytest.raises(RendererUnavailable, match="lost its OpenGL context: it was released"):
        renderer.render(made, CAMERA)
    with pytest.raises(RendererUnavailable, match="lost its OpenGL context: it was released"):
        renderer.silhouettes(made, CAMERA, [1])
    renderer.close()
