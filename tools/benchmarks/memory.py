"""Whether memory stays flat: episode after episode to disk in one process, and what of it is resident.

Each episode is a new sample, with models, textures and a road of its own, as in a long job: what is kept between
episodes is given every reason to grow. Pictures are small, for it is samples that fill memory, and a picture's size is
the same from the first frame on. The first half of the frames is warm-up, in which what is kept fills its budgets; the
slope is that of a straight line through the resident memory at the ends of the episodes of the second half.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import linear_regression

from benchmarks.alone import alone
from benchmarks.row import Row, compared

SMALL = {
    "child_chases_ball": ("sensors.front.camera.resolution=[96, 54]", "sensors.front.camera.rate=10 Hz"),
    "dropped_object": (
        "sensors.wrist.camera.resolution=[96, 72]",
        "sensors.wrist.camera.rate=10 Hz",
        "sensors.overhead.depth_camera.resolution=[96, 54]",
        "sensors.overhead.depth_camera.rate=10 Hz",
    ),
}
"""Scenarios that take turns, and what makes their pictures small, and their episodes some hundred frames long."""


@dataclass(kw_only=True)
class Growth:
    """Resident MB after so many frames, at the ends of episodes, and the most there was."""

    frames: list[int] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)
    peak_mb: float = 0.0

    def after(self, frames: int) -> float:
        """At the end of the first episode with so many frames before and in it."""
        return next((mb for n, mb in zip(self.frames, self.resident_mb, strict=True) if n >= frames), 0.0)

    def slope(self) -> float:
        """MB per 1,000 frames over the second half; 0.0 where that holds fewer than three ends of episodes."""
        half = [(n, mb) for n, mb in zip(self.frames, self.resident_mb, strict=True) if 2 * n >= self.frames[-1]]
        if len(half) < 3:
            return 0.0
        frames, mb = ([row[k] for row in half] for k in (0, 1))
        return 1000.0 * linear_regression(frames, mb).slope


def resident_mb() -> float:
    """Resident set of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def peak_mb() -> float:
    """The most that was resident in this process at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def grow(frames: int) -> Growth:
    """Renders episodes into a folder that is emptied after each, until there were so many frames."""
    from simgen.episode import render_episode
    from simgen.rendering import select_renderer

    growth = Growth()
    with select_renderer() as renderer, tempfile.TemporaryDirectory() as folder:
        for scenario in _scenarios():
            out = Path(folder) / "out"
            made = render_episode(scenario, out, renderer)
            shutil.rmtree(out)
            growth.frames.append((growth.frames[-1] if growth.frames else 0) + made.frames)
            growth.resident_mb.append(resident_mb())
            print(f"{growth.frames[-1]:6d} frames {growth.resident_mb[-1]:8.1f} MB", file=sys.stderr, flush=True)
            if growth.frames[-1] >= frames:
                break
    growth.peak_mb = peak_mb()
    return growth


def _scenarios() -> Iterator[object]:
    from simgen import language, sampling
    from simgen.core.errors import ScenarioRejected

    documents = [language.load(name, changes) for name, changes in SMALL.items()]
    for index in count():
        for document in documents:
            try:
                yield sampling.sample(document, seed=7, index=index)
            except ScenarioRejected:
                continue


def bench_memory(frames: int = 600) -> list[Row]:
    """Resident memory early and late, its peak, and whether it still grows."""
    growth = alone(grow, frames)
    early, late = min(500, frames // 5), growth.frames[-1]
    first = growth.after(early)
    return [
        Row(name="memory.after_100", value=growth.after(100), unit="MB"),
        Row(name=f"memory.after_{early}", value=first, unit="MB"),
        compared(f"memory.after_{late}", growth.resident_mb[-1], "MB", f"after {early} frames", first),
        Row(name="memory.peak", value=growth.peak_mb, unit="MB"),
        Row(name="memory.slope", value=growth.slope(), unit="MB per 1000 frames"),
    ]
