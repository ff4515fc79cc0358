"""Places as written (``at:``) to poses in the world. Bodies never overlap; what finds no room says why."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.core.errors import Place, ScenarioRejected, SimgenError, UnknownName, ValueOutOfRange
from simgen.core.geometry import Array, inverse, planar_pose, transform, yaw_of
from simgen.language.logical import Actor, PlacementForm
from simgen.language.placement import FORMS
from simgen.sampling.concrete import DrawRecord
from simgen.sampling.hiding import Hiding, hiding_places, visible_share, way_out
from simgen.sampling.mistakes import Mistakes
from simgen.sampling.obstacles import Placed, blocked_by, extent, in_the_way, rise_of, size_of, sized
from simgen.sampling.resolve import Resolver
from simgen.scene.body import Body
from simgen.scene.boxes import footprint, overlap
from simgen.scene.road import Lane, Road, RoadNetwork
from simgen.scene.stage import Stage, Surface
from simgen.scene.standing import carriers, region, standing_height

TRIES = 96
"""How many random spots on a surface are tried before it counts as full."""
MOST_TOLD = 10
"""How many actors without a place are told at once."""
KERB_GAP_M = 0.2
"""Free room between a parked vehicle and the kerb."""
APART_M = 0.01
"""Room between things that are put down at random."""
HIDDEN = 0.02
"""Share of a hidden actor that may show."""


class NoRoom(ScenarioRejected):
    """An actor, or a camera of the world, for which this draw has no place.

    Attributes:
        actor: its name.
        cause: equal for draws that have no place for the same reason, however large the actor is in each.
    """

    def __init__(
        self, actor: str, message: str, remedy: str, where: Place | str | None = None, *, cause: str = ""
    ) -> None:
        self.actor = actor
        self.cause = cause or message
        super().__init__(message, where=where or f"actors.{actor}.at", remedy=remedy)

    def with_others(self, others: Sequence[NoRoom]) -> NoRoom:
        """The same, and what others say of the same draw."""
        message = "; ".join([self.message, *(other.message for other in others)])
        cause = "; ".join([self.cause, *(other.cause for other in others)])
        return NoRoom(self.actor, message, str(self.remedy), self.where, cause=cause)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spot:
    """A place that may do: the pose, the draws that led to it, and the actor on which it lies, if any."""

    pose: Array
    draws: tuple[DrawRecord, ...] = ()
    lane: int | None = None
    carrier: str | None = None


class Placer:
    """Places the actors of one attempt, each after those that its place refers to.

    Places that nothing is left to choose in come first, so that what is put down at random finds them there.

    Args:
        stage: what stands already.
        bodies: body of each actor by name.
        eye: (placed so far) -> the point (3,) from which a hidden actor must not be seen, and who looks; called when
            the scenario has no actor named ego.
        mistakes: takes the places that no draw can give.
    """

    def __init__(
        self,
        stage: Stage,
        actors: Sequence[Actor],
        bodies: Mapping[str, Body],
        resolver: Resolver,
        eye: Callable[[Sequence[Placed]], Array],
        mistakes: Mistakes,
    ) -> None:
        self._stage = stage
        self._actors = actors
        self._bodies = bodies
        self._resolver = resolver
        self._eye = eye
        self._mistakes = mistakes
        self._placed: dict[str, Placed] = {}
        self._spots: dict[str, Spot] = {}
        self._values: dict[str, dict[str, Any]] = {}

    def place(self) -> dict[str, Spot]:
        """The spot of every actor.

        Raises:
            NoRoom: this draw leaves an actor without a place.
            SimgenError: a place that no draw can give (no such lane or surface, places in a circle), or all mistakes
                that there are, if there is one.
        """
        for actor in self._actors:
            path = f"actors.{actor.name}.at"
            self._values[actor.name] = self._resolver.declared(
                FORMS[actor.at.form], actor.at.values, path, actor.at.form
            )
        awaited = {a.name: set(self._awaited(a)) for a in self._actors}
        waiting = {a.name: len(awaited[a.name]) for a in self._actors}
        awaiting: dict[str, list[int]] = {}
        for number, actor in enumerate(self._actors):
            for name in awaited[actor.name]:
                awaiting.setdefault(name, []).append(number)
        ready = [self._turn(number) for number, a in enumerate(self._actors) if not waiting[a.name]]
        heapq.heapify(ready)
        crowded: list[NoRoom] = []
        while ready:
            later, number = heapq.heappop(ready)
            if crowded and (later or len(crowded) == MOST_TOLD):
                break
            actor = self._actors[number]
            try:
                with self._mistakes.kept():
                    self._settle(actor)
            except NoRoom as error:
                crowded.append(error)
                if later:
                    break
                continue
            if actor.name not in self._placed:
                continue
            del waiting[actor.name]
            for follower in awaiting.get(actor.name, ()):
                name = self._actors[follower].name
                waiting[name] -= 1
                if not waiting[name]:
                    heapq.heappush(ready, self._turn(follower))
        if waiting and len(self._mistakes):
            self._mistakes.add(crowded)
            self._mistakes.raise_if_any()
        if crowded:
            raise crowded[0].with_others(crowded[1:])
        if waiting:
            raise SimgenError(
                f"the places of {', '.join(waiting)} refer to each other in a circle",
                where=f"actors.{next(iter(waiting))}.at",
                remedy="state one of them by lane or position",
            )
        return self._spots

    def _turn(self, number: int) -> tuple[int, int]:
        """When the actor of this number comes among those that are ready, the first one first."""
        return _LATER.get(self._actors[number].at.form, 0), number

    def _awaited(self, actor: Actor) -> list[str]:
        """Actors that must stand before this one."""
        values = self._values[actor.name]
        keys = ("ahead_of", "behind", "hidden_behind", "on", "near")
        named = [str(values[key]) for key in keys if values.get(key) is not None]
        others = [name for name in named if name in self._bodies]
        if actor.at.form == "hidden_behind" and EGO in self._bodies and actor.name != EGO:
            others.append(EGO)
        return others

    def _settle(self, actor: Actor) -> None:
        """Takes the first spot that is free."""
        body = self._bodies[actor.name]
        others = list(self._placed.values())
        blocker, cause = None, ""
        blockers: set[str] = set()
        tried = 0
        margin = APART_M if actor.at.form in ("on", "near") else 0.0
        for spot in self._candidates(actor, body):
            tried += 1
            candidate = Placed(name=actor.name, body=body, world_from_body=self._leaning(spot))
            beneath = carriers(spot.carrier, lambda name: self._spots[name].carrier)
            blocker = self._blocker(candidate, others, margin, beneath)
            if blocker is None:
                self._placed[actor.name] = candidate
                self._spots[actor.name] = spot
                self._resolver.draws.keep(*spot.draws)
                return
            blockers.add(blocker)
            cause = f"{actor.name} at {_roughly(spot.pose)} in {blocker}: {self._stands(blocker)}"
        below = str(self._values[actor.name].get("on"))
        if below in self._placed and blockers == {below}:
            raise _nothing_level(actor.name, body, below)
        if tried > 1:
            found = f"finds no free spot in {tried} tries; '{blocker}' was in the way last"
            message, cause = f"'{actor.name}' ({size_of(body)}) {found}", ""
        else:
            message = in_the_way(candidate, str(blocker))
        higher = self._higher(candidate, others) if actor.at.form == "position" else None
        remedy = higher or rise_of(self._stage, candidate, str(blocker)) or _HELP[actor.at.form]
        raise NoRoom(actor.name, message, remedy, cause=cause)

    def _blocker(
        self, candidate: Placed, others: list[Placed], margin_m: float, beneath: Sequence[str] = ()
    ) -> str | None:
        # Feet and wheels may stand in markings and rims of a street; a cup on a bench stands on what it stands on.
        sink = 0.05 if self._stage.road is not None else min(0.05, 0.02 * candidate.body.box_size_m[2])
        return blocked_by(candidate, others, self._stage, margin_m=margin_m, sink_m=sink, beneath=beneath)

    def _higher(self, candidate: Placed, others: list[Placed]) -> str | None:
        """How to stand at the same place on the ground or the surface that lies higher there; None without one, or
        without room on it."""
        pose = candidate.world_from_body
        x, y, z = pose[:3, 3].tolist()
        heights = [s.height_m for s in self._stage.surfaces.values() if _holds(s, candidate.outline)]
        if self._stage.road is not None:
            heights.append(self._stage.road.ground_at(x, y))
        for height in sorted(round(height, 3) for height in heights if height > z):
            lifted = Placed(
                name=candidate.name, body=candidate.body, world_from_body=planar_pose(x, y, yaw_of(pose), height)
            )
            if self._blocker(lifted, others, 0.0) is None:
                return f"what one stands on there is {height:g} m high: position: [{x:g} m, {y:g} m, {height:g} m]"
        return None

    def _stands(self, name: str) -> str:
        """Where an actor stands that is in the way, or how large a fixture is, to the centimetre."""
        if name in self._placed:
            return f"at {_roughly(self._placed[name].world_from_body)}"
        return extent(self._stage, name)

    def _leaning(self, spot: Spot) -> Array:
        """world_from_body (4, 4) at a spot: what somebody carries lies as its carrier does, which leans on a slope."""
        if spot.carrier is None:
            return spot.pose
        pose: Array = self._placed[spot.carrier].world_from_body @ inverse(self._upright(spot.carrier)) @ spot.pose
        return pose

    def _upright(self, name: str) -> Array:
        """world_from_body (4, 4) of an actor as it would stand on level ground, where its load is placed."""
        pose = self._spots[name].pose
        x, y, z = (float(v) for v in pose[:3, 3])
        return planar_pose(x, y, yaw_of(pose), z)

    def _candidates(self, actor: Actor, body: Body) -> Iterator[Spot]:
        values = self._values[actor.name]
        match actor.at.form:
            case "lane":
                yield self._in_lane(actor.name, values)
            case "ahead_of" | "behind":
                yield self._in_line(actor.name, body, actor.at.form, values)
            case "parked":
                yield self._parked(actor.name, body, values)
            case "position":
                yield Spot(pose=self._given(actor.name, body, values))
            case "aisle":
                yield self._in_aisle(actor.name, values)
            case "on":
                yield from self._on(actor.name, body, values)
            case "near":
                yield from self._near(actor.name, body, values)
            case "hidden_behind":
                yield from self._hidden(actor.name, body, values)

    def _given(self, name: str, body: Body, values: Mapping[str, Any]) -> Array:
        """The pose (4, 4) that is stated."""
        x, y, z = values["position"]
        ground = 0.0 if self._stage.road is None else self._stage.road.ground_at(x, y)
        if z + body.box_center_m[2] + 0.5 * body.box_size_m[2] <= ground:
            raise ValueOutOfRange(
                f"at z = {z:g} m '{name}' ({size_of(body)}) is wholly below the ground, which lies at {ground:.2f} m",
                where=f"actors.{name}.at.position",
                remedy=f"state z = {ground:.2f} m for what stands on the ground",
            )
        return planar_pose(x, y, values["yaw"], z)

    # Along a road

    def _network(self, name: str) -> RoadNetwork:
        if self._stage.road is None:
            raise SimgenError(
                "this setting has no road", where=f"actors.{name}.at", remedy="use {on: surface} or {position: …}"
            )
        return self._stage.road

    def _road_of(self, name: str, other: Placed) -> Road:
        """The road that another actor stands on; the main one if it stands beside all of them."""
        network = self._network(name)
        found = network.where(other.world_from_body[:3, 3])
        return network.main_road if found is None else found[0]

    def _lane(self, name: str, road: Road, lane_id: int, s_m: float) -> Lane:
        try:
            return road.lane(lane_id, s_m)
        except KeyError:
            known = ", ".join(f"{lane.id} ({lane.kind})" for lane in sorted(road.cut(s_m), key=lambda lane: lane.id))
            raise ValueOutOfRange(
                f"the road has no lane {lane_id}", where=f"actors.{name}.at.lane", remedy=f"its lanes are {known}"
            ) from None

    def _on_road(self, name: str, road: Road, s_m: float, t_m: float, direction: int, lane: int | None = None) -> Spot:
        if s_m < 0.0:
            raise NoRoom(
                name,
                f"'{name}' would stand at s = {s_m:.1f} m, and the road begins at 0 m",
                "start further on, or make the gap smaller",
            )
        if s_m > road.length_m:
            raise NoRoom(
                name,
                f"'{name}' would stand at s = {s_m:.1f} m, and the road ends at {road.length_m:.0f} m",
                "start further back, or make the gap smaller",
            )
        pose = road.pose_at(s_m, t_m)
        return Spot(pose=pose if direction > 0 else pose @ planar_pose(0.0, 0.0, np.pi), lane=lane)

    def _in_lane(self, name: str, values: Mapping[str, Any]) -> Spot:
        network = self._network(name)
        if values["road"] not in network.road_names:
            known = network.road_names
            raise UnknownName(kind="road", name=values["road"], known=known, where=f"actors.{name}.at.road")
        road = network.road(values["road"])
        lane = self._lane(name, road, values["lane"], values["s"])
        t = lane.center_t_m + lane.direction * values["offset"]
        return self._on_road(name, road, values["s"], t, lane.direction, lane.id)

    def _in_line(self, name: str, body: Body, form: PlacementForm, values: Mapping[str, Any]) -> Spot:
        """Ahead of or behind another actor, as that one faces, with a gap from bumper to bumper along the road."""
        other = self._placed[str(values[form])]
        gap, offset, sign = values["gap"], values["offset"], 1 if form == "ahead_of" else -1
        if self._stage.road is None:
            if values["lane"] is not None:
                self._network(name)
            own_back, own_front = _reach(body, 0.0)
            back, front = _reach(other.body, 0.0)
            along = front + gap - own_back if sign > 0 else back - gap - own_front
            return Spot(pose=other.world_from_body @ planar_pose(along, offset, 0.0))
        road = self._road_of(name, other)
        s, t = road.locate(other.world_from_body[:3, 3])
        travel = _travel(road, other)
        if values["lane"] is None:
            s = self._beyond(road, other, body, gap, sign * travel, travel)
            return self._on_road(name, road, s, t + travel * offset, travel)
        # Which way the lane runs says which end of the body comes first; its middle may change with s.
        facing = self._lane(name, road, values["lane"], s).direction
        s = self._beyond(road, other, body, gap, sign * travel, facing)
        lane = self._lane(name, road, values["lane"], s)
        return self._on_road(name, road, s, lane.center_t_m + lane.direction * offset, lane.direction, lane.id)

    def _beyond(self, road: Road, other: Placed, body: Body, gap: float, along: int, facing: int) -> float:
        """s at which a body has its near bumper ``gap`` beyond the far bumper of another, in direction ``along``."""
        reach = [along * road.locate(corner)[0] for corner in other.outline]
        own_back, _ = _reach(body, 0.0 if facing == along else np.pi)
        return along * (max(reach) + gap - own_back)

    def _parked(self, name: str, body: Body, values: Mapping[str, Any]) -> Spot:
        """At the kerb, facing as its side of the road drives."""
        other_name = values["ahead_of"] if values["ahead_of"] is not None else values["behind"]
        if other_name is None and values["s"] is None:
            self._network(name)
            raise ValueOutOfRange(
                "a parked actor needs 'ahead_of', 'behind' or 's'", where=f"actors.{name}.at", remedy="add one of them"
            )
        other = None if other_name is None else self._placed[other_name]
        road = self._network(name).main_road if other is None else self._road_of(name, other)
        travel = 1 if other is None else _travel(road, other)
        side = travel * (1 if values["parked"] == "left" else -1)
        near = float(values["s"]) if other is None else road.locate(other.world_from_body[:3, 3])[0]
        lane = self._kerb_lane(name, road, side, near)
        if other is None:
            s = near
        else:
            along = travel if values["ahead_of"] is not None else -travel
            s = self._beyond(road, other, body, values["gap"], along, lane.direction)
            lane = self._kerb_lane(name, road, side, s)
        outline = footprint(planar_pose(0.0, 0.0, 0.0 if lane.direction > 0 else np.pi), body)
        t = lane.outer_t_m - side * (KERB_GAP_M + float((side * outline[:, 1]).max()))
        rear, front = (s + float(edge(outline[:, 0])) for edge in (np.min, np.max))
        for low, high in road.no_parking_m:
            if front > low and rear < high:
                raise NoRoom(
                    name,
                    f"'{name}' would be parked from s = {rear:.1f} to {front:.1f} m; from {low:.1f} to {high:.1f} m,"
                    " on and beside a crossing, nobody parks",
                    "choose another gap or s; who breaks the rule is placed by {lane: …, s: …, offset: …}",
                    cause="no parking",
                )
        return self._on_road(name, road, s, t, lane.direction, lane.id)

    def _kerb_lane(self, name: str, road: Road, side: int, s_m: float) -> Lane:
        """The lane next to the kerb on one side (+1 is that of positive t): for parking if there is one."""
        on_side = [lane for lane in road.cut(s_m) if lane.center_t_m * side > 0 and lane.width_m > 0.1]
        for kinds in (("parking",), ("shoulder", "driving", "biking")):
            fitting = [lane for lane in on_side if lane.kind in kinds]
            if fitting:
                return max(fitting, key=lambda lane: abs(lane.outer_t_m))
        raise SimgenError(
            f"the road has no lane on the {'left' if side > 0 else 'right'}",
            where=f"actors.{name}.at.parked",
            remedy="park at the other side",
        )

    # On surfaces

    def _surface(self, name: str, key: str, surface_name: str) -> tuple[Surface, str]:
        """A surface of the stage."""
        if surface_name not in self._stage.surfaces:
            known = [*self._stage.surfaces, *self._placed]
            raise UnknownName(kind="surface", name=surface_name, known=known, where=f"actors.{name}.at.{key}")
        return self._stage.surfaces[surface_name], surface_name

    def _on(self, name: str, body: Body, values: Mapping[str, Any]) -> Iterator[Spot]:
        """Anywhere on a surface, or where an actor bears the thing."""
        below = str(values["on"])
        carrier = self._placed.get(below)
        if carrier is None:
            surface, _ = self._surface(name, "on", below)
        else:
            surface = _carrying(carrier.body, self._upright(below))
        middle = planar_pose(*surface.center_m, surface.yaw_rad, surface.height_m)
        draws, path = self._resolver.draws, f"actors.{name}.at.on"
        fits = stands = False
        for k in range(TRIES):
            again = f"~{k}" if k else ""
            turned = draws.uniform(f"{path}.yaw{again}", -math.pi, math.pi)
            yaw = float(turned.value)
            outline = footprint(planar_pose(0.0, 0.0, yaw), body)
            (x0, y0), (x1, y1) = outline.min(axis=0), outline.max(axis=0)
            length, width = surface.size_m
            low, high = np.array([-length / 2 - x0, -width / 2 - y0]), np.array([length / 2 - x1, width / 2 - y1])
            if (low >= high).any():
                continue
            fits = True
            x = draws.uniform(f"{path}.x{again}", float(low[0]), float(high[0]))
            y = draws.uniform(f"{path}.y{again}", float(low[1]), float(high[1]))
            pose = middle @ planar_pose(float(x.value), float(y.value), yaw)
            if carrier is None:
                yield Spot(pose=pose, draws=(turned, x, y))
                continue
            height = standing_height(carrier.body, body, inverse(self._upright(below)) @ pose)
            if height is not None:
                stands = True
                pose[2, 3] += height
                yield Spot(pose=pose, draws=(turned, x, y), carrier=below)
        if not fits:
            raise NoRoom(
                name,
                f"'{name}' ({sized(*body.box_size_m[:2])}) is larger than '{below}' ({sized(*surface.size_m)})",
                "choose a larger surface or a smaller model",
            )
        if carrier is not None and not stands:
            raise _nothing_level(name, body, below)

    def _near(self, name: str, body: Body, values: Mapping[str, Any]) -> Iterator[Spot]:
        """Somewhere within the radius, as likely here as there, where something carries it."""
        near = str(values["near"])
        if near in self._placed:
            center = self._placed[near].world_from_body[:3, 3]
        else:
            surface, _ = self._surface(name, "near", near)
            center = np.array([*surface.center_m, surface.height_m])
        draws, path = self._resolver.draws, f"actors.{name}.at.near"
        carried = False
        for k in range(TRIES):
            again = f"~{k}" if k else ""
            share = draws.uniform(f"{path}.area{again}", 0.0, 1.0)
            bearing = draws.uniform(f"{path}.bearing{again}", -math.pi, math.pi)
            turned = draws.uniform(f"{path}.yaw{again}", -math.pi, math.pi)
            distance = values["radius"] * math.sqrt(float(share.value))
            x = float(center[0]) + distance * math.cos(float(bearing.value))
            y = float(center[1]) + distance * math.sin(float(bearing.value))
            flat = planar_pose(x, y, float(turned.value))
            height = self._height(footprint(flat, body), float(center[2]))
            if height is not None:
                carried = True
                flat[2, 3] = height
                yield Spot(pose=flat, draws=(share, bearing, turned))
        if not carried:
            raise NoRoom(name, f"nothing around '{near}' carries '{name}'", "make the radius smaller")

    def _height(self, outline: Array, level_m: float) -> float | None:
        """Height of what carries a footprint at about a level: the road, or the highest surface that holds it."""
        road = self._stage.road
        if road is not None:
            s, t = road.locate(outline.mean(axis=0))
            return road.height_at(s, t) if 0.0 <= s <= road.length_m else None
        heights = [
            surface.height_m
            for surface in self._stage.surfaces.values()
            if abs(surface.height_m - level_m) < 0.05 and _holds(surface, outline)
        ]
        return max(heights, default=level_m if not self._stage.surfaces else None)

    def _in_aisle(self, name: str, values: Mapping[str, Any]) -> Spot:
        """In the middle of the surface ``aisle_<n>``, ``s`` from its start, facing along it."""
        surface, aisle = self._surface(name, "aisle", f"aisle_{values['aisle']}")
        length = surface.size_m[0]
        if not 0.0 <= values["s"] <= length:
            raise NoRoom(name, f"s = {values['s']:.1f} m lies outside of {aisle} ({length:.1f} m)", "make s smaller")
        middle = planar_pose(*surface.center_m, surface.yaw_rad, surface.height_m)
        return Spot(pose=middle @ planar_pose(values["s"] - length / 2, 0.0, 0.0))

    # Out of sight

    def _hidden(self, name: str, body: Body, values: Mapping[str, Any]) -> Iterator[Spot]:
        """Spots where the occluder hides the actor from the ego's eye, the best first."""
        occluder = self._placed[str(values["hidden_behind"])]
        placed = list(self._placed.values())
        ego = self._placed.get(EGO)
        if ego is not None:
            eye = eye_of(ego)
            axis = ego.world_from_body[:2, 0] / np.linalg.norm(ego.world_from_body[:2, 0])
        else:
            eye = self._eye(placed)
            axis = occluder.world_from_body[:2, 3] - eye[:2]
            if np.linalg.norm(axis) < 1e-6:
                raise NoRoom(name, f"'{occluder.name}' hides nothing from straight above", "move the camera")
            axis = axis / np.linalg.norm(axis)
        draws, path = self._resolver.draws, f"actors.{name}.at.hidden_behind"
        clearance = draws.uniform(f"{path}.clearance", 0.3, 0.7)
        aside = draws.uniform(f"{path}.aside", 0.0, 0.3)
        hiding = Hiding(eye_m=eye, axis=axis, occluder=occluder, body=body)
        others = [p for p in placed if p is not ego]
        ways = self._ways(occluder.name, hiding)
        best, some = 1.0, False
        for pose in hiding_places(hiding, float(clearance.value), float(aside.value)):
            x, y, _ = pose[:3, 3]
            pose[2, 3] = occluder.world_from_body[2, 3]
            if self._stage.road is not None:
                s, t = self._stage.road.locate((x, y))
                if not 0.0 <= s <= self._stage.road.length_m:
                    continue
                pose[2, 3] = self._stage.road.height_at(s, t)
            candidate = Placed(name=name, body=body, world_from_body=pose)
            if blocked_by(candidate, placed, self._stage, margin_m=0.05) is not None:
                continue
            if any(overlap(candidate.outline, way) for way in ways):
                continue
            some = True
            shown = visible_share(eye, candidate, others)
            best = min(best, shown)
            if shown <= HIDDEN:
                yield Spot(pose=pose, draws=(clearance, aside))
                return
        why = f"at least {best:.0%} of it stays in sight" if some else "every spot there is taken"
        raise NoRoom(
            name,
            f"'{name}' ({sized(body.box_size_m[2])} high) cannot hide behind '{occluder.name}' "
            f"({sized(occluder.body.box_size_m[2])} high): {why}",
            _HELP["hidden_behind"],
        )

    def _ways(self, occluder: str, hiding: Hiding) -> list[Array]:
        """Footprints (4, 2) of the ways to the looker's path of those that hide behind the same thing already: who
        comes later stands in nobody's way."""
        hidden = [
            self._placed[a.name]
            for a in self._actors
            if a.at.form == "hidden_behind"
            and a.name in self._placed
            and self._values[a.name]["hidden_behind"] == occluder
        ]
        return [way_out(hiding, one) for one in hidden]


EGO = "ego"
"""The actor that is driven towards the event; others are hidden from it."""


def eye_of(placed: Placed) -> Array:
    """(3,) the point from which an actor looks: its windscreen, else the height of its eyes, world frame."""
    mount = placed.body.mounts.get("windscreen")
    if mount is not None:
        parts = {part.name: k for k, part in enumerate(placed.body.parts)}
        frame = placed.body.rest[parts[mount.part]] if mount.part in parts else np.eye(4)
        return transform(placed.world_from_body @ frame, mount.part_from_mount[:3, 3])
    height = placed.body.notes.get("eye_height_m", 0.9 * placed.body.box_size_m[2])
    return transform(placed.world_from_body, (placed.body.box_center_m[0], placed.body.box_center_m[1], height))


def _travel(road: Road, placed: Placed) -> int:
    """+1 for an actor that faces along s, -1 against it."""
    s, _ = road.locate(placed.world_from_body[:3, 3])
    return 1 if math.cos(yaw_of(placed.world_from_body) - road.heading_at(s)) >= 0 else -1


def _carrying(body: Body, upright: Array) -> Surface:
    """The rectangle in which things may lie on an actor, at the height of its origin."""
    center, size = region(body)
    x, y, z = transform(upright, (*center, 0.0)).tolist()
    return Surface(center_m=(x, y), height_m=z, size_m=(float(size[0]), float(size[1])), yaw_rad=yaw_of(upright))


def _nothing_level(name: str, body: Body, carrier: str) -> NoRoom:
    return NoRoom(
        name,
        f"'{carrier}' has no free level place on which '{name}' ({sized(*body.box_size_m[:2])}) would stand",
        "put it on another actor or surface, or choose a smaller model",
    )


def _holds(surface: Surface, outline: Array) -> bool:
    """Whether a footprint lies on a surface with all its corners."""
    c, s = math.cos(surface.yaw_rad), math.sin(surface.yaw_rad)
    local = (outline - np.asarray(surface.center_m)) @ np.array([[c, -s], [s, c]])
    return bool((np.abs(local) <= 0.5 * np.asarray(surface.size_m) + 1e-9).all())


def _reach(body: Body, yaw_rad: float) -> tuple[float, float]:
    """How far a body reaches from its origin backwards (negative) and forwards along x when turned by ``yaw_rad``."""
    x = footprint(planar_pose(0.0, 0.0, yaw_rad), body)[:, 0]
    return float(x.min()), float(x.max())


_LATER: dict[PlacementForm, int] = {"hidden_behind": 1, "near": 2, "on": 2}
_HELP: dict[PlacementForm, str] = {
    "lane": "choose another s or lane",
    "ahead_of": "make the gap larger, or choose another lane",
    "behind": "make the gap larger, or choose another lane",
    "parked": "make the gap larger, or park at the other side",
    "position": "choose another position",
    "aisle": "choose another s or aisle",
    "on": "place fewer or smaller things, or choose a larger surface",
    "near": "make the radius larger",
    "hidden_behind": "hide it behind something higher or wider, or closer to the kerb",
}


def _roughly(pose: Array) -> str:
    """A pose to the centimetre and the hundredth of a radian."""
    x, y, z = (float(v) for v in pose[:3, 3])
    return f"({x:.2f}, {y:.2f}, {z:.2f} m, {yaw_of(pose):.2f} rad)"
