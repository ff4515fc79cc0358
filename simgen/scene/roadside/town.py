"""A junction in a town, ready but for its signals and signs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgen.scene.environment import Season
from simgen.scene.road import LaneSection, Mark, Raised, RoadNetwork
from simgen.scene.roadside.crossing import Arm, corners, lay, network
from simgen.scene.roadside.street import (
    KERB_HEIGHT_M,
    LANE_M,
    LICENCE,
    SIDEWALK_M,
    across,
    avenue,
    front,
    lamps,
    land,
    lanes,
)
from simgen.scene.roadside.surfaces import Patch, Surfaces, pave, slabs, solid_ground
from simgen.scene.stage import Fixture

RADIUS_M = 6.0
HOUSE_DEPTH_M = 9.0


def arm_section() -> LaneSection:
    """One lane each way, and pavements."""
    return LaneSection(
        left=lanes(1, (LANE_M,)), right=lanes(-1, (LANE_M,)), center_mark=Mark(kind="broken", dash_m=3.0, gap_m=3.0)
    )


def arms_at(length_m: float, bearings: dict[str, float]) -> list[Arm]:
    """Arms by name; "west" leads to the junction along its s, all others away from it."""
    mouth = LANE_M + RADIUS_M
    return [
        Arm(name=name, bearing_rad=b, length_m=length_m, mouth_m=mouth, section=arm_section(), inward=name == "west")
        for name, b in bearings.items()
    ]


def build(
    name: str,
    arms: Sequence[Arm],
    patches: dict[str, list[Patch]],
    values: dict[str, object],
    look: int,
    burning: bool,
    trees: float,
    season: Season,
) -> tuple[RoadNetwork, list[Fixture], tuple[float, float]]:
    """Network, ground and houses around a junction whose western arm starts at the origin along +x."""
    west = next(arm for arm in arms if arm.name == "west")
    center = (west.length_m + west.mouth_m, 0.0)
    found = network(arms, center, ("west", "east"), LANE_M)
    surfaces = Surfaces(season)
    solids = []
    for arm in arms:
        road = found.road(arm.name)
        pave(surfaces, road, patches.get(arm.name, []))
        for t in (-(LANE_M + SIDEWALK_M), LANE_M):
            solids += slabs(road, t, t + SIDEWALK_M, KERB_HEIGHT_M, 0.5)
    bearings = sorted(arm.bearing_rad for arm in arms)
    hulls = lay(surfaces, corners(bearings, LANE_M, RADIUS_M, SIDEWALK_M, center), center)
    reach = west.length_m + 90.0
    land(surfaces, center[0] - reach, center[1] - reach, center[0] + reach, center[1] + reach, "asphalt")
    fixtures = surfaces.fixtures(name, values, LICENCE)
    fixtures += solid_ground("sidewalk", solids, "sidewalk")
    for k, hull in enumerate(hulls):
        fixtures += solid_ground(f"corner_{k + 1}", [hull], "sidewalk")
    block = SIDEWALK_M - RADIUS_M
    for arm in arms:
        road = found.road(arm.name)
        main = arm.name in ("west", "east")
        fixtures += lamps(road, LANE_M + 0.5, burning, name=f"street_lamp_{arm.name}", start_m=14.0)
        spots = [
            (float(s), side)
            for side in (-1, 1)
            for s in np.arange(21.0 if side > 0 else 28.0, road.length_m - 14, 28.0)
        ]
        fixtures += avenue(
            road, LANE_M + 1.35, spots, look, trees, name=f"trees_{arm.name}", sizes=(-1, -1), season=season
        )
        for side, label in ((1, "left"), (-1, "right")):
            # Whether another arm leaves on that side of this one, as its own s goes.
            outward = side if not arm.inward else -side
            beside = arm.bearing_rad + outward * math.pi / 2
            gap = block if main else block + HOUSE_DEPTH_M
            if all(abs(math.remainder(b - beside, 2 * math.pi)) > 0.1 for b in bearings):
                gap = -arm.mouth_m
            ends = sorted((arm.along(gap), arm.along(road.length_m)))
            fixtures += front(
                f"houses_{arm.name}_{label}", road, side, LANE_M + SIDEWALK_M, ends[0], ends[1], look, burning
            )
        c, s = math.cos(arm.bearing_rad), math.sin(arm.bearing_rad)
        far = arm.mouth_m + arm.length_m + 12.0
        fixtures += across(
            f"houses_end_{arm.name}", center[0] + far * c, center[1] + far * s, arm.bearing_rad, look, burning, 44.0
        )
    raised = tuple(Raised.top_of(hull.points_m) for hull in hulls)
    return replace(found, raised=raised), fixtures, center
