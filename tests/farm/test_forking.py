"""The server that workers are forked from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simgen.farm.cores import ONE_THREAD

_PRELOAD = """
import os, sys
import simgen.farm.preloaded
print(len(os.listdir("/proc/self/task")))
print([name for name in ("pybullet", "moderngl", "scipy.spatial", "cv2") if name not in sys.modules])
maps = open("/proc/self/maps").read()
print([library for library in ("libEGL", "libGL", "swrast") if library in maps])
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads in /proc")
def test_what_is_preloaded_can_be_forked():
    ran = subprocess.run(
        [sys.executable, "-c", _PRELOAD], capture_output=True, text=True, check=True, env={**os.environ, **ONE_THREAD}
    )
    threads, missing, drivers = ran.stdout.splitlines()[-3:]
    assert threads == "1", "a thread does not outlive a fork, and who waits for it then waits for ever"
    assert missing == "[]"
    assert drivers == "[]", "each worker opens a GL of its own"
