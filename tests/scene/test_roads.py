"""What all built-in roads have in common."""

import itertools
import math
from functools import cache

import numpy as np
import pytest
from scipy.spatial import cKDTree

from simgen.core import vocabulary
from simgen.scene.road import Lane, LaneKey, Road, RoadNetwork
from simgen.scene.roadside.materials import TILES_M
from simgen.scene.roadside.street import countryside
from simgen.scene.roadside.surfaces import AROUND_M, Surfaces, pave
from simgen.scene.stage import Fixture, Stage
from simgen.scene.textures import DRIVEN_M

ROADS = (
    "crosswalk_midblock",
    "four_way_junction",
    "motorway",
    "parking_street",
    "railway_crossing",
    "roadworks",
    "roundabout",
    "slope",
    "t_junction",
    "tunnel",
    "two_lane_rural",
    "two_lane_urban",
)
GROUND = ("road", "lane_marking", "kerb", "sidewalk", "terrain", "rail_track")
LOW_M, HIGH_M = 0.15, 4.0


@cache
def stage(name: str) -> Stage:
    built: Stage = vocabulary.settings.get(name)().build("daylight")
    return built


def network(name: str) -> RoadNetwork:
    road = stage(name).road
    assert road is not None
    return road


def triangles(fixture: Fixture) -> np.ndarray:
    pieces = [np.zeros((0, 3, 3))]
    for part, rest in zip(fixture.body.parts, fixture.body.rest, strict=True):
        m = fixture.world_from_body @ rest
        pieces.append((part.mesh.vertices_m @ m[:3, :3].T + m[:3, 3])[part.mesh.faces])
    return np.concatenate(pieces)


def test_all_twelve_are_registered() -> None:
    known = set(vocabulary.settings.names())
    assert set(ROADS) <= known


@pytest.mark.parametrize("name", ROADS)
def test_it_has_lanes_to_drive_on(name: str) -> None:
    found = network(name)
    driving = [lane for lane in found.lanes if lane.kind == "driving"]
    assert {lane.direction for lane in driving} == {-1, 1}
    assert found.lane(-1).kind == "driving"
    names = [f.name for f in stage(name).fixtures]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ROADS)
def test_reference_lines_have_no_kinks(name: str) -> None:
    roads = [*network(name).roads, network(name).main_road]
    for road in roads:
        s = 0.0
        for curve, following in itertools.pairwise(road.line.curves):
            s += curve.length_m
            before, after = road.line.at(s - 1e-7), road.line.at(s + 1e-7)
            assert math.dist(before[:2], after[:2]) < 1e-3, (road.id, s)
            assert math.cos(before[2] - after[2]) > math.cos(1e-4), (road.id, s, following)


@pytest.mark.parametrize("name", ROADS)
def test_lanes_lead_on_without_a_step(name: str) -> None:
    found = network(name)
    for key in found.lane_keys():
        for onward in found.next_lanes(key):
            here, there = found.along([key]), found.along([onward])
            end, start = here.pose_at(here.length_m), there.pose_at(0.0)
            assert np.linalg.norm(end[:3, 3] - start[:3, 3]) < 0.01, (key, onward)
            assert end[:3, 0] @ start[:3, 0] > math.cos(math.radians(1.0)), (key, onward)


@pytest.mark.parametrize("name", ["four_way_junction", "t_junction", "roundabout"])
def test_every_way_in_leads_to_every_way_out(name: str) -> None:
    found = network(name)
    arms = [road for road in found.roads if not road.junction]
    ways = 0
    for source, goal in itertools.permutations(arms, 2):
        start = LaneKey(source.id, 0, -1 if source.id == "west" else 1)
        end = LaneKey(goal.id, 0, 1 if goal.id == "west" else -1)
        path = found.along(found.route(start, end))
        turns = np.abs(np.diff(path.heading_rad))
        assert turns.max() < 0.2
        ways += 1
    assert ways == len(arms) * (len(arms) - 1) >= 6


@pytest.mark.parametrize("name", ROADS)
def test_meshes_are_sound(name: str) -> None:
    total = 0
    for fixture in stage(name).fixtures:
        if fixture.body.semantic not in GROUND:
            continue
        for part in fixture.body.parts:
            corners = part.mesh.vertices_m[part.mesh.faces].astype(np.float64)
            area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
            assert np.isfinite(corners).all() and (area > 1e-9).all(), (fixture.name, part.name)
            total += len(area)
            if fixture.body.semantic in ("road", "lane_marking", "sidewalk"):
                normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
                assert (normal[:, 2] > -1e-9).all(), (fixture.name, part.name)
    assert 0 < total < 60_000


def over(road: Road, triangles_m: np.ndarray, s: float, t: float) -> int:
    """How many triangles lie within 3 mm of the surface above and below a point of a road."""
    x, y, z = road.points(np.array([s]), np.array([t]))[0]
    z = road.height_at(s, t)
    a, b, c = (triangles_m[:, k] for k in range(3))

    def side(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        result: np.ndarray = (q[:, 0] - p[:, 0]) * (y - p[:, 1]) - (q[:, 1] - p[:, 1]) * (x - p[:, 0])
        return result

    inside = (side(a, b) > 0) & (side(b, c) > 0) & (side(c, a) > 0)
    close = np.abs(triangles_m[:, :, 2].mean(axis=1) - z) < 0.5
    flat = inside & close
    if not flat.any():
        return 0
    chosen = triangles_m[flat]
    normal = np.cross(chosen[:, 1] - chosen[:, 0], chosen[:, 2] - chosen[:, 0])
    height = (
        chosen[:, 0, 2] - (normal[:, 0] * (x - chosen[:, 0, 0]) + normal[:, 1] * (y - chosen[:, 0, 1])) / normal[:, 2]
    )
    return int((np.abs(height - z) < 0.003).sum())


@pytest.mark.parametrize("name", ROADS)
def test_driving_lanes_have_one_surface_and_markings_lie_in_it(name: str) -> None:
    """Neither holes nor two things in one plane, which would flicker."""
    found = network(name)
    ground = np.concatenate([triangles(f) for f in stage(name).fixtures if f.body.semantic in GROUND])
    rng = np.random.default_rng(5)
    road = found.main_road
    for _ in range(150):
        s = float(rng.uniform(0.5, road.length_m - 0.5))
        lanes = [lane for lane in road.cut(s) if lane.kind == "driving" and lane.width_m > 0.5]
        lane = lanes[int(rng.integers(0, len(lanes)))]
        t = float(rng.uniform(*sorted((lane.inner_t_m, lane.outer_t_m))))
        assert over(road, ground, s, t) == 1, (s, t)


@pytest.mark.parametrize("name", ROADS)
def test_nothing_stands_in_a_driving_lane(name: str) -> None:
    found = network(name)
    points, owners = [], []
    for fixture in stage(name).fixtures:
        if fixture.body.semantic in GROUND or not fixture.body.parts:
            continue
        corners = triangles(fixture).reshape(-1, 3)
        points.append(corners)
        owners += [fixture.name] * len(corners)
    cloud, names = np.concatenate(points), np.array(owners)
    tree = cKDTree(cloud[:, :2])
    for road in found.roads:
        for key in [k for k in found.lane_keys() if k.road == road.id]:
            path = found.along([key])
            for k in range(0, len(path.distance_m), 4):
                p = path.points_m[k]
                s = min(
                    max(road.locate(p)[0], road.sections[key.section].s_m + 1e-3),
                    road.section_end_m(key.section) - 1e-3,
                )
                half = 0.5 * road.lane(key.lane, s).width_m - 0.15
                near = np.array(tree.query_ball_point(p[:2], min(half, 1.2)), dtype=np.int64)
                standing = near[(cloud[near, 2] > p[2] + LOW_M) & (cloud[near, 2] < p[2] + HIGH_M)]
                assert not len(standing), (key, p, names[standing][:3])


@pytest.mark.parametrize("name", ["motorway", "tunnel"])
def test_building_again_gives_the_same(name: str) -> None:
    again: Stage = vocabulary.settings.get(name)().build("daylight")
    assert [f.name for f in again.fixtures] == [f.name for f in stage(name).fixtures]
    for a, b in zip(again.fixtures, stage(name).fixtures, strict=True):
        assert [p.mesh.digest for p in a.body.parts] == [p.mesh.digest for p in b.body.parts]
        np.testing.assert_array_equal(a.world_from_body, b.world_from_body)


def test_open_land_is_covered_without_gaps_and_differs_from_seed_to_seed() -> None:
    def used(look: int) -> dict[str, float]:
        surfaces = Surfaces()
        countryside(surfaces, -300.0, -200.0, 500.0, 250.0, look)
        area, corners = {}, []
        for part in surfaces.piles["terrain"].parts():
            p = part.mesh.vertices_m[part.mesh.faces].astype(float)
            area[part.name] = 0.5 * np.abs(np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])[:, 2]).sum()
            corners.append(p.reshape(-1, 3))
        # A grid: no corner lies within the edge of a neighbour, where the picture would show a crack.
        every = np.round(np.vstack(corners), 3)
        assert len(np.unique(every, axis=0)) == len(np.unique(every[:, 0])) * len(np.unique(every[:, 1]))
        return area

    first, second = used(1), used(2)
    assert sum(first.values()) == pytest.approx((800.0 + 2 * AROUND_M) * (450.0 + 2 * AROUND_M))
    assert len(first) >= 3
    assert first != second
    assert used(1) == first


def test_asphalt_is_laid_along_each_lane_from_its_edge() -> None:
    """Its wheel tracks belong to the lane and not to the road's axis; lanes to both sides do not mirror each other."""
    inner = {-2: -3.5, -1: 0.0, 1: 0.0, 2: 3.5}
    lanes = tuple(
        Lane(id=k, kind="driving", inner_t_m=t, outer_t_m=t + math.copysign(3.5, k)) for k, t in inner.items()
    )
    (road,) = RoadNetwork.straight(length_m=48.0, lanes=lanes).roads
    surfaces = Surfaces()
    pave(surfaces, road)
    (mesh,) = (part.mesh for part in surfaces.piles["road"].parts())
    along, across = DRIVEN_M
    x, y = mesh.vertices_m[:, 0], mesh.vertices_m[:, 1]
    np.testing.assert_allclose(mesh.uv[:, 0] * along, x, atol=1e-4)
    middle = y[mesh.faces].mean(axis=1)
    for lane in lanes:
        low, high = sorted((lane.inner_t_m, lane.outer_t_m))
        corners = np.unique(mesh.faces[(middle > low) & (middle < high)])
        assert len(corners) >= 4
        np.testing.assert_allclose(mesh.uv[corners, 1] * across, y[corners] - lane.inner_t_m, atol=1e-4)


@pytest.mark.parametrize("name", ROADS)
def test_textures_of_the_ground_are_in_metres(name: str) -> None:
    """A stone is as large wherever it lies, but for bends, where what is outside of them is stretched."""
    for fixture in stage(name).fixtures:
        for part in fixture.body.parts:
            if part.material.name not in TILES_M or part.mesh.uv is None:
                continue
            places = part.mesh.vertices_m[part.mesh.faces].astype(float)
            u, v = np.moveaxis(part.mesh.uv[part.mesh.faces] * np.array(TILES_M[part.material.name]), -1, 0)
            of_texture = 0.5 * np.abs(
                (u[:, 1] - u[:, 0]) * (v[:, 2] - v[:, 0]) - (u[:, 2] - u[:, 0]) * (v[:, 1] - v[:, 0])
            )
            area = 0.5 * np.linalg.norm(np.cross(places[:, 1] - places[:, 0], places[:, 2] - places[:, 0]), axis=1)
            assert 0.85 < of_texture.sum() / area.sum() < 1.15, (fixture.name, part.material.name)


@pytest.mark.parametrize("name", ROADS)
def test_wheel_tracks_are_only_where_lanes_are_driven(name: str) -> None:
    for fixture in stage(name).fixtures:
        for part in fixture.body.parts:
            if part.material.name == "driven_asphalt":
                assert np.abs(part.mesh.uv[:, 1] * DRIVEN_M[1]).max() < 4.0, fixture.name


PAVED = {"crosswalk_midblock", "four_way_junction", "parking_street", "t_junction"}


@pytest.mark.parametrize("name", [name for name in ROADS if name not in PAVED])
def test_grass_is_green_in_summer_and_straw_in_winter(name: str) -> None:
    """And what looks different is another asset."""
    winter = vocabulary.settings.get(name)().build("daylight", "winter")
    seen = 0
    for summery, wintry in zip(stage(name).fixtures, winter.fixtures, strict=True):
        for one, other in zip(summery.body.parts, wintry.body.parts, strict=False):
            if one.material.name == "grass":
                (red, green, blue), (pale_red, pale_green, pale_blue) = (
                    one.material.base_color,
                    other.material.base_color,
                )
                assert pale_red > red and pale_blue > blue and pale_green / pale_red < 0.8 * green / red
                assert summery.body.asset.digest != wintry.body.asset.digest
                seen += 1
    assert seen


@pytest.mark.parametrize("name", ROADS)
def test_pavements_are_felt_where_they_are_drawn(name: str) -> None:
    """The middles of level triangles that are drawn as pavement, corners of junctions and rings included."""
    road = network(name)
    wrong = total = 0
    for fixture in stage(name).fixtures:
        if fixture.body.semantic != "sidewalk":
            continue
        a, b, c = triangles(fixture).swapaxes(0, 1)
        normal = np.cross(b - a, c - a)
        level = np.abs(normal[:, 2]) > 0.999 * np.linalg.norm(normal, axis=1)
        for x, y, z in ((a + b + c) / 3.0)[level & (np.linalg.norm(normal, axis=1) > 0.02)]:
            total += 1
            wrong += abs(road.ground_at(x, y) - z) > 0.02
    assert wrong <= 0.01 * total
