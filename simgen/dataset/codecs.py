"""Pixels to files and back: JPEG by OpenCV, PNG and TIFF by our own writers, with the frame's name inside every file.

Ids of up to 255, 65,535 and 2^32 - 1 are stored as grey PNG of 8 and of 16 bits, and as RGBA PNG of 8 bits whose red,
green, blue and alpha are the id's bytes, least significant first: r + 256 g + 65,536 b + 16,777,216 a.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from simgen.core.errors import DatasetFault
from simgen.core.geometry import read_only
from simgen.labels.flow import Flow

Codec = Literal["jpeg", "png", "tiff"]
Pixels = NDArray[np.generic]

_EXTENSIONS: dict[Codec, str] = {"jpeg": "jpg", "png": "png", "tiff": "tif"}
_IDS = {("png", "uint8"), ("png", "uint16"), ("png", "uint32")}
_STEPS = {("png", "uint16"), ("tiff", "float32")}
_FORMS: dict[str, tuple[int, set[tuple[str, str]]]] = {
    "rgb": (3, {("jpeg", "uint8"), ("png", "uint8")}),
    "depth": (2, _STEPS),
    "instance": (2, _IDS),
    "semantic": (2, _IDS),
    "part": (2, _IDS),
    "normal": (3, {("png", "uint16")}),
    "flow_forward": (3, _STEPS),
    "flow_backward": (3, _STEPS),
    "depth_measured": (2, _STEPS),
    "depth_cause": (2, {("png", "uint8")}),
    "lens_blocked": (2, {("png", "bool")}),
}
"""The images that a frame may have: how many axes they have, and their codecs and types."""
_KEYWORD = b"simgen"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TIFF_SIGNATURE = b"II*\0"
_TIFF_ENTRIES = 13
_TIFF_TEXT = 8 + 2 + 12 * _TIFF_ENTRIES + 4
"""Where the description of our TIFF files begins: after header and directory."""
_NORMAL_STEPS, _NORMAL_ZERO = 32_767, 32_768
FLOW_STEP_PX, _FLOW_ZERO = 1 / 64, 32_768
_STRIP_ROWS = 64
"""As much of a picture as stays in the processor's cache from one operation to the next."""
# Values of 1 mm, 1 cm and 1 dm: the finest whose 65,535 steps reach the camera's far plane.
_DEPTH_SCALES_M = (0.001, 0.01, 0.1)


class Encoding(BaseModel):
    """How the images of a sensor are stored. Ids are stored without loss always.

    JPEG at quality 95 takes a tenth of the time and of the space of PNG on a noisy picture; PNG keeps every bit.

    Attributes:
        depth: "png" is 16 bits, to half of ``depth_scale_m``; "tiff" is float32 as it was rendered.
        flow: "tiff" is float32; "png" is KITTI's 16 bits, to 1/128 pixel and as far as 512 pixels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rgb: Literal["jpeg", "png"] = "jpeg"
    quality: int = Field(default=95, ge=1, le=100)
    depth: Literal["png", "tiff"] = "png"
    flow: Literal["png", "tiff"] = "tiff"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """One array to store.

    Attributes:
        pixels: (H, W) bool, uint8, uint16, uint32 or float32, or (H, W, 3) uint8 (sRGB), uint16 or float32.
        unit, scale, offset: a stored value times ``scale`` plus ``offset`` is in ``unit``; None for plain numbers.
        quality: of a JPEG.
    """

    name: str
    pixels: Pixels
    codec: Codec
    unit: str | None = None
    scale: float | None = None
    offset: float | None = None
    quality: int | None = None

    @property
    def extension(self) -> str:
        return extension(self.codec)


def extension(codec: Codec) -> str:
    """What the name of a file of this codec ends in, without the dot."""
    return _EXTENSIONS[codec]


def known_form(name: str, codec: Codec, dtype: str, axes: int) -> bool:
    """Whether frames have images of this name that are stored so."""
    expected, forms = _FORMS.get(name, (0, set[tuple[str, str]]()))
    return axes == expected and (codec, dtype) in forms


def scale_of(name: str, dtype: str, far_m: float) -> float | None:
    """What a step of an image is worth; None for ids, colours and floats."""
    if dtype != "uint16":
        return None
    if name in ("depth", "depth_measured"):
        return depth_scale_m(far_m)
    return {"normal": 1 / _NORMAL_STEPS, "flow_forward": FLOW_STEP_PX, "flow_backward": FLOW_STEP_PX}.get(name)


def depth_scale_m(far_m: float) -> float:
    """Metres per step of a 16-bit depth image of a camera that sees as far as ``far_m``."""
    for scale in _DEPTH_SCALES_M:
        if far_m <= scale * 0xFFFF:
            return scale
    return far_m / 0xFFFF


def rgb_plane(image: NDArray[np.uint8], encoding: Encoding) -> Plane:
    quality = encoding.quality if encoding.rgb == "jpeg" else None
    return Plane(name="rgb", pixels=image, codec=encoding.rgb, unit="sRGB", quality=quality)


def depth_plane(name: str, depth_m: NDArray[np.float32], far_m: float, encoding: Encoding | None = None) -> Plane:
    """Planar depth: float32 as it is, or 16 bits, where 0 stands for sky and holes; a surface is at least 1 step away,
    and never past the last.

    The rounding error of 16 bits is at most half of ``depth_scale_m(far_m)``.
    """
    if encoding is not None and encoding.depth == "tiff":
        return Plane(name=name, pixels=np.asarray(depth_m, dtype=np.float32), codec="tiff", unit="m")
    scale = depth_scale_m(far_m)
    stored = np.empty(depth_m.shape, np.uint16)
    for first in range(0, len(depth_m), _STRIP_ROWS):
        part, steps = depth_m[first : first + _STRIP_ROWS], stored[first : first + _STRIP_ROWS]
        with np.errstate(over="ignore"):
            counted = part / np.float32(scale)
        # Rounds, and ends at the last step; what is not finite becomes 0, and what is beyond 32 bits.
        cv2.add(counted, 0.0, dst=steps, dtype=cv2.CV_16U)  # type: ignore[call-overload]
        extreme = (steps == 0) & (part > 0) & (part < np.inf)
        if extreme.any():
            steps[extreme] = np.where(counted[extreme] < 1.0, 1, 0xFFFF)
    return Plane(name=name, pixels=stored, codec="png", unit="m", scale=scale)


def depth_m(steps: Pixels, scale: float | None, *, empty: float) -> NDArray[np.float32]:
    """Metres of a stored depth image; ``empty`` is what 0 stands for: +inf for sky, 0 for a hole. A float image, which
    has no ``scale``, holds metres as they are."""
    if scale is None:
        return steps.astype(np.float32, copy=False)
    metres: NDArray[np.float32] = _metres(scale, empty)[steps]
    return metres


@lru_cache(maxsize=8)
def _metres(scale: float, empty: float) -> NDArray[np.float32]:
    """(65,536,) of each step."""
    metres = (np.arange(1 << 16) * scale).astype(np.float32)
    metres[0] = empty
    return read_only(metres)


def id_plane(name: str, ids: Pixels, largest: int) -> Plane:
    """Ids in the narrowest type that holds ``largest``, so that the type does not change along an episode."""
    dtype = next(t for t in (np.uint8, np.uint16, np.uint32) if largest <= np.iinfo(t).max)
    return Plane(name=name, pixels=ids.astype(dtype), codec="png")


def normal_plane(normal: NDArray[np.float32]) -> Plane:
    """Unit normals (H, W, 3) as 16-bit PNG; 0, 0, 0 where there is none, which is no unit vector's."""
    stored = np.rint(normal * np.float32(_NORMAL_STEPS)) + np.float32(_NORMAL_ZERO)
    stored[~normal.any(axis=-1)] = 0
    scale = 1 / _NORMAL_STEPS
    return Plane(
        name="normal", pixels=stored.astype(np.uint16), codec="png", scale=scale, offset=-_NORMAL_ZERO / _NORMAL_STEPS
    )


def normals(stored: Pixels) -> NDArray[np.float32]:
    """Unit normals of a stored image; 0 where there is none."""
    values = (stored.astype(np.float32) - np.float32(_NORMAL_ZERO)) / np.float32(_NORMAL_STEPS)
    values[~stored.any(axis=-1)] = 0.0
    return values


def flow_plane(name: str, flow: Flow, encoding: Encoding) -> Plane:
    """Right, down and state of a flow. As 16-bit PNG after KITTI: 64 times the pixels plus 32,768, and what goes
    further than 511 pixels is invalid."""
    if encoding.flow == "tiff":
        return Plane(name=name, pixels=flow.plane, codec="tiff", unit="px")
    fits = (flow.state > 0) & (np.abs(flow.vector_px) < 511).all(axis=-1)
    stored = np.zeros((*flow.state.shape, 3), dtype=np.uint16)
    steps = np.rint(flow.vector_px[fits].astype(np.float64) / FLOW_STEP_PX) + _FLOW_ZERO
    stored[fits, :2] = steps.astype(np.uint16)
    stored[fits, 2] = flow.state[fits]
    return Plane(
        name=name, pixels=stored, codec="png", unit="px", scale=FLOW_STEP_PX, offset=-_FLOW_ZERO * FLOW_STEP_PX
    )


def flow_of(stored: Pixels) -> Flow:
    """The flow of a stored image of either kind."""
    if stored.dtype == np.float32:
        return Flow.joined(stored.astype(np.float32, copy=False))
    vector = (stored[..., :2].astype(np.float32) - np.float32(_FLOW_ZERO)) * np.float32(FLOW_STEP_PX)
    vector[stored[..., 2] == 0] = 0.0
    return Flow(vector_px=vector, state=stored[..., 2].astype(np.uint8))


def encode(plane: Plane, note: str) -> bytes:
    """The file's bytes, with ``note`` (ASCII) in the JPEG's comment, the PNG's tEXt chunk or the TIFF's description."""
    text = note.encode("ascii")
    if plane.codec == "png":
        return _png(plane.pixels, text)
    if plane.codec == "tiff":
        return _tiff(plane.pixels, text)
    bgr = cv2.cvtColor(np.asarray(plane.pixels, dtype=np.uint8), cv2.COLOR_RGB2BGR)
    done, buffer = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, plane.quality or 95])
    if not done:
        raise ValueError(f"OpenCV cannot encode {plane.pixels.shape} {plane.pixels.dtype} as JPEG")
    jpeg = buffer.tobytes()
    comment = b"\xff\xfe" + struct.pack(">H", len(_KEYWORD) + 3 + len(text)) + _KEYWORD + b"\0" + text
    return jpeg[:2] + comment + jpeg[2:]


def decode(data: bytes, dtype: str, where: str) -> Pixels:
    """The stored array of a file's bytes; ``dtype`` as recorded. Raises DatasetFault for bytes that are no image."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if image is None:
        raise DatasetFault("not a readable image", where=where)
    if dtype == "uint32":
        return np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA)).view("<u4")[..., 0]
    if dtype == "bool":
        return np.asarray(image > 0)
    if image.ndim == 3:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    return np.asarray(image)


def read_note(data: bytes) -> str | None:
    """The note in an image's metadata, or None where there is none."""
    if data.startswith(_PNG_SIGNATURE):
        at = len(_PNG_SIGNATURE)
        while at + 12 <= len(data):
            (length,) = struct.unpack(">I", data[at : at + 4])
            if data[at + 4 : at + 8] == b"tEXt":
                keyword, _, text = data[at + 8 : at + 8 + length].partition(b"\0")
                if keyword == _KEYWORD:
                    return text.decode("ascii", "replace")
            at += 12 + length
    elif data.startswith(b"\xff\xd8"):
        at = 2
        while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
            (length,) = struct.unpack(">H", data[at + 2 : at + 4])
            if data[at + 1] == 0xFE:
                keyword, _, text = data[at + 4 : at + 2 + length].partition(b"\0")
                if keyword == _KEYWORD:
                    return text.decode("ascii", "replace")
            at += 2 + length
    elif data.startswith(_TIFF_SIGNATURE):
        keyword, _, text = data[_TIFF_TEXT:].partition(b"\0")[0].partition(b" ")
        if keyword == _KEYWORD:
            return text.decode("ascii", "replace")
    return None


def _png(pixels: Pixels, text: bytes) -> bytes:
    """PNG with every row filtered "up", deflated by Intel's ISA-L: on masks and depth a quarter of zlib's fastest time,
    and smaller."""
    height, width = pixels.shape[:2]
    match pixels.dtype.name, pixels.ndim:
        case "bool", 2:
            depth, color, rows = 1, 0, np.packbits(pixels.astype(np.bool_), axis=1)
        case "uint8", 2:
            depth, color, rows = 8, 0, np.ascontiguousarray(pixels)
        case "uint16", 2:
            depth, color, rows = 16, 0, pixels.astype(">u2")
        case "uint32", 2:  # four bytes, least significant first, as red, green, blue, alpha
            depth, color, rows = 8, 6, pixels.astype("<u4")
        case "uint8", 3:
            depth, color, rows = 8, 2, np.ascontiguousarray(pixels)
        case "uint16", 3:
            depth, color, rows = 16, 2, pixels.astype(">u2")
        case _:
            raise ValueError(f"PNG has no form for {pixels.shape} {pixels.dtype}")
    flat = rows.reshape(height, -1).view(np.uint8)
    filtered = np.empty((height, flat.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2
    filtered[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return b"".join(
        (
            _PNG_SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"tEXt", _KEYWORD + b"\0" + text),
            _chunk(b"IDAT", isal_zlib.compress(filtered.data.cast("B"), 1)),
            _chunk(b"IEND", b""),
        )
    )


def _tiff(pixels: Pixels, text: bytes) -> bytes:
    """TIFF of float32, deflated; before, each row's bytes are sorted by significance and replaced by differences
    (Adobe's floating point predictor), which halves the size of depth."""
    if pixels.dtype != np.float32 or pixels.ndim not in (2, 3):
        raise ValueError(f"TIFF has no form for {pixels.shape} {pixels.dtype}")
    height, width = pixels.shape[:2]
    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    big = np.ascontiguousarray(pixels, dtype=">f4").view(np.uint8).reshape(height, width * samples, 4)
    planes = np.ascontiguousarray(big.transpose(0, 2, 1)).reshape(height, -1)
    filtered = planes.copy()
    np.subtract(planes[:, samples:], planes[:, :-samples], out=filtered[:, samples:])
    body = isal_zlib.compress(filtered.data.cast("B"), 1)
    note = _KEYWORD + b" " + text + b"\0"
    short, long, ascii = 3, 4, 2
    after = _TIFF_TEXT + len(note) + len(note) % 2
    bits = after if samples > 1 else 32
    formats = after + 2 * samples if samples > 1 else 3
    start = after + (4 * samples if samples > 1 else 0)
    entries = [
        (256, long, 1, width),
        (257, long, 1, height),
        (258, short, samples, bits),
        (259, short, 1, 8),  # deflate
        (262, short, 1, 1 if samples == 1 else 2),
        (270, ascii, len(note), _TIFF_TEXT),
        (273, long, 1, start),
        (277, short, 1, samples),
        (278, long, 1, height),
        (279, long, 1, len(body)),
        (284, short, 1, 1),
        (317, short, 1, 3),  # floating point predictor
        (339, short, samples, formats),
    ]
    assert len(entries) == _TIFF_ENTRIES
    head = _TIFF_SIGNATURE + struct.pack("<IH", 8, len(entries))
    head += b"".join(struct.pack("<HHII", *entry) for entry in entries) + struct.pack("<I", 0)
    extra = struct.pack(f"<{2 * samples}H", *[32] * samples, *[3] * samples) if samples > 1 else b""
    return b"".join((head, note, b"\0" * (len(note) % 2), extra, body))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", isal_zlib.crc32(data, isal_zlib.crc32(kind)))
