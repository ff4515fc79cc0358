"""What surrounds an object: its class, the air before it, the story, and how it moves."""

from __future__ import annotations

import numpy as np

from simgen.core.geometry import matrix_from_quaternion
from simgen.labels.frame_labels import BLOCKED_BEYOND, FrameLabels, ObjectLabel
from simgen.labels.proofs.evidence import Facts
from simgen.labels.visibility import transmittance
from simgen.scene.classes import CLASSES


def class_faults(one: ObjectLabel) -> list[str]:
    if not 0 <= one.semantic_id < len(CLASSES) or CLASSES[one.semantic_id].name != one.semantic:
        return [f"semantic_id {one.semantic_id} is not '{one.semantic}' in the class map"]
    return []


def air_faults(labels: FrameLabels, one: ObjectLabel, facts: Facts) -> list[str]:
    faults = []
    passed = transmittance(facts.extinction_per_m, one.distance_m)
    if abs(one.transmittance - passed) > 1e-6:
        faults.append(f"transmittance is {one.transmittance:.6f}, and e^(-beta d) is {passed:.6f}")
    if one.contrast > one.transmittance + 1e-6 or (one.visible_pixels == 0 and one.contrast > 0):
        faults.append(f"contrast {one.contrast:.6f} is more than what the air lets through")
    expected = (
        not facts.blind
        and one.visible_pixels > 0
        and one.contrast >= labels.contrast_threshold
        and one.transmittance >= labels.transmittance_threshold
        and one.lens_blocked_fraction <= BLOCKED_BEYOND
    )
    if one.discernible != expected:
        faults.append(f"discernible is {one.discernible}, and the thresholds say {expected}")
    return faults


def event_faults(one: ObjectLabel, facts: Facts) -> list[str]:
    stated = [(e.event, e.phase) for e in one.events]
    expected = [(e.name, e.phase) for e in facts.events if e.phase != "waiting" and one.name in e.actors]
    return [] if stated == expected else [f"takes part in {stated}, and the record says {expected}"]


def motion_faults(one: ObjectLabel, facts: Facts) -> list[str]:
    """Its box must be turned as one of the trajectory's bodies is, near that body, with the body's velocities."""
    poses, velocities, turns = facts.world_from_entity, facts.velocity_mps, facts.angular_velocity_radps
    if poses is None or velocities is None or turns is None:
        return []
    rotation = matrix_from_quaternion(one.box_world.quaternion_xyzw)
    turned = np.abs(poses[:, :3, :3] - rotation).max(axis=(1, 2)) < 1e-6
    away = np.linalg.norm(poses[:, :3, 3] - np.array(one.box_world.center_m), axis=1)
    near = turned & (away <= float(np.linalg.norm(one.box_world.size_m)) + 1.0)
    if not near.any():
        return ["no body of the trajectory stands as box_world says"]
    same = (velocities == np.array(one.velocity_mps)).all(axis=1) & (turns == np.array(one.angular_velocity_radps)).all(
        axis=1
    )
    if not (near & same).any():
        return [f"velocity {one.velocity_mps} is not that of the body that stands there"]
    return []
