"""What the reader of meshes passes over in a file's materials: their emissive strength, and what is not shown of them.

glTF's transparency is section 3.9.4 of glTF 2.0 and the extension KHR_materials_transmission; the strength is
KHR_materials_emissive_strength.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from simgen.scene import user_files

GLTF_SUFFIXES = (".glb", ".gltf")
_UNSIGNED_SHORT = 5123

Emissive: TypeAlias = "tuple[str | None, tuple[float, ...]]"
"""A glTF material as far as the reader of meshes tells it from others: its name and its emissive factor."""


def emissive_strengths(path: Path) -> dict[Emissive, float]:
    """By what the emissive factor of a file's materials is multiplied, of those where that is not 1.

    Raises:
        AssetError: it is no glTF file.
    """
    found: dict[Emissive, float] = {}
    for material in _materials(user_files.gltf_document(path)):
        strength = _extension(material, "KHR_materials_emissive_strength").get("emissiveStrength", 1.0)
        factor = tuple(float(f) for f in _listed(material.get("emissiveFactor")) if isinstance(f, int | float))
        name = material.get("name")
        if isinstance(strength, int | float) and strength >= 0.0 and strength != 1.0:
            found.setdefault((None if name is None else str(name), factor), float(strength))
    return found


def left_out(path: Path) -> list[str]:
    """What of the materials of a file of this kind is not shown, a sentence for each.

    Raises:
        AssetError: it cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix in GLTF_SUFFIXES:
        return list(_of_gltf(user_files.gltf_document(path)))
    if suffix == ".obj":
        return [one for text in user_files.material_libraries(path).values() for one in _of_library(text)]
    return []


def _of_gltf(document: dict[str, Any]) -> Iterator[str]:
    textured = []
    for number, material in enumerate(_materials(document)):
        name = material.get("name", str(number))
        surface = _mapping(material.get("pbrMetallicRoughness"))
        if "baseColorTexture" in surface:
            textured.append(number)
        mode = material.get("alphaMode")
        alpha = [*_listed(surface.get("baseColorFactor")), 1.0, 1.0, 1.0, 1.0][3]
        transmission = _extension(material, "KHR_materials_transmission").get("transmissionFactor", 0.0)
        if mode == "MASK" or (mode == "BLEND" and (alpha != 1.0 or number in textured)):
            yield _opaque(name, f"alphaMode {mode}")
        elif transmission:
            yield _opaque(name, "KHR_materials_transmission")
        if "emissiveTexture" in material and any(_listed(material.get("emissiveFactor"))):
            yield f"material '{name}' shines evenly, in the mean colour of its emissive texture"
    for mesh, primitive in _primitives(document):
        if "COLOR_0" in _mapping(primitive.get("attributes")) and primitive.get("material") in textured:
            yield f"mesh '{mesh}' shows its texture, and not the colours of its vertices"


def _of_library(text: str) -> Iterator[str]:
    """Of an OBJ's material library."""
    name = ""
    for line in text.splitlines():
        word, *rest = line.split() or [""]
        if word == "newmtl":
            name = " ".join(rest)
        values = [float(one) for one in rest if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", one)]
        if (word == "d" and values and values[0] < 1.0) or (word == "Tr" and values and values[0] > 0.0):
            yield _opaque(name, f"{word} {values[0]:g}")
        if word == "Ke" and any(values):
            yield f"material '{name}' does not shine, though it states Ke: a glTF's emissive factor is read"


def has_short_colors(path: Path) -> bool:
    """Whether a glTF file has 16-bit colours at vertices without a material, which the reader of meshes cuts off."""
    document = user_files.gltf_document(path)
    accessors = _listed(document.get("accessors"))
    colors = [_mapping(p.get("attributes")).get("COLOR_0") for _, p in _primitives(document) if "material" not in p]
    return any(
        isinstance(index, int)
        and index < len(accessors)
        and _mapping(accessors[index]).get("componentType") == _UNSIGNED_SHORT
        for index in colors
    )


def _primitives(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with the name of its mesh."""
    for number, mesh in enumerate(_listed(document.get("meshes"))):
        for primitive in _listed(_mapping(mesh).get("primitives")):
            yield str(_mapping(mesh).get("name", number)), _mapping(primitive)


def _opaque(name: object, because: str) -> str:
    return f"material '{name}' is see-through ({because}) and is drawn opaque, in the picture, depth and masks alike"


def _materials(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [_mapping(one) for one in _listed(document.get("materials"))]


def _extension(material: dict[str, Any], name: str) -> dict[str, Any]:
    return _mapping(_mapping(material.get("extensions")).get(name))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
