"""What stands in each section of a scenario file: the declarations that reading it goes by."""

from __future__ import annotations

from collections.abc import Mapping

from simgen.core import vocabulary
from simgen.core.declare import Parameter, choice
from simgen.language import catalogue, reader, story
from simgen.language.composition import SECTIONS, setting_groups
from simgen.language.values import named_parameter
from simgen.scene.environment import EnvironmentSpec
from simgen.scene.matter import Matter
from simgen.scene.traffic import TrafficSpec


def keys() -> dict[str, Mapping[str, Parameter]]:
    """The declared keys of each section, in the order of ``SECTIONS``: of the section itself, or of each of the things
    that it lists; none where it is one value or a list of texts."""
    declared: dict[str, Mapping[str, Parameter]] = {
        "assets": catalogue.PARAMETERS,
        "setting": _settings(),
        "environment": EnvironmentSpec.parameters,
        "randomize": reader.RANDOMIZE,
        "actors": {**reader.ACTOR, **Matter.parameters},
        "traffic": TrafficSpec.parameters,
        "sensors": reader.SENSOR,
        "story": story.KEYS,
        "end": reader.END,
        "expect": reader.EXPECTATION,
        "sample": reader.SAMPLE,
    }
    return {name: declared.get(name, {}) for name in SECTIONS}


def _settings() -> dict[str, Parameter]:
    """A setting's kinds with their names, one of which is given."""
    members = list(vocabulary.settings.items())
    return {
        group: named_parameter(
            group,
            choice(*(name for name, member in members if member.group == group), default=None, help="one of this kind"),
        )
        for group in setting_groups()
    }
