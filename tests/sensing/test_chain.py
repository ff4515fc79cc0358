"""One sensor along an episode."""

from dataclasses import replace

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.errors import UnknownName
from simgen.core.geometry import pose
from simgen.scene.body import Lamp
from simgen.scene.scene import ActiveEffect
from simgen.sensing.surroundings import Surroundings
from tests.sensing import stand

SEEN = stand.camera(64, 36)
TICKS = (0, 3, 6, 9, 12, 15)


def put(effect, start_tick, *, end_tick=None, sensor="front", **values):
    return ActiveEffect(
        sensor=sensor,
        effect=effect,
        values=values,
        event="it_breaks",
        start_s=start_tick / 60,
        end_s=None if end_tick is None else end_tick / 60,
    )


def episode(chain, active=None, luminance=300.0, **environment):
    """Frames of a picture that changes with every tick, while ``active`` (from, to) holds."""
    frames = []
    for tick in TICKS:
        effects = (active[2],) if active is not None and active[0] <= tick < active[1] else ()
        drawn = stand.buffers(SEEN, luminance * (1 + 0.02 * tick))
        frames.append(chain.deliver(stand.view(tick, effects=effects, **environment), SEEN, drawn))
    return frames


def images(frames):
    return [f.image.tobytes() for f in frames]


def test_an_episode_again_gives_the_same_bytes():
    made = [
        images(episode(stand.chain(effects=(vocabulary.effects.get("lens_drops")(accumulated=3.0),)), rain=20.0))
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len(set(made[0])) == len(TICKS)


def test_sensors_do_not_share_noise_and_do_not_disturb_each_other():
    alone = images(episode(stand.chain(name="front")))
    front, rear = stand.chain(name="front"), stand.chain(name="rear")
    both = [(images(episode(front)), images(episode(rear)))][0]
    assert both[0] == alone
    assert both[1] != alone


def test_the_seed_matters():
    other = vocabulary.sensors.get("camera")(mount="ego").chain("front", stand.KEY.child("other"), ())
    assert images(episode(other)) != images(episode(stand.chain()))


def test_frozen_frame_repeats_bytes():
    frames = episode(stand.chain(), (6, 12, put("frozen_frame", 6)))
    assert frames[2].image.tobytes() == frames[1].image.tobytes() == frames[3].image.tobytes()
    assert [f.content_tick for f in frames] == [0, 3, 3, 3, 12, 15]
    assert [f.tick for f in frames] == list(TICKS)
    assert frames[3].measurement_time_s == frames[1].measurement_time_s < frames[3].delivery_time_s
    assert frames[4].image.tobytes() != frames[1].image.tobytes()
    applied = frames[3].effects[-1]
    assert (applied.name, applied.kind, applied.stage, applied.event) == (
        "frozen_frame",
        "fault",
        "transport",
        "it_breaks",
    )


def test_frozen_from_the_first_frame():
    frames = episode(stand.chain(effects=(vocabulary.effects.get("frozen_frame")(),)))
    assert len(set(images(frames))) == 1
    assert {f.content_tick for f in frames} == {0}


def test_a_lost_frame_is_lost_and_the_next_one_is_not():
    frames = episode(stand.chain(), (6, 9, put("dropped_frame", 6)))
    assert [f.delivered for f in frames] == [True, True, False, True, True, True]
    assert frames[2].image is None
    clean = episode(stand.chain())
    assert frames[3].image.tobytes() == clean[3].image.tobytes()


def test_some_frames_are_lost_by_chance():
    lossy = stand.chain(effects=(vocabulary.effects.get("dropped_frame")(probability=0.5),))
    lost = [not lossy.deliver(stand.view(3 * i), SEEN, stand.buffers(SEEN)).delivered for i in range(60)]
    assert 15 < sum(lost) < 45


def test_freezing_while_frames_are_lost_shows_the_last_delivered():
    chain = stand.chain(effects=(vocabulary.effects.get("dropped_frame")(),))
    assert not episode(chain)[-1].delivered


def test_black_frame_is_black_and_blind():
    frames = episode(stand.chain("depth_camera"), (6, 9, put("black_frame", 6)))
    assert frames[2].blind and not frames[1].blind
    assert frames[2].image.max() == 0 and frames[2].depth_m.max() == 0
    assert frames[3].image.max() > 0


def test_latency_hands_over_the_past():
    clean = episode(stand.chain())
    late = episode(stand.chain(effects=(vocabulary.effects.get("latency")(delay=0.1),)))
    assert [f.content_tick for f in late] == [0, 0, 0, 3, 6, 9]
    assert late[5].image.tobytes() == clean[3].image.tobytes()
    assert late[5].delivery_time_s - late[5].measurement_time_s == pytest.approx(0.1)


def test_effects_on_other_sensors_are_theirs():
    frames = episode(stand.chain(), (0, 99, put("black_frame", 0, sensor="rear")))
    assert images(frames) == images(episode(stand.chain()))


def test_an_unknown_effect_is_named():
    with pytest.raises(UnknownName, match="frozen_frame"):
        episode(stand.chain(), (0, 99, put("frozen_frames", 0)))


def test_weather_acts_by_itself_and_not_indoors():
    outside = episode(stand.chain(), rain=20.0, fog_visibility=100.0)[0]
    assert [(e.name, e.origin) for e in outside.effects] == [("fog", "environment"), ("rain", "environment")]
    assert outside.extinction_per_m == pytest.approx(
        stand.view(0, rain=20.0, fog_visibility=100.0).snapshot.environment.extinction_per_m
    )
    assert episode(stand.chain(), rain=20.0, lighting="indoor")[0].effects == ()


def test_effects_act_in_physical_order():
    effects = tuple(vocabulary.effects.get(n)() for n in ("compression", "dead_pixels", "defocus"))
    frame = episode(stand.chain(effects=effects), rain=5.0)[0]
    assert [e.name for e in frame.effects] == ["rain", "defocus", "dead_pixels", "compression"]


def test_exposure_adapts_along_the_episode():
    chain = stand.chain(adaptation=0.1)
    for tick in range(0, 30, 3):
        bright = chain.deliver(stand.view(tick), SEEN, stand.buffers(SEEN, 3000.0))
    dark = [chain.deliver(stand.view(t), SEEN, stand.buffers(SEEN, 100.0)) for t in range(30, 120, 3)]
    assert dark[0].exposure_s == pytest.approx(bright.exposure_s, rel=0.01)
    assert dark[0].image.mean() < 0.6 * bright.image.mean()
    assert dark[-1].exposure_s > 15 * bright.exposure_s
    assert dark[-1].image.mean() == pytest.approx(bright.image.mean(), rel=0.15)


def test_a_given_exposure_is_kept():
    frame = episode(stand.chain(exposure=0.002, gain=2.0))[-1]
    assert (frame.exposure_s, frame.gain) == (0.002, 2.0)


def test_delivered_arrays_are_read_only():
    frame = episode(stand.chain("depth_camera"))[0]
    for array in (frame.image, frame.depth_m, frame.depth_cause):
        assert not array.flags.writeable


def test_lamps_light_fog_at_night():
    lamp = Lamp(
        name="head", position_m=(2.0, 0.0, 0.7), direction=(1.0, 0.0, 0.0), intensity_cd=20_000.0, inner_rad=0.2,
        outer_rad=0.5,
    )  # fmt: skip

    def mean(lamps):
        frame = stand.chain(exposure=0.016, gain=4.0).deliver(
            stand.view(0, stand.scene(lamps), time_of_day=23.0, fog_visibility=40.0), SEEN, stand.buffers(SEEN, 0.1)
        )
        return frame.image.mean()

    assert mean((lamp,)) > 1.3 * mean(())


def driving(tick, speed_mps, **environment):
    shown = stand.view(tick, **environment)
    return replace(shown, snapshot=replace(shown.snapshot, velocity_mps=np.array([[speed_mps, 0.0, 0.0]])))


def test_rain_slants_with_the_carriers_speed():
    def frame(speed_mps):
        shown = driving(0, speed_mps, rain=50.0)
        return stand.chain(exposure=0.01).deliver(shown, SEEN, stand.buffers(SEEN)).image.tobytes()

    assert frame(0.0) != frame(20.0)


def test_the_camera_moves_as_its_carrier_does_and_from_then_on_as_it_did(monkeypatch):
    told, about = [], Surroundings.about

    def spied(view, camera, camera_mps):
        told.append(camera_mps)
        return about(view, camera, camera_mps)

    monkeypatch.setattr(Surroundings, "about", staticmethod(spied))
    chain = stand.chain()
    moved = replace(SEEN, world_from_camera=pose((3.0, 0.0, 0.0)) @ SEEN.world_from_camera)
    for tick, camera in ((0, SEEN), (12, moved)):
        chain.deliver(driving(tick, 20.0), camera, stand.buffers(camera))
    # Three metres in twelve ticks of 1/60 s.
    assert np.array(told) == pytest.approx(np.array([(20.0, 0.0, 0.0), (15.0, 0.0, 0.0)]))
