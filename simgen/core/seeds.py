"""Keyed randomness: a draw is a function of its key alone, never of what was drawn before it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Key:
    """The name of a stream of random numbers: (seed, sample index, path).

    ``Key(7, 42).child("sensors.front", "noise", 1234).generator()`` gives the same numbers in any process, on any
    machine, in any order.
    """

    seed: int
    index: int
    path: str = ""

    def child(self, *parts: str | int) -> Key:
        tail = ".".join(str(p) for p in parts)
        return Key(self.seed, self.index, f"{self.path}.{tail}" if self.path else tail)

    def digest(self) -> bytes:
        """32 bytes that depend on every part of the key."""
        text = f"{self.seed}\0{self.index}\0{self.path}".encode()
        return hashlib.blake2b(text, digest_size=32, person=b"simgen.seeds").digest()

    def uniform(self) -> float:
        """One number in the open interval (0, 1)."""
        return (int.from_bytes(self.digest()[:8], "big") >> 11) * 2.0**-53 + 2.0**-54

    def generator(self) -> np.random.Generator:
        """A Philox generator of its own; its stream is part of NumPy's compatibility promise."""
        return np.random.Generator(np.random.Philox(key=int.from_bytes(self.digest()[:16], "big")))
