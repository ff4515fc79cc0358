"""A stage: the fixed part of a world that a setting builds (street, tabletop): fixtures, road, named surfaces."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from simgen.core.declare import Declared
from simgen.core.geometry import Array
from simgen.scene.body import Body
from simgen.scene.enclosure import Enclosure
from simgen.scene.environment import Season
from simgen.scene.road import RoadNetwork
from simgen.scene.signals import Signal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixture:
    """A body that belongs to the stage.

    ``labelled`` fixtures are things with an instance id and labels; the others are stuff: they count as occluders
    and have a semantic class, and their instance id is 0.
    """

    name: str
    body: Body
    world_from_body: Array
    labelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A named rectangle on which things can be put ("table"): centre (x, y), height z and full lengths, world frame."""

    center_m: tuple[float, float]
    height_m: float
    size_m: tuple[float, float]
    yaw_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Stage:
    """What a setting builds.

    Attributes:
        ground: name of the surface that carries wheels and feet (friction table of the simulation).
        indoor: no sky, no weather: the fixtures' lamps light it.
        reach_m: half side of the square around the origin outside of which nothing is of interest.
        enclosures: where a roof and walls keep the sky out.
    """

    fixtures: tuple[Fixture, ...]
    road: RoadNetwork | None = None
    surfaces: Mapping[str, Surface] = field(default_factory=dict)
    ground: str = "asphalt"
    indoor: bool = False
    reach_m: float = 200.0
    signals: tuple[Signal, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()


class Setting(Declared):
    """A family of stages, named in YAML under ``setting:``. ``group`` is the key there: road, or room for the rest."""

    group: str = "road"

    @abstractmethod
    def build(self, lighting: str, season: Season = "summer") -> Stage:
        """The stage; ``lighting`` (street_lamps, daylight, unlit) and ``season`` are the environment's, so that street
        lamps burn at night and trees are bare in winter."""
