"""A stereo depth camera."""

from __future__ import annotations

from simgen.core.declare import quantity
from simgen.core.errors import ValueOutOfRange
from simgen.core.lens import Lens
from simgen.core.vocabulary import sensors
from simgen.sensing.sensors.camera import ColorCamera
from simgen.sensing.stereo import Stereo


@sensors.register("depth_camera")
class DepthCamera(ColorCamera):
    """Stereo depth camera: a colour image, and depth with noise on disparity and the holes of real ones."""

    baseline: float = quantity("m", low=0.005, high=2, default=0.095, help="distance between the two lenses")
    disparity_noise: float = quantity("", low=0, high=5, default=0.08, help="standard deviation in pixels")
    nearest: float = quantity("m", low=0.01, high=100, default=0.2, help="nearest depth measured")
    farthest: float = quantity("m", low=0.1, high=1000, default=30.0, help="farthest depth measured")

    def optical_lens(self) -> Lens | None:
        lens = super().optical_lens()
        if lens is not None:
            raise ValueOutOfRange(
                f"a depth_camera with a {lens.model} lens: disparity is that of rectified pictures, which are a "
                "pinhole's",
                remedy="lens: pinhole; or a camera, whose depth output is the true one",
            )
        return None

    def stereo(self) -> Stereo:
        return Stereo(
            baseline_m=self.baseline,
            nearest_m=self.nearest,
            farthest_m=self.farthest,
            disparity_noise_px=self.disparity_noise,
        )
