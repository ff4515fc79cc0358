"""A user's files, made by formula: a painted box with a textured plane (GLB), a box (OBJ), a wedge (STL), a URDF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import trimesh
from PIL import Image

CATALOGUE = """\
simgen: 1
catalogue: bench
models:
  my.crate: {file: crate.glb, class: box, licence: CC0-1.0, size: 20 cm, mass: 1.5 kg}
  my.brick: {file: brick.obj, class: thing, licence: MIT, scale: 0.01, mass: 0.8 kg, friction: 0.7}
  my.wedge: {file: wedge.stl, class: tool, licence: CC-BY-4.0, scale: 0.001, mass: 300 g, restitution: 0.2}
  my.lift: {file: lift.urdf, class: robot, licence: Apache-2.0, fixed: true}
"""

SCENARIO = """\
simgen: 1
scenario: own_things
assets: [catalogue.yaml]
setting: {room: tabletop}
environment: {lighting: indoor}
randomize: none
actors:
  crate: {model: my.crate, at: {position: [0.15 m, 0.15 m, 0.75 m]}}
  brick: {model: my.brick, at: {on: mat}}
  wedge: {model: my.wedge, mass: 0.5 kg, at: {on: mat}}
  lift: {model: my.lift, at: {position: [0.20 m, -0.25 m, 0.75 m]}}
sensors:
  eye:
    camera:
      mount: world
      position: [1.20 m, 0 m, 1.45 m]
      look_at: [0.30 m, 0 m, 0.78 m]
      resolution: [96, 72]
      fov: 50 deg
      rate: 5 Hz
end: time > 0.4 s
"""

URDF = """\
<robot name="lift">
  <material name="blue"><color rgba="0.1 0.2 0.8 1"/></material>
  <link name="post">
    <inertial><mass value="2"/><inertia ixx="0.01" iyy="0.01" izz="0.01" ixy="0" ixz="0" iyz="0"/></inertial>
    <visual><geometry><box size="0.06 0.06 0.2"/></geometry><material name="blue"/></visual>
    <collision><geometry><box size="0.06 0.06 0.2"/></geometry></collision>
  </link>
  <link name="arm">
    <inertial><origin xyz="0.06 0 0"/><mass value="0.3"/>
      <inertia ixx="0.001" iyy="0.001" izz="0.001" ixy="0" ixz="0" iyz="0"/></inertial>
    <visual><origin xyz="0.06 0 0"/><geometry><cylinder radius="0.02" length="0.1"/></geometry></visual>
    <collision><origin xyz="0.06 0 0"/><geometry><cylinder radius="0.02" length="0.1"/></geometry></collision>
  </link>
  <joint name="hinge" type="continuous">
    <parent link="post"/><child link="arm"/><origin xyz="0 0 0.12"/><axis xyz="0 0 1"/>
  </joint>
</robot>
"""


def write(folder: Path, catalogue: str = CATALOGUE, scenario: str = SCENARIO) -> Path:
    """Writes all files; the path of the scenario."""
    box = trimesh.creation.box((0.4, 0.3, 0.2))
    box.visual.face_colors = [200, 40, 30, 255]
    checks = np.kron(np.indices((3, 5)).sum(axis=0) % 2, np.ones((20, 20))).astype(np.uint8) * 200 + 40
    picture = Image.fromarray(np.stack([checks, checks, 255 - checks], axis=-1))
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=picture, baseColorFactor=[255, 255, 255, 255], roughnessFactor=0.35, metallicFactor=0.25
    )
    plane = trimesh.Trimesh(
        vertices=[(-0.2, 0, 0.15), (0.2, 0, 0.15), (0.2, 0, -0.15), (-0.2, 0, -0.15)],
        faces=[(0, 1, 2), (0, 2, 3)],
        process=False,
        visual=trimesh.visual.TextureVisuals(uv=[(0, 0), (1, 0), (1, 1), (0, 1)], material=material),
    )
    scene = trimesh.Scene()
    scene.add_geometry(box, node_name="box", transform=trimesh.transformations.rotation_matrix(-np.pi / 2, (1, 0, 0)))
    above = np.eye(4)
    above[:3, 3] = (0.0, 0.17, 0.0)
    scene.add_geometry(plane, node_name="plane", transform=above)
    (folder / "crate.glb").write_bytes(scene.export(file_type="glb"))
    (folder / "brick.obj").write_text(trimesh.creation.box((12, 8, 6)).export(file_type="obj"))
    wedge = trimesh.convex.convex_hull([(0, 0, 0), (120, 0, 0), (0, 60, 0), (120, 60, 0), (0, 0, 50), (0, 60, 50)])
    (folder / "wedge.stl").write_bytes(wedge.export(file_type="stl"))
    (folder / "lift.urdf").write_text(URDF)
    (folder / "catalogue.yaml").write_text(catalogue)
    path = folder / "scenario.yaml"
    path.write_text(scenario)
    return path
