from __future__ import annotations

import dataclasses
import functools
import json
import math
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from simgen.core.errors import DatasetFault
from simgen.dataset.canonical import canonical, compact, plain, sha256
from simgen.dataset.platform import platform_facts
from simgen.dataset.record import FrameRecord
from simgen.dataset.rows import labels_text
from simgen.scene.scene import EventState
from tests.dataset import small


@pytest.fixture(scope="module")
def record() -> FrameRecord:
    return list(small.bundles())[2].record


def test_canonical_json_is_rfc_8785() -> None:
    # The example of RFC 8785, section 3.2.2, less its strings.
    document = {"numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27], "literals": [None, True, False]}
    expected = b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}'
    assert canonical(plain(document)) == expected


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(1 - 2**53, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner),
)


@given(JSON)
@example([0.0, -0.0, 1e21, 1e20, 123456789012345680000.0, 1e-6, 1e-7, 1.5e-7, -2.5e-5, 5e-324, 1e16])
@example({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7})
def test_canonical_json_is_that_of_another_writer(document: Any) -> None:
    assert canonical(document) == rfc8785.dumps(document)


_AS_PYTHON = functools.partial(json.dumps, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclasses.dataclass(frozen=True, slots=True)
class _Named:
    name: str
    at: tuple[float, ...]
    below: object = None


def test_compact_json_is_that_of_python() -> None:
    powers = [10.0**e for e in range(-324, 309)] + [float(np.nextafter(10.0**e, 0.0)) for e in range(-12, 24)]
    document = {
        "numbers": [*powers, *np.random.default_rng(1).normal(size=500).tolist(), 0.0, -0.0, 1e15 / 3, 2**53, -7],
        '100 % ü %s "': ["50 %\n", True, None, {}, [], (), np.float64(0.1), {"b": 1, "a": [[]]}],
    }
    assert compact(document) == _AS_PYTHON(document)
    named = _Named("a % b", (1.0, 2.5e-7, float(np.pi)), [_Named("", ())])
    assert compact([named]) == _AS_PYTHON([dataclasses.asdict(named)])


@dataclasses.dataclass
class _Point:
    name: str
    number: int
    x: float
    y: float


def test_a_row_of_names_and_numbers_must_be_what_its_types_say() -> None:
    assert compact(_Point("a", 1, 0.5, 2.0)) == _AS_PYTHON(dataclasses.asdict(_Point("a", 1, 0.5, 2.0)))
    with pytest.raises(TypeError, match=r"_Point\.number is int"):
        compact(_Point("b", 1.5, 0.5, 2.0))  # type: ignore[arg-type]


def test_labels_are_written_as_their_plain_form() -> None:
    for bundle in small.bundles():
        assert labels_text(bundle.labels) == _AS_PYTHON(bundle.labels.to_plain())


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_compact_json_has_no_infinities(number: float) -> None:
    with pytest.raises(ValueError):
        compact({"a": [1.0, number]})


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 2**53])
def test_numbers_without_canonical_form(value: float) -> None:
    with pytest.raises(ValueError):
        canonical([value])


def test_plain_knows_arrays_dataclasses_and_infinities() -> None:
    document = plain({"a": np.array([1.5, np.inf]), "e": EventState(name="x", phase="waiting"), "n": np.int64(3)})
    event = {"name": "x", "phase": "waiting", "start_s": None, "end_s": None, "actors": []}
    assert document == {"a": [1.5, "inf"], "e": event, "n": 3}
    with pytest.raises(TypeError, match="object has no form"):
        plain(object())


def test_a_record_holds_what_a_frame_follows_from(record: FrameRecord) -> None:
    document = record.document()
    episode = record.episode
    assert record.frame_id == f"{record.job}/front/000002"
    assert (record.tick, record.step, record.time_ns, record.content_tick) == (6, 24, 100_000_000, 3)
    assert episode.scenario.draws[0].path == "parameters.speed"
    assert episode.events[0].defined_at == "crossing_box.yaml:12"
    assert record.events[0].phase == "running"
    assert {a.id: a.licence for a in episode.assets} == {"van": "Apache-2.0", "box": "Apache-2.0"}
    assert episode.physics.settings == {"solver_iterations": 60}
    assert record.ego is not None
    assert record.ego.velocity_mps == (0.0, 6.0, 0.0)
    assert record.environment["rain_mm_h"] == 5.0
    assert record.effects[0].values["read"] == 3.0
    assert [o.name for o in record.outputs] == ["rgb", "depth", "instance", "semantic"]
    assert document["episode"]


def test_records_name_no_host_and_no_user(record: FrameRecord) -> None:
    text = json.dumps(record.document())
    assert socket.gethostname() not in text
    assert str(Path.home()) not in text


def test_a_record_comes_back_from_its_stored_form(record: FrameRecord) -> None:
    again = FrameRecord.restore(json.loads(record.stored), record.episode)
    assert again.digest == record.digest == sha256(record.stored)
    assert again.document() == record.document()


def test_a_record_does_not_fit_another_episode(record: FrameRecord) -> None:
    other = record.episode.model_copy(update={"job": "0" * 32})
    with pytest.raises(DatasetFault, match="names the episode facts"):
        FrameRecord.restore(json.loads(record.stored), other)


def test_the_record_digest_binds_frame_and_episode(record: FrameRecord) -> None:
    physics = record.episode.physics.model_copy(update={"step_s": 1.0})
    episode = record.episode.model_copy(update={"physics": physics})
    assert episode.digest != record.episode.digest
    assert record.model_copy(update={"episode": episode}).digest != record.digest
    assert record.model_copy(update={"tick": 7}).digest != record.digest
    assert record.model_copy().digest == record.digest


def test_records_form_a_chain_of_states() -> None:
    records = [bundle.record for bundle in small.bundles()]
    assert records[0].previous_state_digest == ""
    assert [r.previous_state_digest for r in records[1:]] == [r.state_digest for r in records[:-1]]


def test_another_process_comes_to_the_same_record(record: FrameRecord) -> None:
    code = "from tests.dataset import small; print(list(small.bundles())[2].record.digest)"
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == record.digest


def test_the_platform_names_what_computes() -> None:
    facts = platform_facts()
    assert facts is platform_facts()
    assert facts.packages["numpy"] == np.__version__
    assert len(facts.source_sha256) == 64
