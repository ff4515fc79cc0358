"""Every snapshot of an episode in one file, exact to the bit: an episode renders again from it without physics.

An array that stands still is stored once: for each field the first snapshot whole, then the rows that ever change
(``<field>.rows``) at every tick (``<field>.values``). The bytes of the file follow from the snapshots alone.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from simgen.core.errors import DatasetFault
from simgen.core.geometry import read_only
from simgen.dataset.canonical import compact, plain
from simgen.dataset.layout import DAMAGED
from simgen.scene.environment import Environment
from simgen.scene.scene import ActiveEffect, EventState, Snapshot

Array = NDArray[np.generic]

_ENTITIES = -1
"""Stands in a shape for as many as there are entities, and 0 for any number."""
_FORMS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "world_from_node": (np.float64, (0, 4, 4)),
    "world_from_entity": (np.float64, (_ENTITIES, 4, 4)),
    "velocity_mps": (np.float64, (_ENTITIES, 3)),
    "angular_velocity_radps": (np.float64, (_ENTITIES, 3)),
    "joints": (np.float64, (0,)),
    "present": (np.bool_, (_ENTITIES,)),
    "lamp_power": (np.float64, (0,)),
}
_ENVIRONMENT_FORMS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    f.name: {"float": (np.float64, ()), "bool": (np.bool_, ()), "Array": (np.float64, (3,))}[str(f.type)]
    for f in fields(Environment)
}
"""The arrays of a snapshot and of its environment."""
_TICK_FORMS = {"tick": np.int64, "step": np.int64, "time_s": np.float64, "story": np.int32}


class TrajectoryRecorder:
    """Collects snapshots, keeping of each only what differs from the first."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._ticks: list[int] = []
        self._steps: list[int] = []
        self._times_s: list[float] = []
        self._digests: list[str] = []
        self._stories: list[str] = []
        self._told: tuple[tuple[EventState, ...], tuple[ActiveEffect, ...]] | None = None
        self._story = ""
        self._environment: Environment | None = None

    def add(self, snapshot: Snapshot) -> None:
        """The next snapshot; one of the same tick as the last is not stored twice. Raises ValueError for an earlier
        one."""
        if self._ticks and snapshot.tick <= self._ticks[-1]:
            if snapshot.tick == self._ticks[-1]:
                return
            raise ValueError(f"snapshot of tick {snapshot.tick} after that of tick {self._ticks[-1]}")
        self._ticks.append(snapshot.tick)
        self._steps.append(snapshot.step)
        self._times_s.append(snapshot.time_s)
        self._digests.append(snapshot.state_digest)
        # Snapshots share what nothing has changed since the one before.
        if self._told is None or self._told[0] is not snapshot.events or self._told[1] != snapshot.effects:
            self._told = snapshot.events, snapshot.effects
            self._story = compact(plain({"events": snapshot.events, "effects": snapshot.effects}))
        self._stories.append(self._story)
        for name in _FORMS:
            self._column(name).add(getattr(snapshot, name))
        same = snapshot.environment is self._environment
        self._environment = snapshot.environment
        for name, (kind, _) in _ENVIRONMENT_FORMS.items():
            column = self._column(f"environment.{name}")
            if same:
                column.repeat()
                continue
            value = getattr(snapshot.environment, name)
            column.add(np.asarray(value, dtype=kind))

    def _column(self, name: str) -> _Column:
        return self._columns.setdefault(name, _Column())

    def to_bytes(self) -> bytes:
        """The file's content."""
        stories = sorted(set(self._stories))
        place = {story: i for i, story in enumerate(stories)}
        arrays: dict[str, Array] = {
            "tick": np.array(self._ticks, dtype=np.int64),
            "step": np.array(self._steps, dtype=np.int64),
            "time_s": np.array(self._times_s, dtype=np.float64),
            "state_digest": np.array([d.encode("ascii") for d in self._digests], dtype=np.bytes_),
            "story": np.array([place[s] for s in self._stories], dtype=np.int32),
            "stories": np.frombuffer(f"[{','.join(stories)}]".encode(), dtype=np.uint8),
        }
        for name, column in self._columns.items():
            arrays.update(column.arrays(name))
        return _npz(arrays)


class _Column:
    """One field over time."""

    def __init__(self) -> None:
        self._first: Array | None = None
        self._words: Array | None = None
        self._shape: tuple[int, ...] = ()
        self._changes: list[tuple[NDArray[np.intp], Array]] = []

    def add(self, value: Array) -> None:
        rows = np.atleast_1d(value)
        words = _words(rows)
        if self._first is None or self._words is None:
            self._first, self._words, self._shape = rows.copy(), words.copy(), value.shape
        if value.shape != self._shape or value.dtype != self._first.dtype:
            raise ValueError(f"{value.dtype} {value.shape} after {self._first.dtype} {self._shape}")
        # By bits, so that -0.0 is not 0.0.
        changed = np.flatnonzero((words != self._words).any(axis=1)) if len(rows) else np.zeros(0, np.intp)
        self._changes.append((changed, rows[changed]))

    def repeat(self) -> None:
        """The value of the snapshot before once more."""
        self._changes.append(self._changes[-1])

    def arrays(self, name: str) -> dict[str, Array]:
        assert self._first is not None
        rows = np.unique(np.concatenate([changed for changed, _ in self._changes]))
        values = np.repeat(self._first[rows][None], len(self._changes), axis=0)
        for value, (changed, changes) in zip(values, self._changes, strict=True):
            value[np.searchsorted(rows, changed)] = changes
        return {
            f"{name}.first": self._first.reshape(self._shape),
            f"{name}.rows": rows.astype(np.int32),
            f"{name}.values": values,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Story:
    """What of the story stands in one snapshot."""

    events: tuple[EventState, ...]
    effects: tuple[ActiveEffect, ...]


_STORIES = TypeAdapter(tuple[_Story, ...])


def _stories(text: bytes) -> tuple[_Story, ...]:
    """Raises ValueError for a text that is none."""
    # JSON has no tuples.
    return tuple(
        replace(story, effects=tuple(replace(e, values=_tuples(e.values)) for e in story.effects))
        for story in _STORIES.validate_json(text, strict=True)
    )


def _tuples(values: Mapping[str, object]) -> dict[str, object]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


def _require(arrays: Mapping[str, Array], stories: int) -> None:
    """Raises KeyError or ValueError for arrays that do not make up snapshots."""
    count = len(arrays["state_digest"])
    for name, kind in _TICK_FORMS.items():
        if arrays[name].shape != (count,) or arrays[name].dtype != kind:
            raise ValueError(f"{name} is {arrays[name].dtype} {arrays[name].shape}")
    tick, story = (arrays[name].astype(np.int64) for name in ("tick", "story"))
    if not (np.diff(tick) > 0).all() or not ((story >= 0) & (story < stories)).all():
        raise ValueError("ticks that do not ascend, or tell a story that is not there")
    entities = len(arrays["present.first"])
    forms = {**_FORMS, **{f"environment.{name}": form for name, form in _ENVIRONMENT_FORMS.items()}}
    for name, (dtype, form) in forms.items():
        first, rows, values = (arrays[f"{name}.{part}"] for part in ("first", "rows", "values"))
        shape = tuple(entities if n == _ENTITIES else n or m for n, m in zip(form, first.shape, strict=True))
        if first.shape != shape or rows.shape != (rows.size,) or values.shape != (count, rows.size, *shape[1:]):
            raise ValueError(f"{name} is {first.shape}, and changes at {rows.shape} by {values.shape}")
        if not first.dtype == values.dtype == dtype or rows.dtype != np.int32:
            raise ValueError(f"{name} is {first.dtype}, and changes at {rows.dtype} by {values.dtype}")
        at = rows.astype(np.int64)
        if not ((at >= 0) & (at < len(np.atleast_1d(first)))).all():
            raise ValueError(f"{name} changes where it has no row")
        if not (np.isfinite(first).all() and np.isfinite(values).all()):
            raise ValueError(f"{name} is not finite")


def _words(rows: Array) -> NDArray[np.uint8 | np.uint64]:
    """(n, words per row) of 8 bytes, or of 1 where a row is no multiple of that."""
    if not rows.size:
        return np.zeros((len(rows), 0), np.uint8)
    contiguous = np.ascontiguousarray(rows)
    word = np.uint64 if contiguous.nbytes // len(rows) % 8 == 0 else np.uint8
    return contiguous.reshape(len(rows), -1).view(word)


def _npz(arrays: Mapping[str, Array]) -> bytes:
    """As numpy.savez_compressed, with nothing of the clock or the file system in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array), allow_pickle=False)
            archive.writestr(entry, content.getvalue(), compresslevel=1)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trajectory:
    """The snapshots of an episode.

    Attributes:
        ticks: (T,) control ticks, ascending.
        state_digests: by tick.
    """

    ticks: NDArray[np.int64]
    state_digests: Mapping[int, str]
    _arrays: Mapping[str, Array]
    _stories: tuple[_Story, ...]

    @classmethod
    def read(cls, path: Path) -> Trajectory:
        """Raises DatasetFault for a file that is missing or damaged."""
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            stories = _stories(arrays["stories"].tobytes())
            _require(arrays, len(stories))
            ticks = arrays["tick"]
            digests = [bytes(d).decode("ascii") for d in arrays["state_digest"]]
            return cls(
                ticks=ticks,
                state_digests=dict(zip(ticks.tolist(), digests, strict=True)),
                _arrays=arrays,
                _stories=stories,
            )
        except OSError as error:
            raise DatasetFault(
                f"not a readable trajectory ({error.strerror})", where=str(path), remedy=DAMAGED
            ) from error
        except (KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            told = "not a readable trajectory: damaged, or of another kind"
            raise DatasetFault(told, where=str(path), remedy=DAMAGED) from error

    def __len__(self) -> int:
        return len(self.ticks)

    def snapshot(self, tick: int) -> Snapshot:
        """The snapshot of a control tick, equal to the bit to the one that was recorded. Raises KeyError."""
        i = int(np.searchsorted(self.ticks, tick))
        if i >= len(self.ticks) or self.ticks[i] != tick:
            raise KeyError(tick)
        story = self._stories[int(self._arrays["story"][i])]
        return Snapshot(
            tick=tick,
            step=int(self._arrays["step"][i]),
            time_s=float(self._arrays["time_s"][i]),
            environment=self._environment(i),
            events=story.events,
            effects=story.effects,
            state_digest=self.state_digests[tick],
            **{name: self._value(name, i) for name in _FORMS},  # type: ignore[arg-type]
        )

    def _value(self, name: str, i: int) -> Array:
        first = self._arrays[f"{name}.first"]
        value = np.atleast_1d(first).copy()
        value[self._arrays[f"{name}.rows"]] = self._arrays[f"{name}.values"][i]
        return value.reshape(first.shape)

    def _environment(self, i: int) -> Environment:
        values: dict[str, Any] = {}
        for name in _ENVIRONMENT_FORMS:
            value = self._value(f"environment.{name}", i)
            values[name] = read_only(value) if value.ndim else value.item()
        return Environment(**values)
