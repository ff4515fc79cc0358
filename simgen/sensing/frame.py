"""A frame on its way through a sensor (``WorkingFrame``) and as the sensor delivered it (``SensorFrame``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera, Optics
from simgen.core.declare import Plain
from simgen.sensing.surroundings import Surroundings

if TYPE_CHECKING:
    from simgen.sensing.medium import Medium

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]
Mask = NDArray[np.bool_]

Stage = Literal["surface", "medium", "glare", "lens", "imager", "isp", "codec", "transport"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""The physical order in which effects act."""

Kind = Literal["triggering_condition", "fault"]
"""triggering_condition: the world outside is hard to sense (ISO 21448). fault: the sensor is broken (ISO 26262)."""

Origin = Literal["environment", "sensor", "event"]


class DepthCause(IntEnum):
    """Why a measured depth is what it is; everything but ``MEASURED`` and ``FLYING`` is a hole, of depth 0."""

    MEASURED = 0
    OUT_OF_RANGE = 1
    OCCLUDED = 2
    DARK = 3
    SPECULAR = 4
    LOW_CONTRAST = 5
    DROPOUT = 6
    FLYING = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedEffect:
    """One effect that acted on a frame, with its parameters in declared units.

    ``origin`` says what put it there: the environment's weather, the sensor's own list, or the story event ``event``.
    """

    name: str
    kind: Kind
    stage: Stage
    values: Mapping[str, Plain]
    origin: Origin
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SensorFrame:
    """What a camera or depth camera delivered at one of its ticks.

    Attributes:
        tick: control tick at which it was due; content_tick: the tick that its content shows (earlier when frozen or
            late).
        image: (H, W, 3) uint8 sRGB; None when nothing was delivered.
        depth_m: (H, W) float32 measured planar z, 0 is a hole; None for a plain camera.
        depth_cause: (H, W) uint8 of DepthCause, or None.
        lens_blocked: (H, W) bool, where drops or dirt on the lens cover the picture; None when the lens is clean.
        measurement_time_s: instant that the content shows, simulation time.
        delivery_time_s: instant at which it is handed over.
        delivered: False when the frame was lost; image and depth are then None.
        blind: nothing in the picture can be recognised (black frame).
        exposure_s, gain: as the imager used them.
        extinction_per_m: attenuation of light along the path, by weather and by effects.
    """

    sensor: str
    tick: int
    content_tick: int
    image: UInt8 | None
    depth_m: Float32 | None
    depth_cause: UInt8 | None
    lens_blocked: Mask | None
    measurement_time_s: float
    delivery_time_s: float
    delivered: bool
    blind: bool
    exposure_s: float
    gain: float
    extinction_per_m: float
    camera: Camera
    effects: tuple[AppliedEffect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkingFrame:
    """A frame between two stages. Arrays belong to whoever made them: an effect returns new ones.

    Attributes:
        time_s: instant that the renderer drew.
        surroundings: light, air and lamps about the camera.
        exposure_s, gain: what the imager will use, or has used.
        radiance: (H, W, 3) float32 linear RGB luminance, cd/m²; what arrives at the pixel once the optics have acted.
        true_depth_m: (H, W) float32 depth of the surfaces, as the camera counts it; +inf for sky.
        light_depth_m: the same of where most of a pixel's light comes from, see ``RenderBuffers``.
        media: what fills the air and does not show yet, see ``filled``.
        electrons: (H, W) float32 on a red-green/green-blue mosaic, from the imager stage on.
        image: (H, W, 3) uint8 sRGB, from the isp stage on.
        depth_m, depth_cause: measured depth and causes, for sensors that measure it; baseline_m: between the lenses by
            which they do.
    """

    sensor: str
    tick: int
    content_tick: int
    time_s: float
    measurement_time_s: float
    delivery_time_s: float
    camera: Camera
    surroundings: Surroundings
    exposure_s: float
    gain: float
    radiance: Float32
    true_depth_m: Float32
    light_depth_m: Float32 | None = None
    media: tuple[Medium, ...] = ()
    electrons: Float32 | None = None
    image: UInt8 | None = None
    depth_m: Float32 | None = None
    depth_cause: UInt8 | None = None
    baseline_m: float | None = None
    lens_blocked: Mask | None = None
    delivered: bool = True
    blind: bool = False
    extinction_per_m: float = 0.0
    applied: tuple[AppliedEffect, ...] = field(default=())

    def replace(self, **changes: Any) -> WorkingFrame:
        return replace(self, **changes)

    @property
    def range_m(self) -> Float32:
        """(H, W) range along the ray; +inf for sky."""
        return self.true_depth_m * ray_scale(self.camera)

    def filled(self, medium: Medium) -> WorkingFrame:
        """This frame with one more medium in the air. What is in the air shows at the end of the medium stage, because
        light goes through all of it at once (``medium.veiled``)."""
        return replace(
            self, media=(*self.media, medium), extinction_per_m=self.extinction_per_m + medium.extinction_per_m
        )

    def cover(self, blocked: Mask) -> Mask:
        """The mask of covered pixels with ``blocked`` (H, W) added."""
        return blocked if self.lens_blocked is None else self.lens_blocked | blocked

    def showing(self, earlier: SensorFrame) -> WorkingFrame:
        """This frame with the content of an earlier one, as a stalled or late transport hands it over."""
        return replace(
            self,
            content_tick=earlier.content_tick,
            measurement_time_s=earlier.measurement_time_s,
            camera=earlier.camera,
            exposure_s=earlier.exposure_s,
            gain=earlier.gain,
            image=earlier.image,
            depth_m=earlier.depth_m,
            depth_cause=earlier.depth_cause,
            lens_blocked=earlier.lens_blocked,
            delivered=earlier.delivered,
            blind=earlier.blind,
            extinction_per_m=earlier.extinction_per_m,
        )

    def finish(self) -> SensorFrame:
        """The delivered frame: arrays read-only, what was only needed on the way dropped."""
        for array in (self.image, self.depth_m, self.depth_cause, self.lens_blocked):
            if array is not None:
                array.setflags(write=False)
        return SensorFrame(
            sensor=self.sensor,
            tick=self.tick,
            content_tick=self.content_tick,
            image=self.image,
            depth_m=self.depth_m,
            depth_cause=self.depth_cause,
            lens_blocked=self.lens_blocked,
            measurement_time_s=self.measurement_time_s,
            delivery_time_s=self.delivery_time_s,
            delivered=self.delivered,
            blind=self.blind,
            exposure_s=self.exposure_s,
            gain=self.gain,
            extinction_per_m=self.extinction_per_m,
            camera=self.camera,
            effects=self.applied,
        )


def ray_scale(camera: Camera) -> Float32:
    """(H, W) factor from the camera's depth to range, kept for the cameras in use."""
    return _ray_scale(camera.optics)


@lru_cache(maxsize=8)
def _ray_scale(optics: Optics) -> Float32:
    scale = Camera.of_optics(optics).ray_scale()
    scale.setflags(write=False)
    return scale
