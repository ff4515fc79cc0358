"""One sensor at one instant: what it delivered, the truth behind it, and the record of how it came to be."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.dataset.canonical import pixels_digest
from simgen.dataset.codecs import (
    Encoding,
    Plane,
    depth_plane,
    flow_plane,
    id_plane,
    normal_plane,
    rgb_plane,
)
from simgen.dataset.layout import image_path
from simgen.dataset.record import FrameRecord, OutputFacts
from simgen.labels import FrameLabels
from simgen.labels.flow import Flow
from simgen.rendering.protocol import RenderBuffers
from simgen.scene.classes import CLASSES
from simgen.scene.scene import SceneView
from simgen.sensing.frame import SensorFrame

USUAL = ("rgb", "depth", "instance", "semantic")


@dataclass(frozen=True, kw_only=True, eq=False)
class FrameBundle:
    """One frame. Arrays are (H, W) or (H, W, 3), row 0 at the top.

    ``record`` and ``planes`` are made when first asked for: whoever only looks at pictures does not pay for digests.

    Attributes:
        sensor, frame_index: which one; frames of a sensor count from 0.
        view: the scene as it stood when the frame was rendered.
        camera: true calibration, which buffers and labels follow.
        buffers: the clean picture.
        frame: what the sensor delivered.
        labels: of the instant of rendering; ``content_labels`` of the instant that the delivered picture shows, where
            that is another one (frozen or late), else None.
        outputs: which images are stored, and ``encoding`` how.
        flow_forward, flow_backward: to the sensor's next and last frame, where flow was asked for and there is one.
    """

    sensor: str
    frame_index: int
    view: SceneView
    camera: Camera
    buffers: RenderBuffers
    frame: SensorFrame
    labels: FrameLabels
    content_labels: FrameLabels | None
    draft: Callable[[tuple[OutputFacts, ...]], FrameRecord]
    outputs: tuple[str, ...] = USUAL
    encoding: Encoding = field(default_factory=Encoding)
    flow_forward: Flow | None = None
    flow_backward: Flow | None = None

    @property
    def time_s(self) -> float:
        return self.view.snapshot.time_s

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """(H, W, 3) uint8 sRGB as delivered; None where the frame was dropped or the sensor has no colour."""
        return self.frame.image if self.frame.delivered else None

    @property
    def depth_m(self) -> NDArray[np.float32]:
        """True planar depth; +inf where there is only sky. ``frame.depth_m`` is what a depth camera measured."""
        return self.buffers.depth_m

    @property
    def instance(self) -> NDArray[np.uint32]:
        return self.buffers.instance

    @property
    def semantic(self) -> NDArray[np.uint16]:
        return self.buffers.semantic

    @property
    def normal(self) -> NDArray[np.float32] | None:
        """(H, W, 3) in the camera's frame, where it was asked for."""
        return self.buffers.normal

    @property
    def part(self) -> NDArray[np.uint32] | None:
        """(H, W) which rigid part a pixel shows: 1 + its index among the scene's nodes; 0 is sky."""
        return None if self.buffers.node is None else (self.buffers.node + 1).astype(np.uint32)

    @functools.cached_property
    def planes(self) -> tuple[Plane, ...]:
        """The arrays as they are stored."""
        far_m, delivered = self.camera.far_m, self.frame.delivered
        scene, buffers, encoding = self.view.scene, self.buffers, self.encoding
        # What flow can be proved with is stored beside it.
        asked = {*self.outputs, *(("depth", "part") if "flow" in self.outputs else ())}
        planes = []
        if "rgb" in asked and self.image is not None:
            planes.append(rgb_plane(self.image, encoding))
        if "depth" in asked:
            planes.append(depth_plane("depth", buffers.depth_m, far_m, encoding))
        if "instance" in asked:
            largest_id = max((e.instance_id for e in scene.entities), default=0)
            planes.append(id_plane("instance", buffers.instance, largest_id))
        if "semantic" in asked:
            planes.append(id_plane("semantic", buffers.semantic, len(CLASSES) - 1))
        if "part" in asked and self.part is not None:
            planes.append(id_plane("part", self.part, len(scene.nodes)))
        if "normal" in asked and buffers.normal is not None:
            planes.append(normal_plane(buffers.normal))
        for name, flow in (("flow_forward", self.flow_forward), ("flow_backward", self.flow_backward)):
            if "flow" in asked and flow is not None:
                planes.append(flow_plane(name, flow, encoding))
        if self.frame.depth_m is not None and delivered:
            planes.append(depth_plane("depth_measured", self.frame.depth_m, far_m, encoding))
        if self.frame.depth_cause is not None and delivered:
            planes.append(Plane(name="depth_cause", pixels=self.frame.depth_cause, codec="png"))
        if self.frame.lens_blocked is not None:
            planes.append(Plane(name="lens_blocked", pixels=self.frame.lens_blocked, codec="png"))
        return tuple(planes)

    @functools.cached_property
    def record(self) -> FrameRecord:
        return self.draft(tuple(self._output(plane) for plane in self.planes))

    def _output(self, plane: Plane) -> OutputFacts:
        return OutputFacts(
            name=plane.name,
            path=image_path(self.sensor, plane.name, self.frame_index, plane.extension),
            codec=plane.codec,
            dtype=plane.pixels.dtype.name,
            shape=plane.pixels.shape,
            unit=plane.unit,
            scale=plane.scale,
            offset=plane.offset,
            quality=plane.quality,
            pixels_sha256=pixels_digest(plane.pixels),
        )
