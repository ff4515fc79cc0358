"""A body: what a model builds and the world places: visible parts, collision shapes, joints, lamps and mounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from simgen.core.geometry import Array, pose, rotation_x, rotation_y, rotation_z
from simgen.scene.footing import Foot, Pace
from simgen.scene.mesh import Material, Mesh, Rgb


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One rigid visible piece: a mesh in one material. ``name`` is unique within its body ("left_thigh", "glass")."""

    name: str
    mesh: Mesh
    material: Material


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CollisionShape:
    """One convex shape in the body frame.

    ``size_m``: box: full lengths x, y, z; sphere: (radius,); capsule and cylinder: (radius, full height of the
    cylindrical part) along z; hull: ignored, ``points_m (P, 3)`` holds the points.
    """

    kind: Literal["box", "sphere", "capsule", "cylinder", "hull"]
    size_m: tuple[float, ...] = ()
    body_from_shape: Array = field(default_factory=lambda: np.eye(4))
    points_m: Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lamp:
    """A light source fixed to a part of a body (or to the body frame, with ``part`` "").

    Attributes:
        position_m, direction: in the frame of the part; the beam's axis, unit length.
        intensity_cd: luminous intensity on the axis, candela.
        color: linear RGB with luminance 1 (0.2126 r + 0.7152 g + 0.0722 b).
        inner_rad, outer_rad: half angles of full intensity and of its end; pi for all round.
        spill: share of the intensity that leaves on all sides, in the beam and out of it.
        edge_rad: of a dipped beam: height over its axis above which it ends; it rises by 15 degrees on the right.
        on: whether it shines at the start.
        signal: it says something rather than lighting the scene, and so burns by day and by night.
    """

    name: str
    part: str = ""
    position_m: tuple[float, float, float]
    direction: tuple[float, float, float] = (0.0, 0.0, -1.0)
    intensity_cd: float
    color: Rgb = (1.0, 1.0, 1.0)
    inner_rad: float = np.pi
    outer_rad: float = np.pi
    spill: float = 0.0
    edge_rad: float | None = None
    on: bool = True
    signal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mount:
    """A place for a sensor: a body frame (x forward, y left, z up) fixed to a part."""

    part: str
    part_from_mount: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """Where a body comes from: id, hex SHA-256 of what defines it, SPDX licence."""

    id: str
    digest: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleGeometry:
    """What a single-track model needs: axle positions along x in the body frame, and limits.

    Attributes:
        cog_x_m: centre of gravity along x in the body frame; by default 52 % of the weight is on the front axle.
        cog_height_m: its height.
        yaw_inertia_kg_m2: about it; by default that of two masses on the axles, as most cars come close to.
        cornering_per_rad: cornering stiffness of the front and of the rear axle over its load, 1/rad; by default those
            of a car, or of a heavy vehicle from 3.5 t.
        power_w: of the engine at the wheels; by default usual for the mass (a rider's legs below 150 kg).
        drive_mps2: acceleration that the drive reaches at standstill; brake_mps2: that the brakes reach on any grip.
        driven_front: share of the drive force at the front axle.
        drag_area_m2: drag coefficient times frontal area; by default from the body's box.
        rolling: resistance of the rolling tyres over their load.
        steer_rate_radps: how fast the front wheels can be turned.
    """

    front_axle_m: float
    rear_axle_m: float
    wheel_radius_m: float
    max_steer_rad: float = 0.6
    cog_height_m: float = 0.55
    cog_x_m: float | None = None
    yaw_inertia_kg_m2: float | None = None
    cornering_per_rad: tuple[float, float] | None = None
    power_w: float | None = None
    drive_mps2: float | None = None
    brake_mps2: float = 11.0
    driven_front: float = 1.0
    drag_area_m2: float | None = None
    rolling: float = 0.011
    steer_rate_radps: float = 0.7

    @property
    def wheelbase_m(self) -> float:
        return self.front_axle_m - self.rear_axle_m

    @property
    def center_of_gravity_m(self) -> float:
        """Along x in the body frame."""
        if self.cog_x_m is not None:
            return self.cog_x_m
        return 0.52 * self.front_axle_m + 0.48 * self.rear_axle_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A gripper with two parallel fingers at the end of an arm.

    Attributes:
        tool_link: link of the URDF whose origin lies between the finger pads; its z axis points out along the
            fingers, its y axis is the direction in which they close.
        fingers: (joint, link) of the finger on the +y side, then of the other; a joint opens towards +.
        stroke_m: widest gap between the fingers.
        depth_m: how far the fingers reach below the palm, counted from ``tool_link``.
        pad_m: width of a finger pad across the closing direction; thickness_m: of a finger along it.
        force_n: grip force of a finger.
    """

    tool_link: str
    fingers: tuple[tuple[str, str], tuple[str, str]]
    stroke_m: float
    depth_m: float
    pad_m: float
    thickness_m: float
    force_n: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Belt:
    """A driven surface that carries things along the body's +x: the conveyor's belt.

    Attributes:
        shape: what things rest on; it is no part of ``Body.collision``.
        speed_mps: speed at the start.
        friction: of rubber on things; Bullet multiplies the coefficients of the two bodies.
    """

    shape: CollisionShape
    speed_mps: float
    friction: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """The level part of a body that is made to carry things: a bed, a table's top, forks.

    ``center_m`` (x, y) and full lengths ``size_m`` of the rectangle in which things may lie, ``height_m`` of what they
    stand on, body frame. Only what collides at this height bears them: between forks there is nothing.
    """

    center_m: tuple[float, float]
    height_m: float
    size_m: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A driven wheel on a fixed axle: where it touches the ground, body frame. The wheels with y > 0 turn together, and
    so do those with y < 0."""

    joint: str
    x_m: float
    y_m: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WheeledBase:
    """What the drive of a mobile robot needs.

    Attributes:
        wheels: the driven ones; castors follow.
        load_share: share of the weight that stands on them.
        track_m: distance between the sides that turns wheel speeds into a rate of turn; for skid steering wider than
            the distance between the wheels, which must scrub sideways.
        speed_mps, turn_radps, acceleration_mps2: limits of normal driving; it brakes as it accelerates.
        stop_mps2: deceleration of the wheels in a protective stop, while the ground holds them.
        inertia_kg_m2: about the vertical axis.
    """

    wheels: tuple[Wheel, ...]
    load_share: float
    track_m: float
    speed_mps: float
    turn_radps: float
    acceleration_mps2: float
    stop_mps2: float
    inertia_kg_m2: float


Outline: TypeAlias = "tuple[tuple[float, float], ...]"
"""Of a convex panel: (x, z) of its corners in metres, counter-clockwise with x to the right and z up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """Where a body can be cut open for a door that swings on its front edge (scene/doors.py).

    Attributes:
        name: "front_left"; side: 1.0 for a door on the left, -1.0 on the right.
        panel, window: outlines of the part below the belt and of that above, which share an edge.
        belt, head: (distance from the middle, height) of the window's lower and upper edge; what lies further in
            between them is no part of the door.
        half_width_m: of the body without mirrors.
    """

    name: str
    side: float
    panel: Outline
    window: Outline
    belt: tuple[float, float]
    head: tuple[float, float]
    half_width_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Door:
    """A leaf that swings about an upright axis.

    Attributes:
        joint: its angle, 0 when shut, positive when open.
        hinge_m: (3,) where the axis meets the ground, body frame: the origin of the leaf's frame, which is turned
            against the body's by ``-side`` times the angle.
        collision: the leaf's shapes in its frame.
        length_m: from the axis to the opposite edge.
    """

    name: str
    joint: str
    side: float
    hinge_m: tuple[float, float, float]
    length_m: float
    mass_kg: float
    collision: tuple[CollisionShape, ...]

    @property
    def middle_m(self) -> tuple[float, float, float]:
        """Centre of gravity, in the leaf's frame."""
        x, y, z = (float(v) for v in self.collision[0].body_from_shape[:3, 3])
        return x, y, z

    def body_from_leaf(self, angle_rad: float) -> Array:
        """(4, 4) at this angle."""
        return pose(self.hinge_m, rotation_z(-self.side * angle_rad))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gate:
    """A drop side of a load bed, on hinges along its lower edge (scene/gates.py).

    Attributes:
        side: "left", "right" or "back": where it is, and to where it opens.
        joint: its angle, 0 when it stands upright, pi when it hangs.
        hinge_m: (3,) a point of the axis, body frame.
        height_m: of the board, over the axis.
        board: what others meet of it while it stands, one of the body's collision shapes.
    """

    side: str
    joint: str
    hinge_m: tuple[float, float, float]
    height_m: float
    board: CollisionShape

    def body_from_upright(self, angle_rad: float) -> Array:
        """(4, 4) the turn that takes it from where it stands to this angle, body frame."""
        turn = {"left": rotation_x(-angle_rad), "right": rotation_x(angle_rad), "back": rotation_y(-angle_rad)}
        hinge = np.array(self.hinge_m)
        return pose(hinge - turn[self.side] @ hinge, turn[self.side])


class Sinking(NamedTuple):
    """A limb that sinks by one joint from ``lifted`` to ``lowered``, radians or metres, until it touches the ground.

    ``parts``: how the names of the parts begin that come to rest by it.
    """

    joint: int
    lifted: float
    lowered: float
    parts: tuple[str, ...]


class Lying(NamedTuple):
    """How a body lies (scene/lying.py): the joints (J,) before its limbs sink, one after the other.

    ``base``, ``flesh``: how the names of the parts begin on which it lies whatever the limbs do, and of all that rests
    on the ground.
    """

    joints: Array
    limbs: tuple[Sinking, ...]
    base: tuple[str, ...]
    flesh: tuple[str, ...]


class Gait(Protocol):
    """How a body with legs walks at a steady speed."""

    def stride_m(self, speed_mps: float) -> float:
        """Length of two steps."""
        ...

    def __call__(self, distance_m: float, speed_mps: float) -> Array:
        """Joints (J,) after this distance; a standing foot rests on the ground."""
        ...

    @property
    def feet(self) -> tuple[tuple[float, float], ...]:
        """(x, y) of the feet of a body that stands, body frame; none for what rolls."""
        ...

    def pace(self, speed_mps: float) -> Pace:
        """How this speed is walked."""
        ...

    def on_feet(self, feet: Sequence[Foot], cycles: float, speed_mps: float, distance_m: float = 0.0) -> Array:
        """Joints (J,) that put the feet where they are, seen from the body frame, so many strides and
        metres into the walk."""
        ...

    def limp(self, down: Array) -> Array:
        """Joints (J,) of a body that nobody holds; ``down`` (3,) is where it would fall, unit, body frame."""
        ...

    def lying(self, *, prone: bool) -> Lying | None:
        """How it lies on its front or on its back; None where what is sat in, drawn or held would not let it."""
        ...

    def fidget(self, joints: Array, time_s: float) -> Array:
        """Joints (J,) of somebody who stands and waits: breath, a look around."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """What a model builds.

    Body frame: x forward, y left, z up; the origin lies on the ground below the middle of the body (vehicles,
    people, things) or at the base (robots).

    Attributes:
        semantic: name of the semantic class (scene/classes.py).
        parts: N visible pieces.
        rest: (N, 4, 4) body_from_part with all joints at ``joint_rest``.
        joints: names of the J joints that articulate the parts.
        joint_rest: (J,) radians or metres.
        articulate: joints (J,) -> body_from_part (N, 4, 4); None for a rigid body.
        gait: for bodies with legs.
        box_center_m, box_size_m: the oriented box (length, width, height) around the body at rest, body frame.
        fixed: it never moves; physics gives it no mass.
        urdf: the URDF that physics loads instead of ``collision`` (robots): its path, or its text for one that is put
            together.
        hand: the gripper of an arm.
        belt: the driven surface of a conveyor; its travel is the joint ``belt``.
        base: the drive of a mobile robot; its wheels' joints turn.
        doorways: doors that it could have; doors: those that it has, whose leaves are parts of their own.
        gates: drop sides around its deck.
        deck: where things stand on it; wherever its shapes are level on top, when None (scene/standing.py).
        motor_gain: how stiffly its motors follow, as a share of what the model's do; joint_friction: of its joints, as
            a share of the greatest torque of each motor.
        keypoints: name -> (part, position in the part frame).
        overturned: of a two-wheeler, joints (J,) -> what collides of it and of its rider once they lie on the ground.
        surface: what the body spreads on the ground within its footprint ("ice", "oil", "water", "gravel"): wheels and
            feet stand on that instead of the road; "" for a body that is not a patch of ground.
        outline_m: of such a patch, (N, 2) in the body frame; its box when empty.
        notes: plain figures that a behaviour or sampler may need ("eye_height_m", "stride_m").
    """

    semantic: str
    asset: Asset
    parts: tuple[Part, ...]
    rest: Array
    box_center_m: tuple[float, float, float]
    box_size_m: tuple[float, float, float]
    collision: tuple[CollisionShape, ...] = ()
    mass_kg: float = 0.0
    friction: float = 0.6
    restitution: float = 0.1
    rolling_friction: float = 0.0
    fixed: bool = False
    joints: tuple[str, ...] = ()
    joint_rest: tuple[float, ...] = ()
    articulate: Callable[[Array], Array] | None = None
    gait: Gait | None = None
    lamps: tuple[Lamp, ...] = ()
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    keypoints: Mapping[str, tuple[str, tuple[float, float, float]]] = field(default_factory=dict)
    vehicle: VehicleGeometry | None = None
    overturned: Callable[[Array], tuple[CollisionShape, ...]] | None = None
    urdf: str | None = None
    hand: Hand | None = None
    belt: Belt | None = None
    base: WheeledBase | None = None
    doorways: tuple[Doorway, ...] = ()
    doors: tuple[Door, ...] = ()
    gates: tuple[Gate, ...] = ()
    deck: Deck | None = None
    motor_gain: float = 1.0
    joint_friction: float = 0.0
    surface: str = ""
    outline_m: tuple[tuple[float, float], ...] = ()
    notes: Mapping[str, float] = field(default_factory=dict)

    def pose_parts(self, joints: Array | None = None) -> Array:
        """(N, 4, 4) body_from_part at these joint positions (J,)."""
        if self.articulate is None or joints is None:
            return self.rest
        return self.articulate(joints)
