"""A scene is a function of its scenario, whatever else was built and dropped before."""

from __future__ import annotations

import pytest

from simgen import language, sampling
from simgen.core.keeping import KEPT
from simgen.sampling.assembly import assemble
from simgen.sampling.concrete import ConcreteScenario
from simgen.scene.scene import Node


@pytest.fixture(scope="module")
def street() -> ConcreteScenario:
    return sampling.sample(language.load("child_chases_ball"), seed=7, index=0)


def content(node: Node) -> tuple[object, ...]:
    material = node.material
    texture = "" if material.texture is None else material.texture.digest
    return node.name, node.mesh.digest, material.name, material.base_color, texture


def test_a_mesh_is_built_once_while_it_is_kept(street: ConcreteScenario) -> None:
    first, second = assemble(street).scene, assemble(street).scene
    assert all(a.mesh is b.mesh for a, b in zip(first.nodes, second.nodes, strict=True))


def test_evicting_changes_no_node(street: ConcreteScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [content(n) for n in assemble(street).scene.nodes]
    budget = 12 * 2**20
    assert KEPT.held_bytes > 2 * budget
    monkeypatch.setattr(KEPT, "budget_bytes", budget)
    KEPT.trim()
    assert [content(n) for n in assemble(street).scene.nodes] == known
    assert 0 < KEPT.held_bytes <= budget
