"""How many cores this process may use, and how many threads each of several workers should."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores() -> int:
    """Cores granted by the scheduler's affinity mask and the container's quota, at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if _CGROUP_QUOTA.is_file():
        quota, _, period = _CGROUP_QUOTA.read_text().partition(" ")
        if quota != "max":
            cores = min(cores, max(1, round(int(quota) / int(period))))
    return max(1, cores)


def worker_environment(workers: int) -> dict[str, str]:
    """Environment variables of one of ``workers`` processes.

    Mesa's software rasterizer and OpenCV get their share of the cores: pixels do not depend on the number. Libraries
    for linear algebra get one thread whatever the number of workers, because their rounding may depend on it.
    """
    share = str(max(1, usable_cores() // workers))
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {"LP_NUM_THREADS": share, "OPENCV_FOR_THREADS_NUM": share, **single}
