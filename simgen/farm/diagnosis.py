"""What this machine has to work with: versions, cores, and every renderer tried in a process of its own."""

from __future__ import annotations

import importlib.metadata
import multiprocessing
import platform
import re
from multiprocessing.connection import Connection

from pydantic import BaseModel, ConfigDict

from simgen.core.errors import SimgenError
from simgen.farm.cores import usable_cores

_DISTRIBUTION = "simgen-scenarios"
_TRY_S = 60.0


class RendererTrial(BaseModel):
    """One renderer, tried.

    Attributes:
        name: what was asked for; ``stands_for`` is what came, which differs for "auto".
        words: version and vendor of a renderer that works, else what is missing and how to get it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    works: bool
    words: str
    stands_for: str = ""


class Diagnosis(BaseModel):
    """``chosen`` is the renderer that "auto" stands for here, or None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    simgen: str
    python: str
    platform: str
    cores: int
    packages: dict[str, str]
    renderers: tuple[RendererTrial, ...]
    chosen: str | None


def diagnose() -> Diagnosis:
    """Tries every registered renderer, which takes seconds; none can crash or disturb this process."""
    from simgen.core.vocabulary import renderers

    auto = _trial("auto")
    return Diagnosis(
        simgen=importlib.metadata.version(_DISTRIBUTION),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        platform=platform.platform(),
        cores=usable_cores(),
        packages=_packages(),
        renderers=tuple(_trial(name) for name in renderers.names()),
        chosen=auto.stands_for or None,
    )


def _packages() -> dict[str, str]:
    """Versions of what simgen depends on; "missing" where a package is not installed."""
    found = {}
    for requirement in importlib.metadata.requires(_DISTRIBUTION) or []:
        if "extra ==" in requirement:
            continue
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = f"missing; pip install {name}"
    return found


def _trial(name: str) -> RendererTrial:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_try, args=(name, theirs))
    process.start()
    theirs.close()
    try:
        answer = mine.recv() if mine.poll(_TRY_S) else _failed(name, f"no answer after {_TRY_S:g} s")
    except EOFError:
        process.join()
        answer = _failed(name, f"it ended the process with exit code {process.exitcode}")
    process.kill()
    process.join()
    assert isinstance(answer, RendererTrial)
    return answer


def _try(name: str, answer: Connection) -> None:
    from simgen.rendering import select_renderer

    try:
        with select_renderer(name) as renderer:
            info = renderer.info()
            words = f"{info.version} ({info.vendor})"
            answer.send(RendererTrial(name=name, works=True, words=words, stands_for=renderer.name))
    except SimgenError as error:
        answer.send(_failed(name, str(error)))


def _failed(name: str, words: str) -> RendererTrial:
    return RendererTrial(name=name, works=False, words=words)
