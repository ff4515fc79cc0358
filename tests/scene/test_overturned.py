"""Two-wheelers on their side, and who lies beside them: statics and geometry."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import ConvexHull, Delaunay

from simgen.core import vocabulary
from simgen.core.geometry import rotation_x, rotation_z, rotations_between
from simgen.scene.models.overturned import limbs_between, on_its_side, set_down
from simgen.scene.models.two_wheeler import GROUPS, Riding

MACHINES = ["bicycle", "cyclist", "motorcycle", "motorcycle.parked", "scooter", "scooter.parked"]
CORNERS = np.array([[x, y, z] for x in (-0.8, 0.8) for y in (-0.1, 0.1) for z in (0.0, 1.0)])


def riding_of(name: str) -> Riding:
    riding = vocabulary.models.get(name)().build().articulate
    assert isinstance(riding, Riding)
    return riding


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_board_lies_on_its_broad_side(side: float) -> None:
    turned, height = on_its_side(CORNERS, np.array([0.0, 0.0, 0.4]), side)
    assert height == pytest.approx(0.1)
    assert turned @ (0.0, side, 0.0) == pytest.approx([0.0, 0.0, -1.0]), "this side is down"
    assert turned @ (1.0, 0.0, 0.0) == pytest.approx([1.0, 0.0, 0.0]), "it still points ahead"
    assert np.linalg.det(turned) == pytest.approx(1.0)


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("crank", [0.0, 1.3, 2.6, 3.9, 5.2])
@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_on_its_side_does_not_tip(name: str, crank: float, side: float) -> None:
    riding = riding_of(name)
    rest = riding.rest(side, crank)
    groups = riding.groups(rest.fork_rad, 0.0, 0.0, crank)
    points = riding.pieces.machine.at(groups) @ rest.turned.T
    center = rest.turned @ riding.machine.center_m
    touching = points[points[:, 2] < points[:, 2].min() + 1e-3]
    assert Delaunay(touching[:, :2]).find_simplex(center[:2]) >= 0, "its weight is over what it stands on"
    assert side * rest.turned[2, 1] < -0.7, "it lies on this side"
    assert center[2] - points[:, 2].min() < 0.6 * riding.machine.center_m[2], "it has come down"


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("name", ["cyclist", "motorcycle", "scooter"])
def test_a_rider_lies_clear_of_his_machine(name: str, side: float) -> None:
    riding = riding_of(name)
    body = vocabulary.models.get(name)().build()
    poses = riding(np.array([1.38 * side, 0.2, 0.0, 0.0, 0.9, 1.0]))
    seen: dict[tuple[str, int], list[np.ndarray]] = {}
    for part, follow, m in zip(body.parts, riding.follows, poses, strict=True):
        seen.setdefault(follow, []).append(part.mesh.vertices_m @ m[:2, :3].T + m[:2, 3])
    outlines = {follow: np.vstack(rows) for follow, rows in seen.items()}
    for (group, _), outline in outlines.items():
        if group == "rider":
            continue
        inside = Delaunay(outline[ConvexHull(outline).vertices])
        for (other, segment), points in outlines.items():
            if other == "rider":
                assert np.all(inside.find_simplex(points) < 0), f"{segment} lies across {group}"


def test_a_falling_machine_never_leaves_the_ground() -> None:
    body = vocabulary.models.get("cyclist")().build()
    riding = riding_of("cyclist")
    for share in np.linspace(0.05, 1.0, 8):
        poses = riding(np.array([-0.5 - 0.88 * share, -0.1, 0.0, 0.0, 2.0, share]))
        z = [
            float((p.mesh.vertices_m @ m[2, :3] + m[2, 3]).min())
            for p, (group, _), m in zip(body.parts, riding.follows, poses, strict=True)
            if group in GROUPS[:-1]
        ]
        assert min(z) == pytest.approx(0.0, abs=1e-6)


def test_limbs_stay_in_their_joints_on_the_way_down() -> None:
    riding = riding_of("cyclist")
    assert riding.skeleton is not None
    seated = riding.segments(np.eye(4), 0.9)
    lying = riding.rest(1.0, 0.9).segments
    assert seated is not None and lying is not None
    half = limbs_between(seated, lying, 0.5)
    thigh = riding.skeleton.legs.thigh_m
    # The knee sits a little inwards of the hip on a standing figure, straight below it on a seated one.
    assert np.linalg.norm(half[10, :3, 3] - half[9, :3, 3]) == pytest.approx(thigh, abs=0.01)
    assert np.allclose(limbs_between(seated, lying, 0.0), seated, atol=1e-9)
    assert np.allclose(limbs_between(seated, lying, 1.0), lying, atol=1e-9)
    assert np.allclose(rotations_between(rotation_x(0.2), rotation_x(1.0), 0.25), rotation_x(0.4))
    assert np.allclose(rotations_between(np.eye(3), rotation_z(1.0), 1.0), rotation_z(1.0))


def test_what_is_set_down_touches_the_ground() -> None:
    riding = riding_of("scooter")
    cloud = riding.pieces.machine
    groups = riding.groups(0.0, 0.0, 0.0, 0.0)
    groups[:, 2, 3] += 0.4
    assert cloud.lowest_m(set_down(cloud, groups)) == pytest.approx(0.0, abs=1e-12)
    assert np.array_equal(set_down(cloud, groups, only_up=True), groups), "what is above it may stay there"
