"""The GL context: opened without a window, by soname, so that nodes without development packages have it too."""

from __future__ import annotations

from typing import Any

import moderngl

from simgen.core.errors import RendererUnavailable

REMEDY = "install Mesa's software GL (Debian/Ubuntu: libegl1 libgl1 libgl1-mesa-dri) or a GPU driver with EGL"


def open_context(renderer: str = "raster") -> Any:
    """A standalone moderngl context for the renderer of this name, current on return. Raises RendererUnavailable."""
    options: dict[str, Any] = {"backend": "egl", "libgl": "libGL.so.1", "libegl": "libEGL.so.1"}
    try:
        context = moderngl.create_context(require=430, standalone=True, **options)
    except Exception as error:  # glcontext raises plain Exception for whatever EGL refuses
        raise RendererUnavailable(f"renderer '{renderer}' has no OpenGL: {error}", remedy=REMEDY) from error
    if not context.info["GL_RENDERER"]:
        raise RendererUnavailable(f"renderer '{renderer}' has no OpenGL: the context answers nothing", remedy=REMEDY)
    return context
