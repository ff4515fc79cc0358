"""Random scenes, each proved from every side: what ``tools/prove`` runs and a test runs a few of.

A scene is drawn from its number alone. Scenes of solids (boxes and balls) are held against closed forms; scenes of
models (cars, people, robots …, with their joints turned) against triangles hit by hand, in double precision. All are
held against pictures of each object without the others, and against the proofs that ``simgen verify`` runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from simgen.core.camera import Camera
from simgen.core.geometry import Array, camera_pose, inverse, pose, rotation_rpy, rotation_z, transform
from simgen.core.seeds import Key
from simgen.core.vocabulary import models
from simgen.labels import Facts, FrameLabels, Planes, label, proof_faults
from simgen.labels.flow import Flow, FlowState, Shot, flow
from simgen.labels.masks import amodal_extent
from simgen.labels.proofs import flow_faults, normal_faults, part_faults
from simgen.rendering import RenderBuffers, Renderer
from simgen.rendering.silhouette import FINEST_PX
from simgen.rendering.silhouette import silhouettes as silhouettes_by_hand
from simgen.scene.body import Asset, Body, Part
from simgen.scene.mesh import Mesh
from simgen.scene.scene import SceneView, Snapshot
from simgen.scene.stage import Stage
from tests.labels import raycast
from tests.labels.raycast import Solid
from tests.rendering.scenes import GRAY, Placed, box_mesh, environment, ground_mesh, sphere_mesh, staged

SIZES_PX = ((320, 180), (317, 181), (319, 179), (323, 187))
"""Widths and heights of pictures: ones that the cells fit in which large objects are drawn beyond the picture, and ones
that they do not."""
MODELS = (
    *("car.sedan", "car.suv", "van", "truck", "bus", "motorcycle", "cyclist", "scooter", "pedestrian.adult"),
    *("pedestrian.child", "pedestrian.wheelchair", "dog", "deer", "franka_panda", "xarm", "robot.amr", "husky"),
    *("forklift", "trailer", "box.carton", "traffic_light", "shelf", "cone", "bottle"),
)
SNAP_PX = 1 / 64
"""To what fraction of a pixel a rasterizer may snap corners; it decides which surface an outline's pixel shows."""
GRID_PX = 1 / 256
"""To what fraction of a pixel the renderer at hand does snap them; it moves the plane of a narrow triangle by more."""
SWAY = 0.05
"""Share of its depth by which snapping may move a point's plane for the point to be compared at all; below, what it
moves is granted on top of the limit. A triangle half a pixel wide, as spokes and fingers are, has no pixel away from
its edges: what is drawn is the plane through three snapped corners, which turns about the long side."""
HITS = 150
"""Pixels per scene whose triangle is hit by hand."""


@dataclass(kw_only=True)
class Summary:
    """What came of any number of scenes: counts, the worst errors, and each fault with its scene."""

    counts: Counter[str] = field(default_factory=Counter)
    worst: dict[str, float] = field(default_factory=dict)
    checks: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def error(self, name: str, value: float) -> None:
        self.worst[name] = max(self.worst.get(name, 0.0), value)

    def within(self, scene: int, name: str, value: float, limit: float) -> None:
        """Notes an error, which is a fault beyond ``limit``."""
        self.error(name, value)
        self.checks[name] += 1
        if not value <= limit:
            self.fault(scene, name, f"{name} is {value:.5g}, more than {limit:g}")

    def fault(self, scene: int, kind: str, text: str) -> None:
        self.faults.append(f"scene {scene}: {text}")
        self.kinds[kind] += 1

    def __str__(self) -> str:
        lines = [f"{count:9d} {name}" for name, count in self.counts.items()]
        lines += [f"{value:9.2g} {name}, at worst of {self.checks[name]}" for name, value in self.worst.items()]
        lines += [f"{count:9d} faults of {kind}" for kind, count in self.kinds.most_common()]
        return "\n".join([*lines, f"{len(self.faults):9d} faults", *(f"  {f}" for f in self.faults[:40])])


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A scene at two instants, seen by a camera that moves. ``solids`` when all of it has a closed form."""

    now: SceneView
    then: SceneView
    camera: Camera
    camera_then: Camera
    solids: tuple[Solid, ...] = ()


def prove(scene: int, renderer: Renderer, summary: Summary) -> None:
    """Draws scene number ``scene`` and adds to the summary what came of it."""
    drawn = solids_scene(scene) if scene % 3 == 0 else models_scene(scene)
    buffers = renderer.render(drawn.now, drawn.camera, ("normal",))
    later = renderer.render(drawn.then, drawn.camera_then)
    alone = renderer.silhouettes(drawn.now, drawn.camera, drawn.now.labelled_ids())
    labels = label(drawn.now, drawn.camera, buffers, alone)
    here, there = Shot.of(drawn.now, drawn.camera, buffers), Shot.of(drawn.then, drawn.camera_then, later)
    forward, backward = flow(here, there), flow(there, here)
    summary.counts["scenes"] += 1
    summary.counts["objects with a label"] += len(labels.objects)
    summary.counts["of which occluded in part"] += sum(0 < o.occlusion < 1 for o in labels.objects)
    summary.counts["of which truncated"] += sum(o.truncation > 0 for o in labels.objects)
    summary.counts["of which hidden"] += sum(o.visible_pixels == 0 for o in labels.objects)
    summary.counts["keypoints"] += sum(len(o.keypoints) for o in labels.objects)
    summary.counts["pixels with flow"] += int(np.count_nonzero(forward.state))
    for text in proofs(drawn, labels, buffers, here, there, forward, backward):
        summary.fault(scene, "the proofs of simgen verify", text)
    brute_force(scene, drawn, renderer, labels, summary)
    if drawn.solids:
        closed_forms(scene, drawn, labels, buffers, summary)
    followed(scene, drawn, buffers, forward, summary)


def proofs(
    drawn: Drawn,
    labels: FrameLabels,
    buffers: RenderBuffers,
    here: Shot,
    there: Shot,
    forward: Flow,
    backward: Flow,
) -> Iterator[str]:
    """What ``simgen verify`` would say."""
    snapshot = drawn.now.snapshot
    facts = Facts(
        camera=drawn.camera,
        world_from_ego=None,
        extinction_per_m=snapshot.environment.extinction_per_m,
        blind=False,
        events=(),
        world_from_entity=snapshot.world_from_entity,
        velocity_mps=snapshot.velocity_mps,
        angular_velocity_radps=snapshot.angular_velocity_radps,
    )
    planes = Planes(instance=buffers.instance, semantic=buffers.semantic, depth_m=buffers.depth_m)
    yield from proof_faults(labels, planes, facts)
    assert buffers.normal is not None
    yield from normal_faults(labels.camera, buffers.normal, buffers.depth_m, 0.0)
    part = (here.node + 1).astype(np.uint32)
    yield from part_faults(part, len(drawn.now.scene.nodes), buffers.depth_m, buffers.instance, buffers.semantic)
    yield from (f"forward flow {text}" for text in flow_faults(forward, here, there))
    yield from (f"backward flow {text}" for text in flow_faults(backward, there, here))


def brute_force(scene: int, drawn: Drawn, renderer: Renderer, labels: FrameLabels, summary: Summary) -> None:
    """Each object drawn again without the others, by the renderer within the image and by hand beyond it."""
    for i, entity in enumerate(drawn.now.scene.entities):
        if entity.instance_id == 0:
            continue
        present = np.zeros(len(drawn.now.scene.entities), dtype=np.bool_)
        present[i] = True
        lonely = SceneView(scene=drawn.now.scene, snapshot=replace(drawn.now.snapshot, present=present))
        mask = renderer.render(lonely, drawn.camera).instance == entity.instance_id
        one = labels.of(entity.name)
        if one is None:
            summary.within(scene, "pixels of an object without a label", int(mask.sum()), 0)
            continue
        summary.counts["objects drawn alone"] += 1
        if mask.any() or one.amodal_pixels > 2:
            rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
            box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if mask.any() else (0, 0, 0, 0)
            summary.within(scene, "px amodal box off brute force", np.abs(np.subtract(box, one.bbox_amodal)).max(), 1)
            off = abs(int(mask.sum()) - one.amodal_pixels) / outline_px(box)
            summary.within(scene, "amodal pixels off brute force, per pixel of outline", off, 0.06)
        (alone,) = silhouettes_by_hand(lonely, drawn.camera, [entity.instance_id])
        if alone.mask.size:
            height, width = alone.mask.shape
            whole = (alone.x_px, alone.y_px, alone.x_px + width, alone.y_px + height)
            # Large canvases are drawn in coarser steps; the margin of what is drawn cuts the largest.
            step = 1 + np.ceil(np.sqrt(width * height / FINEST_PX))
            off = float(np.abs(np.subtract(whole, one.bbox_amodal_unclipped)).max())
            summary.within(scene, "steps unclipped box off one made by hand", off / step, 1)
            exactly = amodal_extent(drawn.camera, alone, None)
            if exactly is not None and one.amodal_pixels > 200:
                # An outline of cells errs to both sides.
                share = outline_px(whole) * step / exactly.pixels
                off = abs(one.truncation - (1.0 - exactly.angle_inside / exactly.angle)) / share
                summary.within(scene, "truncation off one made by hand, per share of its outline", off, 0.03)
            share = abs(int(alone.mask.sum()) - one.amodal_pixels_unclipped) / (outline_px(whole) * step)
            # Where the margin ends within a cell, up to half of one is too much or too little.
            summary.within(scene, "unclipped pixels off those made by hand, per pixel of outline", share, 0.5)


def outline_px(box: tuple[float, ...]) -> float:
    """A bound to how many pixels an outline in this box crosses, at least."""
    return max(2.0 * (box[2] - box[0] + box[3] - box[1]), 16.0)


def closed_forms(scene: int, drawn: Drawn, labels: FrameLabels, buffers: RenderBuffers, summary: Summary) -> None:
    """Boxes and balls by analytic rays: the same masks, depths, boxes and shares to a fraction of a pixel."""
    seen = drawn.camera
    exact = raycast.buffers(drawn.solids, seen)
    true = label(drawn.now, seen, exact, raycast.silhouettes(drawn.solids, seen))
    both = (exact.instance == buffers.instance) & (exact.instance > 0)
    depth = np.abs(exact.depth_m[both] - buffers.depth_m[both]) / exact.depth_m[both]
    if both.any():
        # A ball of facets lies up to a thousandth of its radius within the true one, more where it is seen edge-on.
        flat = np.isin(buffers.instance, [i + 1 for i, s in enumerate(drawn.solids) if len(s.size) == 3])
        plane = np.abs(exact.depth_m[both & flat] - buffers.depth_m[both & flat]) / exact.depth_m[both & flat]
        summary.within(scene, "relative depth of boxes off closed forms (99.9 %)", quantile(plane, 0.999), 1e-4)
        summary.within(scene, "relative depth of all off closed forms (99 %)", quantile(depth, 0.99), 5e-3)
    for one in labels.objects:
        other = true.of(one.name)
        if other is None:
            summary.within(scene, "pixels of an object without a closed form", one.amodal_pixels, 2)
            continue
        summary.counts["objects with a closed form"] += 1
        length = outline_px(other.bbox_amodal_unclipped)
        for name, mine, exactly in (
            ("amodal", one.amodal_pixels, other.amodal_pixels),
            ("visible", one.visible_pixels, other.visible_pixels),
        ):
            edge = length if name == "amodal" else 2 * length
            off = abs(mine - exactly) / edge
            summary.within(scene, f"{name} area off closed form, per pixel of outline", off, 0.12)
        for name in ("bbox_amodal", "bbox_visible"):
            mine, exactly = getattr(one, name), getattr(other, name)
            if mine is not None and exactly is not None and name == "bbox_amodal":
                summary.within(scene, f"px {name} off closed form", np.abs(np.subtract(mine, exactly)).max(), 1)
        if other.amodal_pixels > 200:
            limit = 3 * length / other.amodal_pixels * 0.12
            summary.within(scene, "occlusion off closed form", abs(one.occlusion - other.occlusion), max(limit, 0.002))
            if reaches_margin(seen, other.bbox_amodal_unclipped):
                continue  # what is drawn by rays ends there
            off = abs(one.truncation - other.truncation)
            summary.within(scene, "truncation off closed form", off, max(limit, 0.01))


def reaches_margin(seen: Camera, box: tuple[float, ...]) -> bool:
    """Whether a box goes as far as the analytic renderer's canvas: one image beyond the image."""
    width, height = seen.width_px, seen.height_px
    return box[0] <= -width or box[1] <= -height or box[2] >= 2 * width or box[3] >= 2 * height


def quantile(values: Array, share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else 0.0


def followed(scene: int, drawn: Drawn, buffers: RenderBuffers, forward: Flow, summary: Summary) -> None:
    """Depth and flow of some pixels against the triangle that their ray hits, followed by hand to the other instant."""
    assert buffers.node is not None
    rows, columns = np.nonzero((forward.state == FlowState.VISIBLE) & (buffers.instance > 0))
    if len(rows) == 0:
        return
    chosen = Key(7, scene).child("pixels").generator().choice(len(rows), min(HITS, len(rows)), replace=False)
    rows, columns = rows[chosen], columns[chosen]
    node = buffers.node[rows, columns]
    camera, camera_then = drawn.camera, drawn.camera_then
    for index in np.unique(node):
        at = node == index
        mesh = drawn.now.scene.nodes[index].mesh
        now, then = drawn.now.snapshot.world_from_node[index], drawn.then.snapshot.world_from_node[index]
        rays = np.stack(
            [
                (columns[at] - camera.cx_px) / camera.fx_px,
                (rows[at] - camera.cy_px) / camera.fy_px,
                np.ones(at.sum()),
            ],
            axis=1,
        )
        node_from_camera = inverse(now) @ camera.world_from_camera
        depth = buffers.depth_m[rows[at], columns[at]].astype(np.float64)
        snap_m = SNAP_PX * depth / camera.fx_px
        z, steep, sway = hit(mesh, node_from_camera, rays, depth, snap_m)
        found = np.isfinite(z)
        summary.counts["pixels hit by hand"] += int(found.sum())
        if not found.any():
            continue
        places = node_from_camera[:3, 3] + z[found, None] * (rays[found] @ node_from_camera[:3, :3].T)
        allowed = np.minimum(sway[found], SWAY)
        nudged = places + (z[found] * allowed)[:, None] * (rays[found] @ node_from_camera[:3, :3].T)
        (target, _), (other, _) = (camera_then.project(transform(then, p)) for p in (places, nudged))
        start = np.stack([columns[at][found], rows[at][found]], axis=-1)
        off = np.linalg.norm(target - start - forward.vector_px[rows[at][found], columns[at][found]], axis=1)
        off -= np.linalg.norm(other - target, axis=1)
        relative = np.abs(depth[found] - z[found]) / z[found] - allowed
        # The depth of a triangle seen edge-on runs metres within a pixel; what it hides is told by its slope.
        clear = (steep[found] < 20.0) & (sway[found] < SWAY)
        summary.counts["of which compared (on no sliver, not edge-on)"] += int(clear.sum())
        if clear.any():
            summary.within(scene, "relative depth off the triangle hit", float(relative[clear].max(initial=0.0)), 1e-3)
            summary.within(scene, "px flow off the point followed", float(off[clear].max(initial=0.0)), 0.05)


def hit(mesh: Mesh, node_from_camera: Array, rays: Array, near: Array, snap_m: Array) -> tuple[Array, Array, Array]:
    """Along each ray (P, 3; camera's frame, one along its axis) the hit closest to ``near`` (P,), NaN for none.

    A ray that passes a triangle by ``snap_m`` (P,) hits it too. Also how steeply the triangle is seen (1 is face on),
    and by what share of its depth the hit moves when a corner moves by GRID_PX across the triangle's long side.
    """
    origin, axis = node_from_camera[:3, 3], node_from_camera[:3, 2]
    directions = rays @ node_from_camera[:3, :3].T
    corners = mesh.vertices_m[mesh.faces].astype(np.float64)
    a, ab, ac = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(ab, ac)
    area = np.linalg.norm(normal, axis=1)
    longest = np.max([np.linalg.norm(e, axis=1) for e in (ab, ac, ac - ab)], axis=0)
    result = np.full(len(directions), np.nan)
    steep, sway = np.full((2, len(directions)), np.inf)
    for k, d in enumerate(directions):
        with np.errstate(divide="ignore", invalid="ignore"):
            p = np.cross(d, ac)
            scale = 1 / (ab * p).sum(axis=1)
            t = origin - a
            u = (t * p).sum(axis=1) * scale
            q = np.cross(t, ab)
            v = (q @ d) * scale
            z = (q * ac).sum(axis=1) * scale
            slope = area * np.linalg.norm(d) / np.maximum(np.abs(normal @ d), 1e-30)
            slack = np.minimum(snap_m[k] * slope * longest / np.maximum(area, 1e-30), 0.2) + 1e-9
            inside = (u >= -slack) & (v >= -slack) & (u + v <= 1 + slack) & (z > 0)
        if inside.any():
            i = np.flatnonzero(inside)[np.argmin(np.abs(z[inside] - near[k]))]
            result[k] = z[i]
            steep[k] = slope[i]
            turned = GRID_PX / SNAP_PX * snap_m[k] * slope[i] * longest[i] / max(area[i], 1e-30)
            sway[k] = turned * np.ptp((corners[i] - origin) @ axis) / z[i]
    return result, steep, sway


# Scenes


@lru_cache(maxsize=64)
def body_of(name: str) -> Body:
    built: Body = models.get(name)().build()
    return built


@lru_cache(maxsize=1)
def ball_mesh() -> Mesh:
    return sphere_mesh(1.0, 96, 192)


def of_one_part(mesh: Mesh, semantic: str) -> Body:
    low, high = mesh.vertices_m.min(axis=0).astype(float), mesh.vertices_m.max(axis=0).astype(float)
    center, size = 0.5 * (low + high), high - low
    return Body(
        semantic=semantic,
        asset=Asset(id="test", digest=mesh.digest, licence="Apache-2.0"),
        parts=(Part(name="all", mesh=mesh, material=GRAY),),
        rest=np.eye(4)[None],
        box_center_m=(float(center[0]), float(center[1]), float(center[2])),
        box_size_m=(float(size[0]), float(size[1]), float(size[2])),
    )


def eye(scene: int, rng: np.random.Generator) -> tuple[Camera, Camera]:
    """A camera at two instants: any field of view, height, tilt and principal point, and the picture's size."""
    size_px = SIZES_PX[scene % len(SIZES_PX)]
    height = rng.uniform(0.4, 3.5)
    at = camera_pose((0, 0, height), (10, rng.uniform(-3, 3), rng.uniform(-1, 3)))
    at = at @ pose(rotation=rotation_z(rng.normal(0, 0.08)))
    camera = Camera.from_fov(*size_px, rng.uniform(0.5, 1.9), at)
    camera = replace(camera, cx_px=camera.cx_px + rng.normal(0, 3), cy_px=camera.cy_px + rng.normal(0, 3))
    turn = rotation_rpy(*rng.normal(0, 0.01, 3))
    later = pose(rng.normal(0, 0.08, 3) + (0.3, 0, 0)) @ at @ pose(rotation=turn)
    return camera, replace(camera, world_from_camera=later)


def solids_scene(scene: int) -> Drawn:
    rng = Key(7, scene).child("solids").generator()
    camera, camera_then = eye(scene, rng)
    solids, moved = [], []
    for i in range(int(rng.integers(2, 12))):
        reach = rng.uniform(4.5, 30.0)
        middle = transform(
            camera.world_from_camera, (rng.uniform(-0.8, 0.8) * reach, rng.uniform(-0.4, 0.4) * reach, reach)
        )
        at = pose(middle, rotation_rpy(*rng.uniform(-np.pi, np.pi, 3)))
        size = (float(rng.uniform(0.1, 1.2)),) if rng.random() < 0.4 else tuple(map(float, rng.uniform(0.1, 3.0, 3)))
        solids.append(Solid(name=f"solid_{i}", size=size, world_from_solid=at, semantic="thing"))
        moved.append(at @ pose(rng.normal(0, 0.15, 3), rotation_rpy(*rng.normal(0, 0.1, 3))))
    if scene % 2 == 0:
        # A wall close by, of which most lies outside of the picture.
        close = Key(7, scene).child("wall").generator()
        size = tuple(map(float, close.uniform((2.0, 2.0, 0.1), (9.0, 6.0, 0.4))))
        at = camera.world_from_camera @ pose(
            close.uniform((-2.0, -1.5, 1.2), (2.0, 1.5, 3.0)), rotation_rpy(*close.normal(0, (0.15, 0.15, 0.5)))
        )
        solids.append(Solid(name="wall", size=size, world_from_solid=at, semantic="thing"))
        moved.append(at)
    views = []
    for poses in ([s.world_from_solid for s in solids], moved):
        bodies = []
        for s, at in zip(solids, poses, strict=True):
            mesh = box_mesh(s.size) if len(s.size) == 3 else scaled(ball_mesh(), s.size[0])
            bodies.append(Placed(name=s.name, body=of_one_part(mesh, "thing"), at=at))
        views.append(staged(Stage(fixtures=()), bodies, around=environment()))
    return Drawn(
        now=views[0],
        then=SceneView(scene=views[0].scene, snapshot=views[1].snapshot),
        camera=camera,
        camera_then=camera_then,
        solids=tuple(solids),
    )


def scaled(mesh: Mesh, factor: float) -> Mesh:
    return Mesh(vertices_m=mesh.vertices_m * np.float32(factor), normals=mesh.normals, faces=mesh.faces)


def models_scene(scene: int) -> Drawn:
    rng = Key(7, scene).child("models").generator()
    camera, camera_then = eye(scene, rng)
    placed, later, joints = (
        [Placed(name="ground", body=of_one_part(ground_mesh(), "road"), labelled=False)],
        [np.eye(4)],
        [[]],
    )
    for i in range(int(rng.integers(3, 10))):
        body = body_of(str(rng.choice(MODELS)))
        reach = rng.uniform(2.0, 40.0)
        at = pose((reach, rng.uniform(-0.9, 0.9) * reach, 0.0), rotation_z(rng.uniform(-np.pi, np.pi)))
        placed.append(Placed(name=f"{body.semantic}_{i}", body=body, at=at))
        later.append(pose(rng.normal(0, 0.3, 3) * (1, 1, 0)) @ at @ pose(rotation=rotation_z(rng.normal(0, 0.2))))
        rest = np.array(body.joint_rest)
        joints.append([rest + rng.normal(0, 0.15, len(rest)), rest + rng.normal(0, 0.15, len(rest))])
    view = staged(Stage(fixtures=()), placed, around=environment())
    snapshots = [posed(view, [p.at for p in placed], joints, 0), posed(view, later, joints, 1)]
    now, then = (SceneView(scene=view.scene, snapshot=s) for s in snapshots)
    return Drawn(now=now, then=then, camera=camera, camera_then=camera_then)


def posed(view: SceneView, poses: list[Array], joints: list[list[Array]], instant: int) -> Snapshot:
    nodes = []
    for entity, at, turned in zip(view.scene.entities, poses, joints, strict=True):
        parts = entity.body.pose_parts(turned[instant] if entity.body.joints else None)
        nodes += [at @ part for part in parts]
    return replace(view.snapshot, world_from_node=np.array(nodes), world_from_entity=np.array(poses))
