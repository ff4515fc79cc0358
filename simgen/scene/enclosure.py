"""Closed spaces out of doors: tunnels, underpasses, garages. What is in one sees the sky only through its openings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array, inverse, transform


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opening:
    """A rectangle through which light comes into an enclosure.

    Attributes:
        center_m: (3,) world frame.
        across_m, up_m: (3,) from the centre to the middles of two sides; ``across_m`` x ``up_m`` points out.
    """

    center_m: Array
    across_m: Array
    up_m: Array

    @classmethod
    def upright(cls, foot_m: Array, outward: Array, width_m: float, height_m: float) -> Opening:
        """One that stands on the middle of its lower side ``foot_m`` (3,) and looks along the level unit vector
        ``outward`` (3,)."""
        up = np.array([0.0, 0.0, 0.5 * height_m])
        across = np.cross([0.0, 0.0, 1.0], outward) * (0.5 * width_m)
        return cls(center_m=np.asarray(foot_m) + up, across_m=across, up_m=up)

    @property
    def area_m2(self) -> float:
        return float(4.0 * np.linalg.norm(np.cross(self.across_m, self.up_m)))

    def solid_angle_sr(self, points_m: Array) -> Array:
        """(P,) solid angle as seen from points (P, 3): negative from the outside.

        The sum over the corners of atan(x y / (z r)), with x, y, z along the sides and the normal (Khadjavi 1968).
        """
        half = np.array([np.linalg.norm(self.across_m), np.linalg.norm(self.up_m)])
        axes = np.stack([self.across_m / half[0], self.up_m / half[1]])
        offset = self.center_m - points_m
        place, z = offset @ axes.T, offset @ np.cross(*axes)
        total = np.zeros(len(points_m))
        for i in (-1, 1):
            for j in (-1, 1):
                x, y = place[:, 0] + i * half[0], place[:, 1] + j * half[1]
                total += i * j * np.arctan2(x * y, np.abs(z) * np.sqrt(x * x + y * y + z * z))
        return total * np.sign(z)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Enclosure:
    """A box whose walls let no light through but at the openings, which lie in its faces.

    Attributes:
        world_from_box: (4, 4) pose of its middle; size_m: (3,) full lengths.
        albedo: mean of its inside, floor included; what lamps in it are thrown back with.
    """

    world_from_box: Array
    size_m: tuple[float, float, float]
    openings: tuple[Opening, ...]
    albedo: float

    def holds(self, points_m: Array) -> NDArray[np.bool_]:
        """(P,) whether points (P, 3) of the world lie in it."""
        local = transform(inverse(self.world_from_box), points_m)
        result: NDArray[np.bool_] = np.all(np.abs(local) < 0.5 * np.array(self.size_m), axis=-1)
        return result

    @property
    def wall_m2(self) -> float:
        """Area of its faces without the openings."""
        x, y, z = self.size_m
        return 2 * (x * y + y * z + z * x) - sum(opening.area_m2 for opening in self.openings)
