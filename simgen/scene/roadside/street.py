"""What streets in a town share: their cross-section, lamps, houses, trees, and the land below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from simgen.core.geometry import Array, planar_pose
from simgen.core.seeds import Key
from simgen.scene.environment import Season
from simgen.scene.models.street_furniture import StreetLamp
from simgen.scene.road import NO_MARK, LaneSection, LaneSpan, Mark, Road, span
from simgen.scene.roadside.fittings import stand
from simgen.scene.roadside.growth import houses, parked_car, trees
from simgen.scene.roadside.surfaces import AROUND_M, TERRAIN_M, Surfaces, flat_sheet
from simgen.scene.stage import Fixture

LICENCE = "Apache-2.0"
KERB_HEIGHT_M = 0.12
SIDEWALK_M = 2.65
LANE_M = 3.25
CENTER = Mark(kind="broken", dash_m=3.0, gap_m=6.0)
SOLID = Mark(kind="solid")
LIT_SHARE = 0.3


def lanes(
    sign: int,
    drive_m: Sequence[float],
    *,
    parking_m: float = 0.0,
    sidewalk_m: float = SIDEWALK_M,
    edge: Mark = NO_MARK,
    limit_mps: float = 13.9,
    parking_surface: str = "",
) -> tuple[LaneSpan, ...]:
    """One side of a street: driving lanes from the middle outwards, parking if any, and the pavement."""
    result: list[LaneSpan] = []
    for k, width in enumerate(drive_m):
        last = k == len(drive_m) - 1
        mark = edge if last else Mark(kind="broken", dash_m=3.0, gap_m=6.0)
        result.append(span(sign * (k + 1), "driving", width, mark=mark, speed_limit_mps=limit_mps))
    if parking_m > 0:
        result.append(
            span(sign * (len(result) + 1), "parking", parking_m, speed_limit_mps=4.0, surface=parking_surface)
        )
    if sidewalk_m > 0:
        result.append(
            span(sign * (len(result) + 1), "sidewalk", sidewalk_m, height_m=KERB_HEIGHT_M, speed_limit_mps=2.0)
        )
    return tuple(result)


def simple_section(
    drive_m: float = LANE_M, parking_m: float = 0.0, center: Mark = CENTER, **values: float
) -> LaneSection:
    """The same on both sides, with one lane each."""
    return LaneSection(
        left=lanes(1, (drive_m,), parking_m=parking_m, **values),  # type: ignore[arg-type]
        right=lanes(-1, (drive_m,), parking_m=parking_m, **values),  # type: ignore[arg-type]
        center_mark=center,
    )


def width_m(section: LaneSection, sign: int, kinds: Sequence[str] = ()) -> float:
    """From the reference line to the outside of the lanes of one side; of these kinds only, if any are named."""
    spans = section.left if sign > 0 else section.right
    return sum(s.widths[0].a for s in spans if not kinds or s.kind in kinds)


def lamps(
    road: Road,
    t_m: float,
    burning: bool,
    *,
    spacing_m: float = 28.0,
    start_m: float = 12.0,
    end_m: float | None = None,
    name: str = "street_lamp",
    both: bool = True,
    height_m: float = KERB_HEIGHT_M,
) -> list[Fixture]:
    """Street lamps ``t_m`` to the left and right of the reference line, in turn."""
    body = StreetLamp(lights="on" if burning else "off").build()
    result = []
    last = (road.length_m if end_m is None else end_m) - 4.0
    for k, s in enumerate(np.arange(start_m, last, spacing_m / (2 if both else 1))):
        side = -1 if k % 2 == 0 or not both else 1
        at = stand(road, float(s), side * t_m, -side * math.pi / 2, height_m)
        result.append(Fixture(name=f"{name}_{k + 1}", body=body, world_from_body=at))
    return result


def front(
    name: str,
    road: Road,
    side: int,
    t_m: float,
    start_m: float,
    end_m: float,
    look: int,
    burning: bool,
    height_m: float = KERB_HEIGHT_M,
) -> list[Fixture]:
    """A row of houses along a straight stretch; ``side`` is +1 for the left."""
    lit = LIT_SHARE if burning else 0.0
    at = stand(road, start_m, t_m, 0.0, height_m) if side > 0 else stand(road, end_m, -t_m, math.pi, height_m)
    return houses(name, at, end_m - start_m, look, lit)


def avenue(
    road: Road,
    t_m: float,
    places: Sequence[tuple[float, int]],
    look: int,
    share: float,
    name: str = "trees",
    sizes: tuple[int, int] = (0, 2),
    season: Season = "summer",
) -> list[Fixture]:
    """Trees ``t_m`` from the reference line at (s, side); each place has one with the probability ``share``."""
    rng = Key(look, 0, f"avenue/{name}").generator()
    spots: list[Array] = []
    for s, side in places:
        if rng.random() < share:
            spots.append(stand(road, s, side * t_m, 0.0, KERB_HEIGHT_M))
    return trees(name, spots, look, sizes, season=season)


def parked(
    road: Road,
    t_m: float,
    side: int,
    start_m: float,
    end_m: float,
    look: int,
    share: float,
    *,
    bay_m: float = 6.2,
    angle_rad: float = 0.0,
    name: str = "parked",
) -> list[Fixture]:
    """Cars in bays along one side; ``angle_rad`` turns them from the way of traffic towards the kerb."""
    rng = Key(look, 0, f"parked/{name}/{side}").generator()
    result = []
    for k in range(int((end_m - start_m) / bay_m)):
        taken, kind, paint = rng.random() < share, rng.random(), rng.random()
        shift = rng.normal(0, 1, 3)
        if not taken:
            continue
        if angle_rad:
            kind *= 0.85
        heading = (0.0 if side < 0 else math.pi) - angle_rad + 0.012 * float(shift[0])
        if angle_rad and rng.random() < 0.3:
            heading += math.pi
        s = start_m + bay_m * (k + 0.5) + 0.1 * float(shift[1])
        body = parked_car(int(kind * 100), round(float(paint), 2))
        # A car's frame may lie off its middle; the middle is what stands in the bay.
        middle = np.array([*body.box_center_m[:2]])
        c, sn = math.cos(heading), math.sin(heading)
        s -= c * middle[0] - sn * middle[1]
        t = side * t_m - (sn * middle[0] + c * middle[1])
        at = stand(road, s, t, heading)
        result.append(
            Fixture(
                name=f"{name}_{'left' if side > 0 else 'right'}_{k + 1}", body=body, world_from_body=at, labelled=True
            )
        )
    return result


def land(surfaces: Surfaces, x0: float, y0: float, x1: float, y1: float, material: str = "grass") -> None:
    """A plain of one material, which goes on around the rectangle."""
    sheet = flat_sheet(x0 - AROUND_M, y0 - AROUND_M, x1 + AROUND_M, y1 + AROUND_M, TERRAIN_M, material)
    surfaces.add("terrain", material, sheet)


LAND = {"grass": 0.45, "field": 0.25, "stubble": 0.12, "ploughed": 0.18}
"""Shares of what the open land is used for."""


def countryside(surfaces: Surfaces, x0: float, y0: float, x1: float, y1: float, look: int) -> None:
    """A plain of meadows and fields of different widths; around the rectangle they go on. Their corners meet, so that
    nothing shows between them."""
    rng = Key(look, 0, "fields").generator()

    def cuts(low: float, high: float) -> Array:
        share = np.cumsum(rng.uniform(0.6, 1.5, max(2, round((high - low) / 85.0))))
        return np.concatenate([[low - AROUND_M, low], low + (high - low) * share / share[-1], [high + AROUND_M]])

    across_x, across_y = cuts(x0, x1), cuts(y0, y1)
    edges = np.cumsum(list(LAND.values()))
    for a, b in pairwise(across_x):
        for c, d in pairwise(across_y):
            kind = list(LAND)[int(np.searchsorted(edges, rng.random() * edges[-1]))]
            surfaces.add("terrain", kind, flat_sheet(float(a), float(c), float(b), float(d), TERRAIN_M, kind))


def across(
    name: str, x_m: float, y_m: float, heading_rad: float, look: int, burning: bool, width: float = 62.0
) -> list[Fixture]:
    """A row of houses that closes the view at the end of a street which arrives there with this heading."""
    # The row runs to the right of who arrives and faces them.
    c, s = math.cos(heading_rad), math.sin(heading_rad)
    at = planar_pose(x_m - 0.5 * width * s, y_m + 0.5 * width * c, heading_rad - math.pi / 2)
    return houses(name, at, width, look, LIT_SHARE if burning else 0.0)
