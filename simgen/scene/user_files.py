"""Files that a user brings: which other files they need, one digest for all, and the error for what changed."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from simgen.core.errors import AssetError

MESH_SUFFIXES = (".glb", ".gltf", ".obj", ".stl")
URDF_SUFFIX = ".urdf"


def digest(path: Path) -> str:
    """Hex SHA-256 of a file's bytes and then, in the order of their names, of those of the files that it names; for a
    file that stands alone it is the file's own.

    Raises:
        AssetError: it, or a file that it names, cannot be read, or lies outside of a mesh's folder.
    """
    hasher = hashlib.sha256(_bytes(path))
    for name in sorted(set(_references(path))):
        needed = path.parent / name
        if path.suffix.lower() in MESH_SUFFIXES and not needed.resolve().is_relative_to(path.parent.resolve()):
            message = f"'{name}', which it names, lies outside of its folder"
            raise AssetError(message, where=str(path), remedy="put it beside the file, and export with that path")
        if not needed.is_file():
            raise AssetError(f"'{name}', which it names, is missing", where=str(path), remedy="put it beside the file")
        hasher.update(_bytes(needed))
    return hasher.hexdigest()


def unchanged(path: Path, sha256: str) -> None:
    """Raises AssetError where the file is not the one with this digest."""
    found = digest(path)
    if found != sha256:
        raise AssetError(
            f"the file has changed: its SHA-256 is {found[:16]}…, and {sha256[:16]}… was recorded",
            where=str(path),
            remedy="put the recorded file back, or sample the scenario again",
        )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AssetError(
            f"cannot read the file: {error.strerror}", where=str(path), remedy="put it back, or mend the catalogue"
        ) from None


def _references(path: Path) -> list[str]:
    """Names, relative to the file, of the files that it cannot be read without."""
    match path.suffix.lower():
        case ".glb" | ".gltf":
            return _of_gltf(path)
        case ".obj":
            return _of_obj(path)
        case ".urdf":
            try:
                root = ElementTree.fromstring(_bytes(path))
            except ElementTree.ParseError as error:
                raise AssetError(f"not an XML document: {error}", where=str(path), remedy="mend the URDF") from None
            named = [mesh.get("filename", "").removeprefix("package://") for mesh in root.iter("mesh")]
            return [
                *named,
                *(library for name in named if name.lower().endswith(".obj") for library in _mtl(path, name)),
            ]
    return []


def _mtl(path: Path, name: str) -> list[str]:
    mesh = path.parent / name
    return [str(Path(name).parent / library) for library in _of_obj(mesh)] if mesh.is_file() else []


def gltf_document(path: Path) -> dict[str, Any]:
    """The JSON of a glTF or GLB file.

    Raises:
        AssetError: it cannot be read, or is neither.
    """
    data = _bytes(path)
    try:
        if data[:4] == b"glTF":
            # glTF 2.0, 4.4: a header of 12 bytes, and then the length and the kind of the first chunk, which is JSON
            (length,) = struct.unpack_from("<I", data, 12)
            data = data[20 : 20 + length]
        document = json.loads(data)
        if not isinstance(document, dict):
            raise ValueError("its JSON is no object")
    except (ValueError, struct.error) as error:
        raise _no_gltf(path, error) from None
    return document


def _no_gltf(path: Path, error: Exception) -> AssetError:
    return AssetError(f"not a glTF file: {error}", where=str(path), remedy="export it again as glTF 2.0")


def _of_gltf(path: Path) -> list[str]:
    document = gltf_document(path)
    try:
        entries = [*document.get("buffers", ()), *document.get("images", ())]
        return [unquote(e["uri"]) for e in entries if "uri" in e and not e["uri"].startswith("data:")]
    except (AttributeError, TypeError) as error:
        raise _no_gltf(path, error) from None


def material_libraries(path: Path) -> dict[str, str]:
    """Of an OBJ file the text of each library that it names, by that name; "" for one that is not there."""
    text = _bytes(path).decode("utf-8", errors="replace")
    names = [name.strip() for name in re.findall(r"^mtllib[ \t]+(.+)$", text, re.MULTILINE)]
    files = {name: path.parent / name for name in names}
    return {n: _bytes(f).decode("utf-8", errors="replace") if f.is_file() else "" for n, f in files.items()}


def _of_obj(path: Path) -> list[str]:
    libraries = material_libraries(path)
    images = []
    for written in libraries.values():
        images += re.findall(r"^\s*map_Kd[ \t]+(?:-\S+[ \t]+\S+[ \t]+)*(.+?)[ \t]*\r?$", written, re.MULTILINE)
    return [*libraries, *images]
