"""The transfer function against its standard and its inverse."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.srgb import LINEAR, LUMINANCE, decoded, encoded


def test_decoding_undoes_encoding() -> None:
    linear = np.linspace(0.0, 1.0, 1001)
    np.testing.assert_allclose(decoded(encoded(linear)), linear, atol=1e-5)


def test_known_values_and_the_floating_type_is_kept() -> None:
    assert decoded(np.array([0.0, 0.5, 1.0])) == pytest.approx([0.0, 0.21404, 1.0], abs=1e-5)
    assert decoded(np.zeros(2, dtype=np.float32)).dtype == np.float32
    assert LINEAR[[0, 128, 255]] == pytest.approx([0.0, 0.21586, 1.0], abs=1e-5)
    assert LUMINANCE.sum() == pytest.approx(1.0)
