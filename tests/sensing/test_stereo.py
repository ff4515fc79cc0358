"""The error of stereo depth, and its holes."""

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.errors import ValueOutOfRange
from simgen.sensing.frame import DepthCause
from simgen.sensing.imager import Imager
from simgen.sensing.stereo import Stereo, hidden_from_second
from tests.sensing import stand

STEREO = Stereo(baseline_m=0.1, nearest_m=0.3, farthest_m=40.0, disparity_noise_px=0.08)


def measured(depth_m, radiance=300.0, size=(128, 72), **more):
    seen = stand.camera(*size)
    shape = (seen.height_px, seen.width_px)
    frame = stand.working(seen, np.full((*shape, 3), radiance), np.broadcast_to(depth_m, shape).copy(), **more)
    return seen, STEREO.measure(frame, Imager(), np.random.default_rng(1))


def test_error_grows_with_the_square_of_distance():
    distances = np.array([1.0, 2.0, 4.0, 8.0])
    sigmas = []
    for z in distances:
        seen, frame = measured(z)
        inner = frame.depth_m[:, 40:]
        sigmas.append(np.std(inner[inner > 0]))
    power = np.polyfit(np.log(distances), np.log(sigmas), 1)[0]
    assert power == pytest.approx(2.0, abs=0.1)
    assert sigmas[1] == pytest.approx(2.0**2 * 0.08 / (seen.fx_px * 0.1), rel=0.1)


def test_disparity_comes_in_steps():
    seen, frame = measured(2.0)
    disparity = seen.fx_px * 0.1 / frame.depth_m[frame.depth_m > 0].astype(float)
    assert np.abs(disparity * 32 - np.round(disparity * 32)).max() < 1e-3


def test_causes_of_holes():
    depth = np.full((72, 128), 5.0)
    depth[:10], depth[10:20], depth[20:30] = np.inf, 0.1, 60.0
    radiance = np.full((72, 128, 3), 300.0)
    radiance[40:50], radiance[50:60] = 1e-4, 1e6
    frame = STEREO.measure(
        stand.working(stand.camera(128, 72), radiance, depth, exposure_s=1e-3), Imager(), np.random.default_rng(1)
    )
    cause = frame.depth_cause[:, 60]
    assert (cause[:30] == DepthCause.OUT_OF_RANGE).all()
    assert (cause[30:40] == DepthCause.MEASURED).all()
    assert (cause[40:50] == DepthCause.DARK).all()
    assert (cause[50:60] == DepthCause.SPECULAR).all()
    assert ((frame.depth_m == 0) == (frame.depth_cause != DepthCause.MEASURED)).all()


def test_what_the_second_lens_cannot_see():
    # A near strip right of a far wall hides as many columns of it as the disparities differ by.
    disparity = np.full((3, 100), 4.0, dtype=np.float32)
    disparity[:, 60:70] = 20.0
    hidden = hidden_from_second(disparity)
    # The first columns have no partner: they lie left of the second picture.
    assert np.array_equal(np.flatnonzero(hidden[1]), [*range(4), *range(44, 54)])


def test_fog_hides_from_stereo_too():
    _, frame = measured(20.0, extinction_per_m=0.2)
    assert (frame.depth_cause == DepthCause.LOW_CONTRAST).mean() > 0.9


def test_depth_camera_delivers_both():
    seen = stand.camera(64, 36)
    frame = stand.chain("depth_camera", baseline=0.1).deliver(stand.view(0), seen, stand.buffers(seen, depth_m=5.0))
    assert frame.image is not None and frame.depth_m is not None and frame.depth_cause is not None
    seen_depth = frame.depth_m[frame.depth_cause == DepthCause.MEASURED]
    assert len(seen_depth) > 500
    assert seen_depth.mean() == pytest.approx(5.0, rel=0.05)


def test_depth_effects_need_a_depth_camera():
    effect = vocabulary.effects.get("disparity_noise")()
    with pytest.raises(ValueOutOfRange, match="depth_camera"):
        stand.chain("camera", (effect,))
    noisy = stand.chain("depth_camera", (effect,))
    seen = stand.camera(64, 36)
    frame = noisy.deliver(stand.view(0), seen, stand.buffers(seen, depth_m=5.0))
    assert (frame.depth_cause == DepthCause.DROPOUT).any()


@pytest.mark.parametrize("baseline_m", [0.2, 0.5])
def test_bad_matching_errs_by_the_baseline_of_its_own_camera(baseline_m):
    effect = vocabulary.effects.get("disparity_noise")(sigma=0.5, flying=0, dropout=0)
    camera = stand.chain("depth_camera", (effect,), baseline=baseline_m, disparity_noise=0)
    seen = stand.camera(192, 108)
    frame = camera.deliver(stand.view(0), seen, stand.buffers(seen, depth_m=5.0))
    depth = frame.depth_m[frame.depth_cause == DepthCause.MEASURED].astype(float)
    # On disparity, since noise on depth is skewed where it is large
    sigma_px = np.std(seen.fx_px * baseline_m / depth)
    assert sigma_px == pytest.approx(0.5, rel=0.05)
