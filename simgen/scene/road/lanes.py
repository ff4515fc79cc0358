"""Lanes: their cross-section at one s, and the sections in which a road keeps the same lanes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from simgen.scene.road.curves import Cubic, piece_at

LaneKind = Literal[
    "driving", "parking", "kerb", "sidewalk", "shoulder", "biking", "border", "verge", "median", "restricted"
]
MarkKind = Literal["none", "solid", "broken", "solid_solid", "solid_broken", "broken_solid", "broken_broken"]
MarkColor = Literal["white", "yellow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line along a lane's outer edge (or along the reference line). The first word of a double line is the one
    nearer to the reference line; dashes start at multiples of dash and gap from the road's start."""

    kind: MarkKind = "none"
    color: MarkColor = "white"
    width_m: float = 0.12
    dash_m: float = 3.0
    gap_m: float = 6.0

    @property
    def lines(self) -> tuple[tuple[float, bool], ...]:
        """(offset of the middle away from the reference line in metres, whether it is broken) of each line."""
        if self.kind == "none":
            return ()
        words = self.kind.split("_")
        if len(words) == 1:
            return ((0.0, words[0] == "broken"),)
        return ((-self.width_m, words[0] == "broken"), (self.width_m, words[1] == "broken"))


NO_MARK = Mark()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane where it is cut at one s: the strip from ``inner_t_m`` to ``outer_t_m`` (signed like the id).

    ``height_m`` is above the road's elevation. ``surface`` names what it is made of ("asphalt", "gravel"); "" is the
    ground of the stage. ``mark`` runs along its outer edge.
    """

    id: int
    kind: LaneKind
    inner_t_m: float
    outer_t_m: float
    height_m: float = 0.0
    speed_limit_mps: float = 13.9
    surface: str = ""
    mark: Mark = NO_MARK
    one_way: int = 0

    @property
    def center_t_m(self) -> float:
        return 0.5 * (self.inner_t_m + self.outer_t_m)

    @property
    def width_m(self) -> float:
        return abs(self.outer_t_m - self.inner_t_m)

    @property
    def direction(self) -> int:
        """+1 along s, -1 against it."""
        if self.one_way:
            return self.one_way
        return 1 if self.id < 0 else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSpan:
    """A lane over a section: ``width_m`` is a cubic, or several that take over from each other (s from the section's
    start). ``predecessor`` and ``successor`` are the ids that it has in the sections (or roads) before and after;
    None is the same id."""

    id: int
    kind: LaneKind
    widths: tuple[Cubic, ...]
    height_m: float = 0.0
    speed_limit_mps: float = 13.9
    surface: str = ""
    mark: Mark = NO_MARK
    one_way: int = 0
    predecessor: int | None = None
    successor: int | None = None

    @property
    def constant(self) -> bool:
        return len(self.widths) == 1 and self.widths[0].b == self.widths[0].c == self.widths[0].d == 0.0


def span(id: int, kind: LaneKind, width_m: float, **values: object) -> LaneSpan:
    """A lane of one width."""
    made = LaneSpan(id=id, kind=kind, widths=(Cubic(a=width_m),))
    return replace(made, **values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSection:
    """Lanes from ``s_m`` to the next section: left ones 1, 2, … and right ones -1, -2, …, from the middle outwards.

    ``center_mark`` runs along the middle.
    """

    s_m: float = 0.0
    left: tuple[LaneSpan, ...] = ()
    right: tuple[LaneSpan, ...] = ()
    center_mark: Mark = NO_MARK

    def __post_init__(self) -> None:
        for lanes, sign in ((self.left, 1), (self.right, -1)):
            if [lane.id for lane in lanes] != [sign * (k + 1) for k in range(len(lanes))]:
                raise ValueError("lane ids count up from the reference line: 1, 2, … and -1, -2, …")

    @property
    def spans(self) -> tuple[LaneSpan, ...]:
        return (*reversed(self.left), *self.right)

    @property
    def constant(self) -> bool:
        return all(lane.constant for lane in self.spans)

    def cut(self, s_m: float) -> tuple[Lane, ...]:
        """The lanes at s, from the middle outwards, right side first."""
        result = []
        for lanes, sign in ((self.right, -1), (self.left, 1)):
            t = 0.0
            for lane in lanes:
                width = max(0.0, piece_at(lane.widths, s_m - self.s_m).at(s_m - self.s_m))
                result.append(
                    Lane(
                        id=lane.id,
                        kind=lane.kind,
                        inner_t_m=t,
                        outer_t_m=t + sign * width,
                        height_m=lane.height_m,
                        speed_limit_mps=lane.speed_limit_mps,
                        surface=lane.surface,
                        mark=lane.mark,
                        one_way=lane.one_way,
                    )
                )
                t += sign * width
        return tuple(result)
