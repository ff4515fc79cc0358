"""Flow and disparity against closed forms, and against points that are followed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import (
    camera_pose,
    inverse,
    planar_pose,
    pose,
    rotation_rpy,
    rotation_x,
    rotation_z,
    transform,
)
from simgen.core.lens import KannalaBrandt, Lens
from simgen.labels.flow import Flow, FlowState, Shot, covered_share, flow, landing
from simgen.labels.proofs import flow_faults
from simgen.labels.proofs.motion import TOLERANCE_PX
from simgen.rendering import Renderer
from simgen.scene.scene import SceneView
from tests.labels import raycast
from tests.labels.raycast import Solid
from tests.rendering.conftest import raster as raster
from tests.rendering.scenes import Thing, ground_mesh, sphere_mesh, view

SEEN = raycast.camera(161, 121, 60)


def cast(solids: list[Solid], seen: Camera = SEEN) -> Shot:
    return Shot.of(raycast.view(*solids), seen, raycast.buffers(solids, seen))


def plate(x: float, y: float = 0.0, z: float = 0.0, size: tuple[float, float] = (3.0, 2.0), name: str = "p") -> Solid:
    return Solid(name=name, size=(0.02, *size), world_from_solid=planar_pose(x, y, 0.0, z))


def drawn(renderer: Renderer, made: SceneView, seen: Camera) -> Shot:
    return Shot.of(made, seen, renderer.render(made, seen))


def test_a_plane_that_moves_across_and_towards() -> None:
    """u = -f y / x: a plate at 10 m that moves 0.3 m to the left, 0.1 m up and 0.5 m nearer."""
    found = flow(cast([plate(10.0)]), cast([plate(9.5, 0.3, 0.1)]))
    rows, columns = np.nonzero(found.state)
    near, far = 9.49, 9.99  # its face lies half its thickness before its middle
    u, v = columns - SEEN.cx_px, rows - SEEN.cy_px
    expected = np.stack(
        [u * (far / near - 1) - SEEN.fx_px * 0.3 / near, v * (far / near - 1) - SEEN.fy_px * 0.1 / near]
    )
    assert len(rows) > 500
    assert np.abs(found.vector_px[rows, columns] - expected.T).max() < 1e-3
    assert not found.vector_px[found.state == 0].any()


def test_what_stands_still_has_no_flow_at_all() -> None:
    still = cast([plate(10.0), plate(20.0, 4.0, name="q")])
    found = flow(still, still)
    assert np.abs(found.vector_px).max() < 1e-9
    assert np.array_equal(found.state > 0, still.node >= 0)
    assert (found.state[still.node >= 0] == FlowState.VISIBLE).all()


def test_a_camera_that_turns_and_drives() -> None:
    solids = [plate(10.0), Solid(name="ball", size=(1.0,), world_from_solid=planar_pose(7.0, 2.0, 0.0))]
    moved = replace(
        SEEN, world_from_camera=pose((0.4, -0.1, 0.05), rotation_z(0.03)) @ SEEN.world_from_camera, cx_px=SEEN.cx_px + 2
    )
    here = cast(solids)
    found = flow(here, cast(solids, moved))
    rows, columns = np.nonzero(found.state)
    world = SEEN.unproject(np.stack([columns, rows], -1), here.depth_m[rows, columns])
    pixels, _ = moved.project(world)
    assert np.abs(pixels - np.stack([columns, rows], -1) - found.vector_px[rows, columns]).max() < 1e-3


def test_what_leaves_is_invalid_and_what_is_covered_is_occluded() -> None:
    # The near plate slides over the far one; the third leaves the picture; the sky has none.
    before = [plate(20.0, size=(4.0, 4.0)), plate(10.0, 5.0, name="near"), plate(12.0, -6.0, 2.0, name="leaves")]
    after = [plate(20.0, size=(4.0, 4.0)), plate(10.0, 0.0, name="near"), plate(12.0, -16.0, 2.0, name="leaves")]
    here, there = cast(before), cast(after)
    found = flow(here, there)
    assert (found.state[here.node == 2] == FlowState.INVALID).all()
    assert (found.state[here.node < 0] == FlowState.INVALID).all()
    covered = (here.node == 0) & (there.node == 1)
    assert covered.any()
    # Edges of the near plate lie between pixels, so that a border of one pixel may count as either.
    inner = (
        covered & np.roll(covered, 1, 1) & np.roll(covered, -1, 1) & np.roll(covered, 1, 0) & np.roll(covered, -1, 0)
    )
    assert (found.state[inner] == FlowState.OCCLUDED).all()
    assert (found.state[(here.node == 0) & (there.node == 0)] == FlowState.VISIBLE).all()


def test_what_is_too_thin_to_be_sampled_again_is_seen() -> None:
    """Stripes of a third of a pixel on a wall, as lane markings are far away: nothing ever stands before them."""
    width = 0.33 * 10.0 / SEEN.fx_px
    stripes = [plate(9.98, y, size=(width, 3.0), name=f"stripe_{y:.2f}") for y in np.arange(-4.0, 4.0, 0.113)]
    wall = plate(10.0, size=(12.0, 6.0))
    here = cast([wall, *stripes])
    for turn in (0.0, 0.002, 0.005):
        moved = replace(SEEN, world_from_camera=pose((0.0, 0.03, 0.01), rotation_z(turn)) @ SEEN.world_from_camera)
        there = cast([wall, *stripes], moved)
        lost = np.setdiff1d(here.node, there.node)
        assert len(lost) > 5
        found = flow(here, there)
        assert (found.state[np.isin(here.node, lost)] == FlowState.VISIBLE).all()
        assert not (found.state == FlowState.OCCLUDED).any()


def test_a_floor_that_is_seen_at_a_glance_does_not_cover_itself() -> None:
    """Its depth grows by several percent from row to row, more than depths may be wrong by."""
    floor = Solid(name="floor", size=(400.0, 400.0, 0.02), world_from_solid=planar_pose(0.0, 0.0, 0.0, -1.0))
    moved = replace(SEEN, world_from_camera=pose((0.4, 0.0, 0.0)) @ SEEN.world_from_camera)
    here, there = cast([floor]), cast([floor], moved)
    depth = here.depth_m[:, 80]
    assert (np.diff(depth[np.isfinite(depth)]) / depth[np.isfinite(depth)][1:] < -0.05).any()
    for found in (flow(here, there), flow(there, here)):
        assert (found.state[found.state > 0] == FlowState.VISIBLE).all()


def test_states_at_outlines_are_right_but_for_a_few_percent() -> None:
    """A plate slides over another one by one or two pixels. In closed form, a point of the far one is hidden when the
    ray to it goes through the near one; a share of the band between is decided by outlines between pixels."""
    rng = np.random.default_rng(5)
    wrong, hidden, said = np.zeros(2), 0, 0
    for _ in range(24):
        roll = rotation_x(rng.uniform(-np.pi, np.pi))
        size, start = rng.uniform(1.0, 3.0, 2), rng.uniform(-0.5, 0.5, 2)
        shift = rng.uniform(1.0, 2.5) * 5.0 / SEEN.fx_px * np.array([np.cos(a := rng.uniform(0, 6.3)), np.sin(a)])
        back = plate(12.0, size=(30.0, 20.0))
        solids = [
            [back, Solid(name="n", size=(0.02, *size), world_from_solid=pose((5.01, *(start + k * shift)), roll))]
            for k in (0, 1)
        ]
        # The eye turns by parts of a pixel, which moves no ray.
        turned = SEEN.world_from_camera @ pose(rotation=rotation_rpy(*rng.normal(0, 0.01, 3)))
        here, there = cast(solids[0]), cast(solids[1], replace(SEEN, world_from_camera=turned))
        found = flow(here, there)
        rows, columns = np.nonzero((here.node == 0) & (found.state > 0))
        face = 5.0 * SEEN.grid()[rows, columns]
        across = np.stack([-face[:, 0], -face[:, 1]], axis=1) - (start + shift)
        local = across @ roll[1:, 1:]
        covered = (np.abs(local) < size / 2).all(axis=1)
        state = found.state[rows, columns]
        wrong += ((state == FlowState.VISIBLE) & covered).sum(), ((state == FlowState.OCCLUDED) & ~covered).sum()
        hidden, said = hidden + covered.sum(), said + (state == FlowState.OCCLUDED).sum()
    assert hidden > 2000
    assert wrong[0] / hidden < 0.08 and wrong[1] / said < 0.08


def test_a_proof_tells_states_that_are_wrong_at_outlines_alone(raster: Renderer) -> None:
    here, there = drawn(raster, scene(0.0), eye(0.0)), drawn(raster, scene(0.35), eye(0.35))
    found = flow(here, there)
    assert flow_faults(found, here, there) == []
    rows, columns, place = landing(here, there)
    share = covered_share(here, there, *place)
    outline = (share > 0) & (share < 1) & (found.state[rows, columns] > 0)
    assert outline.sum() > 100
    rows, columns = rows[outline], columns[outline]
    found.state[rows, columns] = FlowState.VISIBLE + FlowState.OCCLUDED - found.state[rows, columns]
    (fault,) = flow_faults(found, here, there)
    assert "covered in the other picture" in fault


def test_absent_then_and_behind_the_camera_then() -> None:
    here = cast([plate(10.0), plate(5.0, 2.0, name="b")])
    gone = raycast.view(replace(plate(10.0), present=False), plate(-5.0, 2.0, name="b"))
    empty = raycast.buffers([], SEEN)
    assert not flow(here, Shot.of(gone, SEEN, empty)).state.any()


def test_a_plane_comes_back_from_its_three_channels() -> None:
    found = flow(cast([plate(10.0)]), cast([plate(9.0, 0.4)]))
    again = Flow.joined(found.plane)
    assert np.array_equal(again.vector_px, found.vector_px)
    assert np.array_equal(again.state, found.state)


# On the renderer's own depth


SPHERE = sphere_mesh(0.6)


def scene(step: float) -> SceneView:
    """A turning and rolling sphere over the ground, another one that flies, a wheel-like flat one that spins."""
    return view(
        [
            Thing(mesh=ground_mesh(), semantic="road", labelled=False, static=True),
            Thing(mesh=SPHERE, at=pose((7 - step, 0.5 + step, 0.6), rotation_rpy(0.3 * step, 0.8 * step, 0.4))),
            Thing(mesh=SPHERE, at=pose((5, -1 + 0.3 * step, 1.2 + 0.2 * step), rotation_x(1.5 * step))),
        ]
    )


def eye(step: float) -> Camera:
    return Camera.from_fov(320, 180, 1.1, camera_pose((-0.8 + step, 0.1 * step, 1.4), (6, 0.1, 0.9)))


def sampled(
    plane: np.ndarray, node: np.ndarray, pixels: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bilinear values (P, C) at pixels (P, 2), and whether all four neighbours show the wanted node."""
    x, y = np.floor(pixels).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < node.shape[1] - 1) & (y < node.shape[0] - 1)
    x, y = np.where(inside, x, 0), np.where(inside, y, 0)
    a, b = (pixels - np.floor(pixels)).T[..., None]
    value = (
        plane[y, x] * (1 - a) * (1 - b)
        + plane[y, x + 1] * a * (1 - b)
        + plane[y + 1, x] * (1 - a) * b
        + plane[y + 1, x + 1] * a * b
    )
    same = inside.copy()
    for dy in (0, 1):
        for dx in (0, 1):
            same &= node[y + dy, x + dx] == wanted
    return value, same


def test_flow_follows_the_corners_of_meshes(raster: Renderer) -> None:
    """Each vertex that faces the camera is followed by hand; the flow beside it says the same to 0.05 pixels."""
    made, later = scene(0.0), scene(0.35)
    here, there = drawn(raster, made, eye(0.0)), drawn(raster, later, eye(0.35))
    found = flow(here, there)
    for index in (1, 2):
        now, then = made.snapshot.world_from_node[index], later.snapshot.world_from_node[index]
        points, normals = transform(now, SPHERE.vertices_m), SPHERE.normals @ now[:3, :3].T
        towards = here.camera.world_from_camera[:3, 3] - points
        facing = (normals * towards).sum(1) > 0.5 * np.linalg.norm(towards, axis=1)
        pixels, _ = here.camera.project(points[facing])
        target, _ = there.camera.project(transform(then @ inverse(now), points[facing]))
        value, clean = sampled(found.vector_px, here.node, pixels, np.full(facing.sum(), index))
        valid, _ = sampled((found.state > 0)[..., None].astype(float), here.node, pixels, np.full(facing.sum(), index))
        clean &= valid[:, 0] == 1
        assert clean.sum() > 300
        error = np.linalg.norm(value - (target - pixels), axis=1)[clean]
        assert error.max() < 0.05


def test_forward_and_backward_cancel(raster: Renderer) -> None:
    here, there = drawn(raster, scene(0.0), eye(0.0)), drawn(raster, scene(0.35), eye(0.35))
    forward, backward = flow(here, there), flow(there, here)
    rows, columns = np.nonzero(forward.state == FlowState.VISIBLE)
    landing = np.stack([columns, rows], -1) + forward.vector_px[rows, columns].astype(np.float64)
    back, clean = sampled(backward.vector_px, there.node, landing, here.node[rows, columns])
    valid, _ = sampled((backward.state > 0)[..., None].astype(float), there.node, landing, here.node[rows, columns])
    clean &= valid[:, 0] == 1
    assert clean.sum() > 20_000
    error = np.linalg.norm(forward.vector_px[rows, columns] + back, axis=1)[clean]
    # Between pixels the flow of a curved surface bends; on the ground it hardly does.
    assert np.percentile(error, 95) < 0.05
    assert error[here.node[rows, columns][clean] == 0].max() < 0.05


def test_occluded_pixels_show_something_nearer(raster: Renderer) -> None:
    here, there = drawn(raster, scene(0.0), eye(0.0)), drawn(raster, scene(0.35), eye(0.35))
    found = flow(here, there)
    rows, columns = np.nonzero(found.state == FlowState.OCCLUDED)
    assert len(rows) > 50
    u, v = np.rint(columns + found.vector_px[rows, columns, 0]), np.rint(rows + found.vector_px[rows, columns, 1])
    other = there.node[v.astype(int), u.astype(int)] != here.node[rows, columns]
    assert other.mean() > 0.7  # the rest turned away with its own body


@pytest.mark.parametrize("baseline", [0.12, 0.5])
def test_disparity_of_a_stereo_rig(raster: Renderer, baseline: float) -> None:
    """d = f B / z, along rows alone, and the right picture's depth is the left one's."""
    left = eye(0.0)
    shift = left.world_from_camera @ pose((baseline, 0.0, 0.0))
    right = replace(left, world_from_camera=shift)
    made = scene(0.0)
    here, there = drawn(raster, made, left), drawn(raster, made, right)
    found = flow(here, there)
    rows, columns = np.nonzero(found.state)
    disparity = -found.vector_px[rows, columns, 0]
    assert np.abs(disparity - left.fx_px * baseline / here.depth_m[rows, columns]).max() < 1e-3
    assert np.abs(found.vector_px[rows, columns, 1]).max() < 1e-3
    seen = found.state == FlowState.VISIBLE
    rows, columns = np.nonzero(seen)
    landing = np.stack([columns, rows], -1) + found.vector_px[rows, columns].astype(np.float64)
    inverse_depth, clean = sampled(
        1 / there.depth_m[..., None].astype(float), there.node, landing, here.node[rows, columns]
    )
    assert clean.sum() > 10_000
    # A plane's inverse depth is linear in the picture, so that its interpolation is exact.
    ground = clean & (here.node[rows, columns] == 0)
    assert np.abs(1 / inverse_depth[ground, 0] / here.depth_m[rows, columns][ground] - 1).max() < 1e-3


def test_the_proof_looks_at_every_vector() -> None:
    """In a picture of several strips, of which one body moves: one wrong vector in each row."""
    seen = raycast.camera(640, 90, 60)
    moved = replace(seen, world_from_camera=pose((0.4, 0.0, 0.05)) @ seen.world_from_camera)
    here = cast([plate(12.0, size=(40.0, 6.0)), plate(8.0, 1.0, name="moves")], seen)
    there = cast([plate(12.0, size=(40.0, 6.0)), plate(7.8, 0.7, name="moves")], moved)
    true = flow(here, there)
    assert not flow_faults(true, here, there)
    rng = np.random.default_rng(3)
    for nudge, found in ((TOLERANCE_PX - 1e-3, False), (TOLERANCE_PX + 1e-3, True)):
        vector = true.vector_px.copy()
        rows = [r for r in range(90) if true.state[r].any()]
        assert len(rows) > 60
        for row in rows:
            vector[row, rng.choice(np.flatnonzero(true.state[row])), 1] += nudge
        says = flow_faults(Flow(vector_px=vector, state=true.state), here, there)
        assert says == ([f"{len(rows)} vectors are up to 0.05 px off depth and poses"] if found else [])


@pytest.mark.parametrize("lens", [None, KannalaBrandt(k1=-0.02, k2=0.002)])
def test_the_proof_allows_for_what_the_last_digit_of_depth_hides_and_no_more(lens: Lens | None) -> None:
    """A vector may be as far off as its point goes when the stored depth moves by half a step either way."""
    step = 0.2
    seen = replace(SEEN, lens=lens)
    moved = replace(seen, world_from_camera=pose((0.5, 0.3, 0.05), rotation_z(0.02)) @ seen.world_from_camera)
    here = cast([plate(12.0, size=(9.0, 6.0)), plate(4.0, 1.0, size=(0.5, 1.0), name="moves")], seen)
    there = cast([plate(12.0, size=(9.0, 6.0)), plate(4.2, 0.8, size=(0.5, 1.0), name="moves")], moved)
    true = flow(here, there)
    rows, columns, (u, v, _) = landing(here, there)
    others = [landing(replace(here, depth_m=here.depth_m + sign * step / 2), there)[2] for sign in (1, -1)]
    spread = np.max([np.hypot(u2 - u, v2 - v) for u2, v2, _ in others], axis=0)
    valid = true.state[rows, columns] > 0
    rows, columns, spread = rows[valid], columns[valid], spread[valid]
    assert spread.max() > 4 * TOLERANCE_PX
    for share, wrong in ((0.99, 0), (1.01, len(rows))):
        vector = true.vector_px.copy()
        vector[rows, columns, 0] += share * (TOLERANCE_PX + spread)
        says = flow_faults(Flow(vector_px=vector, state=true.state), here, there, depth_step_m=step)
        assert [int(text.split()[0]) for text in says if "off depth and poses" in text] == [wrong][: bool(wrong)]
