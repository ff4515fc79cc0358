"""Doors on hinges: shut, a body looks as it did; open, the leaf stands beside it."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.errors import UnknownName
from simgen.core.geometry import Array, transform
from simgen.scene.body import Body
from simgen.scene.doors import with_doors

NAMES = [n for n in vocabulary.models.names() if n.startswith(("car.", "van"))]


@pytest.fixture(scope="module")
def bodies() -> dict[str, Body]:
    return {name: vocabulary.models.get(name)().build() for name in NAMES}


def _posed(body: Body, prefix: str, angle_rad: float = 0.0) -> Array:
    """Vertices (V, 3) of the parts whose names begin so, body frame, with all doors at this angle."""
    joints = np.array(body.joint_rest)
    joints[len(joints) - len(body.doors) :] = angle_rad
    poses = body.pose_parts(joints)
    return np.vstack(
        [transform(m, p.mesh.vertices_m) for p, m in zip(body.parts, poses, strict=True) if p.name.startswith(prefix)]
    )


def _area(body: Body, names: set[str]) -> float:
    total = 0.0
    for part in body.parts:
        if part.name in names:
            a, b, c = (part.mesh.vertices_m[part.mesh.faces[:, k]].astype(np.float64) for k in range(3))
            total += float(0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())
    return total


@pytest.mark.parametrize("name", NAMES)
def test_shut_doors_change_no_outline(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    hinged = with_doors(body, [d.name for d in body.doorways])
    assert np.allclose(hinged.rest[len(body.parts) :], np.eye(4), atol=0.0)
    for end in ("min", "max"):
        assert np.allclose(getattr(_posed(hinged, ""), end)(axis=0), getattr(_posed(body, ""), end)(axis=0), atol=1e-6)
    assert hinged.box_size_m == body.box_size_m
    assert hinged.asset.id == body.asset.id and hinged.asset.digest != body.asset.digest


@pytest.mark.parametrize("name", NAMES)
def test_what_lies_on_a_door_goes_with_it_and_nothing_is_lost(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    hinged = with_doors(body, ("front_left",))
    decals = {p.name for p in body.parts if p.name in ("gaps", "chrome", "livery", "letters")}
    moved = {f"door_front_left_{n}" for n in decals}
    assert _area(hinged, decals | moved) == pytest.approx(_area(body, decals), rel=1e-4)
    assert _area(hinged, {"door_front_left_chrome"}) > 0.0, "its handle"
    assert len({p.name for p in hinged.parts}) == len(hinged.parts)


@pytest.mark.parametrize("name", NAMES)
def test_a_leaf_swings_outwards_on_its_front_edge(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    for doorway in body.doorways:
        hinged = with_doors(body, (doorway.name,))
        door = hinged.doors[0]
        parts = [f"door_{doorway.name}_{skin}" for skin in ("paint", "glass", "lining")]
        shut = np.vstack([_posed(hinged, part) for part in parts])
        open_ = np.vstack([_posed(hinged, part, 1.1) for part in parts])
        reach = np.hypot(*(shut[:, :2] - door.hinge_m[:2]).T)
        assert np.allclose(np.hypot(*(open_[:, :2] - door.hinge_m[:2]).T), reach, atol=1e-6)
        assert np.array_equal(open_[:, 2], shut[:, 2])
        tip = open_[reach.argmax()]
        assert door.side * (tip[1] - door.hinge_m[1]) > 0.6 * door.length_m
        # Nothing turns into the fender but, by less than 3 cm, the foot of a mirror that stands before the hinge
        inside = (open_[:, 0] > door.hinge_m[0] + 0.002) & (door.side * open_[:, 1] < abs(door.hinge_m[1]) - 0.03)
        assert not inside.any()


def test_windows_lie_in_the_leaves(bodies: dict[str, Body]) -> None:
    hinged = with_doors(bodies["car.sedan"], ("front_left",))
    glass = _posed(hinged, "door_front_left_glass")
    assert 0.9 < glass[:, 2].min() < glass[:, 2].max() < 1.4
    y = glass[:, 1]
    assert y.min() > 0.5, "of this side only"


def test_a_body_whose_doors_stay_shut_is_itself(bodies: dict[str, Body]) -> None:
    body = bodies["car.sedan"]
    assert with_doors(body, ()) is body


def test_only_doors_on_hinges_open(bodies: dict[str, Body]) -> None:
    with pytest.raises(UnknownName, match="unknown door on hinges 'rear_left'"):
        with_doors(bodies["van"], ("rear_left",))
    assert not vocabulary.models.get("bus")().build().doorways
