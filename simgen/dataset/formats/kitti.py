"""KITTI object detection."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simgen.core.geometry import CAMERA_FROM_BODY, Array, matrix_from_quaternion, wrap_angle
from simgen.core.vocabulary import formats
from simgen.dataset.codecs import Encoding, encode, rgb_plane
from simgen.dataset.format import Exported, Format, published
from simgen.dataset.pictures import objects, rectified
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

    KITTI's 3D boxes turn about the y axis alone, and so their frame (KITTI's rectified one) is levelled: it stands
    where the camera does, and is the camera's after the least turn that makes y point down. ``R0_rect`` is that turn,
    and all four projections undo it: ``P2`` takes boxes to pixels, and ``P2 R0_rect`` is the camera's own matrix.
    Readers must use ``P2`` whole, for its entries are no focal lengths where the camera is tilted; where it looks
    straight down, z is near 0. A box that is tilted against the horizontal (the thing has fallen over, the road climbs)
    has its own size and the same centre, and stands upright.

    There is no lidar: the axes of "velo" and "imu" are x forward, y left and z up as the camera has them.
    """

    def _export(self, dataset: Dataset, out: Path) -> Exported:
        names: list[str] = []
        annotations = size = 0
        with published(out) as folder:
            image_2, label_2, calib = (folder / "training" / name for name in ("image_2", "label_2", "calib"))
            for place in (image_2, label_2, calib):
                place.mkdir(parents=True)
            for frame in self.pictures(dataset):
                camera = rectified(frame, "KITTI")
                level_from_camera = _level_from_camera(camera)
                lines = _lines(frame, level_from_camera)
                number = f"{len(names):06d}"
                size += (image_2 / f"{number}.png").write_bytes(_png(frame))
                size += (label_2 / f"{number}.txt").write_text("".join(f"{line}\n" for line in lines))
                size += (calib / f"{number}.txt").write_text(_calibration(camera, level_from_camera))
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


def _level_from_camera(camera: CameraFacts) -> Array:
    """(3, 3) least turn after which the camera's y axis points down in the world (Rodrigues)."""
    down = -np.array(camera.world_from_camera)[2, :3]
    if down[1] < -1 + 1e-9:  # upside down: any turn by half a circle would do, and this one looks the same way
        return np.diag([-1.0, -1.0, 1.0])
    x, _, z = np.cross(down, (0.0, 1.0, 0.0))
    turn = np.array([[0.0, -z, 0.0], [z, 0.0, -x], [0.0, x, 0.0]])
    rotation: Array = np.eye(3) + turn + turn @ turn / (1 + down[1])
    return rotation


def _lines(frame: Frame, level_from_camera: Array) -> list[str]:
    named = ((class_of_id(o.semantic_id).kitti, o) for o in objects(frame) if o.visible_pixels)
    return [_line(name, label, level_from_camera) for name, label in named if name is not None]


def _line(name: str, label: ObjectLabel, level_from_camera: Array) -> str:
    box = label.box_camera
    left, top, right, bottom = label.bbox_amodal
    length, width, height = box.size_m
    x, y, z = level_from_camera @ box.center_m
    forward = level_from_camera @ matrix_from_quaternion(box.quaternion_xyzw)[:, 0]
    yaw_rad = float(np.arctan2(-forward[2], forward[0]))
    alpha_rad = wrap_angle(yaw_rad - float(np.arctan2(x, z)))
    numbers = (
        *(alpha_rad, left, top, right - 1, bottom - 1),
        *(height, width, length, x, y + height / 2, z, yaw_rad),
    )
    return f"{name} {label.truncation:.4f} {label.kitti_occlusion} {' '.join(f'{n:.4f}' for n in numbers)}"


def _calibration(camera: CameraFacts, level_from_camera: Array) -> str:
    projection = np.hstack([camera.restored().matrix @ level_from_camera.T, np.zeros((3, 1))])
    matrices: dict[str, Array] = {f"P{i}": projection for i in range(4)}
    matrices["R0_rect"] = level_from_camera
    matrices["Tr_velo_to_cam"] = np.hstack([CAMERA_FROM_BODY, np.zeros((3, 1))])
    matrices["Tr_imu_to_velo"] = np.eye(3, 4)
    return "".join(f"{name}: {' '.join(f'{v:.12e}' for v in m.ravel())}\n" for name, m in matrices.items())
