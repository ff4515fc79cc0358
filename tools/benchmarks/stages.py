"""Where the time of an episode goes: each stage's own, in wall and CPU time, with everything in one thread."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

NAMES = ("start", "simulate", "render", "label", "sense", "encode", "write", "seal")


class Stages:
    """Adds up what each stage takes beyond the stages within it."""

    def __init__(self) -> None:
        self.wall_s = dict.fromkeys(NAMES, 0.0)
        self.cpu_s = dict.fromkeys(NAMES, 0.0)
        self._within: list[tuple[float, float]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        self._within.append((0.0, 0.0))
        try:
            yield
        finally:
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            inner_wall, inner_cpu = self._within.pop()
            self.wall_s[name] += wall - inner_wall
            self.cpu_s[name] += cpu - inner_cpu
            if self._within:
                outer_wall, outer_cpu = self._within[-1]
                self._within[-1] = (outer_wall + wall, outer_cpu + cpu)

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self.stage(name):
                return work(*args, **kwargs)

        return run


class Inline:
    """Stands in for a pool of threads, and does the work at once: CPU time then belongs to one stage."""

    def submit(self, work: Callable[..., Any], *args: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*args))
        return done

    def shutdown(self, **_: object) -> None:
        """There is nothing to wait for."""


@contextmanager
def measured(stages: Stages, renderer: type) -> Iterator[None]:
    """While it lasts, the pipeline's stages are timed."""
    from simgen import episode
    from simgen.dataset import writer
    from simgen.sensing.chain import Chain
    from simgen.simulation.world import World

    def begun(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        self._encoders.shutdown(wait=True)
        self._encoders = Inline()

    made = writer.EpisodeWriter.__init__
    places: list[tuple[Any, str, Any]] = [
        (World, "__init__", stages.timed("start", World.__init__)),
        (World, "begin", stages.timed("simulate", World.begin)),
        (World, "advance", stages.timed("simulate", World.advance)),
        (renderer, "render", stages.timed("render", renderer.render)),  # type: ignore[attr-defined]
        (renderer, "silhouettes", stages.timed("render", renderer.silhouettes)),  # type: ignore[attr-defined]
        (Chain, "deliver", stages.timed("sense", Chain.deliver)),
        (episode, "label", stages.timed("label", episode.label)),
        (episode, "flow", stages.timed("label", episode.flow)),
        (writer, "encode", stages.timed("encode", writer.encode)),
        (writer.EpisodeWriter, "__init__", begun),
        (writer.EpisodeWriter, "write", stages.timed("write", writer.EpisodeWriter.write)),
        (writer.EpisodeWriter, "seal", stages.timed("seal", writer.EpisodeWriter.seal)),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    try:
        for owner, name, work in places:
            setattr(owner, name, work)
        yield
    finally:
        for owner, name, work in before:
            setattr(owner, name, work)
