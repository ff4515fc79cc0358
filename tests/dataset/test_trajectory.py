from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from simgen.core.errors import DatasetFault
from simgen.dataset.trajectory import Trajectory, TrajectoryRecorder
from simgen.scene.environment import Environment
from simgen.scene.scene import Snapshot
from tests.dataset import small

ARRAYS = [f.name for f in fields(Snapshot) if isinstance(getattr(small.snapshot(0), f.name), np.ndarray)]


def record(path: Path, ticks: range) -> list[Snapshot]:
    recorder = TrajectoryRecorder()
    snapshots = [small.snapshot(tick) for tick in ticks]
    for snapshot in snapshots:
        recorder.add(snapshot)
    path.write_bytes(recorder.to_bytes())
    return snapshots


def test_snapshots_come_back_to_the_bit(tmp_path: Path) -> None:
    snapshots = record(tmp_path / "t.npz", range(12))
    trajectory = Trajectory.read(tmp_path / "t.npz")
    assert len(trajectory) == 12
    for snapshot in snapshots:
        again = trajectory.snapshot(snapshot.tick)
        for name in ARRAYS:
            value, other = getattr(snapshot, name), getattr(again, name)
            assert (value.dtype, value.shape, value.tobytes()) == (other.dtype, other.shape, other.tobytes()), name
        assert (again.step, again.time_s, again.state_digest) == (snapshot.step, snapshot.time_s, snapshot.state_digest)
        assert again.events == snapshot.events
        assert [dict(e.values) for e in again.effects] == [dict(e.values) for e in snapshot.effects]
        for item in fields(Environment):
            assert np.array_equal(getattr(again.environment, item.name), getattr(snapshot.environment, item.name))
    assert not trajectory.snapshot(3).world_from_node.flags.writeable


def test_negative_zero_is_kept(tmp_path: Path) -> None:
    recorder = TrajectoryRecorder()
    for tick, zero in enumerate((0.0, -0.0)):
        snapshot = small.snapshot(tick)
        velocity = snapshot.velocity_mps.copy()
        velocity[0, 0] = zero
        values = {f.name: getattr(snapshot, f.name) for f in fields(Snapshot)}
        recorder.add(Snapshot(**{**values, "velocity_mps": velocity}))
    (tmp_path / "t.npz").write_bytes(recorder.to_bytes())
    trajectory = Trajectory.read(tmp_path / "t.npz")
    assert [bool(np.signbit(trajectory.snapshot(t).velocity_mps[0, 0])) for t in (0, 1)] == [False, True]


def test_what_stands_still_is_stored_once(tmp_path: Path) -> None:
    record(tmp_path / "t.npz", range(12))
    with np.load(tmp_path / "t.npz") as archive:
        assert archive["world_from_node.rows"].tolist() == [1]
        assert archive["world_from_node.values"].shape == (12, 1, 4, 4)


def test_the_same_tick_twice_counts_once_and_time_never_runs_back(tmp_path: Path) -> None:
    recorder = TrajectoryRecorder()
    recorder.add(small.snapshot(3))
    recorder.add(small.snapshot(3))
    with pytest.raises(ValueError, match="tick 2 after that of tick 3"):
        recorder.add(small.snapshot(2))
    (tmp_path / "t.npz").write_bytes(recorder.to_bytes())
    trajectory = Trajectory.read(tmp_path / "t.npz")
    assert trajectory.ticks.tolist() == [3]
    with pytest.raises(KeyError):
        trajectory.snapshot(4)


@pytest.mark.parametrize("damage", [b"", b"PK", b"not an archive"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "t.npz").write_bytes(damage)
    with pytest.raises(DatasetFault, match=r"t\.npz: not a readable trajectory"):
        Trajectory.read(tmp_path / "t.npz")
