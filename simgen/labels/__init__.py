"""Labels from clean buffers: boxes, visibility, keypoints, and the proofs that they hold."""

from simgen.labels.frame_labels import Box3D, FrameLabels, Intrinsics, Keypoint, KeypointState, ObjectLabel
from simgen.labels.labelling import label
from simgen.labels.proofs import Facts, Planes, proof_faults

__all__ = [
    "Box3D",
    "Facts",
    "FrameLabels",
    "Intrinsics",
    "Keypoint",
    "KeypointState",
    "ObjectLabel",
    "Planes",
    "label",
    "proof_faults",
]
