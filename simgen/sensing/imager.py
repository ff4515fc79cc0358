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
        mean = planes.mosaic(radiance)
        filters, scale = _filters(*mean.shape), self.electrons_per_cd_s * exposure_s
        for band in planes.bands(*mean.shape):
            planes.multiply(mean[band], filters[band], out=mean[band], scale=scale)
            if shading is not None:
                planes.multiply(mean[band], shading[band], out=mean[band])
        return mean

    def expose(self, mean_e: Float32, exposure_s: float, gain: float, sensor: Key, frame: Key) -> Float32:
        """Electrons of one exposure, with noise, for mean electrons (H, W).

        ``sensor`` names the chip (its fixed pattern), ``frame`` this exposure. Shot noise is Gaussian with the
        Poisson's variance; it and the read noise are drawn as one number of the summed variance. Above the first
        exposure's range the second one's shot noise counts, ``hdr`` times the variance.
        """
        height, width = mean_e.shape
        response = _response(sensor, height, width, self.prnu)
        bank = noise_bank(sensor.child("noise_bank"))
        dark = self.dark_current_e_s * exposure_s
        floor = dark + self.read_noise_e**2
        knee = self.full_well_e / gain
        electrons = np.empty_like(mean_e)
        runs, starts = noise_rows(bank, height, width, frame.generator())
        for band in planes.bands(height, width):
            signal = planes.multiply(response[band], mean_e[band])
            variance = signal + np.float32(floor)
            if self.hdr > 1 and signal.max() > knee:
                beyond = planes.weigh(signal, self.hdr, signal, 0.0, floor - (self.hdr - 1.0) * knee)
                planes.maximum(variance, beyond, out=variance)
            noise = planes.multiply(planes.sqrt(variance, out=variance), runs[starts[band]])
            planes.weigh(signal, 1.0, noise, 1.0, dark, out=electrons[band])
        return electrons

    def digitise(self, electrons: Float32, gain: float) -> NDArray[np.uint16]:
        """Numbers (H, W): offset by the black level, rounded, and saturated where the second exposure is."""
        return planes.whole(electrons, self.numbers_per_electron(gain), self.black, self.top)


@lru_cache(maxsize=8)
def noise_bank(key: Key) -> Float32:
    """(2^20,) numbers of mean 0 and variance 1, for ``noise_rows``."""
    bank = key.generator().standard_normal(_BANK, dtype=np.float32)
    bank -= bank.mean(dtype=np.float64)
    bank /= bank.std(dtype=np.float64)
    bank.setflags(write=False)
    return bank


def noise_rows(
    bank: Float32, height: int, width: int, generator: np.random.Generator
) -> tuple[Float32, NDArray[np.int64]]:
    """Noise for a picture: each of its rows is read from a place of its own in the bank, which costs a tenth of a draw
    of each pixel.

    Returns:
        All runs of W numbers in the bank, and which of them (H,) are the rows: ``runs[starts]`` is (H, W). Memory is
        only taken for the rows that are looked up.

    Raises:
        ValueError: rows that are so wide that few places in the bank are left for them.
    """
    if width >= len(bank) // 2:
        raise ValueError(f"rows of {width} pixels are too wide for a bank of {len(bank)} numbers")
    starts = generator.integers(0, len(bank) - width, size=height)
    return np.lib.stride_tricks.sliding_window_view(bank, width), starts


@lru_cache(maxsize=8)
def _filters(height: int, width: int) -> Float32:
    """(H, W) of each pixel's filter: ``CHANNEL_RESPONSE`` on the mosaic."""
    red, green, blue = CHANNEL_RESPONSE
    tile = np.array([[red, green], [green, blue]], dtype=np.float32)
    filters = np.tile(tile, (height // 2 + 1, width // 2 + 1))[:height, :width].copy()
    filters.setflags(write=False)
    return filters


@lru_cache(maxsize=8)
def _response(sensor: Key, height: int, width: int, prnu: float) -> Float32:
    """(H, W) of each pixel to the same light, over the mean: the chip's fixed pattern."""
    bank = noise_bank(sensor.child("noise_bank"))
    runs, starts = noise_rows(bank, height, width, sensor.child("prnu").generator())
    response: Float32 = 1.0 + np.float32(prnu) * runs[starts]
    response.setflags(write=False)
    return response
