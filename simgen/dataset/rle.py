"""COCO's run lengths: column-major counts of zeros and ones in turn, zeros first, and their compressed text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def run_lengths(mask: NDArray[np.bool_]) -> list[int]:
    """Counts of a mask (H, W)."""
    flat = np.asarray(mask, dtype=np.bool_).ravel(order="F")
    turns = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    bounds = np.concatenate([[0], turns, [flat.size]])
    counts: list[int] = np.diff(bounds).tolist()
    return [0, *counts] if flat.size and flat[0] else counts


def compressed(counts: list[int]) -> str:
    """The text form: each count from the third on as the difference to the one before last, in groups of five bits,
    least significant first, as printable characters from "0" (48) on (``rleToString`` of the COCO API)."""
    text = bytearray()
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        while True:
            group = value & 0x1F
            value >>= 5
            more = value != (-1 if group & 0x10 else 0)
            text.append((group | 0x20 if more else group) + 48)
            if not more:
                break
    return text.decode("ascii")


def expanded(text: str) -> list[int]:
    """The counts of a compressed text."""
    counts: list[int] = []
    value = shift = 0
    for character in text.encode("ascii"):
        group = character - 48
        value |= (group & 0x1F) << shift
        shift += 5
        if not group & 0x20:
            if group & 0x10:
                value -= 1 << shift
            counts.append(value + counts[-2] if len(counts) > 2 else value)
            value = shift = 0
    return counts


def mask_of(counts: list[int], height: int, width: int) -> NDArray[np.bool_]:
    """(H, W)"""
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape((height, width), order="F")
