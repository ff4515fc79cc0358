from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simgen.core.seeds import Key


def test_a_key_is_a_name_and_nothing_else():
    a = Key(7, 42).child("sensors.front", "noise", 1234)
    assert a == Key(7, 42, "sensors.front.noise.1234")
    assert (a.generator().random(5) == Key(7, 42, "sensors.front.noise.1234").generator().random(5)).all()


@given(st.integers(0, 2**63), st.integers(0, 10**9), st.text(max_size=20))
def test_uniform_lies_strictly_between_0_and_1(seed: int, index: int, path: str):
    assert 0.0 < Key(seed, index, path).uniform() < 1.0


def test_every_part_of_the_key_matters():
    keys = [Key(0, 0), Key(1, 0), Key(0, 1), Key(0, 0, "a"), Key(0, 0, "b"), Key(0, 0, "a.b"), Key(1, 1), Key(10, 1)]
    assert len({k.digest() for k in keys}) == len(keys)
    assert len({k.uniform() for k in keys}) == len(keys)


def test_seed_0_is_a_seed():
    assert Key(0, 0).uniform() == Key(0, 0).uniform() != Key(1, 0).uniform()


def test_draws_are_the_same_in_another_process():
    code = (
        "from simgen.core.seeds import Key; k = Key(7, 42, 'actors.ego.speed'); "
        "print(repr(k.uniform()), k.generator().standard_normal().hex())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    key = Key(7, 42, "actors.ego.speed")
    assert other == [repr(key.uniform()), float(key.generator().standard_normal()).hex()]


def test_uniforms_of_many_paths_are_uniform():
    draws = np.array([Key(3, i, "x").uniform() for i in range(4000)])
    counts, _ = np.histogram(draws, bins=20, range=(0, 1))
    # Chi-squared with 19 degrees of freedom: 43.8 is its 99.9 % point.
    assert float(((counts - 200) ** 2 / 200).sum()) < 43.8
    following = np.corrcoef(draws[:-1], draws[1:])[0, 1]
    assert abs(following) < 4 / np.sqrt(4000)


def test_digest_is_fixed_for_good():
    assert Key(7, 42, "a.b").digest().hex()[:16] == "7209ccf91907e853"
    assert Key(7, 42, "a.b").uniform() == 0.44546204644669246
    assert float(Key(7, 42, "a.b").generator().random()) == 0.7714366150250712
