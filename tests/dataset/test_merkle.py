from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.dataset import merkle

# Leaves and roots of the reference tree that certificate-transparency implementations share.
LEAVES = [
    bytes.fromhex(h)
    for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
leaf_lists = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


@pytest.mark.parametrize("count", sorted(ROOTS))
def test_roots_are_those_of_certificate_transparency(count: int) -> None:
    assert merkle.root(LEAVES[:count]).hex() == ROOTS[count]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert merkle.root([]) == hashlib.sha256().digest()


@given(leaf_lists, st.data())
def test_every_leaf_can_be_proven(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    assert merkle.prove(leaves, index).root(leaves[index]) == merkle.root(leaves)


@given(leaf_lists, st.binary(max_size=8), st.data())
def test_no_other_leaf_can_be_proven(leaves: list[bytes], other: bytes, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.prove(leaves, index)
    assert (proof.root(other) == merkle.root(leaves)) == (other == leaves[index])


@given(leaf_lists, st.data())
def test_a_proof_holds_at_its_own_place_only(leaves: list[bytes], data: st.DataObject) -> None:
    distinct = [bytes([i]) + leaf for i, leaf in enumerate(leaves)]
    index, place = (data.draw(st.integers(0, len(leaves) - 1)) for _ in range(2))
    moved = merkle.prove(distinct, index).model_copy(update={"index": place})
    assert (moved.root(distinct[index]) == merkle.root(distinct)) == (place == index)


@given(leaf_lists, st.integers(0, 39), st.binary(min_size=1, max_size=8))
def test_the_root_depends_on_every_leaf(leaves: list[bytes], place: int, tail: bytes) -> None:
    changed = list(leaves)
    changed[place % len(leaves)] += tail
    assert merkle.root(changed) != merkle.root(leaves)


def test_a_node_cannot_pass_for_a_leaf() -> None:
    a, b = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.root([a + b]) != merkle.root([b"a", b"b"])


def test_a_path_too_short_or_too_long_proves_nothing() -> None:
    proof = merkle.prove(LEAVES, 3)
    assert proof.model_copy(update={"path": proof.path[:-1]}).root(LEAVES[3]) is None
    assert proof.model_copy(update={"path": (*proof.path, "00" * 32)}).root(LEAVES[3]) is None
