"""Merkle trees after RFC 6962, section 2.1: leaves and nodes are hashed under different prefixes, so that neither can
pass for the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree's hash over the leaves' data, in their order. An empty tree has the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    # A stack of complete subtrees, as of a binary counter: linear, and no recursion over a million leaves.
    stack: list[tuple[int, bytes]] = []
    for data in leaves:
        size, digest = 1, leaf_hash(data)
        while stack and stack[-1][0] == size:
            _, left = stack.pop()
            size, digest = 2 * size, _node_hash(left, digest)
        stack.append((size, digest))
    _, digest = stack.pop()
    while stack:
        digest = _node_hash(stack.pop()[1], digest)
    return digest


class InclusionProof(BaseModel):
    """Shows that a leaf is part of a tree, without the other leaves.

    Attributes:
        index, count: the leaf's place, and how many leaves the tree has.
        path: hex hashes of the siblings, from the leaf up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: int
    count: int
    path: tuple[str, ...]

    def root(self, data: bytes) -> bytes | None:
        """The root that follows from this leaf (RFC 9162, 2.1.3.2), or None where the path cannot be one of such a
        tree."""
        if not 0 <= self.index < self.count:
            return None
        place, last, digest = self.index, self.count - 1, leaf_hash(data)
        for text in self.path:
            if last == 0:
                return None
            sibling = bytes.fromhex(text)
            if place & 1 or place == last:
                digest = _node_hash(sibling, digest)
                while not place & 1 and place:
                    place, last = place >> 1, last >> 1
            else:
                digest = _node_hash(digest, sibling)
            place, last = place >> 1, last >> 1
        return digest if last == 0 else None


def prove(leaves: Sequence[bytes], index: int) -> InclusionProof:
    """The proof for the leaf at ``index``. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path: list[str] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root(leaves[middle:high]).hex())
            high = middle
        else:
            path.append(root(leaves[low:middle]).hex())
            low = middle
    return InclusionProof(index=index, count=len(leaves), path=tuple(reversed(path)))
