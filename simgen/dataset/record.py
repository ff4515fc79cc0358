"""FrameRecord: all that one frame follows from, and the digests that bind it.

What is constant along an episode (scenario, draws, assets, engine, software) forms an ``EpisodeRecord`` that is
stored once, in ``episode.json``. A FrameRecord holds it whole, but is stored, and digested, with its digest in its
place: ``restore`` joins the two again and checks that they belong together.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict

from simgen.core.camera import Camera
from simgen.core.errors import DatasetFault
from simgen.core.geometry import Array, matrix_from_quaternion, pose
from simgen.core.lens import MODELS, Lens, lens_of_facts
from simgen.dataset.canonical import Json, canonical, plain, sha256
from simgen.dataset.codecs import Codec
from simgen.dataset.platform import PlatformFacts
from simgen.language.logical import Source
from simgen.sampling.concrete import DrawRecord, Use

SCHEMA_VERSION: Literal[1] = 1

Row4 = tuple[float, float, float, float]
Matrix4 = tuple[Row4, Row4, Row4, Row4]
Vector = tuple[float, float, float]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Digested(_Frozen):
    """A model that keeps digests of itself once they are taken; a copy takes its own."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copy = super().model_copy(update=update, deep=deep)
        for kept in ("digest", "stored"):
            copy.__dict__.pop(kept, None)
        return copy


class ScenarioFacts(_Frozen):
    """The concrete scenario. ``digest`` is that of the whole of it, which lies beside as scenario.yaml."""

    name: str
    digest: str
    sources: tuple[Source, ...]
    tags: tuple[str, ...]
    seed: int
    index: int
    method: str
    attempt: int
    rejections: dict[str, int]
    parameters: dict[str, Any]
    setting: Use
    draws: tuple[DrawRecord, ...]


class EventDefinition(_Frozen):
    """An event of the story: what it acts on, and the file and line that define it."""

    name: str
    defined_at: str
    subjects: tuple[str, ...]


class AssetFacts(_Frozen):
    """An asset in the scene: where it comes from, hex SHA-256 of what defines it, SPDX licence, who wears it."""

    id: str
    digest: str
    licence: str
    entities: tuple[str, ...]


class PhysicsFacts(_Frozen):
    """The physics engine and all settings that its results depend on.

    ``settings`` are the engine's own parameters by their own names (solver iterations, ERP …).
    """

    engine: str
    step_s: float
    settings: dict[str, bool | int | float | str]

    @classmethod
    def of(cls, facts: object) -> PhysicsFacts:
        """From what the simulation states of its engine: a dataclass with ``engine``, ``step_s`` and its settings."""
        document = plain(facts)
        assert isinstance(document, dict)
        engine, step_s = document.pop("engine"), document.pop("step_s")
        return cls.model_validate({"engine": engine, "step_s": step_s, "settings": document})


class RendererFacts(_Frozen):
    """As ``RendererInfo``."""

    name: str
    vendor: str
    version: str
    antialiasing: str


class EpisodeRecord(_Digested):
    """What all frames of one episode have in common."""

    schema_version: Literal[1] = SCHEMA_VERSION
    job: str
    scenario: ScenarioFacts
    events: tuple[EventDefinition, ...]
    assets: tuple[AssetFacts, ...]
    physics: PhysicsFacts
    renderer: RendererFacts
    platform: PlatformFacts

    @functools.cached_property
    def digest(self) -> str:
        """Hex SHA-256 of the canonical JSON."""
        return sha256(canonical(plain(self)))


class EventFacts(_Frozen):
    """An event at the instant of the frame. Times in s of simulation; None before they happen."""

    name: str
    phase: Literal["waiting", "running", "complete"]
    start_s: float | None
    end_s: float | None
    actors: tuple[str, ...]


class PoseFacts(_Frozen):
    """An entity's body frame in the world, and its velocity in world axes."""

    entity: str
    position_m: Vector
    quaternion_xyzw: Row4
    velocity_mps: Vector
    angular_velocity_radps: Vector

    def matrix(self) -> Array:
        """(4, 4) world_from_entity."""
        return pose(self.position_m, matrix_from_quaternion(self.quaternion_xyzw))


class LensFacts(_Frozen):
    """A lens: its model, and its coefficients by OpenCV's names (``cv2.projectPoints`` for brown_conrady,
    ``cv2.fisheye.projectPoints`` for kannala_brandt). ``max_angle_rad``: where a fisheye's image ends."""

    model: Literal["brown_conrady", "kannala_brandt"]
    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    k5: float = 0.0
    k6: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    max_angle_rad: float | None = None

    @property
    def stated(self) -> dict[str, Any]:
        """The model and what it has of coefficients."""
        known = {"model"} | {f.name for f in fields(MODELS[self.model])}
        return {name: value for name, value in self.model_dump().items() if name in known}

    def restored(self) -> Lens | None:
        """Raises DatasetFault for coefficients that the model does not have."""
        strange = [n for n, value in self.model_dump().items() if value and n not in self.stated]
        if strange:
            raise DatasetFault(f"a {self.model} lens has no {strange[0]}")
        return lens_of_facts(self.stated)


class CameraFacts(_Frozen):
    """As ``Camera``. ``lens`` is None for a pinhole; ``depth`` says what the depth image counts: planar z, or the range
    along the ray."""

    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    world_from_camera: Matrix4
    near_m: float
    far_m: float
    lens: LensFacts | None
    depth: Literal["planar", "range"]

    @classmethod
    def of(cls, camera: Camera) -> CameraFacts:
        document = {f.name: plain(getattr(camera, f.name)) for f in fields(camera) if f.name != "lens"}
        lens = None if camera.lens is None else LensFacts(**camera.lens.facts())
        return cls.model_validate({**document, "lens": lens, "depth": camera.depth})

    def restored(self) -> Camera:
        """Raises DatasetFault when it is no camera."""
        document = self.model_dump(exclude={"lens", "depth"})
        lens = None if self.lens is None else self.lens.restored()
        camera = Camera(**{**document, "lens": lens, "world_from_camera": np.array(self.world_from_camera)})
        if camera.depth != self.depth:
            raise DatasetFault(f"the record says {self.depth} depth, and its lens has {camera.depth} depth")
        return camera


class EffectFacts(_Frozen):
    """An effect that acted on the frame.

    Attributes:
        values: parameters in declared units. Its noise is drawn from the scenario's seed and index, the sensor's name
            and its own (``core.seeds.Key``).
        origin: who put it there: the environment's weather, the sensor's own list, or the story event ``event``.
    """

    name: str
    kind: str
    stage: str
    values: dict[str, Any]
    origin: Literal["environment", "sensor", "event"]
    event: str


class OutputFacts(_Frozen):
    """One image of the frame.

    Attributes:
        path: inside the episode's folder.
        codec, dtype, shape: of the stored array.
        unit: of the value ``scale`` times the stored one, plus ``offset``; None for plain numbers.
        quality: of a JPEG, 1 to 100.
        pixels_sha256: digest of the array given to the codec (``canonical.pixels_digest``). A lossless codec gives
            the same array back; for JPEG it is the picture before encoding, and the digest of the file, kept beside
            the record, vouches for what was written.
    """

    name: str
    path: str
    codec: Codec
    dtype: str
    shape: tuple[int, ...]
    unit: str | None
    scale: float | None
    offset: float | None = None
    quality: int | None = None
    pixels_sha256: str


class FrameRecord(_Digested):
    """One sensor at one instant.

    Attributes:
        tick, step, time_ns: control tick, physics step and time of simulation at which the frame was rendered.
        content_tick: tick of what the picture shows; it differs where a frame came late or frozen.
        measurement_time_ns, delivery_time_ns: as the sensor reports them.
        ego: the entity "ego", or None where the scenario has none.
        camera: true calibration at ``tick``, which buffers and labels follow.
        content_camera: true calibration at ``content_tick``.
        nominal_camera: what the sensor states; it differs while its calibration drifts.
        blind, exposure_s, gain, extinction_per_m: as ``SensorFrame``.
        environment: as ``Environment``.
        effects: active effects, in the order in which they acted.
        state_digest: of all physics steps so far.
        previous_state_digest: that of the frame before of the same sensor; "" for its first.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    episode: EpisodeRecord
    sensor: str
    frame_index: int
    tick: int
    step: int
    time_ns: int
    content_tick: int
    measurement_time_ns: int
    delivery_time_ns: int
    delivered: bool
    events: tuple[EventFacts, ...]
    ego: PoseFacts | None
    blind: bool
    camera: CameraFacts
    content_camera: CameraFacts
    nominal_camera: CameraFacts
    environment: dict[str, Any]
    exposure_s: float
    gain: float
    extinction_per_m: float
    effects: tuple[EffectFacts, ...]
    outputs: tuple[OutputFacts, ...]
    state_digest: str
    previous_state_digest: str

    @property
    def frame_id(self) -> str:
        """``<job id>/<sensor>/<frame index>``."""
        return f"{self.episode.job}/{self.sensor}/{self.frame_index:06d}"

    @property
    def job(self) -> str:
        return self.episode.job

    @functools.cached_property
    def stored(self) -> bytes:
        """Canonical JSON with the episode's digest in the place of the episode: what frames.parquet holds."""
        document = plain(self.model_dump(exclude={"episode"}))
        assert isinstance(document, dict)
        return canonical({**document, "episode": self.episode.digest})

    @functools.cached_property
    def digest(self) -> str:
        """Hex SHA-256 of ``stored``: the record digest. It binds the episode's facts through their digest."""
        return sha256(self.stored)

    def document(self) -> dict[str, Json]:
        """The whole record as plain values."""
        document = plain(self)
        assert isinstance(document, dict)
        return document

    @classmethod
    def restore(cls, document: object, episode: EpisodeRecord) -> FrameRecord:
        """The record from its stored form and its episode's facts.

        Raises:
            DatasetFault: when the record was made in another episode than this one, or is none.
        """
        if not isinstance(document, dict):
            raise DatasetFault("not a record")
        named = document.get("episode")
        if named != episode.digest:
            raise DatasetFault(
                f"the record names the episode facts {named}, and these are {episode.digest}",
                where=f"{episode.job}/{document.get('sensor')}/{document.get('frame_index')}",
            )
        return cls.model_validate({**document, "episode": episode})
