"""Depth that tells surfaces apart far away as well as nearby.

The usual depth grows with the distance z as 1 - near / z. With a near plane of 5 cm, the steps of a 24-bit buffer, or
of a float just below 1, are 8 mm at 80 m and 19 cm at 400 m; surfaces that lie closer together come out in patches of
both. Counted down to 0 instead, as near / z (Reed 2015, "Depth Precision Visualized"), a float keeps its relative
precision: surfaces 1 mm apart stay apart at 80 m, and 5 mm at 400 m.

That needs clip space to be mapped onto 0 … 1 directly, since the usual way by -1 … 1 rounds the gain away:
glClipControl (OpenGL 4.5), which moderngl does not offer.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from simgen.core.errors import RendererUnavailable
from simgen.core.geometry import Array
from simgen.rendering.raster.context import REMEDY

NEARER, NO_FARTHER = ">", ">="
"""Depth functions for surfaces, and for what is drawn at the far plane where there are none."""
FARTHEST = 0.0
_LOWER_LEFT, _ZERO_TO_ONE, _NEGATIVE_ONE_TO_ONE = 0x8CA1, 0x935F, 0x935E
_RENDERBUFFER, _DEPTH_COMPONENT32F = 0x8D41, 0x8CAC


class ReversedDepth:
    """On one GL context, which must be current. Where it lacks glClipControl, depth is as coarse as usual."""

    def __init__(self, context: Any) -> None:
        has = context.version_code >= 450 or "GL_ARB_clip_control" in context.extensions
        self._clip_control = _function("glClipControl", ctypes.c_uint, ctypes.c_uint) if has else None

    def clip(self, clip: Array) -> Array:
        """(4, 4) clip coordinates with depth reversed, from those of a projection whose depth is -1 … 1."""
        turned = clip.copy()
        turned[2] = 0.5 * (clip[3] - clip[2]) if self._clip_control else -clip[2]
        return turned

    @contextmanager
    def mapped(self) -> Iterator[None]:
        """Within it, what is drawn must have gone through ``clip``."""
        if self._clip_control:
            self._clip_control(_LOWER_LEFT, _ZERO_TO_ONE)
        try:
            yield
        finally:
            if self._clip_control:
                self._clip_control(_LOWER_LEFT, _NEGATIVE_ONE_TO_ONE)


def depth_buffer(context: Any, size: tuple[int, int]) -> Any:
    """A renderbuffer of floats; moderngl makes those of 24 bits."""
    buffer = context.depth_renderbuffer(size)
    _function("glBindRenderbuffer", ctypes.c_uint, ctypes.c_uint)(_RENDERBUFFER, buffer.glo)
    storage = _function("glRenderbufferStorage", ctypes.c_uint, ctypes.c_uint, ctypes.c_int, ctypes.c_int)
    storage(_RENDERBUFFER, _DEPTH_COMPONENT32F, *size)
    return buffer


def _function(name: str, *arguments: Any) -> Callable[..., None]:
    """A function of the GL whose context is current. Raises RendererUnavailable."""
    address_of = ctypes.CDLL("libEGL.so.1").eglGetProcAddress
    address_of.restype, address_of.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    address = address_of(name.encode())
    if not address:
        raise RendererUnavailable(f"renderer 'raster' has no OpenGL: it lacks {name}", remedy=REMEDY)
    return ctypes.CFUNCTYPE(None, *arguments)(address)
