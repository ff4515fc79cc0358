"""A stereo camera that matches badly."""

from __future__ import annotations

import numpy as np

from simgen.core.declare import quantity
from simgen.core.vocabulary import effects
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import DepthCause, WorkingFrame
from simgen.sensing.stereo import depth_from, with_disparity_noise


@effects.register("disparity_noise")
class DisparityNoise(Effect):
    """Noise on the disparity between a depth camera's own lenses, flying pixels at edges, pixels without a match."""

    stage = "isp"
    kind = "fault"
    labels = "unchanged; measured depth carries the cause of each hole"
    source = "sigma_z = z^2 sigma_d / (f B)"
    needs = "depth"
    shorthand = "sigma"

    sigma: float = quantity("", low=0, high=10, default=0.3, help="standard deviation in pixels")
    flying: float = quantity("", low=0, high=1, default=0.3, help="share of pixels at depth edges that fly between")
    dropout: float = quantity("", low=0, high=1, default=0.01, help="share of pixels without a match")

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        assert frame.depth_m is not None and frame.depth_cause is not None and frame.baseline_m is not None
        generator = moment.generator()
        focal_baseline = frame.camera.fx_px * frame.baseline_m
        measured = frame.depth_m > 0
        with np.errstate(divide="ignore"):
            disparity = np.float32(focal_baseline) / frame.depth_m
        depth = depth_from(with_disparity_noise(disparity, self.sigma, generator), focal_baseline)
        cause = frame.depth_cause.copy()
        before, after = np.roll(frame.depth_m, 1, axis=1), np.roll(frame.depth_m, -1, axis=1)
        edge = measured & (np.abs(after - before) > 0.1 * frame.depth_m) & (before > 0) & (after > 0)
        edge[:, [0, -1]] = False
        draws = generator.random((2, *depth.shape), dtype=np.float32)
        flying = edge & (draws[0] < self.flying)
        depth[flying] = (before + (after - before) * draws[1])[flying]
        cause[flying] = DepthCause.FLYING
        lost = measured & (generator.random(depth.shape, dtype=np.float32) < self.dropout)
        cause[lost] = DepthCause.DROPOUT
        depth[lost | ~measured] = 0.0
        return frame.replace(depth_m=depth, depth_cause=cause)
