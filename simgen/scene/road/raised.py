"""Ground that stands out beside all lanes: the pavement at the corner of a junction, an island."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from simgen.core.geometry import Array
from simgen.scene.boxes import within


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Raised:
    """corners_m: (K, 2) of an outline, in order around it; height_m: z of its surface."""

    corners_m: Array
    height_m: float

    @classmethod
    def top_of(cls, points_m: Array | None) -> Raised:
        """The top of an upright solid, as the hull of points (P, 3)."""
        assert points_m is not None
        points = np.asarray(points_m, dtype=np.float64)
        around = cv2.convexHull(points[:, :2].astype(np.float32), returnPoints=False)
        return cls(corners_m=points[np.asarray(around).ravel(), :2], height_m=float(points[:, 2].max()))

    def holds(self, x_m: float, y_m: float) -> bool:
        """Whether a place of the world lies on it."""
        return bool(within(self.corners_m, np.array((x_m, y_m))))
