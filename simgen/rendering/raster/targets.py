"""The images that a frame of one size is drawn into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Targets:
    """Textures and framebuffers of one image size.

    Attributes:
        albedo: sqrt of albedo, roughness; normal: octahedral; place: planar z and node + 1 (0 is sky).
        radiance: light without the water's mirror, with mipmaps; alpha is the share under water.
        open: share of the surroundings that is not hidden, half resolution.
    """

    albedo: Any
    normal: Any
    place: Any
    radiance: Any
    open_raw: Any
    open: Any
    geometry: Any
    light: Any
    wet: Any
    open_raw_target: Any
    open_target: Any

    @classmethod
    def make(cls, context: Any, width: int, height: int) -> Targets:
        import moderngl  # noqa: PLC0415

        size = (width, height)
        half = ((width + 1) // 2, (height + 1) // 2)
        nearest = (moderngl.NEAREST, moderngl.NEAREST)
        albedo = context.texture(size, 4, dtype="f1")
        normal = context.texture(size, 2, dtype="nu2")
        place = context.texture(size, 2, dtype="f4")
        radiance = context.texture(size, 4, dtype="f2")
        depth = context.texture(size, 1, dtype="f4")
        wet = context.texture(size, 4, dtype="f2")
        open_raw = context.texture(half, 1, dtype="f1")
        opened = context.texture(half, 1, dtype="f1")
        for texture in (albedo, normal, place, depth, wet, open_raw):
            texture.filter = nearest
        radiance.build_mipmaps(max_level=5)
        radiance.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        opened.filter = (moderngl.LINEAR, moderngl.LINEAR)
        for texture in (radiance, opened):
            texture.repeat_x = texture.repeat_y = False
        return cls(
            albedo=albedo,
            normal=normal,
            place=place,
            radiance=radiance,
            open_raw=open_raw,
            open=opened,
            geometry=context.framebuffer([albedo, normal, place], context.depth_renderbuffer(size)),
            light=context.framebuffer([radiance, depth]),
            wet=context.framebuffer([wet]),
            open_raw_target=context.framebuffer([open_raw]),
            open_target=context.framebuffer([opened]),
        )

    def release(self) -> None:
        for target in (self.geometry, self.light, self.wet, self.open_raw_target, self.open_target):
            for attachment in (*target.color_attachments, target.depth_attachment):
                if attachment is not None:
                    attachment.release()
            target.release()
