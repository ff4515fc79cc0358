"""Expectations with ``on_miss: reject``: runs that miss them are drawn again, and the sample stays a function of the
seed and the index."""

from __future__ import annotations

import pytest

from simgen import sampling
from simgen.core.errors import ScenarioRejected
from simgen.farm.jobs import JobSpec
from simgen.farm.work import drawn
from simgen.language import parse
from simgen.simulation import redrawing

TEXT = """
simgen: 1
scenario: throw
randomize: none
setting: {{room: tabletop}}
environment: {{lighting: indoor}}
parameters: {{speed: {speed}}}
actors:
  ball: {{model: ball, at: {{position: [0.4 m, 0 m, 1.5 m]}}}}
story:
  - {{event: thrown, do: {{ball: {{throw: {{velocity: [$speed, 0 m/s, 0 m/s]}}}}}}}}
end: time > 0.3 s
{require}
expect:
  - {{condition: traveled_distance(ball) > {least} m, on_miss: {how}}}
"""


def scenario(how: str = "reject", least: float = 0.8, speed: str = "{uniform: [0 m/s, 4 m/s]}", require: str = ""):
    return parse(TEXT.format(how=how, least=least, speed=speed, require=require))


def far(concrete) -> bool:
    """Straight on for 0.3 s, while it falls by 0.44 m."""
    (held,) = [e.held for e in redrawing.outcome(concrete).expectations]
    return held


def test_every_sample_keeps_what_is_expected_and_is_the_first_that_does() -> None:
    redrawn = 0
    for index in range(6):
        concrete = redrawing.sample(scenario(), seed=4, index=index)
        assert far(concrete)
        assert concrete == redrawing.sample(scenario(), seed=4, index=index)
        assert concrete.rejections == (
            {"traveled_distance(ball) > 0.8 m": concrete.attempt} if concrete.attempt else {}
        )
        for attempt in range(concrete.attempt):
            before = sampling.sample(scenario(), seed=4, index=index, first_attempt=attempt)
            assert before.attempt == attempt and not far(before)
        redrawn += concrete.attempt > 0
    assert 1 <= redrawn <= 5


def test_what_nobody_rejects_is_the_first_draw() -> None:
    for how in ("report", "fail"):
        for index in range(3):
            concrete = redrawing.sample(scenario(how), seed=4, index=index)
            assert concrete == sampling.sample(scenario(how), seed=4, index=index)
            assert concrete.attempt == 0


def test_requirements_and_expectations_are_counted_together() -> None:
    both = scenario(require="require: [$speed < 3 m/s]")
    found = [redrawing.sample(both, seed=4, index=i) for i in range(6)]
    assert all(far(c) and c.parameters["speed"] < 3.0 for c in found)
    assert any(len(c.rejections) == 2 for c in found)
    assert all(c.attempt <= sum(c.rejections.values()) for c in found)


def test_what_never_holds_is_told() -> None:
    with pytest.raises(
        ScenarioRejected, match=r"was run 3 times, .*'traveled_distance\(ball\) > 9.0 m' 3 times \(last: [\d.]+ m\)"
    ) as caught:
        redrawing.sample(scenario(least=9.0), max_runs=3)
    assert str(caught.value.where) == "<text>:15:17"
    with pytest.raises(ScenarioRejected, match="was run 1 times"):
        redrawing.sample(scenario(least=9.0, speed="1 m/s"))


def test_a_worker_draws_on(tmp_path) -> None:
    index = next(i for i in range(9) if redrawing.sample(scenario(), seed=4, index=i).attempt)
    job = JobSpec(source="throw", number=0, scenario=scenario(), seed=4, index=index, renderer="tiny", out=tmp_path)
    assert drawn(job) == redrawing.sample(scenario(), seed=4, index=index)
