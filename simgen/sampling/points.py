"""The points in (0, 1) that drive the inverse CDFs. A point is a function of (seed, index, path) alone.

``random`` hashes the three. The others are stratified along the index, and each keeps that promise too:

``sobol`` and ``halton`` give every path a scrambled digital sequence of its own, in base 2 (the first coordinate of
Sobol's sequence) or in a small prime base that the path picks. Both the points and the order in which the index
visits them are scrambled by Owen's nested uniform permutations, keyed by (seed, path): whatever the path, the indices
k b^m … (k + 1) b^m - 1 put one point into each of b^m equal intervals.

A multi-dimensional sequence would hand out its coordinates by rank, so that a parameter added to a file would move the
others, or by a hash of the path, so that two paths might share a coordinate, or two coordinates whose leading digits
agree, and be correlated through the whole dataset (among all coordinates of Sobol's sequence one pair in 2^(m - 1)
agrees in the first digit of its first 2^m points). Independent scrambles of the order exclude both: each coordinate is
as even as Sobol's, and paths are uncorrelated in expectation, whatever their number (Owen 1998, "Latin supercube
sampling for very high-dimensional simulations"; padding by shuffled indices as in Burley 2020, "Practical hash-based
Owen scrambling"). What an effect of one value alone adds to the error of a mean all but vanishes; what two values do
together is estimated about as well as by random points. They do not depend on the number of samples.

``latin_hypercube`` visits, within each run of ``count`` indices, each of ``count`` intervals once, in an order of the
path's own; it therefore depends on ``count``.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simgen.core.errors import ValueOutOfRange
from simgen.core.seeds import SAMPLES, Key

Method = Literal["random", "sobol", "halton", "latin_hypercube"]

_BASES = (2, 3, 5, 7, 11, 13)
_DIGITS = {2: 31, 3: 20, 5: 14, 7: 12, 11: 9, 13: 9}
"""Digits that are scrambled: base ** digits is ``SAMPLES`` or more."""


def point(method: Method, key: Key, count: int) -> float:
    """The point in the open interval (0, 1) of ``key``, whose index says which of ``count`` samples it belongs to."""
    if method == "random":
        return key.uniform()
    if not 0 <= key.index < SAMPLES:
        raise ValueOutOfRange(f"sample {key.index} is outside of what {method} can number", remedy="use 0 to 2^31 - 1")
    if method == "sobol":
        return _scrambled(key, 2)
    if method == "halton":
        base = _BASES[int.from_bytes(_hash(key.path, "base"), "big") % len(_BASES)]
        return _scrambled(key, base)
    block, place = divmod(key.index, max(count, 1))
    stratum = int(_strata(key.seed, key.path, block, max(count, 1))[place])
    return _inside((stratum + key.uniform()) / max(count, 1))


def _scrambled(key: Key, base: int) -> float:
    """The radical inverse in ``base`` with the order of the points and the points themselves scrambled."""
    index, least_significant_first = key.index, []
    for _ in range(_DIGITS[base]):
        index, digit = divmod(index, base)
        least_significant_first.append(digit)
    order = _nested(least_significant_first[::-1], base, f"{key.seed}\0{key.path}\0order")
    value = 0
    for digit in _nested(order[::-1], base, f"{key.seed}\0{key.path}\0value"):
        value = value * base + digit
    # No two points share all of these digits, so those that follow are free: Owen's scramble makes them random.
    return _inside((value + key.uniform()) / base ** _DIGITS[base])


def _nested(digits: list[int], base: int, name: str) -> list[int]:
    """Owen's nested uniform permutation: every digit is permuted in a way that depends on all digits before it."""
    result = []
    state = hashlib.blake2b(name.encode(), digest_size=48, person=b"simgen.points").digest()
    for digit in digits:
        # The ranks of independent 16-bit numbers are a uniform permutation; a tie keeps the digits' own order.
        state = hashlib.blake2b(state, digest_size=48).digest()
        if base == 2:
            result.append(digit if state[:2] <= state[2:4] else 1 - digit)
        else:
            ranked = sorted(range(base), key=[state[2 * d] << 8 | state[2 * d + 1] for d in range(base)].__getitem__)
            result.append(ranked[digit])
        state = state[:47] + bytes((digit,))
    return result


@functools.lru_cache(maxsize=512)
def _strata(seed: int, path: str, block: int, count: int) -> NDArray[np.int64]:
    """(count,) which interval each index of a block visits: the ranks of random numbers."""
    stream = np.random.Philox(key=int.from_bytes(_hash(f"{seed}\0{path}\0{block}\0{count}", "strata")[:16], "big"))
    return np.argsort(stream.random_raw(count), kind="stable").astype(np.int64)


def _hash(text: str, use: str) -> bytes:
    return hashlib.blake2b(f"{use}\0{text}".encode(), digest_size=32, person=b"simgen.points").digest()


def _inside(u: float) -> float:
    return min(max(u, 2.0**-54), 1.0 - 2.0**-53)
