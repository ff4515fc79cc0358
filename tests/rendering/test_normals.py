"""Normals as the G-buffer stores them."""

from __future__ import annotations

import numpy as np

from simgen.rendering.raster.normals import straightened


def bent(unit: np.ndarray) -> np.ndarray:
    """As bent.glsl has it, rounded as a texture rounds."""
    at = unit[..., :2] / (1 - unit[..., 2:])
    return np.round((at / 12 + 0.5).clip(0, 1) * 0xFFFF).astype(np.uint16)


def test_directions_come_back_to_a_fiftieth_of_a_degree() -> None:
    rng = np.random.default_rng(3)
    unit = rng.normal(size=(20_000, 3))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    unit = unit[unit[:, 2] < np.cos(np.radians(180 - 160))]
    back = straightened(bent(unit))
    assert back.dtype == np.float32
    assert np.abs(np.linalg.norm(back, axis=1) - 1).max() < 1e-6
    off = np.degrees(2 * np.arcsin(np.linalg.norm(back - unit, axis=1) / 2))
    assert off.max() < 0.02


def test_what_faces_the_camera_faces_it() -> None:
    assert np.allclose(straightened(bent(np.array([[0.0, 0.0, -1.0]]))), [[0, 0, -1]], atol=2e-4)
