"""Which renderer is taken, what a machine without OpenGL is told, and what a renderer's life ends with."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import textwrap
from multiprocessing.connection import Connection

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.errors import RendererUnavailable, UnknownName, ValueOutOfRange
from simgen.core.geometry import camera_pose, planar_pose, pose
from simgen.core.vocabulary import renderers
from simgen.rendering import Renderer, select_renderer
from simgen.scene.body import Lamp
from tests.rendering.scenes import Thing, box_mesh, environment, ground_mesh, sphere_mesh, view

CAMERA = Camera.from_fov(48, 32, 1.2, camera_pose((0, 0, 1), (5, 0, 1)))
SCENE = view([Thing(mesh=sphere_mesh(1.0, 8, 12), at=pose((5, 0, 1)))])


def run(script: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        timeout=60,
        check=False,
    )


def test_every_renderer_is_registered_with_a_line_of_help() -> None:
    assert renderers.names() == ["pyrender", "raster", "tiny"]
    for name, member in renderers.items():
        assert issubclass(member, Renderer)
        assert member.name == name
        assert member.help().endswith(".")
        assert "\n" not in member.help()


def test_nothing_heavy_is_loaded_before_a_renderer_is_made() -> None:
    result = run(
        """
        import sys
        import simgen.rendering
        from simgen.core.vocabulary import renderers
        renderers.names()
        print(sorted({"moderngl", "pybullet", "pyrender", "OpenGL", "trimesh"} & set(sys.modules)))
        """
    )
    assert result.stdout.strip() == "[]", result.stderr


def test_without_opengl_tiny_is_chosen_with_one_clear_line() -> None:
    result = run(
        """
        import logging
        logging.basicConfig(format="%(levelname)s %(message)s")
        from simgen.core.errors import RendererUnavailable
        from simgen.rendering import select_renderer
        from tests.rendering.test_selection import CAMERA, SCENE
        with select_renderer() as renderer:
            print(renderer.name, renderer.render(SCENE, CAMERA).instance.max())
        for name in ("raster", "pyrender"):
            try:
                select_renderer(name)
            except RendererUnavailable as error:
                print(name, error)
        """,
        __EGL_VENDOR_LIBRARY_DIRS="/nonexistent",
        __EGL_VENDOR_LIBRARY_FILENAMES="",
    )
    assert result.returncode == 0, result.stderr
    out = result.stdout.strip().splitlines()[-3:]
    assert out[0] == "tiny 1"
    assert out[1].startswith("raster renderer 'raster' has no OpenGL")
    assert out[2].startswith("pyrender renderer 'pyrender' has no OpenGL")
    assert "libegl1" in out[1]
    warnings = [line for line in result.stderr.splitlines() if line.startswith("WARNING")]
    assert len(warnings) == 1
    assert "tiny" in warnings[0]
    assert "libegl1" in warnings[0]


@pytest.mark.parametrize("name", [None, 3, b"raster"])
def test_what_is_no_name_is_told(name: object) -> None:
    with pytest.raises(ValueOutOfRange, match=r"the name of select_renderer\(\) cannot be"):
        select_renderer(name)  # type: ignore[arg-type]


def test_unknown_names_are_named() -> None:
    with pytest.raises(UnknownName, match="raster"):
        select_renderer("rastr")


@pytest.mark.parametrize("name", ["raster", "tiny", "pyrender"])
def test_a_closed_renderer_says_so(name: str) -> None:
    try:
        renderer = select_renderer(name)
    except RendererUnavailable as error:
        pytest.skip(str(error))
    renderer.close()
    renderer.close()
    with pytest.raises(RendererUnavailable, match="closed"):
        renderer.render(SCENE, CAMERA)


def _render_in_child(renderer: Renderer, pipe: Connection) -> None:
    try:
        renderer.render(SCENE, CAMERA)
        pipe.send("rendered")
    except RendererUnavailable as error:
        pipe.send(str(error))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_context_does_not_pass_a_fork(raster: Renderer) -> None:
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_render_in_child, args=(raster, theirs))
    child.start()
    child.join(20)
    assert "another process" in ours.recv()
    assert np.any(raster.render(SCENE, CAMERA).instance == 1)


def test_info_names_what_makes_the_pixels(each: Renderer) -> None:
    info = each.info()
    assert info.name == each.name
    assert info.vendor
    assert info.version


def test_bytes_do_not_depend_on_what_was_drawn_before(each: Renderer) -> None:
    night = environment(time_of_day=23.0, road_wetness=1.0)
    other = view(
        [Thing(mesh=ground_mesh(), semantic="road"), Thing(mesh=box_mesh((1, 2, 1)), at=planar_pose(4, 0, 1))],
        around=night,
    )
    small = Camera.from_fov(17, 40, 0.7, camera_pose((0, 1, 3), (5, 0, 0)))
    first = each.render(SCENE, CAMERA)
    alone = each.silhouettes(SCENE, CAMERA, [1])
    each.render(other, small)
    each.render(other, CAMERA)
    each.silhouettes(other, small, [1, 2])
    second = each.render(SCENE, CAMERA)
    for name in ("radiance", "depth_m", "instance", "semantic"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes(), name
    assert alone[0].mask.tobytes() == each.silhouettes(SCENE, CAMERA, [1])[0].mask.tobytes()


def test_a_fresh_pyrender_adds_up_light_in_the_same_order(pyrender: Renderer) -> None:
    """It keeps lamps and nodes in sets, by address."""
    colors = np.random.default_rng(3).uniform(0.2, 1.0, (16, 3))
    lamps = [
        Thing(
            mesh=box_mesh((0.1, 0.1, 0.1)),
            at=pose((6.0, k - 8.0, 3.0)),
            lamps=(Lamp(name="lamp", position_m=(0.0, 0.0, 0.0), intensity_cd=300.0, color=(red, green, blue)),),
        )
        for k, (red, green, blue) in enumerate(colors.tolist())
    ]
    night = view([Thing(mesh=ground_mesh(), semantic="road"), *lamps], around=environment(time_of_day=23.0))
    first = pyrender.render(night, CAMERA).radiance
    kept = []
    for count in (1_000, 20_000):
        kept.append([object() for _ in range(count)])  # other addresses for what comes next
        with select_renderer("pyrender") as fresh:
            np.testing.assert_array_equal(fresh.render(night, CAMERA).radiance, first)


def test_a_fresh_renderer_gives_the_same_bytes(raster: Renderer) -> None:
    with select_renderer("raster") as fresh:
        a = fresh.render(SCENE, CAMERA)
    b = raster.render(SCENE, CAMERA)
    assert a.radiance.tobytes() == b.radiance.tobytes()
    assert a.depth_m.tobytes() == b.depth_m.tobytes()
