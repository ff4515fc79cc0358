"""How cost grows with objects, pixels, lamps, cameras and workers, each against the smallest of its kind."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.alone import alone
from benchmarks.row import Row, compared

OBJECTS, LAMPS, CAMERAS, WORKERS = (10, 100, 1000), (1, 10, 50), (1, 2, 4), (1, 2)
PICTURES = {"vga": (640, 480), "hd": (1280, 720), "full_hd": (1920, 1080), "4k": (3840, 2160)}
TIMES = 3
EPISODES = 4
STATIC = ("sensors.front.camera.resolution=[320, 180]", "sensors.front.camera.rate=20 Hz")

Shots = Mapping[str, tuple[float, float]]
"""By case: CPU seconds of a labelled frame, and of its silhouettes and labels."""


def _scene(objects: int, lamps: int = 0) -> object:
    """Balls on a plain by day, or at night under lamps."""
    from simgen.core.geometry import pose
    from simgen.scene.body import Lamp
    from tests.rendering.scenes import Thing, environment, ground_mesh, sphere_mesh, view

    rng = np.random.default_rng(3)
    ball = sphere_mesh(0.4, 10, 14)
    at = zip(rng.uniform(8, 80, objects), rng.uniform(-25, 25, objects), strict=True)
    things = [Thing(mesh=ground_mesh(200.0), labelled=False, static=True)]
    things += [Thing(mesh=ball, at=pose((x, y, 0.4))) for x, y in at]
    posts = zip(np.linspace(8, 80, lamps), np.resize((-6.0, 6.0), lamps), strict=True)
    bulb = Lamp(name="bulb", position_m=(0.0, 0.0, -0.2), intensity_cd=2500.0, inner_rad=0.9, outer_rad=1.2)
    small = sphere_mesh(0.1, 6, 8)
    things += [Thing(mesh=small, at=pose((x, y, 7.0)), labelled=False, static=True, lamps=(bulb,)) for x, y in posts]
    return view(things, around=environment(time_of_day=0.0) if lamps else None)


def _camera(width_px: int, height_px: int, y_m: float = 0.0) -> object:
    from simgen.core.camera import Camera
    from simgen.core.geometry import camera_pose

    return Camera.from_fov(width_px, height_px, 1.2, camera_pose((0, y_m, 4), (20, y_m, 0)))


def shots(cases: Mapping[str, tuple[object, Sequence[object]]]) -> Shots:
    """Each case's view by all of its cameras: the best of several, round by round."""
    from simgen.labels import label
    from simgen.rendering import select_renderer

    best = dict.fromkeys(cases, (np.inf, np.inf))
    with select_renderer() as renderer:
        for name, (view, cameras) in cases.items():
            for turn in range(TIMES + 1):
                whole, marked = time.process_time(), 0.0
                for camera in cameras:
                    buffers = renderer.render(view, camera)  # type: ignore[arg-type]
                    began = time.process_time()
                    alone_ = renderer.silhouettes(view, camera, view.labelled_ids())  # type: ignore[arg-type,attr-defined]
                    label(view, camera, buffers, alone_)  # type: ignore[arg-type]
                    marked += time.process_time() - began
                if turn:
                    best[name] = min(best[name], (time.process_time() - whole, marked))
    return best


def with_objects() -> Shots:
    return shots({str(n): (_scene(n), (_camera(1280, 720),)) for n in OBJECTS})


def with_pixels() -> Shots:
    scene = _scene(30)
    return shots({name: (scene, (_camera(*size),)) for name, size in PICTURES.items()})


def with_lamps() -> Shots:
    return shots({str(n): (_scene(30, n), (_camera(1280, 720),)) for n in LAMPS})


def with_cameras() -> Shots:
    scene = _scene(30)
    return shots({str(n): (scene, [_camera(640, 360, 0.5 * i) for i in range(n)]) for n in CAMERAS})


def frames_per_s(workers: int) -> float:
    """Of the command line with so many workers, in the wall time of the whole command."""
    import json

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "simgen", "render", "child_chases_ball", "--count", str(EPISODES)]
        command += ["--seed", "7", "--workers", str(workers), "--out", str(Path(folder) / "out"), "--json"]
        command += [word for change in STATIC for word in ("--set", change)]
        began = time.perf_counter()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        spent = time.perf_counter() - began
    return float(json.loads(done.stdout)["frames"]) / spent


def _rows(kind: str, found: Shots, labels: bool = False) -> list[Row]:
    first = next(iter(found))
    rows = []
    for name, (whole, marked) in found.items():
        if name == first:
            rows.append(Row(name=f"scaling.{kind}_{name}", value=1000 * whole, unit="ms/frame"))
        else:
            against, base = f"scaling.{kind}_{first}", 1000 * found[first][0]
            rows.append(compared(f"scaling.{kind}_{name}", 1000 * whole, "ms/frame", against, base))
        if labels:
            rows.append(compared(f"scaling.{kind}_{name}.labels", 1000 * marked, "ms/frame", "its frame", 1000 * whole))
    return rows


SWEEPS: dict[str, Callable[[], Shots]] = {
    "objects": with_objects,
    "pixels": with_pixels,
    "lamps": with_lamps,
    "cameras": with_cameras,
}


def bench_scaling() -> list[Row]:
    """CPU time of labelled frames, and wall time of the command line with one worker and two."""
    rows = []
    for kind, sweep in SWEEPS.items():
        rows += _rows(kind, alone(sweep), labels=kind == "objects")
    one, *more = [frames_per_s(n) for n in WORKERS]
    rows.append(Row(name="scaling.workers_1", value=one, unit="frames/s"))
    for n, rate in zip(WORKERS[1:], more, strict=True):
        rows.append(compared(f"scaling.workers_{n}", rate, "frames/s", "scaling.workers_1", one, "higher"))
    return rows
