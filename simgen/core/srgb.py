"""The sRGB transfer function (IEC 61966-2-1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def decoded(encoded: NDArray[Any]) -> NDArray[Any]:
    """Linear values in [0, 1] of encoded ones, in the same floating type and shape."""
    result: NDArray[Any] = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return result
