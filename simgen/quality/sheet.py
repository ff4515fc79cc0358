"""A contact sheet of asset models: each alone on neutral ground by day, seen from its front left, framed by its box."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array, camera_pose
from simgen.core.srgb import encoded
from simgen.rendering.protocol import Renderer
from simgen.scene.assembly import static_body
from simgen.scene.body import Asset, Body, Part
from simgen.scene.classes import semantic_class
from simgen.scene.environment import EnvironmentSpec, physical
from simgen.scene.mesh import Material, Mesh
from simgen.scene.scene import Entity, Node, Scene, SceneLamp, SceneView, Snapshot
from simgen.sensing.isp import tone

Picture = NDArray[np.uint8]

CELL_PX = (320, 288)
CAPTION_PX = 40
AZIMUTH_RAD, ELEVATION_RAD, FOV_RAD = 0.62, 0.33, 0.5
"""Of the eye, seen from the body: to its left from straight ahead, and over the horizon; and across the picture."""
GROUND_ALBEDO = 0.13
WHITE = 0.8
"""Share of the picture's range that a level, sunlit white sheet takes before the tone curve."""
_FINE = 2
"""Cells are drawn that much larger, and averaged down."""
_DAY = EnvironmentSpec(time_of_day=10.5, day_of_year=200, cloud_cover=0.15, road_heading=1.65)
_PAPER = (247, 247, 245)


def scene_of(body: Body, ground_m: float) -> SceneView:
    """The body as instance 1 in the middle of a square of ground with half side ``ground_m``."""
    g = ground_m
    mesh = Mesh.flat([(-g, -g, 0), (g, -g, 0), (g, g, 0), (-g, g, 0)], [(0, 1, 2), (0, 2, 3)])
    grey = Material(name="neutral_ground", base_color=(GROUND_ALBEDO,) * 3, roughness=0.95)
    asset = Asset(id="simgen/neutral_ground", digest=mesh.digest, licence="Apache-2.0")
    floor = static_body("floor", asset, [Part(name="ground", mesh=mesh, material=grey)])
    entities, nodes, poses = [], list[Node](), list[Array]()
    for index, (name, each) in enumerate((("ground", floor), ("model", body))):
        entities.append(
            Entity(
                name=name,
                model=name,
                body=each,
                instance_id=index,
                semantic_id=semantic_class(each.semantic).id,
                first_node=len(nodes),
                first_joint=0,
                static=index == 0,
            )
        )
        nodes += [Node(name=f"{name}/{p.name}", entity=index, mesh=p.mesh, material=p.material) for p in each.parts]
        poses += list(each.rest)
    names = {part.name: entities[1].first_node + i for i, part in enumerate(body.parts)}
    lamps = tuple(
        SceneLamp(name=f"model.{lamp.name}", entity=1, node=names.get(lamp.part, -1), lamp=lamp) for lamp in body.lamps
    )
    still = np.zeros((2, 3))
    return SceneView(
        scene=Scene(
            entities=tuple(entities),
            nodes=tuple(nodes),
            lamps=lamps,
            joint_names=tuple(body.joints),
            road=None,
            indoor=False,
            ground="asphalt",
        ),
        snapshot=Snapshot(
            tick=0,
            step=0,
            time_s=0.0,
            world_from_node=np.array(poses),
            world_from_entity=np.tile(np.eye(4), (2, 1, 1)),
            velocity_mps=still,
            angular_velocity_radps=still.copy(),
            joints=np.array(body.joint_rest, dtype=np.float64),
            present=np.ones(2, dtype=np.bool_),
            lamp_power=np.array([float(lamp.lamp.on and lamp.lamp.signal) for lamp in lamps]),
            environment=physical(_DAY),
        ),
    )


def framing(body: Body, width_px: int, height_px: int) -> Camera:
    """A camera that has the whole box in the picture, with a margin."""
    center, size = np.array(body.box_center_m), np.array(body.box_size_m)
    corners = center + 0.5 * size * np.array([(i, j, k) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)])
    away = np.array(
        [
            np.cos(ELEVATION_RAD) * np.cos(AZIMUTH_RAD),
            np.cos(ELEVATION_RAD) * np.sin(AZIMUTH_RAD),
            np.sin(ELEVATION_RAD),
        ]
    )
    tangent = np.tan(FOV_RAD / 2)
    limits = 0.88 * np.array([tangent, tangent * height_px / width_px])
    turn = camera_pose(center + away, center)[:3, :3]
    local = (corners - center) @ turn
    # A corner at (x, y, z) is in the picture from a distance d when |x| <= limit * (z + d), for x and y.
    distance = float((np.abs(local[:, :2]) / limits - local[:, 2:]).max())
    # Seen in perspective, the box does not lie in the middle: shift the eye until its margins are equal.
    target = center.copy()
    for _ in range(6):
        seen = (corners - (target + distance * away)) @ turn
        slope = seen[:, :2] / seen[:, 2:]
        off = 0.5 * (slope.max(axis=0) + slope.min(axis=0))
        target += distance * (turn[:, :2] @ off)
        half = 0.5 * (slope.max(axis=0) - slope.min(axis=0))
        distance *= max(float((half / limits).max()), 0.2)
    return Camera.from_fov(
        width_px,
        height_px,
        FOV_RAD,
        camera_pose(target + distance * away, target),
        near_m=0.05 * distance,
        far_m=400.0 * distance,
    )


def portrait(body: Body, renderer: Renderer, width_px: int, height_px: int) -> Picture:
    """(height, width, 3) sRGB of one body."""
    camera = framing(body, width_px * _FINE, height_px * _FINE)
    reach = float(np.linalg.norm(camera.world_from_camera[:3, 3]))
    view = scene_of(body, 40.0 * reach)
    radiance = renderer.render(view, camera).radiance.astype(np.float32)
    light = view.snapshot.environment
    sky = 0.5 * np.pi * (light.sky_zenith_cd_m2 + light.sky_horizon_cd_m2)
    lux = float(np.mean(light.sun_illuminance_lux * max(float(light.sun_direction[2]), 0.0) + sky))
    linear = radiance * (WHITE * np.pi / lux)
    shown = encoded(tone(linear, 4.0))
    small = cv2.resize(shown.astype(np.float32), (width_px, height_px), interpolation=cv2.INTER_AREA)
    return np.round(255.0 * np.clip(small, 0.0, 1.0)).astype(np.uint8)


def contact_sheet(bodies: Sequence[tuple[str, Body]], renderer: Renderer, *, columns: int = 6) -> Picture:
    """(H, W, 3) sRGB: one cell per body with its name and size, row by row."""
    width, height = CELL_PX
    rows = -(-len(bodies) // columns)
    sheet = np.empty((rows * (height + CAPTION_PX), min(columns, len(bodies)) * width, 3), dtype=np.uint8)
    sheet[:] = _PAPER
    for k, (name, body) in enumerate(bodies):
        x, y = k % columns * width, k // columns * (height + CAPTION_PX)
        sheet[y : y + height, x + 2 : x + width - 2] = portrait(body, renderer, width - 4, height)
        size = " x ".join(f"{s:.2f}" for s in body.box_size_m) + " m"
        _write(sheet, name, (x + 8, y + height + 17), 0.5, (20, 20, 22))
        _write(sheet, f"{body.semantic}, {size}", (x + 8, y + height + 33), 0.38, (100, 100, 104))
    return sheet


def _write(sheet: Picture, text: str, corner: tuple[int, int], scale: float, color: tuple[int, int, int]) -> None:
    (wide, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    fitted = scale * min(1.0, (CELL_PX[0] - 16) / wide)
    cv2.putText(sheet, text, corner, cv2.FONT_HERSHEY_SIMPLEX, fitted, color, 1, cv2.LINE_AA)
