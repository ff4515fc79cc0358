"""Walking and running: feet that stand do not slide, and steps come at a human pace."""

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.scene.body import Body
from simgen.scene.models.gait import Gait

STEPS = 120


@pytest.fixture(scope="module", params=["pedestrian.adult", "pedestrian.child"])
def person(request: pytest.FixtureRequest) -> Body:
    body: Body = vocabulary.models.get(request.param)().build()
    return body


def _sole(body: Body, side: str, speed_mps: float) -> np.ndarray:
    """(K, 2, 3) heel and toe of the sole over one stride, in the world, walked along +x."""
    assert isinstance(body.gait, Gait) and body.articulate is not None
    legs, stride = body.gait.legs, body.gait.stride_m(speed_mps)
    k = [p.name for p in body.parts].index(f"{side}_foot_soles")
    points = np.array([[legs.heel_m, 0.0, -legs.ankle_m], [legs.toe_m, 0.0, -legs.ankle_m]])
    track = []
    for s in np.linspace(0.0, 1.5, STEPS + 1) * stride:
        pose = body.articulate(body.gait(float(s), speed_mps))[k]
        track.append(points @ pose[:3, :3].T + pose[:3, 3] + (s, 0.0, 0.0))
    return np.array(track)


@pytest.mark.parametrize("speed", [0.5, 1.3, 1.9, 3.5, 4.5])
@pytest.mark.parametrize("side", ["left", "right"])
def test_standing_feet_do_not_slide(person: Body, side: str, speed: float) -> None:
    track = _sole(person, side, speed)
    down = track[..., 2] < 0.003
    worst = slid = 0.0
    for k in range(STEPS):
        both = down[k] & down[k + 1]
        slid = slid + float(np.abs(track[k + 1, both, 0] - track[k, both, 0]).min()) if both.any() else 0.0
        worst = max(worst, slid)
    assert worst < 0.02
    assert track[..., 2].min() > -0.003, "no foot sinks into the ground"
    assert 0.2 < down.any(axis=1).mean() < 0.8, "each foot stands for a while and swings for a while"


@pytest.mark.parametrize("speed", [1.3, 3.5])
def test_someone_walks_and_flies_in_running(person: Body, speed: float) -> None:
    """In walking a foot is always down; in running there are moments without."""
    down = [(_sole(person, side, speed)[..., 2] < 0.006).any(axis=1) for side in ("left", "right")]
    grounded = (down[0] | down[1]).mean()
    assert grounded > 0.97 if speed < 2 else grounded < 0.9


def test_adults_step_at_a_human_pace() -> None:
    gait = vocabulary.models.get("pedestrian.adult")().build().gait
    assert isinstance(gait, Gait)
    for speed, low, high in ((1.3, 1.75, 2.05), (3.5, 2.6, 3.1)):
        assert low < 2 * speed / gait.stride_m(speed) < high


def test_notes_give_the_stride(person: Body) -> None:
    assert isinstance(person.gait, Gait)
    for speed in (0.5, 2.0, 4.0):
        affine = person.notes["stride_base_m"] + person.notes["stride_per_speed_s"] * speed
        assert affine == pytest.approx(person.gait.stride_m(speed))


def test_gait_is_periodic_and_continuous(person: Body) -> None:
    gait = person.gait
    assert isinstance(gait, Gait)
    for speed in (1.3, 3.5):
        stride = gait.stride_m(speed)
        joints = np.array([gait(float(d), speed) for d in np.linspace(0, stride, 241)])
        assert np.allclose(joints[0], joints[-1], atol=1e-9)
        assert np.abs(np.diff(joints, axis=0)).max() < 0.16
    stops = np.array([gait(1.0, float(v)) for v in np.linspace(0, 0.4, 200)])
    assert np.allclose(stops[0], person.joint_rest)
    assert np.abs(np.diff(stops, axis=0)).max() < 0.05


def test_knees_and_elbows_bend_the_human_way(person: Body) -> None:
    assert isinstance(person.gait, Gait)
    for speed in (0.8, 1.3, 2.2, 3.5, 4.5):
        stride = person.gait.stride_m(speed)
        joints = np.array([person.gait(float(d), speed) for d in np.linspace(0, stride, 60)])
        for name in ("left_knee", "right_knee", "left_elbow", "right_elbow"):
            angle = joints[:, person.joints.index(name)]
            assert angle.min() > -0.02
            assert angle.max() < 2.5
        lean = joints[:, person.joints.index("torso_pitch")]
        assert 0 < lean.mean() < 0.4


@pytest.mark.parametrize(
    ("name", "heights"), [("pedestrian.adult", (1.5, 1.75, 1.98)), ("pedestrian.child", (0.95, 1.15, 1.4))]
)
def test_people_are_as_tall_as_asked(name: str, heights: tuple[float, ...]) -> None:
    for height in heights:
        body = vocabulary.models.get(name)(height=height).build()
        assert body.box_size_m[2] == pytest.approx(height, abs=2e-3)
        assert body.notes["eye_height_m"] < height


def test_a_shoe_stands_flat_from_heel_to_toe_and_covers_its_sole(person: Body) -> None:
    assert isinstance(person.gait, Gait)
    upper, sole = (
        next(p.mesh.vertices_m for p in person.parts if p.name == f"left_foot_{n}") for n in ("shoes", "soles")
    )
    for x in np.unique(sole[:, 0]):
        own, over = (part[np.isclose(part[:, 0], x)][:, 2] for part in (sole, upper))
        assert over.max() > own.max()
        if person.gait.legs.heel_m <= x <= person.gait.legs.toe_m:
            assert own.min() == pytest.approx(-person.gait.legs.ankle_m, abs=1e-3)


@pytest.mark.parametrize("speed", [1.3, 2.2, 3.5, 5.0])
@pytest.mark.parametrize("clothes", [{"outer": "coat"}, {"legwear": "skirt"}])
def test_thighs_stay_under_skirt_and_coat(clothes: dict[str, str], speed: float) -> None:
    """In every phase, seen along rays from the sides and from front and back, cloth lies before the upper thighs."""
    body = vocabulary.models.get("pedestrian.adult")(**clothes).build()
    assert isinstance(body.gait, Gait) and body.articulate is not None
    stride = body.gait.stride_m(speed)
    cloth = [k for k, p in enumerate(body.parts) if p.name.startswith(("drape_", "pelvis_"))]
    thighs = [k for k, p in enumerate(body.parts) if "_thigh_" in p.name]
    for phase in np.arange(8) / 8:
        poses = body.articulate(body.gait(float(phase * stride), speed))
        triangles = np.concatenate([_placed(body, k, poses[k])[body.parts[k].mesh.faces] for k in cloth])
        for k in thighs:
            local = body.parts[k].mesh.vertices_m.astype(np.float64)
            upper = local[:, 2] > -0.7 * body.gait.legs.thigh_m
            points = _placed(body, k, poses[k])[upper]
            for way in ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, -1.0, 0.0)):
                assert _hidden(points, np.array(way), triangles).all(), f"phase {phase}, {body.parts[k].name}, {way}"


def _placed(body: Body, part: int, pose: np.ndarray) -> np.ndarray:
    points: np.ndarray = body.parts[part].mesh.vertices_m @ pose[:3, :3].T + pose[:3, 3]
    return points


def _hidden(points: np.ndarray, way: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(P,) whether the ray from each point along an axis meets a triangle (Möller & Trumbore 1997)."""
    a, ab, ac = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    h = np.cross(way, ac)
    det = np.einsum("ti,ti->t", ab, h)
    ok = np.abs(det) > 1e-12
    a, ab, ac, h, det = a[ok], ab[ok], ac[ok], h[ok], det[ok]
    s = points[:, None] - a
    u = np.einsum("pti,ti->pt", s, h) / det
    q = np.cross(s, ab)
    v = q @ way / det
    t = np.einsum("pti,ti->pt", q, ac) / det
    met: np.ndarray = ((u >= 0) & (v >= 0) & (u + v <= 1) & (t >= -1e-9)).any(axis=1)
    return met
