"""What every renderer answers to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.scene.scene import SceneView

Extra = Literal["normal"]
"""What a renderer gives only when asked for."""

RADIANCE_MAX = 65_000.0
"""Largest radiance in cd/m²: brighter light is clipped here. Half floats end at 65,504; the shaders have it too."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderBuffers:
    """The clean picture of one camera at one instant, H x W; nothing in it is degraded.

    Attributes:
        radiance: (H, W, 3) float16, linear RGB luminance in cd/m², at most ``RADIANCE_MAX``.
        depth_m: (H, W) float32 planar z, or range where the camera's ``depth`` says so; +inf where there is only sky.
        instance: (H, W) uint32; 0 for stuff and sky.
        semantic: (H, W) uint16 class ids; void where the lens has no image.
        node: (H, W) int32 index of the scene's node; -1 where there is only sky. None from a renderer that draws
            without nodes.
        light_depth_m: as ``depth_m``, but of where most of a pixel's light comes from: a lamp that is smaller than the
            pixel and stands before what it shows. None where that is the same everywhere.
        normal: (H, W, 3) float32 unit normals in the camera's frame, towards the camera; 0 where there is only sky.
            None when not asked for.
    """

    radiance: NDArray[np.float16]
    depth_m: NDArray[np.float32]
    instance: NDArray[np.uint32]
    semantic: NDArray[np.uint16]
    node: NDArray[np.int32] | None = None
    light_depth_m: NDArray[np.float32] | None = None
    normal: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beyond:
    """What of an object lies outside of the image, on a grid of cells of ``step_px`` by ``step_px`` pixels.

    Attributes:
        x_px, y_px: image coordinates of the top-left cell's top-left pixel.
        mask: (h, w) bool, cells at whose centre the object alone would be seen; none of them lies in the image whole.
            Of one that the image's border cuts the part outside is meant.
    """

    x_px: int
    y_px: int
    step_px: int
    mask: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Silhouette:
    """One object alone, on the pixel grid of the image but on a canvas that may reach outside of it.

    Attributes:
        x_px, y_px: image coordinates of the canvas's top-left pixel; may be negative.
        mask: (h, w) bool, true where the object alone would be seen.
        beyond: of an object that reaches far out of the image: all of it that lies outside, in place of what the mask
            would hold of that.
    """

    instance_id: int
    x_px: int
    y_px: int
    mask: NDArray[np.bool_]
    beyond: Beyond | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RendererInfo:
    """What determines pixels: goes into every FrameRecord. ``version`` names the GL or library version."""

    name: str
    vendor: str
    version: str
    antialiasing: str


class Renderer(ABC):
    """Draws scenes. Not thread-safe; made in the process that uses it; a context manager.

    A renderer may cache what it uploads by mesh and texture digest, but the bytes it returns depend on (view, camera)
    alone, never on what it drew before.
    """

    name: ClassVar[str]

    @classmethod
    def help(cls) -> str:
        """One line for ``simgen vocabulary renderers``: the first of the class's docstring."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    @classmethod
    @abstractmethod
    def create(cls) -> Self:
        """A working renderer. Raises RendererUnavailable with what is missing and how to get it."""

    @abstractmethod
    def info(self) -> RendererInfo:
        """What the pixels depend on besides the view and the camera."""

    @abstractmethod
    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
        """The picture; what of ``extras`` is not asked for is None, and the rest is the same to the bit."""

    @abstractmethod
    def silhouettes(self, view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]:
        """Each object alone, at the image's resolution, in the order asked for.

        The canvas covers the object's projection whole, as far as it lies in front of the near plane and within three
        image widths and heights of the image. An object of which nothing falls into the image gets an empty (0, 0)
        mask.
        """

    @abstractmethod
    def close(self) -> None:
        """Releases what the renderer holds; afterwards it draws nothing. Closing twice is no mistake."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
