"""Datasets as sequences of frames, decoded when asked for."""

from __future__ import annotations

import functools
import os
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import overload

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import ValidationError

from simgen.core.errors import DatasetFault, NotFound, check_type
from simgen.dataset.canonical import sha256
from simgen.dataset.codecs import Pixels, decode, depth_m, flow_of, normals
from simgen.dataset.episode_file import EpisodeFile
from simgen.dataset.layout import DAMAGED, FRAMES, SCENARIO, TRAJECTORY, Layout
from simgen.dataset.manifest import DatasetFile
from simgen.dataset.record import FrameRecord, OutputFacts
from simgen.dataset.rows import FileFacts, FrameRow, read_rows
from simgen.dataset.trajectory import Trajectory
from simgen.labels import FrameLabels
from simgen.labels.flow import Flow
from simgen.sampling.assembly import Assembly, assemble
from simgen.sampling.concrete import ConcreteScenario


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Episode:
    """One sealed episode. ``summary`` holds what its frames have in common and the report of what happened."""

    job: str
    path: Path
    summary: EpisodeFile

    def __repr__(self) -> str:
        scenario = self.summary.record.scenario
        return f"<Episode {self.job} of {scenario.name} #{scenario.index}: {len(self)} frames>"

    def __len__(self) -> int:
        return sum(self.summary.frames.values())

    @property
    def frames(self) -> list[Frame]:
        """All frames, by time and sensor. Raises DatasetFault for a table that is missing or damaged."""
        return [Frame(episode=self, row=row) for row in self.rows]

    @property
    def rows(self) -> tuple[FrameRow, ...]:
        """Of ``frames``, as they are stored."""
        rows = _rows(self.path)
        if len(rows) != len(self):
            raise DatasetFault(f"has {len(rows)} of {len(self)} frames", where=str(self.path / FRAMES), remedy=DAMAGED)
        return rows

    @property
    def concrete(self) -> ConcreteScenario:
        """The scenario; it can be run again."""
        return read_scenario(self.path / SCENARIO)

    @property
    def trajectory(self) -> Trajectory:
        return Trajectory.read(self.path / TRAJECTORY)

    def require_as_written(self) -> None:
        """Raises DatasetFault when a file of the episode is missing or changed; images are left out."""
        for file in self.summary.files:
            _require(self.path / file.path, _read(self.path / file.path), file)

    def assemble(self) -> Assembly:
        """The scene that the trajectory's snapshots belong to."""
        return assemble(self.concrete)


@dataclass(frozen=True, eq=False, repr=False)
class Frame:
    """One sensor at one instant, as stored. Arrays are decoded on first use and kept; (H, W) or (H, W, 3).

    Attributes:
        decoded: stored arrays by the name of the output, where they are at hand already; others are read.
    """

    episode: Episode
    row: FrameRow
    decoded: Mapping[str, Pixels] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Frame {self.frame_id} at {self.time_s:.3f} s: {', '.join(o.name for o in self.record.outputs)}>"

    @property
    def frame_id(self) -> str:
        """``<job id>/<sensor>/<frame index>``, which ``replay`` and ``prove`` take."""
        return f"{self.episode.job}/{self.sensor}/{self.frame_index:06d}"

    @property
    def sensor(self) -> str:
        return self.row.sensor

    @property
    def frame_index(self) -> int:
        return self.row.frame_index

    @property
    def time_s(self) -> float:
        return self.record.time_ns * 1e-9

    @functools.cached_property
    def record(self) -> FrameRecord:
        return self.row.restore(self.episode.summary.record)

    @functools.cached_property
    def labels(self) -> FrameLabels:
        """Of the instant of the frame."""
        return FrameLabels.from_json(self.row.labels)

    @functools.cached_property
    def content_labels(self) -> FrameLabels:
        """Of the instant that the picture shows; another one where the frame came late or frozen."""
        return FrameLabels.from_json(self.row.content_labels) if self.row.content_labels else self.labels

    @functools.cached_property
    def image(self) -> NDArray[np.uint8] | None:
        """sRGB as delivered; None where the frame was dropped or the sensor has no colour."""
        output = self.output("rgb")
        return None if output is None else self._pixels(output).astype(np.uint8, copy=False)

    @functools.cached_property
    def depth_m(self) -> NDArray[np.float32]:
        """True planar depth, to half a step of the stored scale, or exact where it is stored as float; +inf where there
        is only sky."""
        return self._depth(self._required("depth"), empty=np.inf)

    @functools.cached_property
    def measured_depth_m(self) -> NDArray[np.float32] | None:
        """As a depth camera measured it; 0 is a hole. None for other sensors and dropped frames."""
        output = self.output("depth_measured")
        return None if output is None else self._depth(output, empty=0.0)

    @functools.cached_property
    def depth_cause(self) -> NDArray[np.uint8] | None:
        """Why a measured depth is what it is (``simgen.sensing.frame.DepthCause``)."""
        output = self.output("depth_cause")
        return None if output is None else self._pixels(output).astype(np.uint8, copy=False)

    @functools.cached_property
    def lens_blocked(self) -> NDArray[np.bool_] | None:
        """Where drops or dirt cover the picture; None when the lens is clean."""
        output = self.output("lens_blocked")
        return None if output is None else self._pixels(output).astype(np.bool_, copy=False)

    @functools.cached_property
    def instance(self) -> NDArray[np.uint32]:
        return self._pixels(self._required("instance")).astype(np.uint32, copy=False)

    @functools.cached_property
    def semantic(self) -> NDArray[np.uint16]:
        return self._pixels(self._required("semantic")).astype(np.uint16, copy=False)

    @functools.cached_property
    def part(self) -> NDArray[np.uint32] | None:
        """Which rigid part a pixel shows: part p > 0 is row p - 1 of a snapshot's ``world_from_node``; 0 is sky."""
        output = self.output("part")
        return None if output is None else self._pixels(output).astype(np.uint32, copy=False)

    @functools.cached_property
    def normal(self) -> NDArray[np.float32] | None:
        """(H, W, 3) unit normals in the camera's frame; 0 where there is only sky. None where it was not asked for."""
        output = self.output("normal")
        return None if output is None else normals(self._pixels(output))

    @functools.cached_property
    def flow_forward(self) -> Flow | None:
        """To the sensor's next frame; None in its last, and where it was not asked for."""
        return self._flow("flow_forward")

    @functools.cached_property
    def flow_backward(self) -> Flow | None:
        """To the sensor's frame before; None in its first, and where it was not asked for."""
        return self._flow("flow_backward")

    def output(self, name: str) -> OutputFacts | None:
        """What the record says of one image ("rgb", "depth", …), or None where the frame has none."""
        return next((o for o in self.record.outputs if o.name == name), None)

    def path(self, name: str) -> Path:
        """Where an image lies. Raises DatasetFault where the frame has none of this name."""
        return self.episode.path / self._required(name).path

    def _required(self, name: str) -> OutputFacts:
        output = self.output(name)
        if output is None:
            known = ", ".join(o.name for o in self.record.outputs)
            raise DatasetFault(f"has no '{name}'", where=self.frame_id, remedy=f"it has {known}")
        return output

    def data(self, name: str) -> bytes:
        """An image's file as it was written.

        Raises:
            DatasetFault: the frame has none of this name, it cannot be read, or it is not what was written.
        """
        path = self.path(name)
        data = _read(path)
        written = next((f for f in self.row.files if f.path == self._required(name).path), None)
        if written is not None:
            _require(path, data, written)
        return data

    def _pixels(self, output: OutputFacts) -> Pixels:
        found = self.decoded.get(output.name)
        if found is not None:
            return found
        path = self.episode.path / output.path
        return decode(_read(path), output.dtype, str(path))

    def _depth(self, output: OutputFacts, *, empty: float) -> NDArray[np.float32]:
        return depth_m(self._pixels(output), output.scale, empty=empty)

    def _flow(self, name: str) -> Flow | None:
        output = self.output(name)
        return None if output is None else flow_of(self._pixels(output))


class Dataset(Sequence[Frame]):
    """The frames of all sealed episodes: by scenario, sample index and time, then by sensor.

    It is a map-style dataset for PyTorch as it is (``__len__`` and ``__getitem__``), and it can be pickled.
    """

    def __init__(self, path: Path, episodes: Sequence[Episode]) -> None:
        self.path = path
        self.episodes = tuple(episodes)
        self._ends = list(accumulate(len(e) for e in self.episodes))

    def __repr__(self) -> str:
        return f"<Dataset {self.path}: {len(self.episodes)} episodes, {len(self)} frames>"

    @property
    def manifest(self) -> DatasetFile:
        """dataset.json. Raises DatasetFault while a first run has not ended."""
        return DatasetFile.read(self.path)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> list[Frame]: ...
    def __getitem__(self, index: int | slice) -> Frame | list[Frame]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        number = index + len(self) if index < 0 else index
        if not 0 <= number < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        place = bisect_right(self._ends, number)
        episode = self.episodes[place]
        return Frame(episode=episode, row=episode.rows[number - (self._ends[place] - len(episode))])

    def episode(self, job: str) -> Episode:
        """The episode whose job id begins with ``job``. Raises NotFound for none or several."""
        found = [e for e in self.episodes if e.job.startswith(job)]
        if len(found) != 1:
            raise NotFound(
                f"{len(found) or 'no'} episodes have a job id that begins with '{job}'",
                where=str(self.path),
                remedy="give more of the id" if found else f"it has {len(self.episodes)} episodes",
            )
        return found[0]


def open_dataset(path: str | Path) -> Dataset:
    """Opens what ``simgen render --out`` wrote.

    Raises:
        DatasetFault: for a path that is no dataset, or with a damaged episode.json.
        ValueOutOfRange: for what is no path.
    """
    check_type(path, (str, os.PathLike), what="path of open_dataset()", remedy="name what render --out wrote to")
    layout = Layout(Path(path))
    layout.require()
    episodes = [
        Episode(job=job, path=layout.episode(job), summary=EpisodeFile.read(layout.episode(job)))
        for job in layout.jobs()
    ]
    episodes.sort(key=lambda e: (e.summary.record.scenario.name, e.summary.record.scenario.index, e.job))
    return Dataset(layout.out, episodes)


def read_scenario(path: Path) -> ConcreteScenario:
    """The concrete scenario of an episode. Raises DatasetFault for a file that is missing or damaged."""
    try:
        return ConcreteScenario.model_validate(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        told = f"not a concrete scenario ({place}: {first['msg']})"
        raise DatasetFault(told, where=str(path), remedy=DAMAGED) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    except (ValueError, yaml.YAMLError) as error:
        raise DatasetFault(f"not a readable concrete scenario ({error})", where=str(path), remedy=DAMAGED) from error


def _rows(folder: Path) -> tuple[FrameRow, ...]:
    path = folder / FRAMES
    try:
        written_ns = path.stat().st_mtime_ns
    except OSError as error:
        raise _unreadable(path, error) from error
    return _rows_written(path, written_ns)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _require(path: Path, data: bytes, written: FileFacts) -> None:
    if sha256(data) != written.sha256:
        cut = len(data) < written.bytes
        changed = f"has {len(data)} bytes of {written.bytes}" if cut else "was changed: its bytes have another digest"
        raise DatasetFault(changed, where=str(path), remedy=DAMAGED)


def _unreadable(path: Path, error: OSError) -> DatasetFault:
    return DatasetFault(f"cannot be read ({error.strerror})", where=str(path), remedy=DAMAGED)


@functools.lru_cache(maxsize=16)
def _rows_written(path: Path, written_ns: int) -> tuple[FrameRow, ...]:
    """The rows as of one time of writing, so that a table written anew is read anew."""
    return tuple(read_rows(path))
