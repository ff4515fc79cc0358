"""A catalogue of a user's own models, read as models that a scenario can name.

simgen: 1
catalogue: my_things
models:
  my.sofa: {file: sofa.glb, class: furniture, licence: CC0-1.0, size: 2.1 m, mass: 40 kg}
  my.lift: {file: lift/lift.urdf, class: robot, licence: Apache-2.0, fixed: true}
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simgen.core import vocabulary
from simgen.core.declare import Declared, Parameter, choice, flag, quantity, text
from simgen.core.errors import AssetError, Place, SimgenError, suggestion
from simgen.language import library, nodes
from simgen.language.diagnostics import Report, listed
from simgen.language.expressions import Names
from simgen.language.logical import Constant, Named, Source, Value
from simgen.language.nodes import Entry, Mapping, Node, Scalar
from simgen.language.values import ValueReader
from simgen.scene import user_files, user_materials
from simgen.scene.classes import CLASSES, SKY

_NAME = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
_SPDX = re.compile(r"[A-Za-z0-9][\w.+\-]*(\s+(AND|OR|WITH)\s+[A-Za-z0-9][\w.+\-]*)*")
_KEYS = ("simgen", "catalogue", "models")
_EVERY = ("file", "class", "licence", "fixed")
AXES = ("x", "-x", "y", "-y", "z", "-z")


class CatalogueModel(Declared):
    """A model of a catalogue: all about it stands there."""


class CatalogueEntry(Declared):
    """One model of a catalogue."""

    file: str = text(help="glTF, GLB, OBJ, STL or URDF, relative to the catalogue")
    licence: str = text(help="SPDX identifier, CC-BY-4.0 for example; LicenseRef-… for one of your own")
    size: float = quantity("m", low=1e-3, high=1000, default=None, help="length of the longest side")
    scale: float = quantity("", low=1e-6, high=1e6, default=None, help="metres per unit of the file, in place of size")
    up: str = choice(*AXES, default=None, help="axis of the file that points up; y for glTF, else z")
    forward: str = choice(*AXES, default=None, help="axis of the file that points forward; z for glTF, else x")
    mass: float = quantity("kg", low=1e-4, high=200_000, default=None, help="of all of it")
    friction: float = quantity("", low=0, high=2, default=None, help="coefficient of friction")
    restitution: float = quantity("", low=0, high=1, default=None, help="share of speed kept in a bounce")
    fixed: bool = flag(default=False, help="whether it never moves")


_CLASS = Parameter(kind="text", name="class", help="semantic class")
PARAMETERS: dict[str, Parameter] = {**CatalogueEntry.parameters, "class": _CLASS}
_RENAMED = {
    "class": "semantic_class",
    "licence": "spdx",
    "mass": "mass_kg",
    "friction": "friction_coefficient",
    "restitution": "restitution_coefficient",
}


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """Reads catalogues; every mistake goes to ``report``. ``models`` are what they name, as the registered model that
    builds each, with its parameters; ``names`` has those with mistakes, too, of which nothing more is told."""

    report: Report
    models: dict[str, Named]
    sources: list[Source]
    names: set[str] = field(default_factory=set)

    def read(self, path: Path, asked_at: Place) -> None:
        label = library.label(path)
        try:
            written = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            remedy = "the path is relative to the scenario's file"
            self.report.add(asked_at, f"cannot read the catalogue '{path.name}': {reason}", remedy)
            return
        self.sources.append(Source(file=label, sha256=hashlib.sha256(written.encode()).hexdigest()))
        tree = nodes.read(written, label, self.report)
        if tree is None:
            return
        if not isinstance(tree, Mapping):
            message = f"a catalogue is a mapping, found {nodes.describe(tree)}"
            self.report.add(tree.place, message, "start with 'simgen: 1' and 'models:'")
            return
        reader = ValueReader(report=self.report, names=Names())
        reader.known_keys(tree, _KEYS, "a catalogue")
        if nodes.text_of(tree.get("simgen")) != "1":
            self.report.add(tree.place, "the version of the language is missing", "write 'simgen: 1' in front")
        entries = reader.mapping(tree.get("models"), "'models'")
        if entries is None:
            self.report.add(tree.place, "the catalogue names no models", "write models: {my.sofa: {file: sofa.glb, …}}")
        for entry in entries or ():
            self._entry(entry, path, reader)

    def _entry(self, entry: Entry, path: Path, reader: ValueReader) -> None:
        name, place = entry.key.text, entry.key.place
        if not _NAME.fullmatch(name):
            message = f"'{name}' cannot be the name of a model"
            self.report.add(place, message, "write words of letters, digits and _, with dots between: my.sofa")
        elif name in vocabulary.models or name in self.names:
            whose = "simgen" if name in vocabulary.models else "another entry"
            self.report.add(place, f"the model '{name}' is already one of {whose}", "choose another name")
        self.names.add(name)
        mapping = reader.mapping(entry.value, f"model '{name}'")
        if mapping is None:
            if isinstance(entry.value, Scalar) and entry.value.is_null:
                self.report.add(place, f"model '{name}' is empty", "write {file: …, class: …, licence: …}")
            return
        before = len(self.report)
        values = reader.declared(mapping, PARAMETERS, f"model '{name}'", place)
        self._checked(name, mapping, values)
        if len(self.report) > before or not all(isinstance(v, Constant) for v in values.values()):
            return
        given = {key: v.value for key, v in values.items() if isinstance(v, Constant)}
        at = mapping.get("file")
        assert at is not None
        self._built(name, given, (path.parent / str(given["file"])).resolve(), at, place)

    def _checked(self, name: str, mapping: Mapping, values: dict[str, Value]) -> None:
        """What the declarations do not know."""
        for key, value in values.items():
            if not isinstance(value, Constant):
                self.report.add(value.place, f"{key} is the same in every sample", "write a constant")
        known = [c.name for c in CLASSES if c.name not in ("void", SKY.name)]
        semantic = values.get("class")
        if isinstance(semantic, Constant) and semantic.value not in known:
            remedy = suggestion(str(semantic.value), known, "class")
            self.report.add(semantic.place, f"unknown class '{semantic.value}' for model '{name}'", remedy)
        licence = values.get("licence")
        if isinstance(licence, Constant) and not _SPDX.fullmatch(str(licence.value)):
            message = f"'{licence.value}' is no SPDX licence expression"
            self.report.add(licence.place, message, "write CC-BY-4.0, for example, or LicenseRef-name")
        file = values.get("file")
        if not isinstance(file, Constant):
            return
        suffix = Path(str(file.value)).suffix.lower()
        if suffix == user_files.URDF_SUFFIX:
            for entry in mapping:
                if entry.key.text in PARAMETERS and entry.key.text not in _EVERY:
                    message = f"a URDF states its own {entry.key.text}"
                    self.report.add(entry.key.place, message, f"remove it; a URDF's entry takes {', '.join(_EVERY)}")
        elif suffix in user_files.MESH_SUFFIXES:
            fixed = values.get("fixed")
            if mapping.entry("mass") is None and not (isinstance(fixed, Constant) and fixed.value is True):
                self.report.add(file.place, f"model '{name}' has no mass", "write mass: 12 kg, or fixed: true")
            if values.keys() >= {"size", "scale"}:
                self.report.add(values["scale"].place, "both size and scale say how large it is", "remove one of them")
        else:
            known = [*user_files.MESH_SUFFIXES, user_files.URDF_SUFFIX]
            message = (
                f"files '{suffix}' are not read" if suffix else f"'{file.value}' has no ending that tells its format"
            )
            self.report.add(file.place, message, f"name a file that ends in {listed(known, 'or')}")

    def _built(self, name: str, given: dict[str, Any], file: Path, at: Node, place: Place) -> None:
        """Keeps a model that can be built."""
        kind = "user.urdf" if file.suffix.lower() == user_files.URDF_SUFFIX else "user.mesh"
        parameters = {_RENAMED.get(key, key): value for key, value in given.items()}
        if kind == "user.mesh":
            gltf = file.suffix.lower() in (".glb", ".gltf")
            parameters = {"up": "y" if gltf else "z", "forward": "z" if gltf else "x"} | parameters
            if parameters["up"][-1] == parameters["forward"][-1]:
                message = f"up and forward are both along {parameters['up'][-1]}"
                self.report.add(at.place, message, "state both: up: z, forward: x")
                return
        try:
            parameters |= {"name": name, "file": str(file), "sha256": user_files.digest(file)}
            vocabulary.models.get(kind)(where=name, **parameters).build()
        except AssetError as error:
            text = f"'{given['file']}': {error.message}"
            self.report.add(at.place, text, error.remedy)
            return
        except SimgenError as error:
            self.report.add(place, error.message, error.remedy)
            return
        self.models[name] = Named(
            name=kind, values={key: _constant(value, at.place) for key, value in parameters.items()}, place=place
        )


def _constant(value: bool | float | str, place: Place) -> Constant:
    dimension = "flag" if isinstance(value, bool) else "text" if isinstance(value, str) else ""
    return Constant(value=value, dimension=dimension, text=str(value), place=place)


def load(path: Path) -> dict[str, Named]:
    """The models of one catalogue.

    Raises:
        ScenarioInvalid: it has mistakes; it holds all of them.
        SimgenError: there is no such file.
    """
    if not path.is_file():
        raise SimgenError("there is no such file", where=str(path), remedy="name a catalogue of models (.yaml)")
    catalogue = Catalogue(report=Report(), models={}, sources=[])
    catalogue.read(path, Place(str(path), 1, 1))
    catalogue.report.raise_if_any()
    return catalogue.models


def left_out(models: AnyMapping[str, Named]) -> list[str]:
    """What of the materials of catalogues' models is not shown, a line for each, with model and file."""
    found = []
    for name, named in sorted(models.items()):
        file = named.values.get("file")
        if isinstance(file, Constant):
            path = Path(str(file.value))
            found += [f"model '{name}' ({path.name}): {one}" for one in user_materials.left_out(path)]
    return found


def of_section(node: Node | None, report: Report, resolve: Any) -> Catalogue:
    """The models of all catalogues that ``assets:`` names, relative to the file that names them."""
    catalogue = Catalogue(report=report, models={}, sources=[])
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return catalogue
    for item in node.items if isinstance(node, nodes.Sequence) else (node,):
        if not isinstance(item, Scalar) or item.is_null:
            message = f"'assets' names files, found {nodes.describe(item)}"
            report.add(item.place, message, "write assets: [my_catalogue.yaml]")
            continue
        catalogue.read(resolve(item.text, item.place.file), item.place)
    return catalogue
