"""Enclosures: what an opening is as seen from a point, and what lies inside."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.geometry import pose, rotation_z
from simgen.scene.enclosure import Enclosure, Opening
from simgen.scene.stage import Stage

PORTAL = Opening.upright(np.zeros(3), np.array([-1.0, 0.0, 0.0]), 9.0, 5.0)


def test_the_solid_angle_on_the_axis_is_the_published_one() -> None:
    """4 asin(a b / sqrt((a² + d²) (b² + d²))) of a rectangle of half sides a and b."""
    for d in (0.5, 3.0, 20.0, 150.0):
        expected = 4 * np.arcsin(4.5 * 2.5 / np.sqrt((4.5**2 + d**2) * (2.5**2 + d**2)))
        inside, outside = PORTAL.solid_angle_sr(np.array([[d, 0, 2.5], [-d, 0, 2.5]]))
        assert inside == pytest.approx(expected, rel=1e-9)
        assert outside == pytest.approx(-expected, rel=1e-9)


def test_the_solid_angle_from_anywhere_is_the_sum_over_its_parts() -> None:
    points = np.array([[2.0, 3.0, 0.1], [12.0, -4.4, 5.0], [60.0, 0.0, 0.0]])
    y, z = (np.arange(400) + 0.5) / 400 * 9.0 - 4.5, (np.arange(400) + 0.5) / 400 * 5.0
    parts = np.stack(np.broadcast_arrays(0.0, y[:, None], z[None, :]), axis=-1).reshape(-1, 3)
    for point, found in zip(points, PORTAL.solid_angle_sr(points), strict=True):
        away = np.linalg.norm(parts - point, axis=1)
        assert found == pytest.approx(np.sum(point[0] / away**3) * 45.0 / len(parts), rel=1e-4)


def test_a_turned_box_holds_what_lies_in_it() -> None:
    box = Enclosure(world_from_box=pose((10, 0, 2), rotation_z(0.5)), size_m=(20, 4, 4), openings=(), albedo=0.3)
    along = np.array([np.cos(0.5), np.sin(0.5), 0.0])
    middle = np.array([10.0, 0.0, 2.0])
    across = np.array([-np.sin(0.5), np.cos(0.5), 0.0])
    points = [middle + 9.9 * along, middle + 10.1 * along, middle + 1.9 * across, middle + 2.1 * across]
    assert box.holds(np.array(points)).tolist() == [True, False, True, False]
    assert box.wall_m2 == pytest.approx(2 * (80 + 80 + 16))


def test_the_tunnel_is_closed_but_at_its_portals() -> None:
    stage: Stage = vocabulary.settings.get("tunnel")(length=400.0, portal=100.0).build("daylight")
    (enclosure,) = stage.enclosures
    eyes = np.array([[x, 0.0, 1.5] for x in (99.0, 101.0, 299.0, 301.0)])
    assert enclosure.holds(eyes).tolist() == [False, True, True, False]
    outward = [
        np.cross(o.across_m, o.up_m) @ (o.center_m - enclosure.world_from_box[:3, 3]) for o in enclosure.openings
    ]
    assert len(outward) == 2 and min(outward) > 0
