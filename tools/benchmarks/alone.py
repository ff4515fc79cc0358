"""Measures in a process of its own: two OpenGL contexts in one disturb each other, and memory is a process's."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def alone(measure: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What ``measure`` returns in a fresh process whose rasterizer has one thread."""
    before = os.environ.get("LP_NUM_THREADS")
    os.environ["LP_NUM_THREADS"] = "1"
    try:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            return pool.submit(measure, *args, **kwargs).result()
    finally:
        if before is None:
            del os.environ["LP_NUM_THREADS"]
        else:
            os.environ["LP_NUM_THREADS"] = before
