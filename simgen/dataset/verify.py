"""Whether a dataset is what it says: every byte, every digest, every label, and nothing missing or too much."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from itertools import chain
from pathlib import Path

import numpy as np
from pydantic import ValidationError
from pydantic_core import from_json

from simgen.core.camera import Camera
from simgen.core.errors import DatasetFault, SimgenError
from simgen.core.keeping import ByteCache
from simgen.dataset.canonical import pixels_digest, plain, sha256
from simgen.dataset.codecs import Pixels, decode, extension, known_form, read_note, scale_of
from simgen.dataset.episode_file import EpisodeFile, episode_root
from simgen.dataset.job import job_id
from simgen.dataset.layout import EPISODE, FRAMES, SCENARIO, TRAJECTORY, Layout, image_path
from simgen.dataset.manifest import PLANNED_ANEW, WRITTEN_ANEW, DatasetFile, describe, read_plan
from simgen.dataset.reader import Episode, Frame, read_scenario
from simgen.dataset.record import FrameRecord, OutputFacts
from simgen.dataset.rows import FrameRow, read_rows
from simgen.dataset.trajectory import Trajectory
from simgen.dataset.writer import image_note
from simgen.labels import Facts, Intrinsics, Planes, proof_faults
from simgen.labels.flow import Shot
from simgen.labels.proofs import flow_faults, normal_faults, part_faults
from simgen.scene.scene import EventState, Snapshot


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Fault:
    """One thing that is wrong, and what to do about it. ``path`` is relative to the dataset."""

    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}; {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What was checked and what is wrong.

    ``merkle_root`` follows from the episodes as they are; it is "" where a damaged one leaves none.
    """

    faults: tuple[Fault, ...]
    episodes: int
    frames: int
    files: int
    merkle_root: str

    @property
    def ok(self) -> bool:
        return not self.faults


_REMOVE = "remove it, or keep it elsewhere"
_SHOTS_BYTES = 128 * 2**20
"""Of the depths and parts that the flows of frames before and after are held against too."""
_RENDERED_ANEW = "run the same renders again, which write it anew"


def verify(out: str | Path, *, threads: int | None = None) -> VerifyReport:
    """Reads everything in a dataset and names whatever does not fit.

    Raises:
        DatasetFault: for a path that is no dataset.
    """
    layout = Layout(Path(out))
    layout.require()
    faults: list[Fault] = list(_strangers(layout))
    frames = files = 0
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for job in layout.jobs():
            check = _EpisodeCheck(layout, job)
            faults += check.run(pool)
            frames, files = frames + check.frames, files + check.files
    root = ""
    try:
        manifest = describe(layout.out)
        root = manifest.merkle_root
        faults += _manifest_faults(layout, manifest)
    except DatasetFault:
        pass  # a damaged episode.json, which has been named above
    faults += _plan_faults(layout)
    return VerifyReport(
        faults=tuple(sorted(set(faults))), episodes=len(layout.jobs()), frames=frames, files=files, merkle_root=root
    )


def _strangers(layout: Layout) -> Iterator[Fault]:
    """Whatever lies in the dataset and outside of its sealed episodes, and does not belong there."""
    files, folders = (layout.manifest, layout.plan), (layout.episodes, layout.failures, layout.runs)
    for path in sorted(layout.out.iterdir()):
        if path == layout.staging:
            yield Fault(
                path=".staging",
                message="left by a run that was interrupted or is going on",
                remedy="wait for its end, or run the same render again, which removes it",
            )
        elif path not in (folders if path.is_dir() else files):
            yield Fault(path=path.name, message="extra: it is not part of the dataset", remedy=_REMOVE)
    if layout.episodes.is_dir():
        jobs = set(layout.jobs())
        for path in sorted(layout.episodes.iterdir()):
            if path.name in jobs:
                continue
            if path.is_dir():
                message, remedy = f"{EPISODE} is missing", _again(layout, path.name)
            else:
                message, remedy = "extra: it is not part of the dataset", _REMOVE
            yield Fault(path=_relative(layout, path), message=message, remedy=remedy)


def _manifest_faults(layout: Layout, expected: DatasetFile) -> Iterator[Fault]:
    try:
        stated = DatasetFile.read(layout.out)
        data = layout.manifest.read_bytes()
    except DatasetFault as fault:
        yield Fault(path=layout.manifest.name, message=fault.message, remedy=WRITTEN_ANEW)
        return
    plan_differs = stated.plan_sha256 != expected.plan_sha256
    if plan_differs:
        if not layout.plan.is_file():
            message, remedy = "is missing: dataset.json states its digest", _RENDERED_ANEW
        elif stated.plan_sha256 is None:
            message, remedy = "extra: dataset.json knows of no plan", _REMOVE
        else:
            message, remedy = "was changed: dataset.json states another digest", PLANNED_ANEW
        yield Fault(path=layout.plan.name, message=message, remedy=remedy)
    if stated.merkle_root != expected.merkle_root:
        yield Fault(
            path=layout.manifest.name,
            message=f"merkle_root is {stated.merkle_root}, and that of the {expected.episodes} episodes is "
            f"{expected.merkle_root}",
            remedy=WRITTEN_ANEW,
        )
    elif not plan_differs and data != expected.to_bytes():
        was, now = stated.model_dump(mode="json"), expected.model_dump(mode="json")
        changed = ", ".join(name for name in now if was.get(name) != now[name]) or "its layout"
        message = f"was changed: {changed} is not what follows from plan and episodes"
        yield Fault(path=layout.manifest.name, message=message, remedy=WRITTEN_ANEW)


def _plan_faults(layout: Layout) -> Iterator[Fault]:
    if not layout.plan.is_file():
        return
    planned: set[str] = set()
    jobs = set(layout.jobs())
    try:
        for job in read_plan(layout.out):
            planned.add(job.job)
            if job.job not in jobs:
                failed = (layout.failures / f"{job.job}.json").is_file()
                state = " and failed" if failed else ""
                reason = f"failures/{job.job}.json has the reason, and the command that repeats it"
                yield Fault(
                    path=f"episodes/{job.job}",
                    message=f"missing: sample {job.index} of {job.scenario} was planned{state}",
                    remedy=reason if failed else "run the same render again, which makes it",
                )
    except DatasetFault as fault:
        yield Fault(path=layout.plan.name, message=fault.message, remedy=PLANNED_ANEW)
        return
    for job_name in sorted(jobs - planned):
        yield Fault(
            path=f"episodes/{job_name}",
            message="extra: it is not in the plan",
            remedy="remove it, or run the render that made it again, which adds it to the plan",
        )


class _EpisodeCheck:
    """The check of one episode; ``frames`` and ``files`` count what was read."""

    def __init__(self, layout: Layout, job: str) -> None:
        self._layout = layout
        self._job = job
        self._folder = layout.episode(job)
        self._again = _again(layout, job)
        self._trajectory: Trajectory | None = None
        self._rows: dict[tuple[str, int], FrameRow] = {}
        self._shots: ByteCache[tuple[str, int], Shot] = ByteCache(_SHOTS_BYTES)
        self.frames = 0
        self.files = 0

    def run(self, pool: ThreadPoolExecutor) -> list[Fault]:
        try:
            summary = EpisodeFile.read(self._folder)
        except DatasetFault as fault:
            return [self._fault(EPISODE, fault.message)]
        faults = list(self._other_files(summary))
        # What a changed file says is not checked any further: it would blame others.
        unsound = {fault.path.rpartition("/")[2] for fault in faults}
        if SCENARIO not in unsound:
            faults += self._scenario(summary)
        if FRAMES in unsound:
            return faults
        try:
            rows = read_rows(self._folder / FRAMES)
        except DatasetFault as fault:
            return [*faults, self._fault(FRAMES, fault.message)]
        self._episode = Episode(job=self._job, path=self._folder, summary=summary)
        self._rows = {(row.sensor, row.frame_index): row for row in rows}
        self.frames = len(rows)
        faults += self._extra_files(summary, rows)
        faults += self._table(summary, rows)
        if TRAJECTORY not in unsound:
            faults += self._states(rows)
        faults += chain.from_iterable(pool.map(self._frame, rows))
        return faults

    def _fault(self, name: str, message: str, remedy: str = "") -> Fault:
        return Fault(path=f"episodes/{self._job}/{name}", message=message, remedy=remedy or self._again)

    def _other_files(self, summary: EpisodeFile) -> Iterator[Fault]:
        if {f.path for f in summary.files} != {FRAMES, SCENARIO, TRAJECTORY}:
            yield self._fault(EPISODE, "does not list the files that an episode has")
        for file in summary.files:
            if file.path not in (FRAMES, SCENARIO, TRAJECTORY):
                continue
            self.files += 1
            data = _bytes(self._folder / file.path)
            if data is None:
                yield self._fault(file.path, "missing")
            elif sha256(data) != file.sha256:
                unread = "; the frames were not checked" if file.path == FRAMES else ""
                yield self._fault(file.path, f"was changed: its bytes have another digest{unread}")

    def _extra_files(self, summary: EpisodeFile, rows: Sequence[FrameRow]) -> Iterator[Fault]:
        expected = {EPISODE, *(f.path for f in summary.files), *(f.path for row in rows for f in row.files)}
        folders = {str(parent) for path in expected for parent in Path(path).parents}
        for path in sorted(self._folder.rglob("*")):
            name = path.relative_to(self._folder).as_posix()
            if name not in (folders if path.is_dir() else expected):
                yield self._fault(name, "extra: no frame refers to it", _REMOVE)

    def _table(self, summary: EpisodeFile, rows: Sequence[FrameRow]) -> Iterator[Fault]:
        if episode_root(rows, summary.files) != summary.merkle_root:
            yield self._fault(EPISODE, "merkle_root is not that of the frames and files")
        counts: dict[str, int] = {}
        for row in rows:
            if row.frame_index != counts.setdefault(row.sensor, 0):
                yield self._fault(FRAMES, f"frame {row.sensor}/{counts[row.sensor]:06d} is missing or out of order")
            counts[row.sensor] = row.frame_index + 1
        if counts != summary.frames:
            yield self._fault(FRAMES, f"has {counts} frames, and {EPISODE} states {summary.frames}")

    def _scenario(self, summary: EpisodeFile) -> Iterator[Fault]:
        try:
            concrete = read_scenario(self._folder / SCENARIO)
        except DatasetFault as fault:
            yield self._fault(SCENARIO, fault.message)
            return
        record = summary.record
        if concrete.digest() != record.scenario.digest:
            yield self._fault(SCENARIO, "is not the scenario that the records name")
        name = job_id(concrete, record.renderer.name, version=record.platform.simgen)
        if not self._job == record.job == name:
            yield self._fault(EPISODE, f"its job id is {record.job}, and {name} follows from what it holds")

    def _states(self, rows: Sequence[FrameRow]) -> Iterator[Fault]:
        """The chain of state digests, frame by frame, and against the trajectory."""
        try:
            self._trajectory = Trajectory.read(self._folder / TRAJECTORY)
        except DatasetFault as fault:
            yield self._fault(TRAJECTORY, fault.message)
            return
        digests = self._trajectory.state_digests
        last: dict[str, str] = {}
        for row in rows:
            try:
                previous = from_json(row.record).get("previous_state_digest")
            except (ValueError, AttributeError):
                continue  # not a record, which is told of the frame
            if previous != last.get(row.sensor, ""):
                yield self._fault(FRAMES, f"the chain of states breaks before {row.sensor}/{row.frame_index:06d}")
            last[row.sensor] = row.state_digest
            if digests.get(row.tick) != row.state_digest:
                yield self._fault(TRAJECTORY, f"has another state at tick {row.tick} than the frames")

    def _frame(self, row: FrameRow) -> list[Fault]:
        # Made here and dropped with its images, so that memory does not grow with the episode.
        decoded: dict[str, Pixels] = {}
        frame = Frame(episode=self._episode, row=row, decoded=decoded)
        name = f"{row.sensor}/{row.frame_index:06d}"
        try:
            record, camera = _restored(frame)
        except DatasetFault as fault:
            return [self._fault(FRAMES, f"{name}: {fault.message}")]
        faults = []
        if [o.path for o in record.outputs] != [f.path for f in row.files]:
            faults.append(self._fault(FRAMES, f"{name}: the files are not those of the record"))
        sound = True
        for output in record.outputs:
            try:
                decoded[output.name] = _image(frame, output)
            except DatasetFault as fault:
                sound = False
                faults.append(self._fault(output.path, fault.message))
        self.files += len(record.outputs)
        if sound:
            with np.errstate(all="ignore"):  # numbers of a forged table may be any
                faults += self._labels(frame, camera)
        return faults

    def _labels(self, frame: Frame, camera: Camera) -> list[Fault]:
        """Labels against images and record, which are by now known to be those that were written."""
        name = f"{frame.sensor}/{frame.frame_index:06d}"
        snapshot = self._snapshot(frame.row.tick)
        found = proof_faults(frame.labels, _planes(frame), _facts(frame, camera, snapshot))
        found += self._content_faults(frame)
        if snapshot is not None:
            found += _instant_faults(frame.record, snapshot)
        found += _surface_faults(frame, camera, snapshot)
        remedy = f"{self._again}; if they come out wrong again, that is a fault of simgen's"
        faults = [self._fault(FRAMES, f"{name}: labels: {text}", remedy) for text in found]
        for flow_name, step in (("flow_forward", 1), ("flow_backward", -1)):
            output = frame.output(flow_name)
            if output is not None:
                faults += [self._fault(output.path, text, remedy) for text in self._flow_faults(frame, flow_name, step)]
        return faults

    def _snapshot(self, tick: int) -> Snapshot | None:
        """None where the trajectory has none of this tick, which is told of it."""
        if self._trajectory is None or tick not in self._trajectory.state_digests:
            return None
        return self._trajectory.snapshot(tick)

    def _content_faults(self, frame: Frame) -> list[str]:
        """A picture that shows an earlier instant carries that instant's labels."""
        tick = frame.record.content_tick
        if tick == frame.row.tick:
            return [] if frame.row.content_labels == "" else ["has labels of another instant, and shows its own"]
        shown = next((r for r in self._rows.values() if (r.sensor, r.tick) == (frame.sensor, tick)), None)
        if shown is not None and (frame.row.content_labels or frame.row.labels) != shown.labels:
            return [f"the labels of what it shows are not those of frame {shown.frame_index:06d}"]
        return []

    def _flow_faults(self, frame: Frame, name: str, step: int) -> list[str]:
        output = frame.output(name)
        other = self._rows.get((frame.sensor, frame.frame_index + step))
        assert output is not None
        if self._snapshot(frame.row.tick) is None:
            return []
        if other is None:
            return ["is there, and there is no frame that it leads to"]
        try:
            here, there = self._shot(frame), self._shot(Frame(episode=self._episode, row=other))
        except (SimgenError, ValueError):
            return []  # the other frame is damaged, which is told of that frame
        if here is None or there is None:
            return ["has no parts to prove it by"]
        depth = frame.output("depth")
        return flow_faults(
            getattr(frame, name),
            here,
            there,
            depth_step_m=0.0 if depth is None or depth.scale is None else depth.scale,
            flow_step_px=output.scale or 0.0,
        )

    def _shot(self, frame: Frame) -> Shot | None:
        """None of a frame without parts or depth. Raises SimgenError or ValueError for a damaged one."""
        if frame.output("part") is None or frame.output("depth") is None:
            return None
        return self._shots.get((frame.sensor, frame.frame_index), lambda: self._shot_of(frame))

    def _shot_of(self, frame: Frame) -> Shot:
        snapshot = self._snapshot(frame.row.tick)
        outputs = [o for o in frame.record.outputs if o.name in ("depth", "part")]
        decoded = {o.name: frame.decoded[o.name] if o.name in frame.decoded else _image(frame, o) for o in outputs}
        frame = Frame(episode=self._episode, row=frame.row, decoded=decoded)
        if snapshot is None or frame.part is None or int(frame.part.max()) > len(snapshot.world_from_node):
            raise DatasetFault("shows parts that there are not")
        return Shot(
            camera=frame.record.camera.restored(),
            depth_m=frame.depth_m,
            node=frame.part.astype(np.int32) - 1,
            world_from_node=snapshot.world_from_node,
            present=np.ones(len(snapshot.world_from_node), dtype=np.bool_),
        )


def _restored(frame: Frame) -> tuple[FrameRecord, Camera]:
    """The frame's record and its camera. Raises DatasetFault where its row is not what was written of them."""
    row = frame.row
    if sha256(row.record.encode()) != row.record_digest:
        raise DatasetFault("the record has another digest")
    try:
        record = frame.record
        camera, *_ = [facts.restored() for facts in (record.camera, record.content_camera, record.nominal_camera)]
    except (SimgenError, ValueError) as error:
        raise DatasetFault(f"not a record of this episode ({_first(error)})") from error
    try:
        again = FrameRow.of(record, frame.labels, frame.content_labels if row.content_labels else None, row.files)
    except (SimgenError, KeyError, TypeError, ValueError) as error:
        raise DatasetFault(f"the labels cannot be read ({_first(error)})") from error
    # Whatever reads as something else than it says does not come out the same.
    changed = [f.name for f in fields(row) if getattr(row, f.name) != getattr(again, f.name)]
    if changed == ["flat"]:
        changed = [name for name, value in row.flat.items() if value != again.flat[name]]
    if changed:
        raise DatasetFault(f"{', '.join(changed)}: not what record and labels say")
    return record, camera


def _image(frame: Frame, output: OutputFacts) -> Pixels:
    """The pixels of an image. Raises DatasetFault where they are not those that were written."""
    told = _form_fault(frame.record, output)
    if told is not None:
        raise DatasetFault(told)
    data = frame.data(output.name)
    if read_note(data) != image_note(frame.record):
        raise DatasetFault("names another frame or record in its metadata")
    pixels = decode(data, output.dtype, output.path)
    if (pixels.dtype.name, pixels.shape) != (output.dtype, output.shape):
        raise DatasetFault(f"is {pixels.dtype} {pixels.shape}, and {output.dtype} {output.shape} is recorded")
    if output.codec != "jpeg" and pixels_digest(pixels) != output.pixels_sha256:
        raise DatasetFault("its pixels have another digest")
    return pixels


def _form_fault(record: FrameRecord, output: OutputFacts) -> str | None:
    """What of an image's description no frame has."""
    camera = record.camera
    if output.path != image_path(record.sensor, output.name, record.frame_index, extension(output.codec)):
        return "is not where such an image lies"
    if not known_form(output.name, output.codec, output.dtype, len(output.shape)):
        return f"no frame has an image '{output.name}' of {output.dtype} {output.shape} as {output.codec}"
    if output.shape[:2] != (camera.height_px, camera.width_px) or output.shape[2:] not in ((), (3,)):
        return f"is {output.shape}, and the camera has {camera.width_px} x {camera.height_px} pixels"
    if output.scale != scale_of(output.name, output.dtype, camera.far_m):
        return f"its scale cannot be {output.scale}"
    return None


def _facts(frame: Frame, camera: Camera, snapshot: Snapshot | None) -> Facts:
    record = frame.record
    return Facts(
        camera=camera,
        world_from_ego=None if record.ego is None else record.ego.matrix(),
        extinction_per_m=record.extinction_per_m,
        blind=record.blind,
        events=[EventState(**event.model_dump()) for event in record.events],
        world_from_entity=None if snapshot is None else snapshot.world_from_entity,
        velocity_mps=None if snapshot is None else snapshot.velocity_mps,
        angular_velocity_radps=None if snapshot is None else snapshot.angular_velocity_radps,
    )


def _instant_faults(record: FrameRecord, snapshot: Snapshot) -> list[str]:
    """What the record and the trajectory both tell of an instant."""
    told = {
        "step": (record.step, snapshot.step),
        "time": (record.time_ns, round(snapshot.time_s * 1e9)),
        "events": ([event.model_dump() for event in record.events], [asdict(event) for event in snapshot.events]),
        "environment": (record.environment, plain(snapshot.environment)),
    }
    return [f"{name} is not that of the trajectory" for name, (one, other) in told.items() if one != other]


def _surface_faults(frame: Frame, camera: Camera, snapshot: Snapshot | None) -> list[str]:
    planes = _planes(frame)
    faults: list[str] = []
    if frame.normal is not None and planes.depth_m is not None:
        faults += normal_faults(Intrinsics.of(camera), frame.normal, planes.depth_m, planes.depth_step_m)
    if frame.part is not None and snapshot is not None:
        parts = len(snapshot.world_from_node)
        faults += part_faults(frame.part, parts, planes.depth_m, planes.instance, planes.semantic)
    return faults


def _first(error: Exception) -> str:
    """What is wrong in one line; a validation tells of every value."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


def _planes(frame: Frame) -> Planes:
    stored = {output.name: output for output in frame.record.outputs}
    depth = stored.get("depth")
    return Planes(
        instance=frame.instance if "instance" in stored else None,
        semantic=frame.semantic if "semantic" in stored else None,
        depth_m=None if depth is None else frame.depth_m,
        depth_step_m=0.0 if depth is None or depth.scale is None else depth.scale,
        lens_blocked=frame.lens_blocked,
    )


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _again(layout: Layout, job: str) -> str:
    """What mends an episode. It has to go first: a run keeps one whose files have the sizes that they should have."""
    command = " (runs/ has its command)" if layout.runs.is_dir() else ""
    return f"remove episodes/{job} and run the same render again{command}, or copy the episode anew"


def _relative(layout: Layout, path: Path) -> str:
    return path.relative_to(layout.out).as_posix()
