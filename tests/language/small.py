"""A vocabulary of a few members, so that the language is tested by itself, and scenarios made of it."""

from __future__ import annotations

from typing import ClassVar

import pytest

from simgen.core.declare import Declared, choice, flag, integer, quantity, record, reference, text, vector
from simgen.core.errors import ScenarioInvalid
from simgen.language import LogicalScenario, parse


class Street(Declared):
    """A street."""

    group = "road"
    lanes: int = integer(low=1, high=6, default=2, help="number of lanes")


class Tabletop(Declared):
    """A table."""

    group = "room"
    light: float = quantity("", low=0, high=3, default=1.0, help="output of the lamps")


class Car(Declared):
    """A car."""

    color: str = choice("red", "white", default="white", help="paint")
    length: float = quantity("m", low=3, high=6, default=4.5, help="over all")


class Van(Car):
    """A van."""

    roof: str = choice("low", "high", default="low", help="height of the roof")


class Ball(Declared):
    """A ball."""

    radius: float = quantity("m", low=0.02, high=0.5, default=0.11, help="radius")


class Child(Declared):
    """A child."""

    height: float = quantity("m", low=0.7, high=1.6, help="height", vary={"normal": ["1.15 m", "0.05 m"]})


class Camera(Declared):
    """A camera."""

    mount: str = text(help="where it sits")
    resolution: tuple[float, float] = vector("", 2, default=(640, 480), help="width and height")
    fov: float = quantity("rad", low=0.02, high=2.6, default=1.0, help="field of view")
    rate: float = quantity("Hz", low=0.1, high=60, default=20, help="frames per second")
    lens: object = record(default=None, help="the lens", focal=quantity("m", low=0.001, help="focal length"))


class DepthCamera(Declared):
    """A depth camera."""

    mount: str = text(help="where it sits")


class LensDrops(Declared):
    """Drops on the lens."""

    rate: float = quantity("mm/h", low=0, high=100, help="rain that makes them")
    shorthand: ClassVar[str | None] = "rate"


class FrozenFrame(Declared):
    """The same frame again."""


class FollowLane(Declared):
    """Keeps the lane."""

    headway: float = quantity("s", low=0.2, high=10, default=1.5, help="time gap")


class Roll(Declared):
    """Rolls."""

    subjects = ("actor",)
    speed: float = quantity("m/s", low=0.1, high=30, help="speed")
    across: str | None = reference("actor", default=None, help="whose path it crosses")
    shorthand: ClassVar[str | None] = "speed"


class RunAcross(Declared):
    """Runs across."""

    subjects = ("actor",)
    ahead_of: str = reference("actor", help="whose path")
    speed: float = quantity("m/s", low=0.2, high=9, help="speed")


class Stop(Declared):
    """Stops."""

    subjects = ("actor",)
    hard: bool = flag(default=False, help="as hard as it can")


class Weather(Declared):
    """Changes the weather."""

    subjects = ("world",)
    rain: float | None = quantity("mm/h", low=0, high=150, default=None, help="rain")


class Time(Declared):
    """Time."""

    unit = "s"


class Collision(Declared):
    """Two touch."""

    unit = "flag"
    a: str = reference("actor", help="one")
    b: str = reference("actor", help="other")


class InLane(Collision):
    """One is in the lane of the other."""


class StandStill(Declared):
    """Has not moved."""

    unit = "flag"
    actor: str = reference("actor", help="who")
    duration: float = quantity("s", low=0, help="for how long")


class Distance(Declared):
    """Distance."""

    unit = "m"
    a: str = reference("actor", help="one")
    b: str = reference("actor", help="other")
    how: str = choice("free", "centers", default="free", help="how it is measured")


class Speed(Declared):
    """Speed."""

    unit = "m/s"
    actor: str = reference("actor", help="whose")


class VisibleFraction(Declared):
    """Share in sight."""

    unit = ""
    actor: str = reference("actor", help="of whom")
    sensor: str = reference("sensor", help="seen by")


class Fired(Declared):
    """An event has started."""

    unit = "flag"
    event: str = reference("event", help="which")


class Surface(Declared):
    """What is underfoot."""

    unit = "text"
    actor: str = reference("actor", help="under whom")


SMALL: dict[str, dict[str, type[Declared]]] = {
    "settings": {"two_lane_urban": Street, "tabletop": Tabletop},
    "models": {"car.sedan": Car, "van": Van, "ball": Ball, "pedestrian.child": Child},
    "sensors": {"camera": Camera, "depth_camera": DepthCamera},
    "effects": {"lens_drops": LensDrops, "frozen_frame": FrozenFrame},
    "behaviors": {"follow_lane": FollowLane, "aeb": FollowLane},
    "actions": {"roll": Roll, "run_across": RunAcross, "stop": Stop, "environment": Weather},
    "conditions": {
        "time": Time,
        "collision": Collision,
        "in_lane": InLane,
        "stand_still": StandStill,
        "distance": Distance,
        "speed": Speed,
        "visible_fraction": VisibleFraction,
        "max_visible_pixels": VisibleFraction,
        "fired": Fired,
        "surface": Surface,
    },
}


MINIMAL = """\
simgen: 1
scenario: minimal
setting: {road: two_lane_urban}
actors:
  ego: {model: car.sedan, at: {lane: -1, s: 20 m}, speed: 30 km/h, behavior: follow_lane}
  van: {model: van, at: {parked: right, ahead_of: ego, gap: 50 m}}
sensors:
  front: {camera: {mount: ego.windscreen}}
"""


def minimal(more: str = "", **replaced: str) -> LogicalScenario:
    """The minimal scenario with lines added and pieces of text replaced."""
    return parse(_text(more, replaced), "x.yaml")


def mistakes(more: str = "", **replaced: str) -> list[str]:
    """What is wrong with the minimal scenario, changed so: "line:column: message -> remedy"."""
    return mistakes_of(_text(more, replaced))


def mistakes_of(text: str, overrides: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(ScenarioInvalid) as caught:
        parse(text, "x.yaml", overrides)
    found = caught.value.diagnostics
    return [f"{d.place.line}:{d.place.column}: {d.message} -> {d.remedy}" for d in found]


def _text(more: str, replaced: dict[str, str]) -> str:
    text = MINIMAL
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    return text + more
