"""``pyrender``: the independent reference, on a GL context of its own."""

from __future__ import annotations

from typing import ClassVar, Self

from simgen.core.vocabulary import renderers
from simgen.rendering.painted import Painted


@renderers.register("pyrender")
class PyrenderRenderer(Painted):
    """pyrender's physically based renderer: the independent reference that the others are compared with."""

    name: ClassVar[str] = "pyrender"

    @classmethod
    def create(cls) -> Self:
        from simgen.rendering.reference import ReferencePainter  # GL only when asked for

        return cls(ReferencePainter())
