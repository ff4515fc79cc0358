"""What all renderers share: a painter draws pinholes, and pictures through lenses are made of those."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from simgen.core.camera import Camera
from simgen.rendering import lensed
from simgen.rendering.protocol import Extra, RenderBuffers, Renderer, RendererInfo, Silhouette
from simgen.scene.scene import SceneView


class Painter(Protocol):
    """Draws what a ``Renderer`` does, of cameras without a lens."""

    def info(self) -> RendererInfo: ...
    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers: ...
    def silhouettes(self, view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]: ...
    def close(self) -> None: ...


class Painted(Renderer):
    """A renderer by its painter."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter

    def info(self) -> RendererInfo:
        return self._painter.info()

    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
        return lensed.render(self._painter.render, view, camera, extras)

    def silhouettes(self, view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]:
        return lensed.silhouettes(self._painter.silhouettes, view, camera, instance_ids)

    def close(self) -> None:
        self._painter.close()
