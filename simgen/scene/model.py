"""The base of asset models: declared parameters in, a Body out."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from simgen.core.declare import Declared
from simgen.scene.body import Asset, Body


class ActorModel(Declared):
    """A family of bodies, named in YAML by ``model:``. Building is a pure function of the parameters."""

    semantic: ClassVar[str] = "thing"
    licence: ClassVar[str] = "Apache-2.0"

    @abstractmethod
    def build(self) -> Body:
        """The body with these parameters. Raises AssetError when a file it needs is missing."""


def parametric_asset(name: str, values: Mapping[str, object], *, licence: str, version: int) -> Asset:
    """Identity of a body that its parameters define: a digest of the name, the version of the builder (raise it when
    the same parameters build something else) and the plain values."""
    text = "\n".join([f"{name} v{version}", *(f"{key}={values[key]!r}" for key in sorted(values))])
    return Asset(id=f"simgen/{name}", digest=hashlib.sha256(text.encode()).hexdigest(), licence=licence)
