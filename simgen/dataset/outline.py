"""Masks as polygons along the edges of their pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Point = tuple[int, int]


def outlines(mask: NDArray[np.bool_]) -> list[list[Point]]:
    """Closed lines around a mask (H, W), as their corners x, y in pixel edges: clockwise around it, and the other way
    round its holes."""
    inside = np.asarray(mask, dtype=np.int8)
    down, right = (np.diff(inside, axis=axis, prepend=0, append=0) for axis in (0, 1))
    steps: dict[Point, list[Point]] = {}
    # Each edge from where it begins, so that the mask lies to its right.
    for change, value, begin, step in (
        (down, 1, (0, 0), (1, 0)),
        (right, -1, (0, 0), (0, 1)),
        (down, -1, (1, 0), (-1, 0)),
        (right, 1, (0, 1), (0, -1)),
    ):
        for y, x in np.argwhere(change == value).tolist():
            steps.setdefault((x + begin[0], y + begin[1]), []).append(step)
    lines: list[list[Point]] = []
    while steps:
        x, y = next(iter(steps))
        line: list[Point] = []
        before: Point | None = None
        # As many edges end at a point as begin there, so that this ends where it began.
        while (x, y) in steps:
            step = steps[x, y].pop()
            if not steps[x, y]:
                del steps[x, y]
            if step != before:
                line.append((x, y))
            before = step
            x, y = x + step[0], y + step[1]
        lines.append(line)
    return lines


def joined(lines: list[list[Point]]) -> list[Point]:
    """One polygon of several: from the first line's first corner to each other line, around it and back. It covers what
    they cover, for each way there is also gone back."""
    first, *others = lines
    if not others:
        return first
    home = first[0]
    return [*first, home, *(point for line in others for point in (*line, line[0], home))]
