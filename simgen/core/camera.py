"""The pinhole camera. Frame: x right, y down, z forward (OpenCV). Pixel (0, 0) is the centre of the top-left pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.core.errors import ValueOutOfRange
from simgen.core.geometry import Array, inverse, transform


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Camera:
    """A camera at an instant.

    Attributes:
        width_px, height_px: image size.
        fx_px, fy_px: focal lengths in pixels.
        cx_px, cy_px: principal point; (width - 1) / 2 is the middle of the image.
        world_from_camera: (4, 4) pose.
        near_m, far_m: planar depths between which geometry is seen.
    """

    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    world_from_camera: Array
    near_m: float = 0.05
    far_m: float = 600.0

    def __post_init__(self) -> None:
        if self.width_px < 1 or self.height_px < 1 or not (self.fx_px > 0 and self.fy_px > 0):
            raise ValueOutOfRange(
                f"a camera of {self.width_px} x {self.height_px} pixels with focal lengths "
                f"{self.fx_px:g} and {self.fy_px:g}",
                remedy="give it at least one pixel, and focal lengths above zero",
            )
        if not np.isfinite(self.world_from_camera).all():
            raise ValueOutOfRange(
                f"the camera stands at {np.asarray(self.world_from_camera)[:3, 3]}, which is no place",
                remedy="see where its mount is, and whether the simulation has diverged",
            )

    @classmethod
    def from_fov(
        cls,
        width_px: int,
        height_px: int,
        horizontal_fov_rad: float,
        world_from_camera: Array,
        *,
        near_m: float = 0.05,
        far_m: float = 600.0,
    ) -> Camera:
        """Square pixels, principal point in the middle; the field of view spans the image from edge to edge."""
        focal = 0.5 * width_px / np.tan(0.5 * horizontal_fov_rad)
        return cls(
            width_px=width_px,
            height_px=height_px,
            fx_px=float(focal),
            fy_px=float(focal),
            cx_px=(width_px - 1) / 2,
            cy_px=(height_px - 1) / 2,
            world_from_camera=world_from_camera,
            near_m=near_m,
            far_m=far_m,
        )

    @property
    def matrix(self) -> Array:
        """(3, 3) intrinsic matrix."""
        return np.array([[self.fx_px, 0.0, self.cx_px], [0.0, self.fy_px, self.cy_px], [0.0, 0.0, 1.0]])

    @property
    def camera_from_world(self) -> Array:
        return inverse(self.world_from_camera)

    def project(self, points_world_m: ArrayLike) -> tuple[Array, Array]:
        """Pixels (..., 2) and planar depths (...,) of world points (..., 3); behind the camera the pixels are NaN."""
        local = transform(self.camera_from_world, points_world_m)
        z = local[..., 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            u = self.fx_px * local[..., 0] / z + self.cx_px
            v = self.fy_px * local[..., 1] / z + self.cy_px
        pixels = np.stack([u, v], axis=-1)
        pixels[z <= 0] = np.nan
        return pixels, z

    def unproject(self, pixels: ArrayLike, depth_m: ArrayLike) -> Array:
        """World points (..., 3) of pixels (..., 2) at planar depths (...,)."""
        uv = np.asarray(pixels, dtype=np.float64)
        z = np.asarray(depth_m, dtype=np.float64)
        local = np.stack(
            [(uv[..., 0] - self.cx_px) / self.fx_px * z, (uv[..., 1] - self.cy_px) / self.fy_px * z, z], -1
        )
        return transform(self.world_from_camera, local)

    def ray_scale(self) -> NDArray[np.float32]:
        """(H, W) factor from planar depth to range along the ray: sqrt(1 + ((u-cx)/fx)^2 + ((v-cy)/fy)^2)."""
        x = (np.arange(self.width_px) - self.cx_px) / self.fx_px
        y = (np.arange(self.height_px) - self.cy_px) / self.fy_px
        return np.sqrt(1.0 + x[None, :] ** 2 + y[:, None] ** 2).astype(np.float32)

    def crop(self, x_px: int, y_px: int, width_px: int, height_px: int) -> Camera:
        """The same camera seen through another window of its pixel grid; the window may reach outside of the image."""
        return Camera(
            width_px=width_px,
            height_px=height_px,
            fx_px=self.fx_px,
            fy_px=self.fy_px,
            cx_px=self.cx_px - x_px,
            cy_px=self.cy_px - y_px,
            world_from_camera=self.world_from_camera,
            near_m=self.near_m,
            far_m=self.far_m,
        )
