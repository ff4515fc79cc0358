"""What a plan would cost, measured on a few frames of one sample per scenario."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from simgen import episode, sampling
from simgen.dataset.codecs import encode
from simgen.farm.planning import Order, Plan
from simgen.farm.work import drawn
from simgen.rendering import select_renderer
from simgen.rendering.protocol import Renderer
from simgen.simulation.world import TICK_S, World

_WARM_UP, _FRAMES = 2, 6


class Estimate(BaseModel):
    """Expected cost of a shard of a plan. ``core_s`` is the time that one core would need."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    jobs: int
    frames: int
    core_s: float
    size_bytes: float
    renderer: str
    probes: int
    probed_frames: int


def estimate(plan: Plan, *, renderer: str = "auto") -> Estimate:
    """Runs one sample of each scenario without pictures, to count its frames, and renders the first few of them."""
    frames, core_s, size_bytes, probed = 0.0, 0.0, 0.0, 0
    with select_renderer(renderer) as chosen:
        for order in plan.orders:
            jobs = len(order.indices) * plan.mine / max(1, len(plan))
            probe = _probe(order, chosen)
            frames += jobs * probe.frames
            core_s += jobs * (probe.run_s + probe.frames * probe.frame_s)
            size_bytes += jobs * probe.frames * probe.frame_bytes
            probed += probe.seen
        name = chosen.name
    return Estimate(
        jobs=plan.mine,
        frames=round(frames),
        core_s=core_s,
        size_bytes=size_bytes,
        renderer=name,
        probes=len(plan.orders),
        probed_frames=probed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probe:
    """One sample: its frames, core-seconds of all but the frames, then core-seconds and bytes of one frame, as seen
    on ``seen`` frames."""

    frames: int
    run_s: float
    frame_s: float
    frame_bytes: float
    seen: int


def _probe(order: Order, renderer: Renderer) -> _Probe:
    began = time.process_time()
    job = next(Plan(orders=(order,)).jobs(Path(), renderer.name))
    concrete = drawn(job)
    with World(concrete) as world:
        duration_s = sum(1 for _ in world.run()) * TICK_S
    frames = round(sum(duration_s * float(s.sensor.parameters["rate"]) for s in concrete.sensors))
    run_s = time.process_time() - began
    seen, size_bytes, frames_began = 0, 0, time.process_time()
    with sampling.located(order.scenario):
        for number, bundle in enumerate(islice(episode.run(concrete, renderer), _WARM_UP + _FRAMES)):
            data = [encode(plane, "") for plane in bundle.planes]
            if number < _WARM_UP:
                frames_began = time.process_time()
            else:
                seen += 1
                size_bytes += sum(len(d) for d in data)
    each = max(1, seen)
    frame_s = (time.process_time() - frames_began) / each
    return _Probe(frames=frames, run_s=run_s, frame_s=frame_s, frame_bytes=size_bytes / each, seen=seen)
