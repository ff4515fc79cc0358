"""Which frame is meant, and how a frame that was made again differs from its record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simgen.core.errors import NotFound
from simgen.dataset.canonical import Json, plain
from simgen.dataset.reader import Dataset, Frame
from simgen.dataset.record import FrameRecord
from simgen.dataset.trajectory import Trajectory
from simgen.scene.scene import Snapshot

_REMEDY = "a frame is JOB/SENSOR/INDEX (the job id may be cut short), the path of one of its images, or its number"
_NUMBER = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that came out differently. ``path`` is its place in the record (``outputs.rgb.pixels_sha256``)."""

    path: str
    recorded: Json
    again: Json

    def __str__(self) -> str:
        return f"{self.path}: {self.recorded} was recorded, {self.again} came out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A replay against its record.

    Attributes:
        pixels: outputs whose pixels differ.
        values: other values of the frame that differ (state, camera, environment, effects).
        surroundings: what differs between the machines and programs that made the two, and may explain the rest.
    """

    pixels: tuple[Difference, ...]
    values: tuple[Difference, ...]
    surroundings: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        """Whether the frame came out again to the bit. Surroundings may differ all the same."""
        return not self.pixels and not self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """A frame that was made again against its record. ``diverged`` is (control tick, physics step) of the first
    recorded state that came out differently."""

    frame_id: str
    comparison: Comparison
    diverged: tuple[int, int] | None

    @property
    def ok(self) -> bool:
        return self.comparison.equal

    def document(self) -> dict[str, object]:
        """Plain mappings for JSON."""
        rows = {
            name: [{"path": d.path, "recorded": d.recorded, "again": d.again} for d in differences]
            for name, differences in (
                ("pixels", self.comparison.pixels),
                ("values", self.comparison.values),
                ("surroundings", self.comparison.surroundings),
            )
        }
        return {"frame": self.frame_id, "ok": self.ok, **rows, "diverged": self.diverged}

    def __str__(self) -> str:
        if self.ok:
            return f"{self.frame_id}: every pixel and every value came out as recorded"
        lines = [f"{self.frame_id} came out differently"]
        if self.diverged is not None:
            lines.append(f"  the physics diverged by tick {self.diverged[0]} (step {self.diverged[1]})")
        shown = (*self.comparison.pixels, *self.comparison.values[:8], *self.comparison.surroundings)
        lines += [f"  {difference}" for difference in shown]
        return "\n".join(lines)


def compare(recorded: FrameRecord, again: FrameRecord) -> Comparison:
    """How a frame that was made again differs from its record."""
    pixels: list[Difference] = []
    values: list[Difference] = []
    surroundings: list[Difference] = []
    for difference in _differences(_named_outputs(recorded), _named_outputs(again), ""):
        top = difference.path.split(".")[0]
        if difference.path.startswith(("episode.platform", "episode.renderer", "episode.physics")):
            surroundings.append(difference)
        elif difference.path == "episode.job" and recorded.episode.platform.simgen != again.episode.platform.simgen:
            surroundings.append(difference)  # the version is part of a job's name
        elif top == "outputs":
            pixels.append(difference)
        else:
            values.append(difference)
    return Comparison(pixels=tuple(pixels), values=tuple(values), surroundings=tuple(surroundings))


def first_divergence(recorded: Trajectory, again: Sequence[Snapshot]) -> tuple[int, int] | None:
    """The first recorded control tick whose chained state digest came out differently, and the physics step that it
    ends with; None where all recorded ticks agree. ``again`` holds the snapshots of the replay, in time order."""
    for snapshot in again:
        digest = recorded.state_digests.get(snapshot.tick)
        if digest is not None and digest != snapshot.state_digest:
            return snapshot.tick, snapshot.step
    return None


def find_frame(dataset: Dataset, address: str) -> Frame:
    """The frame that ``address`` names: ``JOB/SENSOR/INDEX``, the path of an image, or a number in the dataset's order.

    Raises:
        NotFound: when it names no frame, or several.
    """
    if _NUMBER.fullmatch(address):
        number = int(address)
        if not 0 <= number < len(dataset):
            count = f"frames count from 0 to {len(dataset) - 1}" if len(dataset) else "it has no frames yet"
            raise NotFound(f"there is no frame {number}", where=str(dataset.path), remedy=count)
        return dataset[number]
    parts = Path(address).parts
    if Path(address).suffix and len(parts) >= 3:
        return _frame_of_image(dataset, Path(address))
    if len(parts) != 3 or not _NUMBER.fullmatch(parts[2]):
        raise NotFound(f"'{address}' names no frame", remedy=_REMEDY)
    job, sensor, index = parts
    for frame in dataset.episode(job).frames:
        if frame.sensor == sensor and frame.frame_index == int(index):
            return frame
    sensors = dataset.episode(job).summary.frames
    known = ", ".join(f"{name} 0 to {count - 1}" for name, count in sensors.items())
    raise NotFound(f"there is no frame '{address}'", where=str(dataset.path), remedy=f"the episode has {known}")


def _frame_of_image(dataset: Dataset, path: Path) -> Frame:
    sensor, plane, name = path.parts[-3:]
    episodes = [dataset.episode(path.parts[-4])] if len(path.parts) > 3 else list(dataset.episodes)
    if len(episodes) == 1:
        for frame in episodes[0].frames:
            if any(o.path == f"{sensor}/{plane}/{name}" for o in frame.record.outputs):
                return frame
    raise NotFound(f"'{path}' is no image of this dataset", where=str(dataset.path), remedy=_REMEDY)


def _named_outputs(record: FrameRecord) -> dict[str, Json]:
    document = record.document()
    outputs = document["outputs"]
    assert isinstance(outputs, list)
    named: dict[str, Json] = {}
    for output in outputs:
        assert isinstance(output, dict)
        named[str(output["name"])] = output
    return {**document, "outputs": plain(named)}


def _differences(recorded: Json, again: Json, path: str) -> list[Difference]:
    if isinstance(recorded, dict) and isinstance(again, dict):
        found: list[Difference] = []
        for key in sorted({*recorded, *again}):
            found += _differences(recorded.get(key), again.get(key), f"{path}.{key}" if path else key)
        return found
    if isinstance(recorded, list) and isinstance(again, list) and len(recorded) == len(again):
        return [
            d for i, (a, b) in enumerate(zip(recorded, again, strict=True)) for d in _differences(a, b, f"{path}[{i}]")
        ]
    return [] if recorded == again else [Difference(path=path, recorded=recorded, again=again)]
