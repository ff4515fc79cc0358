"""KITTI object detection."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simgen.core.geometry import CAMERA_FROM_BODY, Array
from simgen.core.vocabulary import formats
from simgen.dataset.codecs import Encoding, encode, rgb_plane
from simgen.dataset.format import Exported, Format, published
from simgen.dataset.pictures import objects, pictures, rectified
from simgen.dataset.reader import Dataset, Frame
from simgen.dataset.record import CameraFacts
from simgen.dataset.writer import image_note
from simgen.labels import ObjectLabel
from simgen.scene.classes import class_of_id

_PNG = Encoding(rgb="png")


@formats.register("kitti")
class Kitti(Format):
    """KITTI object detection: ``training/image_2``, ``label_2`` and ``calib``; ``frames.txt`` names the frames.

    Pictures are PNG. Objects without a visible pixel, classes without a KITTI name and what carries the camera have no
    line. The 2D box is that of the whole object inside the picture, as KITTI's are, and counts pixels: right and bottom
    are the last ones.

    KITTI's 3D boxes turn about the camera's y axis alone. A box that is tilted against the camera (the camera looks
    down, the thing has fallen over) has its own size and the same centre, and stands upright before the camera.

    All four projections are the camera's own. There is no lidar: the axes of "velo" and "imu" are x forward, y left and
    z up at the camera.
    """

    def export(self, dataset: Dataset, out: Path) -> Exported:
        names: list[str] = []
        annotations = size = 0
        with published(out) as folder:
            image_2, label_2, calib = (folder / "training" / name for name in ("image_2", "label_2", "calib"))
            for place in (image_2, label_2, calib):
                place.mkdir(parents=True)
            for frame in pictures(dataset):
                camera = rectified(frame, "KITTI")
                lines = _lines(frame)
                number = f"{len(names):06d}"
                size += (image_2 / f"{number}.png").write_bytes(_png(frame))
                size += (label_2 / f"{number}.txt").write_text("".join(f"{line}\n" for line in lines))
                size += (calib / f"{number}.txt").write_text(_calibration(camera))
                names.append(f"{number} {frame.frame_id}\n")
                annotations += len(lines)
            size += (folder / "frames.txt").write_text("".join(names))
        return Exported(path=out / "training", images=len(names), annotations=annotations, size_bytes=size)


def _png(frame: Frame) -> bytes:
    data = frame.data("rgb")  # read for a JPEG, too: a picture that is cut off decodes, grey from there on
    if frame.path("rgb").suffix == ".png":
        return data
    assert frame.image is not None
    return encode(rgb_plane(frame.image, _PNG), image_note(frame.record))


def _lines(frame: Frame) -> list[str]:
    named = ((class_of_id(o.semantic_id).kitti, o) for o in objects(frame) if o.visible_pixels)
    return [_line(name, label) for name, label in named if name is not None]


def _line(name: str, label: ObjectLabel) -> str:
    left, top, right, bottom = label.bbox_amodal
    length, width, height = label.box_camera.size_m
    x, y, z = label.box_camera.center_m
    numbers = (
        *(label.alpha_rad, left, top, right - 1, bottom - 1),
        *(height, width, length, x, y + height / 2, z, label.box_camera.yaw_rad),
    )
    return f"{name} {label.truncation:.4f} {label.kitti_occlusion} {' '.join(f'{n:.4f}' for n in numbers)}"


def _calibration(camera: CameraFacts) -> str:
    projection = np.array(
        [[camera.fx_px, 0, camera.cx_px, 0], [0, camera.fy_px, camera.cy_px, 0], [0, 0, 1, 0]], dtype=np.float64
    )
    matrices: dict[str, Array] = {f"P{i}": projection for i in range(4)}
    matrices["R0_rect"] = np.eye(3)
    matrices["Tr_velo_to_cam"] = np.hstack([CAMERA_FROM_BODY, np.zeros((3, 1))])
    matrices["Tr_imu_to_velo"] = np.eye(3, 4)
    return "".join(f"{name}: {' '.join(f'{v:.12e}' for v in m.ravel())}\n" for name, m in matrices.items())
