"""What grows and stands along roads."""

from __future__ import annotations

from simgen.scene.assembly import frozen
from simgen.scene.models.car import Hatchback
from simgen.scene.models.vehicle import FROZEN_GROUPS, PLATES
from simgen.scene.roadside.growth import parked_car


def test_parked_cars_of_a_colour_share_their_meshes_and_have_plates_of_their_own():
    one, other = parked_car(30, 0.1), parked_car(31, 0.1)
    assert [a.mesh is b.mesh for a, b in zip(one.parts, other.parts, strict=True)] == [True] * len(one.parts)
    assert [a.name for a, b in zip(one.parts, other.parts, strict=True) if a.material != b.material] == [PLATES]
    assert one.asset.id == other.asset.id and one.asset.digest != other.asset.digest


def test_a_parked_car_is_its_model_at_rest():
    parked = parked_car(30, 0.1)
    whole = frozen(Hatchback(paint="grey", lights="off", look=3011, detail="plain").build(), FROZEN_GROUPS)
    assert parked.asset == whole.asset
    assert [p.material for p in parked.parts] == [p.material for p in whole.parts]
    assert [p.mesh.digest for p in parked.parts] == [p.mesh.digest for p in whole.parts]
