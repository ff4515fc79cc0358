"""Reward as a sum of named terms, and the cost of what must not happen."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.simulation.vehicle import Vehicle


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a step led to: reward terms by name, cost of violated constraints, and their names."""

    terms: dict[str, float]
    cost: float
    causes: tuple[str, ...]

    @property
    def reward(self) -> float:
        return sum(self.terms.values())


def outcome(
    vehicle: Vehicle,
    *,
    dt_s: float,
    wanted_mps: float,
    jerk_mps3: float,
    lane_offset_m: float,
    hit: bool,
    offroad: bool,
) -> Outcome:
    """Progress at the wanted speed earns 1 per second; comfort, lane keeping, leaving the road and a hit cost."""
    progress = min(vehicle.speed_mps, wanted_mps) / max(wanted_mps, 0.1)
    terms = {
        "progress": dt_s * progress,
        "comfort": -dt_s * 0.02 * min(abs(jerk_mps3), 20.0),
        "lane": -dt_s * 0.2 * min(abs(lane_offset_m), 4.0),
        "offroad": -5.0 if offroad else 0.0,
        "collision": -20.0 - vehicle.speed_mps if hit else 0.0,
    }
    causes = tuple(name for name, true in (("collision", hit), ("offroad", offroad)) if true)
    return Outcome(terms=terms, cost=float(len(causes)), causes=causes)
