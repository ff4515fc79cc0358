"""Printed surfaces, drawn from a design number: wrap-around labels, parcel cartons, wood, metal and floor coverings.

Every texture is a pure function of its arguments; what varies within it is drawn from a key made of them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simgen.core.keeping import kept
from simgen.core.seeds import Key
from simgen.scene.mesh import Rgb, Texture, linear

Pixels = NDArray[np.uint8]
Srgb = tuple[int, int, int]

GRAIN_PX = 128
FONT = cv2.FONT_HERSHEY_DUPLEX
BRANDS = ("SOLARA", "VERDA", "NORDIK", "KAPI", "MIRO", "OLMO", "TALVI", "BRISA", "LUMEN", "CANTO")
COLORS: dict[str, Srgb] = {
    "red": (186, 32, 34),
    "orange": (226, 116, 26),
    "yellow": (240, 196, 40),
    "green": (46, 128, 62),
    "teal": (24, 128, 132),
    "blue": (30, 78, 160),
    "violet": (104, 60, 140),
    "white": (236, 234, 228),
    "grey": (128, 130, 132),
    "black": (34, 34, 36),
    "brown": (116, 76, 46),
}


def paint(name: str) -> Rgb:
    """Linear RGB of a colour of ``COLORS``."""
    r, g, b = COLORS[name]
    return linear((r / 255, g / 255, b / 255))


@kept
def wrap_label(color: str, design: int, product: str) -> Texture:
    """A label once around a can or bottle, 1024 x 512: the brand twice, a picture, small print and a bar code."""
    rng = Key(design, 0, f"prints.label.{product}").generator()
    height, width = 512, 1024
    paper = COLORS["white"] if color != "white" else COLORS["blue"]
    ink = COLORS[color]
    image = np.empty((height, width, 3), dtype=np.uint8)
    image[:] = ink
    split = int(rng.integers(225, 290))
    image[split:] = paper if design % 2 == 0 else _mix(ink, (0, 0, 0), 0.45)
    cv2.rectangle(image, (0, split - 8), (width, split + 6), _mix(ink, (255, 220, 120), 0.75), -1)
    cv2.rectangle(image, (0, 18), (width, 26), _mix(ink, (255, 255, 255), 0.6), -1)
    brand = BRANDS[int(rng.integers(len(BRANDS)))]
    lower = ink if design % 2 == 0 else paper
    for left in (16, 528):
        _text(image, brand, (left + 8, split - 70), 2.6, (250, 248, 240), 7, width=330)
        _text(image, product.upper(), (left + 8, split + 78), 1.5, lower, 3, width=300)
        center = (left + 150, split + 170)
        cv2.ellipse(image, center, (120, 60), 0, 0, 360, _mix(lower, (255, 240, 200), 0.35), -1, cv2.LINE_AA)
        for _ in range(9):
            x, y = rng.normal(0, 0.36, 2).clip(-0.75, 0.75)
            spot = (int(center[0] + 110 * x), int(center[1] + 46 * y))
            tone = _mix(lower, COLORS["yellow"], float(rng.uniform(0.2, 0.9)))
            cv2.circle(image, spot, int(rng.integers(12, 26)), tone, -1, cv2.LINE_AA)
        _small_print(image, (left + 350, 60, 130, split - 100), _mix(ink, (255, 255, 255), 0.85), rng)
        _bar_code(image, (left + 350, split + 50, 120, 120), rng)
    return Texture(name=f"label_{product}_{color}_{design}", pixels=_grain(image, rng, 3.0))


@kept
def carton(design: int, aspect: tuple[float, float, float]) -> Texture:
    """A parcel carton on the atlas of ``solids.SIDES``, 1024 x 512: corrugated board, tape and an address label.

    Args:
        aspect: the box's length, width and height in metres, so that tape and label keep their shape.
    """
    rng = Key(design, 0, "prints.carton").generator()
    board = _mix((186, 146, 100), (206, 170, 126), float(rng.uniform()))
    image = np.empty((512, 1024, 3), dtype=np.float32)
    image[:] = board
    image *= 1.0 + 0.035 * np.sin(np.arange(512) * 2 * np.pi / 8)[:, None, None]
    image = np.clip(image, 0, 255)
    pixels: Pixels = image.astype(np.uint8)
    length, width, height = aspect
    for number, (across, up) in enumerate(((width, height), (width, height), (length, height), (length, height))):
        _carton_side(pixels, (number * 256, 0), (across, up), number, rng)
    for number in range(2):
        x, y = number * 256, 256
        tape = round(256 * min(0.045 / width, 0.5))
        cv2.rectangle(pixels, (x, y + 128 - tape // 2), (x + 255, y + 128 + tape // 2), (196, 170, 122), -1)
        cv2.line(pixels, (x, y + 128), (x + 255, y + 128), (120, 92, 60), 2)
        if number == 0:
            _address_label(pixels, (x + 20, y + 18, 150, 86), rng)
    return Texture(name=f"carton_{design}", pixels=_grain(pixels, rng, 4.0))


def _carton_side(
    pixels: Pixels, corner: tuple[int, int], size_m: tuple[float, float], number: int, rng: Generator
) -> None:
    x, y = corner
    dark = (92, 66, 40)
    if number >= 2:
        arrows = (x + 22, y + 60)
        for k in range(2):
            left = arrows[0] + 40 * k
            cv2.rectangle(pixels, (left + 10, arrows[1] + 24), (left + 18, arrows[1] + 66), dark, -1)
            triangle = np.array([[left, arrows[1] + 26], [left + 28, arrows[1] + 26], [left + 14, arrows[1]]])
            cv2.fillPoly(pixels, [triangle.astype(np.int32)], dark, cv2.LINE_AA)
        cv2.line(pixels, (x + 20, y + 136), (x + 94, y + 136), dark, 5)
        _text(pixels, "FRAGILE", (x + 110, y + 110), 1.0, (170, 40, 30), 3, width=130)
        _text(pixels, BRANDS[int(rng.integers(len(BRANDS)))], (x + 110, y + 200), 1.0, dark, 2, width=130)
    else:
        tape = round(256 * min(0.045 / size_m[0], 0.5))
        cv2.rectangle(pixels, (x + 128 - tape // 2, y), (x + 128 + tape // 2, y + 70), (196, 170, 122), -1)
        _bar_code(pixels, (x + 66, y + 130, 124, 80), rng)


def _address_label(pixels: Pixels, rect: tuple[int, int, int, int], rng: Generator) -> None:
    x, y, w, h = rect
    cv2.rectangle(pixels, (x, y), (x + w, y + h), (242, 242, 238), -1)
    _small_print(pixels, (x + 8, y + 10, w // 2, h - 16), (40, 40, 44), rng)
    _bar_code(pixels, (x + w // 2 + 14, y + 10, w // 2 - 22, h - 20), rng)


@kept
def wood(color: Srgb, size_px: int = 512) -> Texture:
    """Planed boards with grain along u; four boards per repeat."""
    rng = Key(color[0] * 65536 + color[1] * 256 + color[2], 0, "prints.wood").generator()
    rows = np.arange(size_px)[:, None] / size_px
    columns = np.arange(size_px)[None, :] / size_px
    image = np.zeros((size_px, size_px), dtype=np.float64)
    boards = 4
    for board in range(boards):
        inside = (rows * boards).astype(int) == board
        phase = rng.uniform(0, 2 * np.pi, 6)
        wave = sum(0.008 / k**1.5 * np.sin(2 * np.pi * k * columns + phase[k]) for k in range(1, 6))
        rings = np.sin(2 * np.pi * (rows + wave) * rng.integers(26, 44) + phase[0])
        fine = np.sin(2 * np.pi * (rows + 0.3 * wave) * rng.integers(90, 130) + phase[1])
        tone = 1.0 + rng.uniform(-0.07, 0.07) + 0.028 * rings + 0.022 * fine
        image = np.where(inside, tone, image)
    joint = np.minimum((rows * boards) % 1.0, 1.0 - (rows * boards) % 1.0) * size_px / boards < 1.2
    image = np.where(joint, 0.62, image)
    pixels = np.clip(image[..., None] * np.array(color), 0, 255).astype(np.uint8)
    return Texture(name="wood", pixels=_grain(pixels, rng, 5.0), roughness=None)


@kept
def speckled(color: Srgb, contrast: float, size_px: int = 256) -> Texture:
    """A mottled covering (vinyl floor, plaster, cast plastic): soft blotches and grain, seamless."""
    rng = Key(color[0] * 65536 + color[1] * 256 + color[2], 0, "prints.speckled").generator()
    field = np.zeros((size_px, size_px))
    for cells in (16, 64):
        coarse = rng.normal(0, 1, (cells, cells))
        wrapped = np.pad(coarse, 2, mode="wrap").astype(np.float32)
        scale = size_px // cells
        full = cv2.resize(wrapped, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        field += full[2 * scale : 2 * scale + size_px, 2 * scale : 2 * scale + size_px] / np.sqrt(cells)
    pixels = np.clip((1.0 + contrast * field[..., None]) * np.array(color), 0, 255).astype(np.uint8)
    return Texture(name="speckled", pixels=_grain(pixels, rng, 60.0 * contrast))


@kept
def tiles(color: Srgb, joint: Srgb, size_px: int = 512) -> Texture:
    """Two by two square floor tiles with joints."""
    base = speckled(color, 0.05, size_px // 2).pixels
    image = np.tile(base, (2, 2, 1))
    tone = np.repeat(np.repeat(np.array([[1.0, 0.965], [0.975, 1.02]]), size_px // 2, 0), size_px // 2, 1)
    image = np.clip(image * tone[..., None], 0, 255).astype(np.uint8)
    for k in (0, size_px // 2):
        image[k : k + 3] = joint
        image[:, k : k + 3] = joint
    return Texture(name="tiles", pixels=image)


@kept
def sign(words: str, ground: Srgb, ink: Srgb, aspect: float = 1.0) -> Texture:
    """A plate with words across its middle and a rim; ``aspect`` is its width over its height."""
    height = 256
    width = 1 << max(6, round(float(np.log2(height * aspect))))
    image = np.empty((height, width, 3), dtype=np.uint8)
    image[:] = ground
    cv2.rectangle(image, (0, 0), (width - 1, height - 1), _mix(ground, ink, 0.8), 10)
    # the picture is stretched over the plate, so that the letters are drawn in its own proportions and resized
    plate = np.empty((height, max(64, round(height * aspect)), 3), dtype=np.uint8)
    plate[:] = ground
    (long, tall), _ = cv2.getTextSize(words, FONT, 1.0, 2)
    scale = min(0.8 * plate.shape[1] / long, 0.58 * height / tall)
    thick = max(2, round(2.6 * scale))
    (long, tall), _ = cv2.getTextSize(words, FONT, scale, thick)
    corner = ((plate.shape[1] - long) // 2, (height + tall) // 2)
    cv2.putText(plate, words, corner, FONT, scale, ink, thick, cv2.LINE_AA)
    inner = cv2.resize(plate, (width, height), interpolation=cv2.INTER_AREA)
    image[12:-12, 12:-12] = inner[12:-12, 12:-12]
    return Texture(name=f"sign_{words}", pixels=image)


@kept
def hatched(first: Srgb, second: Srgb, size_px: int = 128) -> Texture:
    """Warning stripes at 45 degrees, a little worn; seamless."""
    rows, columns = np.mgrid[0:size_px, 0:size_px]
    stripe = ((rows + columns) % size_px) < size_px // 2
    image = np.where(stripe[..., None], np.array(first), np.array(second)).astype(np.uint8)
    return Texture(name="hatched", pixels=_grain(image, Key(2, 0, "prints.hatched").generator(), 6.0))


@kept
def ribbed(color: Srgb, ribs: int = 8, size_px: int = 256) -> Texture:
    """Profiled sheet metal: ribs that run along v, lit from one side; seamless."""
    u = np.arange(size_px) * ribs / size_px % 1.0
    tone = np.interp(u, [0.0, 0.06, 0.12, 0.50, 0.56, 0.62, 1.0], [1.0, 1.08, 1.0, 1.0, 0.72, 0.93, 0.95])
    image = np.clip(tone[None, :, None] * np.array(color), 0, 255)
    pixels: Pixels = np.broadcast_to(image, (size_px, size_px, 3)).astype(np.uint8)
    return Texture(name="ribbed", pixels=_grain(pixels, Key(3, 0, "prints.ribbed").generator(), 2.0))


@kept
def slab(color: Srgb, size_px: int = 1024) -> Texture:
    """A power-floated concrete floor: clouds, tyre marks and a sawn joint round each bay; seamless."""
    rng = Key(color[0] * 65536 + color[1] * 256 + color[2], 0, "prints.slab").generator()
    field = np.zeros((size_px, size_px))
    for cells, weight in ((4, 0.5), (16, 0.35), (64, 0.25), (256, 0.2)):
        coarse = np.pad(rng.normal(0, 1, (cells, cells)), 2, mode="wrap").astype(np.float32)
        scale = size_px // cells
        full = cv2.resize(coarse, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        field += weight * full[2 * scale : 2 * scale + size_px, 2 * scale : 2 * scale + size_px]
    image = np.clip((1.0 + 0.045 * field[..., None]) * np.array(color), 0, 255)
    marks = np.zeros((size_px, size_px), dtype=np.uint8)
    for _ in range(7):
        center = tuple(int(v) for v in rng.integers(0, size_px, 2))
        radius = (int(rng.integers(120, 500)), int(rng.integers(120, 500)))
        start = float(rng.uniform(0, 360))
        cv2.ellipse(marks, center, radius, 0.0, start, start + float(rng.uniform(20, 70)), 255, 9, cv2.LINE_AA)
    worn = cv2.GaussianBlur(marks, (0, 0), 2.5).astype(np.float64)[..., None] / 255
    image *= 1.0 - 0.13 * worn
    image[:3] *= 0.55
    image[:, :3] *= 0.55
    return Texture(name="slab", pixels=_grain(np.clip(image, 0, 255).astype(np.uint8), rng, 3.0))


@kept
def pegboard(color: Srgb, size_px: int = 64) -> Texture:
    """One hole of a perforated board, to be repeated."""
    image = np.empty((size_px, size_px, 3), dtype=np.uint8)
    image[:] = color
    cv2.circle(image, (size_px // 2, size_px // 2), size_px // 7, (18, 18, 18), -1, cv2.LINE_AA)
    return Texture(name="pegboard", pixels=image)


@kept
def cutting_mat(color: Srgb, size_px: int = 1024) -> Texture:
    """A mat with a printed grid of 10 x 8 fields."""
    image = np.empty((size_px, size_px, 3), dtype=np.uint8)
    image[:] = color
    line = _mix(color, (255, 255, 255), 0.45)
    edge = size_px // 32
    for k in range(51):
        x = edge + (size_px - 2 * edge) * k // 50
        cv2.line(image, (x, edge), (x, size_px - edge), _mix(color, line, 1.0 if k % 5 == 0 else 0.25), 2)
    for k in range(41):
        y = edge + (size_px - 2 * edge) * k // 40
        cv2.line(image, (edge, y), (size_px - edge, y), _mix(color, line, 1.0 if k % 5 == 0 else 0.25), 2)
    return Texture(name="cutting_mat", pixels=_grain(image, Key(1, 0, "prints.mat").generator(), 3.0))


@kept
def fruit_skin(kind: str) -> Texture:
    """The skin of an apple, orange, lemon or lime: u around, v from the bottom to the stem."""
    rng = Key(0, 0, f"prints.skin.{kind}").generator()
    height, width = 256, 512
    v = np.linspace(1, 0, height)[:, None]
    noise = _blur_around(rng.normal(0, 1, (height, width)), 2.0)
    image = np.empty((height, width, 3))
    if kind == "apple":
        streak = _blur_around(rng.normal(0, 1, (1, width)), 3.0)
        streak = np.repeat(streak / np.abs(streak).max(), height, axis=0)
        blush = np.clip(0.75 + 0.5 * streak - 1.1 * np.clip(v - 0.82, 0, 1) * 4, 0, 1)[..., None]
        image[:] = blush * np.array([164, 26, 30]) + (1 - blush) * np.array([206, 170, 64])
        image *= 1.0 + 0.15 * noise[..., None]
    else:
        tone = {"orange": (232, 122, 18), "lemon": (240, 206, 44), "lime": (96, 140, 40)}[kind]
        image[:] = tone
        image *= 1.0 + 0.6 * np.clip(noise, -0.12, 0.05)[..., None]
    return Texture(name=f"skin_{kind}", pixels=np.clip(image, 0, 255).astype(np.uint8))


def _blur_around(field: NDArray[np.float64], sigma_px: float) -> NDArray[np.float64]:
    """Gaussian blur that is seamless along u."""
    margin = round(4 * sigma_px)
    wide = np.pad(field, ((0, 0), (margin, margin)), mode="wrap")
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma_px)[:, margin:-margin], dtype=np.float64)


def _text(
    image: Pixels, text: str, corner: tuple[int, int], scale: float, color: Srgb, thickness: int, *, width: int
) -> None:
    """Writes with the baseline's left end at ``corner``, shrunk to ``width`` pixels when it is longer."""
    (needed, _), _ = cv2.getTextSize(text, FONT, scale, thickness)
    fitted = scale * min(1.0, width / needed)
    cv2.putText(image, text, corner, FONT, fitted, color, thickness, cv2.LINE_AA)


def _small_print(image: Pixels, rect: tuple[int, int, int, int], color: Srgb, rng: Generator) -> None:
    x, y, w, h = rect
    for line in range(y, y + h - 6, 13):
        at = x
        end = x + int(w * rng.uniform(0.6, 1.0))
        while at < end:
            word = int(rng.integers(6, 26))
            cv2.rectangle(image, (at, line), (min(at + word, end), line + 5), color, -1)
            at += word + 6


def _bar_code(image: Pixels, rect: tuple[int, int, int, int], rng: Generator) -> None:
    x, y, w, h = rect
    cv2.rectangle(image, (x, y), (x + w, y + h), (248, 248, 246), -1)
    at = x + 6
    while at < x + w - 8:
        bar = int(rng.integers(2, 6))
        cv2.rectangle(image, (at, y + 6), (at + bar - 1, y + h - 10), (16, 16, 18), -1)
        at += bar + int(rng.integers(2, 6))


def _mix(a: Srgb, b: Srgb, share: float) -> Srgb:
    r, g, b_ = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return r, g, b_


def _grain(image: Pixels, rng: Generator, sigma: float) -> Pixels:
    """Fine noise, equal in all channels; one tile of it is repeated."""
    height, width = image.shape[:2]
    tile = rng.normal(0, sigma, (GRAIN_PX, GRAIN_PX)).round().astype(np.int16)
    noise = np.tile(tile, (-(-height // GRAIN_PX), -(-width // GRAIN_PX)))[:height, :width, None]
    grained: Pixels = np.clip(image.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    return grained
