"""A camera: a pinhole, or one with a lens that bends its picture.

Frame: x right, y down, z forward (OpenCV). Pixel (0, 0) is the centre of the top-left pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.core.errors import ValueOutOfRange
from simgen.core.geometry import Array, inverse, transform
from simgen.core.lens import DepthKind, Lens, focal_length

Optics: TypeAlias = "tuple[int, int, float, float, float, float, Lens | None]"
"""Width, height, fx, fy, cx, cy, lens: all that a camera is but for where it stands. Equal ones hash equal."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Camera:
    """A camera at an instant.

    Attributes:
        width_px, height_px: image size.
        fx_px, fy_px: focal lengths in pixels.
        cx_px, cy_px: principal point; (width - 1) / 2 is the middle of the image.
        world_from_camera: (4, 4) pose.
        near_m, far_m: planar depths between which geometry is seen.
        lens: None for a pinhole. Focal lengths and principal point are those of OpenCV's matrix then.
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
    lens: Lens | None = None

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
        lens: Lens | None = None,
    ) -> Camera:
        """Square pixels, principal point in the middle; the field of view spans the image from edge to edge.

        Raises:
            ValueOutOfRange: the lens does not see that far.
        """
        focal = focal_length(lens, width_px, horizontal_fov_rad)
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
            lens=lens,
        )

    @classmethod
    def of_optics(cls, optics: Optics) -> Camera:
        """The camera at the world's origin."""
        width, height, fx, fy, cx, cy, lens = optics
        return cls(
            width_px=width,
            height_px=height,
            fx_px=fx,
            fy_px=fy,
            cx_px=cx,
            cy_px=cy,
            lens=lens,
            world_from_camera=np.eye(4),
        )

    @property
    def optics(self) -> Optics:
        return (self.width_px, self.height_px, self.fx_px, self.fy_px, self.cx_px, self.cy_px, self.lens)

    @property
    def depth(self) -> DepthKind:
        """What its depths count: along the axis, or along the ray."""
        return "planar" if self.lens is None else self.lens.depth

    @property
    def matrix(self) -> Array:
        """(3, 3) intrinsic matrix."""
        return np.array([[self.fx_px, 0.0, self.cx_px], [0.0, self.fy_px, self.cy_px], [0.0, 0.0, 1.0]])

    @property
    def camera_from_world(self) -> Array:
        return inverse(self.world_from_camera)

    def image(self, points_m: Array) -> tuple[Array, Array, Array]:
        """Columns, rows and depths (...) of points (..., 3) in the camera's frame.

        Where the camera does not see (behind a pinhole, or beyond what the lens images) pixels are NaN and depths
        negative or 0.
        """
        z = points_m[..., 2]
        if self.lens is None:
            u, v = self.pixels(points_m)
            return np.where(z > 0, u, np.nan), np.where(z > 0, v, np.nan), z
        places = self.lens.image(points_m)
        depth = z if self.depth == "planar" else np.linalg.norm(points_m, axis=-1)
        depth = np.where(np.isnan(places[..., 0]), -np.abs(depth), depth)
        return self.fx_px * places[..., 0] + self.cx_px, self.fy_px * places[..., 1] + self.cy_px, depth

    def pixels(self, points_m: Array) -> tuple[Array, Array]:
        """Columns and rows (...) of points (..., 3) in the camera's frame, which it must see: a pinhole gives some
        place for what lies behind it, too."""
        if self.lens is not None:
            return self.image(points_m)[:2]
        z = points_m[..., 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            u = self.fx_px * points_m[..., 0] / z + self.cx_px
            v = self.fy_px * points_m[..., 1] / z + self.cy_px
        return u, v

    def places(self, u_px: ArrayLike, v_px: ArrayLike) -> tuple[Array, Array]:
        """Pixels' columns and rows, each of any shape, as they would be at focal length 1: of a pinhole x / z and y / z
        of what they show."""
        x: Array = (np.asarray(u_px, dtype=np.float64) - self.cx_px) / self.fx_px
        y: Array = (np.asarray(v_px, dtype=np.float64) - self.cy_px) / self.fy_px
        return x, y

    def directions(self, u_px: ArrayLike, v_px: ArrayLike) -> Array:
        """(..., 3) what times its depth is the point that a pixel shows, in the camera's frame: z is 1 where depths are
        planar, the length is 1 where they are ranges. NaN where the lens has no image."""
        places = np.stack(np.broadcast_arrays(*self.places(u_px, v_px)), axis=-1)
        if self.lens is None:
            return np.concatenate([places, np.ones((*places.shape[:-1], 1))], axis=-1)
        rays = self.lens.directions(places)
        if self.depth == "planar":
            rays = rays / rays[..., 2:]
        return rays

    def solid_angles(self, u_px: ArrayLike, v_px: ArrayLike) -> Array:
        """(...) steradians of pixels about these places; 0 where the lens has no image."""
        rays = self.directions(u_px, v_px)
        if self.lens is None:
            size: Array = 1.0 / (self.fx_px * self.fy_px * np.linalg.norm(rays, axis=-1) ** 3)
            return size
        rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
        result: Array = np.nan_to_num(self.lens.density(rays) / (self.fx_px * self.fy_px), nan=0.0)
        return result

    def project(self, points_world_m: ArrayLike) -> tuple[Array, Array]:
        """Pixels (..., 2) and depths (...,) of world points (..., 3); where the camera does not see the pixels are NaN,
        and the depths negative or 0."""
        u, v, depth = self.image(transform(self.camera_from_world, points_world_m))
        return np.stack([u, v], axis=-1), depth

    def unproject(self, pixels: ArrayLike, depth_m: ArrayLike) -> Array:
        """World points (..., 3) of pixels (..., 2) at depths (...,)."""
        uv = np.asarray(pixels, dtype=np.float64)
        depth = np.asarray(depth_m, dtype=np.float64)
        return transform(self.world_from_camera, self.directions(uv[..., 0], uv[..., 1]) * depth[..., None])

    def grid(self) -> Array:
        """(H, W, 3) ``directions`` of all pixels, kept for the cameras in use."""
        return _grid(self.optics)

    def ray_scale(self) -> NDArray[np.float32]:
        """(H, W) factor from depth to range along the ray: 1 where depths are ranges, and
        sqrt(1 + ((u-cx)/fx)^2 + ((v-cy)/fy)^2) of a pinhole."""
        if self.depth == "range":
            return np.ones((self.height_px, self.width_px), dtype=np.float32)
        if self.lens is not None:
            scale: NDArray[np.float32] = np.linalg.norm(self.grid(), axis=-1).astype(np.float32)
            return scale
        x, y = self.places(np.arange(self.width_px), np.arange(self.height_px))
        return np.sqrt(1.0 + x[None, :] ** 2 + y[:, None] ** 2).astype(np.float32)

    def require_image(self) -> None:
        """Raises ValueOutOfRange when a lens with planar depth has no image in a corner of the picture. The picture of
        a fisheye may have black corners."""
        if self.lens is not None and self.depth == "planar":
            _require_corners(self.optics)

    def crop(self, x_px: int, y_px: int, width_px: int, height_px: int) -> Camera:
        """The same camera seen through another window of its pixel grid; the window may reach outside of the image."""
        return replace(self, width_px=width_px, height_px=height_px, cx_px=self.cx_px - x_px, cy_px=self.cy_px - y_px)


@lru_cache(maxsize=6)
def _grid(optics: Optics) -> Array:
    camera = Camera.of_optics(optics)
    rays = camera.directions(np.arange(camera.width_px)[None, :], np.arange(camera.height_px)[:, None])
    rays.setflags(write=False)
    return rays


@lru_cache(maxsize=64)
def _require_corners(optics: Optics) -> None:
    camera = Camera.of_optics(optics)
    u, v = np.array([-0.5, camera.width_px - 0.5])[None, :], np.array([-0.5, camera.height_px - 0.5])[:, None]
    if np.isnan(camera.directions(u, v)).any():
        assert camera.lens is not None
        raise ValueOutOfRange(
            f"the {camera.lens.model} lens has no image in the corners of the picture: it images "
            f"{np.degrees(camera.lens.widest_rad):.4g} deg from the axis at most, and farther out its coefficients "
            "fold the picture over",
            remedy="take a smaller field of view, or other coefficients",
        )
