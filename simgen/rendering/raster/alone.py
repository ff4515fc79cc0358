"""Which silhouettes can share one picture: those whose canvases do not overlap."""

from __future__ import annotations

from collections.abc import Sequence

from simgen.rendering.silhouette import Canvas

MARKS = 255


def around(canvases: Sequence[Canvas]) -> Canvas:
    """The smallest canvas that holds these, of which there is at least one and none is empty."""
    x, y = min(c.x_px for c in canvases), min(c.y_px for c in canvases)
    return Canvas(
        x_px=x,
        y_px=y,
        width_px=max(c.x_px + c.width_px for c in canvases) - x,
        height_px=max(c.y_px + c.height_px for c in canvases) - y,
    )


def layers(canvases: Sequence[Canvas]) -> list[list[int]]:
    """Indices of the canvases, layer by layer; within a layer no two overlap, and at most 255 lie in one."""
    result: list[list[int]] = []
    for index, canvas in enumerate(canvases):
        if canvas.empty:
            continue
        for layer in result:
            if len(layer) < MARKS and not any(canvas.overlaps(canvases[other]) for other in layer):
                layer.append(index)
                break
        else:
            result.append([index])
    return result
