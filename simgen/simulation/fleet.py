"""All vehicles of a world on their wheels: a single-track (dynamic bicycle) model with tyres that give way at the
friction limit, integrated for all of them at once. ``Vehicle`` (vehicle.py) is the view of one.

Model: Mitschke & Wallentowitz, Dynamik der Kraftfahrzeuge (single track, load transfer); Fiala 1954 and Pacejka, Tire
and Vehicle Dynamics, ch. 3 (brush tyre, friction circle). Brakes distribute their force by the load of the axles and
never lock: a demand beyond the grip gives the peak friction, as with an anti-lock system.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array, yaw_of
from simgen.scene.body import Body
from simgen.scene.scene import Entity
from simgen.simulation.friction import Covering, friction

GRAVITY_MPS2 = 9.81
AIR_KG_M3 = 1.2
BRAKE_BUILD_UP_MPS3 = 35.0
"""How fast deceleration builds up: a full stop of 8.5 m/s² after 0.25 s, a hydraulic brake with booster."""
DRIVE_BUILD_UP_MPS3 = 8.0
CRASH_SPEED_MPS = 0.7
"""A change of velocity by contact beyond which the driver no longer controls the vehicle."""
HEAVY_KG = 3500.0
LEGS_KG = 150.0
"""Lighter vehicles are driven by their rider's legs or a small motor."""
NOTHING_CREEPS_MPS = 5e-3
"""Below this a stopped vehicle's remaining sideways motion, and its yaw rate in rad/s, are over."""

# Rows of the state: x, y of the body frame's origin and heading in the world; velocity of the centre of gravity forward
# and to the left, yaw rate; acceleration that the pedals give, angle of the front wheels, turn of the wheels; the
# tyres' longitudinal acceleration, for the loads.
X, Y, YAW, U, V, R, PEDAL, STEER, SPIN, AX = range(10)
# Rows of what the driver wants: pedals, wheels (as in the state), whether resistances are made up for, direction of the
# gear; crashed.
WANT, WANT_STEER, FEEL, GEAR, CRASHED = range(5)
# Rows of the ground: friction under the axles; gravity forward, left and down, m/s²; horizontal share of a way ahead
# and of one to the left.
MU_F, MU_R, GX, GY, GZ, HX, HY = range(7)
# Rows of the parameters; those from _ARM on have two rows, of the front and of the rear axle: position along x from
# the centre of gravity, mass on it, mass that moves there per m/s² of acceleration, stiffness over load, share of the
# drive.
_MASS, _INERTIA, _COG_X, _POWER, _DRIVE, _BRAKE, _DRAG, _ROLL, _RATE, _RADIUS = range(10)
_ARM, _CARRIED, _SHIFTED, _STIFF, _DRIVEN = (slice(k, k + 2) for k in range(10, 20, 2))

_ALL = slice(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of a vehicle's acceleration, m/s², both positive."""

    drive_mps2: float
    brake_mps2: float


class Fleet:
    """N vehicles as arrays. ``step`` advances those that move; one that stands with nobody asking it to move costs
    nothing.

    Attributes:
        entities: of the vehicles, in the order in which they were added.
        normal: (3, N) of the ground below each; height_m: (N,) of the body frame's origin.
        rise_mps, tilt_radps: (N,) and (3, N) how it rises and turns over a step, beyond its motion along the ground.
    """

    def __init__(self) -> None:
        self.entities: list[Entity] = []
        self.state = np.zeros((10, 0))
        self.wish = np.zeros((5, 0))
        self.ground = np.zeros((7, 0))
        self.normal = np.zeros((3, 0))
        self.height_m = np.zeros(0)
        self.rise_mps = np.zeros(0)
        self.tilt_radps = np.zeros((3, 0))
        self._incline = np.zeros((2, 0))
        self._parameters = np.zeros((20, 0))
        self._codes = np.zeros((2, 0), dtype=np.int64)
        self._moving: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._held: _Held | None = None
        self._fixed: _Held | None = None
        self._fixed_for = self._moving
        self._grip = np.ones((2, 0))
        self._flat: dict[tuple[int, int, bool], tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self.entities)

    def add(self, entity: Entity, start: Array, speed_mps: float) -> int:
        """The place of a new vehicle, which starts at this pose (4, 4) and speed along its heading."""
        body = entity.body
        column = _parameters(body)
        state = np.zeros(10)
        state[[X, Y]] = start[:2, 3]
        state[YAW], state[U] = yaw_of(start), speed_mps
        wish = np.array([0.0, 0.0, 1.0, -1.0 if speed_mps < 0 else 1.0, 0.0])
        ground = np.array([0.85, 0.85, 0.0, 0.0, GRAVITY_MPS2, 1.0, 1.0])
        self.entities.append(entity)
        self.state = np.column_stack([self.state, state])
        self.wish = np.column_stack([self.wish, wish])
        self.ground = np.column_stack([self.ground, ground])
        self.normal = np.column_stack([self.normal, (0.0, 0.0, 1.0)])
        self.height_m = np.append(self.height_m, start[2, 3])
        self.rise_mps = np.append(self.rise_mps, 0.0)
        self.tilt_radps = np.column_stack([self.tilt_radps, np.zeros(3)])
        self._incline = np.column_stack([self._incline, np.zeros(2)])
        self._parameters = np.column_stack([self._parameters, column])
        self._codes = np.column_stack([self._codes, (0, 0)])
        self._grip = np.column_stack([self._grip, (1.0, 1.0)])
        self._fixed = None
        self.settle()
        return len(self.entities) - 1

    # What it stands on

    def axles(self) -> Array:
        """(2, N, 2) points on the ground below the front and the rear axles, world frame."""
        s, p = self.state, self._parameters
        ahead = p[_COG_X] + p[_ARM]
        return np.stack([s[X] + ahead * np.cos(s[YAW]), s[Y] + ahead * np.sin(s[YAW])], axis=-1)

    def stand_on(self, codes: NDArray[np.int64]) -> None:
        """Grounds below the front and below the rear axles, (2, N) of ``friction.ground_codes``."""
        self._codes = codes

    def grip(self, covering: Covering) -> None:
        """Friction under the axles for what weather put on the ground, at the speeds that they have."""
        speed = np.hypot(self.state[U], self.state[V])
        self.ground[MU_F : MU_R + 1] = friction(self._codes, covering, np.broadcast_to(speed, self._codes.shape))
        if self._flat:
            self.ground[MU_F : MU_R + 1] *= self._grip

    def blow(
        self, index: int, axle: int, share: float, *, grip: float, stiffness: float, drag: float, arm_m: float
    ) -> None:
        """A tyre loses its air: its axle (0 front, 1 rear) keeps a share of grip and stiffness, and the wheel drags.

        Args:
            share: from 0 (as before) to 1 (flat).
            grip, stiffness: what the axle keeps when flat.
            drag: resistance over the load of the wheel when flat; arm_m: of the wheel, to the left of the middle.
        """
        whole = _parameters(self.entities[index].body)[:, None]
        self._grip[axle, index] = 1.0 - share * (1.0 - grip)
        self._parameters[_STIFF.start + axle, index] = whole[_STIFF.start + axle, 0] * (1.0 - share * (1.0 - stiffness))
        load = 0.5 * whole[_CARRIED.start + axle, 0] * GRAVITY_MPS2
        self._flat[(index, axle, arm_m > 0.0)] = (share * drag * load, arm_m)
        self._held = self._fixed = None

    def _drag_flat_wheels(self, dt_s: float) -> None:
        """What a wheel without air takes of speed and heading, against the way that it rolls."""
        moving = set(self._moving.tolist())
        for (index, _, _), (force, arm) in self._flat.items():
            if index not in moving:
                continue
            mass, inertia = self._parameters[_MASS, index], self._parameters[_INERTIA, index]
            speed = self.state[U, index]
            change = min(force / mass * dt_s, abs(float(speed)))
            self.state[U, index] -= math.copysign(change, speed)
            if change > 0.0 and abs(speed) > 0.5:
                self.state[R, index] += math.copysign(force / inertia * dt_s, speed) * arm

    def lie(self, index: int, normal: Array, height_m: float, dt_s: float = 0.0) -> None:
        """Puts a vehicle on ground of this normal (3,), at a height at once or within a time: gravity then pulls it
        downhill, and it goes along the ground."""
        turned, risen = np.cross(self.normal[:, index], normal), height_m - self.height_m[index]
        self.normal[:, index] = normal
        if dt_s > 0.0:
            self.tilt_radps[:, index], self.rise_mps[index] = turned / dt_s, risen / dt_s
        else:
            self.height_m[index] = height_m
        axes = self.pose(index)[:3, :3]
        forward_z, left_z, up_z = axes[2]
        self._incline[:, index] = forward_z, left_z
        self.ground[GX:, index] = (
            -GRAVITY_MPS2 * forward_z,
            -GRAVITY_MPS2 * left_z,
            GRAVITY_MPS2 * up_z,
            math.hypot(axes[0, 0], axes[1, 0]),
            math.hypot(axes[0, 1], axes[1, 1]),
        )
        self._fixed = None

    def park(self, index: int) -> None:
        """Stops a vehicle where it is."""
        self.state[[U, V, R, PEDAL, STEER, AX], index] = 0.0
        self.wish[[WANT, WANT_STEER], index] = 0.0

    # Time

    def settle(self) -> None:
        """Decides who moves, and takes what drivers want, until this is asked again: to be called once per control tick
        and after a command."""
        s, w, g = self.state, self.wish, self.ground
        still = (s[U] == 0.0) & (s[V] == 0.0) & (s[R] == 0.0)
        still &= (s[PEDAL] == w[WANT]) & (s[STEER] == w[WANT_STEER])
        held = (w[WANT] * w[GEAR] <= 0.0) & (w[FEEL] > 0.0)
        pull = np.hypot(g[GX], g[GY])
        free = self._parameters[_ROLL] * g[GZ]
        held = np.where(held, pull <= np.minimum(g[MU_F], g[MU_R]) * g[GZ], (w[WANT] == 0.0) & (pull <= free))
        self._moving = np.flatnonzero(~(still & held))
        self._held = None

    @property
    def moving(self) -> NDArray[np.int64]:
        """Places of those that ``step`` advances."""
        return self._moving

    def step(self, dt_s: float) -> None:
        """Advances by one physics step."""
        moving = self._moving
        if len(moving) == 0:
            return
        everyone = len(moving) == len(self.entities)
        chosen = _ALL if everyone else moving
        if self._held is None or self._held.dt_s != dt_s:
            fixed = self._fixed
            if fixed is None or fixed.dt_s != dt_s or not np.array_equal(moving, self._fixed_for):
                fixed = _Held.over(self.wish[:, chosen], self.ground[:, chosen], self._parameters[:, chosen], dt_s)
                self._fixed, self._fixed_for = fixed, moving
            else:
                fixed = fixed.asked(self.wish[:, chosen])
            self._held = fixed
        state = self.state[:, chosen]
        _advance(state, self.wish[CRASHED, chosen], self.ground[MU_F : MU_R + 1, chosen], self._held)
        if not everyone:
            self.state[:, moving] = state
        if self._incline.any() or self.rise_mps.any():
            left = self.state[V] - self.state[R] * self._parameters[_COG_X]
            climb = self._incline[0] * self.state[U] + self._incline[1] * left + self.rise_mps
            self.height_m[moving] += climb[moving] * dt_s
        if self._flat:
            self._drag_flat_wheels(dt_s)

    # What is seen of it

    def poses(self, chosen: NDArray[np.int64] | slice = _ALL) -> Array:
        """(n, 4, 4) world_from_body of all or of those at some places."""
        yaw, normal = self.state[YAW, chosen], self.normal[:, chosen]
        result = np.zeros((len(yaw), 4, 4))
        columns = result.T
        forward, left = columns[0, :3], columns[1, :3]
        c, s, rise = forward
        np.cos(yaw, out=c)
        np.sin(yaw, out=s)
        a, b, up = normal
        np.divide(c * a + s * b, -up, out=rise)
        forward /= np.sqrt(1.0 + rise * rise)
        left[0], left[1], left[2] = b * rise - up * s, up * c - a * rise, a * s - b * c
        columns[2, :3] = normal
        columns[3, :2], columns[3, 2] = self.state[X : Y + 1, chosen], self.height_m[chosen]
        columns[3, 3] = 1.0
        return result

    def stance(self, chosen: NDArray[np.int64]) -> bytes:
        """Exactly who they are, where they stand and how they move."""
        return b"".join(
            values.tobytes()
            for values in (chosen, self.state[: R + 1, chosen], self.normal[:, chosen], self.height_m[chosen])
        )

    def pose(self, index: int) -> Array:
        """(4, 4) world_from_body of one."""
        yaw = self.state[YAW, index]
        c, s = math.cos(yaw), math.sin(yaw)
        a, b, up = self.normal[:, index]
        rise = -(c * a + s * b) / up
        length = math.sqrt(1.0 + rise * rise)
        x, y, z = c / length, s / length, rise / length
        return np.array(
            [
                [x, b * z - up * y, a, self.state[X, index]],
                [y, up * x - a * z, b, self.state[Y, index]],
                [z, a * y - b * x, up, self.height_m[index]],
                [0.0, 0.0, 0.0, 1.0],
            ]
        )

    def limits(self, index: int) -> Limits:
        """What drive and brakes of one give at standstill on any grip."""
        p = self._parameters[:, index]
        return Limits(drive_mps2=float(p[_DRIVE] / p[_MASS]), brake_mps2=float(p[_BRAKE] / p[_MASS]))

    def understeer_s2_per_m(self, index: int) -> float:
        """Steering angle in rad per m/s² of lateral acceleration, beyond that of the wheelbase."""
        p = self._parameters[:, index]
        front, rear = p[_STIFF]
        return float((1.0 / front - 1.0 / rear) / GRAVITY_MPS2)

    def yaw_inertia_kg_m2(self, index: int) -> float:
        return float(self._parameters[_INERTIA, index])

    def velocities(self, poses: Array) -> Array:
        """(N, 3) of the body frames' origins, world frame; ``poses`` are those of now."""
        s = self.state
        left = s[V] - s[R] * self._parameters[_COG_X]
        result: Array = s[U][:, None] * poses[:, :3, 0] + left[:, None] * poses[:, :3, 1]
        result[:, 2] += self.rise_mps
        return result

    def center_velocities(self, poses: Array, chosen: NDArray[np.int64]) -> Array:
        """(n, 3) of the centres of gravity, world frame; ``poses`` are those of now, of the chosen."""
        u, v = self.state[U : V + 1, chosen]
        result: Array = u[:, None] * poses[:, :3, 0] + v[:, None] * poses[:, :3, 1]
        result[:, 2] += self.rise_mps[chosen]
        return result

    def spins(self, poses: Array, chosen: NDArray[np.int64] | slice = _ALL) -> Array:
        """(n, 3) angular velocities, world frame."""
        result: Array = self.state[R, chosen][:, None] * poses[:, :3, 2] + self.tilt_radps[:, chosen].T
        return result


def _parameters(body: Body) -> Array:
    """(18,) of a vehicle; figures that its geometry leaves open are those usual for its mass and size."""
    g, mass = body.vehicle, body.mass_kg
    assert g is not None
    front = g.front_axle_m - g.center_of_gravity_m
    rear = g.center_of_gravity_m - g.rear_axle_m
    heavy, legs = mass >= HEAVY_KG, mass < LEGS_KG
    inertia = mass * front * rear if g.yaw_inertia_kg_m2 is None else g.yaw_inertia_kg_m2
    cornering = g.cornering_per_rad or ((5.5, 6.5) if heavy else (9.0, 11.5))
    # 65 W/kg for a car of 1.5 t, 300 kW for 18 t, 40 kW for a motorcycle with its rider
    power = g.power_w or (4.0 * mass if legs else 97_500.0 * (mass / 1500.0) ** 0.45)
    drive = g.drive_mps2 or (1.5 if legs else 2.0 if heavy else 4.5)
    _, width, height = body.box_size_m
    blunt = 0.6 if heavy or width < 1.2 else 0.32
    area = blunt * 0.82 * width * height if g.drag_area_m2 is None else g.drag_area_m2
    # Beyond these a short vehicle with a high centre of gravity goes over its front wheel, or rears up.
    nose_over = GRAVITY_MPS2 * front / g.cog_height_m
    rear_up = GRAVITY_MPS2 * rear / g.cog_height_m
    shifted = mass * g.cog_height_m / (front + rear)
    return np.array(
        [
            mass,
            inertia,
            g.center_of_gravity_m,
            power,
            mass * min(drive, rear_up),
            mass * min(g.brake_mps2, nose_over),
            0.5 * AIR_KG_M3 * area,
            g.rolling,
            g.steer_rate_radps,
            g.wheel_radius_m,
            *(front, -rear),
            *(mass * rear / (front + rear), mass * front / (front + rear)),
            *(-shifted, shifted),
            *cornering,
            *(g.driven_front, 1.0 - g.driven_front),
        ]
    )


class _Held(NamedTuple):
    """What stays the same from one ``settle`` to the next, for those that move: (n,), or (2, n) for both axles or for
    pedals and wheels. Wishes, parameters and the ground are multiplied here, not at every step; while nothing but the
    wishes changes, ``asked`` makes the next one from the last."""

    dt_s: float
    wanted: Array
    rates: Array
    easing: Array
    pressing: Array
    need: Array
    feel: Array
    given: Array
    resisting: Array
    rolling: Array
    drag: Array
    power: Array
    most_drive: Array
    most_brake: Array
    driven: Array
    carried: Array
    standing: Array
    shifted: Array
    stopping: Array
    stiff: Array
    arm: Array
    yawing: Array
    per_mass: Array
    pull: Array
    sink: Array
    ahead: Array
    aside: Array
    behind: Array
    turns: Array
    downhill: Array
    weight: Array
    mass: Array
    slope: Array
    share: Array

    @classmethod
    def over(cls, wish: Array, ground: Array, p: Array, dt_s: float) -> Self:
        mass, carried = p[_MASS].copy(), p[_CARRIED]
        gx, gy, gz, hx, hy = ground[GX:]
        rates = np.empty((2, p.shape[1]))
        rates[1] = p[_RATE] * dt_s
        none = np.zeros(len(mass))
        return cls(
            dt_s=dt_s,
            wanted=wish[WANT : WANT_STEER + 1],
            rates=rates,
            easing=np.full(len(mass), DRIVE_BUILD_UP_MPS3 * dt_s),
            pressing=np.full(len(mass), BRAKE_BUILD_UP_MPS3 * dt_s),
            need=none,
            feel=none,
            given=none,
            resisting=none,
            rolling=p[_ROLL] * mass * gz,
            drag=p[_DRAG].copy(),
            power=p[_POWER].copy(),
            most_drive=p[_DRIVE].copy(),
            most_brake=-p[_BRAKE],
            driven=none,
            carried=carried.copy(),
            standing=gz * carried,
            shifted=p[_SHIFTED].copy(),
            stopping=(0.8 / dt_s) * carried,
            stiff=p[_STIFF] / 3.0,
            arm=p[_ARM].copy(),
            yawing=p[_ARM] * (dt_s / p[_INERTIA]),
            per_mass=dt_s / mass,
            pull=gx * dt_s,
            sink=gy * dt_s,
            ahead=(0.5 * dt_s) * hx,
            aside=(0.5 * dt_s) * hy,
            behind=p[_COG_X] * hy,
            turns=dt_s / p[_RADIUS],
            downhill=np.hypot(gx, gy),
            weight=gz.copy(),
            mass=mass,
            slope=mass * gx,
            share=p[_DRIVEN].copy(),
        ).asked(wish)

    def asked(self, wish: Array) -> Self:
        """With other wishes (5, n)."""
        gear, feel = wish[GEAR], wish[FEEL]
        given = gear * feel
        return self._replace(
            wanted=wish[WANT : WANT_STEER + 1].copy(),
            need=gear * self.mass,
            feel=given,
            given=given * self.slope,
            resisting=feel * self.rolling,
            driven=gear * self.share,
        )


def _advance(s: Array, crashed: Array, mu: Array, k: _Held) -> None:
    """One step of the states ``s`` in place, by rows, one column per vehicle. What has two rows is that of the front
    and of the rear axle, as is the friction ``mu``."""
    u, v, r = s[U : R + 1]
    out_of_control = np.count_nonzero(crashed) > 0

    # The driver's feet and hands
    held = s[PEDAL : STEER + 1]
    rates = k.rates
    rates[0] = np.where(np.minimum(k.wanted[0], held[0]) < 0.0, k.pressing, k.easing)
    change = np.minimum(np.maximum(k.wanted - held, -rates), rates)
    pedal, steer = held + 0.5 * change
    held += change
    cos, sin = np.cos(steer), np.sin(steer)

    # What the wheels are asked for: a driver makes up for drag and slope as far as the engine can
    speed = np.abs(u)
    drag = k.drag * u * speed
    need = k.need * pedal + k.feel * drag - k.given + k.resisting * (speed > 1e-3)
    need = np.maximum(np.minimum(need, np.minimum(k.most_drive, k.power / np.maximum(speed, 1.0))), k.most_brake)
    drive = np.maximum(need, 0.0)

    # Loads of the axles, and what friction they can give
    load = np.maximum(s[AX] * k.shifted + k.standing, 1e-9)
    grip = mu * load

    # Slip
    slide = v + k.sink
    across = k.arm * r + slide
    along = np.empty_like(across)
    front = across[0]
    np.add(u * cos, front * sin, out=along[0])
    along[1] = u
    side = across.copy() if out_of_control else across
    np.subtract(front * cos, u * sin, out=front)
    push_y = _lateral(across, along, k.stiff * load, grip, k.stopping)
    way = np.sign(u)
    push_x = k.driven * drive
    hold = load * ((drive - need + k.rolling) / (load[0] + load[1]))
    wheels = push_x - way * hold
    if np.count_nonzero(np.maximum(np.hypot(wheels, push_y), hold) > grip):
        keep, give = _friction_circle(wheels, push_y, grip)
        push_x *= keep
        push_y *= give
        hold = np.minimum(hold * keep, grip)
        wheels = push_x - way * hold
    if out_of_control:
        slide_x, slide_y = _dragged(u + k.pull, side, grip, k.stopping)
        lost = crashed > 0.0
        push_x, push_y = np.where(lost, slide_x, push_x), np.where(lost, slide_y, push_y)
        hold = np.where(lost, 0.0, hold)
        wheels = push_x - way * hold
        cos, sin = np.where(lost, 1.0, cos), np.where(lost, 0.0, sin)

    # Newton, in the turning frame
    # What holds turned front wheels does not push them aside once they stand
    front = push_y[0] * cos + (push_x[0] - way * np.minimum(hold[0], k.stopping[0] * speed)) * sin
    rear = push_y[1]
    push = push_x[0] * cos - push_y[0] * sin + push_x[1]
    back = hold[0] * cos + hold[1]
    ahead = u + ((push - drag) * k.per_mass + k.pull)
    ahead = np.copysign(np.maximum(np.abs(ahead) - back * k.per_mass, 0.0), ahead)
    left = slide + (front + rear) * k.per_mass
    spin = k.yawing[0] * front + k.yawing[1] * rear + r
    s[AX] = (push - way * back) * k.per_mass / k.dt_s
    # The remains of a stop: nothing creeps
    if out_of_control or np.count_nonzero(ahead) < len(ahead):
        rest = np.abs(ahead) <= NOTHING_CREEPS_MPS * crashed
        rest &= (np.abs(left) < NOTHING_CREEPS_MPS) & (np.abs(spin) < NOTHING_CREEPS_MPS)
        rest &= k.downhill <= np.minimum(mu[0], mu[1]) * k.weight
        ahead[rest] = left[rest] = spin[rest] = 0.0
    turned = spin * k.dt_s
    c, sn = np.cos(turned), np.sin(turned)
    # What counts for the way is the mean of the velocities before and after, both along the axes from before; the body
    # turns about its centre of gravity.
    forward = (u + ahead) * k.ahead + (1.0 - c) * k.behind
    sideways = (v + left) * k.aside - sn * k.behind
    s[U], s[V], s[R] = ahead * c + left * sn, left * c - ahead * sn, spin
    c, sn = np.cos(s[YAW]), np.sin(s[YAW])
    s[X] += forward * c - sideways * sn
    s[Y] += forward * sn + sideways * c
    s[YAW] += turned
    rolled = ahead * k.turns
    if out_of_control:
        rolled *= 1.0 - crashed
    s[SPIN] = (s[SPIN] + rolled) % math.tau


def _lateral(across: Array, along: Array, stiffness: Array, grip: Array, stopping: Array) -> Array:
    """Lateral forces of axles: a brush tyre (``stiffness``: a third of its slope), with at most the force that ends its
    sideways motion within the step (at walking speed a tyre is as stiff as that allows)."""
    speed = np.abs(across)
    left = np.maximum(1.0 - stiffness * speed / (grip * np.maximum(np.abs(along), 1e-6)), 0.0)
    force = grip - grip * left * left * left
    return np.copysign(np.minimum(force, stopping * speed), -across)


def _friction_circle(along: Array, across: Array, grip: Array) -> tuple[Array, Array]:
    """Shares of the forces of axles along and across that remain where both together ask for more than the grip."""
    size = np.abs(along)
    together = np.minimum(1.0, grip / np.maximum(np.hypot(np.minimum(size, grip), across), 1e-9))
    return together * np.minimum(1.0, grip / np.maximum(size, 1e-9)), together


def _dragged(ahead: Array, left: Array, grip: Array, stopping: Array) -> tuple[Array, Array]:
    """Forces forward and to the left on axles whose wheels are locked: friction against the way that they slide."""
    speed = np.maximum(np.hypot(ahead, left), 1e-9)
    force = np.minimum(grip, stopping * speed) / speed
    return -force * ahead, -force * left
