"""What is known of each object in one picture."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Annotated, Any

import numpy as np
from pydantic import PlainValidator, TypeAdapter

from simgen.core.camera import Camera
from simgen.core.geometry import Array, matrix_from_quaternion
from simgen.core.lens import MODELS, Lens, lens_of_facts
from simgen.labels.geometry import UNIT_CORNERS, Box2D

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]

DISCERNIBLE_CONTRAST = 0.05
DISCERNIBLE_TRANSMITTANCE = 0.05
BLOCKED_BEYOND = 0.95
"""An object is discernible while contrast and transmittance reach their thresholds and no more of it than this lies
under drops or dirt."""


class KeypointState(IntEnum):
    """COCO's visibility flag: outside of the image, occluded, visible."""

    OUTSIDE = 0
    OCCLUDED = 1
    VISIBLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypoint:
    """A named point. ``u_px, v_px`` count from the centre of the top-left pixel and are 0 when it lies behind the
    camera, or beyond what its lens images; ``depth_m`` counts as the camera's depth does and is negative there."""

    name: str
    u_px: float
    v_px: float
    depth_m: float
    state: KeypointState


@dataclass(frozen=True, slots=True, kw_only=True)
class Box3D:
    """An oriented box, tight around the object, along the axes of its own frame (x forward, y left, z up).

    ``size_m`` is length, width, height. ``yaw_rad`` is the heading about the frame's z axis; in the camera frame it is
    KITTI's ``rotation_y``, about the y axis.
    """

    center_m: Vector
    size_m: Vector
    yaw_rad: float
    quaternion_xyzw: Quaternion

    @property
    def corners_m(self) -> Array:
        """(8, 3): the lower face first, each face from front left, front right, rear right, rear left."""
        rotation = matrix_from_quaternion(self.quaternion_xyzw)
        corners: Array = (UNIT_CORNERS * np.array(self.size_m)) @ rotation.T + np.array(self.center_m)
        return corners


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPart:
    """A story event in which an object takes part, and its phase."""

    event: str
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLabel:
    """One object in one picture; fields and definitions as the design names them.

    V, I and O are its visible pixels, its pixels alone inside and outside of the image, weighted by solid angle. What
    covers no pixel's centre has no record.

    Attributes:
        bbox_visible: None when no pixel of it is visible.
        bbox_amodal: of the object alone, clipped to the image; bbox_amodal_unclipped: up to three
            pictures' size beyond each edge, behind lenses one; in cells of some pixels where it is large.
        bbox_loose: of the 3D box's corners, clipped; None when the box is wholly behind the camera.
        visible_fraction: V / (I + O); occlusion: 1 - V / I; truncation: 1 - I / (I + O).
        visible_pixels, amodal_pixels, amodal_pixels_unclipped: plain counts of V, I and I + O.
        box_ego: None when the scene has no entity named ``ego``.
        velocity_mps, angular_velocity_radps: of the body, world frame. The centre of a rigid body's box moves so; where
            limbs swing, the box tight around them grows and shrinks about the body, and its centre sways.
        distance_m: from the camera to the box's centre; depth_m: its planar z.
        contrast: what remains at the camera of the object's contrast with its surroundings.
    """

    instance_id: int
    name: str
    model: str
    semantic: str
    semantic_id: int
    bbox_visible: Box2D | None
    bbox_amodal: Box2D
    bbox_amodal_unclipped: Box2D
    bbox_loose: Box2D | None
    visible_fraction: float
    occlusion: float
    truncation: float
    visible_pixels: int
    amodal_pixels: int
    amodal_pixels_unclipped: int
    box_world: Box3D
    box_ego: Box3D | None
    box_camera: Box3D
    velocity_mps: Vector
    angular_velocity_radps: Vector
    distance_m: float
    depth_m: float
    keypoints: tuple[Keypoint, ...]
    transmittance: float
    contrast: float
    discernible: bool
    lens_blocked_fraction: float
    events: tuple[EventPart, ...]

    @property
    def alpha_rad(self) -> float:
        """KITTI's observation angle: rotation_y - atan2(x, z), in [-pi, pi)."""
        x, _, z = self.box_camera.center_m
        angle = self.box_camera.yaw_rad - float(np.arctan2(x, z))
        return float((angle + np.pi) % (2 * np.pi) - np.pi)

    @property
    def kitti_occlusion(self) -> int:
        """KITTI's level: 0 below 5 % occluded, 1 below 50 %, else 2."""
        return kitti_occlusion(self.occlusion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intrinsics:
    """The camera that the labels refer to; pixel (0, 0) is the centre of the top-left pixel. ``lens`` is None for a
    pinhole."""

    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    lens: Annotated[Lens | None, PlainValidator(lens_of_facts)] = None

    @classmethod
    def of(cls, camera: Camera) -> Intrinsics:
        return cls(
            width_px=camera.width_px,
            height_px=camera.height_px,
            fx_px=camera.fx_px,
            fy_px=camera.fy_px,
            cx_px=camera.cx_px,
            cy_px=camera.cy_px,
            lens=camera.lens,
        )

    @property
    def at_origin(self) -> Camera:
        """A camera with these intrinsics at the world's origin."""
        return Camera.of_optics(
            (self.width_px, self.height_px, self.fx_px, self.fy_px, self.cx_px, self.cy_px, self.lens)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLabels:
    """All objects that project into one picture, by instance id; those wholly hidden keep their record."""

    objects: tuple[ObjectLabel, ...]
    camera: Intrinsics
    contrast_threshold: float = DISCERNIBLE_CONTRAST
    transmittance_threshold: float = DISCERNIBLE_TRANSMITTANCE

    def of(self, name: str) -> ObjectLabel | None:
        """The label of the entity of this name, if it has one."""
        return next((o for o in self.objects if o.name == name), None)

    def blinded(self) -> FrameLabels:
        """The same labels for a picture in which nothing can be recognised."""
        return replace(self, objects=tuple(replace(o, discernible=False) for o in self.objects))

    def to_plain(self) -> dict[str, Any]:
        """Mappings, lists, text and numbers only; ``from_json`` gives an equal object."""
        return {
            "camera": _plain(self.camera),
            "contrast_threshold": self.contrast_threshold,
            "transmittance_threshold": self.transmittance_threshold,
            "objects": [_plain(o) for o in self.objects],
        }

    @classmethod
    def from_json(cls, text: str) -> FrameLabels:
        """From JSON of ``to_plain``. Raises ValueError when a field is missing or of another type."""
        return _LABELS.validate_json(text, strict=True)


def kitti_occlusion(occlusion: float) -> int:
    """KITTI's level of an occluded share: 0 below 5 %, 1 below 50 %, else 2."""
    return 0 if occlusion < 0.05 else 1 if occlusion < 0.5 else 2


def _plain(value: Any) -> Any:
    """Labels are many and small: what each kind of value becomes is looked up by its type."""
    kind = type(value)
    if kind in _ALIKE:
        return value
    if kind is tuple:
        return [v if type(v) in _ALIKE else _plain(v) for v in value]
    names = _NAMES.get(kind)
    if names is None:
        if kind is KeypointState:
            return int(value)
        if kind in MODELS.values():
            return value.facts()
        raise TypeError(f"labels hold no {kind.__name__}")
    return {name: v if type(v := getattr(value, name)) in _ALIKE else _plain(v) for name in names}


_ALIKE = frozenset({float, int, str, bool, type(None)})
_NAMES = {c: tuple(f.name for f in fields(c)) for c in (Intrinsics, ObjectLabel, Box3D, Keypoint, EventPart)}
_LABELS = TypeAdapter(FrameLabels)
