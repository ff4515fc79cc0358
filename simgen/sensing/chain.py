"""The way of a frame through one sensor, in physical order, along one episode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.core import vocabulary
from simgen.core.camera import Camera
from simgen.core.errors import ValueOutOfRange
from simgen.core.geometry import Array
from simgen.core.seeds import Key
from simgen.rendering.protocol import RenderBuffers
from simgen.scene.environment import Environment
from simgen.scene.scene import SceneView
from simgen.sensing import planes
from simgen.sensing.effect import Effect, Moment, effect_name
from simgen.sensing.exposure import Automatic, ExposureControl, meter
from simgen.sensing.frame import AppliedEffect, Origin, SensorFrame, Stage, WorkingFrame
from simgen.sensing.imager import Imager
from simgen.sensing.isp import denoising, develop
from simgen.sensing.medium import veiled
from simgen.sensing.optics import natural_shading, point_spread, stray_light
from simgen.sensing.stereo import Stereo
from simgen.sensing.surroundings import Surroundings

TICKS_PER_SECOND = 60

OPTICAL: tuple[Stage, ...] = ("surface", "medium", "glare", "lens")
PICTURE: tuple[Stage, ...] = ("isp", "codec")

HAZE_M = 15_000.0
"""A visibility beyond this is clear air: the renderer's sky and the eye know no difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Optics:
    """The lens: share of stray light, strength of the cos⁴ shading (1 is uncorrected), width of its point spread."""

    stray_light: float = 0.01
    shading: float = 0.35
    spread_px: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """An effect at work on a frame: where it comes from and since when (simulation time)."""

    name: str
    effect: Effect
    origin: Origin
    event: str
    since_s: float
    key: Key


class Chain:
    """One sensor along one episode; frames are delivered in time order.

    Exposure, white balance and what transport remembers live here. Two chains with equal arguments that are given the
    same frames deliver the same bytes, whatever other sensors do.

    Args:
        name: the sensor's name in the scenario.
        key: of the episode; the chain draws under ``sensors.<name>``.
        effects: always at work, from the sensor's own list.
        carrier: the entity that it is mounted on, or "" for the world.
        stereo: measures depth too when given.
    """

    def __init__(
        self,
        name: str,
        key: Key,
        effects: Sequence[Effect],
        *,
        carrier: str,
        imager: Imager,
        exposure: ExposureControl,
        optics: Optics,
        stereo: Stereo | None = None,
    ) -> None:
        self._name = name
        self._key = key.child("sensors", name)
        self._carrier = carrier
        self._imager = imager
        self._optics = optics
        self._stereo = stereo
        self._automatic = Automatic(exposure, imager)
        self._previous: SensorFrame | None = None
        self._captured: list[SensorFrame] = []
        self._last_time_s = 0.0
        self._last_pose: Array | None = None
        self._static = tuple(self._active(effect_name(e), e, "sensor", "", 0.0, str(i)) for i, e in enumerate(effects))

    def deliver(self, view: SceneView, camera: Camera, buffers: RenderBuffers) -> SensorFrame:
        """What the sensor hands over for one rendered picture: ``buffers`` of ``view`` through ``camera``."""
        snapshot = view.snapshot
        surroundings = Surroundings.about(view, camera, self._velocity(view, camera))
        active = self._static + tuple(self._weather(snapshot.environment, surroundings))
        for i, put in enumerate(e for e in snapshot.effects if e.sensor == self._name):
            values = {k: v for k, v in put.values.items() if v is not None}
            effect = vocabulary.effects.get(put.effect)(where=f"sensors.{self._name}.{put.effect}", **values)
            active += (self._active(put.effect, effect, "event", put.event, put.start_s, str(i)),)
        frame = self._pass(active, snapshot.tick, snapshot.time_s, camera, surroundings, buffers)
        self._last_pose, self._last_time_s = camera.world_from_camera, snapshot.time_s
        return frame

    def _pass(
        self,
        active: Sequence[Active],
        tick: int,
        time_s: float,
        camera: Camera,
        surroundings: Surroundings,
        buffers: RenderBuffers,
    ) -> SensorFrame:
        imaged = None if camera.lens is None else natural_shading(camera) > 0
        if not self._automatic.ready:
            self._automatic.see(meter(buffers.radiance, imaged), 0.0)
        exposure_s, gain = self._automatic.setting()
        balance = self._automatic.balance()
        frame = WorkingFrame(
            sensor=self._name,
            tick=tick,
            content_tick=tick,
            time_s=time_s,
            measurement_time_s=time_s,
            delivery_time_s=time_s,
            camera=camera,
            surroundings=surroundings,
            exposure_s=exposure_s,
            gain=gain,
            radiance=planes.single_precision(buffers.radiance),
            true_depth_m=buffers.depth_m,
            light_depth_m=buffers.light_depth_m,
        )
        for stage in OPTICAL:
            frame = self._apply(active, stage, frame)
            if stage == "medium":
                frame = veiled(frame)
        sharp = point_spread(frame.radiance, self._optics.spread_px)
        frame = frame.replace(radiance=stray_light(sharp, self._optics.stray_light))
        self._automatic.see(meter(frame.radiance, imaged), time_s - self._last_time_s)
        if self._stereo is not None:
            draws = self._key.child("stereo", tick).generator()
            frame = self._stereo.measure(frame, self._imager, draws)
        mean = self._imager.collect(frame.radiance, frame.exposure_s, natural_shading(camera, self._optics.shading))
        electrons = self._imager.expose(
            mean, frame.exposure_s, frame.gain, self._key, self._key.child("exposure", tick)
        )
        frame = self._apply(active, "imager", frame.replace(electrons=electrons))
        assert frame.electrons is not None
        numbers = self._imager.digitise(frame.electrons, frame.gain)
        frame = frame.replace(image=develop(numbers, self._imager, balance, denoising=denoising(frame.gain)))
        for stage in PICTURE:
            frame = self._apply(active, stage, frame)
        captured = frame.finish()
        frame = self._apply(active, "transport", frame)
        delivered = frame.finish()
        self._remember(captured, active)
        if delivered.delivered:
            self._previous = delivered
        return delivered

    def _apply(self, active: Sequence[Active], stage: Stage, frame: WorkingFrame) -> WorkingFrame:
        for one in active:
            if one.effect.stage != stage:
                continue
            moment = Moment(
                key=one.key,
                tick=frame.tick,
                elapsed_s=frame.time_s - one.since_s,
                previous=self._previous,
                captured=tuple(self._captured),
            )
            applied = AppliedEffect(
                name=one.name,
                kind=one.effect.kind,
                stage=stage,
                values=one.effect.values(),
                origin=one.origin,
                event=one.event,
            )
            frame = one.effect.apply(frame, moment).replace(applied=(*frame.applied, applied))
        return frame

    def _active(self, name: str, effect: Effect, origin: Origin, event: str, since_s: float, place: str) -> Active:
        if effect.needs == "depth" and self._stereo is None:
            raise ValueOutOfRange(
                f"'{name}' needs a sensor that measures depth",
                where=f"sensors.{self._name}",
                remedy="put it on a depth_camera",
            )
        key = self._key.child("effects", origin, event or place, name)
        return Active(name=name, effect=effect, origin=origin, event=event, since_s=since_s, key=key)

    def _weather(self, environment: Environment, surroundings: Surroundings) -> Iterator[Active]:
        if surroundings.sheltered:
            return
        if environment.fog_visibility_m < HAZE_M:
            fog = vocabulary.effects.get("fog")(visibility=max(environment.fog_visibility_m, 5.0))
            yield self._active("fog", fog, "environment", "", 0.0, "")
        if environment.rain_mm_h > 0.05:
            rain = vocabulary.effects.get("rain")(rate=environment.rain_mm_h)
            yield self._active("rain", rain, "environment", "", 0.0, "")
        if environment.snow_mm_h > 0.02:
            snow = vocabulary.effects.get("snow")(rate=environment.snow_mm_h)
            yield self._active("snow", snow, "environment", "", 0.0, "")

    def _remember(self, captured: SensorFrame, active: Sequence[Active]) -> None:
        reach = max((a.effect.looks_back_s for a in active), default=0.0)
        self._captured.append(captured)
        oldest = captured.measurement_time_s - reach - 0.5 / TICKS_PER_SECOND
        # One frame older than the reach stays, so that there is always one from before it.
        while len(self._captured) > 1 and self._captured[1].measurement_time_s <= oldest:
            self._captured.pop(0)
        if reach == 0.0:
            del self._captured[:-1]

    def _velocity(self, view: SceneView, camera: Camera) -> Array:
        """(3,) of the camera in the world's frame: by how it moved since the last frame, at the first its carrier's."""
        elapsed = view.snapshot.time_s - self._last_time_s
        if self._last_pose is not None and elapsed > 0:
            moved: Array = (camera.world_from_camera[:3, 3] - self._last_pose[:3, 3]) / elapsed
            return moved
        if not self._carrier:
            return np.zeros(3)
        return np.array(view.snapshot.velocity_mps[view.scene.index(self._carrier)], dtype=np.float64)
