"""simgen: scripted rare events, rendered with labels that are proven and frames that can be regenerated bit for bit.

>>> scenario = simgen.load("child_chases_ball")           # LogicalScenario
>>> concrete = simgen.sample(scenario, seed=7, index=42)  # ConcreteScenario
>>> for bundle in simgen.run(concrete):                   # FrameBundle
...     bundle.image, bundle.depth_m, bundle.labels, bundle.record
>>> dataset = simgen.open_dataset("out/first")            # a sequence of frames
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from simgen.core.late import once_imported

if TYPE_CHECKING:
    from simgen.core.errors import (
        AssetError,
        DatasetFault,
        DivergenceError,
        NotFound,
        OutOfMemory,
        OutputError,
        RendererUnavailable,
        ScenarioInvalid,
        ScenarioRejected,
        SimgenError,
        UnknownName,
        ValueOutOfRange,
    )
    from simgen.dataset.bundle import FrameBundle
    from simgen.dataset.reader import Dataset, open_dataset
    from simgen.episode import Episode, run
    from simgen.language import load
    from simgen.language.logical import LogicalScenario
    from simgen.rendering import select_renderer
    from simgen.sampling import sample
    from simgen.sampling.concrete import ConcreteScenario

# Names load on first use, so that `import simgen` stays fast and needs neither pybullet nor GL.
_HOMES = {
    "AssetError": "simgen.core.errors",
    "ConcreteScenario": "simgen.sampling.concrete",
    "Dataset": "simgen.dataset.reader",
    "DatasetFault": "simgen.core.errors",
    "DivergenceError": "simgen.core.errors",
    "Episode": "simgen.episode",
    "FrameBundle": "simgen.dataset.bundle",
    "LogicalScenario": "simgen.language.logical",
    "NotFound": "simgen.core.errors",
    "OutOfMemory": "simgen.core.errors",
    "OutputError": "simgen.core.errors",
    "RendererUnavailable": "simgen.core.errors",
    "ScenarioInvalid": "simgen.core.errors",
    "ScenarioRejected": "simgen.core.errors",
    "SimgenError": "simgen.core.errors",
    "UnknownName": "simgen.core.errors",
    "ValueOutOfRange": "simgen.core.errors",
    "load": "simgen.language",
    "open_dataset": "simgen.dataset.reader",
    "run": "simgen.episode",
    "sample": "simgen.sampling",
    "select_renderer": "simgen.rendering",
}

__all__ = [
    "AssetError",
    "ConcreteScenario",
    "Dataset",
    "DatasetFault",
    "DivergenceError",
    "Episode",
    "FrameBundle",
    "LogicalScenario",
    "NotFound",
    "OutOfMemory",
    "OutputError",
    "RendererUnavailable",
    "ScenarioInvalid",
    "ScenarioRejected",
    "SimgenError",
    "UnknownName",
    "ValueOutOfRange",
    "load",
    "open_dataset",
    "run",
    "sample",
    "select_renderer",
]


def _register_environments() -> None:
    importlib.import_module("simgen.envs")


# So that ``gymnasium.make("simgen:simgen/…")`` finds them, whichever of the two packages is imported first.
once_imported("gymnasium", _register_environments)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'simgen' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
