"""A URDF of a user as a Body: any tree of links, with meshes, boxes, cylinders and spheres."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from simgen.core.errors import AssetError
from simgen.core.geometry import Array, transform
from simgen.scene import solids, urdf
from simgen.scene.body import Asset, Body, Part
from simgen.scene.mesh import Material, Mesh

COLLISION_SUFFIXES = (".obj", ".stl", ".dae")
"""What the physics reads."""
HOLD_EFFORT, HOLD_VELOCITY = 100.0, 10.0
"""Of a joint that states none (N m or N, rad/s or m/s)."""


def read(path: Path, *, asset: Asset, semantic: str, fixed: bool) -> Body:
    """The body of a URDF, standing with its lowest point at rest on the ground, its joints held where they are at zero
    or at the nearest of their limits.

    Raises:
        AssetError: it cannot be read, shows nothing, or has nothing to touch.
    """
    try:
        robot = urdf.parse(_absolute(path), path)
        rest = tuple(float(np.clip(0.0, j.lower, j.upper)) for j in robot.movable)
        parts, links = _parts(robot)
        if not parts:
            raise AssetError("no link has a visual", where=str(path), remedy="give its links visuals")
        low = _extent(robot, parts, links, rest)[0][2]
        # The frame of the root link moves, so that everything stands on the ground.
        text = _lifted(_absolute(path), robot.links[0].name, -float(low))
        robot = urdf.parse(text, path)
        parts, links = _parts(robot)
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise AssetError(f"cannot be read as a URDF: {error}", where=str(path), remedy="mend the URDF") from None
    _touchable(text, path, fixed)
    owners = tuple(links)

    def articulate(joints: Array) -> Array:
        frames = robot.forward(joints)
        return np.stack([frames[link] for link in owners])

    lowest, highest = _extent(robot, parts, links, rest)
    center, size = (lowest + highest) / 2, highest - lowest
    return Body(
        semantic=semantic,
        asset=asset,
        parts=tuple(parts),
        rest=articulate(np.array(rest)),
        box_center_m=(float(center[0]), float(center[1]), float(center[2])),
        box_size_m=(float(size[0]), float(size[1]), float(size[2])),
        fixed=fixed,
        joints=tuple(j.name for j in robot.movable),
        joint_rest=rest,
        articulate=articulate if robot.movable else None,
        urdf=text,
        keypoints={
            joint.name: (parts[owners.index(joint.child)].name, (0.0, 0.0, 0.0))
            for joint in robot.movable
            if joint.child in owners
        },
    )


def _absolute(path: Path) -> str:
    """The text with absolute paths to meshes, and limits for joints that state none."""
    try:
        text = urdf.extended(path, "", {})
    except (ElementTree.ParseError, OSError) as error:
        raise AssetError(f"not an XML document: {error}", where=str(path), remedy="mend the URDF") from None
    root = ElementTree.fromstring(text)
    for joint in root.iterfind("joint"):
        if joint.get("type") == "fixed":
            continue
        limit = joint.find("limit")
        if limit is None:
            limit = ElementTree.SubElement(joint, "limit")
        for key, value in (("effort", HOLD_EFFORT), ("velocity", HOLD_VELOCITY)):
            if limit.get(key) is None:
                limit.set(key, repr(value))
    return ElementTree.tostring(root, encoding="unicode")


def _lifted(text: str, base: str, height_m: float) -> str:
    """The text with everything that stands in the root link's frame moved up."""
    root = ElementTree.fromstring(text)
    held: list[ElementTree.Element] = []
    for link in root.iterfind("link"):
        if link.get("name") == base:
            held += [e for e in link if e.tag in ("visual", "collision", "inertial")]
    for joint in root.iterfind("joint"):
        parent = joint.find("parent")
        if parent is not None and parent.get("link") == base:
            held.append(joint)
    for element in held:
        origin = element.find("origin")
        if origin is None:
            origin = ElementTree.SubElement(element, "origin")
        x, y, z = (float(v) for v in origin.get("xyz", "0 0 0").split())
        origin.set("xyz", f"{x!r} {y!r} {z + height_m!r}")
    return ElementTree.tostring(root, encoding="unicode")


def _parts(robot: urdf.Urdf) -> tuple[list[Part], list[str]]:
    """The parts and the link of each."""
    parts: list[Part] = []
    links: list[str] = []
    for link in robot.links:
        pieces = [(s.mesh, s.color) for visual in link.visuals for s in urdf.surfaces(visual, 0.0)]
        pieces += [(solids.moved(_solid(p), p.link_from_visual), p.color) for p in link.primitives]
        for number, (mesh, color) in enumerate(pieces):
            name = f"{link.name}_{number}"
            parts.append(Part(name=name, mesh=mesh, material=Material(name=name, base_color=color, roughness=0.6)))
            links.append(link.name)
    return parts, links


def _solid(primitive: urdf.Primitive) -> Mesh:
    if primitive.kind == "box":
        return solids.box(primitive.size_m)
    radius = primitive.size_m[0]
    if primitive.kind == "cylinder":
        half = primitive.size_m[1] / 2
        return solids.lathe([(0.0, -half), (radius, -half), (radius, half), (0.0, half)])
    angles = np.linspace(-np.pi / 2, np.pi / 2, 19)
    return solids.lathe([(max(0.0, float(radius * np.cos(a))), float(radius * np.sin(a))) for a in angles])


def _extent(robot: urdf.Urdf, parts: list[Part], links: list[str], rest: tuple[float, ...]) -> tuple[Array, Array]:
    frames = robot.forward(np.array(rest))
    points = np.concatenate([transform(frames[k], p.mesh.vertices_m) for k, p in zip(links, parts, strict=True)])
    return points.min(axis=0), points.max(axis=0)


def _touchable(text: str, path: Path, fixed: bool) -> None:
    """Raises AssetError for what would fall through everything, and for shapes that the physics cannot read."""
    root = ElementTree.fromstring(text)
    shapes = list(root.iterfind("link/collision"))
    if not shapes and not fixed:
        raise AssetError(
            "no link has a collision shape, so that it would fall through the ground",
            where=str(path),
            remedy="give its links collision shapes, or say fixed: true",
        )
    for mesh in root.iterfind("link/collision/geometry/mesh"):
        file = Path(mesh.get("filename", ""))
        if not file.is_file() or file.suffix.lower() not in COLLISION_SUFFIXES:
            what = "is missing" if not file.is_file() else f"is no {', '.join(COLLISION_SUFFIXES)} file"
            raise AssetError(f"the collision mesh '{file.name}' {what}", where=str(path), remedy="mend the URDF")
