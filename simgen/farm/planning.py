"""A plan: which samples of which scenarios, as a stream of jobs, whole or one shard of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from simgen import language
from simgen.core.errors import Place, SimgenError, ValueOutOfRange
from simgen.core.seeds import SAMPLES, check_numbers
from simgen.farm.jobs import JobSpec
from simgen.language import library, suite
from simgen.language.logical import LogicalScenario
from simgen.sampling import concrete as concrete_file
from simgen.sampling.concrete import ConcreteScenario


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a plan: the jobs whose number leaves the remainder ``index % count``.

    So ``0/4 … 3/4`` and ``1/4 … 4/4`` both cover a plan, each job once, whichever way a scheduler counts.
    """

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str, environment: Mapping[str, str] = os.environ) -> Shard:
        """``i/n``; ``auto`` or ``auto/n`` reads the index that a scheduler sets for each task of an array."""
        match = re.fullmatch(r"(\d+|auto)(?:/(\d+))?", text)
        if match is None or (match[1] != "auto" and match[2] is None):
            raise SimgenError(f"'{text}' is not a shard", where="--shard", remedy="write i/n, e.g. 0/4, or auto")
        count = None if match[2] is None else int(match[2])
        if match[1] == "auto":
            return cls._of_scheduler(environment, count)
        return cls._checked(int(match[1]), count or 0, text)

    @classmethod
    def _of_scheduler(cls, environment: Mapping[str, str], count: int | None) -> Shard:
        for index_name, count_name, first_name in _SCHEDULERS:
            if index_name not in environment:
                continue
            index = _whole(environment, index_name)
            step = _whole(environment, "SLURM_ARRAY_TASK_STEP", default="1", least=1) if first_name else 1
            told = f"{index_name}={environment[index_name]}"
            if count is not None and first_name:
                # Not counted from the array's first task: one submitted again, alone, is the same part as before
                return cls._checked(index // step % max(1, count), count, told)
            if count is not None:
                return cls._checked(index, count, told)
            total = _whole(environment, count_name)
            if total == 0:
                remedy = "say how many tasks there are: --shard auto/N"
                raise SimgenError(f"{index_name} is set, but not the number of tasks", where="--shard", remedy=remedy)
            part, beside = divmod(index - _whole(environment, first_name), step)
            if beside or not 0 <= part < total:
                message = f"{told} is none of {total} tasks in a row"
                raise SimgenError(message, where="--shard", remedy="say of how many parts: --shard auto/N")
            return cls(part, total)
        known = ", ".join(index_name for index_name, _, _ in _SCHEDULERS)
        raise SimgenError("no scheduler has set an index", where="--shard", remedy=f"auto reads one of {known}")

    @classmethod
    def _checked(cls, index: int, count: int, text: str) -> Shard:
        if count < 1 or not 0 <= index <= count:
            remedy = "i runs from 0 to n - 1, or from 1 to n, which is the same part as 0"
            raise SimgenError(f"{text}: there is no such part", where="--shard", remedy=remedy)
        return cls(index % count, count)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and number % self.count == self.index


def _whole(environment: Mapping[str, str], name: str, *, default: str = "0", least: int = 0) -> int:
    text = environment.get(name, default)
    if not text.isdecimal() or int(text) < least:
        number = "no whole number" if least == 0 else f"no whole number from {least} on"
        raise SimgenError(f"{name} is '{text}', which is {number}", where="--shard", remedy="state i/n yourself")
    return int(text)


_SCHEDULERS = (
    ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"),
    ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", ""),
    ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", ""),
    ("CUE_IFRAME", "", ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Samples ``indices`` of one scenario."""

    source: str
    scenario: LogicalScenario | ConcreteScenario
    overrides: tuple[str, ...] = ()
    seed: int
    indices: Sequence[int]

    def asked(self) -> dict[str, object]:
        """What is asked for, in few words, however many samples it is; the same wherever the files lie."""
        spans: list[list[int]] = []
        for index in [*self.indices] if not isinstance(self.indices, range) else ():
            if spans and spans[-1][1] == index:
                spans[-1][1] += 1
            else:
                spans.append([index, index + 1])
        if isinstance(self.indices, range):
            spans = [[self.indices.start, self.indices.stop]]
        one = self.scenario
        sources = [one.digest()] if isinstance(one, ConcreteScenario) else [source.sha256 for source in one.sources]
        return {"of": [one.name, *sources, self.seed, *self.overrides], "samples": spans}

    def label(self) -> tuple[object, ...]:
        """What orders for the same scenario have in common, and few others; quickly told."""
        sources = tuple((source.file, source.sha256) for source in self.scenario.sources)
        drawn = tuple(self.indices) if isinstance(self.scenario, ConcreteScenario) else ()
        return (self.scenario.name, sources, self.overrides, self.seed, drawn)


def orders(
    source: str,
    *,
    count: int | None = None,
    seed: int | None = None,
    indices: Sequence[int] = (),
    overrides: Sequence[str] = (),
) -> tuple[Order, ...]:
    """The orders for a scenario or a suite, by name or path; a suite gives one for each of its cases.

    Raises:
        ScenarioInvalid, UnknownName: the file has mistakes, or there is none.
    """
    if not _is_suite(source):
        return (order(source, count=count, seed=seed, indices=indices, overrides=overrides),)
    return tuple(
        order(case.scenario, count=count, seed=seed, indices=indices, overrides=(*case.overrides, *overrides))
        for case in suite.load(source).cases
    )


def _is_suite(source: str) -> bool:
    path = Path(source)
    if not path.is_file():
        return source in library.names("suite")
    return re.search(r"^suite[ \t]*:", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE) is not None


def order(
    source: str,
    *,
    count: int | None = None,
    seed: int | None = None,
    indices: Sequence[int] = (),
    overrides: Sequence[str] = (),
) -> Order:
    """The order for a scenario by name or path; count and seed as the file says unless given.

    A concrete scenario (a file with ``concrete:``) is one sample, whose draws are fixed: it takes no count, seed or
    override.
    """
    fixed = read_concrete(source)
    if fixed is not None:
        if count is not None or seed is not None or indices or overrides:
            remedy = "leave out --count, --seed, --index and --set, or give the scenario it was drawn from"
            raise SimgenError("a concrete scenario is one fixed sample", where=source, remedy=remedy)
        require_sensors(fixed, source)
        return Order(source=source, scenario=fixed, seed=fixed.seed, indices=(fixed.index,))
    scenario = language.load(source, tuple(overrides))
    require_sensors(scenario, source)
    if indices and count is not None:
        raise SimgenError("--count and --index exclude each other", remedy="give one of them")
    number = scenario.sample.count if count is None else count
    if not 1 <= number <= SAMPLES:
        raise ValueOutOfRange(f"{number} samples", where=source, remedy="ask for at least one, and at most 2^31")
    chosen = scenario.sample.seed if seed is None else seed
    asked = tuple(indices) or range(number)
    for index in indices or (0,):  # a count is known to be good, and may be of millions
        check_numbers(chosen, index)
    return Order(source=source, scenario=scenario, overrides=tuple(overrides), seed=chosen, indices=asked)


def require_sensors(scenario: LogicalScenario | ConcreteScenario, source: str) -> None:
    """Raises SimgenError for a scenario that nothing watches, of which there is no frame to make."""
    if scenario.sensors:
        return
    raise SimgenError(
        "the scenario has no sensor, so there is no frame to make",
        where=source if isinstance(scenario, ConcreteScenario) else Place(scenario.sources[0].file, 1, 1),
        remedy="add sensors: {front: {camera: {mount: ego.windscreen}}}, or use: [rigs/front_stereo]",
    )


def read_concrete(source: str) -> ConcreteScenario | None:
    """The concrete scenario in this file, or None when it is a name or a file of another kind."""
    path = Path(source)
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        return None
    text = path.read_text(encoding="utf-8", errors="replace")
    if re.search(r"^concrete:", text, re.MULTILINE) is None:
        return None
    return concrete_file.read(text, str(path))


def _distinct(orders: Sequence[Order]) -> tuple[Order, ...]:
    """The orders in which no sample stands twice, in the order in which each was first asked for."""
    kept: dict[tuple[object, ...], list[Order]] = {}
    for one in orders:
        alike = kept.setdefault(one.label(), [])
        found = next((i for i, other in enumerate(alike) if other.scenario == one.scenario), None)
        if found is None:
            alike.append(replace(one, indices=_united(one.indices)))
        else:
            alike[found] = replace(alike[found], indices=_united(alike[found].indices, one.indices))
    return tuple(one for alike in kept.values() for one in alike)


def _united(*of: Sequence[int]) -> Sequence[int]:
    """Every index once; as a range where one of them holds the others."""
    widest = max(of, key=len)
    others = [indices for indices in of if indices is not widest]
    if isinstance(widest, range) and all(index in widest for indices in others for index in indices):
        return widest
    return tuple(dict.fromkeys(index for indices in of for index in indices))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Orders, and the shard of them that this run makes. Iterating costs memory for one job at a time.

    A sample that is asked for several times is planned once: orders for the same scenario become one.
    """

    orders: tuple[Order, ...]
    shard: Shard = field(default_factory=Shard)

    def __post_init__(self) -> None:
        object.__setattr__(self, "orders", _distinct(self.orders))

    def __len__(self) -> int:
        """Jobs of the whole plan, all shards."""
        return sum(len(o.indices) for o in self.orders)

    @property
    def mine(self) -> int:
        """Jobs of this shard."""
        return len(range(self.shard.index, len(self), self.shard.count))

    def jobs(self, out: Path, renderer: str) -> Iterator[JobSpec]:
        """The jobs of this shard, in order."""
        samples = ((one, index) for one in self.orders for index in one.indices)
        for number, (one, index) in enumerate(samples):
            if number in self.shard:
                yield JobSpec(
                    source=one.source,
                    scenario=one.scenario,
                    overrides=one.overrides,
                    seed=one.seed,
                    index=index,
                    number=number,
                    renderer=renderer,
                    out=out,
                )
