"""``tiny``: pybullet's TinyRenderer: no OpenGL at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from simgen.core.camera import Camera
from simgen.core.vocabulary import renderers
from simgen.rendering import lensed, silhouette
from simgen.rendering.protocol import Extra, RenderBuffers, Renderer, RendererInfo, Silhouette
from simgen.scene.scene import SceneView

if TYPE_CHECKING:
    from simgen.rendering.bullet import BulletPainter


@renderers.register("tiny")
class TinyRenderer(Renderer):
    """pybullet's software renderer: works on every machine, slowly, with plain light and few shadows."""

    name: ClassVar[str] = "tiny"

    def __init__(self, painter: BulletPainter) -> None:
        self._painter = painter

    @classmethod
    def create(cls) -> Self:
        from simgen.rendering.bullet import BulletPainter  # pybullet only when asked for

        return cls(BulletPainter())

    def info(self) -> RendererInfo:
        return self._painter.info()

    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
        return lensed.render(self._painter.render, view, camera, extras)

    def silhouettes(self, view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]:
        return lensed.silhouettes(silhouette.silhouettes, view, camera, instance_ids)

    def close(self) -> None:
        self._painter.close()
