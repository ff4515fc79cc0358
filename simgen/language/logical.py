"""The parsed scenario: every value still a constant, an expression or a distribution.

Quantities are SI here (``value`` in the SI unit of ``dimension``); the text as written is kept for messages.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from simgen.core.errors import Place


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Constant(_Frozen):
    """A fixed value. ``dimension`` is the SI unit of a quantity ("m/s", "" for a pure number), or "text" or "flag"."""

    kind: Literal["constant"] = "constant"
    value: bool | float | str
    dimension: str
    text: str
    place: Place


class Expression(_Frozen):
    """Arithmetic or a condition, as written; ``simgen.language.expressions.parse`` gives its tree."""

    kind: Literal["expression"] = "expression"
    text: str
    place: Place


class Distribution(_Frozen):
    """A distribution by name. ``arguments`` are by the names that the distribution declares, whatever way the user
    wrote them; a weighted choice has ``options`` and ``weights``."""

    kind: Literal["distribution"] = "distribution"
    name: str
    arguments: dict[str, Value]
    text: str
    place: Place


class ValueList(_Frozen):
    """Several values: a resolution, a position, the options of a choice."""

    kind: Literal["list"] = "list"
    items: tuple[Value, ...]
    place: Place


class ValueMap(_Frozen):
    """Values by name: a parameter of kind record."""

    kind: Literal["map"] = "map"
    items: dict[str, Value]
    place: Place


Value = Annotated[Constant | Expression | Distribution | ValueList | ValueMap, Field(discriminator="kind")]


class Named(_Frozen):
    """Something from a registry with its parameters: an action, an effect, a behaviour, a setting."""

    name: str
    values: dict[str, Value] = {}
    place: Place


class ActorModelChoice(_Frozen):
    """``model:`` of an actor: a constant name or a choice among names, and the parameters given beside it."""

    name: Value
    values: dict[str, Value] = {}
    place: Place


PlacementForm = Literal["lane", "ahead_of", "behind", "parked", "hidden_behind", "on", "near", "aisle", "position"]


class Placement(_Frozen):
    """``at:`` of an actor. ``form`` is the key that decides; ``values`` holds all keys as written (``lane``, ``s``,
    ``offset``, ``gap``, ``ahead_of`` …); names of actors and surfaces are text constants."""

    form: PlacementForm
    values: dict[str, Value]
    place: Place


class Actor(_Frozen):
    """One actor. ``count: n`` in the file has become n actors named name_1 … name_n. ``matter``: what it states of its
    physics in place of its model (scene/matter.py)."""

    name: str
    model: ActorModelChoice
    at: Placement
    speed: Value | None = None
    behavior: Named | None = None
    matter: dict[str, Value] = {}
    place: Place


class Traffic(_Frozen):
    """``traffic:`` as stated; sampling makes actors of it."""

    values: dict[str, Value] = {}
    place: Place


class Sensor(_Frozen):
    """One sensor: ``sensor`` names its kind (camera, depth_camera) and parameters; effects always on."""

    name: str
    sensor: Named
    effects: tuple[Named, ...] = ()
    place: Place


class Do(_Frozen):
    """One action (or, on a sensor, one effect) on one subject; ``world`` is a subject too."""

    subject: str
    action: Named
    place: Place


class After(_Frozen):
    event: str
    delay: Value | None = None


class Before(_Frozen):
    event: str
    by: Value


class Meet(_Frozen):
    """The outcome wanted: the subject of the event's first action arrives at ``point`` of ``actor`` with
    ``overlap`` (0 … 1 of the actor's width, from its near side)."""

    actor: str
    point: Literal["front", "rear", "center"] = "front"
    overlap: Value
    place: Place


class Event(_Frozen):
    """One event of the story."""

    name: str
    do: tuple[Do, ...]
    when: Expression | None = None
    after: After | None = None
    before: Before | None = None
    duration: Value | None = None
    until: Expression | None = None
    meet: Meet | None = None
    repeat: int = 1
    priority: int = 0
    once: bool = True
    place: Place


class Expectation(_Frozen):
    condition: Expression
    on_miss: Literal["report", "reject", "fail"] = "report"


class SampleSpec(_Frozen):
    count: int = 1
    method: Literal["random", "sobol", "halton", "latin_hypercube"] = "random"
    seed: int = 0


class Source(_Frozen):
    """A file that the scenario was read from: its name as the user knows it, and the hex SHA-256 of its bytes."""

    file: str
    sha256: str


Randomize = Literal["default", "none"] | dict[str, Literal["default", "none"]]
"""Whether what a file leaves open varies: everywhere, or by section; a section that is left out varies."""

SECTIONS_THAT_VARY = ("setting", "environment", "actors", "traffic", "sensors", "story")


def varies(randomize: Randomize, section: str) -> bool:
    """Whether what a file leaves open in a section is drawn from its declaration's ``vary``."""
    held = randomize if isinstance(randomize, str) else randomize.get(section, "default")
    return held == "default"


class LogicalScenario(_Frozen):
    """A scenario as parsed and checked.

    ``end`` is one expression; ``any: [a, b]`` in the file has become ``(a) or (b)`` and ``all`` has become ``and``.
    ``assets``: what the models of catalogues come down to, by the name that actors call them by.
    ``setting`` names a registered setting ("two_lane_urban", "tabletop").
    """

    name: str
    summary: str = ""
    tags: tuple[str, ...] = ()
    parameters: dict[str, Value] = {}
    assets: dict[str, Named] = {}
    setting: Named
    environment: dict[str, Value] = {}
    randomize: Randomize = "default"
    actors: tuple[Actor, ...] = ()
    traffic: Traffic | None = None
    sensors: tuple[Sensor, ...] = ()
    story: tuple[Event, ...] = ()
    end: Expression | None = None
    require: tuple[Expression, ...] = ()
    expect: tuple[Expectation, ...] = ()
    sample: SampleSpec = SampleSpec()
    sources: tuple[Source, ...] = ()

    def place_of(self, path: str) -> Place | None:
        """Where the value of this path ("actors.ego.at.lane") was written, or the nearest of what it is part of."""
        found: Place | None = None
        here: Any = self
        for name in path.split("."):
            here = _part(here, name)
            if here is None:
                return found
            found = getattr(here, "place", found)
        return found


def _part(of: Any, name: str) -> Any:
    """What is called so in a part of a scenario; None for nothing."""
    if isinstance(of, tuple):
        return next((one for one in of if getattr(one, "name", None) == name), None)
    if isinstance(of, dict):
        return of.get(name)
    named = getattr(of, "values", None)
    if isinstance(named, dict) and name in named:
        return named[name]
    if name in type(of).model_fields:
        return getattr(of, name)
    # Parameters of an actor's model stand beside ``model:``, those of a sensor under its kind.
    for inner in ("model", "sensor"):
        if inner in type(of).model_fields and (part := _part(getattr(of, inner), name)) is not None:
            return part
    return of if getattr(of, "name", None) == name else None


for _model in (Distribution, ValueList, ValueMap, Named, ActorModelChoice, Placement, Actor, Sensor, Do, After, Before):
    _model.model_rebuild()
