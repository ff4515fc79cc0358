"""Snapshot and camera in, RenderBuffers out: one protocol, three renderers."""

from __future__ import annotations

import logging

from simgen.core import vocabulary
from simgen.core.errors import RendererUnavailable, check_type
from simgen.rendering.protocol import RenderBuffers, Renderer, RendererInfo, Silhouette

__all__ = ["RenderBuffers", "Renderer", "RendererInfo", "Silhouette", "select_renderer"]

_LOG = logging.getLogger("simgen")


def select_renderer(name: str = "auto") -> Renderer:
    """A working renderer of this name. ``auto`` takes raster, or tiny where there is no OpenGL, and says so.

    Raises:
        UnknownName: no renderer has this name.
        RendererUnavailable: this machine cannot run it.
        ValueOutOfRange: for what is no name.
    """
    check_type(name, str, what="name of select_renderer()", remedy="name one of `simgen vocabulary renderers`, or auto")
    if name != "auto":
        made: Renderer = vocabulary.renderers.get(name).create()
        return made
    try:
        made = vocabulary.renderers.get("raster").create()
    except RendererUnavailable as error:
        _LOG.warning("%s; rendering with 'tiny' instead (slower, plainer light): %s", error.message, error.remedy)
        made = vocabulary.renderers.get("tiny").create()
    return made
