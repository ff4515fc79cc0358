"""Rigid trucks with a cab over the engine: box body, tipper, flatbed, fire engine."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import Array, pose
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.assembly import merged
from simgen.scene.body import Body, CollisionShape, Deck, Gate, Lamp, Mount, Part, VehicleGeometry
from simgen.scene.gates import Gated
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.models import liveries
from simgen.scene.models.coachwork import Cabin, Coachwork, Pane, Profile, coachwork
from simgen.scene.models.heavy import (
    FURNITURE,
    STEEL_RIM,
    Frame,
    Pile,
    bar,
    block,
    heavy_wheel,
    ladder,
    mudguard,
    painted,
    rear_end,
    side_guards,
)
from simgen.scene.models.service_cars import decal, side_board
from simgen.scene.models.vehicle import (
    JOINTS,
    PAINTS,
    RUBBER,
    Running,
    beacon_lamps,
    corner_keypoints,
    paint_parameter,
    plate_material,
    road_lamps,
)
from simgen.scene.shapes import Shape, join

VERSION = 4

DAY_CAB = Profile(
    length_m=1.95,
    width_m=2.3,
    height_m=2.58,
    front_axle_m=-0.33,
    rear_axle_m=-9.0,
    wheel_radius_m=0.44,
    tyre_width_m=0.25,
    sill_m=0.40,
    shoulder=((0.975, 1.47), (0.5, 1.50), (-0.975, 1.52)),
    crown=((0.975, 0.0), (-0.975, 0.0)),
    nose=((0.36, 0.09), (0.48, 0.02), (0.62, 0.0), (0.86, 0.0), (0.92, 0.035), (1.2, 0.045), (1.5, 0.075)),
    tail=((0.4, 0.0), (1.5, 0.0)),
    section=((0.36, 0.97), (0.55, 1.0), (1.2, 1.0), (1.52, 0.985)),
    plan=(7.0, 40.0),
    cabin=Cabin(
        belt_front_m=0.885,
        belt_rear_m=-0.955,
        roof_front_m=0.70,
        roof_rear_m=-0.93,
        front_sweep_m=0.16,
        rear_sweep_m=0.02,
        belt_width=0.985,
        roof_half_front_m=1.0,
        roof_half_rear_m=1.04,
        roof_edge=((0.75, 2.40), (0.4, 2.47), (-0.95, 2.49)),
        roof_crown_m=0.05,
        bulge_m=0.03,
        panes=(
            Pane(kind="glass", belt=0.09, roof=0.05),
            Pane(kind="glass", belt=0.60, roof=0.55),
            Pane(kind="frame", belt=0.64, roof=0.59),
            Pane(kind="paint", belt=1.0, roof=1.0),
        ),
        edge_m=0.10,
        rear_glass=(0.0, 0.0),
        side_glass=(0.04, 0.80),
    ),
    doors=(0.66, -0.62),
    handles=(-0.45,),
    head=(0.62, 1.06, 0.63, 0.82),
    tail_lamp=(0.5, 0.6, 0.7, 0.8),
    grille=(0.72, 0.98, 1.36),
    intake=(0.52, 0.47, 0.62),
    front_plate_m=0.72,
    rear_plate_m=0.72,
    cladding=0.04,
    bumper_m=0.86,
    arch_gap_m=0.07,
    shoulder_radius_m=0.02,
    mirror=(0.62, 1.66),
    door_foot_m=1.02,
    mirror_tall=3.4,
)

TRUCK_PAINTS = {"white": 0.5, "blue": 0.12, "red": 0.1, "silver": 0.08, "grey": 0.08, "yellow": 0.06, "green": 0.06}


Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Load:
    """What a truck carries behind its cab.

    Attributes:
        boxes_m: middle and size of the boxes that others collide with.
        deck: where it carries things; on top of the first box, when None.
        textured: parts with pictures on them.
        gates: drop sides, with what is drawn of each.
    """

    boxes_m: tuple[tuple[Point, Point], ...]
    deck: Deck | None = None
    textured: tuple[Part, ...] = ()
    gates: tuple[tuple[Gate, Pile], ...] = ()
    lamps: tuple[Lamp, ...] = ()
    materials: tuple[Material, ...] = ()


class Truck(ActorModel):
    """A rigid truck with two axles, the rear one on twin tyres."""

    semantic: ClassVar[str] = "truck"
    kerb_mass_kg: ClassVar[float] = 6200.0
    cab: ClassVar[Profile] = DAY_CAB
    cab_height_m: ClassVar[float] = 2.62

    length: float = quantity(
        "m", low=6.2, high=9.5, default=7.1, help="over bumpers", vary={"uniform": ["6.6 m", "8.4 m"]}
    )
    width: float = quantity(
        "m", low=2.2, high=2.55, default=2.4, help="of the body, without mirrors", vary={"uniform": ["2.35 m", "2.5 m"]}
    )
    height: float = quantity(
        "m", low=2.4, high=4.0, default=3.2, help="of the highest edge", vary={"uniform": ["3 m", "3.6 m"]}
    )
    paint: str = paint_parameter("white", TRUCK_PAINTS)
    lights: str = choice("on", "off", default="on", help="whether head and tail lamps may burn")
    detail: str = choice("full", "plain", default="full", help="of the meshes; plain is for the background")
    look: int = integer(
        low=0, high=9999, default=1, help="seed of the number plate and the lettering", vary={"integer": [1, 9999]}
    )

    @abstractmethod
    def superstructure(self, pile: Pile, frame: Frame) -> Load:
        """Piles up what stands on the frame behind the cab."""

    def build(self) -> Body:
        plain = self.detail == "plain"
        cab_height = min(self.cab_height_m, self.height)
        cab_width = 0.96 * self.width
        cab = coachwork(self.cab, self.cab.length_m, cab_width, cab_height, self.detail)
        p = self.cab.sized(self.cab.length_m, cab_width, cab_height)
        ahead = self.length / 2 - self.cab.length_m / 2
        front_axle = ahead + p.front_axle_m
        rear_axle = front_axle - 0.55 * self.length
        r = p.wheel_radius_m
        half = self.width / 2 - 0.02
        frame = Frame(
            front_m=ahead + 0.2,
            rear_m=-self.length / 2 + 0.03,
            top_m=0.96 if r < 0.5 else 1.02,
            half_m=half,
            axles_m=(front_axle, rear_axle),
            wheel_radius_m=r,
            tyre_width_m=p.tyre_width_m,
        )
        pile = Pile()
        ladder(pile, frame, plain=plain)
        tail = rear_end(pile, frame, self.width, 0.74, plain=plain)
        inner = half - 2 * p.tyre_width_m - 0.06
        pile.both("trim", mudguard(rear_axle, r, r + 0.075, (inner, half), (0.12, np.pi - 0.12)))
        _cab_fittings(pile, p, ahead, plain=plain)
        _tanks(pile, front_axle - r - 0.2, rear_axle + r + 0.2, half, plain=plain)
        load = self.superstructure(pile, frame)
        color, roughness, metallic = PAINTS[self.paint]
        paint = Material(name=f"paint_{self.paint}", base_color=color, roughness=roughness, metallic=metallic)
        materials = {**FURNITURE, "paint": paint, **{m.name: m for m in load.materials}}
        parts = [*_shell(cab, ahead, materials, pile), *load.textured]
        plates = _plates(cab, ahead, frame.rear_m - 0.012)
        parts.append(Part(name="plates", mesh=plates, material=plate_material(self.look)))
        fixed = len(parts)
        hubs = []
        for corner, x, twin in (
            ("fl", front_axle, False),
            ("fr", front_axle, False),
            ("rl", rear_axle, True),
            ("rr", rear_axle, True),
        ):
            tyre, rim = heavy_wheel(r, p.tyre_width_m, self.detail, twin)
            parts.append(Part(name=f"tyre_{corner}", mesh=tyre, material=RUBBER))
            parts.append(Part(name=f"rim_{corner}", mesh=rim, material=STEEL_RIM))
            side = 1.0 if corner.endswith("l") else -1.0
            y = (half if twin else cab_width / 2 - 0.03) - p.tyre_width_m / 2
            hubs.append((x, side * y, r))
        running: Running | Gated = Running(fixed, np.array(hubs))
        gates = tuple(gate for gate, _ in load.gates)
        if gates:
            boards = [_named(f"gate_{gate.side}", drawn.parts(materials)) for gate, drawn in load.gates]
            parts += itertools.chain.from_iterable(boards)
            running = Gated(running, len(JOINTS), gates, tuple(len(board) for board in boards))
        rest = (0.0,) * (len(JOINTS) + len(gates))
        drawn_parts = parts[:fixed] + parts[fixed + 8 :]
        points = np.vstack([part.mesh.vertices_m for part in drawn_parts])
        low, high = points.min(axis=0), points.max(axis=0)
        box = (2 * float(max(-low[0], high[0])), 2 * float(max(-low[1], high[1])), float(high[2]))
        head = cab.head_m + np.array([ahead, 0.0, 0.0])
        screen = cab.windscreen_m + np.array([ahead, 0.0, 0.0])
        keypoints = corner_keypoints(box)
        for name, hub, side in zip(("fl", "fr", "rl", "rr"), hubs, (1, -1, 1, -1), strict=True):
            keypoints[f"wheel_{name}"] = (hub[0], hub[1] + side * p.tyre_width_m / 2, hub[2])
        for side_name, sign in (("left", 1.0), ("right", -1.0)):
            keypoints[f"head_lamp_{side_name}"] = (float(head[0]), sign * float(head[1]), float(head[2]))
            keypoints[f"tail_lamp_{side_name}"] = (float(tail[0]), sign * float(tail[1]), float(tail[2]))
        (x, y, z), (long, wide, tall) = load.boxes_m[0]
        volume = self.length * self.width * self.height / (7.1 * 2.4 * 3.2)
        return Body(
            semantic=self.semantic,
            asset=parametric_asset(
                f"vehicle/{type(self).__name__.lower()}",
                {name: getattr(self, name) for name in self.parameters},
                licence=self.licence,
                version=VERSION,
            ),
            parts=tuple(parts),
            rest=running(np.array(rest)),
            box_center_m=(0.0, 0.0, box[2] / 2),
            box_size_m=box,
            collision=(
                CollisionShape(
                    kind="box",
                    size_m=(self.cab.length_m, cab_width, cab_height - p.sill_m),
                    body_from_shape=pose((ahead, 0.0, 0.5 * (cab_height + p.sill_m))),
                ),
                *(
                    CollisionShape(kind="box", size_m=size, body_from_shape=pose(center))
                    for center, size in load.boxes_m
                ),
                *(gate.board for gate in gates),
                CollisionShape(
                    kind="box",
                    size_m=(frame.front_m - frame.rear_m, 2 * half, 0.5),
                    body_from_shape=pose((0.5 * (frame.front_m + frame.rear_m), 0.0, 0.69)),
                ),
            ),
            mass_kg=round(self.kerb_mass_kg * volume + 75.0, 1),
            friction=0.5,
            restitution=0.1,
            joints=(*JOINTS, *(gate.joint for gate in gates)),
            joint_rest=rest,
            articulate=running,
            lamps=(*road_lamps(head, tail, on=self.lights == "on"), *load.lamps),
            mounts=_mounts(screen, box, p),
            keypoints={name: ("paint", position) for name, position in keypoints.items()},
            vehicle=VehicleGeometry(
                front_axle_m=front_axle,
                rear_axle_m=rear_axle,
                wheel_radius_m=r,
                max_steer_rad=0.75,
                cog_height_m=round(0.38 * self.height, 3),
            ),
            gates=gates,
            deck=load.deck or Deck(center_m=(x, y), height_m=z + 0.5 * tall, size_m=(long, wide)),
            notes={
                "width_without_mirrors_m": self.width,
                "above_roof_m": max(0.0, box[2] - self.height),
                "wheelbase_m": front_axle - rear_axle,
                "track_m": 2 * hubs[0][1],
                "eye_height_m": float(screen[2]),
            },
        )


def _shell(cab: Coachwork, ahead_m: float, materials: dict[str, Material], pile: Pile) -> list[Part]:
    """The cab's meshes moved to their place and joined with what is piled up of the same kind. The cab itself has no
    rear lamps; its indicators are the front ones."""
    at = pose((ahead_m, 0.0, 0.0))
    piled = {part.name: part.mesh for part in pile.parts(materials)}
    parts = []
    for name, mesh in cab.meshes.items():
        if name in ("tail_lamps", "brake_lamps"):
            continue
        cabs = _front_half(mesh) if name.startswith("indicator") else mesh
        meshes = [(cabs, at), *([(piled.pop(name), np.eye(4))] if name in piled else [])]
        parts.append(Part(name=name, mesh=merged(meshes), material=materials[name]))
    parts += [Part(name=name, mesh=mesh, material=materials[name]) for name, mesh in piled.items()]
    return parts


def _named(prefix: str, parts: list[Part]) -> list[Part]:
    return [replace(part, name=f"{prefix}_{part.name}") for part in parts]


def _front_half(mesh: Mesh) -> Mesh:
    """Its triangles with x > 0."""
    keep = mesh.vertices_m[mesh.faces][:, :, 0].mean(axis=1) > 0
    used, index = np.unique(mesh.faces[keep], return_inverse=True)
    return Mesh(
        vertices_m=mesh.vertices_m[used],
        normals=mesh.normals[used],
        faces=index.reshape(-1, 3).astype(np.int32),
        uv=None if mesh.uv is None else mesh.uv[used],
    )


def _plates(cab: Coachwork, ahead_m: float, rear_m: float) -> Mesh:
    face = shapes.rectangle((rear_m, 0.26, 0.5 - 0.055), (0.0, -0.52, 0.0), (0.0, 0.0, 0.11))
    uv = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    rear = Shape(face.points_m, face.faces, uv).flat()
    return merged([(_front_half(cab.plates), pose((ahead_m, 0.0, 0.0))), (rear, np.eye(4))])


def _cab_fittings(pile: Pile, p: Profile, ahead_m: float, *, plain: bool) -> None:
    """Steps, sun visor, wipers, roof horns and the arms of the mirrors."""
    front, half = ahead_m + p.length_m / 2, p.width_m / 2
    c = p.cabin
    top = c.roof_front_m + ahead_m, max(z for _, z in c.roof_edge)
    belt = p.shoulder[0][1]
    pile.both("trim", block((0.42, 0.05, 0.03), (front - 0.36, half - 0.012, 0.56)))
    pile.both("trim", block((0.40, 0.05, 0.03), (front - 0.36, half - 0.012, 0.80)))
    visor = block((0.16, 1.5 * half, 0.05), (top[0] + 0.12, 0.0, top[1] - 0.13))
    pile.add("trim", visor)
    if plain:
        return
    lean = (c.belt_front_m - c.roof_front_m) / (top[1] - belt)
    glass = ahead_m + c.belt_front_m + c.bulge_m * 0.6
    for y in (0.62, -0.12):
        foot, tip = (glass + 0.035, y, belt + 0.02), (glass + 0.03 - 0.30 * lean, y - 0.55, belt + 0.30)
        pile.add("trim", shapes.tube([foot, tip], 0.011, count=5))
    for side in (1.0, -1.0):
        pile.add(
            "trim",
            bar(
                (front - 0.33, side * (half - 0.05), belt + 0.78),
                (front - 0.34, side * (half + 0.14), belt + 0.6),
                0.015,
            ),
        )
    pile.both("side_marker", block((0.06, 0.4, 0.03), (top[0] - 0.12, 0.55, top[1] + 0.07)))
    # A wind deflector's edge and the gap to the body: the rear wall's stiffeners.
    pile.both("trim", block((0.04, 0.05, 1.5), (ahead_m - p.length_m / 2 - 0.02, 0.7, 1.55)))


def _tanks(pile: Pile, front_m: float, rear_m: float, half_m: float, *, plain: bool) -> None:
    """Fuel tank on the left, battery box and air tanks on the right, guards before the rear wheels."""
    long = min(0.95, front_m - rear_m - 0.1)
    if long > 0.3:
        tank = shapes.rounded_box((long, 0.52, 0.46), 0.09, (front_m - long / 2, half_m - 0.3, 0.66), count=14)
        battery = block((0.62, 0.42, 0.4), (front_m - 0.31, -half_m + 0.25, 0.68))
        pile.add("aluminium", tank)
        pile.add("trim", battery)
        if not plain:
            for x in (front_m - 0.25 * long, front_m - 0.75 * long):
                pile.add("trim", block((0.04, 0.535, 0.475), (x, half_m - 0.3, 0.66)))
            pile.add(
                "aluminium", bar((front_m - 0.75, -half_m + 0.25, 0.62), (rear_m + 0.05, -half_m + 0.25, 0.62), 0.11, 8)
            )
    if front_m - rear_m - long > 0.5:
        side_guards(pile, front_m - long - 0.06, rear_m + 0.02, half_m - 0.015, (0.50, 0.78))


def _mounts(screen_m: Array, box_m: tuple[float, float, float], p: Profile) -> dict[str, Mount]:
    c = p.cabin
    outside = screen_m + np.array([0.08 + c.bulge_m, 0.0, 0.02])
    return {
        "windscreen": Mount(part="paint", part_from_mount=pose(outside)),
        "roof": Mount(part="paint", part_from_mount=pose((float(screen_m[0]) - 0.3, 0.0, p.height_m + 0.2))),
        "grille": Mount(part="paint", part_from_mount=pose((box_m[0] / 2 + 0.03, 0.0, p.grille[2]))),
    }


def box_body(
    pile: Pile, x_m: tuple[float, float], width_m: float, z_m: tuple[float, float], *, plain: bool, doors: bool = True
) -> None:
    """A box of smooth panels in a frame of aluminium, with rear doors on locking bars. Its panels are part 'panels'."""
    (x0, x1), (z0, z1) = x_m, z_m
    long, tall, x, z = x1 - x0, z1 - z0, 0.5 * (x0 + x1), 0.5 * (z0 + z1)
    pile.add("panels", block((long - 0.06, width_m - 0.03, tall - 0.06), (x, 0.0, z)))
    edge = 0.07
    y = width_m / 2 - edge / 2
    for end in (x0 + edge / 2, x1 - edge / 2):
        pile.both("aluminium", block((edge, edge, tall), (end, y, z)))
        for level in (z0 + edge / 2, z1 - edge / 2):
            pile.add("aluminium", block((edge, width_m, edge), (end, 0.0, level)))
    for level, high in ((z0 + 0.06, 0.12), (z1 - 0.04, 0.08)):
        pile.both("aluminium", block((long, edge, high), (x, y, level)))
    if plain:
        return
    for k in range(1, 5):
        pile.both("side_marker", block((0.09, 0.012, 0.04), (x0 + k * long / 5, width_m / 2 + 0.003, z0 + 0.06)))
    if not doors:
        return
    back = x0 - 0.012
    pile.add("gaps", block((0.01, 0.014, tall - 0.2), (x0 + 0.025, 0.0, z)))
    for side in (1.0, -1.0):
        for at in (0.16, 0.42):
            yb = side * at * width_m
            pile.add("chrome", bar((back, yb, z0 + 0.08), (back, yb, z1 - 0.08), 0.014))
        pile.add("trim", block((0.04, 0.26, 0.045), (back, side * 0.22 * width_m, z0 + 0.45)))
        for k in range(3):
            pile.add(
                "chrome",
                block((0.03, 0.09, 0.07), (x0 - 0.002, side * (width_m / 2 - 0.09), z0 + (0.2 + 0.3 * k) * tall)),
            )


_FIRMS: tuple[tuple[str, Rgb, Rgb], ...] = (
    ("TRANSPORT", liveries.BLUE, (0.78, 0.78, 0.76)),
    ("FRESH FOOD", liveries.WHITE, (0.05, 0.30, 0.08)),
    ("PARCEL", liveries.WHITE, (0.02, 0.09, 0.34)),
    ("MOVERS", liveries.BLACK, (0.75, 0.48, 0.03)),
    ("BAKERY", (0.30, 0.10, 0.03), (0.70, 0.60, 0.42)),
    ("", liveries.WHITE, (0.42, 0.43, 0.44)),
)


@models.register("truck")
class BoxTruck(Truck):
    """A rigid truck with a box body, as goods come to shops."""

    def superstructure(self, pile: Pile, frame: Frame) -> Load:
        text, ink, ground = _FIRMS[self.look % len(_FIRMS)]
        x1 = self.length / 2 - self.cab.length_m - 0.10
        x0 = -self.length / 2 + 0.032
        z0 = frame.top_m + 0.10
        plain = self.detail == "plain"
        box_body(pile, (x0, x1), self.width, (z0, self.height), plain=plain)
        pile.both("under", block((x1 - x0, 0.08, 0.1), (0.5 * (x0 + x1), 0.41, frame.top_m + 0.05)))
        textured: tuple[Part, ...] = ()
        if text:
            z = 0.5 * (z0 + self.height) + 0.1
            high = min(0.9, 0.8 * (x1 - x0) / liveries.lettering_width(text, 1.0))
            middle = (0.5 * (x0 + x1), self.width / 2 - 0.009, z)
            textured = (side_board(text, ink, ground, middle, high, "letters"),)
        return Load(
            boxes_m=(((0.5 * (x0 + x1), 0.0, 0.5 * (z0 + self.height)), (x1 - x0, self.width, self.height - z0)),),
            textured=textured,
            materials=(painted("panels", ground, 0.45),),
        )


@models.register("truck.flatbed")
class Flatbed(Truck):
    """A truck with a flat bed behind low drop sides, often loaded with crates."""

    cab_height_m: ClassVar[float] = 2.8
    height: float = quantity(
        "m", low=2.4, high=2.8, default=2.62, help="of the cab's roof", vary={"uniform": ["2.55 m", "2.75 m"]}
    )
    load: str = choice(
        "empty", "crates", default="crates", help="on the bed", vary={"choice": {"empty": 0.4, "crates": 0.6}}
    )

    def superstructure(self, pile: Pile, frame: Frame) -> Load:
        x1 = self.length / 2 - self.cab.length_m - 0.10
        x0, z0 = -self.length / 2 + 0.012, frame.top_m + 0.10
        long, x = x1 - x0, 0.5 * (x0 + x1)
        pile.both("under", block((long, 0.08, 0.1), (x, 0.41, frame.top_m + 0.05)))
        pile.add("aluminium", block((long, self.width, 0.12), (x, 0.0, z0 + 0.06)))
        pile.add("planks", block((long - 0.08, self.width - 0.1, 0.02), (x, 0.0, z0 + 0.125)))
        wall, foot = 0.42, z0 + 0.12
        head = (0.05, self.width - 0.06, 1.05), (x1 - 0.03, 0.0, foot + 0.525)
        pile.add("panels", block(*head))
        across = self.width / 2 - 0.02
        ends, between = (x0 + 0.04, x1 - 0.04), np.linspace(x0 + 0.04, x1 - 0.04, 4)[1:3]
        post = (0.08, 0.05, wall + 0.05)
        for end in ends:
            pile.both("aluminium", block(post, (end, across, foot + wall / 2)))
        gates = []
        for side, way in (("left", 1.0), ("right", -1.0)):
            board = (long - 0.08, 0.035, wall), (x, way * across, foot + wall / 2)
            hinge = (0.0, way * (across + 0.025), foot)
            stiff = [block(post, (float(at), way * across, foot + wall / 2)) for at in between]
            gates.append(_gate(side, hinge, wall, board, stiff))
        board = (0.035, self.width - 0.08, wall), (x0 + 0.02, 0.0, foot + wall / 2)
        gates.append(_gate("back", (x0, 0.0, foot), wall, board, []))
        floor = z0 + 0.135
        crates = self._crates(pile, x1 - 0.15, long - 0.6, floor) if self.load == "crates" else []
        bed = (long, self.width, floor - frame.top_m), (x, 0.0, 0.5 * (floor + frame.top_m))
        return Load(
            boxes_m=tuple((center, size) for size, center in (bed, head, *crates)),
            gates=tuple(gates),
            deck=Deck(center_m=(0.5 * (x0 + x1) - 0.01, 0.0), height_m=floor, size_m=(long - 0.12, self.width - 0.12)),
            materials=(
                painted("panels", PAINTS[self.paint][0], 0.4),
                painted("crate_slats", (0.34, 0.24, 0.14), 0.85),
            ),
        )

    def _crates(self, pile: Pile, front_m: float, room_m: float, floor_m: float) -> list[tuple[Point, Point]]:
        """Crates on the bed behind ``front_m``; returns size and middle of each."""
        crates = []
        for share, y, tall in ((0.24, 0.5, 0.9), (0.24, -0.52, 0.75), (0.52, 0.45, 0.6), (0.76, -0.4, 0.95)):
            size, at = (0.95, 0.95, tall), (front_m - share * room_m, y, floor_m + tall / 2)
            crates.append((size, at))
            pile.add("planks", block(size, at))
            if self.detail == "full":
                for level in (-0.35, 0.0, 0.35):
                    pile.add("crate_slats", block((0.98, 0.98, 0.09), (at[0], at[1], at[2] + level * tall)))
        return crates


def _gate(
    side: str, hinge_m: Point, height_m: float, board_m: tuple[Point, Point], stiffeners: list[Shape]
) -> tuple[Gate, Pile]:
    """A drop side whose board has this size and middle."""
    drawn = Pile()
    drawn.add("panels", block(*board_m))
    if stiffeners:
        drawn.add("aluminium", *stiffeners)
    size, middle = board_m
    gate = Gate(
        side=side,
        joint=f"gate_{side}",
        hinge_m=hinge_m,
        height_m=height_m,
        board=CollisionShape(kind="box", size_m=size, body_from_shape=pose(middle)),
    )
    return gate, drawn


@models.register("truck.tipper")
class Tipper(Truck):
    """A tipper truck with a steel skip full of gravel."""

    kerb_mass_kg: ClassVar[float] = 7800.0
    height: float = quantity(
        "m", low=2.4, high=4.0, default=2.7, help="of the highest edge", vary={"uniform": ["2.65 m", "2.8 m"]}
    )
    paint: str = paint_parameter("yellow", {"yellow": 0.3, "white": 0.25, "red": 0.2, "blue": 0.15, "green": 0.1})

    def superstructure(self, pile: Pile, frame: Frame) -> Load:
        x1 = self.length / 2 - self.cab.length_m - 0.14
        x0, z0 = -self.length / 2 + 0.10, frame.top_m + 0.16
        z1 = min(self.height - 0.35, 2.25)
        half_low, half = 0.40 * self.width, self.width / 2
        pile.both("under", block((x1 - x0, 0.1, 0.16), (0.5 * (x0 + x1), 0.41, frame.top_m + 0.08)))

        def ring(grow: float, z: float, y: float, forward: float) -> Array:
            return np.array(
                [(x1 + forward, y + grow, z), (x0, y + grow, z), (x0, -y - grow, z), (x1 + forward, -y - grow, z)]
            )

        outer = [
            ring(0.0, z0, half_low, -0.12),
            ring(0.0, z0 + 0.35, half - 0.03, 0.0),
            ring(0.0, z1, half - 0.03, 0.0),
        ]
        rim = [
            ring(0.03, z1, half - 0.03, 0.0),
            ring(0.03, z1 + 0.09, half - 0.03, 0.0),
            ring(-0.05, z1 + 0.09, half - 0.03, -0.05),
        ]
        inner = ring(-0.05, z1 - 0.25, half - 0.03, -0.05)
        pile.add("skip", shapes.loft(np.array([*outer, *rim, inner]), caps=False))
        floor = shapes.fan(ring(0.0, z0, half_low, -0.12)[::-1])
        pile.add("skip", floor)
        for k in range(1, 6):
            at = x0 + k * (x1 - x0) / 6
            pile.both("skip", block((0.09, 0.05, z1 - z0 - 0.3), (at, half - 0.015, 0.5 * (z0 + 0.35 + z1))))
        canopy = block((0.75, self.width - 0.2, 0.05), (x1 + 0.30, 0.0, self.height - 0.03))
        shield = block((0.06, self.width - 0.2, self.height - z1 - 0.05), (x1 - 0.02, 0.0, 0.5 * (self.height + z1)))
        pile.add("skip", canopy, shield)
        xs, ys = np.linspace(x1 - 0.04, x0 + 0.02, 8), np.linspace(-half + 0.06, half - 0.06, 6)
        gx, gy = np.meshgrid(xs[::-1], ys)
        heap = z1 - 0.12 + 0.42 * (1 - ((gx - 0.5 * (x0 + x1)) / (0.5 * (x1 - x0))) ** 2) * (1 - (gy / half) ** 2)
        heap += 0.03 * np.sin(7.0 * gx + 3.0 * gy) * np.cos(5.0 * gy)
        pile.add("gravel", shapes.grid(np.stack([gx, gy, heap], axis=-1)))
        return Load(
            boxes_m=(((0.5 * (x0 + x1), 0.0, 0.5 * (z0 + z1)), (x1 - x0, self.width, z1 - z0)),),
            materials=(
                painted("skip", (0.30, 0.16, 0.02) if self.paint == "yellow" else (0.13, 0.135, 0.14), 0.5),
                painted("gravel", (0.21, 0.19, 0.165), 0.95),
            ),
        )


@models.register("truck.fire")
class FireEngine(Truck):
    """A fire engine: roller shutters, a ladder on the roof, stripes and blue beacons that an action lights."""

    kerb_mass_kg: ClassVar[float] = 9500.0
    length: float = quantity(
        "m", low=6.8, high=9.0, default=7.9, help="over bumpers", vary={"uniform": ["7.6 m", "8.4 m"]}
    )
    height: float = quantity(
        "m", low=2.9, high=3.6, default=3.25, help="of the highest edge", vary={"uniform": ["3.1 m", "3.35 m"]}
    )
    paint: str = paint_parameter("red", {"red": 1.0})

    def superstructure(self, pile: Pile, frame: Frame) -> Load:
        plain = self.detail == "plain"
        x1 = self.length / 2 - self.cab.length_m - 0.04
        x0, z0, z1 = -self.length / 2 + 0.02, frame.top_m + 0.02, self.height - 0.30
        long, half, x = x1 - x0, self.width / 2, 0.5 * (x0 + x1)
        pile.add("panels", block((long, self.width - 0.04, z1 - z0), (x, 0.0, 0.5 * (z0 + z1))))
        pile.both("aluminium", block((long, 0.06, 0.07), (x, half - 0.03, z1 - 0.03)))
        pile.both("aluminium", block((long, 0.06, 0.05), (x, half - 0.03, z0 + 0.03)))
        # Roller shutters between posts, the rear one over the wheel being shorter.
        bays = np.linspace(x1 - 0.95, x0 + 0.12, 4)
        for a, b in itertools.pairwise(bays):
            over = abs(0.5 * (a + b) - frame.axles_m[1]) < 0.9
            foot = z0 + (0.42 if over else 0.10)
            pile.both(
                "shutters",
                block((a - b - 0.08, 0.02, z1 - 0.32 - foot), (0.5 * (a + b), half - 0.012, 0.5 * (z1 - 0.32 + foot))),
            )
            if not plain:
                for z in np.arange(foot + 0.09, z1 - 0.36, 0.14):
                    pile.both(
                        "gaps", block((a - b - 0.09, 0.006, 0.012), (0.5 * (a + b), half + 0.0, float(z)), sides="yzZ")
                    )
        # The crew's doors with their windows.
        pile.both("glass", block((0.66, 0.02, 0.62), (x1 - 0.48, half - 0.012, z1 - 0.62)))
        pile.both("gaps", block((0.02, 0.01, z1 - z0 - 0.4), (x1 - 0.9, half - 0.016, 0.5 * (z0 + z1))))
        # The ladder on the roof.
        for y in (0.25, 0.75):
            pile.add("aluminium", block((long - 0.2, 0.05, 0.10), (x - 0.05, y, z1 + 0.20)))
        for k in range(6 if plain else 11):
            at = x0 + 0.2 + k * (long - 0.6) / (5 if plain else 10)
            pile.add("aluminium", bar((at, 0.25, z1 + 0.20), (at, 0.75, z1 + 0.20), 0.02, 5))
        pile.add(
            "trim",
            block((0.08, 0.7, 0.15), (x1 - 0.7, 0.5, z1 + 0.08)),
            block((0.08, 0.7, 0.15), (x0 + 0.5, 0.5, z1 + 0.08)),
        )
        pile.add("aluminium", block((1.6, 0.5, 0.30), (x, -0.6, z1 + 0.15)))
        pile.add("trim", block((0.03, 0.6, 0.02), (x0 - 0.002, 0.0, z0 + 0.2)))
        cab_top = min(self.cab_height_m, self.height) - 0.02
        ahead = self.length / 2 - 1.05
        pile.add("trim", shapes.rounded_box((0.3, 1.7, 0.06), 0.02, (ahead, 0.0, cab_top + 0.03), count=12))
        blue = shapes.rounded_box((0.28, 0.5, 0.17), 0.06, (ahead, 0.58, cab_top + 0.13), count=14)
        pile.add("beacon_left", blue)
        pile.add("beacon_right", blue.mirrored())
        rear = shapes.rounded_box((0.16, 0.16, 0.16), 0.06, (x0 + 0.12, half - 0.14, z1 + 0.08), count=10)
        pile.add("beacon_left", rear)
        pile.add("beacon_right", rear.mirrored())
        stripe = []
        for sign in (1.0, -1.0):
            face = shapes.rectangle(
                (x + sign * long / 2, sign * (half - 0.012), z1 - 0.28), (-sign * long, 0, 0), (0, 0, 0.2)
            )
            uv = np.array([[0.0, 0.0], [long / 1.6, 0.0], [0.0, 1.0], [long / 1.6, 1.0]])
            stripe.append(Shape(face.points_m, face.faces, uv))
        back = shapes.rectangle((x0 - 0.004, half - 0.1, z0 + 0.12), (0, -self.width + 0.2, 0), (0, 0, z1 - z0 - 0.4))
        tall = (z1 - z0 - 0.4) / 0.8
        uv = np.array([[0.0, 0.0], [self.width / 0.8, 0.0], [0.0, tall], [self.width / 0.8, tall]])
        textured = (
            decal("livery", liveries.chequers(liveries.RED, liveries.YELLOW, 2), join(stripe)),
            decal("chevrons", liveries.chevrons(liveries.RED, liveries.YELLOW), Shape(back.points_m, back.faces, uv)),
            side_board(
                "FIRE", liveries.WHITE, PAINTS[self.paint][0], (x1 - 0.45, half - 0.012, z0 + 0.55), 0.42, "letters"
            ),
        )
        return Load(
            boxes_m=(((x, 0.0, 0.5 * (z0 + z1)), (long, self.width, z1 - z0)),),
            textured=textured,
            lamps=beacon_lamps(np.array([ahead, 0.58, cab_top + 0.13])),
            materials=(
                painted("panels", PAINTS[self.paint][0], 0.28),
                painted("shutters", (0.46, 0.47, 0.48), 0.45, 0.3),
            ),
        )
