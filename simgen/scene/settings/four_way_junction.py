"""A junction of four streets in a town, with traffic signals, stop lines and zebra crossings."""

from __future__ import annotations

import math

from simgen.core.declare import integer, quantity
from simgen.core.vocabulary import settings
from simgen.scene.environment import Season
from simgen.scene.roadside.crossing import facing, zebra
from simgen.scene.roadside.fittings import signal_head
from simgen.scene.roadside.street import KERB_HEIGHT_M, LANE_M
from simgen.scene.roadside.town import arms_at, build
from simgen.scene.signals import Signal
from simgen.scene.stage import Fixture, Setting, Stage

AMBER_S = 3.0
RED_AMBER_S = 1.0
ALL_RED_S = 2.0
BEARINGS = {"west": math.pi, "east": 0.0, "north": math.pi / 2, "south": -math.pi / 2}
LINE_M = 5.0
"""From a mouth back to its stop line."""


@settings.register("four_way_junction")
class FourWayJunction(Setting):
    """Four arms: the main road leads from ``west`` to ``east``; ``north`` and ``south`` lead away from the middle.
    The signals are called ``west``, ``east``, ``north`` and ``south``; opposite ones show the same."""

    length: float = quantity("m", low=40, high=200, default=80.0, help="of each arm")
    green: float = quantity("s", low=4, high=90, default=15.0, help="duration of green for each of the two ways")
    phase: float = quantity(
        "s",
        low=0,
        high=300,
        default=0.0,
        help="how far into the plan it starts; 0 is green for west and east",
        vary={"uniform": ["0 s", "42 s"]},
    )
    trees: float = quantity("", low=0, high=1, default=0.6, help="share of the places for trees that have one")
    look: int = integer(low=0, high=9999, default=1, help="seed of houses and trees", vary={"integer": [1, 9999]})

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        burning = lighting in ("street_lamps", "auto")
        arms = arms_at(self.length, BEARINGS)
        values = {name: getattr(self, name) for name in self.parameters}
        patches = {arm.name: zebra(arm, LANE_M) for arm in arms}
        network, fixtures, center = build(
            "four_way_junction", arms, patches, values, self.look, burning, self.trees, season
        )
        head = signal_head(arm_m=2.4)
        signals = []
        for arm in arms:
            at = facing(arm, LINE_M + 0.6, 1, LANE_M + 0.55, center, KERB_HEIGHT_M)
            fixtures.append(Fixture(name=f"signal_{arm.name}", body=head, world_from_body=at))
            lane = (arm.name, arm.incoming, arm.along(LINE_M))
            signals.append(
                Signal(
                    name=arm.name,
                    heads=(f"signal_{arm.name}",),
                    phases=phases(self.green, first=arm.name in ("west", "east")),
                    offset_s=self.phase,
                    stop_lines=(lane,),
                )
            )
        return Stage(
            fixtures=tuple(fixtures),
            road=network,
            ground="asphalt",
            reach_m=2 * self.length + 40.0,
            signals=tuple(signals),
        )


def phases(green_s: float, *, first: bool) -> tuple[tuple[str, float], ...]:
    """The plan of one of two ways that take turns: green, amber, red, red and amber (RiLSA)."""
    other = green_s + AMBER_S
    wait = ALL_RED_S + other + ALL_RED_S
    if first:
        return (("green", green_s), ("amber", AMBER_S), ("red", wait - RED_AMBER_S), ("red_amber", RED_AMBER_S))
    before = other + ALL_RED_S - RED_AMBER_S
    return (("red", before), ("red_amber", RED_AMBER_S), ("green", green_s), ("amber", AMBER_S), ("red", ALL_RED_S))
