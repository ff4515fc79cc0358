"""``raster``: the renderer on OpenGL, through EGL: a GPU, or Mesa's llvmpipe on a node without one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from simgen.core.camera import Camera
from simgen.core.vocabulary import renderers
from simgen.rendering import lensed
from simgen.rendering.protocol import Extra, RenderBuffers, Renderer, RendererInfo, Silhouette
from simgen.scene.scene import SceneView

if TYPE_CHECKING:
    from simgen.rendering.raster.engine import Engine


@renderers.register("raster")
class RasterRenderer(Renderer):
    """Our own rasteriser on OpenGL (EGL, GPU or CPU): the fastest, and the reference for pixels."""

    name: ClassVar[str] = "raster"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def create(cls) -> Self:
        from simgen.rendering.raster.engine import Engine  # GL is opened only when asked for

        return cls(Engine())

    def info(self) -> RendererInfo:
        return self._engine.info()

    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
        return lensed.render(self._engine.render, view, camera, extras)

    def silhouettes(self, view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]:
        return lensed.silhouettes(self._engine.silhouettes, view, camera, instance_ids)

    def close(self) -> None:
        self._engine.close()
