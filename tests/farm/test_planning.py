"""Plans and shards."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.core.errors import SimgenError
from simgen.farm.planning import Order, Plan, Shard, order
from simgen.sampling.concrete import ConcreteScenario, ConcreteSensor, Use


def plan(*counts: int, shard: Shard | None = None) -> Plan:
    orders = tuple(
        Order(
            source=f"s{k}",
            scenario=ConcreteScenario(concrete=f"s{k}", seed=k, index=0, setting=Use(name="two_lane_urban")),
            seed=k,
            indices=range(count),
        )
        for k, count in enumerate(counts)
    )
    return Plan(orders=orders, shard=shard or Shard())


@given(
    counts=st.lists(st.integers(1, 7), min_size=1, max_size=3), parts=st.integers(1, 5), first=st.sampled_from([0, 1])
)
def test_shards_cover_a_plan_once_whether_they_count_from_0_or_1(counts: list[int], parts: int, first: int) -> None:
    whole = [(j.number, j.scenario.name, j.index) for j in plan(*counts).jobs(Path("out"), "tiny")]
    assert [number for number, _, _ in whole] == list(range(sum(counts)))
    pieces = []
    for i in range(first, first + parts):
        part = plan(*counts, shard=Shard.parse(f"{i}/{parts}"))
        jobs = [(j.number, j.scenario.name, j.index) for j in part.jobs(Path("out"), "tiny")]
        assert len(jobs) == part.mine
        pieces += jobs
    assert sorted(pieces) == whole


def test_what_is_asked_for_twice_is_planned_once() -> None:
    twice = Plan(orders=(order("cut_in", indices=(5, 2, 5)), order("cut_in", indices=(2, 7))))
    assert [j.index for j in twice.jobs(Path("out"), "tiny")] == [5, 2, 7]
    assert (len(twice), twice.mine) == (3, 3)
    ranges = Plan(orders=(order("cut_in", count=2), order("driving/cut_in", count=4), order("cut_in", count=3)))
    assert [list(o.indices) for o in ranges.orders] == [[0, 1, 2, 3]]
    assert isinstance(ranges.orders[0].indices, range)  # a plan of millions takes no memory for each


def test_a_plan_of_all_samples_there_are_is_made_without_going_through_them() -> None:
    everything = Plan(orders=(order("cut_in", count=2**31), order("cut_in", count=3)))
    assert len(everything) == 2**31
    assert isinstance(everything.orders[0].indices, range)


def test_what_differs_is_planned_beside_each_other() -> None:
    asked = (
        order("cut_in", count=1),
        order("cut_in", count=1, seed=8),
        order("cut_in", count=1, overrides=("environment.rain=5 mm/h",)),
        order("hard_brake_lead", count=1),
    )
    assert Plan(orders=asked).orders == asked
    drawn = [ConcreteScenario(concrete="x", seed=0, index=0, setting=Use(name=n)) for n in ("tabletop", "warehouse")]
    edited = tuple(Order(source="x.yaml", scenario=one, seed=0, indices=(0,)) for one in drawn)
    assert Plan(orders=edited + edited).orders == edited


def test_plan_ids_tell_jobs_apart_and_do_not_depend_on_the_output() -> None:
    here = [j.plan_id for j in plan(3, 2).jobs(Path("here"), "tiny")]
    assert here == [j.plan_id for j in plan(3, 2).jobs(Path("there"), "tiny")]
    other = [j.plan_id for j in plan(3, 2).jobs(Path("here"), "raster")]
    assert len(set(here + other)) == 10


@pytest.mark.parametrize("text", ["", "1", "a/b", "3/2", "-1/2", "1/0", "auto/x"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SimgenError, match="--shard"):
        Shard.parse(text, {})


@pytest.mark.parametrize(
    ("text", "environment", "shard"),
    [
        ("auto", {"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "5"}, Shard(2, 4)),
        (
            "auto",
            {
                "SLURM_ARRAY_TASK_ID": "9",
                "SLURM_ARRAY_TASK_COUNT": "3",
                "SLURM_ARRAY_TASK_MIN": "1",
                "SLURM_ARRAY_TASK_STEP": "4",
            },
            Shard(2, 3),
        ),
        ("auto", {"AWS_BATCH_JOB_ARRAY_INDEX": "3", "AWS_BATCH_JOB_ARRAY_SIZE": "8"}, Shard(3, 8)),
        ("auto/5", {"JOB_COMPLETION_INDEX": "4"}, Shard(4, 5)),
        ("auto/5", {"CUE_IFRAME": "5"}, Shard(0, 5)),
    ],
)
def test_auto_reads_the_schedulers_index(text: str, environment: dict[str, str], shard: Shard) -> None:
    assert Shard.parse(text, environment) == shard


@pytest.mark.parametrize("whole", [range(8), range(1, 9), range(100, 108)])
def test_a_task_of_slurm_that_is_submitted_again_alone_is_the_same_part(whole: range) -> None:
    def part(task: int, array: range) -> Shard:
        names = ("TASK_ID", "TASK_COUNT", "TASK_MIN", "TASK_STEP")
        values = (task, len(array), array.start, array.step)
        return Shard.parse("auto/8", {f"SLURM_ARRAY_{n}": str(v) for n, v in zip(names, values, strict=True)})

    assert {part(task, whole).index for task in whole} == set(range(8))
    assert all(part(task, range(task, task + 1)) == part(task, whole) for task in whole)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_COUNT": "2"}, "none of 2 tasks in a row; .*auto/N"),
        (
            {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_STEP": "2"},
            "none of 4 tasks in a row; .*auto/N",
        ),
        (
            {"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "7"},
            "none of 3 tasks in a row; .*auto/N",
        ),
        ({"AWS_BATCH_JOB_ARRAY_INDEX": "3", "AWS_BATCH_JOB_ARRAY_SIZE": "3"}, "none of 3 tasks in a row; .*auto/N"),
        (
            {"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_STEP": "0"},
            "STEP is '0', which is no whole number from 1 on; state i/n",
        ),
        ({"SLURM_ARRAY_TASK_ID": ""}, "TASK_ID is '', which is no whole number; state i/n"),
    ],
)
def test_auto_refuses_what_would_make_a_part_twice_and_another_never(environment: dict[str, str], told: str) -> None:
    with pytest.raises(SimgenError, match=told):
        Shard.parse("auto", environment)


def test_auto_says_what_it_misses() -> None:
    with pytest.raises(SimgenError, match="SLURM_ARRAY_TASK_ID"):
        Shard.parse("auto", {})
    with pytest.raises(SimgenError, match="auto/N"):
        Shard.parse("auto", {"JOB_COMPLETION_INDEX": "4"})


def test_a_concrete_file_is_one_sample(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    camera = ConcreteSensor(name="top", sensor=Use(name="camera", parameters={"mount": "world"}))
    setting = Use(name="two_lane_urban")
    concrete = ConcreteScenario(concrete="one", seed=3, index=41, setting=setting, sensors=(camera,))
    path.write_text(concrete.to_yaml())
    made = order(str(path))
    assert (made.seed, list(made.indices), made.scenario) == (3, [41], concrete)
    with pytest.raises(SimgenError, match="fixed sample"):
        order(str(path), count=2)
    with pytest.raises(SimgenError, match="fixed sample"):
        order(str(path), seed=0)
    path.write_text(concrete.model_copy(update={"sensors": ()}).to_yaml())
    with pytest.raises(SimgenError, match=r"one\.yaml: the scenario has no sensor"):
        order(str(path))
