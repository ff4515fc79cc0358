"""An agent at the wheel of one vehicle of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from simgen.core import vocabulary
from simgen.core.errors import SimgenError
from simgen.core.seeds import SAMPLES, Key
from simgen.envs.observation import RAYS, SIZE, scan, state
from simgen.envs.reward import outcome
from simgen.language import load
from simgen.rendering import select_renderer
from simgen.rendering.protocol import Renderer
from simgen.sampling import sample
from simgen.sampling.concrete import ConcreteScenario
from simgen.scene.scene import SceneView, Snapshot
from simgen.simulation.world import TICK_S, World

FULL_THROTTLE_MPS2 = 3.5
FULL_BRAKE_MPS2 = 9.0
MAX_STEER_RAD = 0.5

Observation = NDArray[np.float32] | NDArray[np.uint8] | dict[str, NDArray[np.generic]]


class DrivingEnv(gymnasium.Env[Any, NDArray[np.float32]]):
    """A scenario whose ``agent`` is driven from outside.

    Action: Box(-1, 1, (2,)) float32: steer (positive to the left, of 0.5 rad), pedal (positive throttle of 3.5 m/s²,
    negative brake of 9 m/s², as far as the tyres hold).

    Observation: "state" and "lidar" (simgen.envs.observation: ``state``, ``scan``), "camera" (H, W, 3) uint8 as the
    scenario's first camera delivers it, weather and faults included; or several of them as a Dict.

    An episode is sample ``index`` of the scenario: drawn from the environment's own generator on reset, or given as
    ``options={"index": …}``; ``options={"parameters": {"ego_speed": "30 km/h"}}`` fixes parameters.

    Args:
        scenario: name in the library or path of a file.
        overrides: ``path=value`` as in ``simgen render --set``.
        observation: the name of one, or a sequence of names.
        agent: the vehicle that the agent drives.
        resolution: (width, height) in pixels of the camera, instead of the scenario's.
        control_ticks: ticks of 1/60 s per step; 6 is 0.1 s.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012  # as gymnasium has it

    def __init__(
        self,
        scenario: str = "child_chases_ball",
        *,
        overrides: Sequence[str] = (),
        agent: str = "ego",
        observation: str | Sequence[str] = "state",
        resolution: tuple[int, int] = (160, 90),
        renderer: str = "auto",
        control_ticks: int = 6,
        render_mode: Literal["rgb_array"] | None = None,
    ) -> None:
        self.render_mode = render_mode
        self.metadata = {**self.metadata, "render_fps": round(60 / control_ticks)}
        self._source = scenario
        self._agent = agent
        several = isinstance(observation, Sequence) and not isinstance(observation, str)
        names: tuple[str, ...] = tuple(observation) if several else (str(observation),)
        self._renderer_name = renderer
        self._control_ticks = control_ticks
        logical = load(scenario, overrides)
        cameras = [s.name for s in logical.sensors if s.sensor.name == "camera"]
        if not cameras and ("camera" in names or render_mode is not None):
            raise SimgenError(f"scenario '{scenario}' has no camera", remedy="use observation='state'")
        self._camera = cameras[0] if cameras else None
        self._overrides = [*overrides, f"actors.{agent}.behavior=external"]
        if self._camera is not None:
            width, height = resolution
            self._overrides.append(f"sensors.{self._camera}.camera.resolution=[{width}, {height}]")
        self._scenario = load(scenario, self._overrides)
        self._renderer: Renderer | None = None
        self._world: World | None = None
        self._concrete: ConcreteScenario
        self._over = False
        self._snapshot: Snapshot
        self.action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)
        senses: dict[str, tuple[spaces.Space[Any], Callable[[], NDArray[Any]]]] = {
            "state": (spaces.Box(-1.0, 1.0, (SIZE,), np.float32), self._state),
            "lidar": (spaces.Box(0.0, 1.0, (RAYS,), np.float32), self._scan),
            "camera": (spaces.Box(0, 255, (resolution[1], resolution[0], 3), np.uint8), self._picture),
        }
        for name in names:
            if name not in senses:
                raise SimgenError(f"observation '{name}' is not one of {', '.join(senses)}")
        if not names:
            raise SimgenError("no observation is asked for", remedy=f"name some of {', '.join(senses)}")
        self._senses = {name: senses[name][1] for name in names}
        self._several = several
        told = {name: senses[name][0] for name in names}
        self.observation_space = spaces.Dict(told) if several else told[names[0]]

    # Gymnasium

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed)
        options = options or {}
        index = options.get("index")
        if index is None:
            index = int(self.np_random.integers(0, SAMPLES))
        scenario = self._scenario
        if options.get("parameters"):
            fixed = [f"parameters.{name}={value}" for name, value in sorted(options["parameters"].items())]
            scenario = load(self._source, [*self._overrides, *fixed])
        concrete = sample(scenario, index=index)
        self._open(concrete)
        return self._observe(), self._provenance(concrete)

    def step(self, action: NDArray[np.float32]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """As gymnasium; an action beyond -1 … 1 counts as the nearest within.

        Raises:
            gymnasium.error.ResetNeeded: there is no episode, or it is over.
            gymnasium.error.InvalidAction: the action is not two finite numbers.
        """
        world = self._started()
        if self._over:
            raise gymnasium.error.ResetNeeded("the episode is over: call reset() before the next step()")
        vehicle = world.vehicle(self._agent)
        steer, pedal = _pedals(action)
        wanted = pedal * (FULL_THROTTLE_MPS2 if pedal > 0 else FULL_BRAKE_MPS2)
        before = vehicle.acceleration_mps2
        for _ in range(self._control_ticks):
            vehicle.drive(wanted, steer * MAX_STEER_RAD)
            self._snapshot = world.advance()
            if world.story.over:
                break
        situation = world.situation()
        lane = situation.road.lane_at(*situation.road_position(self._agent))
        hit = any(self._agent in touching for touching in situation.collided)
        offroad = lane is None or lane.kind not in ("driving", "parking")
        result = outcome(
            vehicle,
            dt_s=self._control_ticks * TICK_S,
            wanted_mps=self._wanted_mps,
            jerk_mps3=(vehicle.acceleration_mps2 - before) / (self._control_ticks * TICK_S),
            lane_offset_m=situation.road_position(self._agent)[1] - self._lane_t_m,
            hit=hit,
            offroad=offroad,
        )
        timeout = world.story.over and "time" in world.story.ended_by and not hit
        reason = "collision" if hit else "offroad" if offroad else world.story.ended_by
        info: dict[str, Any] = {
            "reward_terms": result.terms,
            "cost": result.cost,
            "cost_causes": ", ".join(result.causes),
            "termination_reason": reason,
        }
        terminated = hit or offroad or (world.story.over and not timeout)
        self._over = terminated or timeout
        if self._over:
            info.update(self._provenance(self._concrete))
        return self._observe(), result.reward, terminated, timeout and not terminated, info

    def render(self) -> NDArray[np.uint8] | None:
        """(H, W, 3) uint8: what the camera delivered last."""
        return self._picture() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        if self._world is not None:
            self._world.close()
            self._world = None
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    # Inside

    def _open(self, concrete: ConcreteScenario) -> None:
        if self._world is not None:
            self._world.close()
        # An agent is judged by its reward: what the scenario expects of a run is not looked after.
        self._world = world = World(concrete.model_copy(update={"expect": ()}))
        self._concrete = concrete
        self._over = False
        self._snapshot = world.begin()
        vehicle = world.vehicle(self._agent)
        situation = world.situation()
        s, t = situation.road_position(self._agent)
        lane = situation.road.lane_at(s, t)
        self._lane_t_m = t
        self._direction = lane.direction if lane is not None else 1
        self._wanted_mps = max(vehicle.speed_mps, 1.0)
        self._frame: tuple[int, NDArray[np.uint8]] | None = None
        if self._camera is not None:
            spec = next(c for c in concrete.sensors if c.name == self._camera)
            where = f"sensors.{spec.name}"
            self._sensor = vocabulary.sensors.get(spec.sensor.name, where)(where=where, **spec.sensor.parameters)
            effects = [vocabulary.effects.get(e.name, where)(where=where, **e.parameters) for e in spec.effects]
            self._chain = self._sensor.chain(spec.name, Key(concrete.seed, concrete.index, where), effects)

    def _started(self) -> World:
        if self._world is None:
            raise gymnasium.error.ResetNeeded("call reset() before step()")
        return self._world

    def _observe(self) -> Observation:
        told = {name: sense() for name, sense in self._senses.items()}
        return told if self._several else next(iter(told.values()))

    def _state(self) -> NDArray[np.float32]:
        world = self._started()
        return state(world.situation(), world.vehicle(self._agent), self._lane_t_m, self._direction)

    def _scan(self) -> NDArray[np.float32]:
        world = self._started()
        return scan(world.situation(), world.vehicle(self._agent))

    def _picture(self) -> NDArray[np.uint8]:
        """What the camera delivers at this tick; a dropped frame leaves the last picture standing."""
        if self._frame is None or self._frame[0] != self._snapshot.tick:
            world = self._started()
            if self._renderer is None:
                self._renderer = select_renderer(self._renderer_name)
            view = SceneView(scene=world.scene, snapshot=self._snapshot)
            camera = self._sensor.camera_at(world.scene, self._snapshot)
            frame = self._chain.deliver(view, camera, self._renderer.render(view, camera))
            last = (
                self._frame[1]
                if self._frame is not None
                else np.zeros((camera.height_px, camera.width_px, 3), np.uint8)
            )
            delivered = frame.image is not None and frame.delivered
            self._frame = self._snapshot.tick, frame.image if delivered else last
        return self._frame[1]

    def _provenance(self, concrete: ConcreteScenario) -> dict[str, Any]:
        return {
            "scenario": concrete.name,
            "scenario_digest": concrete.digest(),
            "seed": concrete.seed,
            "index": concrete.index,
            "draws": [d.model_dump(mode="json") for d in concrete.draws],
        }


def _pedals(action: object) -> tuple[float, float]:
    """Steer and pedal, each in [-1, 1]."""
    try:
        steer, pedal = np.asarray(action, np.float64)
        if np.isfinite(steer) and np.isfinite(pedal):
            return float(np.clip(steer, -1.0, 1.0)), float(np.clip(pedal, -1.0, 1.0))
    except (TypeError, ValueError):
        pass
    raise gymnasium.error.InvalidAction(
        f"an action is two finite numbers, steer and pedal, each from -1 to 1; this one is {action!r}"
    )
