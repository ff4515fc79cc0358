"""Where feet are put: a foot that stands stays at its spot of the world until its time is over; then it swings to the
spot where the body will need it when it lands."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from simgen.scene.body import Gait
from simgen.scene.footing import Foot, Pace, Spot, ahead_of

SLOWEST_CYCLE_HZ = 0.55
"""However slow the body is, a step that was begun ends soon; slow walking takes short steps, not slow ones."""
LATEST_LIFT = 0.5
"""Share of its time in the air after which a foot that still stands waits for its next turn."""
AIMED = 0.88
"""Share of its time in the air after which a foot no longer changes its mind."""
MOST_TURN_RAD = 0.7
"""By how much one step turns, at most."""
TWISTED_RAD = 0.6
"""How far a standing foot may be turned against the body before it is moved out of its turn."""
ASIDE_M = 0.03
ASIDE_RAD = 0.12
"""How far from their places the feet of somebody who stands may be before they are moved there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """How the body moves: where it is, along which course (rad, world), how fast, where it
    wants to face, and how its speed changes."""

    at: Spot
    course_rad: float
    speed_mps: float
    acceleration_mps2: float
    wanted_mps: float
    facing_rad: float
    remaining_m: float = math.inf
    """To the end of the way."""


@dataclass(frozen=True, slots=True)
class Footwork:
    """The feet of one body. Immutable: ``after`` gives those of the next tick.

    Attributes:
        cycles: strides taken so far.
    """

    gait: Gait
    feet: tuple[Foot, ...]
    cycles: float = 0.0

    @classmethod
    def standing(cls, gait: Gait, at: Spot, ground: Callable[[float, float], float]) -> Footwork:
        spots = []
        for x, y in gait.feet:
            px, py = ahead_of(at, x, y)
            spots.append((px, py, ground(px, py), at[3]))
        return cls(gait, tuple(Foot(spot, spot) for spot in spots))

    def after(self, motion: Motion, ground: Callable[[float, float], float], dt_s: float) -> Footwork:
        """The feet ``dt_s`` later, the body being at ``motion``."""
        speed = motion.speed_mps
        if not self.feet:
            return replace(self, cycles=self.cycles + speed * dt_s / self.gait.stride_m(speed))
        down = all(f.stands for f in self.feet)
        if speed == 0.0 and down and not self._aside(motion.at):
            return self
        pace = self.gait.pace(speed)
        rate = _rate_hz(pace, speed)
        cycles, standing = self.cycles, self.feet
        if down and speed <= motion.acceleration_mps2 * dt_s + 1e-9:
            cycles = self._begun(motion, pace)
            standing = tuple(replace(f, pitch_rad=0.0) for f in standing)
        cycles += rate * dt_s
        twisted = self._twisted(motion.at) if down else -1
        feet = tuple(
            self._moved(k, foot, (cycles - pace.offsets[k]) % 1.0, motion, pace, rate, ground, dt_s, k == twisted)
            for k, foot in enumerate(standing)
        )
        return Footwork(self.gait, feet, cycles)

    def _aside(self, at: Spot) -> bool:
        for foot, (x, y) in zip(self.feet, self.gait.feet, strict=True):
            px, py = ahead_of(at, x, y)
            turn = foot.spot[3] - at[3]
            away = math.hypot(foot.spot[0] - px, foot.spot[1] - py)
            if away > ASIDE_M or abs(math.atan2(math.sin(turn), math.cos(turn))) > ASIDE_RAD:
                return True
        return False

    def _twisted(self, at: Spot) -> int:
        """The foot that is turned furthest against the body, if any is turned too far; else -1."""
        turns = [abs(math.atan2(math.sin(f.spot[3] - at[3]), math.cos(f.spot[3] - at[3]))) for f in self.feet]
        k = max(range(len(turns)), key=lambda i: turns[i])
        return k if turns[k] > TWISTED_RAD else -1

    def _begun(self, motion: Motion, pace: Pace) -> float:
        """Cycles from which the foot that is furthest behind is the first to leave the ground."""
        c, s = math.cos(motion.course_rad), math.sin(motion.course_rad)
        # Of feet that are level, the one on the side towards which the body goes.
        left = motion.at[3] + 0.5 * math.pi
        lean = 1e-3 * math.copysign(1.0, math.sin(motion.course_rad - motion.at[3]))
        along = [
            c * f.spot[0] + s * f.spot[1] - lean * (math.cos(left) * f.spot[0] + math.sin(left) * f.spot[1])
            for f in self.feet
        ]
        first = min(range(len(along)), key=lambda k: along[k])
        whole = math.floor(self.cycles) + 1
        return whole + pace.duty + pace.offsets[first]

    def _moved(
        self,
        k: int,
        foot: Foot,
        phase: float,
        motion: Motion,
        pace: Pace,
        rate_hz: float,
        ground: Callable[[float, float], float],
        dt_s: float,
        twisted: bool,
    ) -> Foot:
        wanted = (phase - pace.duty) / (1.0 - pace.duty) if phase >= pace.duty else 1.0
        if foot.stands:
            if phase < pace.duty and not twisted:
                return replace(foot, share=phase / pace.duty)
            if wanted > LATEST_LIFT and not twisted:
                return replace(foot, share=1.0)
            foot = Foot(foot.spot, foot.spot, 1.0, 0.0, 0.0 if twisted else -pace.push_rad)
        elif phase < pace.duty and foot.swing > 0.85:
            strike = pace.strike_rad if motion.speed_mps > 0.05 else 0.0
            return Foot(foot.spot, foot.left, phase / pace.duty, -1.0, strike)
        # A foot that left late catches up, it does not jump.
        most = foot.swing + 3.0 * rate_hz * dt_s / (1.0 - pace.duty)
        swing = max(foot.swing, min(1.0, wanted, most))
        remaining = (1.0 - phase) / rate_hz if phase >= pace.duty else 0.0
        if swing > AIMED:
            return replace(foot, swing=swing)
        return replace(foot, spot=self._landing(k, motion, remaining, ground), swing=swing)

    def _landing(self, k: int, motion: Motion, in_s: float, ground: Callable[[float, float], float]) -> Spot:
        """Where a foot that lands in so many seconds will be needed."""
        v, a = motion.speed_mps, motion.acceleration_mps2
        if a > 0.0:
            ramp = min(in_s, max(0.0, motion.wanted_mps - v) / a)
        elif a < 0.0:
            ramp = min(in_s, max(0.0, v - motion.wanted_mps) / -a)
        else:
            ramp = 0.0
        then = max(0.0, v + a * ramp)
        travel = 0.5 * (v + then) * ramp + then * (in_s - ramp)
        pace = self.gait.pace(then)
        travel = min(travel + pace.ahead * pace.duty * then / _rate_hz(pace, then), motion.remaining_m)
        turn = math.atan2(math.sin(motion.facing_rad - motion.at[3]), math.cos(motion.facing_rad - motion.at[3]))
        turn = max(-MOST_TURN_RAD, min(MOST_TURN_RAD, turn))
        course = motion.course_rad + 0.5 * turn
        yaw = motion.at[3] + turn
        center = (
            motion.at[0] + travel * math.cos(course),
            motion.at[1] + travel * math.sin(course),
            0.0,
            yaw,
        )
        x, y = ahead_of(center, *self.gait.feet[k])
        return x, y, ground(x, y), yaw


def _rate_hz(pace: Pace, speed_mps: float) -> float:
    return max(speed_mps / pace.stride_m, SLOWEST_CYCLE_HZ)
