"""The places that ``at:`` can state, by the key that decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from simgen.core.declare import Parameter, choice, integer, quantity, reference, text, vector
from simgen.core.errors import Place
from simgen.language import nodes
from simgen.language.logical import Placement, PlacementForm
from simgen.language.nodes import Node
from simgen.language.values import ValueReader


def _form(**keys: Any) -> dict[str, Parameter]:
    return {name: replace(parameter, name=name) for name, parameter in keys.items()}


_OFFSET = quantity("m", default=0.0, help="to the left of the middle of the lane")
_GAP = quantity("m", low=0, help="free distance between the two bodies, along the road")

FORMS: dict[PlacementForm, dict[str, Parameter]] = {
    "parked": _form(
        parked=choice("left", "right", help="at which kerb"),
        ahead_of=reference("actor", default=None, help="the actor that it stands ahead of"),
        behind=reference("actor", default=None, help="the actor that it stands behind"),
        gap=replace(_GAP, default=0.0),
        s=quantity("m", default=None, help="where along the road, in place of ahead_of or behind"),
    ),
    "hidden_behind": _form(hidden_behind=reference("actor", help="the actor that hides it")),
    "on": _form(on=text(help="the actor or surface that carries it")),
    "near": _form(
        near=text(help="the actor or surface that it stands close to"),
        radius=quantity("m", low=0, help="how far away at most"),
    ),
    "aisle": _form(
        aisle=integer(low=0, help="number of the aisle"), s=quantity("m", help="distance from the aisle's start")
    ),
    "position": _form(
        position=vector("m", 3, help="x, y and z in the world"),
        yaw=quantity("rad", default=0.0, help="heading in the world, from +x to the left"),
    ),
    "ahead_of": _form(
        ahead_of=reference("actor", help="the actor that it stands ahead of"),
        gap=_GAP,
        lane=integer(default=None, help="lane id; that of the other actor when left out"),
        offset=_OFFSET,
    ),
    "behind": _form(
        behind=reference("actor", help="the actor that it stands behind"),
        gap=_GAP,
        lane=integer(default=None, help="lane id; that of the other actor when left out"),
        offset=_OFFSET,
    ),
    "lane": _form(
        lane=integer(help="lane id: negative to the right of the reference line"),
        s=quantity("m", help="distance along the road"),
        offset=_OFFSET,
        road=text(default="main", help="name of a road of the setting, if not the main one"),
    ),
}
"""Forms in the order in which their key decides: ``{ahead_of: ego, lane: -1}`` is of the form ahead_of."""

HELP: dict[PlacementForm, str] = {
    "parked": "at: {parked: …}, at a kerb, ahead of or behind another actor or at s.",
    "hidden_behind": "at: {hidden_behind: …}, out of the ego's sight behind another actor.",
    "on": "at: {on: …}, anywhere on a surface of the setting or on another actor.",
    "near": "at: {near: …}, anywhere around an actor or a surface, where something carries it.",
    "aisle": "at: {aisle: …}, in the middle of an aisle of a hall.",
    "position": "at: {position: …}, at a point of the world.",
    "ahead_of": "at: {ahead_of: …}, on the road ahead of another actor, as that one faces.",
    "behind": "at: {behind: …}, on the road behind another actor, as that one faces.",
    "lane": "at: {lane: …}, in a lane of the road at s, facing as it is driven.",
}
"""One line on each of them."""

_OTHERS = ("ahead_of", "behind", "hidden_behind", "on", "near")
"""Keys that name an actor or a surface."""

assert set(FORMS) == set(HELP) == set(get_args(PlacementForm))


def read(reader: ValueReader, node: Node, actor: str, near: Place) -> Placement | None:
    """``at:`` of an actor, or None after telling what is wrong with it."""
    if isinstance(node, nodes.Scalar) and not node.is_null:
        message = f"the place of '{actor}' is a mapping, found {nodes.describe(node)}"
        reader.report.add(node.place, message, "write e.g. {lane: -1, s: 20 m} or {on: table}")
        return None
    mapping = reader.mapping(node, f"the place of '{actor}'")
    if mapping is None or not mapping.entries:
        if isinstance(node, nodes.Scalar | nodes.Mapping):
            reader.report.add(near, f"actor '{actor}' has no place", f"at: takes one of {', '.join(FORMS)}")
        return None
    form = next((form for form in FORMS if mapping.entry(form) is not None), None)
    if form is None:
        keys = [*FORMS, *sorted({key for known in FORMS.values() for key in known} - set(FORMS))]
        reader.known_keys(mapping, keys, f"the place of '{actor}'")
        message = f"nothing says how '{actor}' is placed"
        reader.report.add(mapping.place, message, f"at: takes one of {', '.join(FORMS)}")
        return None
    values = reader.declared(mapping, FORMS[form], f"place '{form}'", mapping.place)
    itself = next((e for e in mapping if e.key.text in _OTHERS and nodes.text_of(e.value) == actor), None)
    if itself is not None:
        reader.report.add(itself.value.place, f"'{actor}' is placed relative to itself", "name another actor")
    return Placement(form=form, values=values, place=near)


def relatives(placement: Placement) -> tuple[str, ...]:
    """The names that a place refers to, actors or surfaces."""
    values = (placement.values.get(key) for key in _OTHERS)
    return tuple(str(value.value) for value in values if value is not None and value.kind == "constant")
