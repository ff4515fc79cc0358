"""Where feet are put: a foot that stands stays at its spot of the world until its time is over; then it swings to the
spot where the body will need it when it lands."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from simgen.scene.body import Gait
from simgen.scene.footing import Foot, Pace, Spot, ahead_of, landing_share, turn_between

SLOWEST_CYCLE_HZ = 0.55
"""However slow the body is, a step that was begun ends soon; slow walking takes short steps, not slow ones."""
LATEST_LIFT = 0.5
"""Share of its time in the air after which a foot that still stands waits for its next turn."""
LANDS = 0.85
"""Share of its time in the air from which a foot may stand."""
CATCHES_UP = 2.0
"""How many times as fast as in its turn a foot swings that is late, or out of its turn: one that leaves at LATEST_LIFT
lands in time."""
AIMED = 0.88
"""Share of its time in the air after which a foot no longer changes its mind."""
SWERVES_MPS = 4.0
SWERVES_RADPS = 8.0
"""How fast a foot in the air moves and turns aside, at most, when it is needed elsewhere than it was."""
MOST_TURN_RAD = 0.7
"""By how much one step turns, at most."""
TWISTED_RAD = 0.6
"""How far a standing foot may be turned against the body before it is moved out of its turn."""
SPARE_M = 0.03
"""How far beyond its leg's reach a foot may land or stand, before it waits for the body or is moved out of its turn."""
ASIDE_M = 0.03
ASIDE_RAD = 0.12
"""How far from their places the feet of somebody who stands may be before they are moved there."""


class Motion(NamedTuple):
    """How the body moves: where it is, along which course (rad, world), how fast, where it
    wants to face, and how its speed changes.

    Attributes:
        remaining_m: to the end of the way.
        steady: it moves as it did at the last tick, straight on: what was foreseen then is true still.
    """

    at: Spot
    course_rad: float
    speed_mps: float
    acceleration_mps2: float
    wanted_mps: float
    facing_rad: float
    remaining_m: float = math.inf
    steady: bool = False


class Footwork(NamedTuple):
    """The feet of one body. Immutable: ``after`` gives those of the next tick.

    Attributes:
        cycles: strides taken so far.
        pace, paced_mps: how a speed is walked, worked out anew when another one is.
    """

    gait: Gait
    feet: tuple[Foot, ...]
    cycles: float
    pace: Pace
    paced_mps: float

    @classmethod
    def standing(cls, gait: Gait, at: Spot, ground: Callable[[float, float], float]) -> Footwork:
        spots = []
        for x, y in gait.feet:
            px, py = ahead_of(at, x, y)
            spots.append((px, py, ground(px, py), at[3]))
        return cls(gait, tuple(Foot(spot, spot) for spot in spots), 0.0, gait.pace(0.0), 0.0)

    def after(self, motion: Motion, ground: Callable[[float, float], float], dt_s: float) -> Footwork:
        """The feet ``dt_s`` later, the body being at ``motion``."""
        gait, standing, cycles, pace, paced_mps = self
        speed = motion.speed_mps
        if speed != paced_mps:
            pace = gait.pace(speed)
        if not standing:
            return Footwork(gait, standing, cycles + speed * dt_s / pace.stride_m, pace, speed)
        down = True
        for foot in standing:
            down = down and foot.swing < 0.0
        if speed == 0.0 and down and not self._aside(motion.at):
            return self
        rate = _rate_hz(pace, speed)
        if down and speed <= motion.acceleration_mps2 * dt_s + 1e-9:
            cycles = self._begun(motion, pace)
            standing = tuple([Foot(f.spot, f.left, f.share, f.swing) for f in standing])
        cycles += rate * dt_s
        hurried = self._twisted(motion.at) if down else -1
        if hurried < 0 and pace.reach_m is not None:
            hurried = self._stretched(motion, pace.reach_m)
        offsets = pace.offsets
        feet = []
        for k, foot in enumerate(standing):
            phase = (cycles - offsets[k]) % 1.0
            # Whoever slows from a run to a walk ends the step as he began it: feet that stood on for as long as at a
            # walk would stay behind, and drag the body down.
            duty = min(pace.duty, foot.duty)
            if foot.swing < 0.0 and phase < duty and k != hurried:
                feet.append(Foot(foot.spot, foot.left, phase / duty, -1.0, foot.pitch_rad, foot.duty))
            else:
                feet.append(self._moved(k, foot, phase, motion, pace, rate, ground, dt_s, k == hurried))
        return Footwork(gait, tuple(feet), cycles, pace, speed)

    def _aside(self, at: Spot) -> bool:
        for foot, (x, y) in zip(self.feet, self.gait.feet, strict=True):
            px, py = ahead_of(at, x, y)
            away = math.hypot(foot.spot[0] - px, foot.spot[1] - py)
            if away > ASIDE_M or abs(turn_between(at[3], foot.spot[3])) > ASIDE_RAD:
                return True
        return False

    def _twisted(self, at: Spot) -> int:
        """The foot that is turned furthest against the body, if any is turned too far; else -1."""
        found, most = -1, TWISTED_RAD
        for k, foot in enumerate(self.feet):
            turn = abs(turn_between(at[3], foot.spot[3]))
            if turn > most:
                found, most = k, turn
        return found

    def _stretched(self, motion: Motion, reach_m: tuple[float, float]) -> int:
        """The standing foot that is furthest beyond what its leg reaches; -1 if none is."""
        found, most = -1, SPARE_M
        for k, foot in enumerate(self.feet):
            beyond = self._beyond(k, foot.spot, motion, reach_m)
            if foot.swing < 0.0 and beyond > most:
                found, most = k, beyond
        return found

    def _beyond(self, k: int, spot: Spot, motion: Motion, reach_m: tuple[float, float]) -> float:
        """How much further ahead or behind a spot lies than the leg of a foot reaches, in metres along the course."""
        lead = self._lead(k, spot, motion)
        return max(lead - reach_m[0], -lead - reach_m[1])

    def _reached(self, k: int, spot: Spot, motion: Motion, reach_m: tuple[float, float] | None) -> bool:
        return reach_m is None or self._beyond(k, spot, motion, reach_m) <= SPARE_M

    def _lead(self, k: int, spot: Spot, motion: Motion) -> float:
        """How far along the course a spot lies ahead of the place of a foot under the body, in metres."""
        x, y = ahead_of(motion.at, *self.gait.feet[k])
        return math.cos(motion.course_rad) * (spot[0] - x) + math.sin(motion.course_rad) * (spot[1] - y)

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
        hurried: bool,
    ) -> Foot:
        spot, left, _, swing, pitch, landed, swerves = foot
        duty = min(pace.duty, landed)
        wanted, lands_in_s, faster = (phase - duty) / (1.0 - duty), (1.0 - phase) / rate_hz, CATCHES_UP
        if phase < duty:
            # What has left the ground out of its turn, and would not be down again before its turn, waits for that.
            lands = duty - phase > (LANDS - swing) * (1.0 - duty) / CATCHES_UP + rate_hz * dt_s
            wanted, lands_in_s, faster = (1.0, 0.0, faster) if lands else (LATEST_LIFT, lands_in_s, 1.0)
        aimed = False
        if swing < 0.0:
            if wanted > LATEST_LIFT and not hurried:
                return Foot(spot, left, 1.0, swing, pitch, landed)
            left, swing, pitch = spot, 0.0, pace.pitch_rad(foot) if hurried else -pace.push_rad
        elif phase < duty and swing > LANDS and self._reached(k, spot, motion, pace.reach_m):
            strike = pace.strike_rad if motion.speed_mps > 0.05 else 0.0
            return Foot(spot, left, phase / pace.duty, -1.0, strike, pace.duty)
        elif swing > LANDS and wanted <= LATEST_LIFT:
            left, swing = spot, 0.0  # it has missed its turn to stand
        else:
            # Who walks straight on at an even speed will need it where he was seen to need it before
            aimed = motion.steady and not swerves and phase - rate_hz * dt_s >= duty
        # A foot that left late catches up, it does not jump.
        swing = max(swing, min(1.0, wanted, swing + faster * rate_hz * dt_s / (1.0 - duty)))
        swerves = False
        if swing <= AIMED and not aimed:
            wanted_spot = self._landing(k, motion, pace, lands_in_s, ground)
            spot = _swerved(spot, wanted_spot, swing, ground, dt_s)
            swerves = spot is not wanted_spot
        return Foot(spot, left, 1.0, swing, pitch, landed, swerves)

    def _landing(
        self, k: int, motion: Motion, pace: Pace, in_s: float, ground: Callable[[float, float], float]
    ) -> Spot:
        """Where a foot that lands in so many seconds will be needed."""
        at, course, v, a, wanted, facing, remaining, _ = motion
        then, ramp = v, 0.0
        if a != 0.0:
            change = wanted - v if a > 0.0 else v - wanted
            ramp = min(in_s, max(0.0, change) / abs(a))
            then = max(0.0, v + a * ramp)
        travel = 0.5 * (v + then) * ramp + then * (in_s - ramp)
        if then != v:
            pace = self.gait.pace(then)
        travel = min(travel + pace.ahead * pace.duty * then / _rate_hz(pace, then), remaining)
        turn = max(-MOST_TURN_RAD, min(MOST_TURN_RAD, turn_between(at[3], facing)))
        course += 0.5 * turn
        yaw = at[3] + turn
        center = (at[0] + travel * math.cos(course), at[1] + travel * math.sin(course), 0.0, yaw)
        x, y = ahead_of(center, *self.gait.feet[k])
        return x, y, ground(x, y), yaw


def _swerved(was: Spot, wanted: Spot, swing: float, ground: Callable[[float, float], float], dt_s: float) -> Spot:
    """The wanted landing, or as near to it as a foot gets that was on its way to another. The later it is, the more of
    a change moves the foot itself."""
    moves = max(landing_share(swing), 1e-9)
    x, y = wanted[0] - was[0], wanted[1] - was[1]
    turn = turn_between(was[3], wanted[3])
    way, most, turns = math.hypot(x, y), SWERVES_MPS * dt_s / moves, SWERVES_RADPS * dt_s / moves
    if way <= most and abs(turn) <= turns:
        return wanted
    share = min(1.0, most / max(way, 1e-9))
    x, y = was[0] + share * x, was[1] + share * y
    return x, y, ground(x, y), was[3] + max(-turns, min(turns, turn))


def _rate_hz(pace: Pace, speed_mps: float) -> float:
    return max(speed_mps / pace.stride_m, SLOWEST_CYCLE_HZ)
