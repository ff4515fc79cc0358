"""ASAM OpenLABEL 1.0.0."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from simgen.core.geometry import Array, quaternion_from_matrix
from simgen.core.vocabulary import formats
from simgen.dataset.format import Exported, Format, json_text, published
from simgen.dataset.pictures import degradation, objects, picture_name, present, shown
from simgen.dataset.reader import Dataset, Frame
from simgen.dataset.record import CameraFacts, LensFacts
from simgen.labels import ObjectLabel
from simgen.labels.geometry import Box2D
from simgen.scene.classes import CLASSES
from simgen.scene.scene import EGO

Json = dict[str, Any]

_WORLD = "world"
_CLASSES = "classes.json"


@formats.register("openlabel")
class OpenLabel(Format):
    """ASAM OpenLABEL 1.0.0: a file per episode, ``<job id>.json``, with ``images/`` and the ontology ``classes.json``.

    A frame is an instant at which cameras gave pictures, its streams; times are in nanoseconds. Objects have a cuboid
    and a velocity in the world, at the time of the frame, and boxes in each picture, around what the picture shows:
    ``visible_<sensor>`` around what is seen, ``amodal_<sensor>`` around all that is inside the picture, with shares of
    what is visible, occluded and truncated. What is hidden has no visible box. In a frozen or late picture boxes are
    those of an earlier instant, which the stream's ``sync`` names; ``simgen_faults``, ``simgen_blind`` and
    ``simgen_repeated`` beside it say what became of the picture. What carries a camera is not among what that camera
    sees.

    Actions are those of the story, with the object that does them where it is one. ``transforms`` take points from each
    camera, and from the ego, to the world. Pictures stay as the lens bends them: coefficients are OpenCV's. Boxes count
    from the picture's outer edges, and the camera matrix, as OpenCV's, from the middle of the first pixel.
    """

    def _export(self, dataset: Dataset, out: Path) -> Exported:
        images = annotations = size = 0
        with published(out) as folder:
            (folder / "images").mkdir()
            size += (folder / _CLASSES).write_text(json_text(_ontology()))
            # A dataset's frames come by time: those of one episode follow each other.
            for job, of_episode in groupby(self.pictures(dataset), key=lambda frame: frame.episode.job):
                frames = list(of_episode)
                for frame in frames:
                    size += (folder / _uri(frame)).write_bytes(frame.data("rgb"))
                    annotations += sum(label.bbox_visible is not None for label in objects(frame))
                images += len(frames)
                size += (folder / f"{job}.json").write_text(json_text({"openlabel": _episode(frames)}))
        return Exported(path=out, images=images, annotations=annotations, size_bytes=size)


def _ontology() -> list[Json]:
    """What the types of objects are, and their names in other taxonomies."""
    names = ("coco", "kitti", "cityscapes", "nuscenes")
    return [{"type": c.name, "id": c.id, **{n: getattr(c, n) for n in names}} for c in CLASSES if c.id > 0]


def _uri(frame: Frame) -> str:
    return f"images/{picture_name(frame)}"


def _episode(frames: Sequence[Frame]) -> Json:
    """The document of one episode's pictures, which come by time."""
    scenario = frames[0].episode.summary.record.scenario
    instants = [list(group) for _, group in groupby(frames, key=lambda frame: frame.row.tick)]
    sensors = {frame.sensor: frame.record.content_camera for frame in reversed(frames)}
    sensors = dict(sorted(sensors.items()))
    story = _Story(frames[0])
    found = _Objects()
    documents: Json = {}
    for number, instant in enumerate(instants):
        documents[str(number)] = {
            "frame_properties": _properties(instant, sensors),
            "objects": {uid: {"object_data": data} for uid, data in found.at(number, instant).items()},
            "actions": {uid: {} for uid in story.at(number, instant[0])},
        }
    systems = [*([EGO] if frames[0].record.ego is not None else []), *sensors]
    return {
        "metadata": {
            "schema_version": "1.0.0",
            "annotator": "simgen",
            "name": f"{scenario.name} #{scenario.index}",
            "simgen_job": frames[0].episode.job,
        },
        "ontologies": {"0": {"uri": _CLASSES}},
        "coordinate_systems": {
            _WORLD: {"type": "scene_cs", "parent": "", "children": systems},
            # Readers that walk down the tree want children of all, though the schema lets them be left out.
            **{
                s: {"type": "sensor_cs" if s in sensors else "local_cs", "parent": _WORLD, "children": []}
                for s in systems
            },
        },
        "streams": {s: {"type": "camera", "stream_properties": _intrinsics(c)} for s, c in sensors.items()},
        "frame_intervals": _intervals(range(len(instants))),
        "objects": found.documents(),
        "actions": story.documents(),
        "relations": story.relations(found.uids),
        "frames": documents,
    }


def _properties(instant: Sequence[Frame], sensors: dict[str, CameraFacts]) -> Json:
    """Time, streams and transforms of one frame; a stream states its calibration where it has drifted."""
    streams: Json = {}
    transforms: Json = {}
    if (ego := instant[0].record.ego) is not None:
        transforms |= _transform(EGO, ego.matrix())
    for frame in instant:
        camera = frame.record.content_camera
        sync = {"frame_stream": frame.frame_index, "timestamp": shown(frame).record.time_ns}
        own = _intrinsics(camera)
        drifted = own if own != _intrinsics(sensors[frame.sensor]) else {}
        became = {f"simgen_{name}": value for name, value in degradation(frame).items()}
        streams[frame.sensor] = {"uri": _uri(frame), "stream_properties": {"sync": sync, **became, **drifted}}
        transforms |= _transform(frame.sensor, np.array(camera.world_from_camera))
    return {"timestamp": instant[0].record.time_ns, "streams": streams, "transforms": transforms}


def _transform(source: str, world_from_source: Array) -> Json:
    data = {
        "quaternion": quaternion_from_matrix(world_from_source).tolist(),
        "translation": world_from_source[:3, 3].tolist(),
    }
    return {f"{source}_to_{_WORLD}": {"src": source, "dst": _WORLD, "transform_src_to_dst": data}}


def _intrinsics(camera: CameraFacts) -> Json:
    size = {"width_px": camera.width_px, "height_px": camera.height_px}
    lens = camera.lens
    if lens is not None and lens.model == "kannala_brandt":
        fisheye = {
            "focal_length_x": camera.fx_px,
            "focal_length_y": camera.fy_px,
            "center_x_px": camera.cx_px,
            "center_y_px": camera.cy_px,
            "lens_coeffs": [lens.k1, lens.k2, lens.k3, lens.k4],
        }
        return {"intrinsics_fisheye": {**size, **fisheye}}
    matrix = [camera.fx_px, 0.0, camera.cx_px, 0.0, 0.0, camera.fy_px, camera.cy_px, 0.0, 0.0, 0.0, 1.0, 0.0]
    bent = {} if lens is None else {"distortion_coeffs": _brown_conrady(lens)}
    return {"intrinsics_pinhole": {**size, "camera_matrix": matrix, **bent}}


def _brown_conrady(lens: LensFacts) -> list[float]:
    """In OpenCV's order."""
    return [lens.k1, lens.k2, lens.p1, lens.p2, lens.k3, lens.k4, lens.k5, lens.k6]


class _Objects:
    """The objects of an episode, collected frame by frame."""

    def __init__(self) -> None:
        self._labels: dict[int, ObjectLabel] = {}
        self._frames: dict[int, dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(list))

    def at(self, number: int, instant: Sequence[Frame]) -> dict[str, Json]:
        """Object data by object, of the frame ``number``."""
        data: dict[int, dict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
        # All cameras say the same of where a thing is, but not all have it in their picture.
        for label in {o.instance_id: o for frame in instant for o in present(frame)}.values():
            self._labels.setdefault(label.instance_id, label)
            data[label.instance_id]["cuboid"].append(_cuboid(label))
            data[label.instance_id]["vec"].append(_velocity(label))
        for frame in instant:
            for label in objects(frame):
                self._labels.setdefault(label.instance_id, label)
                for name, box in (("visible", label.bbox_visible), ("amodal", label.bbox_amodal)):
                    if box is not None and label.amodal_pixels:
                        data[label.instance_id]["bbox"].append(_bbox(f"{name}_{frame.sensor}", frame, box, label))
        for instance_id, kinds in data.items():
            for kind, items in kinds.items():
                for item in items:
                    self._frames[instance_id][kind, item["name"]].append(number)
        return {str(i): dict(data[i]) for i in sorted(data) if data[i]}

    @property
    def uids(self) -> dict[str, str]:
        """The object's key by the actor's name."""
        return {label.name: str(i) for i, label in self._labels.items() if i in self._frames}

    def documents(self) -> Json:
        """Everything that does not change, and in which frames there is what."""
        return {
            str(i): {
                "name": self._labels[i].name,
                "type": self._labels[i].semantic,
                "ontology_uid": "0",
                "frame_intervals": _intervals({n for numbers in self._frames[i].values() for n in numbers}),
                "object_data": {"text": [{"name": "model", "val": self._labels[i].model}]},
                "object_data_pointers": {
                    name: {"type": kind, "frame_intervals": _intervals(numbers)}
                    for (kind, name), numbers in sorted(self._frames[i].items())
                },
            }
            for i in sorted(self._frames)
        }


def _cuboid(label: ObjectLabel) -> Json:
    box = label.box_world
    values = [*box.center_m, *box.quaternion_xyzw, *box.size_m]
    return {"name": "shape", "val": values, "coordinate_system": _WORLD}


def _velocity(label: ObjectLabel) -> Json:
    return {"name": "velocity_mps", "val": list(label.velocity_mps), "coordinate_system": _WORLD}


def _bbox(name: str, frame: Frame, edges: Box2D, label: ObjectLabel) -> Json:
    x_min, y_min, x_max, y_max = edges
    shares = {
        "visible_fraction": label.visible_fraction,
        "occlusion": label.occlusion,
        "truncation": label.truncation,
    }
    return {
        "name": name,
        "val": [(x_min + x_max) / 2, (y_min + y_max) / 2, x_max - x_min, y_max - y_min],
        "coordinate_system": frame.sensor,
        "attributes": {"num": [{"name": n, "val": v} for n, v in shares.items()]},
    }


class _Story:
    """The actions of an episode, one for each thing that an event of the story does; collected frame by frame."""

    def __init__(self, frame: Frame) -> None:
        story = frame.episode.concrete.story
        self._actions = [(event.name, action) for event in story for action in event.do]
        self._frames: dict[int, list[int]] = defaultdict(list)
        self._before_s = -math.inf

    def at(self, number: int, frame: Frame) -> list[str]:
        """The keys of the actions that run in the frame ``number``, or have since the frame before: many are short."""
        running = {
            event.name
            for event in frame.record.events
            if event.phase == "running" or (event.end_s is not None and event.end_s > self._before_s)
        }
        self._before_s = frame.time_s
        found = [i for i, (event, _) in enumerate(self._actions) if event in running]
        for i in found:
            self._frames[i].append(number)
        return [str(i) for i in found]

    def documents(self) -> Json:
        return {
            str(i): {"name": event, "type": action.action.name, "frame_intervals": _intervals(self._frames[i])}
            for i, (event, action) in enumerate(self._actions)
            if i in self._frames
        }

    def relations(self, uids: dict[str, str]) -> Json:
        """Who does what; no relation where a camera acts, or somebody whom none sees."""
        return {
            str(i): {
                "name": f"{action.subject} {action.action.name}",
                "type": "isSubjectOfAction",
                "rdf_subjects": [{"type": "object", "uid": uids[action.subject]}],
                "rdf_objects": [{"type": "action", "uid": str(i)}],
            }
            for i, (_, action) in enumerate(self._actions)
            if i in self._frames and action.subject in uids
        }


def _intervals(numbers: Iterable[int]) -> list[Json]:
    """The runs of frames that follow each other, both ends included."""
    runs = groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    spans = ([number for _, number in run] for _, run in runs)
    return [{"frame_start": span[0], "frame_end": span[-1]} for span in spans]
