"""Meshes of roads: lanes, markings cut into their plane, kerbs with a chamfer, and boxes for the physics."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array, pose
from simgen.scene import shapes
from simgen.scene.assembly import Pile, static_body
from simgen.scene.body import Body, CollisionShape
from simgen.scene.environment import Season
from simgen.scene.model import parametric_asset
from simgen.scene.road import Lane, LaneSection, Mark, Road
from simgen.scene.roadside.materials import TILES_M, ground
from simgen.scene.shapes import Shape, Tile
from simgen.scene.stage import Fixture

KERB_M = 0.15
CHAMFER_M = 0.025
TERRAIN_M = -0.06
"""Height of what lies beyond the lanes; verges fall to below it."""
AROUND_M = 600.0
"""How much farther the land reaches than what stands on it: as far as a camera sees (Camera.far_m)."""
VERGE_FALL_M = 0.12
BOXES_PER_BODY = 16
"""The physics takes no more shapes for one body."""

MATERIAL_OF = {
    "driving": "driven_asphalt",
    "parking": "asphalt",
    "shoulder": "asphalt",
    "biking": "asphalt",
    "restricted": "asphalt",
    "border": "asphalt",
    "kerb": "kerb",
    "sidewalk": "paving",
    "verge": "grass",
    "median": "grass",
}
_SEMANTIC_OF = {"sidewalk": "sidewalk", "kerb": "kerb", "verge": "terrain", "median": "terrain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A rectangle in (s, t) that is of another material than the lanes it lies on (stop line, zebra, rail)."""

    s_m: tuple[float, float]
    t_m: tuple[float, float]
    material: str = "marking"
    semantic: str = "lane_marking"


class Surfaces:
    """Piles of shapes by semantic class, as they look in a season."""

    def __init__(self, season: Season = "summer") -> None:
        self.season = season
        self.piles: dict[str, Pile] = {}

    def add(self, semantic: str, material: str, *pieces: Shape) -> None:
        self.piles.setdefault(semantic, Pile()).add(ground(material, self.season), *pieces)

    def fixtures(self, name: str, values: Mapping[str, object], licence: str) -> list[Fixture]:
        """One body per class."""
        values = {**values, "season": self.season}
        result = []
        for semantic, pile in self.piles.items():
            asset = parametric_asset(f"{name}/{semantic}", values, licence=licence, version=5)
            body = static_body(semantic, asset, pile.parts())
            result.append(Fixture(name=f"{name}_{semantic}", body=body, world_from_body=np.eye(4)))
        return result


def sheet(road: Road, s_m: ArrayLike, edges: Sequence[tuple[Array, ArrayLike]], tile_m: Tile) -> Shape:
    """A strip along a road between stations s (N,), through edges (t (N,), height above the elevation) in the order of
    rising t; its front is up. Texture coordinates are (s, way across) / ``tile_m``."""
    s = np.asarray(s_m, dtype=np.float64)
    return _sheet(s, road.frames(s), edges, tile_m)


def _sheet(
    s: Array, frames: Array, edges: Sequence[tuple[Array, ArrayLike]], tile_m: Tile, zero_t_m: ArrayLike = 0.0
) -> Shape:
    """``sheet`` along a road of which the frames (5, N) are known; the way across is counted from ``zero_t_m`` (N,)."""
    x, y, sin, cos, z = frames
    rows, uv = np.empty((len(edges), len(s), 3)), np.empty((len(edges), len(s), 2))
    across, (before_t, before_h) = np.asarray(edges[0][0]) - np.asarray(zero_t_m), edges[0]
    tile_u, tile_v = tile_m if isinstance(tile_m, tuple) else (tile_m, tile_m)
    uv[:, :, 0] = s / tile_u
    for row, place, (t, h) in zip(rows, uv, edges, strict=True):
        row[:, 0], row[:, 1], row[:, 2] = x - sin * t, y + cos * t, z + h
        across = across + np.hypot(t - before_t, np.asarray(h) - np.asarray(before_h))
        place[:, 1] = across / tile_v
        before_t, before_h = t, h
    return shapes.grid(rows, uv=uv)


def pave(
    into: Surfaces,
    road: Road,
    patches: Sequence[Patch] = (),
    *,
    start_m: float = 0.0,
    end_m: float | None = None,
    material_of: Mapping[str, str] = MATERIAL_OF,
    but: Collection[str] = (),
) -> None:
    """The lanes of a road from one s to another, ``but`` those of these kinds."""
    last = road.length_m if end_m is None else end_m
    for k, section in enumerate(road.sections):
        a, b = max(start_m, section.s_m), min(last, road.section_end_m(k))
        if b - a < 1e-6:
            continue
        lanes = section.cut(0.5 * (a + b))
        base = road.stations(a, b)
        bent = len(base) > 2
        cuts: dict[int, list[_Cut]] = {lane.id: list(_cuts(section, lane, lanes, patches, a, b)) for lane in lanes}
        common = {e for found in cuts.values() for cut in found for e in cut.s_m} if bent else set()
        for lane in lanes:
            if lane.kind in but:
                continue
            own = {e for cut in cuts[lane.id] for e in cut.s_m}
            stations = _merged([*base, *own, *common])
            _pave_lane(into, road, section, lane, lanes, cuts[lane.id], stations, material_of)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a lane is not itself: over s, between two edges given as (from where, metres)."""

    s_m: tuple[float, float]
    low: tuple[str, float]
    high: tuple[str, float]
    material: str
    semantic: str


def _merged(values: Iterable[float]) -> list[float]:
    kept: list[float] = []
    for v in sorted(values):
        if not kept or v - kept[-1] > 1e-4:
            kept.append(v)
    return kept


def _runs(mark: Mark, broken: bool, a: float, b: float) -> list[tuple[float, float]]:
    if not broken:
        return [(a, b)]
    period = mark.dash_m + mark.gap_m
    first = math.floor(a / period)
    runs = []
    for k in range(first, math.ceil(b / period) + 1):
        start = k * period + 0.5 * mark.gap_m
        low, high = max(a, start), min(b, start + mark.dash_m)
        if high - low > 0.05:
            runs.append((low, high))
    return runs


def _cuts(
    section: LaneSection, lane: Lane, lanes: Sequence[Lane], patches: Sequence[Patch], a: float, b: float
) -> Iterable[_Cut]:
    sign = 1 if lane.id > 0 else -1
    inner_mark = section.center_mark
    for other in lanes:
        if other.id == lane.id - sign and other.id != 0:
            inner_mark = other.mark
    for mark, where, way in ((inner_mark, "inner", sign), (lane.mark, "outer", sign)):
        material = "marking" if mark.color == "white" else "yellow_marking"
        for offset, broken in mark.lines:
            # Across the edge of a lane, the half of the line that lies in it.
            middle = way * offset
            low, high = middle - 0.5 * mark.width_m, middle + 0.5 * mark.width_m
            inward = (where == "inner") == (sign > 0)
            low, high = (max(low, 0.0), max(high, 0.0)) if inward else (min(low, 0.0), min(high, 0.0))
            if high - low < 1e-6:
                continue
            for run in _runs(mark, broken, a, b):
                yield _Cut(run, (where, low), (where, high), material, "lane_marking")
    t0, t1 = sorted((lane.inner_t_m, lane.outer_t_m))
    for patch in patches:
        low, high = max(t0, patch.t_m[0]), min(t1, patch.t_m[1])
        s0, s1 = max(a, patch.s_m[0]), min(b, patch.s_m[1])
        if high - low > 1e-3 and s1 - s0 > 1e-3:
            yield _Cut((s0, s1), ("at", low), ("at", high), patch.material, patch.semantic)


def _pave_lane(
    into: Surfaces,
    road: Road,
    section: LaneSection,
    lane: Lane,
    lanes: Sequence[Lane],
    cuts: Sequence[_Cut],
    stations: Sequence[float],
    material_of: Mapping[str, str],
) -> None:
    s = np.array(stations)
    inside = np.clip(s, section.s_m, None)
    frames = road.frames(s)
    cut_lanes = [lanes] * len(s) if section.constant else [section.cut(float(u)) for u in inside]
    own = [next(v for v in there if v.id == lane.id) for there in cut_lanes]
    edge = {"inner": np.array([v.inner_t_m for v in own]), "outer": np.array([v.outer_t_m for v in own])}
    sign = 1 if lane.id > 0 else -1
    edge["at"] = np.zeros(len(s))
    h = lane.height_m
    neighbours = {v.id: v for v in lanes}
    nearer = neighbours.get(lane.id - sign) if abs(lane.id) > 1 else neighbours.get(-sign)
    farther = neighbours.get(lane.id + sign)
    inner, outer = edge["inner"].copy(), edge["outer"].copy()
    verge = lane.kind == "verge" and farther is None
    for name, other in (("inner", nearer), ("outer", farther)):
        beside = (
            h
            if other is None and not (name == "outer" and h > 0.02)
            else (TERRAIN_M if other is None else other.height_m)
        )
        if other is not None and other.kind == "verge":
            beside = other.height_m
        if h - beside > 0.02:
            out = sign if name == "inner" else -sign
            _kerb(into, road, s, edge[name], out, beside, h)
            if name == "inner":
                inner = inner + sign * KERB_M
            else:
                outer = outer - sign * KERB_M
    base_material = lane.surface if lane.surface in TILES_M else material_of[lane.kind]
    base_semantic, tile = _SEMANTIC_OF.get(lane.kind, "road"), TILES_M[base_material]
    low_edge, high_edge = (inner, outer) if sign > 0 else (outer, inner)
    low_h, high_h = (h, h - VERGE_FALL_M) if verge and sign > 0 else (h - VERGE_FALL_M, h) if verge else (h, h)
    groups: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for k in range(len(s) - 1):
        middle = 0.5 * (s[k] + s[k + 1])
        active = tuple(i for i, cut in enumerate(cuts) if cut.s_m[0] < middle < cut.s_m[1])
        spans = groups.setdefault(active, [])
        if spans and spans[-1][1] == k:
            spans[-1] = (spans[-1][0], k + 1)
        else:
            spans.append((k, k + 1))
    for active, spans in groups.items():
        for first, last in spans:
            rows = slice(first, last + 1)
            lo, hi = low_edge[rows], high_edge[rows]
            if float(np.max(hi - lo)) < 1e-4:
                continue
            pieces = sorted(
                (
                    (
                        np.clip(edge[cuts[i].low[0]][rows] + cuts[i].low[1], lo, hi),
                        np.clip(edge[cuts[i].high[0]][rows] + cuts[i].high[1], lo, hi),
                        cuts[i],
                    )
                    for i in active
                ),
                key=lambda piece: float(piece[0].mean()),
            )
            at = lo
            for start, end, cut in pieces:
                start = np.maximum(start, at)
                if float(np.max(end - start)) < 1e-4:
                    continue
                if float(np.max(start - at)) > 1e-4:
                    strip = _sheet(s[rows], frames[:, rows], [(at, h), (start, h)], tile, edge["inner"][rows])
                    into.add(base_semantic, base_material, strip)
                mark = _sheet(s[rows], frames[:, rows], [(start, h), (end, h)], TILES_M.get(cut.material, 1.0))
                into.add(cut.semantic, cut.material, mark)
                at = end
            if float(np.max(hi - at)) > 1e-4:
                outline = [(at, low_h if at is lo else h), (hi, high_h)]
                strip = _sheet(s[rows], frames[:, rows], outline, tile, edge["inner"][rows])
                into.add(base_semantic, base_material, strip)


def _kerb(into: Surfaces, road: Road, s: Array, t: Array, out: int, low: float, high: float) -> None:
    """A kerb stone whose higher side lies towards ``out`` (+1 is +t)."""
    c = CHAMFER_M
    profile = [(t, low), (t, high - c), (t + out * c, high), (t + out * KERB_M, high)]
    into.add("kerb", "kerb", sheet(road, s, profile if out > 0 else profile[::-1], 1.0))


def flat_sheet(x0: float, y0: float, x1: float, y1: float, z: float, material: str) -> Shape:
    """A horizontal rectangle."""
    return shapes.rectangle((x0, y0, z), (x1 - x0, 0, 0), (0, y1 - y0, 0), TILES_M[material])


def sweep(outline_m: Array, outward: Array, profile: Sequence[tuple[float, float]], tile_m: Tile) -> Shape:
    """A profile of (distance outward, z) along an outline (N, 2) with unit normals (N, 2) that point outward, which is
    to the right of the way that the outline runs."""
    rows = [np.column_stack([outline_m + d * outward, np.full(len(outline_m), z)]) for d, z in profile]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(outline_m, axis=0).T))])
    way = np.concatenate([[0.0], np.cumsum([math.dist(a, b) for a, b in pairwise(profile)])])
    uv = np.stack([np.stack([along, np.full(len(along), w)], axis=1) for w in way]) / tile_m
    return shapes.grid(np.stack(rows), uv=uv).turned_inside_out()


def slabs(
    road: Road, low_t_m: float, high_t_m: float, top_m: float, thickness_m: float, step_m: float = 1e9
) -> list[CollisionShape]:
    """Boxes whose tops follow the road between two t; top above its elevation."""
    stations = _merged([*road.stations(0.0, road.length_m, 0.05)])
    result = []
    for a, b in pairwise(stations):
        count = max(1, math.ceil((b - a) / step_m))
        for k in range(count):
            u, v = a + (b - a) * k / count, a + (b - a) * (k + 1) / count
            result.append(slab(road, u, v, low_t_m, high_t_m, top_m, thickness_m))
    return result


def slab(
    road: Road, start_m: float, end_m: float, low_t_m: float, high_t_m: float, top_m: float, thickness_m: float
) -> CollisionShape:
    """One box along the chord of a road between two s."""
    t = 0.5 * (low_t_m + high_t_m)
    p = road.points(np.array([start_m, end_m]), np.array([t, t]), top_m)
    ahead = p[1] - p[0]
    length = float(np.linalg.norm(ahead))
    x = ahead / length
    y = np.cross([0.0, 0.0, 1.0], x)
    y /= np.linalg.norm(y)
    z = np.cross(x, y)
    middle = 0.5 * (p[0] + p[1]) - 0.5 * thickness_m * z
    # Outer edges of a bend are longer than its middle.
    turn = abs(road.line.at(end_m)[2] - road.line.at(start_m)[2])
    size = (length + turn * 0.5 * (high_t_m - low_t_m), high_t_m - low_t_m, thickness_m)
    return CollisionShape(kind="box", size_m=size, body_from_shape=pose(middle, np.stack([x, y, z], axis=1)))


def solid_ground(name: str, boxes: Sequence[CollisionShape], semantic: str = "road") -> list[Fixture]:
    """Bodies that are felt and not seen, for what is drawn as one mesh."""
    result = []
    for k in range(0, len(boxes), BOXES_PER_BODY):
        group = tuple(boxes[k : k + BOXES_PER_BODY])
        asset = parametric_asset(f"{name}/solid", {"part": k}, licence="Apache-2.0", version=1)
        middle = np.mean([b.body_from_shape[:3, 3] for b in group], axis=0)
        body = Body(
            semantic=semantic,
            asset=asset,
            parts=(),
            rest=np.zeros((0, 4, 4)),
            box_center_m=(float(middle[0]), float(middle[1]), float(middle[2])),
            box_size_m=(1.0, 1.0, 0.01),
            collision=group,
            friction=0.8,
            fixed=True,
        )
        result.append(Fixture(name=f"{name}_solid_{k // BOXES_PER_BODY + 1}", body=body, world_from_body=np.eye(4)))
    return result
