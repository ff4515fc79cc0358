import numpy as np

from simgen.sensing.effects.lens_drops import LensDrops, _cap, _cap_radius
from tests.sensing import stand

SEEN = stand.camera(320, 180)


def drops(elapsed_s, **values):
    return LensDrops(**values).drops_at(SEEN, stand.KEY, elapsed_s)


def test_drops_pile_up_and_stay():
    early, late = drops(3.0), drops(3.5)
    assert 0 < len(early.radius_m) <= len(late.radius_m)
    assert len(drops(10.0).radius_m) > 2 * len(early.radius_m)
    still = early.radius_m < 1.7e-3
    distance = np.linalg.norm(early.center_m[still][:, None] - late.center_m[None], axis=-1).min(axis=1)
    assert np.median(distance) < 1e-6


def test_more_rain_more_drops():
    assert len(drops(5.0, rate=30.0).radius_m) > 1.5 * len(drops(5.0, rate=3.0).radius_m)


def test_it_had_rained_before():
    assert len(drops(0.0).radius_m) < len(drops(0.0, accumulated=8.0).radius_m)


def apply(radiance):
    frame = stand.working(SEEN, radiance, np.full((180, 320), 30.0))
    return LensDrops(accumulated=8.0).apply(frame, stand.moment(elapsed_s=0.0))


def test_what_is_blocked_changes_and_the_rest_does_not():
    rng = np.random.default_rng(1)
    radiance = rng.uniform(100, 1000, (180, 320, 3)).astype(np.float32)
    after = apply(radiance)
    change = np.abs(after.radiance - radiance).mean(axis=2)
    assert 0.005 < after.lens_blocked.mean() < 0.5
    assert change[after.lens_blocked].mean() > 50
    far = np.ones_like(after.lens_blocked)
    rows, columns = np.nonzero(after.lens_blocked)
    for y, x in zip(rows, columns, strict=True):
        far[max(0, y - 12) : y + 13, max(0, x - 12) : x + 13] = False
    assert far.any()
    assert np.median(change[far]) < 1e-3


def test_a_drop_shows_the_world_upside_down():
    radiance = np.empty((180, 320, 3), dtype=np.float32)
    radiance[:] = 10.0 + 5.0 * np.arange(180)[:, None, None]
    after = apply(radiance)
    effect = LensDrops(accumulated=8.0)
    found = effect.drops_at(SEEN, stand.KEY.child("effect"), 0.0)
    pixels = SEEN.fx_px / effect.distance
    tops = []
    for (x, y), radius in zip(found.center_m * pixels, found.radius_m * pixels, strict=True):
        u, v = round(x + SEEN.cx_px), round(y + SEEN.cy_px)
        if radius > 5.5 and 40 < v < 140 and 10 < u < 310:
            tops.append(after.radiance[v - 3, u, 1] - after.radiance[v + 3, u, 1])
    # The picture brightens downwards; in the drops it brightens upwards.
    assert len(tops) > 0
    assert np.median(tops) > 0


def test_snell_on_the_cap():
    bend, passed = _cap(0.85)
    rho = 0.5
    slope = np.arcsin(rho * np.sin(0.85))
    index = round(rho * 255)
    expected = np.tan(np.arcsin(1.33 * np.sin(slope)) - slope)
    assert abs(bend[index] - expected) < 0.005
    # Beyond the critical angle, 48.8 degrees, hardly anything gets through.
    steep, rim = _cap(1.5)
    assert rim[-1] < 0.1 < passed[0]
    assert steep[0] == 0.0


def test_a_hemisphere_keeps_its_volume():
    # 2/3 pi r^3 = pi/6 D^3
    assert abs(_cap_radius(np.pi / 2) - 0.25 ** (1 / 3)) < 1e-12
