"""The shader programs, compiled once per context."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Any

from simgen.rendering.light import SHEETING_GAIN
from simgen.rendering.raster.weather import MOVING, TRODDEN
from simgen.rendering.shading import FILM_CATCHES, FILM_REFLECTS
from simgen.scene.beams import EDGE_FROM, EDGE_TO, FADE_SQUARED, KERB_SLOPE

_CONSTANTS = {
    "FILM_REFLECTS": FILM_REFLECTS,
    "FILM_CATCHES": FILM_CATCHES,
    "SHEETING_GAIN": SHEETING_GAIN,
    "SNOW_MOVING": MOVING,
    "SNOW_TRODDEN": TRODDEN,
    "BEAM_FADE_SQUARED": FADE_SQUARED,
    "BEAM_EDGE_FROM": EDGE_FROM,
    "BEAM_EDGE_TO": EDGE_TO,
    "BEAM_KERB_SLOPE": KERB_SLOPE,
}
"""What Python and the shaders both go by, by the names that these have for it."""
_HEADER = "#version 430 core\n" + "".join(f"#define {name} {value}\n" for name, value in _CONSTANTS.items())
_INCLUDE = re.compile(r'^#include "([a-z_]+\.glsl)"$', re.MULTILINE)


def source(name: str, defines: tuple[str, ...] = ()) -> str:
    """The text of a shader with its includes in place."""

    def insert(match: re.Match[str]) -> str:
        return _INCLUDE.sub(insert, _read(match.group(1)))

    return _HEADER + "".join(f"#define {d}\n" for d in defines) + _INCLUDE.sub(insert, _read(name))


@functools.cache
def _read(name: str) -> str:
    return resources.files("simgen.rendering.raster").joinpath("shaders", name).read_text(encoding="utf-8")


def compile_program(
    context: Any, vertex: str, fragment: str, samplers: tuple[str, ...], defines: tuple[str, ...] = ()
) -> Any:
    """A program whose samplers read the texture units 0, 1, … in the order given."""
    program = context.program(vertex_shader=source(vertex, defines), fragment_shader=source(fragment, defines))
    for unit, sampler in enumerate(samplers):
        if sampler in program:
            program[sampler].value = unit
    return program


def put(program: Any, name: str, value: Any) -> None:
    """Sets a uniform, unless the compiler has found that it changes nothing."""
    member = program.get(name, None)  # ``in`` would look at them one by one
    if isinstance(value, bytes) and member is not None:
        member.write(value)
    elif member is not None:
        member.value = value
