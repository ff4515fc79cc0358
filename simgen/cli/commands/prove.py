"""``simgen prove``: that a frame belongs to a dataset."""

from __future__ import annotations

from simgen.cli.commands.replay import FrameAddress
from simgen.cli.options import Dataset
from simgen.cli.terminal import emit


def prove(out: Dataset, frame: FrameAddress) -> None:
    """The inclusion proof of a frame: hashes that lead from its record to the dataset's Merkle root."""
    from simgen.dataset import proof
    from simgen.dataset.reader import open_dataset
    from simgen.dataset.replay import find_frame

    emit(proof.prove(out, find_frame(open_dataset(out), frame)).model_dump(mode="json"))
