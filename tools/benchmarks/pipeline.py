"""Whole episodes to disk: frames per second, and what each stage of a frame costs."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.alone import alone
from benchmarks.memory import peak_mb
from benchmarks.row import Row, compared
from benchmarks.stages import Stages
from benchmarks.stages import measured as measured_stages

SCENARIO = "child_chases_ball"


@dataclass(frozen=True, kw_only=True)
class Made:
    """One episode made twice: as users make it, and stage by stage."""

    frames: int
    size_bytes: int
    wall_s: float
    cpu_s: float
    staged_wall_s: float
    staged_cpu_s: float
    stages: Stages
    sample_s: float
    peak_mb: float


def made() -> Made:
    from simgen import language, sampling
    from simgen.episode import render_episode
    from simgen.rendering import select_renderer

    began = time.perf_counter()
    scenario = sampling.sample(language.load(SCENARIO), seed=7, index=0)
    sample_s = time.perf_counter() - began
    stages = Stages()
    with select_renderer() as renderer, tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        result = render_episode(scenario, Path(folder) / "usual", renderer)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        with measured_stages(stages, type(renderer)):
            staged_wall, staged_cpu = time.perf_counter(), time.process_time()
            render_episode(scenario, Path(folder) / "staged", renderer)
            staged_wall, staged_cpu = time.perf_counter() - staged_wall, time.process_time() - staged_cpu
    return Made(
        frames=result.frames,
        size_bytes=result.size_bytes,
        wall_s=wall,
        cpu_s=cpu,
        staged_wall_s=staged_wall,
        staged_cpu_s=staged_cpu,
        stages=stages,
        sample_s=sample_s,
        peak_mb=peak_mb(),
    )


def bench_pipeline() -> list[Row]:
    """One 720p episode to disk: each stage's share of the CPU time per frame; ``others`` is what no stage has."""
    one = alone(made)
    n = one.frames
    rows = []
    cpu = one.stages.cpu_s | {"others": one.staged_cpu_s - sum(one.stages.cpu_s.values())}
    wall = one.stages.wall_s | {"others": one.staged_wall_s - sum(one.stages.wall_s.values())}
    for name in cpu:
        against = "core-seconds of a frame"
        rows += [
            compared(f"pipeline.{name}", cpu[name] / n, "core s/frame", against, one.staged_cpu_s / n),
            Row(name=f"pipeline.{name}.wall", value=1000 * wall[name] / n, unit="ms/frame"),
        ]
    return [
        *rows,
        Row(name="pipeline.frame", value=one.cpu_s / n, unit="core s/frame"),
        Row(name="pipeline.frame.wall", value=1000 * one.wall_s / n, unit="ms/frame"),
        Row(name="pipeline.frames_per_s", value=n / one.wall_s, unit="frames/s"),
        Row(name="pipeline.sample", value=1000 * one.sample_s, unit="ms"),
        Row(name="pipeline.bytes", value=one.size_bytes / n, unit="bytes/frame"),
        Row(name="pipeline.peak", value=one.peak_mb, unit="MB"),
    ]
