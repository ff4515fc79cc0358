"""WebDataset: tar files in which what has a name in common up to its first dot is one sample."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from simgen.core.declare import integer
from simgen.core.vocabulary import formats
from simgen.dataset.canonical import canonical, plain
from simgen.dataset.format import Exported, Format, json_text, published
from simgen.dataset.pictures import carrier, objects, picture_name, shown
from simgen.dataset.reader import Dataset, Frame

_DELIVERED = ("depth_measured", "depth_cause", "lens_blocked")
"""What came with the picture, however late; all other images are the truth behind it."""


@formats.register("webdataset")
class WebDataset(Format):
    """WebDataset shards ``simgen-000000.tar`` …, a sample per picture, and ``episodes.jsonl``.

    A sample has the picture as ``jpg`` or ``png``, as it is, each other stored image under its name (``depth.png``,
    ``instance.png``, ``semantic.png`` …), ``labels.json`` and ``record.json``. Where the picture shows an earlier
    instant (a frozen or late frame), labels and the true images are those of what it shows.

    Labels are as the dataset has them, what carries the camera included, for it is in the masks too; ``carrier`` is its
    name ("world" for a camera that stands by itself). A record names what its episode's frames have in common by
    ``episode``, the SHA-256 of one line of ``episodes.jsonl``. Samples follow in time order: shuffle them.
    """

    samples: int = integer(low=1, high=1_000_000, default=1000, help="samples per shard; the last one has what is left")

    def _export(self, dataset: Dataset, out: Path) -> Exported:
        images = annotations = 0
        with published(out) as folder:
            numbered = enumerate(self.pictures(dataset))
            for shard, samples in groupby(numbered, key=lambda pair: pair[0] // self.samples):
                with tarfile.open(folder / f"simgen-{shard:06d}.tar", "w", format=tarfile.PAX_FORMAT) as archive:
                    for _, frame in samples:
                        key = Path(picture_name(frame)).stem
                        for name, data in _members(frame):
                            # Nobody's, of no time: the bytes of a shard follow from its samples alone.
                            member = tarfile.TarInfo(f"{key}.{name}")
                            member.size = len(data)
                            archive.addfile(member, io.BytesIO(data))
                        images, annotations = images + 1, annotations + len(objects(frame))
            with (folder / "episodes.jsonl").open("wb") as lines:
                lines.writelines(canonical(plain(episode.summary.record)) + b"\n" for episode in dataset.episodes)
            size = sum(path.stat().st_size for path in folder.iterdir())
        return Exported(path=out, images=images, annotations=annotations, size_bytes=size)


def _members(frame: Frame) -> Iterator[tuple[str, bytes]]:
    """What a sample consists of: the name after its key, and the bytes."""
    seen = shown(frame)
    yield frame.path("rgb").suffix[1:], frame.data("rgb")
    for source, names in (
        (seen, [o.name for o in seen.record.outputs if o.name != "rgb" and o.name not in _DELIVERED]),
        (frame, [o.name for o in frame.record.outputs if o.name in _DELIVERED]),
    ):
        for name in names:
            yield f"{name}{source.path(name).suffix}", source.data(name)
    labels = json.loads(frame.row.content_labels or frame.row.labels)
    yield "labels.json", json_text({**labels, "carrier": carrier(frame)}).encode()
    yield "record.json", frame.row.record.encode()
