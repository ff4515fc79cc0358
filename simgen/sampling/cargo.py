"""What vehicles are to lose on the way: known to be attached, and free to slide off, before anything moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simgen.core.errors import Place, SimgenError
from simgen.core.geometry import Array, inverse
from simgen.language.logical import LogicalScenario
from simgen.sampling.concrete import ConcreteEvent
from simgen.sampling.mistakes import Mistakes
from simgen.sampling.obstacles import Placed, reaches_into
from simgen.sampling.placement import NoRoom, Spot
from simgen.scene.body import Body
from simgen.scene.boxes import footprint, height_span
from simgen.scene.gates import opened

WAYS: Mapping[str, Array] = {
    "back": np.array((-1.0, 0.0)),
    "left": np.array((0.0, 1.0)),
    "right": np.array((0.0, -1.0)),
}
"""Unit (2,), in the frame of the vehicle."""
_STEP_M = 0.1


def check_cargo(
    scenario: LogicalScenario,
    story: Sequence[ConcreteEvent],
    bodies: Mapping[str, Body],
    spots: Mapping[str, Spot],
    beneath: Mapping[str, Sequence[str]],
    mistakes: Mistakes,
) -> list[NoRoom]:
    """Checks what the story lets vehicles lose.

    Args:
        beneath: names of what each actor stands on, one below the other.
        mistakes: takes what no event attaches.

    Returns:
        What stands, in this draw, where something fixed on the vehicle would keep it.
    """
    kept: list[NoRoom] = []
    done = [each for event in story for each in event.do]
    lashed = {(each.subject, str(each.action.parameters["to"])) for each in done if each.action.name == "attach"}
    places = [each.place for event in scenario.story for each in event.do]
    for lost, place in zip(done, places, strict=True):
        if lost.action.name != "lose_cargo":
            continue
        vehicle, cargo = lost.subject, lost.action.parameters.get("cargo")
        attached = {thing for thing, to in lashed if to == vehicle}
        things = attached | {name for name, below in beneath.items() if not attached.isdisjoint(below)}
        if not things or (cargo is not None and cargo not in things):
            mistakes.add((carries_nothing(vehicle, cargo, place),))
        side = str(lost.action.parameters.get("direction", "back"))
        for thing in sorted(attached if cargo is None else {str(cargo)}):
            if vehicle in beneath[thing] and not _slides_off(
                bodies[vehicle], bodies[thing], spots, vehicle, thing, side
            ):
                message = f"'{thing}' cannot slide off '{vehicle}' to the {side}: something fixed stands in its way"
                remedy = "let it slide another way, leave 'load' empty, or put it nearer to that edge"
                kept.append(NoRoom(thing, message, remedy))
    return kept


def carries_nothing(vehicle: str, cargo: str | None, where: Place | str) -> SimgenError:
    """What is said of a vehicle that is to lose what is not attached to it."""
    return SimgenError(
        f"'{vehicle}' carries {'nothing' if cargo is None else f'no {cargo!r}'} that it could lose",
        where=where,
        remedy=f"attach it in an event before: do: {{{cargo or 'box'}: {{attach: {vehicle}}}}}",
    )


def _slides_off(carrier: Body, thing: Body, spots: Mapping[str, Spot], below: str, name: str, side: str) -> bool:
    """Whether a thing meets nothing of what carries it on its way over a side, whose board hangs by then."""
    for gate in carrier.gates:
        carrier = opened(carrier, gate) if gate.side == side else carrier
    still = Placed(name=below, body=carrier, world_from_body=np.eye(4))
    place = inverse(spots[below].pose) @ spots[name].pose
    outline, (low, high) = footprint(place, thing), height_span(place, thing)
    way = WAYS[side]
    edge = 0.5 * np.abs(way) @ np.array(carrier.box_size_m[:2]) + way @ np.array(carrier.box_center_m[:2])
    far = float(edge - (outline @ way).min())
    return not any(reaches_into(still, outline + d * way, low, high) for d in np.arange(0.0, far, _STEP_M))
