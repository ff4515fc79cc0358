"""The environments: gymnasium's own checks, equal worlds for equal seeds, and what an agent can bring about."""

from __future__ import annotations

import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from simgen.core.errors import SimgenError
from simgen.envs import SCENARIOS
from simgen.envs.driving import DrivingEnv
from simgen.envs.observation import SIZE
from simgen.language import library
from simgen.simulation.conditions import sight

STRAIGHT_ON = np.array([0.0, 0.3], dtype=np.float32)
BRAKE = np.array([0.0, -1.0], dtype=np.float32)


@pytest.fixture(scope="module")
def env():
    made = DrivingEnv()
    yield made
    made.close()


def rollout(env: gymnasium.Env, seed: int, steps: int) -> list:
    env.action_space.seed(seed)
    observation, info = env.reset(seed=seed)
    trace = [observation, info]
    for _ in range(steps):
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        trace += [observation, reward, terminated, truncated, info]
        if terminated or truncated:
            break
    return trace


def assert_equal(a: object, b: object) -> None:
    if isinstance(a, np.ndarray):
        assert np.array_equal(a, b)
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_equal(x, y)
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_equal(a[key], b[key])
    else:
        assert a == b


@pytest.mark.parametrize("observation", ["state", "camera"])
def test_gymnasium_accepts_it(observation):
    # One road for all episodes, and a bare one: building a new one for each of the checker's resets, and drawing all of
    # a street, is not what is checked.
    made = gymnasium.make(
        "simgen/BlackIce-v0",
        observation=observation,
        resolution=(64, 36),
        overrides=("randomize=none", "setting.trees=0"),
        disable_env_checker=True,
    )
    check_env(made.unwrapped, skip_render_check=True)
    made.close()


@pytest.mark.parametrize("id", SCENARIOS)
def test_every_one_can_be_driven(id):
    made = gymnasium.make(id, disable_env_checker=True)
    observation, info = made.reset(seed=5)
    assert info["scenario"] == SCENARIOS[id]
    # Nothing of the story comes within a second, and who goes straight on stays on the road.
    for _ in range(10):
        observation, reward, terminated, truncated, info = made.step(np.zeros(2, dtype=np.float32))
        assert made.observation_space.contains(observation)
        assert not terminated and not truncated and 0.0 < reward <= 0.1
    made.close()


def test_every_driving_scenario_of_the_library_has_an_id():
    assert set(SCENARIOS.values()) == {name for name, file in library.files().items() if file.parent.name == "driving"}


@pytest.mark.parametrize("before", ["import gymnasium", "import gymnasium, simgen", "import simgen, gymnasium"])
def test_it_is_found_by_its_module(before):
    program = f"{before}\nprint(gymnasium.make('simgen:simgen/DartOut-v0').observation_space.shape)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"({SIZE},)\n"


def test_equal_seeds_give_equal_rollouts_also_after_other_episodes(env):
    other = DrivingEnv()
    rollout(other, 3, 5)
    assert_equal(rollout(env, 11, 25), rollout(other, 11, 25))
    other.close()


def test_camera_and_state_come_together():
    made = DrivingEnv(observation=("state", "camera"), resolution=(64, 36), render_mode="rgb_array")
    observation, _ = made.reset(seed=1, options={"index": 0})
    assert made.observation_space.contains(observation)
    assert observation["camera"].std() > 1.0
    assert made.render().shape == (36, 64, 3)
    made.close()


def test_the_pedals_do_what_they_say(env):
    env.reset(seed=1, options={"index": 0})
    observation, *_ = env.step(BRAKE)
    for _ in range(3):
        slower, *_, info = env.step(BRAKE)
    assert slower[0] < observation[0]
    assert info["reward_terms"].keys() == {"progress", "comfort", "lane", "offroad", "collision"}


def test_driving_on_blindly_hits_somebody_and_says_so(env):
    reasons = set()
    for index in range(2):
        env.reset(seed=1, options={"index": index})
        total = 0.0
        for _ in range(160):
            _, reward, terminated, truncated, info = env.step(STRAIGHT_ON)
            total += reward
            if terminated or truncated:
                break
        assert info["termination_reason"]
        assert "scenario_digest" in info
        reasons.add(info["termination_reason"])
        if info["termination_reason"] == "collision":
            assert terminated
            assert info["cost"] >= 1.0
            assert total < 0
    assert "collision" in reasons


def test_parameters_can_be_fixed(env):
    _, info = env.reset(seed=1, options={"index": 2, "parameters": {"ego_speed": "36 km/h"}})
    observation, *_ = env.step(np.zeros(2, dtype=np.float32))
    assert observation[0] * 30.0 == pytest.approx(10.0, abs=0.1)
    assert all(d["path"] != "parameters.ego_speed" for d in info["draws"])


def test_a_step_before_a_reset_and_a_wrong_observation_are_told():
    for wrong in ("radar", ("state", "radar"), None, 5):
        with pytest.raises(SimgenError, match="not one of"):
            DrivingEnv(observation=wrong)
    with pytest.raises(SimgenError, match="no observation"):
        DrivingEnv(observation=())
    made = DrivingEnv()
    with pytest.raises(gymnasium.error.ResetNeeded):
        made.step(STRAIGHT_ON)
    made.close()


@pytest.mark.parametrize(
    "action",
    [
        np.array([np.nan, 0], np.float32),
        np.array([0, np.inf], np.float32),
        np.zeros(7, np.float32),
        np.zeros((2, 1)),
        np.float32(0),
        None,
        "left",
    ],
    ids=repr,
)
def test_an_action_that_is_none_is_told_and_changes_nothing(env, action):
    env.reset(seed=1, options={"index": 0})
    with pytest.raises(gymnasium.error.InvalidAction, match="two finite numbers, steer and pedal"):
        env.step(action)
    after_fault = env.step(STRAIGHT_ON)
    env.reset(seed=1, options={"index": 0})
    assert_equal(after_fault, env.step(STRAIGHT_ON))


def test_an_action_beyond_the_bounds_counts_as_the_nearest_within(env):
    env.reset(seed=1, options={"index": 0})
    beyond = env.step(np.array([3.0, -1e9], np.float32))
    env.reset(seed=1, options={"index": 0})
    assert_equal(beyond, env.step(np.array([1.0, -1.0], np.float32)))


def test_an_episode_that_is_over_asks_for_a_reset(env):
    env.reset(seed=1, options={"index": 0})
    over = False
    while not over:
        _, _, terminated, truncated, _ = env.step(STRAIGHT_ON)
        over = terminated or truncated
    with pytest.raises(gymnasium.error.ResetNeeded, match="the episode is over"):
        env.step(STRAIGHT_ON)
    env.reset(seed=1, options={"index": 0})
    env.step(STRAIGHT_ON)


def test_what_the_scenario_expects_costs_an_agent_nothing_and_changes_no_provenance(env, monkeypatch):
    looked = []
    monkeypatch.setattr(sight, "visible_pixels", lambda *args: looked.append(args) or 0.0)
    _, info = env.reset(seed=4)
    env.step(STRAIGHT_ON)
    assert not looked
    assert info["scenario_digest"] == env._concrete.digest() and env._concrete.expect
