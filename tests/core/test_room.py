"""Work that finds no memory."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from simgen.core.errors import OutOfMemory
from simgen.core.room import room_for_picture


@pytest.mark.parametrize(
    "work",
    [
        lambda: np.zeros(1 << 60, np.uint8),
        lambda: cv2.resize(np.zeros((1, 1), np.uint8), (1 << 30, 1 << 30)),
    ],
    ids=["numpy", "opencv"],
)
def test_no_memory_is_told_with_place_size_and_remedy(work) -> None:
    told = (
        r"^sensors\.front\.resolution: no memory is left .* 8192 x 8192 pixels, .* about 8\.7 GB .*; lower it, .*--work"
    )
    with pytest.raises(OutOfMemory, match=told) as caught, room_for_picture("front", 8192, 8192):
        work()
    assert caught.value.exit_code == 2
    assert caught.value.__cause__ is not None


def test_what_else_goes_wrong_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), room_for_picture("front", 1, 1):
        _ = 1 // 0
    with pytest.raises(cv2.error, match="empty"), room_for_picture("front", 1, 1):
        cv2.resize(np.zeros((0, 0), np.uint8), (4, 4))
