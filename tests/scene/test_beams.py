"""Dipped beams at the test points of UN R112, class B (01 series, headlamps at 13.2 V)."""

import numpy as np
import pytest

from simgen.core.vocabulary import models
from simgen.scene import beams
from simgen.scene.body import Lamp
from simgen.scene.models.vehicle import road_lamps

HEAD = road_lamps(np.array([2.0, 0.6, 0.65]), np.array([-2.0, 0.6, 0.8]), on=True)[0]


def candela(lamp: Lamp, up_deg: float, left_deg: float) -> float:
    """Towards a direction given as R112 gives it: angles above the horizon and to the left, seen by the driver."""
    up, left = np.radians(up_deg), np.radians(left_deg)
    toward = np.array([np.cos(up) * np.cos(left), np.cos(up) * np.sin(left), np.sin(up)])
    right, rise, aim = (np.float32(a @ toward).reshape(1, 1) for a in beams.axes(np.array(lamp.direction)))
    assert lamp.edge_rad is not None
    beam = (np.cos([lamp.inner_rad]), np.cos([lamp.outer_rad]), np.array([lamp.spill]))
    cone = beams.within_cone(aim, *beam, np.array([True]))
    return float((lamp.intensity_cd * cone * beams.below_edge(rise, right, np.sin([lamp.edge_rad])))[0, 0])


@pytest.mark.parametrize(
    ("point", "up_deg", "left_deg", "low", "high"),
    [
        ("B50L", 0.57, 3.43, 0, 250),  # 0.4 lx in 25 m: the eyes of who comes the other way
        ("HV", 0.0, 0.0, 0, 625),
        ("BR", 1.0, -2.5, 0, 17_600),
        ("75R", -0.57, -1.15, 10_100, 44_000),
        ("75L", -0.57, 3.43, 0, 10_600),
        ("50L", -0.86, 3.43, 0, 13_200),
        ("50R", -0.86, -1.72, 10_100, 44_000),
        ("50V", -0.86, 0.0, 5100, 44_000),
        ("25L", -1.72, 9.0, 1700, 44_000),
        ("25R", -1.72, -9.0, 1700, 44_000),
    ],
)
def test_a_car_lights_the_road_and_not_the_eyes(
    point: str, up_deg: float, left_deg: float, low: float, high: float
) -> None:
    assert low <= candela(HEAD, up_deg, left_deg) <= high, point


def test_zone_iii_is_dark() -> None:
    """Above the horizon on the left, and above 15 degrees' rise on the right, 625 cd at most."""
    for left in np.linspace(0, 8, 9):
        for up in np.linspace(0, 4, 9):
            assert candela(HEAD, up, left) <= 625
            assert candela(HEAD, up + left * np.tan(np.radians(15)) + 0.1, -left) <= 625


def test_hot_spot_over_glare_is_as_published() -> None:
    hot = max(candela(HEAD, up, left) for up in np.arange(-4, 0, 0.25) for left in np.arange(-4, 4, 0.5))
    assert 15_000 < hot < 44_000
    assert hot / candela(HEAD, 0.57, 3.43) > 40


@pytest.mark.parametrize("name", ["car.sedan", "van", "bus", "truck", "motorcycle", "bicycle", "scooter", "car.police"])
def test_every_dipped_beam_ends_below_the_horizon(name: str) -> None:
    heads = [lamp for lamp in models.get(name)().build().lamps if lamp.name.startswith("head")]
    assert heads
    for lamp in heads:
        assert lamp.edge_rad is not None
        edge = np.arcsin(lamp.direction[2]) + lamp.edge_rad
        assert -np.radians(1.2) < edge < 0
        assert candela(lamp, 1.5, 3.4) < 0.02 * lamp.intensity_cd


@pytest.mark.parametrize("name", ["car.sedan", "motorcycle", "bicycle", "scooter"])
def test_a_dipped_beam_fades_to_the_sides_and_has_no_rim(name: str) -> None:
    """Never by more than a quarter of the light on the axis in two degrees, and gently to the last: what is left of a
    hundredth goes within no less than five degrees."""
    lamp = next(lamp for lamp in models.get(name)().build().lamps if lamp.name.startswith("head"))
    left = np.arange(0.0, 60.0, 0.25)
    below = np.degrees(np.arcsin(lamp.direction[2]))
    share = np.array([candela(lamp, below, one) for one in left]) / lamp.intensity_cd
    assert share[0] > 0.99
    assert np.all(np.diff(share) <= 1e-6)
    assert np.max(share[:-8] - share[8:]) < 0.25
    assert np.ptp(left[(share < 0.01) & (share > 1e-6)]) > 5.0


def test_axes_are_right_up_forward() -> None:
    right, up, forward = beams.axes(np.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(right, [0, -1, 0])
    np.testing.assert_allclose(up, [0, 0, 1])
    np.testing.assert_allclose(forward, [1, 0, 0])


@pytest.mark.parametrize("dipped", [False, True])
@pytest.mark.parametrize(("inner", "outer", "spill"), [(0.65, 1.3, 0.01), (0.3, 0.5, 0.0), (0.9, 2.6, 0.2)])
def test_the_flux_of_a_beam_is_its_intensity_over_all_directions(
    inner: float, outer: float, spill: float, dipped: bool
) -> None:
    beam = (np.cos([inner]), np.cos([outer]), np.array([spill]), np.array([dipped]))
    cosine = np.linspace(-1, 1, 200_001)
    summed = 4 * np.pi * beams.within_cone(cosine.astype(np.float32)[:, None], *beam).mean()
    assert beams.cone_sr(*beam)[0] == pytest.approx(summed, rel=1e-4)


@pytest.mark.parametrize("name", ["car.sedan", "motorcycle", "bicycle", "scooter"])
def test_of_a_dipped_beam_six_tenths_lie_below_its_edge(name: str) -> None:
    """Summed over directions; of the narrow beams of small vehicles some more."""
    lamp = next(lamp for lamp in models.get(name)().build().lamps if lamp.name.startswith("head"))
    assert lamp.edge_rad is not None
    beam = (np.cos([lamp.inner_rad]), np.cos([lamp.outer_rad]), np.array([lamp.spill]), np.array([True]))
    aim, turn = np.meshgrid(np.linspace(beam[1][0], 1, 1000), np.linspace(0, 2 * np.pi, 500, endpoint=False))
    off = np.sqrt(1 - aim**2)
    aim, right, rise = (one.reshape(-1, 1).astype(np.float32) for one in (aim, off * np.cos(turn), off * np.sin(turn)))
    cone = beams.within_cone(aim, *beam)
    passed = float((cone * beams.below_edge(rise, right, np.sin([lamp.edge_rad]))).sum() / cone.sum())
    assert passed == pytest.approx(beams.BELOW_EDGE, abs=0.02 if name in ("car.sedan", "motorcycle") else 0.12)


def test_all_round_is_the_whole_sphere_with_or_without_spill() -> None:
    for spill in (0.0, 0.1):
        assert beams.cone_sr(np.array([-1.5]), np.array([-2.0]), np.array([spill]))[0] == pytest.approx(4 * np.pi)


def test_a_street_lamp_gives_its_flux() -> None:
    lamp = models.get("street_lamp")().build().lamps[0]
    beam = (np.cos([lamp.inner_rad]), np.cos([lamp.outer_rad]), np.array([lamp.spill]))
    assert lamp.intensity_cd * beams.cone_sr(*beam)[0] == pytest.approx(5000.0, rel=1e-3)
