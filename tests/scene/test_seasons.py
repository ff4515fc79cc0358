"""Trees are bare when the environment says that it is winter."""

import numpy as np
import pytest

from simgen.core.vocabulary import settings
from simgen.sampling.assembly import build_stage
from simgen.sampling.concrete import Use
from simgen.scene.environment import EnvironmentSpec, season
from simgen.scene.models.tree import Tree


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"day_of_year": 172}, "summer"),
        ({"day_of_year": 15}, "winter"),
        ({"day_of_year": 350}, "winter"),
        ({"day_of_year": 295}, "autumn"),
        ({"day_of_year": 172, "road_snow": 0.4}, "winter"),
        ({"day_of_year": 172, "snow": 1.0}, "winter"),
        ({"day_of_year": 15, "latitude": -0.6}, "summer"),
        ({"day_of_year": 190, "latitude": -0.6}, "winter"),
        ({"day_of_year": 15, "latitude": 0.1}, "summer"),
    ],
)
def test_season_follows_snow_day_and_latitude(stated: dict[str, float], expected: str) -> None:
    assert season(EnvironmentSpec(where="environment", **stated)) == expected


def test_a_bare_tree_is_as_large_as_one_in_leaf_and_lets_the_light_through() -> None:
    leafy, bare = Tree().build(), Tree(season="winter").build()
    assert [p.name for p in bare.parts] == ["wood"]
    assert bare.notes["height_m"] == pytest.approx(7.5, abs=0.05)
    assert bare.box_size_m[0] == pytest.approx(leafy.box_size_m[0], rel=0.3)
    assert bare.asset.digest != leafy.asset.digest

    def shadow(parts: tuple) -> float:
        """Share of a crown's square that its triangles cover, seen from above and counted once."""
        x, y = np.meshgrid(np.linspace(-1.2, 1.2, 60), np.linspace(-1.2, 1.2, 60))
        covered = np.zeros(x.shape, dtype=bool)
        for part in parts:
            for corners in part.mesh.vertices_m[part.mesh.faces][:, :, :2].astype(float):
                a, b, c = corners
                sides = [(q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]) for p, q in ((a, b), (b, c), (c, a))]
                covered |= np.all(np.array(sides) > 0, axis=0) | np.all(np.array(sides) < 0, axis=0)
        return float(covered.mean())

    assert shadow(leafy.parts) > 0.9
    assert 0.03 < shadow(bare.parts) < 0.5


@pytest.mark.parametrize("name", sorted(n for n in settings.names() if settings.get(n)().group == "road"))
def test_no_road_has_leaves_in_winter(name: str) -> None:
    def leaves(**stated: float) -> set[str]:
        stage = build_stage(Use(name=name, parameters={}), EnvironmentSpec(where="environment", **stated))
        names = {p.material.name for f in stage.fixtures for p in f.body.parts}
        return {n for n in names if n.startswith("leaf_")}

    assert not leaves(road_snow=1.0)
    assert leaves(day_of_year=172) <= {"leaf_summer"}
