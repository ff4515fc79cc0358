"""A thing's digest names everything that one sees of it."""

from dataclasses import fields, replace

import pytest

from simgen.scene import shapes
from simgen.scene.body import Part
from simgen.scene.mesh import Material
from simgen.scene.things import rigid_body

PLAIN = Material(name="plain", base_color=(0.2, 0.2, 0.2))
OTHER = {
    "base_color": (0.2, 0.2, 0.3),
    "roughness": 0.3,
    "metallic": 1.0,
    "emission_cd_m2": (1.0, 0.0, 0.0),
    "lamp": "lamp",
    "wettable": True,
    "mirrors": True,
    "retroreflectance": 0.1,
    "double_sided": False,
}


def digest(material: Material) -> str:
    mesh = shapes.box((1.0, 1.0, 1.0)).flat()
    return rigid_body("carton", "x", "Apache-2.0", [Part(name="all", mesh=mesh, material=material)], []).asset.digest


def test_every_figure_of_a_material_is_tried() -> None:
    assert {f.name for f in fields(Material)} == {*OTHER, "name", "texture"}


@pytest.mark.parametrize("name", OTHER)
def test_a_digest_changes_with_every_figure_of_a_material(name: str) -> None:
    assert digest(replace(PLAIN, **{name: OTHER[name]})) != digest(PLAIN)
