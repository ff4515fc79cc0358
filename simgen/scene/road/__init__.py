"""Roads on OpenDRIVE's concepts: reference lines, elevation, lane sections, junctions, routes."""

from simgen.scene.road.curves import Cubic, CubicCurve, ReferenceLine, Spiral, arc, line, smooth_step
from simgen.scene.road.lanes import NO_MARK, Lane, LaneKind, LaneSection, LaneSpan, Mark, span
from simgen.scene.road.network import Connection, Junction, LaneKey, RoadNetwork
from simgen.scene.road.path import SIDEWAYS_MPS2, SLOWING_MPS2, STEP_M, LanePath, Stretch
from simgen.scene.road.raised import Raised
from simgen.scene.road.roads import Road, RoadLink, joined

__all__ = [
    "NO_MARK",
    "SIDEWAYS_MPS2",
    "SLOWING_MPS2",
    "STEP_M",
    "Connection",
    "Cubic",
    "CubicCurve",
    "Junction",
    "Lane",
    "LaneKey",
    "LaneKind",
    "LanePath",
    "LaneSection",
    "LaneSpan",
    "Mark",
    "Raised",
    "ReferenceLine",
    "Road",
    "RoadLink",
    "RoadNetwork",
    "Spiral",
    "Stretch",
    "arc",
    "joined",
    "line",
    "smooth_step",
    "span",
]
