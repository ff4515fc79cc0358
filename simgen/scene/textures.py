"""Procedural textures: a function of a name, a size and a seed. All of them tile.

Pixels are sRGB with a mean near white, because a texture multiplies its material's base colour, which holds the albedo.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.core.geometry import Array, read_only
from simgen.core.keeping import kept
from simgen.core.seeds import Key
from simgen.core.srgb import decoded
from simgen.scene.mesh import Rgb, Texture

_GLYPHS = {
    "0": "0e11131519110e",
    "1": "040c040404040e",
    "2": "0e11010204081f",
    "3": "1f02040201110e",
    "4": "02060a121f0202",
    "5": "1f101e0101110e",
    "6": "0608101e11110e",
    "7": "1f010204080808",
    "8": "0e11110e11110e",
    "9": "0e11110f01020c",
    "A": "0e11111f111111",
    "B": "1e11111e11111e",
    "C": "0e11101010110e",
    "D": "1e11111111111e",
    "E": "1f10101e10101f",
    "F": "1f10101e101010",
    "G": "0e11101711110f",
    "H": "1111111f111111",
    "I": "0e04040404040e",
    "K": "11121418141211",
    "L": "1010101010101f",
    "M": "111b1515111111",
    "N": "11111915131111",
    "O": "0e11111111110e",
    "P": "1e11111e101010",
    "R": "1e11111e141211",
    "S": "0f10100e01011e",
    "T": "1f040404040404",
    "U": "1111111111110e",
    "V": "11111111110a04",
    "W": "11111115151b11",
    "X": "11110a040a1111",
}
"""Five by seven dots, a row per byte."""


def _generator(name: str, seed: int) -> np.random.Generator:
    return Key(seed, 0, "textures").child(name).generator()


@lru_cache(maxsize=8)
def _frequency(size: int, stretch: float = 1.0) -> Array:
    """Cycles per pixel of the half plane of a real image's spectrum, those along u ``stretch`` times as many."""
    return read_only(np.hypot(np.fft.fftfreq(size)[:, None], stretch * np.fft.rfftfreq(size)[None, :]))


def _noise(size: int, rng: np.random.Generator, wavelength: float, slope: float = 1.5, stretch: float = 1.0) -> Array:
    """(size, size) tiling noise, mean 0 and deviation 1, with power from ``wavelength`` pixels downward; what it shows
    is ``stretch`` times as long along u as along v."""
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    # Rows of negative frequencies mirror those of positive ones.
    half = size // 2 + 1
    gain = 1.0 / np.maximum(_frequency(size, stretch)[:half], 1.0 / wavelength) ** slope
    gain[0, 0] = 0.0
    spectrum[:half] *= gain
    spectrum[half:] *= gain[size - half : 0 : -1]
    field: Array = np.fft.irfft2(spectrum, s=(size, size))
    mean, deviation = field.mean(), field.std()
    field -= mean
    field /= deviation
    return field


def _blur(image: Array, radius: float) -> Array:
    kernel = np.exp(-2 * (np.pi * radius * _frequency(len(image))) ** 2)
    result: Array = np.fft.irfft2(np.fft.rfft2(image) * kernel, s=image.shape)
    return result


def _encoded() -> NDArray[np.uint8]:
    x = np.arange(65536) / 65535.0
    result: NDArray[np.uint8] = np.round(
        255.0 * np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    ).astype(np.uint8)
    return result


_SRGB = _encoded()
"""sRGB of linear values in steps of 1 / 65535 (IEC 61966-2-1)."""
_ROWS = 32


def srgb(linear: Array) -> NDArray[np.uint8]:
    """Bytes (…) of linear values in [0, 1]."""
    # A table of 16-bit steps, since powers of millions of pixels take longer than all the rest of a texture, and a few
    # rows at a time, which stay within the cache.
    result = np.empty(linear.shape, dtype=np.uint8)
    for first in range(0, len(linear), _ROWS):
        step = np.clip(linear[first : first + _ROWS], 0.0, 1.0)
        step *= 65535.0
        np.rint(step, out=step)
        result[first : first + _ROWS] = _SRGB.take(step.astype(np.intp))
    return result


def _linear(pixels: NDArray[np.uint8]) -> Array:
    return decoded(pixels / 255.0)


_Tint = tuple[Array | float, Array | float, Array | float]


def _mixed(one: _Tint, other: _Tint, share: Array) -> _Tint:
    """The tint ``one``, but for a share of the ``other``."""
    red, green, blue = (a * (1 - share) + b * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def _gray(linear: Array, tint: _Tint = (1.0, 1.0, 1.0)) -> NDArray[np.uint8]:
    return np.stack([srgb(linear * t) for t in tint], axis=-1)


def _crack(size: int, rng: np.random.Generator, count: int, steps: int, stretch: float) -> Array:
    """(size, size) mask of jagged lines that tile, each with a bearing of its own; a pixel is ``stretch`` times as long
    as wide."""
    mask = np.zeros((size, size))
    for _ in range(count):
        position = rng.uniform(0, size, 2)
        bearing, aside = rng.uniform(0, 2 * np.pi), 0.0
        for _ in range(steps):
            aside = 0.75 * aside + rng.normal(0, 0.4)  # keeps its bearing, and never comes back to itself
            heading = bearing + aside
            position = position + 1.2 * np.array([np.cos(heading), np.sin(heading) / stretch])
            i, j = int(position[0]) % size, int(position[1]) % size
            mask[i, j] = 1.0
            mask[(i + 1) % size, j] = max(mask[(i + 1) % size, j], 0.6)
    return mask


ASPHALT_M = 8.0
DRIVEN_M = (24.0, 8.0)
"""Length along the traffic, u, and width of a tile of asphalt on a lane. Who drives sees a road at a grazing angle, and
of a texture as much as its coarser direction on the screen allows: with pixels that are three times as long as wide,
what lies across the road stays three times as sharp."""
_TRACKS_M, _BETWEEN_M = (0.95, 2.5), 1.72
"""Where wheels roll on a lane and what lies between them, from its edge; on the other half of a tile from its other
side."""


@kept
def asphalt(seed: int = 0) -> Texture:
    """Stone mastic: grains in a mottled binder, and stains. It looks the same whichever way it is laid, and has nothing
    on it by which one would see its tiles repeat."""
    return _asphalt(512, 1.0, seed)


@kept
def driven_asphalt(seed: int = 0) -> Texture:
    """The same of a lane, u along it and v from its edge: streaks along the traffic, a few cracks, pale where wheels
    have worn the binder off the stones and dark between them."""
    return _asphalt(1024, DRIVEN_M[0] / DRIVEN_M[1], seed, width_m=DRIVEN_M[1])


def _asphalt(size: int, stretch: float, seed: int, width_m: float | None = None) -> Texture:
    """Asphalt whose pixels are ``stretch`` times as long as wide; driven on if the tile has a width."""
    fine = size / 1024
    rng = _generator("asphalt", seed)
    grain = _noise(size, rng, 3.0 * fine, 0.5, 1 / stretch)
    stones = np.clip(_noise(size, rng, 6.0 * fine, 0.9, 1 / stretch) - 1.1, 0, None)
    mottle = _noise(size, rng, size / 6, 1.5, 1 / stretch)
    value = 0.645 + 0.10 * grain + 0.16 * stones + 0.022 * mottle
    worn: Array | float = 0.0
    if width_m is not None:
        value += 0.022 * _noise(size, rng, size / 24, 1.1, 8 / stretch)
        t = width_m / size * np.arange(size)
        t = np.minimum(t, width_m - t)[:, None]
        worn = np.sum([np.exp(-(((t - track) / 0.38) ** 2)) for track in _TRACKS_M], axis=0)
        oily = np.exp(-(((t - _BETWEEN_M) / 0.32) ** 2))
        value *= 1 + (0.08 * worn - 0.11 * oily) * (1 + 0.3 * _noise(size, rng, size / 4, 2.0, 6 / stretch))
        value *= 1 - 0.9 * np.clip(_blur(_crack(size, rng, 4, 300, stretch), 0.5) * 1.1, 0, 0.42)
    value *= 1 - 0.10 * np.clip(_noise(size, rng, size / 8, 2.0, 1.5 / stretch) - 1.3, 0, 1.5)
    rough = np.clip(232 + 14 * grain - 8 * mottle - 8 * worn, 150, 255).astype(np.uint8)
    return Texture(name="asphalt", pixels=_gray(value, (1.0, 0.99, 0.97)), roughness=rough)


@kept
def concrete(seed: int = 0) -> Texture:
    """Cast concrete with pores and stains."""
    rng = _generator("concrete", seed)
    pores = np.clip(_noise(256, rng, 4.0, 0.8) - 1.6, 0, None)
    value = 0.82 + 0.05 * _noise(256, rng, 80.0, 1.8) + 0.03 * _noise(256, rng, 2.0, 0.3) - 0.25 * pores
    return Texture(name="concrete", pixels=_gray(value, (1.0, 0.985, 0.95)))


@kept
def plaster(seed: int = 0) -> Texture:
    """Painted render with faint streaks from rain."""
    rng = _generator("plaster", seed)
    streak = _noise(512, rng, 120.0, 1.6).mean(axis=0, keepdims=True)
    streak = streak / streak.std()
    value = 0.88 + 0.022 * _noise(512, rng, 2.5, 0.5) + 0.028 * _noise(512, rng, 200.0, 2.0) + 0.012 * streak
    return Texture(name="plaster", pixels=_gray(value))


def _bond(
    size: int, rows: int, columns: int, joint: float, rng: np.random.Generator, spread: float
) -> tuple[Array, Array]:
    """(value of each stone (size, size), mask of the joints) of a running bond that tiles; ``rows`` is even."""
    along = np.arange(size) / size
    row = np.floor(along * rows).astype(int)
    odd = row % 2
    shifted = along * columns + np.array([[0.0], [0.5]])  # of even and odd courses
    column = np.floor(shifted).astype(int) % columns
    tone = rng.normal(0, spread, (rows, columns))[row[:, None], column[odd]]
    to_bed = np.minimum(along * rows % 1, 1 - along * rows % 1) / rows
    to_head = np.minimum(shifted % 1, 1 - shifted % 1) / columns
    joints = np.clip(1.5 - np.minimum(to_bed[:, None], to_head[odd]) / joint, 0, 1)
    return tone, joints


@kept
def brick(seed: int = 0) -> Texture:
    """Running bond, 16 courses of 75 mm and 5 bricks of 240 mm: a tile is 1.2 m wide and high."""
    rng = _generator("brick", seed)
    tone, joints = _bond(512, 16, 5, 0.0045, rng, 0.11)
    fine = _noise(512, rng, 3.0, 0.7)
    value = np.clip(0.62 + tone + 0.05 * fine, 0.2, 1)
    red = (1 - joints) * value + joints * 0.78
    green = (1 - joints) * value * (0.97 + 0.2 * tone) + joints * 0.92
    blue = (1 - joints) * value * (0.95 + 0.2 * tone) + joints * 1.0
    return Texture(name="brick", pixels=srgb(np.stack([red, green, blue], axis=-1)))


@kept
def paving(seed: int = 0) -> Texture:
    """Concrete slabs in running bond, 4 courses of 0.5 m by 4 slabs: a tile is 2 m wide and high."""
    rng = _generator("paving", seed)
    tone, joints = _bond(512, 4, 4, 0.0028, rng, 0.05)
    value = 0.82 + tone + 0.03 * _noise(512, rng, 2.5, 0.5) + 0.035 * _noise(512, rng, 150.0, 2.0)
    spots = _blur((rng.random((512, 512)) > 0.9996).astype(np.float64), 2.2) * 24
    return Texture(
        name="paving", pixels=_gray(value * (1 - 0.6 * joints) * (1 - 0.3 * np.clip(spots, 0, 1)), (1, 0.985, 0.95))
    )


@kept
def cobbles(seed: int = 0) -> Texture:
    """Small granite setts, 16 by 16 in 1.6 m."""
    rng = _generator("cobbles", seed)
    tone, joints = _bond(512, 16, 16, 0.006, rng, 0.09)
    value = 0.74 + tone + 0.05 * _noise(512, rng, 3.0, 0.6)
    return Texture(name="cobbles", pixels=_gray(value * (1 - 0.62 * joints), (1, 0.99, 0.97)))


@kept
def roof_tiles(seed: int = 0) -> Texture:
    """Interlocking clay tiles, 10 courses by 8 in 3 m."""
    rng = _generator("roof_tiles", seed)
    tone, _ = _bond(256, 10, 8, 0.004, rng, 0.08)
    v, u = np.mgrid[0:256, 0:256] / 256
    wave = np.sin(2 * np.pi * u * 8) * 0.1
    course = 0.25 * np.clip(1 - ((v * 10) % 1) * 6, 0, 1)
    value = np.clip(0.78 + tone + wave - course + 0.03 * _noise(256, rng, 60.0, 1.8), 0.1, 1)
    return Texture(name="roof_tiles", pixels=_gray(value))


@kept
def cloth(seed: int = 0) -> Texture:
    """Woven cloth that has been worn: threads, and soft folds that mostly hang; a tile is 0.6 m."""
    size = 256
    rng = _generator("cloth", seed)
    value = 0.88 + 0.035 * _noise(size, rng, 3.0, 0.4) + 0.02 * _noise(size, rng, size / 3, 1.8)
    for stretch, reach, depth in ((0.25, size / 4, 0.10), (1.6, size / 5, 0.05)):
        ridge = 1.0 - np.abs(_noise(size, rng, reach, 2.2, stretch))
        value += depth * (np.clip(ridge, -0.6, 1.0) - 0.25)
    return Texture(name="cloth", pixels=_gray(np.clip(value, 0.3, 1.0)))


@kept
def hair(seed: int = 0) -> Texture:
    """Strands that lie along v, in locks; a tile is 0.25 m."""
    size = 128
    rng = _generator("hair", seed)
    value = 0.72 + 0.16 * _noise(size, rng, 24.0, 1.0, 0.08) + 0.05 * _noise(size, rng, size / 3, 1.8, 0.5)
    return Texture(name="hair", pixels=_gray(np.clip(value, 0.25, 1.0)))


@kept
def fur(seed: int = 0) -> Texture:
    """A short coat: hairs that lie along u, in tufts; a tile is 0.5 m."""
    size = 256
    rng = _generator("fur", seed)
    value = 0.82 + 0.07 * _noise(size, rng, 6.0, 0.8, 3.0) + 0.06 * _noise(size, rng, 40.0, 1.6, 1.8)
    value += 0.035 * _noise(size, rng, size / 2, 2.0)
    return Texture(name="fur", pixels=_gray(np.clip(value, 0.3, 1.0)))


@kept
def bark(seed: int = 0) -> Texture:
    """Furrows along v."""
    rng = _generator("bark", seed)
    noise = _noise(128, rng, 24.0, 1.2)
    value = 0.7 + 0.16 * _blur(np.roll(noise, 3, 0), 0.8) + 0.1 * _noise(128, rng, 3.0, 0.7)
    return Texture(name="bark", pixels=_gray(value, (1, 0.97, 0.93)))


@kept
def foliage(seed: int = 0) -> Texture:
    """Leaves of about 10 cm, the upper ones lighter than those below, with gaps between them; a tile is 2 m.

    It is dim at its bottom and light at its top, so that leaves inside of a crown take theirs from below.
    """
    size, count = 512, 2600
    rng = _generator("foliage", seed)
    value, warm = np.full((size, size), 0.12), np.zeros((size, size))
    v, u = np.mgrid[-16:17, -16:17]
    # Turned, pointed ovals, one upon another.
    turn, length = rng.uniform(0, 2 * np.pi, count), rng.uniform(10.0, 15.0, count)
    row, column, hue = rng.integers(0, size, count), rng.integers(0, size, count), rng.normal(0, 1, count)
    tone = (0.28 + 0.6 * np.arange(count) / count) * np.clip(rng.normal(1, 0.16, count), 0.6, 1.3)
    for k in range(count):
        c, s = np.cos(turn[k]), np.sin(turn[k])
        along, across = (c * u + s * v) / length[k], (c * v - s * u) / length[k]
        inside = np.abs(across) < 0.42 * (1 - along**2)
        rows, columns = (row[k] + v[inside]) % size, (column[k] + u[inside]) % size
        # Its halves lie at an angle to each other, and the rib is light.
        value[rows, columns] = tone[k] * (1 + 0.12 * np.sign(across) + 0.2 * (np.abs(across) < 0.04))[inside]
        warm[rows, columns] = hue[k]
    height = 1.0 - (np.arange(size) + 0.5) / size
    value = value * (0.45 + 0.75 * np.minimum(height, 5.0 * (1.0 - height)))[:, None]
    return Texture(name="foliage", pixels=_gray(np.clip(value, 0.03, 1.0), (1 + 0.1 * warm, 1.0, 1 - 0.1 * warm)))


def _patches(size: int, rng: np.random.Generator, wavelength: float, share: float, soft: float) -> Array:
    """(size, size) from 0 to 1: patches that cover about a share of the ground, with edges of a softness."""
    field = _noise(size, rng, wavelength, 1.6)
    edge = np.quantile(field, 1.0 - share)
    result: Array = np.clip(0.5 + (field - edge) / soft, 0.0, 1.0)
    return result


@kept
def grass(seed: int = 0) -> Texture:
    """A meadow: tufts, patches of dry grass and of lush growth, a few bare spots; a tile is 32 m.

    Most of what is seen of a plain is seen at a grazing angle, where only what is metres wide remains.
    """
    size = 1024
    rng = _generator("grass", seed)
    tufts = np.clip(_noise(size, rng, 14.0, 0.9), -1.6, 1.6)
    value = 0.60 + 0.085 * _noise(size, rng, 3.5, 0.7) + 0.06 * tufts
    value *= 1.0 + 0.08 * _noise(size, rng, 60.0, 1.4) + 0.13 * _noise(size, rng, 320.0, 2.0)
    dry = _patches(size, rng, 260.0, 0.32, 1.2)
    lush = _patches(size, rng, 150.0, 0.25, 0.9)
    bare = _patches(size, rng, 40.0, 0.015, 0.35)
    red, green, blue = 0.86 + 0.42 * dry - 0.14 * lush, 1.0 + 0.10 * dry - 0.06 * lush, 0.85 + 0.35 * dry
    tint = _mixed((red, green, blue), (1.25, 0.75, 1.35), bare)
    return Texture(name="grass", pixels=_gray(np.clip(value, 0.2, 1.0), tint))


@kept
def field(seed: int = 0) -> Texture:
    """A field of corn in rows 15 cm apart along u, with tramlines 1.8 m apart; a tile is 18 m."""
    size = 1024
    rng = _generator("field", seed)
    v = (np.arange(size) / size)[:, None]
    wander = 0.10 * _noise(size, rng, 200.0, 2.0)
    rows = np.cos(2 * np.pi * (120 * v) + wander)
    value = 0.62 + 0.09 * rows + 0.085 * _noise(size, rng, 3.0, 0.6) + 0.05 * _noise(size, rng, 40.0, 1.2)
    value *= 1.0 + 0.12 * _noise(size, rng, 400.0, 1.8)
    tracks = np.zeros((size, 1))
    for middle in (0.45, 0.55):
        tracks = np.maximum(tracks, np.clip(1.4 - np.abs(v - middle) / 0.014, 0.0, 1.0))
    bare = np.clip(tracks + 0.6 * _patches(size, rng, 90.0, 0.05, 0.8), 0.0, 1.0)
    lush = _patches(size, rng, 200.0, 0.35, 1.6)
    tint = _mixed(_mixed((0.96, 1.0, 0.95), (0.72, 0.98, 0.70), lush), (0.80, 0.66, 0.95), bare)
    return Texture(name="field", pixels=_gray(np.clip(value, 0.2, 1.0), tint))


@kept
def palette(colors: tuple[Rgb, ...], roughness: tuple[float, ...]) -> Texture:
    """Up to sixteen linear colours, four in a row from the top left, in squares so large that they never mix; with it
    things of several colours are one mesh (shapes.palette_uv)."""
    pixels = np.zeros((4, 4, 3))
    rough = np.full((4, 4), 255, dtype=np.uint8)
    for k, (color, share) in enumerate(zip(colors, roughness, strict=True)):
        pixels[k // 4, k % 4] = color
        rough[k // 4, k % 4] = round(255 * share)
    return Texture(
        name="palette",
        pixels=srgb(pixels).repeat(16, axis=0).repeat(16, axis=1),
        roughness=rough.repeat(16, axis=0).repeat(16, axis=1),
    )


def write(pixels: NDArray[Any], text: str, x: int, y: int, dot: int, ink: ArrayLike) -> None:
    """Draws text in a colour (3,) into pixels (H, W, 3), in dots of ``dot`` pixels, six dots a glyph; others are
    blank."""
    for k, glyph in enumerate(text):
        rows = bytes.fromhex(_GLYPHS.get(glyph, ""))
        for r, bits in enumerate(rows):
            for c in range(5):
                if bits >> (4 - c) & 1:
                    x0, y0 = x + (6 * k + c) * dot, y + r * dot
                    pixels[y0 : y0 + dot, x0 : x0 + dot] = ink


@kept
def number_plate(seed: int) -> Texture:
    """A white European plate with a blue strip and a made-up number."""
    rng = _generator("number_plate", seed)
    letters = "".join(rng.choice(list("ABEGHKMNRST"), 2))
    digits = "".join(str(d) for d in rng.integers(0, 10, 4))
    white, blue, ink, edge = srgb(np.array([[0.9] * 3, [0.01, 0.05, 0.4], [0.01] * 3, [0.02] * 3]))
    pixels = np.empty((64, 256, 3), dtype=np.uint8)
    pixels[:] = white
    pixels[:, :18] = blue
    write(pixels, f"{letters} {digits}", 30, 14, 5, ink)
    pixels[[0, 1, -2, -1]] = edge
    pixels[:, [0, 1, -2, -1]] = edge
    return Texture(name="number_plate", pixels=pixels)


@kept
def kerb(seed: int = 0) -> Texture:
    """Kerb stones of 1 m, with the joint at the tile's edge."""
    rng = _generator("kerb", seed)
    u = np.arange(256) / 256
    joint = np.clip(1.5 - np.minimum(u, 1 - u) / 0.006, 0, 1)[None, :]
    value = 0.84 + 0.06 * _noise(256, rng, 3.0, 0.6) + 0.04 * _noise(256, rng, 120.0, 2.0)
    return Texture(name="kerb", pixels=_gray(value * (1 - 0.7 * joint), (1, 0.985, 0.96)))


@kept
def worn_paint(seed: int = 0) -> Texture:
    """Road marking with wear and tyre marks; a tile is 3 m."""
    rng = _generator("worn_paint", seed)
    wear = np.clip(_noise(256, rng, 30.0, 1.3) - 1.2, 0, 1)
    value = 0.86 + 0.05 * _noise(256, rng, 3.0, 0.6) + 0.04 * _noise(256, rng, 90.0, 1.8)
    return Texture(name="worn_paint", pixels=_gray(value * (1 - 0.75 * wear)))


@kept
def windows(frames: tuple[tuple[Rgb, bool], ...], bar: float) -> Texture:
    """Whole windows with their frames, before a dark room on the left and a curtain on the right; linear colours as
    they are. A row, from the top, for each of up to four kinds (colour of the frame, with a bar across).

    Args:
        bar: width of the bars as a share of the window's.
    """
    size = 128
    u, v = np.meshgrid((np.arange(size) + 0.5) / size, (np.arange(size) + 0.5) / size)
    low = 0.8 * bar  # windows are taller than wide
    hung = _linear(curtain().pixels).repeat(2, axis=0).repeat(2, axis=1) * (0.30, 0.29, 0.27)
    dark = np.broadcast_to(np.array([0.020, 0.024, 0.028]), (size, size, 3))
    pixels, rough = np.zeros((4 * size, 2 * size, 3)), np.full((4 * size, 2 * size), 0.5)
    for row, (color, crossed) in enumerate(frames):
        bars = (np.minimum(u, 1 - u) < bar) | (np.minimum(v, 1 - v) < low) | (np.abs(u - 0.5) < 0.5 * bar)
        if crossed:
            bars |= np.abs(v - 0.32) < 0.4 * low
        for column, (behind, glass) in enumerate(((dark, 0.06), (hung, 0.25))):
            cell = (slice(row * size, (row + 1) * size), slice(column * size, (column + 1) * size))
            pixels[cell] = np.where(bars[..., None], color, behind)
            rough[cell] = np.where(bars, 0.5, glass)
    return Texture(name="windows", pixels=srgb(pixels), roughness=np.round(255 * rough).astype(np.uint8))


def windows_uv(row: int, curtained: bool) -> tuple[float, float, float, float]:
    """(u0, v0, u1, v1) of one of ``windows``, from its lower left to its upper right corner."""
    u = 0.5 * curtained
    return u, 1.0 - 0.25 * (row + 1), u + 0.5, 1.0 - 0.25 * row


@kept
def curtain(seed: int = 0) -> Texture:
    """What is seen through a window: folds of a curtain and the dark room between them."""
    rng = _generator("curtain", seed)
    u = np.linspace(0, 1, 64)[None, :]
    v = np.linspace(0, 1, 64)[:, None]
    folds = 0.72 + 0.2 * np.sin(2 * np.pi * u * 9 + 0.6 * np.sin(9 * u)) + 0.05 * rng.standard_normal((1, 64))
    gap = np.abs(u - 0.5) < 0.16 + 0.12 * v
    value = np.where(gap, 0.16, folds) * np.ones((64, 64))
    return Texture(name="curtain", pixels=_gray(value, (1, 0.95, 0.86)))
