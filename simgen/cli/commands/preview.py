"""``simgen preview``: what a scenario looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simgen.cli.options import Index, Overrides, RendererName, Seed
from simgen.cli.terminal import note, plural, say


def preview(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A scenario of the library, or a file.")],
    out: Annotated[
        Path | None, typer.Option(help="An .mp4, .gif or .png (key moments); NAME.mp4 if not given.")
    ] = None,
    seed: Seed = None,
    index: Index = 0,
    sensor: Annotated[str | None, typer.Option(help="Which sensor; the first one if not given.")] = None,
    renderer: RendererName = "auto",
    overrides: Overrides = None,
) -> None:
    """What it looks like: RGB, depth, masks, boxes and events, side by side."""
    from simgen import language
    from simgen.core.errors import UnknownName
    from simgen.farm.planning import read_concrete, require_sensors

    scenario = read_concrete(name) or language.load(name, tuple(overrides or ()))
    names = [s.name for s in scenario.sensors]
    require_sensors(scenario, name)
    if sensor is not None and sensor not in names:
        raise UnknownName(kind="sensor", name=sensor, known=names, where="--sensor")
    chosen = sensor or names[0]

    from simgen import episode, sampling
    from simgen.language.logical import LogicalScenario
    from simgen.quality.preview import preview as write_preview
    from simgen.quality.preview import writer_of
    from simgen.rendering import select_renderer
    from simgen.simulation import redrawing

    if out is not None:
        writer_of(out)  # what cannot be written is told before anything is drawn
    concrete = redrawing.sample(scenario, seed=seed, index=index) if isinstance(scenario, LogicalScenario) else scenario
    path = out or Path(f"{concrete.name}.mp4")
    rate_hz = float(next(s for s in concrete.sensors if s.name == chosen).sensor.parameters.get("rate", 10.0))
    with sampling.located(scenario), select_renderer(renderer) as drawing:
        note(f"{concrete.name} #{concrete.index}, sensor {chosen}, renderer {drawing.name}")
        count = write_preview(episode.Episode(concrete, drawing, only=chosen), path, rate_hz=rate_hz)
    say(f"{path}: {plural(count, 'frame')}")
