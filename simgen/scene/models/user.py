"""Models from a user's catalogue: what a scenario's ``assets:`` names comes down to one of these two."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from simgen.core.declare import choice, flag, quantity, text
from simgen.core.errors import AssetError
from simgen.core.keeping import kept
from simgen.core.vocabulary import models
from simgen.scene import user_files, user_mesh, user_urdf
from simgen.scene.body import Asset, Body, CollisionShape, Part
from simgen.scene.model import ActorModel
from simgen.scene.things import rigid_body


class _UserModel(ActorModel):
    """A file outside of simgen. Its digest covers the file's and the entry of the catalogue."""

    name: str = text(help="of the model in its catalogue")
    file: str = text(help="absolute path")
    sha256: str = text(help="of the file and of the files that it names")
    semantic_class: str = text(help="semantic class")
    spdx: str = text(help="SPDX identifier of the licence")
    fixed: bool = flag(default=False, help="whether it never moves")

    def asset(self) -> Asset:
        """Raises AssetError when the file is missing or has changed."""
        user_files.unchanged(Path(self.file), self.sha256)
        entry = {name: getattr(self, name) for name in self.parameters if name != "file"}
        digest = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
        return Asset(id=self.name, digest=digest, licence=self.spdx)


@models.register("user.mesh", listed=False)
class UserMesh(_UserModel):
    """A glTF, OBJ or STL file from a catalogue; it collides as its convex hull."""

    size: float | None = quantity("m", low=1e-3, high=1000, default=None, help="length of the longest side")
    scale: float = quantity("", low=1e-6, high=1e6, default=1.0, help="metres per unit of the file")
    up: str = choice(*user_mesh.AXES, default="z", help="axis of the file that points up")
    forward: str = choice(*user_mesh.AXES, default="x", help="axis of the file that points forward")
    mass_kg: float = quantity("kg", low=0, high=200_000, default=0.0, help="mass")
    friction_coefficient: float = quantity("", low=0, high=2, default=0.6, help="of friction")
    restitution_coefficient: float = quantity("", low=0, high=1, default=0.1, help="of restitution")

    def build(self) -> Body:
        asset = self.asset()
        parts, hull = _read(self.file, self.sha256, self.up, self.forward, self.scale, self.size)
        if not self.fixed and self.mass_kg <= 0.0:
            raise AssetError(f"'{self.name}' has no mass", where=self.file, remedy="state it, or say fixed: true")
        return rigid_body(
            self.semantic_class,
            asset.id,
            asset.licence,
            list(parts),
            [hull],
            mass_kg=self.mass_kg,
            friction=self.friction_coefficient,
            restitution=self.restitution_coefficient,
            fixed=self.fixed,
            asset=asset,
        )


@kept
def _read(
    file: str, sha256: str, up: str, forward: str, scale: float, size_m: float | None
) -> tuple[tuple[Part, ...], CollisionShape]:
    """The parts of a file with this digest, and the hull around them: whoever checks a catalogue makes both, and the
    draws of a scenario want them once more."""
    parts = user_mesh.read(Path(file), up=up, forward=forward, scale=scale, size_m=size_m)
    return tuple(parts), user_mesh.hull(parts)


@models.register("user.urdf", listed=False)
class UserUrdf(_UserModel):
    """A URDF from a catalogue: its own masses, collision shapes and joints."""

    def build(self) -> Body:
        return user_urdf.read(Path(self.file), asset=self.asset(), semantic=self.semantic_class, fixed=self.fixed)
