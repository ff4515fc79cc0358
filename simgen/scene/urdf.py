"""Reading URDF: the links' visual surfaces and the joint tree, with its forward kinematics.

Frames and conventions are URDF's (https://wiki.ros.org/urdf/XML): a joint's origin stands in its parent link's frame,
a child link's frame is its joint's frame, rpy is Rz(yaw) Ry(pitch) Rx(roll), lengths in metres, angles in radians.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from simgen.core.errors import AssetError
from simgen.core.geometry import Array, pose, rotation_rpy
from simgen.scene.mesh import Mesh, Rgb, linear

JointKind = Literal["revolute", "continuous", "prismatic", "fixed"]

WHITE: Rgb = (1.0, 1.0, 1.0)

# A mesh of few faces stands for a rounded body, and its facets are not edges of it.
COARSE_FACES, COARSE_CREASE_RAD, CREASE_RAD = 400, 1.15, 0.7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visual:
    """One mesh file of a link. ``color``: linear RGB that the URDF states, for files without materials."""

    mesh: Path
    link_from_visual: Array
    color: Rgb


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Primitive:
    """A visual that is no mesh. ``size_m``: full lengths of a box; radius and length of a cylinder along z; radius."""

    kind: Literal["box", "cylinder", "sphere"]
    size_m: tuple[float, ...]
    link_from_visual: Array
    color: Rgb


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    name: str
    visuals: tuple[Visual, ...]
    primitives: tuple[Primitive, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joint:
    """A joint: axis (3,) unit vector in the joint's frame; limits in radians or metres, effort in Nm or N."""

    name: str
    kind: JointKind
    parent: str
    child: str
    parent_from_joint: Array
    axis: Array
    lower: float
    upper: float
    max_effort: float
    max_velocity: float

    def motion(self, position: float) -> Array:
        """(4, 4) of the joint at a position, about or along its axis (Rodrigues' formula)."""
        if self.kind == "prismatic":
            return pose(self.axis * position)
        if self.kind == "fixed":
            return np.eye(4)
        x, y, z = self.axis
        k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        return pose(rotation=np.eye(3) + np.sin(position) * k + (1.0 - np.cos(position)) * (k @ k))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Urdf:
    """A robot as its URDF states it. ``joints`` is ordered so that a joint comes after the one that carries it."""

    name: str
    path: Path
    links: tuple[Link, ...]
    joints: tuple[Joint, ...]
    digest: str

    @property
    def movable(self) -> tuple[Joint, ...]:
        """The J joints that are not fixed; a mimicking joint counts as one of its own."""
        return tuple(j for j in self.joints if j.kind != "fixed")

    def forward(self, positions: Array) -> dict[str, Array]:
        """Base_from_link (4, 4) by link name, at positions (J,) of the movable joints."""
        moved = dict(zip((j.name for j in self.movable), positions, strict=True))
        frames = {self.links[0].name: np.eye(4)}
        for joint in self.joints:
            motion = joint.motion(float(moved.get(joint.name, 0.0)))
            frames[joint.child] = frames[joint.parent] @ joint.parent_from_joint @ motion
        return frames

    def jacobian(self, frames: dict[str, Array], link: str) -> Array:
        """(6, J) geometric Jacobian of a link's origin at these frames: rows are linear, then angular velocity."""
        carriers = {j.child: j for j in self.joints}
        above = set()
        at = link
        while at in carriers:
            above.add(carriers[at].name)
            at = carriers[at].parent
        tip = frames[link][:3, 3]
        columns = np.zeros((6, len(self.movable)))
        for k, joint in enumerate(self.movable):
            if joint.name not in above:
                continue
            frame = frames[joint.child]
            axis = frame[:3, :3] @ joint.axis
            if joint.kind == "prismatic":
                columns[:3, k] = axis
            else:
                columns[:3, k] = np.cross(axis, tip - frame[:3, 3])
                columns[3:, k] = axis
        return columns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColoredSurface:
    """The triangles of one material of a mesh file; ``color`` is linear RGB."""

    mesh: Mesh
    color: Rgb


def bundled(relative: str) -> Path:
    """A file of the pybullet_data distribution, which is found without importing pybullet. Raises AssetError."""
    spec = importlib.util.find_spec("pybullet_data")
    remedy = "pip install pybullet brings pybullet_data along"
    if spec is None or not spec.submodule_search_locations:
        raise AssetError("pybullet_data is not installed", where=relative, remedy=remedy)
    path = Path(spec.submodule_search_locations[0]) / relative
    if not path.is_file():
        raise AssetError(f"{path} is missing", where=relative, remedy=remedy)
    return path


@lru_cache(maxsize=16)
def read(path: Path) -> Urdf:
    """The URDF at ``path``. Its digest covers the file and every mesh that it names.

    Raises:
        AssetError: the file or a mesh is missing, is not XML, or its joints are not one tree.
    """
    try:
        return parse(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        raise AssetError(f"cannot read the URDF: {error.strerror}", where=str(path)) from error


def load(source: str) -> Urdf:
    """The URDF of a body: ``source`` is its path or its text (Body.urdf). Raises AssetError."""
    return parse(source, Path("urdf")) if is_text(source) else read(Path(source))


def is_text(source: str) -> bool:
    """Whether ``Body.urdf`` holds the URDF itself and not its path."""
    return source.lstrip().startswith("<")


def extended(path: Path, elements: str, limits: Mapping[str, tuple[float, float]]) -> str:
    """The text of the URDF at ``path`` with more links and joints, and with its meshes by absolute path.

    Args:
        elements: XML of the links and joints.
        limits: joint -> (effort in N m, speed in rad/s) to state instead of the file's.
    """
    root = ElementTree.parse(path).getroot()
    for mesh in root.iter("mesh"):
        mesh.set("filename", str(path.parent / mesh.get("filename", "").removeprefix("package://")))
    for joint in root.iterfind("joint"):
        limit, stated = joint.find("limit"), limits.get(joint.get("name", ""))
        if limit is not None and stated is not None:
            limit.set("effort", repr(stated[0]))
            limit.set("velocity", repr(stated[1]))
    root.extend(ElementTree.fromstring(f"<robot>{elements}</robot>"))
    return ElementTree.tostring(root, encoding="unicode")


@lru_cache(maxsize=16)
def parse(text: str, path: Path) -> Urdf:
    """A URDF from its text; meshes with relative names stand next to ``path``. Raises AssetError as ``read``."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise AssetError(f"not an XML document: {error}", where=str(path)) from error
    colors = {m.get("name", ""): _color(m) for m in root.iter("material") if m.find("color") is not None}
    links = tuple(_link(element, path, colors) for element in root.iterfind("link"))
    hasher = hashlib.sha256(_portable(text).encode())
    for mesh in sorted({v.mesh for link in links for v in link.visuals}):
        hasher.update(mesh.read_bytes())
    joints = [_joint(element, path) for element in root.iterfind("joint")]
    base, ordered = _tree(links, joints, path)
    return Urdf(
        name=root.get("name", path.stem),
        path=path,
        links=tuple(sorted(links, key=lambda link: link.name != base)),
        joints=ordered,
        digest=hasher.hexdigest(),
    )


def _portable(text: str) -> str:
    """The text without the place where the meshes are installed, which their contents do not depend on."""
    return re.sub(r'filename="[^"]*[/\\\\]', 'filename="', text) if 'filename="/' in text else text


def _tree(links: tuple[Link, ...], joints: list[Joint], path: Path) -> tuple[str, tuple[Joint, ...]]:
    children = {j.child for j in joints}
    roots = [link.name for link in links if link.name not in children]
    if len(roots) != 1:
        raise AssetError(f"expected one root link, found {roots}", where=str(path))
    ordered: list[Joint] = []
    reached = {roots[0]}
    waiting = joints
    while waiting:
        ready = [j for j in waiting if j.parent in reached]
        if not ready:
            lost = ", ".join(j.name for j in waiting)
            raise AssetError(f"joints that hang on no link: {lost}", where=str(path))
        ordered += ready
        reached |= {j.child for j in ready}
        waiting = [j for j in waiting if j.child not in reached]
    return roots[0], tuple(ordered)


def _link(element: ElementTree.Element, path: Path, colors: dict[str, Rgb]) -> Link:
    visuals = []
    primitives = []
    for visual in element.iterfind("visual"):
        mesh = visual.find("geometry/mesh")
        if mesh is None:
            primitives += _primitives(visual, colors)
            continue
        file = path.parent / mesh.get("filename", "").removeprefix("package://")
        if not file.is_file():
            raise AssetError(f"mesh {file} is missing", where=str(path))
        material = visual.find("material")
        name = "" if material is None else material.get("name", "")
        frame = _origin(visual)
        frame[:3, :3] *= np.array(_numbers(mesh.get("scale"), (1.0, 1.0, 1.0)))
        visuals.append(Visual(mesh=file, link_from_visual=frame, color=colors.get(name, WHITE)))
    return Link(name=element.get("name", ""), visuals=tuple(visuals), primitives=tuple(primitives))


def _primitives(visual: ElementTree.Element, colors: dict[str, Rgb]) -> list[Primitive]:
    material = visual.find("material")
    color = WHITE
    if material is not None:
        color = _color(material) if material.find("color") is not None else colors.get(material.get("name", ""), WHITE)
    sizes: dict[Literal["box", "cylinder", "sphere"], tuple[str, ...]] = {
        "box": ("size",),
        "cylinder": ("radius", "length"),
        "sphere": ("radius",),
    }
    found = []
    for kind, keys in sizes.items():
        for shape in visual.iterfind(f"geometry/{kind}"):
            size = tuple(float(part) for key in keys for part in shape.get(key, "").split())
            found.append(Primitive(kind=kind, size_m=size, link_from_visual=_origin(visual), color=color))
    return found


def _joint(element: ElementTree.Element, path: Path) -> Joint:
    name, kind = element.get("name", ""), element.get("type", "")
    parent, child = element.find("parent"), element.find("child")
    if kind not in ("revolute", "continuous", "prismatic", "fixed") or parent is None or child is None:
        raise AssetError(f"joint '{name}' of type '{kind}' is not one that can be read", where=str(path))
    axis_element, limit = element.find("axis"), element.find("limit")
    axis = np.array(_numbers(None if axis_element is None else axis_element.get("xyz"), (1.0, 0.0, 0.0)))
    length = float(np.linalg.norm(axis))

    def bound(key: str, fallback: float) -> float:
        return float(limit.get(key, fallback)) if limit is not None else fallback

    return Joint(
        name=name,
        kind=cast(JointKind, kind),
        parent=parent.get("link", ""),
        child=child.get("link", ""),
        parent_from_joint=_origin(element),
        axis=axis / length if length > 0 else axis,
        lower=bound("lower", -np.inf),
        upper=bound("upper", np.inf),
        max_effort=bound("effort", np.inf),
        max_velocity=bound("velocity", np.inf),
    )


def _origin(element: ElementTree.Element) -> Array:
    origin = element.find("origin")
    if origin is None:
        return np.eye(4)
    roll, pitch, yaw = _numbers(origin.get("rpy"), (0.0, 0.0, 0.0))
    return pose(_numbers(origin.get("xyz"), (0.0, 0.0, 0.0)), rotation_rpy(roll, pitch, yaw))


def _numbers(text: str | None, fallback: tuple[float, float, float]) -> tuple[float, float, float]:
    if text is None:
        return fallback
    # roslaunch's "$(optenv NAME x y z)" stands for its default
    x, y, z = (float(part) for part in re.sub(r"^\$\(optenv \w+ (.*)\)$", r"\1", text.strip()).split())
    return x, y, z


def _color(material: ElementTree.Element) -> Rgb:
    color = material.find("color")
    assert color is not None
    r, g, b = (float(part) for part in color.get("rgba", "1 1 1 1").split()[:3])
    return linear((r, g, b))


def surfaces(visual: Visual, cell_m: float) -> tuple[ColoredSurface, ...]:
    """The visual's triangles in the link's frame, one surface per colour, simplified to about ``cell_m``.

    Vertex clustering (Rossignac & Borrel 1993) over the whole file, so that surfaces that meet stay closed: all
    vertices of one cell that face the same of six sides become the one nearest to their mean, which lies on the true
    surface. The two skins of a thin wall face opposite sides and stay apart. Details stay as they are: faces in any
    colour but the most common one, open edges, and what shares a cell with either. So does everything with ``cell_m``
    0.
    """
    vertices, faces, material, palette = _triangles(visual)
    vertices = vertices @ visual.link_from_visual[:3, :3].T + visual.link_from_visual[:3, 3]
    if cell_m > 0:
        ids = np.array([sorted(set(palette)).index(c) for c in palette])[material]
        vertices, faces = _cluster(vertices, faces, ids != np.bincount(ids).argmax(), cell_m)
    result = []
    for color in sorted(set(palette)):
        chosen = np.isin(material, [i for i, c in enumerate(palette) if c == color])
        mesh = Mesh.smooth(vertices, faces[chosen], CREASE_RAD if len(faces) > COARSE_FACES else COARSE_CREASE_RAD)
        if len(mesh.faces):
            result.append(ColoredSurface(mesh=mesh, color=color))
    return tuple(result)


def _cluster(
    vertices: Array, faces: NDArray[np.int64], fine: NDArray[np.bool_], cell_m: float
) -> tuple[Array, NDArray[np.int64]]:
    """Vertices and faces after clustering; ``fine (F,)`` marks faces that stay as they are."""
    vertices, weld = np.unique(vertices, axis=0, return_inverse=True)
    faces = weld.reshape(-1)[faces]
    grid = np.floor((vertices - vertices.min(axis=0)) / cell_m).astype(np.int64) + 1
    place = (grid[:, 0] * 4096 + grid[:, 1]) * 4096 + grid[:, 2]
    kept = np.zeros(len(vertices), dtype=np.bool_)
    kept[faces[fine].reshape(-1)] = True
    kept[_border(faces)] = True
    kept |= np.isin(place, np.unique(place[kept]))
    cross = np.cross(vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]])
    normal = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normal, faces[:, corner], cross)
    axis = np.argmax(np.abs(normal), axis=1)
    side = 2 * axis + (np.take_along_axis(normal, axis[:, None], axis=1)[:, 0] > 0)
    _, cell = np.unique(np.where(kept, -1 - np.arange(len(vertices)), place * 6 + side), return_inverse=True)
    count = np.bincount(cell).astype(np.float64)
    mean = np.stack([np.bincount(cell, weights=vertices[:, i]) for i in range(3)], axis=1) / count[:, None]
    distance = np.linalg.norm(vertices - mean[cell], axis=1)
    order = np.lexsort((np.arange(len(cell)), distance, cell))
    first = order[np.r_[True, np.diff(cell[order]) > 0]]
    return vertices[first], cell[faces]


def _border(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Vertices on open edges: those of one face only."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    _, index, count = np.unique(edges[:, 0] * (1 << 32) + edges[:, 1], return_index=True, return_counts=True)
    return np.unique(edges[index[count == 1]])


def _triangles(visual: Visual) -> tuple[Array, NDArray[np.int64], NDArray[np.int64], list[Rgb]]:
    """(V, 3) vertices, (F, 3) faces, (F,) index of each face's colour in the palette."""
    if visual.mesh.suffix.lower() == ".obj":
        return _read_obj(visual.mesh, visual.color)
    import trimesh  # costs over a second to import, and only formats other than OBJ need it

    loaded = cast(Any, trimesh.load(visual.mesh, force="mesh", process=False))
    faces = np.asarray(loaded.faces, dtype=np.int64)
    return np.asarray(loaded.vertices, dtype=np.float64), faces, np.zeros(len(faces), dtype=np.int64), [visual.color]


def _read_obj(path: Path, fallback: Rgb) -> tuple[Array, NDArray[np.int64], NDArray[np.int64], list[Rgb]]:
    vertices: list[str] = []
    corners: list[str] = []
    faces: list[tuple[int, int, int]] = []
    material: list[int] = []
    palette = [fallback]
    named: dict[str, int] = {}
    current = 0
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, rest = line.partition(" ")
        if key == "v":
            vertices.append(rest)
        elif key == "f":
            start = len(corners)
            corners += [corner.partition("/")[0] for corner in rest.split()]
            for last in range(start + 2, len(corners)):
                faces.append((start, last - 1, last))
                material.append(current)
        elif key == "usemtl":
            current = named.get(rest.strip(), 0)
        elif key == "mtllib":
            for name, color in _read_mtl(path.parent / rest.strip()).items():
                named[name] = len(palette)
                palette.append(color)
    points = np.array(" ".join(vertices).split(), dtype=np.float64).reshape(len(vertices), -1)[:, :3]
    numbers = np.array(corners, dtype=np.int64)
    numbers = np.where(numbers > 0, numbers - 1, len(points) + numbers)
    return points, numbers[np.array(faces, dtype=np.int64)], np.array(material, dtype=np.int64), palette


def _read_mtl(path: Path) -> dict[str, Rgb]:
    """Diffuse colours by material name; a library that is missing states none."""
    colors: dict[str, Rgb] = {}
    if not path.is_file():
        return colors
    name = ""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, rest = line.strip().partition(" ")
        if key == "newmtl":
            name = rest.strip()
        elif key == "Kd":
            r, g, b = (float(x) for x in rest.split()[:3])
            colors[name] = linear((r, g, b))
    return colors
