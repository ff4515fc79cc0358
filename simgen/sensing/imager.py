"""The image sensor after EMVA Standard 1288 (release 4.0): light to electrons to numbers, with their noise.

Mean number μ = K (ηN + μd), variance σ² = K² (ηN + σd²) + 1/12.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.core.seeds import Key
from simgen.sensing import planes

Float32 = NDArray[np.float32]

PHOTONS_PER_LUMEN_SECOND = 4.09e15
"""At 555 nm, of the definition 683 lm/W."""

CHANNEL_RESPONSE = (0.62, 1.0, 0.70)
"""Response to equal-energy white behind the red, green and blue filters, green is 1."""

BLACK_LEVEL = 1.0 / 16
"""Offset added before quantisation as a share of full scale, so that noise about black survives it."""

_BANK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Imager:
    """A colour image sensor behind a lens.

    Attributes:
        f_number: focal ratio; transmission: share of light that the glass passes.
        pixel_pitch_m, quantum_efficiency: of the green pixels.
        full_well_e: electrons at saturation; read_noise_e: of one pixel, per frame; dark_current_e_s.
        prnu: photo response non-uniformity, standard deviation as a share of the mean.
        bits: of the converter, for the range of the first exposure.
        hdr: a second exposure, this many times shorter, measures what saturates the first; 1 is none.
    """

    f_number: float = 1.8
    transmission: float = 0.9
    pixel_pitch_m: float = 2.1e-6
    quantum_efficiency: float = 0.65
    full_well_e: float = 10_000.0
    read_noise_e: float = 3.0
    dark_current_e_s: float = 10.0
    prnu: float = 0.006
    bits: int = 12
    hdr: float = 16.0

    @property
    def electrons_per_cd_s(self) -> float:
        """Green electrons per (cd/m² · s): π/4 · τ/N² (camera equation) · pixel area · photons per lumen second · η."""
        lux = np.pi / 4 * self.transmission / self.f_number**2
        return float(lux * self.pixel_pitch_m**2 * PHOTONS_PER_LUMEN_SECOND * self.quantum_efficiency)

    @property
    def white(self) -> int:
        """The number at which the first exposure saturates."""
        return (1 << self.bits) - 1

    @property
    def top(self) -> int:
        """The number at which the second saturates; never more than 16 bits hold."""
        return int(min(BLACK_LEVEL * self.white + (1 - BLACK_LEVEL) * self.white * self.hdr, 65535))

    @property
    def black(self) -> float:
        """The number of no light."""
        return BLACK_LEVEL * self.white

    def numbers_per_electron(self, gain: float) -> float:
        """K: full well fills the range above black at gain 1."""
        return self.white * (1 - BLACK_LEVEL) * gain / self.full_well_e

    def collect(self, radiance: Float32, exposure_s: float, shading: Float32 | None = None) -> Float32:
        """Mean electrons (H, W) on an RG/GB mosaic for radiance (H, W, 3) in cd/m²; ``shading`` (H, W) multiplies."""
        height, width = radiance.shape[:2]
        scale = self.electrons_per_cd_s * exposure_s
        mosaic = np.empty((height, width), dtype=np.float32)
        for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
            np.multiply(
                radiance[row::2, column::2, channel],
                np.float32(scale * CHANNEL_RESPONSE[channel]),
                out=mosaic[row::2, column::2],
            )
        if shading is not None:
            planes.multiply(mosaic, shading, out=mosaic)
        return mosaic

    def expose(self, mean_e: Float32, exposure_s: float, gain: float, sensor: Key, frame: Key) -> Float32:
        """Electrons of one exposure, with noise, for mean electrons (H, W).

        ``sensor`` names the chip (its fixed pattern), ``frame`` this exposure. Shot noise is Gaussian with the
        Poisson's variance; it and the read noise are drawn as one number of the summed variance. Above the first
        exposure's range the second one's shot noise counts, ``hdr`` times the variance.
        """
        height, width = mean_e.shape
        bank = noise_bank(sensor.child("noise_bank"))
        pattern = _rows(bank, height, width, sensor.child("prnu"))
        sigma = _rows(bank, height, width, frame)
        dark = self.dark_current_e_s * exposure_s
        electrons = np.empty_like(mean_e)
        # In bands that stay in the cache: five passes over memory become one.
        for top in range(0, height, 32):
            band = slice(top, top + 32)
            signal = pattern[band]
            planes.multiply(signal, mean_e[band], out=signal, scale=self.prnu)
            planes.add(signal, mean_e[band], out=signal)
            variance = np.maximum(signal, np.float32(0.0))
            if self.hdr > 1:
                beyond = np.maximum(signal - np.float32(self.full_well_e / gain), np.float32(0.0))
                planes.add(variance, planes.multiply(beyond, self.hdr - 1.0), out=variance)
            planes.add(variance, dark + self.read_noise_e**2, out=variance)
            planes.sqrt(variance, out=variance)
            planes.multiply(variance, sigma[band], out=variance)
            planes.add(signal, variance, out=variance)
            planes.add(variance, dark, out=electrons[band])
        return electrons

    def digitise(self, electrons: Float32, gain: float) -> NDArray[np.uint16]:
        """Numbers (H, W): saturated at the full well of the second exposure, offset by the black level, rounded."""
        numbers = np.minimum(electrons, np.float32(self.full_well_e * self.hdr))
        planes.multiply(numbers, self.numbers_per_electron(gain), out=numbers)
        planes.add(numbers, self.black + 0.5, out=numbers)
        np.clip(numbers, 0.0, float(self.top), out=numbers)
        quantised: NDArray[np.uint16] = numbers.astype(np.uint16)
        return quantised


@lru_cache(maxsize=8)
def noise_bank(key: Key) -> Float32:
    """2^20 numbers of mean 0 and variance 1. A frame reads each of its rows from a place of its own: what a draw of
    each pixel would give, at a tenth of its cost."""
    bank = key.generator().standard_normal(_BANK, dtype=np.float32)
    bank -= bank.mean(dtype=np.float64)
    bank /= bank.std(dtype=np.float64)
    bank.setflags(write=False)
    return bank


def _rows(bank: Float32, height: int, width: int, key: Key) -> Float32:
    """(height, width) numbers, each row a run of the bank that starts at a place drawn from ``key``."""
    if width >= _BANK // 2:
        raise ValueError(f"rows of {width} pixels are too wide for a bank of {_BANK} numbers")
    starts = key.generator().integers(0, _BANK - width, size=height)
    rows = np.lib.stride_tricks.sliding_window_view(bank, width)[starts]
    return np.ascontiguousarray(rows)
