"""What labels are held against: the images of their frame, and what its record and the trajectory say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.scene.scene import EventState


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planes:
    """The images of a frame, (H, W); None for one that was not stored.

    Attributes:
        depth_m: planar z; sky is +inf or 0. ``depth_step_m``: how finely it is stored, 0 for float.
        lens_blocked: where drops or dirt cover the picture.
    """

    instance: NDArray[np.unsignedinteger] | None = None
    semantic: NDArray[np.unsignedinteger] | None = None
    depth_m: NDArray[np.floating] | None = None
    depth_step_m: float = 0.0
    lens_blocked: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """What a frame's record and the trajectory say, independently of its labels.

    Attributes:
        camera: true calibration.
        world_from_ego: (4, 4) or None in a scene without one.
        extinction_per_m, blind: as the sensor's frame says.
        world_from_entity: (E, 4, 4); velocity_mps, angular_velocity_radps: (E, 3) of all entities, or None when there
            is no trajectory.
    """

    camera: Camera
    world_from_ego: Array | None
    extinction_per_m: float
    blind: bool
    events: Sequence[EventState]
    world_from_entity: Array | None = None
    velocity_mps: Array | None = None
    angular_velocity_radps: Array | None = None
