"""The lamps of a scene that burn at an instant, and what they send where."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array, transform
from simgen.scene import beams
from simgen.scene.beams import Float32
from simgen.scene.scene import SceneView

_NOWHERE = 2.0
"""Sine of an edge above all directions."""
_NARROW = 0.5
"""Cosine of the half angle of a beam that light comes from on a short stretch of most rays."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lamps:
    """K lamps that burn, in one frame.

    Attributes:
        position_m: (K, 3).
        axes: (K, 3, 3) rows right, up and forward of each beam.
        intensity_cd: (K,) luminous intensity on the axis.
        color: (K, 3) linear RGB with luminance 1.
        cos_inner, cos_outer: (K,) cosines of the half angles of full intensity and of its end; below -1 of a lamp that
            shines all round.
        spill: (K,) share of the intensity that leaves on all sides.
        edge_sin: (K,) sine of the height over the axis above which a dipped beam ends; infinite for other beams. Above
            one it makes a dipped beam without an edge.
        entity: (K,) index of the entity that carries the lamp; its own parts do not shade it.
        index: (K,) index among the scene's lamps.
    """

    position_m: Array
    axes: Array
    intensity_cd: Array
    color: Array
    cos_inner: Array
    cos_outer: Array
    spill: Array
    edge_sin: Array
    entity: NDArray[np.int64]
    index: NDArray[np.int64]

    @classmethod
    def none(cls) -> Lamps:
        e1, e3, whole = np.zeros(0), np.zeros((0, 3)), np.zeros(0, dtype=np.int64)
        return cls(
            position_m=e3,
            axes=np.zeros((0, 3, 3)),
            intensity_cd=e1,
            color=e3,
            cos_inner=e1,
            cos_outer=e1,
            spill=e1,
            edge_sin=e1,
            entity=whole,
            index=whole,
        )

    @classmethod
    def burning(cls, view: SceneView) -> Lamps:
        """All that burn, in the world frame and the scene's order."""
        snapshot = view.snapshot
        every = view.scene.lamps
        index = [int(k) for k in np.flatnonzero(snapshot.lamp_power > 0.0) if snapshot.present[every[k].entity]]
        mounted = [every[k] for k in index]
        lamps = [one.lamp for one in mounted]
        poses = np.array(
            [
                snapshot.world_from_entity[one.entity] if one.node < 0 else snapshot.world_from_node[one.node]
                for one in mounted
            ]
        ).reshape(-1, 4, 4)
        outer = np.array([lamp.outer_rad for lamp in lamps])
        cos_outer = np.cos(outer)
        cos_inner = np.maximum(np.cos([lamp.inner_rad for lamp in lamps]), cos_outer + 1e-4)
        all_round = outer >= np.pi - 1e-6  # no angle reaches their edge
        place, ahead = (
            np.array([getattr(lamp, name) for lamp in lamps]).reshape(-1, 3, 1) for name in ("position_m", "direction")
        )
        intensity = np.array([lamp.intensity_cd for lamp in lamps])
        return cls(
            position_m=(poses[:, :3, :3] @ place)[..., 0] + poses[:, :3, 3],
            axes=beams.axes((poses[:, :3, :3] @ ahead)[..., 0]),
            intensity_cd=intensity * snapshot.lamp_power[index],
            color=np.array([lamp.color for lamp in lamps]).reshape(-1, 3),
            cos_inner=np.where(all_round, -1.5, cos_inner),
            cos_outer=np.where(all_round, -2.0, cos_outer),
            spill=np.array([lamp.spill for lamp in lamps]),
            edge_sin=np.array([np.inf if lamp.edge_rad is None else np.sin(lamp.edge_rad) for lamp in lamps]),
            entity=np.array([one.entity for one in mounted], dtype=np.int64),
            index=np.array(index, dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.intensity_cd)

    @property
    def direction(self) -> Array:
        """(K, 3) along the axes."""
        return self.axes[:, 2]

    @property
    def rgb_cd(self) -> Array:
        """(K, 3) linear RGB luminous intensity on the axis."""
        intensity: Array = self.intensity_cd[:, None] * self.color
        return intensity

    @property
    def dipped(self) -> NDArray[np.bool_]:
        """(K,) whether a beam has an edge and fades to its sides."""
        return np.isfinite(self.edge_sin)

    @property
    def flux_lm(self) -> Array:
        """(K, 3) luminous flux, of a dipped beam what lies below its edge."""
        share = np.where(self.dipped, beams.BELOW_EDGE, 1.0)
        solid_angle = beams.cone_sr(self.cos_inner, self.cos_outer, self.spill, self.dipped)
        flux: Array = self.rgb_cd * (solid_angle * share)[:, None]
        return flux

    def mean_color(self) -> Float32:
        """(3,) colour of their light together; zero without lamps."""
        total = max(float(self.intensity_cd.sum()), 1e-12)
        color: Float32 = (self.intensity_cd @ self.color / total).astype(np.float32)
        return color

    def only(self, chosen: NDArray[np.intp]) -> Lamps:
        """Some of them, by their indices, in that order."""
        return Lamps(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def seen_from(self, other_from_own: Array) -> Lamps:
        """The same in another frame; ``other_from_own`` (4, 4)."""
        return replace(
            self,
            position_m=transform(other_from_own, self.position_m),
            axes=self.axes @ other_from_own[:3, :3].T,
        )

    def with_dipped_apart(self) -> Lamps:
        """The same light, of dipped beams as two lamps each: one without an edge that sends out what little goes over
        it, and, at the end of the list, one with an edge that sends out the rest."""
        dipped = np.flatnonzero(self.dipped)
        if len(dipped) == 0:
            return self
        both = {f.name: np.concatenate([one := getattr(self, f.name), one[dipped]]) for f in fields(self)}
        both["edge_sin"][dipped] = _NOWHERE
        both["intensity_cd"][dipped] *= 1.0 - beams.DIPPED
        both["intensity_cd"][len(self) :] *= beams.DIPPED
        return Lamps(**both)

    def lit(self, directions: Float32) -> tuple[Float32, Float32]:
        """(P, K) distances along ``directions`` (P, 3) from the camera, in units of their length, between which a lamp
        can light them: within its cone and below its edge, each told by planes. From -inf to inf for a lamp that shines
        all round or nearly."""
        enters = np.full((len(self), len(directions)), -np.inf, dtype=np.float32).T
        leaves = -enters
        some = np.flatnonzero((self.spill == 0.0) & (self.cos_outer > _NARROW))
        if len(some) == 0:
            return enters, leaves
        cosine = self.cos_outer[some]
        rim = np.sqrt(1.0 - cosine**2) / cosine
        top = np.minimum((self.edge_sin[some] + beams.EDGE_TO) / cosine, rim)
        right, up, forward = (self.axes[some, k] for k in range(3))

        def within(normal: Array) -> tuple[Float32, Float32]:
            """Between which distances points lie behind planes through the lamps, of these normals (N, 3)."""
            slope = (normal.astype(np.float32) @ directions.T).T
            slope[np.abs(slope) < 1e-9] = 1e-9
            crossed = np.sum(normal * self.position_m[some], axis=1).astype(np.float32) / slope
            return np.where(slope < 0, crossed, -np.inf), np.where(slope > 0, crossed, np.inf)

        # A dipped beam lies below the level part of its edge or below the part that rises.
        level = within(up - top[:, None] * forward)
        kerb = within(up - beams.KERB_SLOPE * right - top[:, None] * forward)
        low, high = np.minimum(level[0], kerb[0]), np.maximum(level[1], kerb[1])
        for side in (right, -right, -up):
            more, less = within(side - rim[:, None] * forward)
            low, high = np.maximum(low, more), np.minimum(high, less)
        enters.T[some], leaves.T[some] = low.T, high.T
        return enters, leaves

    def shine(self, directions: Float32) -> Beams:
        """The intensities of the lamps towards points along ``directions`` (P, 3) from the camera."""
        dipped = np.flatnonzero(self.dipped)
        right, up, forward = (self.axes[:, k].astype(np.float32) for k in range(3))
        lamp = self.position_m.astype(np.float32)

        def along(axis: Float32, of: Float32) -> _Along:
            # One lamp after the other in memory, here and in all that follows from it: loops run along the points.
            return (axis @ directions.T).T, np.asarray(np.sum(of * axis, axis=1), dtype=np.float32)

        return Beams(
            lamps=self,
            dipped=dipped,
            forward=along(forward, lamp),
            up=along(up[dipped], lamp[dipped]),
            right=along(right[dipped], lamp[dipped]),
        )


_Along = tuple[Float32, Float32]
"""Parts along each lamp's axis: (P, K) of directions, (K,) of the lamp's own position."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beams:
    """K lamps as they shine on points along P directions from the camera; what is needed for each point is worked out
    once for its direction.

    Attributes:
        dipped: (D,) which of the lamps have an edge; ``up`` and ``right`` are theirs alone.
    """

    lamps: Lamps
    dipped: NDArray[np.intp]
    forward: _Along
    up: _Along
    right: _Along

    def intensity_cd(self, distance_m: Float32 | np.float32, inverse_m: Float32) -> Float32:
        """(P, K) candela towards the points at ``distance_m`` (P, K) along the directions, in units of their length,
        that are 1 / ``inverse_m`` (P, K) away from the lamps."""
        lamps, some = self.lamps, self.dipped

        def part(of: _Along, columns: slice | NDArray[np.intp]) -> Float32:
            ahead = distance_m if isinstance(distance_m, np.float32) else distance_m.T[columns].T
            share: Float32 = (ahead * of[0] - of[1]) * inverse_m.T[columns].T
            return share

        aim = part(self.forward, slice(None))
        shining = beams.within_cone(aim, lamps.cos_inner, lamps.cos_outer, lamps.spill, lamps.dipped)
        if len(some):
            shining.T[some] *= beams.below_edge(part(self.up, some), part(self.right, some), lamps.edge_sin[some]).T
        shining *= lamps.intensity_cd.astype(np.float32)
        return shining
