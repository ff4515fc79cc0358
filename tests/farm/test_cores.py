"""What a worker is told of the machine."""

import subprocess
import sys

import pytest

from simgen.farm import cores
from simgen.farm.cores import worker_environment


@pytest.mark.parametrize(("workers", "share"), [(1, 8), (3, 2), (8, 1), (20, 1)])
def test_workers_share_the_cores(workers, share, monkeypatch):
    monkeypatch.setattr(cores, "usable_cores", lambda: 8)
    told = worker_environment(workers)
    assert told["LP_NUM_THREADS"] == told["OPENCV_FOR_THREADS_NUM"] == str(share)
    assert told["OMP_NUM_THREADS"] == "1"


def test_opencv_takes_what_a_worker_is_told_before_it_is_loaded():
    code = "import os; os.environ['OPENCV_FOR_THREADS_NUM'] = '3'; import cv2; print(cv2.getNumThreads())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "3"
