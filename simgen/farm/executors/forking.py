"""The fork server: a process that has imported what workers need, and of which each worker is a copy.

Imports cost a spawned worker over a second. This way a run pays for them once, however many workers it has, and while
the driver is still reading its scenarios. The server has one thread and no GL context, so that its copies are sound.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker

from simgen.farm.cores import ONE_THREAD

EPISODES = "simgen.farm.preloaded"
"""What workers of episodes need."""

context = multiprocessing.get_context("forkserver")


def start_server(module: str = EPISODES) -> None:
    """Has the server begin to import a module, and returns at once. One that runs already stays as it is."""
    resource_tracker.ensure_running()  # by itself: it unblocks signals
    context.set_forkserver_preload([module])
    # Libraries for linear algebra read how many threads they may have when they are loaded.
    with _completed_environment(ONE_THREAD), _interrupts_held():
        forkserver.ensure_running()


@contextmanager
def _completed_environment(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables that are not set are, inside the block."""
    missing = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del os.environ[name]


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process that starts inside the block never sees Ctrl-C, which is the driver's to answer."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
