"""What weather and optics need to know of the world about a camera, in the camera's own frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.scene.environment import Environment
from simgen.scene.lamps import Lamps
from simgen.scene.scene import SceneView

Float32 = NDArray[np.float32]

LAMPS_MAX = 12
"""Lamps that light the drops about a camera; fainter ones change nothing that can be seen."""


def phase(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    """Phase function of water drops, mean 1 over the sphere: two Henyey-Greenstein lobes (1941), 95 % forward with
    g = 0.82 and 5 % backward with g = -0.3; ``cosine`` is 1 for light that goes straight on."""

    def lobe(g: float) -> NDArray[np.float32]:
        base = np.float32(1.0 + g * g) - np.float32(2.0 * g) * cosine
        value: NDArray[np.float32] = np.float32(1.0 - g * g) / (base * np.sqrt(base))
        return value

    return np.float32(0.95) * lobe(0.82) + np.float32(0.05) * lobe(-0.3)


def scattered(lamps: Lamps, points_m: NDArray[np.floating], extinction_per_m: float = 0.0) -> Float32:
    """(P,) luminance in cd/m² of the disc of a clear drop at points (P, 3) by all lamps, seen from the camera, in whose
    frame both are.

    A drop of radius r takes in E·πr² and sends it out with the phase function p: L = E·p(θ)/4π. The air dims what
    comes from the lamps on its way to the drop.
    """
    p = np.asarray(points_m, dtype=np.float32)
    lamp = lamps.position_m.astype(np.float32)
    along = np.einsum("pc,pc->p", p, p)[:, None]
    across = (lamp @ p.T).T
    square = np.maximum(along - 2.0 * across + (lamp * lamp).sum(axis=1), np.float32(0.04))
    inverse: Float32 = 1.0 / np.sqrt(square)
    # Scattering angle: between the way from lamp to drop and the way from drop to camera.
    cosine = (across - along) * inverse / np.sqrt(np.maximum(along, np.float32(1e-6)))
    lux = lamps.shine(p).intensity_cd(np.float32(1.0), inverse) / square
    if extinction_per_m > 0.0:
        lux *= np.exp(np.float32(-extinction_per_m) / inverse)
    luminance: Float32 = (lux * phase(np.clip(cosine, -1.0, 1.0))).sum(axis=1) * np.float32(0.25 / np.pi)
    return luminance


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
    """The lamps that light the air about a camera, brightest there first, in its frame."""
    lamps = Lamps.burning(view).seen_from(camera.camera_from_world)
    # What counts is the light on the air a few metres in front of the camera, or all around a fisheye.
    middle = lamps.position_m - np.array([0.0, 0.0, 6.0 if camera.depth == "planar" else 0.0])
    weight = lamps.intensity_cd / (1.0 + np.sum(middle * middle, axis=1))
    return lamps.only(np.argsort(-weight, kind="stable")[:LAMPS_MAX])
