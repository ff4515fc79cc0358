"""How a run shows its progress: a bar on a terminal, plain lines elsewhere. All of it on standard error."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from simgen.cli.terminal import duration, messages, plural
from simgen.farm.jobs import Event, Frames, JobResult, Ready, Started, TurnedDown

_LINE_EVERY_S = 15.0


class RunProgress:
    """Listens to a run; a context manager. ``jobs`` is how many results will come."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._done = 0
        self._frames = 0
        self._counted: dict[int, int] = {}
        self._began = self._said = time.monotonic()
        self._console = messages()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("episodes  {task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task("rendering", total=jobs, rate="")

    def __call__(self, event: Ready | Event) -> None:
        if isinstance(event, Ready):
            self._began = time.monotonic()
            if event.note:
                self._line(event.note)
            self._line(f"renderer {event.renderer}, {plural(self._jobs, 'episode')} to go")
        elif isinstance(event, Started):
            self._counted[event.number] = 0
        elif isinstance(event, Frames):
            self._counted[event.number] = self._counted.get(event.number, 0) + event.count
            self._frames += event.count
            self._show()
        elif isinstance(event, TurnedDown):
            self._line(f"still drawing: {event.attempts} draws turned down, {event.why}")
        elif isinstance(event, JobResult):
            self._end(event)

    def _end(self, result: JobResult) -> None:
        self._done += 1
        told = self._counted.pop(result.number, 0)
        if result.status == "sealed":
            self._frames += result.frames - told
        head = f"{self._done}/{self._jobs} {result.scenario} #{result.index}"
        if result.status == "failed" and result.error is not None:
            # Why the only one failed is what the run ends with.
            why = f": {result.error.message.splitlines()[0]}" if self._jobs > 1 else ""
            self._line(f"{head} failed{why}", style="red")
        elif not self._console.is_terminal:
            words = "was there" if result.status == "present" else f"in {duration(result.wall_s)}"
            self._line(f"{head} {plural(result.frames, 'frame')} {words}")
        self._show()

    def _show(self) -> None:
        now = time.monotonic()
        rate = f"{self._frames / max(now - self._began, 1e-3):.1f} frames/s"
        if self._console.is_terminal:
            self._bar.update(self._task, completed=self._done, rate=rate)
        elif now - self._said > _LINE_EVERY_S:
            self._line(f"{self._done}/{self._jobs} episodes, {plural(self._frames, 'frame')}, {rate}")

    def _line(self, words: str, style: str = "dim") -> None:
        self._said = time.monotonic()
        self._console.print(Text(words, style=style))

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()
