"""A colour camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from simgen.core.camera import Camera
from simgen.core.declare import Plain, choice, integer, quantity, record, several, vector
from simgen.core.errors import ValueOutOfRange
from simgen.core.geometry import Array
from simgen.core.lens import MODELS, BrownConrady, KannalaBrandt, Lens
from simgen.core.seeds import Key
from simgen.core.vocabulary import sensors
from simgen.scene.scene import Scene, Snapshot
from simgen.sensing.chain import Chain, Optics
from simgen.sensing.effect import Effect
from simgen.sensing.exposure import ExposureControl
from simgen.sensing.imager import Imager
from simgen.sensing.sensor import Sensor
from simgen.sensing.stereo import Stereo

PINHOLE = "pinhole"
_WIDEST_PINHOLE_DEG = 149
_COEFFICIENTS = ("k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2")
OUTPUTS = ("rgb", "depth", "instance", "semantic", "part", "normal", "flow")


@sensors.register("camera")
class ColorCamera(Sensor):
    """Colour camera: a lens with its distortion, shading and stray light, and an image sensor after EMVA 1288.

    ``lens`` is a pinhole's picture, or that of OpenCV's models: ``brown_conrady`` (k1 to k6, p1, p2) and the fisheye
    ``kannala_brandt`` (k1 to k4). ``fov`` is the field of view of the picture as it is, distorted, from edge to edge.
    """

    resolution: tuple[float, float] = vector(
        "", 2, low=1, high=8192, whole=True, default=(1280, 720), help="width and height in pixels"
    )
    fov: float = quantity(
        "rad",
        low=0.02,
        high=float(np.radians(220)),
        default=float(np.radians(60)),
        help="horizontal field of view, distorted as the picture is; above "
        f"{_WIDEST_PINHOLE_DEG} deg it takes a kannala_brandt lens",
    )
    lens: Mapping[str, Plain] = record(
        default={"model": PINHOLE},
        shorthand="model",
        help="the lens's model alone, or with its coefficients",
        model=choice(PINHOLE, *MODELS, help="kannala_brandt is a fisheye"),
        **{
            name: quantity("", low=-100, high=100, default=0.0, help=f"OpenCV's coefficient {name}")
            for name in _COEFFICIENTS
        },
        max_angle=quantity(
            "rad",
            low=0.1,
            high=float(np.radians(120)),
            default=float(np.radians(110)),
            help="angle to the axis at which a fisheye's image ends; the picture is black farther out",
        ),
    )
    distortion_error: float = quantity(
        "",
        low=-0.5,
        high=0.5,
        default=0.0,
        help="by which share the coefficients differ from those given: one copy of a lens from the next",
        vary={"truncated_normal": {"mean": 0, "std": 0.01, "low": -0.03, "high": 0.03}},
    )
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

    def __init__(self, *, where: str = "", **values: Plain) -> None:
        super().__init__(where=where, **values)
        if any(abs(shift) > 0.5 * size for shift, size in zip(self.principal_point, self.resolution, strict=True)):
            raise ValueOutOfRange(
                f"the principal point lies {_words(self.principal_point)} pixels from the middle of a picture of "
                f"{_words(self.resolution)}",
                where=f"{where}.principal_point" if where else "principal_point",
                remedy="at most half the picture's size: further out nothing is seen. Where the file is silent it "
                "varies by some pixels; randomize: {sensors: none} holds it",
            )
        try:
            self._seen(np.eye(4)).require_image()
        except ValueOutOfRange as error:
            culprit = str(error.where or "lens")
            raise ValueOutOfRange(
                error.message, where=f"{where}.{culprit}" if where else culprit, remedy=error.remedy
            ) from None

    def optical_lens(self) -> Lens | None:
        """The lens, None for a pinhole. Raises ValueOutOfRange for a coefficient that its model does not have."""
        name = str(self.lens["model"])
        known = {f.name for f in fields(MODELS[name])} if name in MODELS else set()
        given: dict[str, Any] = {c: self.lens.get(c, 0.0) for c in _COEFFICIENTS}
        strange = [c for c, value in given.items() if value and c not in known]
        if strange:
            has = ", ".join(c for c in _COEFFICIENTS if c in known) or "no coefficients"
            raise ValueOutOfRange(f"a {name} lens has no {strange[0]}", remedy=f"it has {has}")
        if name == PINHOLE:
            if np.degrees(self.fov) > _WIDEST_PINHOLE_DEG + 1e-9:
                raise ValueOutOfRange(
                    f"a pinhole with a field of view of {np.degrees(self.fov):.4g} deg",
                    where="fov",
                    remedy=f"take one of at most {_WIDEST_PINHOLE_DEG} deg, or lens: kannala_brandt",
                )
            return None
        mine = {c: float(given[c]) * (1.0 + self.distortion_error) for c in _COEFFICIENTS if c in known}
        if name == BrownConrady.model:
            return BrownConrady(**mine)
        widest = self.lens.get("max_angle") or np.radians(110)
        return KannalaBrandt(**mine, max_angle_rad=float(widest))  # type: ignore[arg-type]

    def camera_at(self, scene: Scene, snapshot: Snapshot) -> Camera:
        return self._seen(self.world_from_camera(scene, snapshot))

    def _seen(self, world_from_camera: Array) -> Camera:
        width, height = self.resolution
        lens = self.optical_lens()
        ideal = Camera.from_fov(int(width), int(height), self.fov, world_from_camera, lens=lens)
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

    def stereo(self) -> Stereo | None:
        """How it measures depth; None where it does not."""
        return None

    def chain(self, name: str, key: Key, effects: Sequence[Effect]) -> Chain:
        return Chain(
            name,
            key,
            effects,
            carrier=self.carrier,
            imager=self.imager(),
            exposure=self.exposure_control(),
            optics=self.optics(),
            stereo=self.stereo(),
        )


def _words(numbers: Sequence[float]) -> str:
    return " x ".join(f"{number:g}" for number in numbers)
