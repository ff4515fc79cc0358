"""The faces of road signs after the Vienna Convention on Road Signs and Signals (1968): outlines, and pictures drawn
from circles, polygons and letters.

Coordinates are in units of the picture's half side: (-1, -1) is its lower left corner, (1, 1) its upper right one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.core.keeping import kept
from simgen.scene.mesh import Texture

Srgb = tuple[int, int, int]
Points = Sequence[tuple[float, float]]

SIZE_PX = 256
_FINE = 4
"""The picture is drawn that much larger, and averaged down."""

RED, BLUE, WHITE, BLACK, YELLOW = (176, 22, 30), (20, 62, 140), (238, 238, 234), (18, 18, 20), (244, 190, 26)
GREEN = (20, 110, 60)


class _Canvas:
    """A square picture of one colour to paint on."""

    def __init__(self, ground: Srgb) -> None:
        self.pixels = np.empty((SIZE_PX * _FINE, SIZE_PX * _FINE, 3), dtype=np.uint8)
        self.pixels[:] = ground

    def _at(self, points: Points) -> NDArray[np.int32]:
        p = np.asarray(points, dtype=np.float64)
        side = SIZE_PX * _FINE
        return np.round(np.stack([(p[:, 0] + 1) * side / 2, (1 - p[:, 1]) * side / 2], axis=1)).astype(np.int32)

    def _px(self, length: float) -> int:
        return max(1, round(length * SIZE_PX * _FINE / 2))

    def polygon(self, points: Points, color: Srgb) -> None:
        cv2.fillPoly(self.pixels, [self._at(points)], color)

    def rounded(self, points: Points, radius: float, color: Srgb) -> None:
        """A polygon grown by ``radius`` all round."""
        self.polygon(points, color)
        self.line([*points, points[0]], 2 * radius, color)

    def disc(self, center: tuple[float, float], radius: float, color: Srgb) -> None:
        x, y = (int(v) for v in self._at([center])[0])
        cv2.circle(self.pixels, (x, y), self._px(radius), color, -1)

    def line(self, points: Points, width: float, color: Srgb) -> None:
        cv2.polylines(self.pixels, [self._at(points)], False, color, self._px(width))
        for point in points:
            self.disc(point, width / 2, color)

    def word(self, text: str, height: float, color: Srgb, y: float = 0.0) -> None:
        """Upright letters in the middle, ``height`` tall."""
        font, weight = cv2.FONT_HERSHEY_DUPLEX, 1.0
        (_, tall), _ = cv2.getTextSize(text, font, weight, 1)
        scale = self._px(height) / tall
        thick = max(1, round(scale * 3.0))
        (wide, tall), _ = cv2.getTextSize(text, font, scale, thick)
        x, base = (int(v) for v in self._at([(0.0, y)])[0])
        corner = (x - wide // 2, base + tall // 2)
        cv2.putText(self.pixels, text, corner, font, scale, color, thick, cv2.LINE_AA)

    def walker(self, x: float, y: float, size: float, color: Srgb, stride: float = 1.0) -> None:
        """A figure that walks to the left; (x, y) is its hip, ``size`` its height."""

        def p(*offsets: tuple[float, float]) -> Points:
            return [(x + size * a, y + size * b) for a, b in offsets]

        self.disc(p((-0.03, 0.43))[0], 0.085 * size, color)
        self.line(p((-0.02, 0.29), (0.01, 0.02)), 0.17 * size, color)
        self.line(p((0.0, 0.0), (-0.10 * stride, -0.22), (-0.20 * stride, -0.46)), 0.10 * size, color)
        self.line(p((0.02, 0.0), (0.10 * stride, -0.22), (0.23 * stride, -0.42)), 0.10 * size, color)
        self.line(p((-0.02, 0.30), (-0.15 * stride, 0.12), (-0.25 * stride, 0.10)), 0.065 * size, color)
        self.line(p((0.01, 0.30), (0.14 * stride, 0.14), (0.17 * stride, 0.0)), 0.065 * size, color)

    def texture(self, name: str) -> Texture:
        small = cv2.resize(self.pixels, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)
        return Texture(name=f"sign_{name}", pixels=small.astype(np.uint8))


# Outlines


def disc_outline(count: int = 36) -> Array:
    angle = 2 * np.pi * (np.arange(count) + 0.5) / count
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _corners(points: Points, radius: float, count: int = 5) -> Array:
    """A convex, counter-clockwise polygon with round corners of a radius."""
    p = np.asarray(points, dtype=np.float64)
    rows = []
    for before, corner, after in zip(np.roll(p, 1, axis=0), p, np.roll(p, -1, axis=0), strict=True):
        a, b = before - corner, after - corner
        a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
        half = 0.5 * float(np.arccos(np.clip(a @ b, -1, 1)))
        middle = corner + radius / np.sin(half) * (a + b) / np.linalg.norm(a + b)
        start = float(np.arctan2(*(corner + a * radius / np.tan(half) - middle)[::-1]))
        turn = np.pi - 2 * half
        rows += [middle + radius * np.array([np.cos(t), np.sin(t)]) for t in start + np.linspace(0, turn, count)]
    return np.array(rows)


def polygon_outline(sides: int, turn_rad: float) -> Array:
    angle = turn_rad + 2 * np.pi * np.arange(sides) / sides
    return _corners([(float(np.cos(t)), float(np.sin(t))) for t in angle], 0.07)


_UP = ((-0.98, -0.75), (0.98, -0.75), (0.0, 0.95))
_DOWN = tuple((-x, -y) for x, y in _UP)
_SQUARE = ((-0.97, -0.97), (0.97, -0.97), (0.97, 0.97), (-0.97, 0.97))
_DIAMOND = ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0))
_BOARD = ((-1.0, -0.3), (1.0, -0.3), (1.0, 0.3), (-1.0, 0.3))


def _shrunk(points: Points, share: float) -> Points:
    middle = np.mean(np.asarray(points, dtype=np.float64), axis=0)
    return [(float(x), float(y)) for x, y in middle + share * (np.asarray(points) - middle)]


# Pictures


def _warning(inner: Srgb = WHITE) -> _Canvas:
    canvas = _Canvas(RED)
    canvas.rounded(_shrunk(_UP, 0.68), 0.02, inner)
    return canvas


def _stop() -> _Canvas:
    canvas = _Canvas(WHITE)
    angle = np.pi / 8 + np.pi / 4 * np.arange(8)
    canvas.polygon([(0.95 * float(np.cos(t)), 0.95 * float(np.sin(t))) for t in angle], RED)
    canvas.word("STOP", 0.44, WHITE)
    return canvas


def _yield() -> _Canvas:
    canvas = _Canvas(RED)
    canvas.rounded(_shrunk(_DOWN, 0.62), 0.02, WHITE)
    return canvas


def _priority() -> _Canvas:
    canvas = _Canvas(WHITE)
    canvas.rounded(_shrunk(_DIAMOND, 0.66), 0.02, YELLOW)
    return canvas


def _crossing() -> _Canvas:
    canvas = _Canvas(BLUE)
    canvas.rounded([(-0.74, -0.64), (0.74, -0.64), (0.0, 0.72)], 0.03, WHITE)
    canvas.walker(0.02, -0.13, 0.92, BLACK)
    for k in range(5):
        x = -0.50 + 0.25 * k
        canvas.polygon([(x - 0.06, -0.64), (x + 0.06, -0.64), (0.8 * x + 0.05, -0.52), (0.8 * x - 0.05, -0.52)], BLACK)
    return canvas


def _children() -> _Canvas:
    canvas = _warning()
    canvas.walker(-0.16, -0.20, 0.72, BLACK)
    canvas.walker(0.24, -0.28, 0.56, BLACK)
    return canvas


def _pedestrians() -> _Canvas:
    canvas = _warning()
    canvas.walker(0.0, -0.13, 0.84, BLACK)
    return canvas


def _roadworks() -> _Canvas:
    canvas = _warning(YELLOW)
    canvas.polygon([(0.02, -0.56), (0.52, -0.56), (0.30, -0.26), (0.20, -0.24)], BLACK)
    canvas.disc((-0.18, 0.26), 0.075, BLACK)
    canvas.line([(-0.20, 0.12), (-0.28, -0.16)], 0.15, BLACK)
    canvas.line([(-0.28, -0.18), (-0.20, -0.36), (-0.28, -0.56)], 0.09, BLACK)
    canvas.line([(-0.30, -0.18), (-0.40, -0.36), (-0.46, -0.56)], 0.09, BLACK)
    canvas.line([(-0.18, 0.12), (-0.02, -0.06)], 0.07, BLACK)
    canvas.line([(-0.22, 0.06), (0.16, -0.34)], 0.035, BLACK)
    return canvas


def _danger() -> _Canvas:
    canvas = _warning()
    canvas.polygon([(-0.10, 0.36), (0.10, 0.36), (0.055, -0.26), (-0.055, -0.26)], BLACK)
    canvas.disc((0.0, -0.44), 0.09, BLACK)
    return canvas


def _slippery() -> _Canvas:
    canvas = _warning()
    canvas.rounded([(-0.20, -0.10), (0.18, -0.02), (0.16, 0.10), (-0.22, 0.02)], 0.02, BLACK)
    canvas.rounded([(-0.10, 0.06), (0.10, 0.10), (0.06, 0.22), (-0.08, 0.18)], 0.02, BLACK)
    wave = np.linspace(0, 1, 24)
    for x, phase in ((-0.16, 0.0), (0.14, 0.0)):
        path = [(x + 0.10 * float(np.sin(2 * np.pi * t + phase)), -0.14 - 0.42 * float(t)) for t in wave]
        canvas.line(path, 0.055, BLACK)
    return canvas


def _curve() -> _Canvas:
    canvas = _warning()
    bend = [(0.12, -0.56), (0.12, -0.30), (0.08, -0.12), (-0.04, 0.02), (-0.12, 0.08)]
    canvas.line(bend, 0.12, BLACK)
    canvas.polygon([(-0.02, 0.26), (-0.30, 0.18), (-0.22, -0.10)], BLACK)
    return canvas


def _no_entry() -> _Canvas:
    canvas = _Canvas(WHITE)
    canvas.disc((0.0, 0.0), 0.96, RED)
    canvas.polygon([(-0.66, -0.15), (0.66, -0.15), (0.66, 0.15), (-0.66, 0.15)], WHITE)
    return canvas


def _no_stopping() -> _Canvas:
    canvas = _Canvas(BLUE)
    canvas.disc((0.0, 0.0), 1.2, RED)
    canvas.disc((0.0, 0.0), 0.78, BLUE)
    for turn in (1, -1):
        canvas.line([(-0.6, 0.6 * turn), (0.6, -0.6 * turn)], 0.17, RED)
    return canvas


def _arrow() -> _Canvas:
    canvas = _Canvas(WHITE)
    canvas.disc((0.0, 0.0), 0.95, BLUE)
    canvas.line([(-0.36, 0.36), (0.18, -0.18)], 0.22, WHITE)
    canvas.polygon([(0.48, -0.48), (0.46, 0.14), (-0.14, -0.46)], WHITE)
    return canvas


def _one_way() -> _Canvas:
    canvas = _Canvas(BLUE)
    canvas.line([(0.0, -0.62), (0.0, 0.2)], 0.30, WHITE)
    canvas.polygon([(0.0, 0.78), (-0.44, 0.16), (0.44, 0.16)], WHITE)
    return canvas


def _chevron() -> _Canvas:
    canvas = _Canvas(RED)
    for k in range(3):
        x = -0.62 + 0.62 * k
        arrow = [(x - 0.10, 1.0), (x + 0.22, 1.0), (x - 0.18, 0.0), (x + 0.22, -1.0), (x - 0.10, -1.0), (x - 0.50, 0.0)]
        canvas.polygon(arrow, WHITE)
    return canvas


def _level_crossing() -> _Canvas:
    canvas = _Canvas(WHITE)
    for side in (1, -1):
        canvas.polygon([(side * 0.62, -1.0), (side * 1.0, -1.0), (side * 1.0, 1.0), (side * 0.62, 1.0)], RED)
    return canvas


def _parking() -> _Canvas:
    canvas = _Canvas(BLUE)
    canvas.word("P", 1.1, WHITE)
    return canvas


def _bus_stop() -> _Canvas:
    canvas = _Canvas(GREEN)
    canvas.disc((0.0, 0.0), 0.88, YELLOW)
    canvas.word("H", 0.9, GREEN)
    return canvas


@kept
def speed_limit(number: int) -> Texture:
    """A ring with a number in it."""
    canvas = _Canvas(RED)
    canvas.disc((0.0, 0.0), 0.76, WHITE)
    canvas.word(str(number), 0.62 if number < 100 else 0.48, BLACK)
    return canvas.texture(f"speed_limit_{number}")


_PICTURES: dict[str, tuple[Callable[[], _Canvas], Array, tuple[float, float]]] = {
    "stop": (_stop, polygon_outline(8, np.pi / 8), (0.76, 0.76)),
    "yield": (_yield, _corners(_DOWN, 0.08), (0.92, 0.92)),
    "priority": (_priority, _corners(_DIAMOND, 0.08), (0.80, 0.80)),
    "pedestrian_crossing": (_crossing, _corners(_SQUARE, 0.10), (0.62, 0.62)),
    "pedestrians": (_pedestrians, _corners(_UP, 0.08), (0.92, 0.92)),
    "children": (_children, _corners(_UP, 0.08), (0.92, 0.92)),
    "roadworks": (_roadworks, _corners(_UP, 0.08), (0.92, 0.92)),
    "danger": (_danger, _corners(_UP, 0.08), (0.92, 0.92)),
    "slippery": (_slippery, _corners(_UP, 0.08), (0.92, 0.92)),
    "curve": (_curve, _corners(_UP, 0.08), (0.92, 0.92)),
    "no_entry": (_no_entry, disc_outline(), (0.62, 0.62)),
    "no_stopping": (_no_stopping, disc_outline(), (0.62, 0.62)),
    "arrow": (_arrow, disc_outline(), (0.62, 0.62)),
    "one_way": (_one_way, _corners(_SQUARE, 0.10), (0.62, 0.62)),
    "parking": (_parking, _corners(_SQUARE, 0.10), (0.62, 0.62)),
    "bus_stop": (_bus_stop, disc_outline(), (0.46, 0.46)),
    "chevron": (_chevron, _corners(_SQUARE, 0.05), (1.5, 0.5)),
    "level_crossing": (_level_crossing, _corners(_SQUARE, 0.05), (1.2, 0.16)),
}
KINDS = tuple(_PICTURES)


def outline(kind: str) -> Array:
    """(N, 2) of a kind in metres, counter-clockwise, around the middle of its picture."""
    _, points, size = _PICTURES[kind]
    result: Array = points * np.asarray(size) / 2
    return result


def size_m(kind: str) -> tuple[float, float]:
    """Full width and height of the picture."""
    return _PICTURES[kind][2]


@kept
def picture(kind: str) -> Texture:
    return _PICTURES[kind][0]().texture(kind)


def figure_outlines(walking: bool, height_m: float) -> list[Array]:
    """Convex outlines, counter-clockwise, of the figure that a pedestrians' signal shows, around its middle: it walks
    to the left, or stands."""

    def bar(a: tuple[float, float], b: tuple[float, float], width: float) -> Array:
        start, end = np.array(a), np.array(b)
        along = (end - start) / np.linalg.norm(end - start)
        angle = float(np.arctan2(along[1], along[0]))
        arc = np.linspace(-np.pi / 2, np.pi / 2, 7)
        tip = end + width / 2 * np.stack([np.cos(angle + arc), np.sin(angle + arc)], axis=1)
        tail = start - width / 2 * np.stack([np.cos(angle + arc), np.sin(angle + arc)], axis=1)
        return np.vstack([tip, tail])

    turn = 2 * np.pi * np.arange(20) / 20
    head = np.array([0.0, 0.41]) + 0.085 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    if walking:
        limbs = [
            bar((-0.01, 0.22), (0.01, 0.02), 0.16),
            bar((-0.02, 0.0), (-0.12, -0.2), 0.095),
            bar((-0.12, -0.2), (-0.22, -0.44), 0.085),
            bar((0.03, 0.0), (0.11, -0.2), 0.095),
            bar((0.11, -0.2), (0.26, -0.4), 0.085),
            bar((-0.06, 0.25), (-0.2, 0.06), 0.06),
            bar((0.05, 0.25), (0.2, 0.05), 0.06),
        ]
    else:
        limbs = [
            bar((0.0, 0.2), (0.0, 0.02), 0.22),
            bar((-0.06, 0.0), (-0.06, -0.44), 0.095),
            bar((0.06, 0.0), (0.06, -0.44), 0.095),
            bar((-0.13, 0.24), (-0.19, -0.06), 0.065),
            bar((0.13, 0.24), (0.19, -0.06), 0.065),
        ]
    return [height_m * outline for outline in (head, *limbs)]
