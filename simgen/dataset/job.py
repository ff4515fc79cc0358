"""The name of a job: a digest of all that determines its output."""

from __future__ import annotations

from simgen.dataset.canonical import canonical, sha256
from simgen.dataset.platform import simgen_version
from simgen.sampling.concrete import ConcreteScenario

JOB_ID_LENGTH = 32


def job_id(concrete: ConcreteScenario, renderer: str, *, version: str | None = None) -> str:
    """32 hex digits, equal on every machine for the same scenario, renderer and version of simgen (this one, if not
    stated). How images are stored is part of the scenario."""
    return sha256(
        canonical(
            {
                "concrete": concrete.digest(),
                "renderer": renderer,
                "simgen": version or simgen_version(),
            }
        )
    )[:JOB_ID_LENGTH]
