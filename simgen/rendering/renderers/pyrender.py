"""``pyrender``: the independent reference, on a GL context of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from simgen.core.camera import Camera
from simgen.core.vocabulary import renderers
from simgen.rendering import lensed, silhouette
from simgen.rendering.protocol import Extra, RenderBuffers, Renderer, RendererInfo, Silhouette
from simgen.scene.scene import SceneView

if TYPE_CHECKING:
    from simgen.rendering.reference import ReferencePainter


@renderers.register("pyrender")
class PyrenderRenderer(Renderer):
    """pyrender's physically based renderer: the independent reference that the others are compared with."""

    name: ClassVar[str] = "pyrender"

    def __init__(self, painter: ReferencePainter) -> None:
        self._painter = painter

    @classmethod
    def create(cls) -> Self:
        from simgen.rendering.reference import ReferencePainter  # GL only when asked for

        return cls(ReferencePainter())

    def info(self) -> RendererInfo:
        return self._painter.info()

    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
        return lensed.render(self._painter.render, view, camera, extras)

    def silhouettes(self, view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]:
        return lensed.silhouettes(silhouette.silhouettes, view, camera, instance_ids)

    def close(self) -> None:
        self._painter.close()
