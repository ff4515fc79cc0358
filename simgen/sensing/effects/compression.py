"""Lossy compression."""

from __future__ import annotations

import cv2

from simgen.core.declare import integer
from simgen.core.vocabulary import effects
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame


@effects.register("compression")
class Compression(Effect):
    """JPEG compression on the way from the camera."""

    stage = "codec"
    kind = "triggering_condition"
    labels = "unchanged"
    source = "ITU-T T.81"
    shorthand = "quality"

    quality: int = integer(low=1, high=100, default=30, help="JPEG quality, 100 is best")

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        assert frame.image is not None
        _, coded = cv2.imencode(".jpg", frame.image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
        assert decoded is not None
        return frame.replace(image=decoded[..., ::-1].copy())
