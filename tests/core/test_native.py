"""The allocator keeps what is freed: arrays of a picture's size come without page faults."""

import subprocess
import sys

import pytest

COUNT_FAULTS = """
import resource
import numpy as np
from simgen.core.native import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        pictures = [np.ones((720, 1280, 3), dtype=np.float32) for _ in range(4)]
        del pictures
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
given_back = faults()
kept = keep_freed_memory()
faults()
print(int(kept), given_back, faults())
"""


def test_freed_pictures_are_kept_for_the_next():
    done = subprocess.run([sys.executable, "-c", COUNT_FAULTS], capture_output=True, text=True, check=True)
    kept, given_back, left = map(int, done.stdout.split())
    if not kept:
        pytest.skip("not glibc's allocator")
    assert given_back > 0
    assert left < 0.05 * given_back


GIVE_BACK = """
import numpy as np
from pathlib import Path
from simgen.core.native import give_back_memory, keep_freed_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

kept = keep_freed_memory()
pictures = [np.ones(1_000_000) for _ in range(30)]
last = np.ones(1_000)
full = resident()
del pictures
give_back_memory()
print(int(kept), full - resident())
"""


def test_what_is_free_amid_what_is_used_goes_back():
    done = subprocess.run([sys.executable, "-c", GIVE_BACK], capture_output=True, text=True, check=True)
    kept, given_back = map(int, done.stdout.split())
    if not kept:
        pytest.skip("not glibc's allocator")
    assert given_back > 200e6
