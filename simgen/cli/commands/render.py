"""``simgen render``: labelled episodes of scenarios."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from simgen.cli.options import Json, Overrides, RendererName, Seed
from simgen.cli.terminal import complain, duration, emit, plural, say, size

if TYPE_CHECKING:
    from simgen.farm.ledger import RunSummary

Targets = Annotated[
    list[str], typer.Argument(metavar="NAME|FILE|SUITE…", help="Scenarios or suites of the library, or files.")
]
Count = Annotated[int | None, typer.Option(min=1, help="Samples of each; as the scenario says, if not given.")]
Indices = Annotated[list[int] | None, typer.Option("--index", min=0, help="This sample alone; may be repeated.")]
ShardName = Annotated[
    str, typer.Option("--shard", metavar="I/N", help="One part of N, or auto in a scheduler's array.")
]


def render(
    targets: Targets,
    out: Annotated[Path, typer.Option(help="Folder of the dataset; a second run goes on where the first ended.")],
    count: Count = None,
    seed: Seed = None,
    index: Indices = None,
    renderer: RendererName = "auto",
    overrides: Overrides = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one per core if not given.")] = None,
    executor: Annotated[Literal["local"], typer.Option(help="Where jobs run.")] = "local",
    shard: ShardName = "0/1",
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds after which an episode is given up.")] = 1800.0,
    json: Json = False,
) -> None:
    """Renders labelled episodes into a dataset."""
    from simgen.cli.progress import RunProgress
    from simgen.farm import driver
    from simgen.farm.executors.protocol import Limits
    from simgen.farm.planning import Plan, Shard, orders

    asked = [
        one
        for name in targets
        for one in orders(name, count=count, seed=seed, indices=tuple(index or ()), overrides=tuple(overrides or ()))
    ]
    plan = Plan(orders=tuple(asked), shard=Shard.parse(shard))
    with RunProgress(plan.mine) as progress:
        limits = Limits(time_s=time_limit)
        summary = driver.run(plan, out, renderer=renderer, workers=workers, limits=limits, on_event=progress)
    if json:
        emit(summary.model_dump(mode="json"))
    else:
        _tell(summary, shlex.join([targets[0], *(word for one in overrides or () for word in ("--set", one))]))
    if summary.failed:
        raise typer.Exit(1)


def _tell(summary: RunSummary, target: str) -> None:
    """What was made, where, how fast, and what to type next. ``target``: what was rendered, as typed."""
    from simgen.language.ending import LONGEST_S

    new = "new episode" if summary.episodes > summary.sealed else "episode"
    made = f"{plural(summary.sealed, new)}, {plural(summary.frames, 'frame')}, {size(summary.size_bytes)}"
    nothing = summary.present and not summary.sealed
    say(f"{summary.out}: {'nothing was left to do' if nothing else f'{made} with {summary.renderer}'}", style="bold")
    if summary.present:
        say(f"  {plural(summary.present, 'episode')} had been there before")
    if summary.frames:
        pace = f"{duration(summary.wall_s)} on {plural(summary.workers, 'worker')}: {summary.frames_per_s:.1f} frames/s"
        cost = f"{summary.core_seconds_per_frame:.2f} core-seconds and {size(summary.bytes_per_frame)} per frame"
        say(f"  {pace}, {cost}")
    if summary.episodes:
        over = "the episode" if summary.episodes == 1 else f"all {summary.episodes} episodes"
        say(f"  Merkle root of {over}: {summary.merkle_root}")
    for condition, episodes in summary.missed.items():
        say(f"  expected '{condition}', and it did not hold in {plural(episodes, 'episode')}", style="yellow")
    if summary.missed:
        say("  'report' in an episode's episode.json says how close each came, and when", style="yellow")
    for event, late in summary.late.items():
        began = f"event '{event}' began up to {late.at_most_s:.2g} s too late in {plural(late.episodes, 'episode')}"
        say(f"  {began} to meet as planned; let whom it meets start farther away", style="yellow")
    if summary.cut_off:
        cut = f"{plural(summary.cut_off, 'episode')} cut off at {LONGEST_S:g} s, since no end came true"
        say(f"  {cut}; add a time to 'end', e.g. time > 15 s", style="yellow")
    for failure in summary.failures[:5]:
        complain(f"{failure.scenario} #{failure.index} failed: {failure.error.message}")
        complain(f"  again: {failure.command}")
    if summary.failed:
        complain(f"{plural(summary.failed, 'job')} failed; {summary.out}/failures has each with its trace")
    if not summary.sealed + summary.present:
        return
    made_in = Path(summary.out)
    beside = made_in if made_in.name not in ("", "..") else made_in.resolve()  # "." has no name to add to
    out, coco = shlex.quote(str(made_in)), shlex.quote(f"{beside}-coco")
    say("next:")
    say(f"  simgen preview {target} --out look.mp4     what it looks like, with its labels")
    say(f"  simgen verify {out}     every digest, label and file")
    say(f"  simgen export {out} --format coco --out {coco}     boxes and masks for training")
