"""``raster``: the renderer on OpenGL, through EGL: a GPU, or Mesa's llvmpipe on a node without one."""

from __future__ import annotations

from typing import ClassVar, Self

from simgen.core.vocabulary import renderers
from simgen.rendering.painted import Painted


@renderers.register("raster")
class RasterRenderer(Painted):
    """Our own rasteriser on OpenGL (EGL, GPU or CPU): the fastest, and the reference for pixels."""

    name: ClassVar[str] = "raster"

    @classmethod
    def create(cls) -> Self:
        from simgen.rendering.raster.engine import Engine  # GL is opened only when asked for

        return cls(Engine())
