"""A street that ends at a through street, without signals."""

from __future__ import annotations

import math

from simgen.core.declare import choice, integer, quantity
from simgen.core.vocabulary import settings
from simgen.scene.environment import Season
from simgen.scene.roadside.crossing import facing, stop_line, yield_line, zebra
from simgen.scene.roadside.fittings import SIGN_POST, Row, road_sign
from simgen.scene.roadside.street import KERB_HEIGHT_M, LANE_M
from simgen.scene.roadside.town import arms_at, build
from simgen.scene.stage import Setting, Stage


@settings.register("t_junction")
class TJunction(Setting):
    """A junction at which ``south`` ends at the main road from ``west`` to ``east``, which has priority.

    The side road lies to the right of who comes from the west.
    """

    length: float = quantity("m", low=40, high=200, default=80.0, help="of each arm")
    rule: str = choice(
        "yield", "stop", default="yield", help="what the side road is told", vary={"choice": ["yield", "stop"]}
    )
    trees: float = quantity("", low=0, high=1, default=0.6, help="share of the places for trees that have one")
    look: int = integer(low=0, high=9999, default=1, help="seed of houses and trees", vary={"integer": [1, 9999]})

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        burning = lighting in ("street_lamps", "auto")
        arms = arms_at(self.length, {"west": math.pi, "east": 0.0, "south": -math.pi / 2})
        side = arms[2]
        values = {name: getattr(self, name) for name in self.parameters}
        line = yield_line(side, 0.3) if self.rule == "yield" else [stop_line(side, 0.3)]
        crossing = [p for p in zebra(side, LANE_M, near_m=2.2) if p.t_m[1] - p.t_m[0] < 1.0]
        network, fixtures, center = build(
            "t_junction", arms, {"south": [*line, *crossing]}, values, self.look, burning, self.trees, season
        )
        signs = Row("signs", "traffic_sign")
        pieces = road_sign("stop")
        at = facing(side, 1.0, 1, LANE_M + 0.5, center, KERB_HEIGHT_M)
        if self.rule == "yield":
            pieces = road_sign("yield")
        signs.put(at, pieces, [SIGN_POST])
        fixtures += signs.fixtures(values)
        return Stage(fixtures=tuple(fixtures), road=network, ground="asphalt", reach_m=2 * self.length + 40.0)
