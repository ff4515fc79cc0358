"""A few of the random scenes that ``tools/prove`` runs by the hundred, and that it can see a fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simgen.rendering import Renderer
from tests.proving import Drawn, Summary, brute_force, models_scene, prove, solids_scene
from tests.rendering.conftest import raster as raster


@pytest.mark.parametrize("scene", [0, 1, 2, 3, 4, 5])
def test_random_scenes_hold(raster: Renderer, scene: int) -> None:
    summary = Summary()
    prove(scene, raster, summary)
    assert summary.faults == []
    assert summary.counts["scenes"] == 1
    assert summary.counts["pixels with flow"] > 0


def test_scenes_are_drawn_from_their_number_alone() -> None:
    for draw in (solids_scene, models_scene):
        a, b = draw(7), draw(7)
        assert a.camera.world_from_camera.tobytes() == b.camera.world_from_camera.tobytes()
        assert a.now.snapshot.world_from_node.tobytes() == b.now.snapshot.world_from_node.tobytes()
        assert a.now.snapshot.world_from_node.tobytes() != draw(8).now.snapshot.world_from_node.tobytes()


def test_brute_force_sees_a_wrong_amodal_box(raster: Renderer) -> None:
    from simgen.labels import label

    drawn: Drawn = solids_scene(3)
    buffers = raster.render(drawn.now, drawn.camera)
    alone = raster.silhouettes(drawn.now, drawn.camera, drawn.now.labelled_ids())
    labels = label(drawn.now, drawn.camera, buffers, alone)
    one = max(labels.objects, key=lambda o: o.amodal_pixels)
    x_min, y_min, x_max, y_max = one.bbox_amodal
    wrong = replace(one, bbox_amodal=(x_min + 3, y_min, x_max, y_max))
    objects = tuple(wrong if o is one else o for o in labels.objects)
    summary = Summary()
    brute_force(3, drawn, raster, replace(labels, objects=objects), summary)
    assert any("amodal box off brute force" in f for f in summary.faults)


def test_a_summary_counts_checks_and_faults_by_kind() -> None:
    summary = Summary()
    for scene, value in enumerate((0.01, 0.07, 0.09)):
        summary.within(scene, "px off", value, 0.05)
    summary.fault(3, "the proofs", "no box")
    assert summary.kinds == {"px off": 2, "the proofs": 1}
    lines = [line.strip() for line in str(summary).splitlines()]
    assert "0.09 px off, at worst of 3" in lines
    assert "2 faults of px off" in lines
    assert lines[-1] == "scene 3: no box"
