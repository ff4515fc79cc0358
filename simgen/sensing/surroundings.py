"""What weather and optics need to know of the world about a camera, in the camera's own frame."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array, transform
from simgen.scene import beams
from simgen.scene.body import Lamp
from simgen.scene.environment import Environment
from simgen.scene.scene import SceneView

Float32 = NDArray[np.float32]

_NARROW = 0.5
"""Cosine of the half angle of a beam that light comes from on a short stretch of most rays."""

LAMPS_MAX = 12
"""Lamps that light the drops about a camera; fainter ones change nothing that can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lamps:
    """K lamps that burn, brightest at the camera first.

    Attributes:
        position_m: (K, 3) camera frame.
        axes: (K, 3, 3) rows right, up and forward of each beam, camera frame.
        intensity_cd: (K,) on the axis.
        color: (K, 3) linear RGB with luminance 1.
        cos_inner, cos_outer: (K,) cosines of the half angles of full intensity and of its end.
        spill: (K,) share of the intensity that leaves on all sides.
        edge_sin: (K,) sine of the height over the axis above which a dipped beam ends; infinite for other beams.
    """

    position_m: Array
    axes: Array
    intensity_cd: Array
    color: Array
    cos_inner: Array
    cos_outer: Array
    spill: Array
    edge_sin: Array

    @classmethod
    def none(cls) -> Lamps:
        e3, e1 = np.zeros((0, 3)), np.zeros(0)
        return cls(
            position_m=e3,
            axes=np.zeros((0, 3, 3)),
            intensity_cd=e1,
            color=e3,
            cos_inner=e1,
            cos_outer=e1,
            spill=e1,
            edge_sin=e1,
        )

    def __len__(self) -> int:
        return len(self.intensity_cd)

    def mean_color(self) -> NDArray[np.float32]:
        """(3,) colour of their light together; zero without lamps."""
        total = max(float(self.intensity_cd.sum()), 1e-12)
        color: NDArray[np.float32] = (self.intensity_cd @ self.color / total).astype(np.float32)
        return color

    def scattered(self, points_m: NDArray[np.floating], extinction_per_m: float = 0.0) -> NDArray[np.float32]:
        """(P,) luminance in cd/m² of the disc of a clear drop at points (P, 3) by all lamps, seen from the camera.

        A drop of radius r takes in E·πr² and sends it out with the phase function p: L = E·p(θ)/4π. The air dims what
        comes from the lamps on its way to the drop.
        """
        p = np.asarray(points_m, dtype=np.float32)
        lamp = self.position_m.astype(np.float32)
        along = np.einsum("pc,pc->p", p, p)[:, None]
        across = (lamp @ p.T).T
        square = np.maximum(along - 2.0 * across + (lamp * lamp).sum(axis=1), np.float32(0.04))
        inverse: NDArray[np.float32] = 1.0 / np.sqrt(square)
        # Scattering angle: between the way from lamp to drop and the way from drop to camera.
        cosine = (across - along) * inverse / np.sqrt(np.maximum(along, np.float32(1e-6)))
        lux = self.beams(p).intensity_cd(np.float32(1.0), inverse) / square
        if extinction_per_m > 0.0:
            lux *= np.exp(np.float32(-extinction_per_m) / inverse)
        luminance: NDArray[np.float32] = (lux * phase(np.clip(cosine, -1.0, 1.0))).sum(axis=1) * np.float32(
            0.25 / np.pi
        )
        return luminance

    def with_dipped_apart(self) -> Lamps:
        """The same light, of dipped beams as two lamps each: one without an edge that sends out what little goes over
        it, and, at the end of the list, one with an edge that sends out the rest."""
        dipped = np.flatnonzero(np.isfinite(self.edge_sin))
        if len(dipped) == 0:
            return self
        both = {f.name: np.concatenate([one := getattr(self, f.name), one[dipped]]) for f in fields(self)}
        both["edge_sin"][dipped] = np.inf
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

    def beams(self, directions: NDArray[np.float32]) -> Beams:
        """The intensities of the lamps towards points along ``directions`` (P, 3) from the camera."""
        dipped = np.flatnonzero(np.isfinite(self.edge_sin))
        right, up, forward = (self.axes[:, k].astype(np.float32) for k in range(3))
        lamp = self.position_m.astype(np.float32)

        def along(axis: NDArray[np.float32], of: NDArray[np.float32]) -> _Along:
            # One lamp after the other in memory, here and in all that follows from it: loops run along the points.
            return (axis @ directions.T).T, np.asarray(np.sum(of * axis, axis=1), dtype=np.float32)

        return Beams(
            lamps=self,
            dipped=dipped,
            forward=along(forward, lamp),
            up=along(up[dipped], lamp[dipped]),
            right=along(right[dipped], lamp[dipped]),
        )


_Along = tuple[NDArray[np.float32], NDArray[np.float32]]
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

    def intensity_cd(
        self, distance_m: NDArray[np.float32] | np.float32, inverse_m: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """(P, K) candela towards the points at ``distance_m`` (P, K) along the directions, in units of their length,
        that are 1 / ``inverse_m`` (P, K) away from the lamps."""
        lamps, some = self.lamps, self.dipped

        def part(of: _Along, columns: slice | NDArray[np.intp]) -> NDArray[np.float32]:
            ahead = distance_m if isinstance(distance_m, np.float32) else distance_m.T[columns].T
            share: NDArray[np.float32] = (ahead * of[0] - of[1]) * inverse_m.T[columns].T
            return share

        shining = beams.within_cone(part(self.forward, slice(None)), lamps.cos_inner, lamps.cos_outer, lamps.spill)
        if len(some):
            shining.T[some] *= beams.below_edge(part(self.up, some), part(self.right, some), lamps.edge_sin[some]).T
        shining *= lamps.intensity_cd.astype(np.float32)
        return shining


def phase(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    """Phase function of water drops, mean 1 over the sphere: two Henyey-Greenstein lobes (1941), 95 % forward with
    g = 0.82 and 5 % backward with g = -0.3; ``cosine`` is 1 for light that goes straight on."""

    def lobe(g: float) -> NDArray[np.float32]:
        base = np.float32(1.0 + g * g) - np.float32(2.0 * g) * cosine
        value: NDArray[np.float32] = np.float32(1.0 - g * g) / (base * np.sqrt(base))
        return value

    return np.float32(0.95) * lobe(0.82) + np.float32(0.05) * lobe(-0.3)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """Light, air and lamps about a camera.

    Attributes:
        up: (3,) the world's up direction, camera frame.
        air_mps: (3,) velocity of the air relative to the camera, camera frame.
        horizon_cd_m2, zenith_cd_m2: (3,) linear RGB luminance of the sky; what scattered daylight looks like.
        sheltered: indoors or in a tunnel; no weather reaches the camera.
        environment: the environment at this instant.
    """

    up: Array
    air_mps: Array
    horizon_cd_m2: Array
    zenith_cd_m2: Array
    lamps: Lamps
    sheltered: bool
    environment: Environment | None

    @classmethod
    def plain(
        cls, horizon_cd_m2: float = 1000.0, air_mps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ) -> Surroundings:
        """A camera that looks level into an even grey world without lamps."""
        grey = np.full(3, horizon_cd_m2)
        return cls(
            up=np.array([0.0, -1.0, 0.0]),
            air_mps=np.array(air_mps),
            horizon_cd_m2=grey,
            zenith_cd_m2=grey,
            lamps=Lamps.none(),
            sheltered=False,
            environment=None,
        )

    @classmethod
    def about(cls, view: SceneView, camera: Camera, camera_mps: Array) -> Surroundings:
        """The surroundings of a camera that moves with ``camera_mps`` (3,) in the world frame."""
        environment = view.snapshot.environment
        rotation = camera.world_from_camera[:3, :3].T
        wind = environment.wind_mps if not environment.indoor else np.zeros(3)
        return cls(
            up=rotation @ np.array([0.0, 0.0, 1.0]),
            air_mps=rotation @ (wind - camera_mps),
            horizon_cd_m2=np.asarray(environment.sky_horizon_cd_m2, dtype=np.float64),
            zenith_cd_m2=np.asarray(environment.sky_zenith_cd_m2, dtype=np.float64),
            lamps=_lamps_about(view, camera),
            sheltered=environment.indoor or view.scene.indoor or _roofed(view, camera),
            environment=environment,
        )


def _roofed(view: SceneView, camera: Camera) -> bool:
    eye = camera.world_from_camera[:3, 3]
    return any(bool(enclosure.holds(eye)) for enclosure in view.scene.enclosures)


def _lamps_about(view: SceneView, camera: Camera) -> Lamps:
    snapshot = view.snapshot
    camera_from_world = camera.camera_from_world
    rows: list[tuple[float, int, Lamp, Array, Array, float]] = []
    for i, mounted in enumerate(view.scene.lamps):
        power = float(snapshot.lamp_power[i])
        if power <= 0.0 or not snapshot.present[mounted.entity]:
            continue
        lamp = mounted.lamp
        frame = (
            snapshot.world_from_node[mounted.node] if mounted.node >= 0 else snapshot.world_from_entity[mounted.entity]
        )
        position = transform(camera_from_world @ frame, lamp.position_m)
        direction = frame[:3, :3] @ np.asarray(lamp.direction, dtype=np.float64)
        intensity = power * lamp.intensity_cd
        # What counts is the light on the air a few metres in front of the camera, or all around a fisheye.
        middle = position - np.array([0.0, 0.0, 6.0 if camera.depth == "planar" else 0.0])
        weight = intensity / (1.0 + float(middle @ middle))
        rows.append((-weight, i, lamp, position, beams.axes(direction) @ camera_from_world[:3, :3].T, intensity))
    rows.sort(key=lambda r: (r[0], r[1]))
    rows = rows[:LAMPS_MAX]
    if not rows:
        return Lamps.none()
    lamps = [r[2] for r in rows]
    return Lamps(
        position_m=np.array([r[3] for r in rows]),
        axes=np.array([r[4] for r in rows]),
        intensity_cd=np.array([r[5] for r in rows]),
        color=np.array([lamp.color for lamp in lamps], dtype=np.float64),
        cos_inner=np.array([np.cos(lamp.inner_rad) for lamp in lamps]),
        cos_outer=np.array([np.cos(lamp.outer_rad) for lamp in lamps]),
        spill=np.array([lamp.spill for lamp in lamps]),
        edge_sin=np.array([np.inf if lamp.edge_rad is None else np.sin(lamp.edge_rad) for lamp in lamps]),
    )
