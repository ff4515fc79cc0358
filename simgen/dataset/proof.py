"""Proof that a frame is part of a dataset, checkable with nothing but SHA-256 and the dataset's root."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from simgen.core.errors import DatasetFault
from simgen.dataset import merkle
from simgen.dataset.episode_file import leaves
from simgen.dataset.layout import Layout
from simgen.dataset.manifest import DatasetFile, episode_leaf
from simgen.dataset.reader import Frame


class FrameProof(BaseModel):
    """The way from a frame to the root of its dataset.

    Attributes:
        frame_leaf: canonical JSON that names the record, the labels and every file of the frame by digest.
        in_episode: ``frame_leaf`` is part of the episode's tree.
        episode_leaf: canonical JSON that names the episode and the root of its tree.
        in_dataset: ``episode_leaf`` is part of the dataset's tree, whose root is ``merkle_root``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    frame: str
    frame_leaf: str
    in_episode: merkle.InclusionProof
    episode_leaf: str
    in_dataset: merkle.InclusionProof
    merkle_root: str

    def holds(self, merkle_root: str) -> bool:
        """Whether it leads from the frame to this root."""
        job, _, name = self.frame.partition("/")
        frame, episode = json.loads(self.frame_leaf), json.loads(self.episode_leaf)
        root = self.in_episode.root(self.frame_leaf.encode())
        top = self.in_dataset.root(self.episode_leaf.encode())
        return (
            frame["frame"] == name
            and episode["job"] == job
            and root is not None
            and root.hex() == episode["root"]
            and top is not None
            and top.hex() == merkle_root
        )


def prove(out: Path, frame: Frame) -> FrameProof:
    """The inclusion proof of one frame.

    Raises:
        DatasetFault: when the dataset is damaged, so that no proof leads to its root.
    """
    job = frame.episode.job
    in_episode = leaves([f.row for f in frame.episode.frames], frame.episode.summary.files)
    frame_leaf = frame.row.leaf()
    jobs = Layout(out).jobs()
    in_dataset = [episode_leaf(out, j) for j in jobs]
    place = jobs.index(job)
    proof = FrameProof(
        frame=frame.frame_id,
        frame_leaf=frame_leaf.decode(),
        in_episode=merkle.prove(in_episode, in_episode.index(frame_leaf)),
        episode_leaf=in_dataset[place].decode(),
        in_dataset=merkle.prove(in_dataset, place),
        merkle_root=DatasetFile.read(out).merkle_root,
    )
    if not proof.holds(proof.merkle_root):
        remedy = f"simgen verify {shlex.quote(str(out))} names the fault"
        raise DatasetFault("no proof leads to the dataset's root", where=frame.frame_id, remedy=remedy)
    return proof
