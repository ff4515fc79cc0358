"""What the parameters of one sensor say against each other: each is well by itself."""

from __future__ import annotations

from simgen.core import vocabulary
from simgen.core.units import to_si
from simgen.language.diagnostics import Report
from simgen.language.logical import Constant, Named, ValueMap


def check(sensor: Named, report: Report) -> None:
    """Reports what contradicts itself in a sensor, where it is the same in every sample."""
    _check_quality(sensor, report)
    _check_span(sensor, report)


def _check_quality(sensor: Named, report: Report) -> None:
    encoding = sensor.values.get("encoding")
    if not isinstance(encoding, ValueMap) or "quality" not in encoding.items:
        return
    rgb = encoding.items.get("rgb")
    if isinstance(rgb, Constant) and rgb.value == "png":
        message = "quality is of a JPEG, and rgb is stored as png, which keeps every bit"
        report.add(encoding.items["quality"].place, message, "remove it, or write rgb: jpeg")


def _check_span(sensor: Named, report: Report) -> None:
    parameters = vocabulary.sensors.get(sensor.name).parameters
    if not {"nearest", "farthest"} <= parameters.keys():
        return
    ends_m: list[float] = []
    for name in ("nearest", "farthest"):
        value = sensor.values.get(name)
        if value is None:
            ends_m.append(to_si(parameters[name].default, parameters[name].unit))
        elif isinstance(value, Constant) and isinstance(value.value, float | int):
            ends_m.append(float(value.value))
        else:
            return
    nearest_m, farthest_m = ends_m
    if nearest_m >= farthest_m:
        stated = sensor.values.get("nearest") or sensor.values["farthest"]
        message = f"nothing lies between the nearest depth, {nearest_m:g} m, and the farthest, {farthest_m:g} m"
        report.add(stated.place, message, "make nearest the smaller one")
