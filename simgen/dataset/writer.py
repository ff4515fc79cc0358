"""Writes an episode out of sight and publishes it with one rename: it appears complete, or not at all."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from simgen.core.room import room_for_picture
from simgen.dataset.bundle import FrameBundle
from simgen.dataset.canonical import canonical, plain, sha256
from simgen.dataset.codecs import encode
from simgen.dataset.episode_file import EpisodeFile, episode_root, sealed
from simgen.dataset.job import job_id
from simgen.dataset.layout import EPISODE, FRAMES, SCENARIO, TRAJECTORY, Layout, output_error
from simgen.dataset.record import EpisodeRecord, FrameRecord
from simgen.dataset.rows import FileFacts, FrameRow, table_bytes
from simgen.dataset.staging import StagingDirectory, remove_stale
from simgen.dataset.trajectory import TrajectoryRecorder
from simgen.sampling.concrete import ConcreteScenario
from simgen.scene.scene import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEpisode:
    """An episode that is in place.

    ``already`` is True when another process had published the same job before: its episode was kept.
    """

    job_id: str
    path: Path
    frames: int
    size_bytes: int
    merkle_root: str
    already: bool


class EpisodeWriter:
    """Writes the frames of one episode; a context manager.

        with EpisodeWriter(out, concrete, renderer.info().name) as writer:
            for snapshot in …: writer.snapshot(snapshot)
            for bundle in …: writer.write(bundle)
            writer.seal(report)

    Without ``seal`` nothing of it remains. Images are encoded in threads of its own; ``write`` waits only when
    ``2 × encoders`` frames are pending, so that memory stays bounded.

    Args:
        out: the dataset; made when it does not exist.
        renderer: name of the renderer, which is part of the job's name.
        encoders: threads.

    Raises:
        OutputError: from any method, when something cannot be written; what was written so far is removed.
        OutOfMemory: from ``write`` and ``seal``, when there is no room to encode a picture.
    """

    def __init__(
        self,
        out: Path,
        concrete: ConcreteScenario,
        renderer: str,
        *,
        encoders: int = 2,
    ) -> None:
        self.job = job_id(concrete, renderer)
        self._concrete = concrete
        self._layout = Layout(out)
        self._layout.claim()
        remove_stale(self._layout)
        self._trajectory = TrajectoryRecorder()
        self._pending: deque[Future[FrameRow]] = deque()
        self._most_pending = 2 * encoders
        self._rows: list[FrameRow] = []
        self._episode: EpisodeRecord | None = None
        self._folders: set[Path] = set()
        self._folders_lock = threading.Lock()
        self._staging = StagingDirectory(self._layout, self.job)
        self._encoders = ThreadPoolExecutor(encoders, thread_name_prefix="encode")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._encoders.shutdown(wait=True, cancel_futures=True)
        self._staging.discard()

    def snapshot(self, snapshot: Snapshot) -> None:
        """Adds to the trajectory; snapshots come in time order, one of the same tick twice counts once."""
        self._trajectory.add(snapshot)

    def write(self, bundle: FrameBundle) -> None:
        """Adds a frame, and its snapshot to the trajectory. The bundle's arrays must not change afterwards."""
        self._trajectory.add(bundle.view.snapshot)
        while len(self._pending) >= self._most_pending:
            self._collect()
        self._pending.append(self._encoders.submit(self._store, bundle))

    def seal(self, report: object) -> SealedEpisode:
        """Finishes the episode and publishes it.

        Args:
            report: what happened in it: a pydantic model or dataclass.
        """
        while self._pending:
            self._collect()
        files = [
            self._put(SCENARIO, self._concrete.to_yaml().encode()),
            self._put(FRAMES, table_bytes(self._rows)),
            self._put(TRAJECTORY, self._trajectory.to_bytes()),
        ]
        content = self._summary(report, files)
        self._put(EPISODE, content.to_bytes())
        try:
            already = not self._publish()
        except OSError as error:
            raise output_error(error, self._layout.episodes) from error
        target = self._layout.episode(self.job)
        if already:
            content = EpisodeFile.read(target)
        return SealedEpisode(
            job_id=self.job,
            path=target,
            frames=sum(content.frames.values()),
            size_bytes=content.size_bytes,
            merkle_root=content.merkle_root,
            already=already,
        )

    def _summary(self, report: object, files: Sequence[FileFacts]) -> EpisodeFile:
        if self._episode is None:
            raise ValueError("an episode without frames cannot be sealed")
        frames: dict[str, int] = {}
        for row in self._rows:
            frames[row.sensor] = frames.get(row.sensor, 0) + 1
        document = plain(report)
        if not isinstance(document, dict):
            raise TypeError(f"a report has named parts, and {type(report).__name__} has none")
        return EpisodeFile(
            record=self._episode,
            report=document,
            frames=frames,
            files=tuple(sorted(files, key=lambda f: f.path)),
            size_bytes=sum(f.bytes for f in files) + sum(f.bytes for row in self._rows for f in row.files),
            merkle_root=episode_root(self._rows, files),
        )

    def _publish(self) -> bool:
        target = self._layout.episode(self.job)
        if self._staging.publish(target):
            return True
        if sealed(self._layout.out, self.job):
            return False
        self._staging.take_over(target)  # damaged, by a machine that lost power for instance
        return self._staging.publish(target)

    def _collect(self) -> None:
        """Waits for the oldest pending frame."""
        self._rows.append(self._pending.popleft().result())

    def _store(self, bundle: FrameBundle) -> FrameRow:
        record = bundle.record
        if record.job != self.job:
            raise ValueError(f"a frame of job {record.job} came to the writer of job {self.job}")
        self._episode = record.episode
        note = image_note(record)
        with room_for_picture(record.sensor, record.camera.width_px, record.camera.height_px):
            files = [
                self._put(output.path, encode(plane, note))
                for plane, output in zip(bundle.planes, record.outputs, strict=True)
            ]
        return FrameRow.of(record, bundle.labels, bundle.content_labels, files)

    def _put(self, name: str, data: bytes) -> FileFacts:
        path = self._staging.path / name
        try:
            with self._folders_lock:
                if path.parent not in self._folders:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    self._folders.add(path.parent)
            path.write_bytes(data)
        except OSError as error:
            raise output_error(error, path) from error
        return FileFacts(path=name, sha256=sha256(data), bytes=len(data))


def image_note(record: FrameRecord) -> str:
    """What an image says of itself in its metadata."""
    return canonical({"frame": record.frame_id, "record": record.digest}).decode()
