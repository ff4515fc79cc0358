"""Samples whose runs keep what the scenario expects with ``on_miss: reject``: others are drawn again.

Whether an expectation holds is known after a run only. The run here is that of the physics alone; it is the one that
is rendered later, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable

from simgen import sampling
from simgen.core.errors import Place, ScenarioRejected
from simgen.language.expressions import comparisons, parse, told
from simgen.language.logical import LogicalScenario
from simgen.sampling.concrete import ConcreteScenario
from simgen.simulation.report import EpisodeReport, ExpectationReport
from simgen.simulation.world import World

MAX_RUNS = 30
"""Runs after which an expectation counts as one that never holds: of one that holds in a tenth of the runs, 96 of 100
samples are found within so many."""


def sample(
    scenario: LogicalScenario,
    *,
    seed: int | None = None,
    index: int = 0,
    max_runs: int = MAX_RUNS,
    on_rejections: Callable[[sampling.Tally], None] | None = None,
) -> ConcreteScenario:
    """Sample ``index`` as ``sampling.sample`` draws it; where the scenario expects something with ``on_miss: reject``,
    the first of its attempts whose run keeps that. A function of the scenario, the seed and the index alone.

    ``attempt`` counts all attempts before it, and ``rejections`` has each expectation missed by them, too.

    Args:
        on_rejections: as for ``sampling.sample``.

    Raises:
        ScenarioRejected: no run in ``max_runs`` kept it; it says how often each was missed, and the last values seen.
        As ``sampling.sample``.
    """
    concrete = sampling.sample(scenario, seed=seed, index=index, on_rejections=on_rejections)
    if all(e.on_miss != "reject" for e in scenario.expect):
        return concrete
    turned_down: dict[str, int] = {}
    missed: list[ExpectationReport] = []
    for run in range(1, max_runs + 1):
        missed = [e for e in outcome(concrete).missed if e.on_miss == "reject"]
        for reason, count in concrete.rejections.items():
            turned_down[reason] = turned_down.get(reason, 0) + count
        if not missed:
            return concrete.model_copy(update={"rejections": turned_down})
        for expectation in missed:
            reason = expectation.condition
            turned_down[reason] = turned_down.get(reason, 0) + 1
        if run == max_runs or not concrete.draws:
            break
        concrete = sampling.sample(
            scenario, seed=seed, index=index, first_attempt=concrete.attempt + 1, on_rejections=on_rejections
        )
    counts = "; ".join(f"'{e.condition}' {turned_down[e.condition]} times{_came(e)}" for e in missed)
    with sampling.located(scenario):
        raise ScenarioRejected(
            f"sample {index} of '{scenario.name}' was run {run} times, and its runs missed {counts}",
            where=next(e.condition.place for e in scenario.expect if e.condition.text == missed[0].condition),
            remedy="widen the distributions, or use on_miss: report, which keeps such episodes",
        )


def outcome(concrete: ConcreteScenario) -> EpisodeReport:
    """What happens in a concrete scenario, without a picture of it."""
    with World(concrete) as world:
        for _ in world.run():
            pass
        return world.report()


def _came(expectation: ExpectationReport) -> str:
    if expectation.value is None:
        return ""
    asked = comparisons(parse(expectation.condition, Place("expect", 1, 1)))
    return f" (last: {told(asked, expectation.value)})"
