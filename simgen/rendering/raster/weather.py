"""What the weather has left on surfaces: water, ice, snow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgen.scene.classes import semantic_class
from simgen.scene.mesh import Material
from simgen.scene.scene import Entity, SceneView

_RUBBED_OFF = frozenset(
    semantic_class(name).id
    for name in ("pedestrian", "child", "cyclist", "animal", "ball", "wheelchair_user", "scooter_rider", "robot")
)
_TRODDEN = frozenset(semantic_class(name).id for name in ("road", "lane_marking", "ground_patch"))
MOVING, TRODDEN = 0.55, 0.75
"""Share of the snow that stays on what drives, and the mark of what is driven on: snow.glsl thins the snow on the one,
and packs and soils that on the other."""


def holds_snow(entity: Entity, material: Material) -> float:
    """How much of the snow stays on a part that faces up: 0 none, 1 all, or ``MOVING`` or ``TRODDEN``."""
    if entity.semantic_id in _RUBBED_OFF or any(material.emission_cd_m2):
        return 0.0
    if entity.semantic_id in _TRODDEN:
        return TRODDEN
    return 1.0 if entity.static else MOVING


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What lies on the ground at an instant.

    Attributes:
        wetness: 0 dry, 0.3 damp, 1 a closed film of water; deep_mm: depth of the water.
        ice, snow: share of the ground under either.
    """

    wetness: float = 0.0
    deep_mm: float = 0.0
    ice: float = 0.0
    snow: float = 0.0

    @classmethod
    def of(cls, view: SceneView) -> Weather:
        around = view.snapshot.environment
        if view.scene.indoor or around.indoor:
            return cls()
        deep = float(around.water_film_mm)
        # Aggregate stands out of a film thinner than its texture depth of a millimetre or two.
        closed = 0.15 + 0.85 * (1 - float(np.exp(-deep / 1.5))) if deep > 0.05 else 0.0
        return cls(
            wetness=max(float(around.road_wetness), closed),
            deep_mm=deep,
            ice=float(around.road_ice),
            snow=float(around.road_snow),
        )

    @property
    def wet(self) -> bool:
        return self.wetness > 0 or self.ice > 0

    @property
    def mirrors(self) -> bool:
        """Whether water or ice shows what stands on it."""
        return self.wetness > 0.15 or self.ice > 0

    def uniforms(self) -> Iterator[tuple[str, float]]:
        """Names and values as the shaders have them."""
        yield "wetness", self.wetness
        yield "deep_mm", self.deep_mm
        yield "ice", self.ice
        yield "snow", self.snow
