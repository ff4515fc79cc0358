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
from simgen.scene.road import Road, RoadNetwork
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

    def offers(self) -> dict[str, dict[str, str]]:
        """What a scenario can name of it: surfaces, roads and traffic signals, each with a few words on it."""
        network = self.road
        roads = {} if network is None else {"main": network.main_road} | {road.id: road for road in network.roads}
        return {
            "surfaces": {
                name: f"{surface.size_m[0]:.3g} x {surface.size_m[1]:.3g} m, {surface.height_m:.3g} m high"
                for name, surface in self.surfaces.items()
            },
            "roads": {name: f"{road.length_m:.4g} m, lanes {_lanes(road)}" for name, road in roads.items()},
            "signals": {signal.name: "" for signal in self.signals},
        }


def _lanes(road: Road) -> str:
    """The lanes that a road has anywhere along it."""
    kinds = {lane.id: lane.kind for section in road.sections for lane in (*section.left, *section.right)}
    return ", ".join(f"{number} {kind}" for number, kind in sorted(kinds.items()))


class Setting(Declared):
    """A family of stages, named in YAML under ``setting:``. ``group`` is the key there: road, or room for the rest."""

    group: str = "road"

    @abstractmethod
    def build(self, lighting: str, season: Season = "summer") -> Stage:
        """The stage; ``lighting`` (street_lamps, daylight, unlit) and ``season`` are the environment's, so that street
        lamps burn at night and trees are bare in winter."""
