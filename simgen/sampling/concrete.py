"""The concrete scenario: every value fixed, with the record of each draw. It is a file that runs as it is."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Literal

import rfc8785
import yaml
from pydantic import BaseModel, ConfigDict, Field

from simgen.core.errors import Place
from simgen.core.seeds import MAX_SEED, SAMPLES
from simgen.language.logical import Randomize, Source

NUMBER = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")
"""Plain scalars that a concrete scenario's file means as numbers."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Use(_Frozen):
    """Something registered, with plain parameter values in declared units."""

    name: str
    parameters: dict[str, Any] = {}


class ConcreteActor(_Frozen):
    """One actor. Pose in the world frame; lane, s and t where the actor stands on the road (else None).

    ``carrier`` is the actor on which it stands at the start, whose velocity it has then.
    ``mass_kg``, ``friction``, ``restitution`` and the figures of motors stand in place of what the model says, where
    they are given.
    """

    name: str
    model: Use
    position_m: tuple[float, float, float]
    yaw_rad: float
    lane: int | None = None
    s_m: float | None = None
    t_m: float | None = None
    carrier: str | None = None
    speed_mps: float = 0.0
    behavior: Use | None = None
    mass_kg: float | None = None
    friction: float | None = None
    restitution: float | None = None
    motor_gain: float | None = None
    joint_friction: float | None = None


class ConcreteSensor(_Frozen):
    """``sensor.name`` is the kind (camera, depth_camera)."""

    name: str
    sensor: Use
    effects: tuple[Use, ...] = ()


class ConcreteAction(_Frozen):
    """``action.name`` is an action, or an effect when ``subject`` is a sensor."""

    subject: str
    action: Use


class ConcreteAfter(_Frozen):
    event: str
    delay_s: float = 0.0


class ConcreteBefore(_Frozen):
    event: str
    by_s: float


class ConcreteMeet(_Frozen):
    actor: str
    point: Literal["front", "rear", "center"] = "front"
    overlap: float


class ConcreteEvent(_Frozen):
    """One event; conditions stay expressions, evaluated on the run. ``defined_at`` is file:line:column."""

    name: str
    do: tuple[ConcreteAction, ...]
    when: str | None = None
    after: ConcreteAfter | None = None
    before: ConcreteBefore | None = None
    duration_s: float | None = None
    until: str | None = None
    meet: ConcreteMeet | None = None
    repeat: int = 1
    priority: int = 0
    once: bool = True
    defined_at: str = ""

    @property
    def place(self) -> Place | None:
        """Where the file defines it, if that is known."""
        file, *numbers = self.defined_at.rsplit(":", 2)
        if len(numbers) < 2 or not all(number.isdecimal() for number in numbers):
            return None
        return Place(file, int(numbers[0]), int(numbers[1]), len(self.name))


class ConcreteExpectation(_Frozen):
    condition: str
    on_miss: Literal["report", "reject", "fail"] = "report"


class DrawRecord(_Frozen):
    """One draw: the value at ``path`` came from ``distribution(parameters)`` at quantile ``uniform``."""

    path: str
    distribution: str
    parameters: dict[str, Any]
    uniform: float
    value: Any


class ConcreteScenario(_Frozen):
    """One sample of a scenario, SI units.

    ``attempt`` is how many draws ``require`` turned down before this one; ``rejections`` counts them by requirement.
    """

    simgen: Literal[1] = 1
    concrete: str
    summary: str = ""
    tags: tuple[str, ...] = ()
    seed: int = Field(ge=0, le=MAX_SEED)
    index: int = Field(ge=0, lt=SAMPLES)
    method: str = "random"
    attempt: int = 0
    rejections: dict[str, int] = {}
    sources: tuple[Source, ...] = ()
    parameters: dict[str, Any] = {}
    setting: Use
    environment: dict[str, Any] = {}
    randomize: Randomize = "default"
    actors: tuple[ConcreteActor, ...] = ()
    sensors: tuple[ConcreteSensor, ...] = ()
    story: tuple[ConcreteEvent, ...] = ()
    end: str | None = None
    require: tuple[str, ...] = ()
    expect: tuple[ConcreteExpectation, ...] = ()
    draws: tuple[DrawRecord, ...] = ()

    @property
    def name(self) -> str:
        return self.concrete

    def document(self) -> dict[str, Any]:
        """Plain mappings, lists, text and numbers."""
        return self.model_dump(mode="json")

    def digest(self) -> str:
        """Hex SHA-256 of the canonical JSON (RFC 8785)."""
        return hashlib.sha256(rfc8785.dumps(self.document())).hexdigest()

    def to_yaml(self) -> str:
        """YAML that ``read`` reads back to an equal scenario, which dumps to the same bytes again."""
        return yaml.dump(self.document(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes every value out, and in quotes what PyYAML would fold at a line break that it does not read back, or
    write bare though ``read`` takes it for a number ("1e3", "089")."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    quoted = any(c in text for c in "\x85\u2028\u2029") or NUMBER.fullmatch(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


_Dumper.add_representer(str, _write_text)


def read(text: str, file: str) -> ConcreteScenario:
    """The concrete scenario that ``text`` holds, as ``to_yaml`` writes it or edited by hand.

    Args:
        file: its name as the user knows it, for messages.

    Raises:
        ScenarioInvalid: with every mistake: what is no YAML, keys and values that a concrete scenario does not have,
            names that nothing is registered under, parameters outside of what they may be.
    """
    from simgen.sampling.reading import read_concrete

    return read_concrete(text, file)
