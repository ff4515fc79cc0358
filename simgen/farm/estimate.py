"""What a plan would cost, measured on a few frames of one sample per scenario."""

from __future__ import annotations

import time
from itertools import islice

from pydantic import BaseModel, ConfigDict

from simgen import episode, sampling
from simgen.dataset.codecs import encode
from simgen.farm.planning import Order, Plan
from simgen.rendering import select_renderer
from simgen.rendering.protocol import Renderer
from simgen.sampling.concrete import ConcreteScenario
from simgen.simulation.world import World

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
            sample_frames, per_frame_s, per_frame_bytes, run_s, seen = _probe(order, chosen)
            frames += jobs * sample_frames
            core_s += jobs * (run_s + sample_frames * per_frame_s)
            size_bytes += jobs * sample_frames * per_frame_bytes
            probed += seen
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


def _probe(order: Order, renderer: Renderer) -> tuple[int, float, float, float, int]:
    """Frames of one sample, core-seconds and bytes of a frame, core-seconds of all but the frames, frames looked at."""
    began = time.process_time()
    fixed = isinstance(order.scenario, ConcreteScenario)
    concrete = order.scenario if fixed else sampling.sample(order.scenario, seed=order.seed, index=order.indices[0])
    frames = 0
    with World(concrete) as world:
        sensors = episode.sensors(concrete)
        for snapshot in world.run():
            frames += sum(sensor.due(snapshot.tick) for sensor in sensors)
    run_s = time.process_time() - began
    bundles = islice(episode.run(concrete, renderer), _WARM_UP + _FRAMES)
    seen, size, frames_began = 0, 0, 0.0
    for number, bundle in enumerate(bundles):
        if number == _WARM_UP:
            frames_began = time.process_time()
        data = [encode(plane, bundle.encoding, "") for plane in bundle.planes]
        if number >= _WARM_UP:
            seen += 1
            size += sum(len(d) for d in data)
    if seen == 0:
        return frames, 0.0, 0.0, run_s, 0
    return frames, (time.process_time() - frames_began) / seen, size / seen, run_s, seen
