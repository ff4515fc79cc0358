"""The images that a frame of one size is drawn into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import moderngl


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Targets:
    """Textures and framebuffers of one image size.

    Attributes:
        albedo: sqrt of albedo, roughness; normal: octahedral; place: planar z and node + 1 (0 is sky).
        radiance: light without the water's mirror; alpha is the share under water.
        wet: the same with the mirror.
        open: share of the surroundings that is not hidden; mirror: the scene below the water; film: the mirror as
            rough water shows it. These three have half the resolution.
        geometry, light …: framebuffers that write them; ``light`` tests against the geometry's depth.
    """

    albedo: Any
    normal: Any
    place: Any
    radiance: Any
    wet: Any
    open_raw: Any
    open: Any
    mirror: Any
    mirror_z: Any
    film: Any
    geometry: Any
    light_target: Any
    wet_target: Any
    open_raw_target: Any
    open_target: Any
    mirror_target: Any
    film_target: Any

    @classmethod
    def make(cls, context: Any, width: int, height: int) -> Targets:
        size = (width, height)
        half = ((width + 1) // 2, (height + 1) // 2)

        def image(extent: tuple[int, int], components: int, dtype: str, smooth: bool = False) -> Any:
            texture = context.texture(extent, components, dtype=dtype)
            kind = moderngl.LINEAR if smooth else moderngl.NEAREST
            texture.filter = (kind, kind)
            texture.repeat_x = texture.repeat_y = False
            return texture

        albedo, normal, place = image(size, 4, "f1"), image(size, 2, "nu2"), image(size, 2, "f4")
        radiance, wet = image(size, 4, "f2"), image(size, 4, "f2")
        open_raw, opened = image(half, 2, "f2"), image(half, 1, "f1", smooth=True)
        mirror, film = image(half, 4, "f2"), image(half, 4, "f2", smooth=True)
        mirror.build_mipmaps(max_level=4)
        mirror.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
        mirror_z = image(half, 1, "f4")
        depth = context.depth_renderbuffer(size)
        light = context.framebuffer([radiance], depth)
        light.depth_mask = False
        return cls(
            albedo=albedo,
            normal=normal,
            place=place,
            radiance=radiance,
            wet=wet,
            open_raw=open_raw,
            open=opened,
            mirror=mirror,
            mirror_z=mirror_z,
            film=film,
            geometry=context.framebuffer([albedo, normal, place], depth),
            light_target=light,
            wet_target=context.framebuffer([wet]),
            open_raw_target=context.framebuffer([open_raw]),
            open_target=context.framebuffer([opened]),
            mirror_target=context.framebuffer([mirror, mirror_z], context.depth_renderbuffer(half)),
            film_target=context.framebuffer([film]),
        )

    def release(self) -> None:
        for target in (self.geometry, self.wet_target, self.open_raw_target, self.open_target, self.film_target):
            for texture in target.color_attachments:
                texture.release()
        self.radiance.release()
        self.mirror.release()
        self.mirror_z.release()
        self.geometry.depth_attachment.release()
        self.mirror_target.depth_attachment.release()
        for target in (
            self.geometry,
            self.light_target,
            self.wet_target,
            self.open_raw_target,
            self.open_target,
            self.mirror_target,
            self.film_target,
        ):
            target.release()
