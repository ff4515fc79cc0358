"""What a scene gives a renderer to draw, as tables over its nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.classes import SKY
from simgen.scene.scene import Scene, SceneView


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NodeTable:
    """What of the N nodes stays the same during an episode.

    Attributes:
        instance: (N,) uint32; semantic: (N,) uint16.
        entity: (N,) index of the entity; static: (N,) whether it is a fixture.
        emission_cd_m2: (N, 3) luminance at rated power.
        lamp: (N,) index of the lamp that switches the emission; -1 always on, -2 never on (no such lamp).
    """

    instance: NDArray[np.uint32]
    semantic: NDArray[np.uint16]
    entity: NDArray[np.int64]
    static: NDArray[np.bool_]
    emission_cd_m2: Array
    lamp: NDArray[np.int64]

    @classmethod
    def of(cls, scene: Scene) -> NodeTable:
        entities = [scene.entities[n.entity] for n in scene.nodes]
        lamps = {(lamp.entity, lamp.lamp.name): index for index, lamp in enumerate(scene.lamps)}
        count = len(scene.nodes)
        return cls(
            instance=np.array([e.instance_id for e in entities], dtype=np.uint32),
            semantic=np.array([e.semantic_id for e in entities], dtype=np.uint16),
            entity=np.array([n.entity for n in scene.nodes], dtype=np.int64),
            static=np.array([e.static for e in entities], dtype=np.bool_),
            emission_cd_m2=np.array([n.material.emission_cd_m2 for n in scene.nodes], dtype=float).reshape(count, 3),
            lamp=np.array(
                [-1 if not n.material.lamp else lamps.get((n.entity, n.material.lamp), -2) for n in scene.nodes],
                dtype=np.int64,
            ),
        )

    def emission(self, view: SceneView) -> Array:
        """(N, 3) cd/m² that each node sends out at this instant."""
        power = np.r_[np.asarray(view.snapshot.lamp_power, dtype=np.float64), 0.0, 1.0]
        # -1 (always on) takes the last entry, -2 (never) the one before.
        result: Array = self.emission_cd_m2 * power[self.lamp][:, None]
        return result

    def instance_of(self, node: NDArray[np.integer]) -> NDArray[np.uint32]:
        """Instance ids of nodes of any shape; -1 is sky."""
        # The entry for sky comes last, where -1 finds it.
        result: NDArray[np.uint32] = np.append(self.instance, np.uint32(0)).astype(np.uint32)[node]
        return result

    def semantic_of(self, node: NDArray[np.integer]) -> NDArray[np.uint16]:
        """Class ids of nodes of any shape; -1 is sky."""
        result: NDArray[np.uint16] = np.append(self.semantic, np.uint16(SKY.id)).astype(np.uint16)[node]
        return result
