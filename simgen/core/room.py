"""What becomes of work that there is no memory for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from simgen.core.errors import OutOfMemory

_BYTES_PER_PX = 130
"""Most that a process holds while it makes a frame, as measured; more with flow and normals."""
_CV2_NO_MEMORY = -4


@contextmanager
def room_for_picture(sensor: str, width_px: int, height_px: int) -> Iterator[None]:
    """Raises OutOfMemory for whatever in the block finds no memory."""
    try:
        yield
    except Exception as error:
        if not _found_none(error):
            raise
        raise OutOfMemory(
            f"no memory is left for a picture of {width_px} x {height_px} pixels, which takes about "
            f"{width_px * height_px * _BYTES_PER_PX / 1e9:.1f} GB while it is made",
            where=f"sensors.{sensor}.resolution",
            remedy="lower it, let fewer --workers run at a time, or take a machine with more memory",
        ) from error


def _found_none(error: Exception) -> bool:
    """NumPy raises MemoryError; OpenCV, which only some programs load, an error of its own."""
    cv2 = sys.modules.get("cv2")
    return isinstance(error, MemoryError) or (
        cv2 is not None and isinstance(error, cv2.error) and getattr(error, "code", 0) == _CV2_NO_MEMORY
    )
