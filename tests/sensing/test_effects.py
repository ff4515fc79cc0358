"""What every registered effect promises."""

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.declare import Declared
from simgen.sensing.frame import STAGES, DepthCause
from simgen.sensing.medium import veiled
from tests.sensing import stand

NEEDED = {"fog": {"visibility": 80.0}, "rain": {"rate": 20.0}, "snow": {"rate": 2.0}, "latency": {"delay": 0.1}}
NAMES = vocabulary.effects.names()


def frame_of(width, height):
    seen = stand.camera(width, height)
    drawn = stand.buffers(seen)
    shape = (height, width)
    depth = np.where(np.isinf(drawn.depth_m), 0.0, drawn.depth_m).astype(np.float32)
    return stand.working(
        seen,
        drawn.radiance,
        drawn.depth_m,
        electrons=np.full(shape, 400.0, dtype=np.float32),
        image=np.full((*shape, 3), 120, dtype=np.uint8),
        depth_m=depth,
        depth_cause=np.where(depth > 0, DepthCause.MEASURED, DepthCause.OUT_OF_RANGE).astype(np.uint8),
        baseline_m=0.1,
    )


def apply(name, width, height):
    effect = vocabulary.effects.get(name)(**NEEDED.get(name, {}))
    previous = frame_of(width, height).replace(content_tick=3).finish()
    return veiled(effect.apply(frame_of(width, height), stand.moment(previous=previous, captured=(previous,))))


def arrays(frame):
    names = ("radiance", "true_depth_m", "electrons", "image", "depth_m", "depth_cause", "lens_blocked")
    return {n: getattr(frame, n) for n in names}


def test_the_library_covers_the_chain():
    stages = {member.stage for _, member in vocabulary.effects.items()}
    assert {"medium", "lens", "imager", "isp", "codec", "transport"} <= stages


@pytest.mark.parametrize("name", NAMES)
def test_is_declared(name):
    member = vocabulary.effects.get(name)
    assert issubclass(member, Declared)
    assert member.help()
    assert member.stage in STAGES
    assert member.kind in ("triggering_condition", "fault")
    assert member.labels
    for parameter in member.parameters.values():
        assert parameter.help, parameter.name
        if parameter.kind == "quantity":
            assert np.isfinite(parameter.low) and np.isfinite(parameter.high), parameter.name


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (17, 33), (64, 35)])
@pytest.mark.parametrize("name", NAMES)
def test_runs_on_any_size_and_keeps_it(name, size):
    width, height = size
    after = apply(name, width, height)
    for field, array in arrays(after).items():
        if array is not None:
            assert array.shape[:2] == (height, width), field
            # Sky lies at infinity; everything else is a number.
            assert field == "true_depth_m" or np.isfinite(array).all(), field
    assert after.radiance.dtype == np.float32
    assert (after.radiance >= 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_is_a_function_of_its_arguments(name):
    first, second = arrays(apply(name, 64, 35)), arrays(apply(name, 64, 35))
    for field in first:
        assert np.array_equal(first[field], second[field]), field


@pytest.mark.parametrize("name", NAMES)
def test_leaves_its_input_alone(name):
    effect = vocabulary.effects.get(name)(**NEEDED.get(name, {}))
    before = frame_of(64, 35)
    kept = {n: None if a is None else a.copy() for n, a in arrays(before).items()}
    veiled(effect.apply(before, stand.moment()))
    for field, array in arrays(before).items():
        assert np.array_equal(array, kept[field]), field
