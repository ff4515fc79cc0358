"""The images that a frame of one size is drawn into."""

from __future__ import annotations

from typing import Any

import moderngl

from simgen.core.errors import RendererUnavailable
from simgen.rendering.raster.reversed_depth import depth_buffer

_LARGE_PX = 500_000
_BYTES_PER_PX = 38
"""Of all images together, those of half and of a quarter of the size included."""


class Targets:
    """Textures and framebuffers of one image size.

    Attributes:
        albedo: sqrt of albedo, roughness; normal: see bent.glsl; depth: planar z; node: node + 1; both 0 for sky.
        sky: where nothing was drawn.
        diffuse, gloss: light on surfaces at half the resolution. open_raw, open: share of the
            surroundings that is not hidden; these have a quarter of it.
        mirror, mirror_z: the scene below the water; film: what rough water shows of it; a pixel of these stands for
            ``mirror_step`` of the image, either way.
        to_geometry, to_light …: framebuffers that write them; ``to_sky`` tests against the geometry's depth.
    """

    def __init__(self, context: Any, width: int, height: int) -> None:
        """Raises RendererUnavailable for a size that this OpenGL has no room for."""
        self._context = context
        self._owned: list[Any] = []
        try:
            self._allocate(width, height)
        except moderngl.Error as error:
            self.release()
            # What the driver noted of it would else be taken for a fault of the next frame.
            while context.error != "GL_NO_ERROR":
                pass
            raise _too_large(context, width, height, str(error)) from error

    def _allocate(self, width: int, height: int) -> None:
        context, size = self._context, (width, height)
        half = ((width + 1) // 2, (height + 1) // 2)
        quarter = ((width + 3) // 4, (height + 3) // 4)
        self.mirror_step = 4 if width * height > _LARGE_PX else 2
        mirror = quarter if self.mirror_step == 4 else half
        self.albedo, self.normal = self._image(size, 4, "f1"), self._image(size, 2, "nu2")
        self.depth, self.node = self._image(size, 1, "f4"), self._image(size, 1, "f4")
        self.sky = self._image(size, 4, "f2")
        self.diffuse, self.gloss = self._image(half, 4, "f4"), self._image(half, 4, "f4")
        self.open_raw, self.open = self._image(quarter, 2, "f4"), self._image(quarter, 1, "f1", smooth=True)
        self.mirror, self.mirror_z = self._image(mirror, 4, "f4"), self._image(mirror, 1, "f4")
        self.film = self._image(mirror, 4, "f4", smooth=True)
        self.mirror.build_mipmaps(max_level=4)
        self.mirror.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
        tested = self._own(depth_buffer(context, size))
        self.to_geometry = self._frame([self.albedo, self.normal, self.depth, self.node], tested)
        self.to_open_raw, self.to_open = self._frame([self.open_raw]), self._frame([self.open])
        self.to_light, self.to_gloss = self._frame([self.diffuse, self.gloss]), self._frame([self.gloss])
        self.to_film = self._frame([self.film])
        self.to_mirror = self._frame([self.mirror, self.mirror_z], self._own(depth_buffer(context, mirror)))
        self.to_sky = self._frame([self.sky], tested)
        self.to_sky.depth_mask = False

    def _own(self, thing: Any) -> Any:
        self._owned.append(thing)
        return thing

    def _image(self, extent: tuple[int, int], components: int, dtype: str, smooth: bool = False) -> Any:
        texture = self._own(self._context.texture(extent, components, dtype=dtype))
        kind = moderngl.LINEAR if smooth else moderngl.NEAREST
        texture.filter = (kind, kind)
        texture.repeat_x = texture.repeat_y = False
        return texture

    def _frame(self, images: list[Any], depth: Any = None) -> Any:
        return self._own(self._context.framebuffer(images, depth))

    def release(self) -> None:
        # Framebuffers first: they come after what they hold.
        for thing in reversed(self._owned):
            thing.release()


def _too_large(context: Any, width: int, height: int, why: str) -> RendererUnavailable:
    info = context.info
    across, down = (min(int(info["GL_MAX_TEXTURE_SIZE"]), int(n)) for n in info["GL_MAX_VIEWPORT_DIMS"])
    gigabytes = width * height * _BYTES_PER_PX / 1e9
    return RendererUnavailable(
        f"renderer 'raster' cannot draw {width} x {height} pixels: {why}; {info['GL_RENDERER']} draws at most "
        f"{across} x {down}, and the images of this size take {gigabytes:.1f} GB",
        remedy="lower the sensor's resolution",
    )
