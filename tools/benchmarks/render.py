"""One labelled frame of the library's street by every renderer: picture, silhouettes and labels, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.alone import alone
from benchmarks.row import Row, compared, cpu_seconds

SCENARIO = "child_chases_ball"
TIMES = {"raster": 8}
"""How often a renderer repeats each step; the others, being slow, twice."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """CPU seconds of each step of a labelled frame, one thread each; ``rasterizer`` is what of the picture the driver's
    own threads spent."""

    picture: float
    silhouettes: float
    labels: float
    rasterizer: float

    @property
    def whole(self) -> float:
        return self.picture + self.silhouettes + self.labels


def measured(name: str) -> Spent | None:
    """None for a renderer that this machine cannot run."""
    from simgen import language, sampling
    from simgen.core.errors import RendererUnavailable
    from simgen.labels import label
    from simgen.rendering import select_renderer
    from simgen.sampling.sampler import camera_at
    from simgen.scene.scene import SceneView
    from simgen.simulation.world import World

    scenario = sampling.sample(language.load(SCENARIO), seed=7, index=0)
    try:
        renderer = select_renderer(name)
    except RendererUnavailable as error:
        print(f"{name}: {error}")
        return None
    with renderer, World(scenario) as world:
        view = SceneView(scene=world.scene, snapshot=next(world.run()))
        camera = camera_at(scenario.sensors[0], view)
        ids, times = view.labelled_ids(), TIMES.get(name, 2)
        buffers, alone_ = renderer.render(view, camera), renderer.silhouettes(view, camera, ids)
        others: list[float] = []

        def picture() -> None:
            began, mine = time.process_time(), time.thread_time()
            renderer.render(view, camera)
            others.append((time.process_time() - began) - (time.thread_time() - mine))

        return Spent(
            picture=cpu_seconds(picture, times),
            silhouettes=cpu_seconds(lambda: renderer.silhouettes(view, camera, ids), times),
            labels=cpu_seconds(lambda: label(view, camera, buffers, alone_), times),
            rasterizer=min(others),
        )


STEPS: dict[str, Callable[[Spent], float]] = {
    "picture": lambda s: s.picture,
    "silhouettes": lambda s: s.silhouettes,
    "labels": lambda s: s.labels,
}


def bench_render() -> list[Row]:
    """The same 720p frame by each renderer in its own process: how many times what ``raster`` needs; and its parts."""
    from simgen.core.vocabulary import renderers

    tried = {name: alone(measured, name) for name in renderers.names()}
    found = {name: spent for name, spent in tried.items() if spent is not None}
    base = found.get("raster") or next(iter(found.values()))
    rows = []
    for name, spent in found.items():
        whole = 1000 * spent.whole
        if spent is base:
            rows.append(Row(name=f"render.{name}", value=whole, unit="ms/frame"))
        else:
            rows.append(compared(f"render.{name}", whole, "ms/frame", "render.raster", 1000 * base.whole, "higher"))
        for step, of in STEPS.items():
            rows.append(compared(f"render.{name}.{step}", 1000 * of(spent), "ms/frame", "its labelled frame", whole))
        rows.append(
            compared(
                f"render.{name}.rasterizer",
                1000 * spent.rasterizer,
                "ms/frame",
                "its picture, in the driver's threads",
                1000 * spent.picture,
                "higher",
            )
        )
        marked = spent.silhouettes + spent.labels
        rows.append(compared(f"render.{name}.labels_share", 1000 * marked, "ms/frame", "its labelled frame", whole))
    return rows
