"""A scene on the GPU: meshes, textures, the tables of its nodes, and the ways to draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.rendering.drawn import NodeTable
from simgen.rendering.raster.detail import CELLS_M
from simgen.rendering.raster.glints import Emitters
from simgen.rendering.raster.occluders import Occluders
from simgen.rendering.raster.pool import MeshPool, TexturePool
from simgen.rendering.raster.programs import compile_program
from simgen.rendering.raster.tones import mean_color
from simgen.rendering.raster.weather import holds_snow
from simgen.rendering.silhouette import box_corners
from simgen.scene.scene import Scene, SceneView

SURFACES = {
    "plain": (),
    "textured": ("TEXTURED",),
    "plain_open": ("OPEN",),
    "textured_open": ("TEXTURED", "OPEN"),
}
"""Programs of the geometry pass and their variants."""
MIRRORS = 2.0
"""What stands in a node's table for what mirrors in any weather, where a wettable surface has 1."""
_TEXELS = 2
_INSTANCE = 20
"""Floats per node: three rows of the pose, base colour and roughness, mark (node + 1), mean of the texture."""
_ROW = 4096
_FRONT = {"surface": "cw", "mask": "cw", "mirror": "ccw", "depth": "ccw"}
"""How fronts turn in each kind of picture: image rows run downwards, see ``projection``; a mirror turns them back."""
_AROUND_M = CELLS_M[-1]
"""How near to its box one is not outside of a body: near planes, and what coarser versions reach out of it."""
_COMMAND = np.dtype([("count", "u4"), ("instances", "u4"), ("first", "u4"), ("base_vertex", "i4"), ("node", "u4")])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A scene on the GPU: tables over its N nodes.

    Attributes:
        commands: (V, N) draw commands of all versions; position_commands: the same for positions alone.
        closed: (V, N) which of them show no back of a face to who stands outside of their box.
        one_sided: (N,) the same of the nodes as they are: closed, or of a material that is seen from one side.
        boxes_m: (N, 8, 3) corners of boxes in the node's frame; centers_m, radii_m: spheres there.
        occluders: which nodes hide the sky from the ground; emitters: what sends out light.
        key: of this preparation alone.
        poses: (N, 4, 4) of the last frame, relative to its eye; world_poses: (N, 12) their rows in the world.
        instances: (N, 20) and material (N, 2, 4): what is uploaded, with poses and emission of the last frame.
        texture_of_node: (N,) index into ``textures``, -1 for none.
    """

    scene: Scene
    generation: int
    key: bytes
    table: NodeTable
    commands: NDArray[np.void]
    position_commands: NDArray[np.void]
    boxes_m: Array
    centers_m: Array
    radii_m: Array
    closed: NDArray[np.bool_]
    one_sided: NDArray[np.bool_]
    occluders: Occluders
    emitters: Emitters
    poses: Array
    world_poses: NDArray[np.float32]
    instances: NDArray[np.float32]
    material: NDArray[np.float32]
    texture_of_node: NDArray[np.int64]
    textures: tuple[Any, ...]

    def boxes_in_world(self, chosen: NDArray[np.int64]) -> Array:
        """(M, 8, 3) corners of the boxes of these nodes (M,), as of the last frame."""
        pose = self.world_poses[chosen].reshape(-1, 3, 4).astype(np.float64)
        corners: Array = self.boxes_m[chosen] @ pose[:, :, :3].transpose(0, 2, 1) + pose[:, None, :, 3]
        return corners


class Stock:
    """What is drawn from, on one GL context. ``nodes`` is the texture of materials that ``node.glsl`` reads."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._meshes = MeshPool(context)
        self._textures = TexturePool(context)
        self.programs = {
            **{
                name: compile_program(context, "geometry.vert", "geometry.frag", ("", "surface"), defines)
                for name, defines in SURFACES.items()
            },
            "depth": compile_program(context, "depth.vert", "depth.frag", ()),
            "mask": compile_program(context, "depth.vert", "mask.frag", ()),
            "mirror": compile_program(
                context, "mirror.vert", "mirror.frag", ("nodes", "g_albedo", "", "g_depth", "diffuse", "gloss")
            ),
        }
        self._prepared: Prepared | None = None
        self._preparations = 0
        self.nodes: Any = None
        self._instances: Any = None
        self._world: Any = None
        self._commands: Any = None
        self._vaos: dict[str, Any] = {}
        self._vao_generation = -1

    def prepare(self, scene: Scene) -> Prepared:
        ready = self._prepared
        if ready is not None and ready.scene is scene and ready.generation == self._meshes.generation:
            return ready
        self._preparations += 1
        pooled = self._meshes.pooled([n.mesh for n in scene.nodes])
        count = len(scene.nodes)
        commands = np.zeros((len(CELLS_M) + 1, count), dtype=_COMMAND)
        position_commands = commands.copy()
        instances = np.zeros((count, _INSTANCE), dtype=np.float32)
        material = np.zeros((count, _TEXELS, 4), dtype=np.float32)
        textures: dict[str, int] = {}
        bound: list[Any] = []
        texture_of_node = np.full(count, -1, dtype=np.int64)
        wanted = {n.material.texture.digest for n in scene.nodes if n.material.texture is not None}
        closed = np.zeros(commands.shape, dtype=np.bool_)
        for i, (node, mesh) in enumerate(zip(scene.nodes, pooled, strict=True)):
            m = node.material
            closed[:, i] = [span.closed for span in mesh.versions]
            for k, span in enumerate(mesh.versions):
                commands[k, i] = (span.index_count, 1, span.first_index, span.base_vertex, i)
                position_commands[k, i] = (span.index_count, 1, span.first_index, span.base_position, i)
            instances[i, 12:16] = (*np.sqrt(m.base_color), m.roughness)
            instances[i, 16:20] = (i + 1, 1.0, 1.0, 1.0)
            material[i, 0, 3] = m.metallic
            material[i, 1, :2] = (MIRRORS if m.mirrors else float(m.wettable), m.retroreflectance)
            material[i, 1, 3] = holds_snow(scene.entities[node.entity], m)
            if m.texture is None:
                continue
            if m.texture.digest not in textures:
                textures[m.texture.digest] = len(textures)
                bound.append(self._textures.get(m.texture, wanted))
            texture_of_node[i] = textures[m.texture.digest]
            instances[i, 17:20] = np.sqrt(mean_color(node.mesh, m.texture))
        self._grow(count)
        self._prepared = Prepared(
            scene=scene,
            generation=self._meshes.generation,
            key=self._preparations.to_bytes(8, "little"),
            table=NodeTable.of(scene),
            commands=commands,
            position_commands=position_commands,
            boxes_m=np.array([box_corners(n.mesh) for n in scene.nodes]).reshape(-1, 8, 3),
            centers_m=np.array([r.center_m for r in pooled]).reshape(-1, 3),
            radii_m=np.array([r.radius_m for r in pooled], dtype=np.float64),
            closed=closed,
            one_sided=closed[0] | np.array([not n.material.double_sided for n in scene.nodes], dtype=np.bool_),
            occluders=Occluders.of(scene),
            emitters=Emitters.of(scene),
            poses=np.zeros((count, 4, 4)),
            world_poses=np.zeros((count, 12), dtype=np.float32),
            instances=instances,
            material=material,
            texture_of_node=texture_of_node,
            textures=tuple(bound),
        )
        return self._prepared

    def _grow(self, count: int) -> None:
        """Room for the tables of this many nodes, and vertex arrays on the pool's present buffers."""
        rows = -(-max(count, 1) * _TEXELS // _ROW)
        if self.nodes is None or self.nodes.height < rows:
            for old in (self.nodes, self._instances, self._world, self._commands):
                if old is not None:
                    old.release()
            room = rows * _ROW // _TEXELS
            self.nodes = self._context.texture((_ROW, rows), 4, dtype="f4")
            self.nodes.filter = (0x2600, 0x2600)  # GL_NEAREST
            self._instances = self._context.buffer(reserve=room * _INSTANCE * 4)
            self._world = self._context.buffer(reserve=room * 48)
            self._commands = self._context.buffer(reserve=room * _COMMAND.itemsize)
            self._vao_generation = -1
        if self._vao_generation != self._meshes.generation:
            for vao in self._vaos.values():
                vao.release()
            full = (self._meshes.vertices, self._meshes.indices)
            bare = (self._meshes.positions, self._meshes.position_indices)
            pose, colors = ("4f 4f 4f 32x/i", "in_x", "in_y", "in_z"), ("in_base", "in_mark")
            plain = ("3f 3f 8x", "in_position", "in_normal")
            textured = ("3f 3f 2f", "in_position", "in_normal", "in_uv")
            marked = ("4f 4f 4f 4f 1f 12x/i", *pose[1:], *colors)
            self._vaos = {
                name: self._context.vertex_array(
                    self.programs[name], [(vertices, *layout), (poses, *instance)], index_buffer=indices
                )
                for name, (vertices, indices), layout, poses, instance in (
                    *(
                        (name, full, textured if "TEXTURED" in SURFACES[name] else plain, self._instances, marked)
                        for name in SURFACES
                    ),
                    ("mirror", full, plain, self._instances, ("4f 4f 4f 4f 1f 3f/i", *marked[1:], "in_mean")),
                    ("depth", bare, ("3f", "in_position"), self._world, ("4f 4f 4f/i", *pose[1:])),
                    ("mask", bare, ("3f", "in_position"), self._instances, pose),
                )
            }
            self._vao_generation = self._meshes.generation

    def place(self, scene: Prepared, view: SceneView, lit: NDArray[np.int64], eye: Array) -> Array:
        """Uploads poses and materials; ``lit`` (K,) are the scene's lamps that shine on surfaces.

        Returns the nodes' centres (N, 3) relative to the eye.
        """
        pose = np.array(view.snapshot.world_from_node, dtype=np.float64).reshape(-1, 4, 4)
        scene.world_poses[:] = pose[:, :3].reshape(-1, 12)
        pose[:, :3, 3] -= eye
        table = scene.material
        scene.poses[:] = pose
        scene.instances[:, :12] = pose[:, :3].reshape(-1, 12)
        if len(pose):
            self._instances.write(scene.instances.tobytes())
            self._world.write(scene.world_poses.tobytes())
        table[:, 0, :3] = scene.table.emission(view)
        table[:, 1, 2] = ~np.isin(scene.table.lamp, lit)
        flat = np.zeros((self.nodes.height * _ROW, 4), dtype=np.float32)
        flat[: table.shape[0] * _TEXELS] = table.reshape(-1, 4)
        self.nodes.write(flat.tobytes())
        centers: Array = np.einsum("nij,nj->ni", pose[:, :3, :3], scene.centers_m) + pose[:, :3, 3]
        return centers

    def draw(
        self,
        scene: Prepared,
        chosen: NDArray[np.int64],
        version: NDArray[np.int64] | None,
        vao: str,
        viewer_m: Array | None = None,
    ) -> None:
        """Draws the nodes of these indices in versions (N,) of all nodes, or as they are: "depth" in world coordinates,
        the others relative to the eye.

        Args:
            viewer_m: (3,) where it is looked from, in the same coordinates, for the many triangles of a whole scene:
                who stands outside of a closed body sees none of its faces from behind, and those are left out.
        """
        if len(chosen) == 0:
            return
        versions = np.zeros(len(chosen), dtype=np.int64) if version is None else version[chosen]
        fronts = np.zeros(len(chosen), dtype=np.bool_)
        if viewer_m is not None:
            poses = scene.world_poses.reshape(-1, 3, 4) if vao == "depth" else scene.poses
            fronts = scene.closed[versions, chosen]
            fronts &= _outside(scene.boxes_m[chosen], poses[chosen], viewer_m, _AROUND_M)
        order = np.argsort(~fronts, kind="stable")
        table = scene.commands if vao == "mirror" else scene.position_commands
        self._commands.write(table[versions, chosen][order].tobytes())
        self._context.front_face = _FRONT[vao]
        closed = int(np.count_nonzero(fronts))
        for cull, first, end in ((True, 0, closed), (False, closed, len(chosen))):
            if end > first:
                (self._context.enable if cull else self._context.disable)(moderngl.CULL_FACE)
                self._vaos[vao].render_indirect(self._commands, moderngl.TRIANGLES, count=end - first, first=first)
        self._context.disable(moderngl.CULL_FACE)

    def draw_surfaces(self, scene: Prepared, shown: NDArray[np.bool_], distance_m: Array, near_m: float) -> None:
        """Draws the nodes that are ``shown`` texture by texture, the near ones first: what they hide costs less.

        What lies within ``near_m`` of the eye may be cut off.
        """
        chosen = np.flatnonzero(shown)
        if len(chosen) == 0:
            return
        # Who stands inside of a body, or cuts into it, sees the backs of its faces.
        one_sided = scene.one_sided[chosen] & _outside(scene.boxes_m[chosen], scene.poses[chosen], np.zeros(3), near_m)
        group = 2 * (scene.texture_of_node[chosen] + 1) + ~one_sided
        nearest = np.full(2 * len(scene.textures) + 2, np.inf)
        np.minimum.at(nearest, group, distance_m[chosen])
        order = np.lexsort((chosen, distance_m[chosen], group, nearest[group]))
        chosen, group = chosen[order], group[order]
        self._commands.write(scene.commands[0, chosen].tobytes())
        self._context.front_face = _FRONT["surface"]
        starts = np.flatnonzero(np.r_[True, np.diff(group) != 0])
        for first, end in zip(starts, np.r_[starts[1:], len(chosen)], strict=True):
            texture, open_ = divmod(int(group[first]), 2)
            if texture:
                scene.textures[texture - 1].use(1)
            (self._context.disable if open_ else self._context.enable)(moderngl.CULL_FACE)
            self._vaos[("textured" if texture else "plain") + ("_open" if open_ else "")].render_indirect(
                self._commands, moderngl.TRIANGLES, count=int(end - first), first=int(first)
            )
        self._context.disable(moderngl.CULL_FACE)


def _outside(boxes_m: Array, poses: NDArray[np.floating[Any]], viewer_m: Array, distance_m: float) -> NDArray[np.bool_]:
    """(N,) whether a viewer (3,) is farther than a distance from boxes (N, 8, 3) of nodes with ``poses`` (N, 3 or 4, 4)
    in the viewer's frame."""
    viewer = np.einsum("nji,nj->ni", poses[:, :3, :3], viewer_m - poses[:, :3, 3])
    low, high = boxes_m.min(axis=1) - distance_m, boxes_m.max(axis=1) + distance_m
    outside: NDArray[np.bool_] = ((viewer < low) | (viewer > high)).any(axis=1)
    return outside
