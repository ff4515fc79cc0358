"""nuScenes: its tables of scenes, samples, annotations and calibration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from simgen.core.declare import choice, flag
from simgen.core.errors import OutputError
from simgen.core.geometry import Array, inverse, quaternion_from_matrix
from simgen.core.vocabulary import formats
from simgen.dataset.canonical import canonical, sha256
from simgen.dataset.codecs import Plane, encode
from simgen.dataset.format import Exported, Format, json_text, published
from simgen.dataset.pictures import carrier, objects, picture_name, picture_size, rectified, shown
from simgen.dataset.reader import Dataset, Episode, Frame
from simgen.labels import ObjectLabel
from simgen.scene.classes import CLASSES, SemanticClass, class_of_id
from simgen.scene.scene import EGO

Row = dict[str, Any]

_TABLES = (
    "attribute",
    "calibrated_sensor",
    "category",
    "ego_pose",
    "instance",
    "log",
    "map",
    "sample",
    "sample_annotation",
    "sample_data",
    "scene",
    "sensor",
    "visibility",
)
_VISIBILITY = {"1": (0, 40), "2": (40, 60), "3": (60, 80), "4": (80, 100)}
"""The levels' tokens, which readers take for numbers, and their bounds in percent."""

_ATTRIBUTES = {
    "pedestrian.moving": "The person moves.",
    "pedestrian.standing": "The person stays where he is.",
    "vehicle.moving": "The vehicle moves.",
    "vehicle.stopped": "The vehicle stands still, and drives at other times.",
    "vehicle.parked": "The vehicle stands still, and nobody drives it.",
    "cycle.with_rider": "Somebody rides it.",
    "cycle.without_rider": "Nobody rides it.",
}
_STILL_MPS = 0.1
_GAP_US = 1_000_000
"""Between one scene and the next, for readers that sort all samples by time."""
_BLANK_MAP = "maps/blank.png"


@formats.register("nuscenes")
class NuScenes(Format):
    """nuScenes' tables of a version, ``<version>/*.json``, with the pictures in ``samples/CAM_<SENSOR>/``.

    A scene is an episode, and a sample an instant; a picture belongs to the instant that it shows, as a key frame. One
    that shows it a second time (a frozen frame) is no key frame, and lies in ``sweeps/``. Time is in microseconds from
    the start of the first scene on, and each scene begins a second after the last. Boxes are in the world's frame, with
    width, length and height; visibility is that in the camera that sees most of the object. What carries the camera has
    no annotation, nor has what no camera sees.

    Cameras on the ego are calibrated against it. Where there is no ego, or the camera is not on it, the ego pose is the
    world's origin, and the calibration is where the camera stands.

    There is no map (its mask is blank), and no lidar: all counts of points are 0, so that nuScenes' own scoring, which
    leaves out boxes without points, needs that filter switched off.
    """

    version: str = choice(
        "v1.0-simgen",
        "v1.0-mini",
        "v1.0-trainval",
        "v1.0-test",
        default="v1.0-simgen",
        help="name of the tables' folder, for readers that know nuScenes' own names only",
    )
    categories: str = choice(
        "nuscenes",
        "simgen",
        default="nuscenes",
        help="nuscenes: its own categories, and only objects that have one; simgen: our classes, and all objects",
    )
    hidden: bool = flag(default=False, help="annotate also what no camera sees, as visible to less than 40 %")

    def _export(self, dataset: Dataset, out: Path) -> Exported:
        with published(out) as folder:
            tables = _Tables(self._categories())
            size = 0
            # A dataset's frames come by time: those of one episode follow each other.
            for _, frames in groupby(self.pictures(dataset), key=lambda frame: frame.episode.job):
                for frame, name in tables.add_scene(list(frames), self.hidden):
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    size += (folder / name).write_bytes(frame.data("rgb"))
            (folder / "maps").mkdir()
            size += (folder / _BLANK_MAP).write_bytes(_blank_map())
            (folder / self.version).mkdir()
            for name in _TABLES:
                size += (folder / self.version / f"{name}.json").write_text(json_text(tables.rows[name]))
        return Exported(
            path=out / self.version,
            images=len(tables.rows["sample_data"]),
            annotations=len(tables.rows["sample_annotation"]),
            size_bytes=size,
        )

    def _categories(self) -> Mapping[int, str]:
        """Class id -> the category's name."""
        if self.categories == "simgen":
            return {c.id: c.name for c in CLASSES if c.id > 0}
        return {c.id: c.nuscenes for c in CLASSES if c.nuscenes is not None and _has_boxes(c)}


def _has_boxes(semantic_class: SemanticClass) -> bool:
    """nuScenes has boxes of things; ground and buildings are classes of its point clouds."""
    return not (semantic_class.nuscenes or "").startswith(("flat.", "static."))


class _Tables:
    """The rows of all tables, in the order in which they come.

    Args:
        categories: class id -> the category's name. Other objects are left out.
    """

    def __init__(self, categories: Mapping[int, str]) -> None:
        self.rows: dict[str, list[Row]] = {name: [] for name in _TABLES}
        self._categories = categories
        self._known: dict[str, Row] = {}
        self._channels: dict[str, str] = {}
        self._start_us = 0
        for name in dict.fromkeys(categories.values()):
            ours = ", ".join(c.name for c in CLASSES if categories.get(c.id) == name)
            self._add("category", (name,), name=name, description=f"simgen's {ours}")
        for name, description in _ATTRIBUTES.items():
            self._add("attribute", (name,), name=name, description=description)
        for token, (low, high) in _VISIBILITY.items():
            description = f"visibility of whole object is between {low} and {high}%"
            self.rows["visibility"].append({"token": token, "level": f"v{low}-{high}", "description": description})
        self._add("map", (), category="semantic_prior", filename=_BLANK_MAP, log_tokens=[])

    def _add(self, table: str, key: tuple[Any, ...], **values: Any) -> Row:
        """The row of this key, which is new unless it was added before."""
        token = _token(table, *key)
        if token not in self._known:
            self._known[token] = {"token": token, **values}
            self.rows[table].append(self._known[token])
        return self._known[token]

    def add_scene(self, frames: list[Frame], hidden: bool) -> Iterable[tuple[Frame, str]]:
        """One episode's pictures; returns the place of each.

        Raises:
            OutputError: when a picture is bent by a lens, or two cameras have one name but for capitals.
        """
        episode = frames[0].episode
        facts = episode.summary.record.scenario
        log = self._add(
            "log",
            (episode.job,),
            logfile=episode.job,
            vehicle=EGO,
            date_captured="1970-01-01",
            location=facts.setting.name,
        )
        self.rows["map"][0]["log_tokens"].append(log["token"])
        instants: dict[int, list[Frame]] = defaultdict(list)
        for frame in frames:
            instants[frame.record.content_tick].append(frame)
        driven = _driven(episode)
        scene_token = _token("scene", episode.job)
        samples: list[Row] = []
        annotations: dict[int, list[Row]] = defaultdict(list)
        data: dict[str, list[Row]] = defaultdict(list)
        places: list[tuple[Frame, str]] = []
        for tick in sorted(instants):
            time_us = self._start_us + round(shown(instants[tick][0]).record.time_ns / 1000)
            sample = self._add("sample", (episode.job, tick), timestamp=time_us, scene_token=scene_token)
            samples.append(sample)
            pictured: set[str] = set()
            for frame in instants[tick]:
                row = self._picture(frame, sample, key_frame=frame.sensor not in pictured)
                pictured.add(frame.sensor)
                data[frame.sensor].append(row)
                places.append((frame, row["filename"]))
            for label, fraction in _seen(instants[tick], hidden):
                if label.semantic_id in self._categories:
                    row = self._annotation(episode.job, tick, sample, label, fraction, label.name in driven)
                    annotations[label.instance_id].append(row)
        for rows in (samples, *data.values(), *annotations.values()):
            _chain(rows)
        for instance_id, rows in annotations.items():
            instance = self._known[_token("instance", episode.job, instance_id)]
            instance["nbr_annotations"] = len(rows)
            instance["first_annotation_token"] = rows[0]["token"]
            instance["last_annotation_token"] = rows[-1]["token"]
        self._add(
            "scene",
            (episode.job,),
            log_token=log["token"],
            nbr_samples=len(samples),
            first_sample_token=samples[0]["token"],
            last_sample_token=samples[-1]["token"],
            name=f"{facts.name}-{facts.index:04d}-{episode.job[:8]}",
            description=", ".join(facts.tags),
        )
        self._start_us = samples[-1]["timestamp"] + _GAP_US
        return places

    def _picture(self, frame: Frame, sample: Row, key_frame: bool) -> Row:
        """The row of one picture, with its pose and calibration."""
        camera, ego = rectified(frame, "nuScenes"), shown(frame).record.ego
        world_from_ego = ego.matrix() if ego is not None and carrier(frame) == EGO else np.eye(4)
        ego_from_camera = inverse(world_from_ego) @ np.array(camera.world_from_camera)
        channel = self._channel(frame)
        sensor = self._add("sensor", (channel,), channel=channel, modality="camera")
        matrix = camera.restored().matrix.tolist()
        # To the nanometre: what differs by less differs by rounding, and is the same calibration.
        placed = _placed(np.round(ego_from_camera, 9) + 0.0)
        calibrated = self._add(
            "calibrated_sensor",
            (channel, placed, matrix),
            sensor_token=sensor["token"],
            **placed,
            camera_intrinsic=matrix,
        )
        key, time_us = (frame.frame_id,), sample["timestamp"]
        pose = self._add("ego_pose", key, timestamp=time_us, **_placed(world_from_ego))
        width, height = picture_size(frame)
        name = picture_name(frame)
        return self._add(
            "sample_data",
            key,
            sample_token=sample["token"],
            ego_pose_token=pose["token"],
            calibrated_sensor_token=calibrated["token"],
            timestamp=time_us,
            fileformat=frame.path("rgb").suffix[1:],
            is_key_frame=key_frame,
            height=height,
            width=width,
            filename=f"{'samples' if key_frame else 'sweeps'}/{channel}/{name}",
        )

    def _channel(self, frame: Frame) -> str:
        channel = f"CAM_{frame.sensor.upper()}"
        known = self._channels.setdefault(channel, frame.sensor)
        if known != frame.sensor:
            raise OutputError(
                f"the cameras '{known}' and '{frame.sensor}' would both be {channel}",
                where=frame.frame_id,
                remedy="give one of them another name, and render again",
            )
        return channel

    def _annotation(self, job: str, tick: int, sample: Row, label: ObjectLabel, fraction: float, driven: bool) -> Row:
        category = self._categories[label.semantic_id]
        instance = self._add("instance", (job, label.instance_id), category_token=_token("category", category))
        box = label.box_world
        length, width, height = box.size_m
        x, y, z, w = box.quaternion_xyzw
        attribute = _attribute(label, driven)
        return self._add(
            "sample_annotation",
            (job, tick, label.instance_id),
            sample_token=sample["token"],
            instance_token=instance["token"],
            visibility_token=_visibility(fraction),
            attribute_tokens=[] if attribute is None else [_token("attribute", attribute)],
            translation=list(box.center_m),
            size=[width, length, height],
            rotation=[w, x, y, z],
            num_lidar_pts=0,
            num_radar_pts=0,
        )


def _token(table: str, *key: Any) -> str:
    """32 hex digits, the same for the same row of the same dataset."""
    return sha256(canonical([table, *key]))[:32]


def _chain(rows: list[Row]) -> None:
    """Links rows that follow each other in time."""
    for i, row in enumerate(rows):
        row["prev"] = rows[i - 1]["token"] if i else ""
        row["next"] = rows[i + 1]["token"] if i + 1 < len(rows) else ""


def _placed(target_from_source: Array) -> dict[str, list[float]]:
    """A pose as nuScenes writes it: x, y, z and w, x, y, z."""
    x, y, z, w = quaternion_from_matrix(target_from_source).tolist()
    return {"translation": target_from_source[:3, 3].tolist(), "rotation": [w, x, y, z]}


def _seen(frames: Iterable[Frame], hidden: bool) -> list[tuple[ObjectLabel, float]]:
    """What is in the pictures of one instant, each object once and by its id, and its greatest visible fraction."""
    found: dict[int, tuple[ObjectLabel, float]] = {}
    for frame in frames:
        for label in objects(frame):
            if label.visible_pixels or hidden:
                _, most = found.get(label.instance_id, (label, 0.0))
                found[label.instance_id] = label, max(most, label.visible_fraction)
    return [found[i] for i in sorted(found)]


def _visibility(fraction: float) -> str:
    """The token of the level of a visible fraction."""
    return next(token for token, (_, high) in _VISIBILITY.items() if 100 * fraction <= high or high == 100)


def _driven(episode: Episode) -> frozenset[str]:
    """The actors that have a behavior, or act in the story: a vehicle that is none of them is parked."""
    scenario = episode.concrete
    acting = {action.subject for event in scenario.story for action in event.do}
    return frozenset(acting | {actor.name for actor in scenario.actors if actor.behavior is not None})


def _attribute(label: ObjectLabel, driven: bool) -> str | None:
    """nuScenes' attribute of an object at an instant; None for categories without."""
    category = class_of_id(label.semantic_id).nuscenes or ""
    moves = float(np.linalg.norm(label.velocity_mps)) > _STILL_MPS
    if category in ("vehicle.bicycle", "vehicle.motorcycle"):
        ridden = label.semantic == "cyclist" or label.model == "motorcycle"
        return "cycle.with_rider" if ridden else "cycle.without_rider"
    if category.startswith("vehicle."):
        return "vehicle.moving" if moves else "vehicle.stopped" if driven else "vehicle.parked"
    if category in ("human.pedestrian.adult", "human.pedestrian.child"):
        return "pedestrian.moving" if moves else "pedestrian.standing"
    return None


def _blank_map() -> bytes:
    return encode(Plane(name="map", pixels=np.zeros((1, 1), np.uint8), codec="png"), "no map")
