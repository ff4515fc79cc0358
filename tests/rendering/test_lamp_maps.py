"""Shadow maps of lamps in a room show the part of the cone in which things stand, and no thing is left out of them."""

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose, rotation_z
from simgen.rendering import Renderer
from simgen.rendering.raster.shadows import ShadowView, lamp_views
from simgen.scene import beams
from simgen.scene.body import Lamp
from simgen.scene.lamps import Lamps
from simgen.scene.mesh import Material
from tests.rendering.scenes import Thing, box_mesh, environment, ground_mesh, view

HIGH_M = 3.0


def lamps(edge_sin: float = np.inf) -> Lamps:
    return Lamps(
        position_m=np.array([[0.0, 0.0, HIGH_M]]),
        axes=beams.axes(np.array([[0.0, 0.0, -1.0]])),
        intensity_cd=np.ones(1),
        color=np.ones((1, 3)),
        cos_inner=np.array([0.9]),
        cos_outer=np.cos([1.25]),
        spill=np.zeros(1),
        edge_sin=np.array([edge_sin]),
        entity=np.array([0]),
        index=np.array([0]),
    )


def of(corners_m: np.ndarray, **stated: float) -> ShadowView:
    entity = np.ones(len(corners_m), dtype=np.int64)
    return lamp_views(lamps(**stated), np.ones(1, dtype=bool), np.zeros(3), corners_m, entity)[0]


def box(x_m: float, y_m: float, z_m: float, half_m: float = 0.2) -> np.ndarray:
    signs = np.array([(a, b, c) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)])
    return np.array([x_m, y_m, z_m]) + half_m * signs


BESIDE = box(0.5, 0.0, HIGH_M)[None]


@pytest.mark.parametrize("seed", range(20))
def test_all_of_every_thing_in_the_cone_lies_in_the_map(seed: int) -> None:
    rng = np.random.default_rng(seed)
    things = np.array([box(*rng.uniform((-3, -3, 0.2), (3, 3, 2.2))) for _ in range(int(rng.integers(1, 5)))])
    found, whole = of(things), of(BESIDE)
    assert found.scale >= whole.scale * (1 - 1e-9)
    share = rng.dirichlet(np.ones(8), (len(things), 300))
    points = np.einsum("nsk,nkj->nsj", np.concatenate([share, np.eye(8)[None].repeat(len(things), 0)], axis=1), things)
    points = points.reshape(-1, 3)

    def place(at: ShadowView) -> np.ndarray:
        clip = points @ at.clip[:, :3].T + at.clip[:, 3]
        return np.abs(clip[:, :2] / clip[:, 3:]).max(axis=1)

    assert place(found)[place(whole) < 0.98].max(initial=0.0) < 0.994


def test_a_map_of_what_stands_to_one_side_is_finer() -> None:
    assert of(box(1.5, 0.5, 0.5)[None]).scale > 3 * of(np.zeros((0, 8, 3))).scale


@pytest.mark.parametrize("things", [BESIDE, box(0.0, 0.0, HIGH_M + 1.0)[None]])
def test_what_stands_beside_or_above_a_lamp_leaves_its_map_whole(things: np.ndarray) -> None:
    found = of(things)
    assert found.scale == pytest.approx(of(np.zeros((0, 8, 3))).scale)
    np.testing.assert_allclose((found.clip @ (0.0, 0.0, 0.0, 1.0))[:2], 0.0, atol=1e-12)  # below the lamp


def test_dipped_beams_keep_their_map() -> None:
    np.testing.assert_allclose(of(box(1.5, 0.5, 0.5)[None], edge_sin=0.1).scale, of(np.zeros((0, 8, 3))).scale)


@pytest.mark.parametrize("y_m", [0.0, 0.4])
def test_a_shadow_in_a_room_ends_where_geometry_says(raster: Renderer, y_m: float) -> None:
    floor = Thing(mesh=ground_mesh(6.0), semantic="floor", labelled=False, static=True)
    table = Thing(mesh=box_mesh((0.4, 0.6, 0.8)), at=pose((1.5, y_m, 0.4)), static=True)
    source = Thing(
        mesh=box_mesh((0.01, 0.01, 0.01)),
        at=pose((0, 0, HIGH_M)),
        semantic="wall",
        labelled=False,
        static=True,
        lamps=(Lamp(name="bulb", position_m=(0, 0, 0), direction=(0, 0, -1), intensity_cd=800.0, inner_rad=1.0,
                    outer_rad=1.25),),
    )  # fmt: skip
    eye = Camera.from_fov(800, 8, 0.5, camera_pose((2.2, y_m, 2.4), (2.2, y_m, 0), up=(0, 1, 0)))

    def row(*things: Thing) -> np.ndarray:
        scene = view([floor, source, *things], indoor=True, around=environment())
        return raster.render(scene, eye).radiance[4].astype(float).sum(axis=1)

    x = 2.2 + (np.arange(800) - eye.cx_px) / eye.fx_px * 2.4
    dark = (row(table) / row())[x > 1.75] < 0.6
    # The far upper edge at x = 1.7, 0.8 m high.
    expected = 1.7 * HIGH_M / (HIGH_M - 0.8)
    assert x[x > 1.75][dark].max() == pytest.approx(expected, abs=0.012)


@pytest.mark.parametrize("yaw_rad", [0.0, 0.03, 0.1, 0.2])
def test_out_of_doors_the_edge_of_a_shadow_has_no_long_teeth(raster: Renderer, yaw_rad: float) -> None:
    """Of a thing as large as a car below a street lamp, whose map has texels of 6 cm there: averaged over 0.2 m, the
    edge of its shadow is straight to a quarter of one."""
    bulb = Lamp(name="head", position_m=(0, 0, 0), direction=(0.17, 0.0, -0.985), intensity_cd=1500.0, inner_rad=0.65,
                outer_rad=1.3)  # fmt: skip
    street = Thing(mesh=ground_mesh(30.0), labelled=False, material=Material(name="matt", base_color=(0.5, 0.5, 0.5)))
    source = Thing(mesh=box_mesh((0.02, 0.02, 0.02)), at=pose((0, 0, 6.5)), labelled=False, lamps=(bulb,))
    car = Thing(mesh=box_mesh((4, 1.8, 1.4)), at=pose((5, 3, 0.7), rotation_z(yaw_rad)), labelled=False)
    eye = Camera.from_fov(320, 160, 0.5, camera_pose((5, 4.6, 5), (5, 4.6, 0), up=(0, 1, 0)))
    seen = raster.render(view([street, source, car], around=environment(time_of_day=0.0)), eye)
    light = seen.radiance.astype(float).sum(axis=2)[:, 80:240]
    half = 0.5 * np.median(light[5:20], axis=0)
    last = np.argmax(light < half, axis=0) - 1  # lit; the shadow begins below
    columns = np.arange(len(last))
    above, below = light[last, columns], light[last + 1, columns]
    edge_m = (last + (above - half) / (above - below)) * 5 / eye.fy_px
    off = edge_m - np.polyval(np.polyfit(columns, edge_m, 1), columns)
    assert np.abs(np.convolve(off, np.full(24, 1 / 24), "valid")).max() < 0.015
