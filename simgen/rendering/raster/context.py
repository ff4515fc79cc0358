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


class Pulse:
    """Whether a context still draws: a driver that lost it reports no error, and leaves what is read as it was."""

    def __init__(self, context: Any) -> None:
        self._target = context.framebuffer([context.texture((1, 1), 1, dtype="f1")])
        self._beat = 0

    def beats(self) -> bool:
        """Draws and reads one pixel, another one each time; the context must be current."""
        self._beat = self._beat % 250 + 1
        try:
            self._target.use()  # and its scissor, which is none
            self._target.clear(self._beat / 255)
            return bool(self._target.read(components=1, alignment=1) == bytes([self._beat]))
        except moderngl.Error:
            return False
