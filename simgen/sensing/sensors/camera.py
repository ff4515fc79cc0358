"""A colour camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simgen.core.camera import Camera
from simgen.core.declare import Plain, choice, integer, quantity, record, several, vector
from simgen.core.seeds import Key
from simgen.core.vocabulary import sensors
from simgen.scene.scene import Scene, Snapshot
from simgen.sensing.chain import Chain, Optics
from simgen.sensing.effect import Effect
from simgen.sensing.exposure import ExposureControl
from simgen.sensing.imager import Imager
from simgen.sensing.sensor import Sensor

OUTPUTS = ("rgb", "depth", "instance", "semantic", "part", "normal", "flow")


@sensors.register("camera")
class ColorCamera(Sensor):
    """Colour camera: pinhole with a real lens's shading and stray light, and an image sensor after EMVA 1288."""

    resolution: tuple[float, float] = vector(
        "", 2, low=1, high=16_384, whole=True, default=(1280, 720), help="width and height in pixels"
    )
    fov: float = quantity("rad", low=0.02, high=2.6, default=float(np.radians(60)), help="horizontal field of view")
    focal_error: float = quantity(
        "",
        low=-0.1,
        high=0.1,
        default=0.0,
        help="by which share the focal length differs from that of the field of view",
        vary={"normal": [0, 0.002]},
    )
    principal_point: tuple[float, float] = vector(
        "",
        2,
        default=(0.0, 0.0),
        help="pixels right of and below the middle of the image",
        vary=[{"normal": [0, 1]}] * 2,
    )
    f_number: float = quantity("", low=0.7, high=32, default=1.8, help="focal ratio of the lens")
    exposure: float | None = quantity(
        "s", low=1e-6, high=1.0, default=None, help="exposure time; automatic when not given"
    )
    gain: float = quantity("", low=1, high=64, default=1.0, help="gain that goes with a given exposure time")
    longest_exposure: float = quantity("s", low=1e-5, high=1.0, default=0.024, help="limit of automatic exposure")
    greatest_gain: float = quantity("", low=1, high=64, default=16.0, help="limit of automatic gain")
    exposure_bias: float = quantity("", low=-5, high=5, default=0.0, help="stops brighter than the automatic chooses")
    adaptation: float = quantity("s", low=0.02, high=10, default=0.3, help="time constant of automatic exposure")
    pixel_pitch: float = quantity("m", low=0.5e-6, high=20e-6, default=2.1e-6, help="side of a pixel")
    quantum_efficiency: float = quantity("", low=0.05, high=1, default=0.65, help="of the green pixels")
    full_well: float = quantity("", low=500, high=200_000, default=10_000, help="electrons at saturation")
    read_noise: float = quantity("", low=0, high=200, default=3.0, help="electrons per pixel and frame")
    dark_current: float = quantity("Hz", low=0, high=1e5, default=10.0, help="electrons per pixel and second")
    prnu: float = quantity("", low=0, high=0.1, default=0.006, help="photo response non-uniformity")
    bits: int = integer(low=8, high=14, default=12, help="of the analogue-digital converter")
    hdr: float = quantity(
        "", low=1, high=64, default=16.0, help="a second exposure, this many times shorter, for highlights; 1 is none"
    )
    stray_light: float = quantity("", low=0, high=0.3, default=0.01, help="share of light that strays in the lens")
    shading: float = quantity("", low=0, high=2, default=0.35, help="cos^4 shading to this power; 1 is uncorrected")

    outputs: tuple[str, ...] = several(
        *OUTPUTS,
        default=OUTPUTS[:4],
        help="what is stored of a frame; part: the rigid part that a pixel shows; flow: to the next and to the last "
        "frame, which brings depth and part along",
    )
    encoding: Mapping[str, Plain] = record(
        default={"rgb": "jpeg", "quality": 95, "depth": "png", "flow": "tiff"},
        help="how it is stored; ids are PNG always, and normals 16-bit PNG",
        rgb=choice("jpeg", "png", default="jpeg", help="jpeg is small, png keeps every bit"),
        quality=integer(low=1, high=100, default=95, help="of a JPEG"),
        depth=choice("png", "tiff", default="png", help="png: 16 bits, 1 mm to 1 dm a step; tiff: float"),
        flow=choice("png", "tiff", default="tiff", help="tiff: float; png: KITTI's 16 bits, 1/64 pixel a step"),
    )

    def camera_at(self, scene: Scene, snapshot: Snapshot) -> Camera:
        width, height = self.resolution
        ideal = Camera.from_fov(int(width), int(height), self.fov, self.world_from_camera(scene, snapshot))
        scale, (right, below) = 1.0 + self.focal_error, self.principal_point
        return replace(
            ideal,
            fx_px=ideal.fx_px * scale,
            fy_px=ideal.fy_px * scale,
            cx_px=ideal.cx_px + right,
            cy_px=ideal.cy_px + below,
        )

    def imager(self) -> Imager:
        return Imager(
            f_number=self.f_number,
            pixel_pitch_m=self.pixel_pitch,
            quantum_efficiency=self.quantum_efficiency,
            full_well_e=self.full_well,
            read_noise_e=self.read_noise,
            dark_current_e_s=self.dark_current,
            prnu=self.prnu,
            bits=self.bits,
            hdr=self.hdr,
        )

    def exposure_control(self) -> ExposureControl:
        return ExposureControl(
            fixed_s=self.exposure,
            fixed_gain=self.gain,
            longest_s=self.longest_exposure,
            gain_max=self.greatest_gain,
            bias=self.exposure_bias,
            lag_s=self.adaptation,
        )

    def optics(self) -> Optics:
        return Optics(stray_light=self.stray_light, shading=self.shading)

    def chain(self, name: str, key: Key, effects: Sequence[Effect]) -> Chain:
        return Chain(
            name,
            key,
            effects,
            carrier=self.carrier,
            imager=self.imager(),
            exposure=self.exposure_control(),
            optics=self.optics(),
        )
