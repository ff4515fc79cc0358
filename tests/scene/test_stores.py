"""Things of stores, workshops and kitchens: they stand on the ground, and physics feels what is seen."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape

NAMES = [
    n for n in models.names()
    if models.get(n).__module__.rsplit(".", 1)[1] in ("kitchen", "stores", "workshop")
]  # fmt: skip


@pytest.fixture(scope="module")
def bodies() -> dict[str, Body]:
    return {name: models.get(name)().build() for name in NAMES}


def _corners(shape: CollisionShape) -> np.ndarray:
    """(8, 3) of the box around a collision shape, body frame."""
    if shape.kind == "box":
        half = np.array(shape.size_m) / 2
    else:
        radius, height = shape.size_m
        half = np.array([radius, radius, height / 2])
    corners = half * np.array(list(itertools.product((-1, 1), repeat=3)))
    return corners @ shape.body_from_shape[:3, :3].T + shape.body_from_shape[:3, 3]


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_on_the_ground_in_the_picture_and_in_physics(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    low = min(float(p.mesh.vertices_m[:, 2].min()) for p in body.parts)
    assert low == pytest.approx(0.0, abs=0.004)
    assert min(_corners(s)[:, 2].min() for s in body.collision) == pytest.approx(0.0, abs=0.004)


@pytest.mark.parametrize("name", NAMES)
def test_physics_feels_about_what_is_seen(bodies: dict[str, Body], name: str) -> None:
    body = bodies[name]
    corners = np.vstack([_corners(s) for s in body.collision])
    seen = np.array(body.box_size_m)
    center = np.array(body.box_center_m)
    assert np.all(corners.max(axis=0) <= center + seen / 2 + 0.03)
    assert np.all(corners.min(axis=0) >= center - seen / 2 - 0.03)


@pytest.mark.parametrize(("fill", "mass"), [(0.0, 18.0), (1.0, 218.0)])
def test_a_drum_weighs_what_is_in_it(fill: float, mass: float) -> None:
    assert models.get("barrel")(fill=fill).build().mass_kg == pytest.approx(mass)


@pytest.mark.parametrize("name", ["bowl", "crate", "pan", "tote"])
def test_a_vessel_is_hollow(bodies: dict[str, Body], name: str) -> None:
    """No shape of collision covers the point on its axis at two thirds of its height."""
    body = bodies[name]
    point = np.array([0.0, 0.0, 0.67 * body.box_size_m[2]])
    for shape in body.collision:
        corners = _corners(shape)
        inside = np.all((corners.min(axis=0) < point) & (point < corners.max(axis=0)))
        assert not inside


@pytest.mark.parametrize(
    ("state", "lamp"), [("running", "green"), ("waiting", "amber"), ("stopped", "red"), ("off", "")]
)
def test_a_machine_shows_its_state(state: str, lamp: str) -> None:
    body = models.get("machine")(state=state).build()
    assert [one.name for one in body.lamps if one.on] == ([lamp] if lamp else [])
