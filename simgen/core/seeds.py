"""Keyed randomness: a draw is a function of its key alone, never of what was drawn before it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from simgen.core.errors import ValueOutOfRange, check_type

MAX_SEED = 2**53 - 1
"""The largest whole number that canonical JSON holds."""

SAMPLES = 2**31
"""Samples that a scenario has for one seed, numbered from 0: as many as low-discrepancy points can tell apart."""


def check_numbers(seed: int, index: int) -> None:
    """Raises ValueOutOfRange for a seed that cannot be recorded, or an index that no sample has."""
    check_type(seed, Integral, what="seed", remedy="use a whole number from 0 to 2^53 - 1")
    check_type(index, Integral, what="index of a sample", remedy="samples are numbered from 0 to 2^31 - 1")
    if not 0 <= seed <= MAX_SEED:
        raise ValueOutOfRange(f"seed {seed} does not fit into a record", remedy="use one from 0 to 2^53 - 1")
    if not 0 <= index < SAMPLES:
        raise ValueOutOfRange(f"there is no sample {index}", remedy="samples are numbered from 0 to 2^31 - 1")


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
