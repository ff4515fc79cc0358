"""Depth from a stereo pair, as its errors show: noise on disparity, and holes where nothing can be matched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.srgb import LUMINANCE
from simgen.sensing.frame import DepthCause, Float32, WorkingFrame
from simgen.sensing.imager import Imager

SUBPIXELS = 32
"""Disparity is quantised to 1/32 pixel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stereo:
    """A second camera at ``baseline_m`` to the right.

    Attributes:
        nearest_m, farthest_m: planar depths between which it answers.
        disparity_noise_px: standard deviation of the disparity on a surface that it sees well.
    """

    baseline_m: float
    nearest_m: float
    farthest_m: float
    disparity_noise_px: float

    def measure(self, frame: WorkingFrame, imager: Imager, generator: np.random.Generator) -> WorkingFrame:
        """The frame with its measured depth (H, W; 0 is a hole) and the cause of each value."""
        depth = frame.true_depth_m
        cause = np.zeros(depth.shape, dtype=np.uint8)
        with np.errstate(divide="ignore"):
            disparity = np.float32(frame.camera.fx_px * self.baseline_m) / depth
        electrons = np.float32(imager.electrons_per_cd_s * frame.exposure_s) * (
            frame.radiance @ LUMINANCE.astype(np.float32)
        )
        cause[np.exp(-frame.extinction_per_m * np.minimum(frame.range_m, 1e6)) < 0.05] = DepthCause.LOW_CONTRAST
        cause[electrons < 2.0 * imager.read_noise_e] = DepthCause.DARK
        cause[electrons * np.float32(frame.gain) > imager.full_well_e * imager.hdr] = DepthCause.SPECULAR
        cause[hidden_from_second(disparity)] = DepthCause.OCCLUDED
        cause[~((depth >= self.nearest_m) & (depth <= self.farthest_m))] = DepthCause.OUT_OF_RANGE
        noisy = with_disparity_noise(disparity, self.disparity_noise_px, generator)
        measured = depth_from(noisy, frame.camera.fx_px * self.baseline_m)
        measured[cause != DepthCause.MEASURED] = 0.0
        return frame.replace(depth_m=measured, depth_cause=cause, baseline_m=self.baseline_m)


def with_disparity_noise(disparity_px: Float32, sigma_px: float, generator: np.random.Generator) -> Float32:
    """Disparity (H, W) with Gaussian noise, independent from pixel to pixel, quantised to 1/32 pixel."""
    noise = generator.standard_normal(disparity_px.shape, dtype=np.float32) * np.float32(sigma_px)
    return (np.round((disparity_px + noise) * SUBPIXELS) / SUBPIXELS).astype(np.float32)


def depth_from(disparity_px: Float32, focal_baseline: float) -> Float32:
    """Planar depth f·B/d, 0 where there is no disparity."""
    with np.errstate(divide="ignore"):
        depth = np.float32(focal_baseline) / disparity_px
    depth[~(disparity_px > 0.5 / SUBPIXELS)] = 0.0
    return depth.astype(np.float32)


def hidden_from_second(disparity_px: Float32) -> NDArray[np.bool_]:
    """(H, W) whether the point of a pixel has no partner in the right picture: it lies outside of it, or behind a
    point that lands at the same place with a larger disparity."""
    height, width = disparity_px.shape
    landing = np.arange(width, dtype=np.float32) - disparity_px
    inside = landing >= 0
    column = np.where(inside, landing + np.float32(0.5), 0).astype(np.int32)
    flat = np.arange(height, dtype=np.int32)[:, None] * np.int32(width) + np.minimum(column, width - 1)
    front = np.zeros(height * width, dtype=np.float32)
    np.maximum.at(front, flat[inside], disparity_px[inside])
    # Neighbours on a slanted surface differ by less than a pixel and do not hide each other.
    hidden: NDArray[np.bool_] = ~inside | (front[flat] > disparity_px + 1.0)
    return hidden
