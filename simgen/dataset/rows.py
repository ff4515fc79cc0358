"""frames.parquet: one row per frame and sensor, with the record, the labels and flat columns to query by."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter
from pydantic_core import from_json

from simgen.core.errors import DatasetFault
from simgen.dataset.canonical import Json, canonical, compact, plain, sha256
from simgen.dataset.layout import DAMAGED
from simgen.dataset.record import EpisodeRecord, FrameRecord
from simgen.labels import FrameLabels


@functools.cache
def _schema() -> Any:
    import pyarrow as pa  # not at the top: it takes time, and starts a thread

    return pa.schema(
        [
            ("job", pa.string()),
            ("scenario", pa.string()),
            ("sample_index", pa.int64()),
            ("sensor", pa.string()),
            ("frame_index", pa.int32()),
            ("tick", pa.int32()),
            ("time_ns", pa.int64()),
            ("delivered", pa.bool_()),
            ("objects", pa.int32()),
            ("objects_visible", pa.int32()),
            ("classes_visible", pa.list_(pa.string())),
            ("events_running", pa.list_(pa.string())),
            ("effects", pa.list_(pa.string())),
            ("sun_elevation_rad", pa.float64()),
            ("rain_mm_h", pa.float64()),
            ("fog_visibility_m", pa.float64()),
            ("road_wetness", pa.float64()),
            ("ego_speed_mps", pa.float64()),
            ("state_digest", pa.string()),
            ("record_digest", pa.string()),
            ("labels_digest", pa.string()),
            ("record", pa.string()),
            ("files", pa.string()),
            ("labels", pa.string()),
            ("content_labels", pa.string()),
        ]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file as it was written: path inside the episode, hex SHA-256 and length of its bytes."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameRow:
    """One frame as the table holds it.

    Attributes:
        record: canonical JSON (``FrameRecord.stored``); its digest is the record digest.
        files: the images, in the order of the record's outputs.
        labels, content_labels: JSON; ``content_labels`` is "" where they are the same.
        flat: what the other columns hold, which follows from record and labels.
    """

    sensor: str
    frame_index: int
    tick: int
    state_digest: str
    record: str
    record_digest: str
    files: tuple[FileFacts, ...]
    labels: str
    content_labels: str
    flat: dict[str, Json]

    @classmethod
    def of(
        cls,
        record: FrameRecord,
        labels: FrameLabels,
        content_labels: FrameLabels | None,
        files: Sequence[FileFacts],
    ) -> Self:
        visible = [o for o in labels.objects if o.visible_pixels > 0]
        environment = record.environment
        text, content_text = labels_text(labels), "" if content_labels is None else labels_text(content_labels)
        return cls(
            sensor=record.sensor,
            frame_index=record.frame_index,
            tick=record.tick,
            state_digest=record.state_digest,
            record=record.stored.decode(),
            record_digest=record.digest,
            files=tuple(files),
            labels=text,
            content_labels=content_text,
            flat={
                "job": record.job,
                "scenario": record.episode.scenario.name,
                "sample_index": record.episode.scenario.index,
                "time_ns": record.time_ns,
                "delivered": record.delivered,
                "objects": len(labels.objects),
                "objects_visible": len(visible),
                "classes_visible": plain({o.semantic for o in visible}),
                "events_running": plain([e.name for e in record.events if e.phase == "running"]),
                "effects": plain([e.name for e in record.effects]),
                "sun_elevation_rad": environment["sun_elevation_rad"],
                "rain_mm_h": environment["rain_mm_h"],
                "fog_visibility_m": environment["fog_visibility_m"],
                "road_wetness": environment["road_wetness"],
                "ego_speed_mps": None if record.ego is None else sum(v * v for v in record.ego.velocity_mps) ** 0.5,
                "labels_digest": _labels_digest(text, content_text),
            },
        )

    @property
    def place(self) -> tuple[int, str, int]:
        """What rows are sorted by: time, then sensor."""
        return self.tick, self.sensor, self.frame_index

    @property
    def labels_digest(self) -> str:
        return _labels_digest(self.labels, self.content_labels)

    def leaf(self) -> bytes:
        """The frame's leaf in the episode's tree: canonical JSON of everything that makes it up, by digest."""
        return canonical(
            {
                "frame": f"{self.sensor}/{self.frame_index:06d}",
                "record": self.record_digest,
                "labels": self.labels_digest,
                "files": [plain(f) for f in self.files],
            }
        )

    def restore(self, episode: EpisodeRecord) -> FrameRecord:
        """Raises DatasetFault when the record is of another episode."""
        return FrameRecord.restore(from_json(self.record), episode)


def _labels_digest(labels: str, content_labels: str) -> str:
    return sha256(f"{labels}\n{content_labels}".encode())


def labels_text(labels: FrameLabels) -> str:
    """As ``compact(labels.to_plain())``; objects are many, and written without a detour."""
    return compact({**replace(labels, objects=()).to_plain(), "objects": labels.objects})


def table_bytes(rows: Sequence[FrameRow]) -> bytes:
    """The table as Parquet; its bytes follow from the rows and pyarrow's version alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([_columns(row) for row in sorted(rows, key=lambda r: r.place)], schema=_schema())
    # Statistics and dictionaries of the long texts would repeat them in the footer.
    short = [name for name in _schema().names if name not in _LONG]
    content = pa.BufferOutputStream()
    pq.write_table(
        table,
        content,
        compression="zstd",
        compression_level=1,
        row_group_size=1024,
        use_dictionary=short,
        write_statistics=short,
    )
    return bytes(content.getvalue())


def _columns(row: FrameRow) -> dict[str, Json]:
    return {
        **row.flat,
        "sensor": row.sensor,
        "frame_index": row.frame_index,
        "tick": row.tick,
        "state_digest": row.state_digest,
        "record": row.record,
        "record_digest": row.record_digest,
        "files": compact([plain(f) for f in row.files]),
        "labels": row.labels,
        "content_labels": row.content_labels,
    }


_OWN = ("sensor", "frame_index", "tick", "state_digest", "record", "record_digest", "labels", "content_labels")
_FILES = TypeAdapter(tuple[FileFacts, ...])
_LONG = ("record", "files", "labels", "content_labels")


def read_rows(path: Path) -> list[FrameRow]:
    """All rows, by time and sensor. Raises DatasetFault for a table that is missing, damaged or not ours."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, schema=_schema())
        for name in (*_OWN, "files"):
            if table.column(name).null_count:
                raise ValueError(f"{name} is missing in a row")
        columns: list[dict[str, Any]] = table.to_pylist()
        return [
            FrameRow(
                files=_FILES.validate_json(c["files"], strict=True),
                flat={k: v for k, v in c.items() if k not in _OWN and k != "files"},
                **{k: c[k] for k in _OWN},
            )
            for c in columns
        ]
    except (OSError, pa.ArrowException, ValueError, TypeError, KeyError) as error:
        raise DatasetFault(f"not a readable table of frames ({error})", where=str(path), remedy=DAMAGED) from error
