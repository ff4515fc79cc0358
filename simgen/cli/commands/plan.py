"""``simgen plan``: what a run would cost, before it is started."""

from __future__ import annotations

from typing import Annotated

import typer

from simgen.cli.commands.render import Count, ShardName, Targets
from simgen.cli.options import Json, Overrides, RendererName, Seed
from simgen.cli.terminal import duration, emit, plural, say, size


def plan(
    targets: Targets,
    count: Count = None,
    seed: Seed = None,
    renderer: RendererName = "auto",
    overrides: Overrides = None,
    shard: ShardName = "0/1",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one per core if not given.")] = None,
    core_hour_price: Annotated[float | None, typer.Option(min=0, help="Price of a core for an hour.")] = None,
    json: Json = False,
) -> None:
    """Jobs, frames, expected time, bytes and cost, from a probe of each scenario."""
    from simgen.farm.cores import usable_cores
    from simgen.farm.estimate import estimate
    from simgen.farm.planning import Plan, Shard, orders

    asked = [one for name in targets for one in orders(name, count=count, seed=seed, overrides=tuple(overrides or ()))]
    part = Plan(orders=tuple(asked), shard=Shard.parse(shard))
    expected = estimate(part, renderer=renderer)
    processes = workers or max(1, min(part.mine, usable_cores()))
    wall_s = expected.core_s / processes
    cost = None if core_hour_price is None else expected.core_s / 3600 * core_hour_price
    if json:
        document = {**expected.model_dump(), "workers": processes, "wall_s": wall_s}
        emit(document if cost is None else {**document, "cost": cost})
        return
    say(f"{plural(expected.jobs, 'job')}, about {expected.frames:,} frames and {size(expected.size_bytes)}")
    say(f"  about {duration(wall_s)} on {plural(processes, 'worker')}, {duration(expected.core_s)} of one core")
    if cost is not None:
        say(f"  about {cost:,.2f} at {core_hour_price:g} per core-hour")
    say(f"  measured on {plural(expected.probed_frames, 'frame')} of {plural(expected.probes, 'sample')}")
