"""Vehicle bodies, lofted from a profile: a tub from sill to shoulder, a cabin on top of it, wheels in round arches.

All of a profile is in the body frame in metres (x forward, y left, z up; x = 0 at mid-length) for its nominal size, and
is scaled to the size that is asked for before anything is built, so that wheels and arches stay round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.core.geometry import Array
from simgen.core.keeping import kept
from simgen.scene import shapes
from simgen.scene.mesh import Mesh
from simgen.scene.shapes import Shape, join

Knots = tuple[tuple[float, float], ...]

_RELIEF_M = 0.02
"""What plates, lamps and grilles stand proud of the skin by, at most; the skin is that much shorter at either end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """A column of the cabin's side, from front to rear: fractions of the way from the A to the D pillar at which it
    ends, along the belt and along the roof, and what it is made of."""

    kind: str
    belt: float
    roof: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cabin:
    """The part above the shoulder. Positions along x at the belt and at the roof; sweeps are how much further back the
    corner of the front (or further forward that of the rear) lies than the middle."""

    belt_front_m: float
    belt_rear_m: float
    roof_front_m: float
    roof_rear_m: float
    front_sweep_m: float
    rear_sweep_m: float
    belt_width: float
    roof_half_front_m: float
    roof_half_rear_m: float
    roof_edge: Knots
    roof_crown_m: float
    bulge_m: float
    panes: tuple[Pane, ...]
    edge_m: float = 0.05
    rear_glass: tuple[float, float] = (0.08, 0.9)
    side_glass: tuple[float, float] = (0.05, 0.86)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The form of a vehicle.

    Attributes:
        shoulder: height of the upper edge of the tub's sides over x, front to rear.
        crown: how much higher than that edge the middle of the bonnet and the boot lies, over x.
        nose, tail: how far the skin at the ends lies behind the foremost (rearmost) point, over z.
        section: half width over z as a share of the largest.
        plan: exponents of the superellipses that round the ends in plan, front and rear.
        doors: x of the doors' shut lines, and handles: x of their middles.
        door_foot_m: height of the doors' lower edge; 0.1 m above the sill when None.
        tail_relief_m: how far the rear lamps stand proud.
        mirror_tall: height of the mirrors as a share of a car's.
        cover_m: the lid behind this x is a dark cover (the bed of a pickup).
        head, tail_lamp: lamps as (arc along the skin from the middle of the end: from, to; z: from, to), in metres.
    """

    length_m: float
    width_m: float
    height_m: float
    front_axle_m: float
    rear_axle_m: float
    wheel_radius_m: float
    tyre_width_m: float
    sill_m: float
    shoulder: Knots
    crown: Knots
    nose: Knots
    tail: Knots
    section: Knots
    plan: tuple[float, float]
    cabin: Cabin
    doors: tuple[float, ...]
    handles: tuple[float, ...]
    head: tuple[float, float, float, float]
    tail_lamp: tuple[float, float, float, float]
    grille: tuple[float, float, float]
    intake: tuple[float, float, float]
    front_plate_m: float
    rear_plate_m: float
    cladding: float
    bumper_m: float
    arch_gap_m: float
    shoulder_radius_m: float
    mirror: tuple[float, float]
    rear_doors: bool = False
    cover_m: float | None = None
    door_foot_m: float | None = None
    mirror_tall: float = 1.0
    tail_relief_m: float = 0.011

    @property
    def axles(self) -> tuple[float, ...]:
        """x of the axles with an arch in this body; one that lies outside of it carries something else."""
        return tuple(x for x in (self.front_axle_m, self.rear_axle_m) if abs(x) < self.length_m / 2)

    def sized(self, length_m: float, width_m: float, height_m: float) -> Profile:
        """The same form in another size."""
        x = (length_m - 2 * _RELIEF_M) / self.length_m
        y, z = width_m / self.width_m, height_m / self.height_m

        def xz(knots: Knots) -> Knots:
            return tuple((a * x, b * z) for a, b in knots)

        cabin = self.cabin
        return replace(
            self,
            length_m=self.length_m * x,
            width_m=width_m,
            height_m=height_m,
            front_axle_m=self.front_axle_m * x,
            rear_axle_m=self.rear_axle_m * x,
            wheel_radius_m=self.wheel_radius_m * z,
            tyre_width_m=self.tyre_width_m * y,
            sill_m=self.sill_m * z,
            shoulder=xz(self.shoulder),
            crown=xz(self.crown),
            nose=tuple((a * z, b * x) for a, b in self.nose),
            tail=tuple((a * z, b * x) for a, b in self.tail),
            section=tuple((a * z, b) for a, b in self.section),
            doors=tuple(d * x for d in self.doors),
            handles=tuple(h * x for h in self.handles),
            head=(self.head[0] * y, self.head[1] * y, self.head[2] * z, self.head[3] * z),
            tail_lamp=(self.tail_lamp[0] * y, self.tail_lamp[1] * y, self.tail_lamp[2] * z, self.tail_lamp[3] * z),
            grille=(self.grille[0] * y, self.grille[1] * z, self.grille[2] * z),
            intake=(self.intake[0] * y, self.intake[1] * z, self.intake[2] * z),
            front_plate_m=self.front_plate_m * z,
            rear_plate_m=self.rear_plate_m * z,
            bumper_m=self.bumper_m * z,
            mirror=(self.mirror[0] * x, self.mirror[1] * z),
            cover_m=None if self.cover_m is None else self.cover_m * x,
            door_foot_m=None if self.door_foot_m is None else self.door_foot_m * z,
            cabin=replace(
                cabin,
                belt_front_m=cabin.belt_front_m * x,
                belt_rear_m=cabin.belt_rear_m * x,
                roof_front_m=cabin.roof_front_m * x,
                roof_rear_m=cabin.roof_rear_m * x,
                front_sweep_m=cabin.front_sweep_m * x,
                rear_sweep_m=cabin.rear_sweep_m * x,
                roof_half_front_m=cabin.roof_half_front_m * y,
                roof_half_rear_m=cabin.roof_half_rear_m * y,
                roof_edge=xz(cabin.roof_edge),
                roof_crown_m=cabin.roof_crown_m * z,
                bulge_m=cabin.bulge_m * y,
            ),
        )


def curve(knots: Knots, at: ArrayLike) -> Array:
    """Through the knots, monotone between them, constant outside."""
    x, y, h, m = _monotone(knots)
    q = np.minimum(np.maximum(np.asarray(at, dtype=np.float64), x[0]), x[-1])
    i = np.minimum(np.searchsorted(x, q, side="right") - 1, len(h) - 1)
    step = h[i]
    t = (q - x[i]) / step
    left = 1.0 - t
    rising, falling = t * t * (3.0 - 2.0 * t), t * left
    start = y[i]
    result: Array = start + rising * (y[i + 1] - start) + falling * step * (left * m[i] - t * m[i + 1])
    return result


@lru_cache(maxsize=256)
def _monotone(knots: Knots) -> tuple[Array, Array, Array, Array]:
    """x, y of the knots in order, their distances, and slopes that keep a cubic monotone (Fritsch & Carlson 1980)."""
    order = sorted(knots)
    x, y = np.array([k[0] for k in order]), np.array([k[1] for k in order])
    h = np.diff(x)
    slope = np.diff(y) / h
    m = np.zeros(len(x))
    same = slope[1:] * slope[:-1] > 0
    harmonic = np.zeros(len(x) - 2)
    w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    harmonic[same] = (w1 + w2)[same] / (w1[same] / slope[:-1][same] + w2[same] / slope[1:][same])
    m[1:-1] = harmonic
    m[0], m[-1] = slope[0], slope[-1]
    return x, y, h, m


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How finely a body is meshed.

    Attributes:
        front, rear: columns of the windscreen and the rear window, as shares of the way from the middle to the corner;
            the front's last two are the screen's black edge and the pillar.
        panes, roof: rows of the windows, and of half the roof from its edge to the middle.
        line: points along a shut line.
    """

    spacing_m: float
    nose: int
    arch: int
    rows: tuple[float, ...]
    rounding: tuple[float, ...]
    lid: tuple[float, ...]
    patch: int
    wheel: int
    panes: int
    roof: int
    front: tuple[float, ...]
    rear: tuple[float, ...]
    round_mirrors: bool
    line: int


DETAIL = {
    "full": Detail(
        spacing_m=0.3,
        nose=9,
        arch=11,
        rows=(0.35, 0.7, 1.0),
        rounding=(0.45, 0.0),
        lid=(1.0, 0.85, 0.5, 0.0),
        patch=8,
        wheel=16,
        panes=3,
        roof=3,
        front=(0.0, 0.25, 0.5, 0.72, 0.9, 0.935, 1.0),
        rear=(0.92, 0.7, 0.45, 0.22, 0.0),
        round_mirrors=True,
        line=6,
    ),
    "plain": Detail(
        spacing_m=0.7,
        nose=5,
        arch=6,
        rows=(0.55, 1.0),
        rounding=(0.0,),
        lid=(1.0, 0.65, 0.0),
        patch=2,
        wheel=11,
        panes=1,
        roof=2,
        front=(0.0, 0.5, 0.9, 0.935, 1.0),
        rear=(0.92, 0.5, 0.0),
        round_mirrors=False,
        line=3,
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """The surface of the tub as a function of a point on the widest outline and of the height."""

    profile: Profile
    patch_steps: int = 8

    def half_width(self, x_m: ArrayLike) -> Array:
        """Of the widest outline."""
        p = self.profile
        a = p.length_m / 2
        x = np.asarray(x_m, dtype=np.float64)
        n = np.where(x >= 0, p.plan[0], p.plan[1])
        result: Array = p.width_m / 2 * np.maximum(1 - np.abs(np.clip(x / a, -1, 1)) ** n, 0.0) ** (1 / n)
        return result

    def shoulder(self, x_m: ArrayLike) -> Array:
        return curve(self.profile.shoulder, x_m)

    def at(self, x_m: ArrayLike, y_m: ArrayLike, z_m: ArrayLike) -> Array:
        """(..., 3) of outline points (x, y) at heights z."""
        p = self.profile
        x, y, z = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (x_m, y_m, z_m)))
        half = p.length_m / 2
        front = np.clip((x - p.front_axle_m) / (half - p.front_axle_m), 0, 1) ** 1.6
        start = p.rear_axle_m if p.rear_axle_m > -half else -0.7 * half
        rear = np.clip((start - x) / (start + half), 0, 1) ** 1.6
        radius = p.shoulder_radius_m
        below = np.clip((self.shoulder(x) - z) / radius, 0, 1)
        rounding = radius * (1 - np.sqrt(1 - (1 - below) ** 2))
        share = curve(p.section, z) * (1 - rounding / (p.width_m / 2))
        ends = 1 - rounding / half * (front + rear)
        return np.stack([(x - front * curve(p.nose, z) + rear * curve(p.tail, z)) * ends, y * share, z], axis=-1)

    def top(self, x_m: ArrayLike, y_m: ArrayLike) -> Array:
        """Height of the bonnet, the boot and what the cabin stands on."""
        x = np.asarray(x_m, dtype=np.float64)
        z = self.shoulder(x)
        edge = self.at(x, self.half_width(x), z)[..., 1]
        k = np.clip(np.abs(np.asarray(y_m)) / np.maximum(edge, 1e-6), 0, 1)
        result: Array = z + self.crown(x, edge) * (1 - k**2.2)
        return result

    def crown(self, x_m: Array, edge_m: Array) -> Array:
        """How much the middle rises above edges that lie ``edge_m`` to the side; nothing where they meet."""
        rise: Array = curve(self.profile.crown, x_m) * np.clip(edge_m / (0.35 * self.profile.width_m), 0, 1) ** 2
        return rise

    def outline(self, end: int) -> tuple[Array, Array]:
        """(points (N, 2), arc length (N,)) from the middle of the front (end 1) or the rear (-1) along the left."""
        angle = np.linspace(0, np.pi / 2, 400)
        n = self.profile.plan[0 if end > 0 else 1]
        x = end * self.profile.length_m / 2 * np.cos(angle) ** (2 / n)
        y = self.profile.width_m / 2 * np.sin(angle) ** (2 / n)
        points = np.stack([x, y], axis=1)
        return points, np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]

    def patch(
        self, end: int, arc_m: tuple[float, float], lower_m: Sequence[float], upper_m: Sequence[float], proud_m: float
    ) -> Shape:
        """A panel on the front or the rear, ``proud_m`` in front of the skin, with edges down to it.

        Args:
            arc_m: from and to, along the outline from the middle; negative is the right side.
            lower_m, upper_m: heights of its edges at equal steps along the arc.
        """
        points, arc = self.outline(end)
        plain = self.patch_steps < 8
        steps = int(np.clip(np.ceil((arc_m[1] - arc_m[0]) / 0.055), 2, self.patch_steps))
        s = np.linspace(*arc_m, steps + 1)
        share = np.linspace(0, 1, steps + 1)
        low = np.interp(share, np.linspace(0, 1, len(lower_m)), lower_m)
        high = np.interp(share, np.linspace(0, 1, len(upper_m)), upper_m)
        x = np.interp(np.abs(s), arc, points[:, 0])
        y = np.sign(s) * np.interp(np.abs(s), arc, points[:, 1])
        z = low + np.linspace(0, 1, 3 if not plain and float(np.max(high - low)) > 0.1 else 2)[:, None] * (high - low)
        p = self.at(x[None, :], y[None, :], z)
        across, up = np.gradient(p, axis=1), np.gradient(p, axis=0)
        normal = np.cross(across, up)
        normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
        if np.mean(normal[..., 0]) * end < 0:
            normal = -normal
        forward = np.mean(np.cross(across, up)[..., 0]) * end > 0
        if plain and proud_m < 0.03:
            # In the background a panel has no edges down to the skin, but for the one at the corner of the body.
            face = p + 1.4 * proud_m * normal
            if arc_m[0] > 0:
                face = np.concatenate([face, p[:, -1:] - 0.01 * normal[:, -1:]], axis=1)
            sheet = shapes.grid(face)
            return sheet if forward else sheet.turned_inside_out()
        lift = proud_m * (1.4 if plain else 1.0)
        framed = np.pad(p + lift * normal, ((1, 1), (1, 1), (0, 0)), mode="edge")
        inner = np.pad(p - 0.01 * normal, ((1, 1), (1, 1), (0, 0)), mode="edge")
        framed[0], framed[-1], framed[:, 0], framed[:, -1] = inner[0], inner[-1], inner[:, 0], inner[:, -1]
        shape = shapes.grid(framed)
        return shape if forward else shape.turned_inside_out()

    def line(self, points_m: Array, width_m: float, along: str) -> Shape:
        """A shut line: a dark ribbon 2 mm in front of the left side along (N, 2) points of (x, z)."""
        p = np.asarray(points_m, dtype=np.float64)
        shift = np.array([width_m / 2, 0.0]) if along == "z" else np.array([0.0, width_m / 2])
        a, b = p - shift, p + shift
        rows = [self.at(q[:, 0], self.half_width(q[:, 0]), q[:, 1]) + np.array([0, 0.002, 0]) for q in (a, b)]
        shape = shapes.grid(np.array(rows))
        normal = np.cross(rows[0][1] - rows[0][0], rows[1][0] - rows[0][0])
        return shape if normal[1] > 0 else shape.turned_inside_out()


def _columns(p: Profile, detail: Detail) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Plan points (C, 2) of the left outline from front to rear, the lower edge's height (C,) and whether the cell that
    follows has an area (C - 1,)."""
    skin = Skin(p)
    arch = p.wheel_radius_m + p.arch_gap_m
    nose = detail.nose
    entries: list[tuple[float, float, float]] = []
    for end in (1, -1):
        points, arc = skin.outline(end)
        stop = arc[np.searchsorted(points[:, 1], 0.985 * p.width_m / 2)]
        for s in np.linspace(0, stop, nose):
            x, y = np.interp(s, arc, points[:, 0]), np.interp(s, arc, points[:, 1])
            entries.append((float(x), float(y), p.sill_m))
    for x in np.arange(-p.length_m / 2, p.length_m / 2, detail.spacing_m):
        entries.append((float(x), float(skin.half_width(x)), p.sill_m))
    inner = min(e[0] for e in entries[:nose]), max(e[0] for e in entries[nose : 2 * nose])
    arches = []
    for axle in p.axles:
        for angle in np.linspace(0, np.pi, detail.arch):
            x = axle + arch * np.cos(angle)
            arches.append((float(x), float(skin.half_width(x)), p.wheel_radius_m + arch * float(np.sin(angle))))

    def keep(i: int, x: float) -> bool:
        in_arch = any(abs(x - a) < arch + 0.03 for a in p.axles)
        return not in_arch and (i < 2 * nose or inner[1] + 0.08 < x < inner[0] - 0.08)

    plain = [e for i, e in enumerate(entries) if keep(i, e[0])]
    edges = []
    for axle in p.axles:
        for side in (1, -1):
            x = axle + side * arch
            edges.append((x, float(skin.half_width(x)), p.sill_m, side))
    # At an arch's foot two columns share one x: the sill's comes first on the way in, and last on the way out.
    tagged = [(-x, 0.0, x, y, z) for x, y, z in plain + arches]
    tagged += [(-x, -0.5 if side > 0 else 0.5, x, y, z) for x, y, z, side in edges]
    tagged.sort(key=lambda e: (round(e[0], 9), e[1], e[3]))
    plan = np.array([(e[2], e[3]) for e in tagged])
    low = np.array([e[4] for e in tagged])
    gap: Array = np.linalg.norm(np.diff(plan, axis=0), axis=1)
    return plan, low, gap > 1e-6


def tub(p: Profile, detail: Detail) -> dict[str, Shape]:
    """Paint, cladding and the dark underside with the wheel wells, of both sides."""
    skin = Skin(p)
    plan, low, area = _columns(p, detail)
    x, y = plan[:, 0], plan[:, 1]
    high = skin.shoulder(x)
    radius = p.shoulder_radius_m
    share = np.array([0.0, p.cladding, *detail.rows])
    z = low + share[:, None] * (high - radius - low)
    z = np.vstack([z, *(high - radius * below for below in detail.rounding)])
    points = skin.at(x, y, z)
    cells = np.broadcast_to(area, (len(z) - 1, len(x) - 1)).copy()
    dark = cells.copy()
    dark[1:] = False
    ends = np.abs(0.5 * (x[1:] + x[:-1])) > 0.42 * p.length_m
    if p.bumper_m > 0:
        middle = 0.5 * (z[1:] + z[:-1])[:, 1:]
        dark = dark | (cells & ends & (middle < p.bumper_m))
    side_paint, side_trim = shapes.grid(points, cells & ~dark), shapes.grid(points, dark)
    seams = []
    for axle in p.axles:
        for x_seam in (axle - p.wheel_radius_m - p.arch_gap_m, axle + p.wheel_radius_m + p.arch_gap_m):
            # The columns that meet at an arch's foot have their rows at different heights: a strip behind the seam
            # closes what would show between them.
            rise = np.linspace(p.wheel_radius_m, float(skin.shoulder(x_seam)) - 0.01, detail.line + 1)[:, None]
            run = np.array([x_seam + 0.012, x_seam - 0.012])
            seams.append(shapes.grid(skin.at(run, skin.half_width(run), rise) - np.array([0.0, 0.005, 0.0])))
    edge = points[-1]
    k = np.array(detail.lid)
    crown = skin.crown(x, edge[:, 1])
    lid = np.stack(
        [
            np.broadcast_to(edge[:, 0], (len(k), len(x))),
            k[:, None] * edge[:, 1],
            edge[:, 2] + (1 - k[:, None] ** 2.2) * crown,
        ],
        axis=-1,
    )
    # Behind the nose's rounded corner the lid's columns run straight across, so all of its cells are plane enough.
    lid_cells = np.broadcast_to(area, (len(k) - 1, len(x) - 1))
    # What the cabin stands on is not seen.
    c = p.cabin
    within = (x < c.belt_front_m - c.front_sweep_m - 0.05) & (x > c.belt_rear_m + c.rear_sweep_m + 0.05)
    hidden = (k[:-1] < c.belt_width - 0.12)[:, None] & within[1:] & within[:-1]
    lid_cells = lid_cells & ~hidden
    covered = lid_cells & (0.5 * (x[1:] + x[:-1]) < (-p.length_m if p.cover_m is None else p.cover_m))
    lid_shape, cover = shapes.grid(lid, lid_cells & ~covered), shapes.grid(lid, covered)
    inner = p.width_m / 2 - p.tyre_width_m - 0.1
    bottom = points[0]
    in_arch = low > p.sill_m + 1e-9
    sill = np.column_stack(
        [bottom[:, 0], np.where(in_arch, np.minimum(inner, bottom[:, 1]), bottom[:, 1]), bottom[:, 2]]
    )
    sill[:, 2] = p.sill_m
    # It is level: within an arch the way from foot to foot is straight.
    inside_arch = np.zeros(len(x), dtype=bool)
    inside_arch[1:-1] = in_arch[:-2] & in_arch[1:-1] & in_arch[2:]
    sill = sill[~inside_arch]
    middle_line = sill * np.array([1.0, 0.0, 1.0])
    under = [shapes.grid(np.array([middle_line, sill]))]
    for axle in p.axles:
        chosen = in_arch & (np.abs(x - axle) < 1.0)
        rim = bottom[chosen]
        deep = rim.copy()
        deep[:, 1] = inner
        foot = deep.copy()
        foot[:, 2] = p.sill_m
        under.append(shapes.grid(np.array([deep, rim])))
        # The wall of the well; what of it reaches above the arch lies within the body.
        top = np.array([[1.0, 1.0, 0.0]]) * foot[[0, -1]] + np.array([0.0, 0.0, float(deep[:, 2].max())])
        under.append(shapes.grid(np.array([foot[[0, -1]], top])))
        # Below the axle the ends of the well go straight down to the sill.
        for i, ahead in ((0, True), (-1, False)):
            wall = shapes.grid(np.array([[rim[i] * (1, 1, 0) + (0, 0, p.sill_m), foot[i]], [rim[i], deep[i]]]))
            under.append(wall if ahead else wall.turned_inside_out())
    return {
        "paint": shapes.both_sides(join([side_paint, lid_shape, *seams])),
        "trim": shapes.both_sides(join([side_trim, cover])),
        "under": shapes.both_sides(join(under)),
    }


def cabin(p: Profile, detail: Detail) -> dict[str, Shape]:
    """Paint, glass and black frames of the cabin, of both sides."""
    c = p.cabin
    skin = Skin(p)
    front, rear = np.array(detail.front), np.array(detail.rear)
    screen = len(front) - 1
    front_kind = [*["windscreen"] * (screen - 2), "frame", "pillar"]
    rear_kind = ["pillar", *["rear"] * (len(rear) - 1)]

    def base_half(x: Array) -> Array:
        half: Array = skin.at(x, skin.half_width(x), skin.shoulder(x))[..., 1] * c.belt_width
        return half

    a_base, d_base = c.belt_front_m - c.front_sweep_m, c.belt_rear_m + c.rear_sweep_m
    a_top, d_top = c.roof_front_m - 0.6 * c.front_sweep_m, c.roof_rear_m + 0.6 * c.rear_sweep_m
    belt = np.array([q.belt for q in c.panes])
    roof = np.array([q.roof for q in c.panes])
    base_x = np.r_[
        c.belt_front_m - c.front_sweep_m * front**2.4,
        a_base + belt * (d_base - a_base),
        c.belt_rear_m + c.rear_sweep_m * rear**2.4,
    ]
    base_y = np.r_[
        front * base_half(np.array(a_base)),
        base_half(base_x[len(front) : len(front) + len(belt)]),
        rear * base_half(np.array(d_base)),
    ]
    top_x = np.r_[
        c.roof_front_m - 0.6 * c.front_sweep_m * front**2.4,
        a_top + roof * (d_top - a_top),
        c.roof_rear_m + 0.6 * c.rear_sweep_m * rear**2.4,
    ]
    side_half = c.roof_half_front_m + roof * (c.roof_half_rear_m - c.roof_half_front_m)
    top_y = np.r_[front * c.roof_half_front_m, side_half, rear * c.roof_half_rear_m]
    base = np.column_stack([base_x, base_y, skin.top(base_x, base_y) - 0.015])
    top = np.column_stack([top_x, top_y, curve(c.roof_edge, top_x)])
    top[:, 2] += 0.35 * c.roof_crown_m * (1 - (top_y / np.maximum(c.roof_half_front_m, top_y)) ** 2)
    kinds = [*front_kind, *[q.kind for q in c.panes], *rear_kind]
    lo, hi = c.side_glass
    inside = np.linspace(lo + 0.03, hi - 0.03, detail.panes + 1)
    # In the background the black edges of the side windows are left out.
    t = np.array([0.0, lo, *inside, hi, 0.94, 1.0] if detail.panes > 2 else [0.0, *inside, 0.94, 1.0])
    outward = np.column_stack([base[:, 0] - base[:, 0].mean(), base[:, 1] * 2.2, np.zeros(len(base))])
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    bulge = c.bulge_m * (1 - (2 * t - 1) ** 2)
    wall = base + t[:, None, None] * (top - base) + bulge[:, None, None] * outward
    rows = len(t) - 1
    glass = np.zeros((rows, len(kinds)), dtype=bool)
    frame = np.zeros_like(glass)
    middle = 0.5 * (t[1:] + t[:-1])
    for i, kind in enumerate(kinds):
        match kind:
            case "windscreen":
                glass[:, i] = middle < 0.95
            case "glass":
                pane = (middle > lo + 0.029) & (middle < hi - 0.029)
                glass[pane, i] = True
                frame[(middle > lo) & (middle < hi) & ~pane, i] = True
            case "frame":
                frame[(middle > (lo if i > screen else 0)) & (middle < (hi if i > screen else 0.95)), i] = True
            case "rear":
                glass[:, i] = (middle > c.rear_glass[0]) & (middle < c.rear_glass[1])
    # Roof: a rounded edge, then straight across.
    edge = top.copy()
    inward = -outward
    ring = edge + c.edge_m * 0.72 * inward + np.array([0.0, 0.0, 0.36 * c.edge_m])
    ring[:, 1] = np.maximum(ring[:, 1], 0.0)
    ring[base[:, 1] == 0, 1] = 0.0
    k = np.linspace(1.0, 0.0, detail.roof + 1)
    span = np.clip(ring[:, 1] / c.roof_half_front_m, 0, 1)
    lift = c.roof_crown_m * 0.65 * span**2
    lid = np.stack(
        [
            np.broadcast_to(ring[:, 0], (len(k), len(ring))),
            k[:, None] * ring[:, 1],
            ring[:, 2] + (1 - k[:, None] ** 2) * lift,
        ],
        axis=-1,
    )
    skin_top = shapes.grid(np.concatenate([edge[None], lid]))
    return {
        "paint": shapes.both_sides(join([shapes.grid(wall, ~glass & ~frame), skin_top])),
        "glass": shapes.both_sides(shapes.grid(wall, glass)),
        "trim": shapes.both_sides(shapes.grid(wall, frame)),
    }


def _mirrors(p: Profile, *, rounded: bool) -> tuple[Shape, Shape]:
    """(housings, glasses) of both sides."""
    x, z = p.mirror
    skin = Skin(p)
    y = float(skin.at(x, skin.half_width(x), skin.shoulder(x) - 0.02)[1])
    tall = p.mirror_tall
    size, middle = (0.1, 0.19, 0.13 * tall), (x, y + 0.125, z + 0.065 * (tall - 1))
    if rounded:
        housing = shapes.rounded_box(size, 0.05, middle, count=10)
    else:
        block = shapes.box((0.09, 0.2, size[2]), (middle[0], middle[1] - 0.01, middle[2]), sides="xXyzZ")
        housing = Shape(block.points_m, block.faces)
    arm = shapes.tube(
        [(x + 0.02, y - 0.05, z - 0.07), (x + 0.01, y + 0.04, z - 0.04), (x, y + 0.09, z - 0.02)], 0.022, count=5
    )
    glass = shapes.rectangle((x - 0.0515, y + 0.2, z - 0.045), (0, -0.15, 0), (0, 0, 0.09 + 0.13 * (tall - 1)), 1.0)
    return shapes.both_sides(join([housing, arm]) if rounded else housing), shapes.both_sides(
        Shape(glass.points_m, glass.faces)
    )


def _plate(x_m: float, z_m: float, end: int, lean: float) -> Shape:
    """A number plate, 520 x 110 mm, with texture coordinates 0..1 on its front."""
    half, height = 0.26, 0.11
    corner = np.array([x_m, half if end < 0 else -half, z_m - height / 2])
    face = shapes.rectangle(corner, (0, -end * -2 * half, 0), (-end * lean * height, 0, height))
    return Shape(face.points_m, face.faces, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coachwork:
    """The meshes of a vehicle's body, by what they are made of, and where things on it are."""

    meshes: dict[str, Mesh]
    plates: Mesh
    low_m: Array
    high_m: Array
    head_m: Array
    tail_m: Array
    windscreen_m: Array
    roof_m: Array


def _wheel(radius_m: float, width_m: float, around: int) -> tuple[Mesh, Mesh]:
    """(tyre, rim) of a left wheel around the y axis; its outside faces +y."""
    r, w = radius_m, width_m / 2
    rim_r = 0.68 * r
    coarse = around < 16
    profile = [(0.93 * r, -0.96 * w), (r, -0.65 * w), (r, 0.65 * w), (0.95 * r, 0.93 * w)]
    profile += [(0.82 * r, 1.02 * w), (rim_r, 0.94 * w)]
    tyre = shapes.lathe(profile, count=around)
    lip = shapes.lathe([(rim_r, 0.94 * w), (rim_r * 0.9, -0.1 * w)], count=around)
    hub = shapes.lathe(
        [(0.15 * r, 0.5 * w), (0.15 * r, 0.66 * w), (0.12 * r, 0.72 * w), (0.0, 0.72 * w)], count=max(around // 2, 7)
    )
    if coarse:
        tyre = shapes.lathe([(r, -w), (r, 0.75 * w), (rim_r, 0.98 * w)], count=around)
        lip = shapes.lathe([(rim_r, 0.98 * w), (rim_r * 0.9, 0.5 * w)], count=around)
    spokes = []
    for i in range(5):
        angle = 2 * np.pi * i / 5
        for side in (0,) if coarse else (-1, 1):
            a0, a1 = angle + side * 0.10, angle + side * 0.20
            width = (0.085 if coarse else 0.044) * r
            inner_point = np.array([np.sin(a0), 0.0, np.cos(a0)]) * 0.1 * r
            outer_point = np.array([np.sin(a1), 0.0, np.cos(a1)]) * 0.945 * rim_r
            axis = (outer_point - inner_point) / np.linalg.norm(outer_point - inner_point)
            across = np.array([axis[2], 0.0, -axis[0]]) * width
            front = np.array([0.0, 0.68 * w, 0.0])
            end_front = np.array([0.0, 0.84 * w, 0.0])
            back = np.array([0.0, -0.1 * w, 0.0])
            a, b = inner_point - across, inner_point + across
            c, d = outer_point + across * 1.2, outer_point - across * 1.2
            spokes.append(shapes.grid(np.array([[a + front, b + front], [d + end_front, c + end_front]])))
            if coarse:
                continue
            spokes += [
                shapes.grid(np.array([[b + front, b + back], [c + end_front, c + back]])),
                shapes.grid(np.array([[a + back, a + front], [d + back, d + end_front]])),
            ]
    spoke = join(spokes)
    normal = np.cross(
        spoke.points_m[spoke.faces[0, 1]] - spoke.points_m[spoke.faces[0, 0]],
        spoke.points_m[spoke.faces[0, 2]] - spoke.points_m[spoke.faces[0, 0]],
    )
    if normal[1] < 0:
        spoke = spoke.turned_inside_out()
    disc = shapes.lathe([(0.5 * rim_r, 0.12 * w), (0.0, 0.12 * w)], count=around)
    well = shapes.lathe([(0.92 * rim_r, -0.1 * w), (0.0, -0.1 * w)], count=around)
    return join([tyre, well]).smooth(0.9), join([lip, spoke] if coarse else [lip, hub, spoke, disc]).smooth(0.6)


@kept
def wheel(radius_m: float, width_m: float, detail: str) -> tuple[Mesh, Mesh]:
    return _wheel(radius_m, width_m, DETAIL[detail].wheel)


def _left(shape: Shape) -> Array:
    """Middle of what lies on the left."""
    middle: Array = shape.points_m[shape.points_m[:, 1] > 0].mean(axis=0)
    return middle


def _stretched(forms: dict[str, Shape], p: Profile, length_m: float) -> dict[str, Shape]:
    """The forms with the overhangs moved by millimetres, so that plates and lamps included the length is met."""
    every = np.vstack([form.points_m for form in forms.values()])
    arch = p.wheel_radius_m + p.arch_gap_m
    rear = p.rear_axle_m - arch if p.rear_axle_m in p.axles else p.front_axle_m - arch
    out = {}
    for name, form in forms.items():
        points = form.points_m.copy()
        for end, start, tip in (
            (1.0, p.front_axle_m + arch, float(every[:, 0].max())),
            (-1.0, rear, float(every[:, 0].min())),
        ):
            share = np.clip((points[:, 0] - start) / (tip - start), 0.0, 1.0)
            points[:, 0] += share * (end * length_m / 2 - tip)
        out[name] = Shape(points, form.faces, form.uv)
    return out


@kept
def coachwork(form: Profile, length_m: float, width_m: float, height_m: float, detail: str) -> Coachwork:
    """The body of this form and size. Length and height are met to the millimetre; the width is without mirrors."""
    p = form.sized(length_m, width_m, height_m)
    fine = DETAIL[detail]
    skin = Skin(p, fine.patch)
    lower, upper = tub(p, fine), cabin(p, fine)
    housings, mirror_glass = _mirrors(p, rounded=fine.round_mirrors)
    h0, h1, hz0, hz1 = p.head
    t0, t1, tz0, tz1 = p.tail_lamp
    head_left = skin.patch(
        1, (h0, h1), [hz0 + 0.02, hz0, hz0 + 0.01, hz0 + 0.035], [hz1 - 0.015, hz1, hz1 + 0.01, hz1 + 0.02], 0.011
    )
    inner = (h0 + 0.28 * (h1 - h0), h0 + 0.62 * (h1 - h0))
    lens_z = (hz0 + 0.22 * (hz1 - hz0), hz0 + 0.8 * (hz1 - hz0))
    lens_left = skin.patch(1, inner, [lens_z[0]] * 2, [lens_z[1]] * 2, 0.016)
    outer = (h0 + 0.70 * (h1 - h0), h0 + 0.88 * (h1 - h0))
    blink_t, lamp_t = tz0 + 0.36 * (tz1 - tz0), tz0 + 0.55 * (tz1 - tz0)
    blink_left = join(
        [
            skin.patch(1, outer, [lens_z[0]] * 2, [lens_z[1]] * 2, 0.016),
            skin.patch(-1, (t0, t1), [blink_t + 0.003] * 2, [lamp_t] * 2, p.tail_relief_m),
        ]
    )
    tail_left = skin.patch(-1, (t0, t1), [tz0] * 2, [blink_t] * 2, p.tail_relief_m)
    brake_left = skin.patch(-1, (t0, t1), [lamp_t + 0.004] * 2, [tz1] * 2, p.tail_relief_m)
    g, gz0, gz1 = p.grille
    grille = skin.patch(1, (-g, g), [gz0] * 2, [gz1] * 2, 0.010)
    bars = [
        skin.patch(1, (-g * 0.98, g * 0.98), [z - 0.006] * 2, [z + 0.006] * 2, 0.016)
        for z in np.linspace(gz0, gz1, 5 if detail == "full" else 3)[1:-1]
    ]
    i, iz0, iz1 = p.intake
    intake = skin.patch(1, (-i, i), [iz0] * 2, [iz1] * 2, 0.012)
    lines = []
    bottom = p.sill_m + 0.1 if p.door_foot_m is None else p.door_foot_m
    for x in p.doors:
        z_top = float(skin.shoulder(x)) - 0.01
        stops = np.linspace(bottom, z_top, fine.line)
        lines.append(skin.line(np.column_stack([np.full(fine.line, x), stops]), 0.008, "z"))
    if p.doors:
        xs = np.linspace(max(p.doors), min(p.doors), fine.line)
        lines.append(skin.line(np.column_stack([xs, np.full(fine.line, bottom)]), 0.008, "x"))
    gaps = shapes.both_sides(join(lines))
    handles = []
    for x in p.handles if detail == "full" else ():
        z = float(skin.shoulder(x)) - 0.09
        y = float(skin.at(x, skin.half_width(x), z)[1])
        bar = shapes.stack([-0.016, 0.016], [(0.095, 0.0175)] * 2, [(x, y + 0.012)] * 2, count=8, exponent=4.0)
        handles.append(bar.shifted(z_m=z))
    front_x = float(skin.at(p.length_m / 2, 0.0, p.front_plate_m)[0]) + 0.017
    rear_x = float(skin.at(-p.length_m / 2, 0.0, p.rear_plate_m)[0]) - 0.017
    plates = join([_plate(front_x, p.front_plate_m, 1, 0.02), _plate(rear_x, p.rear_plate_m, -1, 0.02)])
    backing = [
        shapes.box((0.02, 0.54, 0.13), (front_x - 0.0125, 0, p.front_plate_m)),
        shapes.box((0.02, 0.54, 0.13), (rear_x + 0.0125, 0, p.rear_plate_m)),
    ]
    plain = [Shape(b.points_m, b.faces) for b in backing]
    if p.rear_doors:
        c = p.cabin
        belt = float(skin.shoulder(-p.length_m / 2))
        lower_line = skin.patch(-1, (-0.006, 0.006), [p.sill_m + 0.3] * 2, [belt - 0.02] * 2, 0.004)
        foot = (c.belt_rear_m - 0.002, 0.0, belt)
        head = (c.roof_rear_m - 0.002, 0.0, float(curve(c.roof_edge, c.roof_rear_m)))
        middle = (0.5 * (foot[0] + head[0]) - c.bulge_m, 0.0, 0.5 * (foot[2] + head[2]))
        gaps = join([gaps, lower_line, shapes.tube([foot, middle, head], 0.006, count=4)])
    forms = {
        "paint": join([lower["paint"], upper["paint"], housings]),
        "glass": upper["glass"],
        "trim": join([lower["trim"], upper["trim"], grille, intake, *plain]),
        "gaps": gaps,
        "under": lower["under"],
        "chrome": join([mirror_glass, *bars, shapes.both_sides(join(handles)) if handles else join([])]),
        "head_housings": shapes.both_sides(head_left),
        "head_lamp_left": lens_left,
        "head_lamp_right": lens_left.mirrored(),
        "tail_lamps": shapes.both_sides(tail_left),
        "brake_lamps": shapes.both_sides(brake_left),
        "indicator_left": blink_left,
        "indicator_right": blink_left.mirrored(),
        "plates": plates,
    }
    forms = _stretched(forms, p, length_m)
    meshes = {
        name: form.flat() if name in ("under", "plates") else form.smooth(0.6)
        for name, form in forms.items()
        if len(form.faces)
    }
    points = np.vstack([m.vertices_m for m in meshes.values()])
    c = p.cabin
    share = 0.66
    screen = np.array(
        [
            c.belt_front_m + share * (c.roof_front_m - c.belt_front_m),
            0.0,
            (1 - share) * float(skin.top(c.belt_front_m, 0.0)) + share * float(curve(c.roof_edge, c.roof_front_m)),
        ]
    )
    roof_x = 0.5 * (c.roof_front_m + c.roof_rear_m)
    return Coachwork(
        meshes=meshes,
        plates=meshes.pop("plates"),
        low_m=points.min(axis=0),
        high_m=points.max(axis=0),
        head_m=forms["head_lamp_left"].points_m.mean(axis=0),
        tail_m=_left(forms["tail_lamps"]),
        windscreen_m=screen,
        roof_m=np.array([roof_x, 0.0, float(points[:, 2].max())]),
    )
