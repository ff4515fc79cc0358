"""Places on roads that bend, and on side roads."""

import math
from pathlib import Path

import numpy as np
import pytest

from simgen import language, sampling
from simgen.core.errors import SimgenError
from simgen.core.geometry import wrap_angle
from simgen.sampling.sampler import start_situation
from simgen.scene.situation import Situation

TEXT = """simgen: 1
scenario: places
summary: places
setting: {{road: {road}}}
actors:
  ego: {{model: car.sedan, at: {{{ego}}}}}
  other: {{model: car.sedan, at: {{{other}}}}}
end: time > 1 s
"""


def situation(tmp_path: Path, road: str, ego: str, other: str) -> Situation:
    file = tmp_path / "places.yaml"
    file.write_text(TEXT.format(road=road, ego=ego, other=other))
    return start_situation(sampling.sample(language.load(str(file), ()), seed=3, index=0))


def test_gaps_are_measured_along_the_bend(tmp_path: Path) -> None:
    seen = situation(tmp_path, "two_lane_rural", "lane: -1, s: 100 m", "ahead_of: ego, gap: 40 m")
    road = seen.road
    rear = min(road.locate(c)[0] for c in seen.footprint("other")[0])
    front = max(road.locate(c)[0] for c in seen.footprint("ego")[0])
    assert rear - front == pytest.approx(40.0, abs=0.35)
    s, t = seen.road_position("other")
    assert t == pytest.approx(road.lane(-1).center_t_m, abs=1e-3)
    assert abs(wrap_angle(seen.yaw("other") - road.heading_at(s))) < 1e-6
    assert abs(road.heading_at(s)) > 0.05


def test_side_roads(tmp_path: Path) -> None:
    seen = situation(tmp_path, "four_way_junction", "road: north, lane: 1, s: 40 m", "behind: ego, gap: 5 m")
    assert math.cos(seen.yaw("ego") + math.pi / 2) == pytest.approx(1.0)
    offset = seen.position("other") - seen.position("ego")
    assert np.allclose(offset[0], 0.0, atol=1e-6)
    assert offset[1] > 9.0


def test_unknown_roads_and_lanes(tmp_path: Path) -> None:
    with pytest.raises(SimgenError, match="unknown road 'nord'"):
        situation(tmp_path, "four_way_junction", "road: nord, lane: 1, s: 40 m", "lane: -1, s: 10 m")
    with pytest.raises(SimgenError, match="no lane -7"):
        situation(tmp_path, "motorway", "lane: -7, s: 40 m", "lane: -1, s: 10 m")
