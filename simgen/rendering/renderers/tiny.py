"""``tiny``: pybullet's TinyRenderer: no OpenGL at all."""

from __future__ import annotations

from typing import ClassVar, Self

from simgen.core.vocabulary import renderers
from simgen.rendering.painted import Painted


@renderers.register("tiny")
class TinyRenderer(Painted):
    """pybullet's software renderer: works on every machine, slowly, with plain light and few shadows."""

    name: ClassVar[str] = "tiny"

    @classmethod
    def create(cls) -> Self:
        from simgen.rendering.bullet import BulletPainter  # pybullet only when asked for

        return cls(BulletPainter())
