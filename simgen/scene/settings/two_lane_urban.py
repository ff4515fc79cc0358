"""A straight street in a town: two lanes, parking on both sides, pavements, house fronts, lamps, trees."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from simgen.core.declare import integer, quantity, vector
from simgen.core.geometry import Array, planar_pose, pose
from simgen.core.keeping import kept
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene import shapes
from simgen.scene.assembly import Pile, frozen, static_body
from simgen.scene.body import Body, CollisionShape
from simgen.scene.environment import Season
from simgen.scene.model import parametric_asset
from simgen.scene.models.street_furniture import Bench, Bin, Bollard, SpeedLimit, StreetLamp
from simgen.scene.models.tree import Tree
from simgen.scene.road import Lane, RoadNetwork
from simgen.scene.roadside.growth import parked_car
from simgen.scene.roadside.materials import ground
from simgen.scene.roadside.surfaces import AROUND_M, TERRAIN_M, flat_sheet
from simgen.scene.settings.terrace import terrace
from simgen.scene.shapes import Shape
from simgen.scene.stage import Fixture, Setting, Stage

VERSION = 5
LICENCE = "Apache-2.0"

LANE_M = 3.25
PARKING_M = 2.2
KERB_M = 0.15
KERB_HEIGHT_M = 0.12
SIDEWALK_M = 2.65
_EDGE = LANE_M + PARKING_M
_FRONT = _EDGE + SIDEWALK_M
_LINE = 0.06
_BAY_M = 6.2
_CROSS_M = 13.0
"""Width of the streets that end this one on either side."""


@settings.register("two_lane_urban")
class TwoLaneUrban(Setting):
    """A straight street in a town with parking on both sides."""

    length: float = quantity("m", low=80, high=400, default=220.0, help="of the street")
    look: int = integer(
        low=0, high=9999, default=1, help="seed of house fronts, trees and parked cars", vary={"integer": [1, 9999]}
    )
    parked: float = quantity(
        "", low=0, high=1, default=0.4, help="share of bays that are taken", vary={"uniform": [0.25, 0.7]}
    )
    free_right: tuple[float, float] = vector(
        "m", 2, default=(40.0, 130.0), help="from and to: stretch of the right-hand bays that stays free"
    )
    lamp_spacing: float = quantity("m", low=15, high=60, default=28.0, help="between lamps of one side")
    trees: float = quantity("", low=0, high=1, default=0.7, help="share of the places for trees that have one")

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        burning = lighting in ("street_lamps", "auto")
        road = RoadNetwork.straight(length_m=self.length, lanes=lanes())
        fixtures = [
            *_ground(self.length, self.look, season),
            *_houses(self.length, self.look, 0.3 if burning else 0.0),
            *self._furniture(burning, season),
            *self._parked_cars(),
        ]
        return Stage(fixtures=tuple(fixtures), road=road, ground="asphalt", reach_m=self.length + 20.0)

    def _furniture(self, burning: bool, season: Season) -> Iterator[Fixture]:
        rng = Key(self.look, 0, "furniture").generator()
        lights = "on" if burning else "off"
        lamp = StreetLamp(lights=lights).build()
        t = _EDGE + 0.55
        for k, s in enumerate(np.arange(12.0, self.length - 4, self.lamp_spacing / 2)):
            side = -1 if k % 2 == 0 else 1
            yaw = np.pi / 2 if side < 0 else -np.pi / 2
            yield Fixture(name=f"street_lamp_{k + 1}", body=lamp, world_from_body=_on_pavement(s, side * t, yaw))
        bodies = [_tree((self.look + i) % 8, i, season) for i in range(3)]
        n = 0
        # Trees stand midway between the lamps of their side.
        for side, first in ((-1, 12.0), (1, 12.0 + self.lamp_spacing / 2)):
            for s in np.arange(first + self.lamp_spacing / 2, self.length - 6, self.lamp_spacing):
                body, yaw = bodies[int(rng.integers(0, 3))], float(rng.uniform(0, 2 * np.pi))
                if rng.random() < self.trees:
                    n += 1
                    yield Fixture(name=f"tree_{n}", body=body, world_from_body=_on_pavement(s, side * (t + 0.15), yaw))
        waste, bench, post = _small_things()
        for k, s in enumerate(np.arange(20.0, self.length - 8, 47.0)):
            side = 1 if k % 2 else -1
            yield Fixture(name=f"bin_{k + 1}", body=waste, world_from_body=_on_pavement(s + 3.2, side * t, 0.0))
            face = -np.pi / 2 if side > 0 else np.pi / 2
            yield Fixture(
                name=f"bench_{k + 1}",
                body=bench,
                world_from_body=_on_pavement(s + 14.5, side * (_FRONT - 0.45), face),
            )
        for k, s in enumerate((2.5, self.length - 2.5)):
            for name, side in (("left", 1), ("right", -1)):
                yield Fixture(
                    name=f"bollard_{name}_{k + 1}",
                    body=post,
                    world_from_body=_on_pavement(s, side * (_EDGE + 0.35), 0.0),
                )
        sign = SpeedLimit(limit="50").build()
        yield Fixture(name="sign_1", body=sign, world_from_body=_on_pavement(8.5, -t, np.pi))
        yield Fixture(name="sign_2", body=sign, world_from_body=_on_pavement(self.length - 8.5, t, 0.0))

    def _parked_cars(self) -> Iterator[Fixture]:
        rng = Key(self.look, 0, "parked").generator()
        n = 0
        for side in (1, -1):
            for bay in range(int((self.length - 12) // _BAY_M)):
                s = 8.0 + _BAY_M * (bay + 0.5)
                taken = rng.random() < self.parked
                kind, paint, shift = rng.random(), rng.random(), rng.normal(0, 1, 3)
                blocked = side < 0 and self.free_right[0] - 3.3 < s < self.free_right[1] + 3.3
                if not taken or blocked:
                    continue
                n += 1
                body = parked_car(int(kind * 100), round(float(paint), 2))
                yaw = (0.0 if side < 0 else np.pi) + 0.012 * shift[0]
                at = planar_pose(s + 0.18 * float(shift[1]), side * (LANE_M + 0.53 * PARKING_M), float(yaw))
                yield Fixture(name=f"parked_{n}", body=body, world_from_body=at, labelled=True)


@kept
def _tree(look: int, size: int, season: Season) -> Body:
    """One of eight trees of a size from 0 to 2."""
    kind = Tree(look=1 + 3 * look + size, height=7.0 + 0.7 * size, crown=1.75 + 0.12 * size, season=season)
    return frozen(kind.build(), ())


@lru_cache(maxsize=1)
def _small_things() -> tuple[Body, Body, Body]:
    """A bin, a bench and a bollard."""
    waste, bench, post = (frozen(model.build(), (("all", ("",)),)) for model in (Bin(), Bench(), Bollard()))
    return waste, bench, post


def lanes() -> tuple[Lane, ...]:
    """Driving, parking and pavement on either side."""
    built = []
    for side in (-1, 1):
        built += [
            Lane(id=side, kind="driving", inner_t_m=0.0, outer_t_m=side * LANE_M),
            Lane(id=2 * side, kind="parking", inner_t_m=side * LANE_M, outer_t_m=side * _EDGE, speed_limit_mps=4.0),
            Lane(
                id=3 * side,
                kind="sidewalk",
                inner_t_m=side * _EDGE,
                outer_t_m=side * _FRONT,
                height_m=KERB_HEIGHT_M,
                speed_limit_mps=2.0,
            ),
        ]
    return tuple(built)


def _on_pavement(s_m: float, t_m: float, yaw_rad: float) -> Array:
    return planar_pose(float(s_m), float(t_m), float(yaw_rad), KERB_HEIGHT_M)


def _lay(pile: Pile, material: str, x0: float, y0: float, x1: float, y1: float) -> None:
    pile.add(ground(material), flat_sheet(x0, y0, x1, y1, 0.0, material))


def _strip(pile_of: dict[str, Pile], marks: list[tuple[float, float]], y0: float, y1: float, length: float) -> None:
    """A strip along the street that is marking where ``marks`` say and asphalt elsewhere."""
    x = 0.0
    for start, end in marks:
        if start > x:
            _lay(pile_of["road"], "driven_asphalt", x, y0, start, y1)
        _lay(pile_of["marking"], "marking", start, y0, end, y1)
        x = end
    if x < length:
        _lay(pile_of["road"], "driven_asphalt", x, y0, length, y1)


@kept
def _ground(length: float, look: int, season: Season) -> tuple[Fixture, ...]:
    """Carriageway, markings, kerbs, pavements, and what lies beyond.

    The carriageway is cut into strips, so that markings lie in its plane and nothing lies on top of anything.
    """
    rng = Key(look, 0, "ground").generator()
    fixtures = []
    piles = {name: Pile() for name in ("road", "marking", "kerb", "sidewalk", "terrain")}
    _strip(piles, [(s, s + 3.0) for s in np.arange(3.0, length - 3.0, 9.0)], -_LINE, _LINE, length)
    for side in (-1, 1):

        def across(a: float, b: float, side: int = side) -> tuple[float, float]:
            return (side * a, side * b) if side > 0 else (side * b, side * a)

        # The lane, with trenches that were dug and filled again.
        x = 0.0
        y0, y1 = across(_LINE, LANE_M - _LINE)
        while x < length:
            run, patch = float(rng.uniform(16, 46)), float(rng.uniform(1.2, 7.0))
            end = min(x + run, length)
            _lay(piles["road"], "driven_asphalt", x, y0, end, y1)
            stop = min(end + patch, length)
            if stop > end:
                inner = float(rng.uniform(0.3, 0.6))
                cut = y0 + inner * (y1 - y0)
                halves = ("dark_asphalt", "driven_asphalt")
                first, second = halves if rng.random() < 0.5 else halves[::-1]
                _lay(piles["road"], first, end, y0, stop, cut)
                _lay(piles["road"], second, end, cut, stop, y1)
            x = stop
        edge = [(8.0 + _BAY_M * k + 0.05, 8.0 + _BAY_M * (k + 1) - 0.05) for k in range(int((length - 12) // _BAY_M))]
        dashes = [(a, a + 1.0) for a, b in edge for a in (a, a + 2.05, a + 4.1)]
        _strip(piles, dashes, *across(LANE_M - _LINE, LANE_M + _LINE), length)
        y0, y1 = across(LANE_M + _LINE, _EDGE)
        x = 0.0
        for k in range(len(edge) + 1):
            s = 8.0 + _BAY_M * k
            _lay(piles["road"], "setts", x, y0, s - 0.05, y1)
            _lay(piles["marking"], "marking", s - 0.05, y0, s + 0.05, y1)
            x = s + 0.05
        _lay(piles["road"], "setts", x, y0, length, y1)
        _pavement(piles, side, length)
    for k in range(3):
        s, t = 25.0 + k * 63.0 + float(rng.uniform(0, 20)), (-1.7, 1.5, -1.4)[k]
        if s < length - 2:
            ring = shapes.ring(0.33, 0.33, 20)
            disc = shapes.fan(np.column_stack([ring + np.array([s, t]), np.full(20, 0.004)]))
            piles["road"].add(ground("cast_iron"), Shape(disc.points_m, disc.faces, disc.points_m[:, :2]))
    for s in np.arange(15.0, length, 40.0):
        for side in (-1, 1):
            t = side * (_EDGE - 0.26)
            low, high = sorted((t, t + side * 0.24))
            piles["road"].add(ground("cast_iron"), flat_sheet(s, low, s + 0.45, high, 0.004, "cast_iron"))
    for x0, x1 in ((-_CROSS_M, 0.0), (length, length + _CROSS_M)):
        _lay(piles["road"], "asphalt", x0, -60.0, x1, 60.0)
    x, y = 160.0 + AROUND_M, 190.0 + AROUND_M
    meadow = flat_sheet(-x, -y, length + x, y, TERRAIN_M, "grass")
    piles["terrain"].add(ground("grass", season), meadow)
    names = {"road": "road", "marking": "lane_marking", "kerb": "kerb", "sidewalk": "sidewalk", "terrain": "terrain"}
    for name, semantic in names.items():
        asset = parametric_asset(
            f"two_lane_urban/{name}",
            {"length": length, "look": look, "season": season},
            licence=LICENCE,
            version=VERSION,
        )
        collision: tuple[CollisionShape, ...] = ()
        if name == "road":
            size = (length + 320.0, 380.0, 1.0)
            collision = (CollisionShape(kind="box", size_m=size, body_from_shape=pose((length / 2, 0.0, -0.5))),)
        elif name == "sidewalk":
            collision = tuple(
                CollisionShape(
                    kind="box",
                    size_m=(length, SIDEWALK_M, KERB_HEIGHT_M),
                    body_from_shape=pose((length / 2, side * (_EDGE + SIDEWALK_M / 2), KERB_HEIGHT_M / 2)),
                )
                for side in (-1, 1)
            )
        body = static_body(semantic, asset, piles[name].parts(), collision)
        fixtures.append(Fixture(name=f"{name}s" if name == "marking" else name, body=body, world_from_body=np.eye(4)))
    return tuple(fixtures)


def _pavement(piles: dict[str, Pile], side: int, length: float) -> None:
    """Kerb stones with a chamfer, and slabs up to the house fronts."""
    h, c = KERB_HEIGHT_M, 0.025
    a, b, front = _EDGE, _EDGE + KERB_M, _FRONT
    face = [
        shapes.rectangle((length, a, 0.0), (-length, 0, 0), (0, 0.0, h - c), 1.0).turned_inside_out(),
        shapes.rectangle((length, a, h - c), (-length, 0, 0), (0, c, c), 1.0).turned_inside_out(),
        shapes.rectangle((0.0, a + c, h), (length, 0, 0), (0, KERB_M - c, 0), 1.0),
    ]
    ends = [
        shapes.rectangle((0.0, front, 0.0), (0, a - front, 0), (0, 0, h), 1.0),
        shapes.rectangle((length, a, 0.0), (0, front - a, 0), (0, 0, h), 1.0),
    ]
    slabs = shapes.rectangle((0.0, b, h), (length, 0, 0), (0, front - b, 0), 2.0)
    for name, material, group in (("kerb", "kerb", face + ends), ("sidewalk", "paving", [slabs])):
        for shape in group:
            piles[name].add(ground(material), shape if side > 0 else shape.mirrored())


@kept
def _houses(length: float, look: int, lit_share: float) -> tuple[Fixture, ...]:
    """House fronts along both pavements, and across both ends so that the eye stops there."""
    rng = Key(look, 0, "houses").generator()
    across = 62.0
    fixtures = []
    rows = {
        "houses_left": (planar_pose(0.0, _FRONT, 0.0, KERB_HEIGHT_M), length),
        "houses_right": (planar_pose(length, -_FRONT, np.pi, KERB_HEIGHT_M), length),
        "houses_ahead": (planar_pose(length + _CROSS_M, across / 2, -np.pi / 2), across),
        "houses_behind": (planar_pose(-_CROSS_M, -across / 2, np.pi / 2), across),
    }
    for name, (place, extent) in rows.items():
        fixtures += terrace(
            name,
            place,
            extent,
            rng,
            lit_share,
            asset=f"two_lane_urban/{name}",
            values={"length": length, "look": look, "lit": lit_share},
            distant=name in ("houses_ahead", "houses_behind"),
        )
    return tuple(fixtures)
