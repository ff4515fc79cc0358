"""dataset.json and plan.jsonl: what was to be made, and the root over all that was.

Both follow from the sealed episodes and the plans alone, so that anyone can rebuild them, and shards that write to
one directory come to the same bytes whatever the order in which they end.
"""

from __future__ import annotations

import heapq
import itertools
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError

from simgen.core.errors import DatasetFault
from simgen.dataset import merkle
from simgen.dataset.canonical import Json, canonical, plain, sha256
from simgen.dataset.episode_file import EpisodeFile
from simgen.dataset.layout import EPISODE, Layout, output_error
from simgen.dataset.staging import StagingDirectory, exclusive, remove_stale
from simgen.scene.classes import CLASS_MAP_VERSION, CLASSES

_LINES_IN_MEMORY = 50_000
PLANNED_ANEW = "remove it, and run the same renders again, which write it anew"
WRITTEN_ANEW = "run the same render again, which writes it anew from the plan and the episodes"
"""What to do about a damaged plan.jsonl, and about a dataset.json that is missing or not what it should be."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedJob(_Frozen):
    """One line of plan.jsonl.

    Attributes:
        job: its id; the episode will lie in ``episodes/<job>``.
        scenario_digest: of the concrete scenario.
        index: the sample's.
        overrides: as the user gave them ("environment.rain=5 mm/h").
    """

    job: str
    scenario: str
    scenario_digest: str
    seed: int
    index: int
    overrides: tuple[str, ...] = ()
    renderer: str

    def line(self) -> bytes:
        return canonical(plain(self)) + b"\n"

    @property
    def rank(self) -> tuple[int, str, str]:
        """Its place in the plan."""
        return self.index, self.scenario, self.job


class DatasetFile(_Frozen):
    """dataset.json.

    Attributes:
        plan_sha256: of the bytes of plan.jsonl; None without a plan.
        planned: jobs in the plan.
        simgen, renderers: versions and names that made the episodes.
        classes: the class map, with its names in other taxonomies.
        merkle_root: over ``episode_leaf`` of every sealed episode, by job id.
    """

    simgen_dataset: Literal[1] = 1
    plan_sha256: str | None
    planned: int
    episodes: int
    frames: int
    size_bytes: int
    simgen: tuple[str, ...]
    renderers: tuple[str, ...]
    class_map_version: int
    classes: tuple[dict[str, Any], ...]
    merkle_root: str

    @classmethod
    def read(cls, out: Path) -> DatasetFile:
        """Raises DatasetFault for a file that is missing or damaged."""
        path = Layout(out).manifest
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise DatasetFault("is missing", where=str(path), remedy=WRITTEN_ANEW) from error
        except (OSError, ValidationError) as error:
            message = "not a readable description of a dataset"
            raise DatasetFault(message, where=str(path), remedy=WRITTEN_ANEW) from error

    def to_bytes(self) -> bytes:
        return (json.dumps(plain(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def episode_leaf(out: Path, job: str) -> bytes:
    """An episode's leaf in the dataset's tree. Raises DatasetFault for a damaged episode.json."""
    folder = Layout(out).episode(job)
    episode = EpisodeFile.read(folder)
    return _leaf(job, episode.merkle_root, (folder / EPISODE).read_bytes())


def _leaf(job: str, root: str, content: bytes) -> bytes:
    return canonical({"job": job, "root": root, "episode": sha256(content)})


def describe(out: Path) -> DatasetFile:
    """dataset.json as it follows from what lies in ``out``. Raises DatasetFault for a damaged episode.json."""
    layout = Layout(out)
    leaves, frames, size = [], 0, 0
    versions: set[str] = set()
    renderers: set[str] = set()
    for job in layout.jobs():
        folder = layout.episode(job)
        episode = EpisodeFile.read(folder)
        leaves.append(_leaf(job, episode.merkle_root, (folder / EPISODE).read_bytes()))
        frames += sum(episode.frames.values())
        size += episode.size_bytes
        versions.add(episode.record.platform.simgen)
        renderers.add(episode.record.renderer.name)
    plan = layout.plan.read_bytes() if layout.plan.is_file() else None
    return DatasetFile(
        plan_sha256=None if plan is None else sha256(plan),
        planned=0 if plan is None else plan.count(b"\n"),
        episodes=len(leaves),
        frames=frames,
        size_bytes=size,
        simgen=tuple(sorted(versions)),
        renderers=tuple(sorted(renderers)),
        class_map_version=CLASS_MAP_VERSION,
        classes=tuple(_plain_class(c) for c in CLASSES),
        merkle_root=merkle.root(leaves).hex(),
    )


def _plain_class(semantic_class: object) -> dict[str, Json]:
    document = plain(semantic_class)
    assert isinstance(document, dict)
    return document


def write_manifest(out: Path) -> DatasetFile:
    """Writes dataset.json anew and removes what dead processes left in staging.

    Raises:
        OutputError: when it cannot be written.
        DatasetFault: for a damaged episode.json.
    """
    layout = Layout(out)
    layout.claim()
    remove_stale(layout)
    with exclusive(out):
        manifest = describe(out)
        _replace(layout, layout.manifest, [manifest.to_bytes()])
    return manifest


def add_to_plan(out: Path, jobs: Iterable[PlannedJob]) -> None:
    """Adds jobs to plan.jsonl, which stays sorted by sample index, scenario and job id, each job once.

    Jobs may come in any order and any number: memory stays bounded.

    Raises:
        OutputError: when ``out`` holds something else or cannot be written.
        DatasetFault: for a damaged line of the plan that is there.
    """
    layout = Layout(out)
    layout.claim()
    remove_stale(layout)
    with ExitStack() as stack:
        runs = _sorted_runs(((job.rank, job.line()) for job in jobs), layout, stack)
        with exclusive(out):
            if layout.plan.is_file():
                there = stack.enter_context(layout.plan.open("rb"))
                # Sorted too: plans that were joined by hand may stand in any order
                runs += _sorted_runs(((job.rank, line) for job, line in _sound(there, layout.plan)), layout, stack)
            _replace(layout, layout.plan, (line for (_, line), _ in itertools.groupby(heapq.merge(*runs))))


def _sorted_runs(rows: Iterator[_Row], layout: Layout, stack: ExitStack) -> list[Iterator[_Row]]:
    """Rows in runs that are each sorted: the only one in memory, several in files that live as long as ``stack``."""
    runs: list[Iterator[_Row]] = []
    while chunk := sorted(itertools.islice(rows, _LINES_IN_MEMORY)):
        if len(chunk) < _LINES_IN_MEMORY and not runs:
            return [iter(chunk)]
        spilled = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # the caller closes it
        spilled.writelines(line for _, line in chunk)
        spilled.seek(0)
        runs.append((job.rank, line) for job, line in _sound(spilled, layout.plan))
    return runs


_Row: TypeAlias = tuple[tuple[int, str, str], bytes]


def read_plan(out: Path) -> Iterator[PlannedJob]:
    """The jobs of plan.jsonl, one at a time; none where there is no plan. Raises DatasetFault for a damaged line."""
    path = Layout(out).plan
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for job, _ in _sound(lines, path):
            yield job


def _sound(lines: Iterable[bytes], path: Path) -> Iterator[tuple[PlannedJob, bytes]]:
    """The jobs of a plan and their lines. Raises DatasetFault for a damaged one, or one that was cut off."""
    for number, line in enumerate(lines, start=1):
        try:
            if not line.endswith(b"\n"):
                raise ValueError("cut off")
            yield PlannedJob.model_validate_json(line), line
        except ValueError as error:
            raise DatasetFault("not a readable job", where=f"{path}:{number}", remedy=PLANNED_ANEW) from error


def _replace(layout: Layout, target: Path, content: Iterable[bytes]) -> None:
    """Writes a file by one rename."""
    staging = StagingDirectory(layout, "manifest")
    try:
        path = staging.path / target.name
        with path.open("wb") as file:
            file.writelines(content)
        path.replace(target)
    except OSError as error:
        raise output_error(error, target) from error
    finally:
        staging.discard()
