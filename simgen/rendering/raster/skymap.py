"""The sky and the surroundings as textures in octahedral coordinates."""

from __future__ import annotations

from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.rendering.sky import SIZE as SKY_SIZE
from simgen.rendering.sky import Sky
from simgen.rendering.skylight import SIZE, Surroundings

LEVELS = 5


class SkyMap:
    """``sky``: what the camera sees, and in its alpha what passes the clouds; uploaded when it is another one.
    ``around``: what surfaces mirror, with mipmaps, of this frame."""

    def __init__(self, context: Any) -> None:
        self.sky = _texture(context, SKY_SIZE)
        self.around = _texture(context, SIZE)
        self.around.build_mipmaps(max_level=LEVELS)
        self.around.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
        self._shown: Sky | None = None

    def show(self, sky: Sky, surroundings: Surroundings) -> None:
        if self._shown is not sky:
            self._shown = sky
            self.sky.write(_packed(sky.pixels, SKY_SIZE, sky.passes))
        self.around.write(_packed(surroundings.pixels, SIZE))
        self.around.build_mipmaps(max_level=LEVELS)


def _texture(context: Any, size: int) -> Any:
    texture = context.texture((size, size), 4, dtype="f4")
    texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    texture.repeat_x = texture.repeat_y = False
    return texture


def _packed(pixels: NDArray[np.float32], size: int, alpha: NDArray[np.float32] | float = 1.0) -> bytes:
    packed = np.empty((size, size, 4), dtype=np.float32)
    packed[..., :3] = pixels
    packed[..., 3] = alpha
    return packed.tobytes()
