"""One sample: values drawn, actors placed, requirements checked; again with other draws until all hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from simgen.core import vocabulary
from simgen.core.camera import Camera
from simgen.core.errors import Place, ScenarioRejected, SimgenError, UnknownName, check_type
from simgen.core.geometry import Array, yaw_of
from simgen.core.native import keep_freed_memory
from simgen.core.seeds import check_numbers
from simgen.language import expressions
from simgen.language.expressions import Comparison, comparisons, told
from simgen.language.logical import Do, Event, LogicalScenario
from simgen.sampling.abilities import check_actions, check_behaviors, check_speeds
from simgen.sampling.asking import Asking
from simgen.sampling.assembly import assemble, build_body, build_stage, is_loose
from simgen.sampling.cameras import camera_at, check_cameras
from simgen.sampling.cargo import check_cargo
from simgen.sampling.concrete import (
    ConcreteAction,
    ConcreteActor,
    ConcreteAfter,
    ConcreteBefore,
    ConcreteEvent,
    ConcreteExpectation,
    ConcreteMeet,
    ConcreteScenario,
    ConcreteSensor,
    Use,
)
from simgen.sampling.destinations import check_destinations
from simgen.sampling.draws import Draws
from simgen.sampling.mistakes import Mistakes, locate, place_of
from simgen.sampling.obstacles import Placed
from simgen.sampling.placement import NoRoom, Placer, Spot
from simgen.sampling.resolve import Resolver
from simgen.sampling.sketch import sketch
from simgen.sampling.stage_names import check_doors, check_names, check_routes
from simgen.sampling.traffic import traffic_around
from simgen.scene.body import Body
from simgen.scene.environment import EnvironmentSpec
from simgen.scene.scene import SceneView
from simgen.scene.situation import Situation
from simgen.scene.stage import Stage
from simgen.scene.standing import carriers

MAX_ATTEMPTS = 200
HOPELESS = 60
"""A requirement that turned down so many draws in a row, from the first on, is met by fewer than 5 % of them (with a
probability of 95 %), and most likely by none; so with the room for an actor."""
TELL_EVERY = 10
SAME_FAULT = 8
"""An actor that finds no room so often in a row, at one place and in one thing to the centimetre, stands in it
whatever is drawn."""


def sample(
    scenario: LogicalScenario,
    *,
    seed: int | None = None,
    index: int = 0,
    first_attempt: int = 0,
    max_attempts: int = MAX_ATTEMPTS,
    on_rejections: Callable[[Tally], None] | None = None,
) -> ConcreteScenario:
    """Sample ``index`` of a scenario: a function of the scenario, the seed and the index alone.

    What the scenario expects of the run with ``on_miss: reject`` is not known yet: ``simulation.redrawing`` draws on.

    Args:
        seed: in place of the one that the scenario states.
        first_attempt: goes on from here, where earlier attempts did not do for another reason.
        max_attempts: draws after which a requirement counts as one that never holds; one that none of the first
            ``HOPELESS`` draws meets counts as such then, and so does an actor that none of them has room for.
        on_rejections: told after every ``TELL_EVERY`` draws in vain.

    Raises:
        ScenarioRejected: no draw found room for every actor and met every requirement; it counts what turned them
            down and says how close they came.
        ValueOutOfRange: a draw lies outside of what the value may be (it names the draw), or the seed or the index
            outside of what can be recorded; or the scenario is not a loaded one.
        SimgenError: values or places that no draw can give.
    """
    check_type(
        scenario, LogicalScenario, what="scenario of sample()", remedy="load it first: simgen.sample(simgen.load(…))"
    )
    keep_freed_memory()  # the ground's textures are larger than pictures
    seed = scenario.sample.seed if seed is None else seed
    check_numbers(seed, index)
    tally = Tally()
    for attempt in range(first_attempt, first_attempt + max_attempts):
        with located(scenario):
            drawn = _attempt(scenario, seed, index, attempt, tally)
            if drawn is None and (tally.repeated >= SAME_FAULT or tally.certain):
                raise tally.crowded[-1]
        if drawn is not None and drawn.accepted:
            return drawn.concrete.model_copy(update={"attempt": attempt, "rejections": dict(tally.rejections)})
        if drawn is not None and not drawn.concrete.draws:
            # Nothing is left to chance, so that the next attempt would be this one again.
            break
        if tally.attempts == HOPELESS and HOPELESS in tally.rejections.values():
            break
        if on_rejections is not None and tally.attempts % TELL_EVERY == 0:
            on_rejections(tally)
    place, remedy = tally.worst(scenario)
    with located(scenario):
        raise ScenarioRejected(
            f"sample {index} of '{scenario.name}' was turned down {tally.attempts} times: {tally.summary()}",
            where=place,
            remedy=remedy,
        )


@contextmanager
def located(scenario: LogicalScenario | ConcreteScenario) -> Iterator[None]:
    """What goes wrong with a value shows where in the file the value stands; of a concrete one, by what path."""
    try:
        yield
    except SimgenError as error:
        if isinstance(scenario, LogicalScenario):
            locate(scenario, error)
        raise


def samples(
    scenario: LogicalScenario,
    count: int | None = None,
    *,
    first: int = 0,
    seed: int | None = None,
    max_attempts: int = MAX_ATTEMPTS,
) -> Iterator[ConcreteScenario]:
    """Samples ``first`` to ``first + count - 1``; without a count as many as the scenario states.

    Raises:
        As ``sample``, when the sample that does is asked for.
    """
    for index in range(first, first + (scenario.sample.count if count is None else count)):
        yield sample(scenario, seed=seed, index=index, max_attempts=max_attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """How many first draws of a scenario are accepted.

    Attributes:
        trials, accepted: numbers of draws.
        rejections: how many draws each requirement turned down, or each actor that found no room; one draw may count
            for several.
        closest: for a requirement that is a comparison and was not met, the value of its left side, SI, that came
            closest.
        no_room: what the actor says that most often had no place.
    """

    trials: int
    accepted: int
    rejections: dict[str, int]
    closest: dict[str, float]
    no_room: str = ""

    @property
    def rate(self) -> float:
        return self.accepted / self.trials


def acceptance(scenario: LogicalScenario, trials: int = 20, *, seed: int | None = None) -> Acceptance:
    """Draws the first ``trials`` samples once each and counts what is turned down.

    Raises:
        ValueOutOfRange, SimgenError: as ``sample`` does.
    """
    tally = Tally()
    accepted = 0
    for index in range(trials):
        with located(scenario):
            drawn = _attempt(scenario, scenario.sample.seed if seed is None else seed, index, 0, tally)
        accepted += drawn is not None and drawn.accepted
        if tally.certain:
            # Nothing is left to chance, so that all the others would be this one again.
            accepted *= trials
            tally.rejections = dict.fromkeys(tally.rejections, trials)
            break
    closest = {text: near.value for text, near in tally.closest.items()}
    fault = tally.fullest
    if fault is not None:
        locate(scenario, fault)
    return Acceptance(
        trials=trials,
        accepted=accepted,
        rejections=dict(tally.rejections),
        closest=closest,
        no_room="" if fault is None else str(fault),
    )


@dataclass(frozen=True, slots=True)
class _Near:
    """The left side of a comparison, SI, and how far from its right side it lay."""

    value: float
    margin: float
    comparison: Comparison


@dataclass(slots=True)
class Tally:
    """What has turned down how many draws.

    Attributes:
        crowded: what each actor without room says, whose was the last one last.
        repeated: how many draws in a row the last of them has turned down for the same cause.
        certain: the last draw drew nothing at all.
    """

    attempts: int = 0
    rejections: dict[str, int] = field(default_factory=dict)
    closest: dict[str, _Near] = field(default_factory=dict)
    crowded: list[NoRoom] = field(default_factory=list)
    repeated: int = 0
    certain: bool = False

    def crowd(self, error: NoRoom) -> None:
        """Counts an actor without room."""
        same = bool(self.crowded) and self.crowded[-1].cause == error.cause
        self.repeated = self.repeated + 1 if same else 1
        self.crowded = [*(e for e in self.crowded if e.actor != error.actor), error]
        self.reject(_room(error))

    def reject(self, reason: str) -> None:
        self.rejections[reason] = self.rejections.get(reason, 0) + 1

    def came(self, reason: str, comparison: Comparison, value: float, margin: float) -> None:
        if reason not in self.closest or margin < self.closest[reason].margin:
            self.closest[reason] = _Near(value, margin, comparison)

    def summary(self) -> str:
        parts = []
        for reason, count in sorted(self.rejections.items(), key=lambda item: -item[1]):
            held = self.closest.get(reason)
            near = "" if held is None else f" (closest: {told([held.comparison], held.value)})"
            parts.append(f"'{reason}' {count} times{near}")
        if self.fullest is not None:
            parts.append(self.fullest.message)
        return "; ".join(parts)

    @property
    def fullest(self) -> NoRoom | None:
        """What the actor says that most often had no room."""
        return max(self.crowded, key=lambda error: self.rejections[_room(error)], default=None)

    def worst(self, scenario: LogicalScenario) -> tuple[Place | str | None, str]:
        """Where in the file what turned down most draws is written, and what to do about it."""
        most = max(self.rejections, key=lambda reason: self.rejections[reason], default="")
        requirement = next((r for r in scenario.require if r.text == most), None)
        if requirement is None and self.fullest is not None:
            return place_of(scenario, self.fullest.where), str(self.fullest.remedy)
        return requirement.place if requirement else None, "widen the distributions, or loosen what is required"


def _room(error: NoRoom) -> str:
    """The reason as it is counted."""
    return f"room for {error.actor}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    concrete: ConcreteScenario
    accepted: bool


def _attempt(scenario: LogicalScenario, seed: int, index: int, attempt: int, tally: Tally) -> _Drawn | None:
    """One draw of everything, with what turned it down in ``tally``; None when an actor found no room."""
    tally.attempts += 1
    draws = Draws(method=scenario.sample.method, seed=seed, index=index, count=scenario.sample.count, attempt=attempt)
    try:
        concrete = _concrete(scenario, draws)
    except NoRoom as error:
        tally.crowd(error)
        return None
    finally:
        tally.certain = draws.made == 0
    tally.repeated = 0
    return _Drawn(concrete=concrete, accepted=_meets(scenario, concrete, tally))


def _concrete(scenario: LogicalScenario, draws: Draws) -> ConcreteScenario:
    resolver = Resolver(scenario, draws)
    environment = resolver.environment()
    setting = resolver.use(vocabulary.settings, scenario.setting, "setting")
    models = {actor.name: resolver.model(actor.name) for actor in scenario.actors}
    speeds = {actor.name: resolver.speed(actor.name) for actor in scenario.actors}
    behaviors = {
        actor.name: resolver.use(
            vocabulary.behaviors, actor.behavior, f"actors.{actor.name}.behavior.{actor.behavior.name}"
        )
        for actor in scenario.actors
        if actor.behavior is not None
    }
    sensors = tuple(
        ConcreteSensor(
            name=sensor.name,
            sensor=resolver.use(vocabulary.sensors, sensor.sensor, f"sensors.{sensor.name}.{sensor.sensor.name}"),
            effects=tuple(
                resolver.use(vocabulary.effects, effect, f"sensors.{sensor.name}.effects[{i}].{effect.name}")
                for i, effect in enumerate(sensor.effects)
            ),
        )
        for sensor in scenario.sensors
    )
    story = tuple(_event(event, scenario, resolver) for event in scenario.story)

    stage = build_stage(setting, EnvironmentSpec(where="environment", **environment))
    mistakes = Mistakes(scenario)
    check_names(scenario, story, stage, mistakes)
    bodies: dict[str, Body] = {}
    for name, model in models.items():
        with mistakes.kept():
            bodies[name] = build_body(model, f"actors.{name}")
    if len(bodies) < len(models):
        mistakes.raise_if_any()
    check_doors(scenario, story, bodies, mistakes)
    check_actions(scenario, story, bodies, stage, mistakes)
    check_behaviors(scenario, behaviors, bodies, mistakes)
    check_speeds(scenario, speeds, bodies, mistakes)

    def eye(placed: Sequence[Placed]) -> Array:
        return _first_eye(sensors, stage, placed)

    matter = {name: resolver.matter(name, body) for name, body in bodies.items()}
    spots = Placer(stage, scenario.actors, bodies, resolver, eye, mistakes).place()
    beneath = {name: carriers(spot.carrier, lambda below: spots[below].carrier) for name, spot in spots.items()}
    with mistakes.kept():
        _check_riders(beneath, bodies, speeds)
    check_destinations(scenario, story, bodies, spots, stage)
    kept = check_cargo(scenario, story, bodies, spots, beneath, mistakes)
    check_routes(scenario, behaviors, spots, stage, mistakes)
    named = [Placed(name=name, body=bodies[name], world_from_body=spot.pose) for name, spot in spots.items()]
    around = () if scenario.traffic is None else traffic_around(scenario.traffic, stage, named, resolver)
    check_cameras(sensors, named, _fixtures(stage), {actor.name for actor in around}, stage, mistakes)
    if len(mistakes):
        mistakes.add(kept)
        mistakes.raise_if_any()
    if kept:
        raise kept[0].with_others(kept[1:])
    return ConcreteScenario(
        concrete=scenario.name,
        summary=scenario.summary,
        tags=scenario.tags,
        seed=draws.seed,
        index=draws.index,
        method=draws.method,
        sources=scenario.sources,
        parameters=resolver.parameters,
        setting=setting,
        environment=environment,
        randomize=scenario.randomize,
        actors=tuple(
            _actor(name, model, spots[name], stage, speeds[name], behaviors.get(name), matter[name])
            for name, model in models.items()
        )
        + around,
        sensors=sensors,
        story=story,
        end=None if scenario.end is None else scenario.end.text,
        require=tuple(requirement.text for requirement in scenario.require),
        expect=tuple(ConcreteExpectation(condition=e.condition.text, on_miss=e.on_miss) for e in scenario.expect),
        draws=tuple(draws.records),
    )


def _check_riders(
    beneath: Mapping[str, Sequence[str]], bodies: Mapping[str, Body], speeds: Mapping[str, float]
) -> None:
    """Raises SimgenError for who stands on a vehicle that moves, and would not move with it."""
    for name, below in beneath.items():
        if not below or is_loose(bodies[name]):
            continue
        lowest = below[-1]
        if speeds[lowest] > 0.0:
            raise SimgenError(
                f"'{lowest}' moves, and would leave '{name}' behind: only loose things ride on others",
                where=f"actors.{name}.at",
                remedy=f"let '{lowest}' stand, or put '{name}' elsewhere",
            )


def _actor(
    name: str,
    model: Use,
    spot: Spot,
    stage: Stage,
    speed_mps: float,
    behavior: Use | None,
    matter: Mapping[str, float | None],
) -> ConcreteActor:
    x, y, z = (float(v) for v in spot.pose[:3, 3])
    lane, s, t = spot.lane, None, None
    if stage.road is not None:
        s, t = stage.road.locate((x, y))
        found = stage.road.lane_at(s, t)
        lane = found.id if lane is None and found is not None else lane
    return ConcreteActor(
        name=name,
        model=model,
        position_m=(x, y, z),
        yaw_rad=yaw_of(spot.pose),
        lane=lane,
        s_m=s,
        t_m=t,
        carrier=spot.carrier,
        speed_mps=speed_mps,
        behavior=behavior,
        mass_kg=matter["mass"],
        friction=matter["friction"],
        restitution=matter["restitution"],
        motor_gain=matter["motor_gain"],
        joint_friction=matter["joint_friction"],
    )


def _event(event: Event, scenario: LogicalScenario, resolver: Resolver) -> ConcreteEvent:
    path = f"story.{event.name}"
    after, before, meet = None, None, None
    if event.after is not None:
        delay = 0.0 if event.after.delay is None else float(resolver.value(event.after.delay, f"{path}.after.delay"))
        after = ConcreteAfter(event=event.after.event, delay_s=delay)
    if event.before is not None:
        by = float(resolver.value(event.before.by, f"{path}.before.by"))
        before = ConcreteBefore(event=event.before.event, by_s=by)
    if event.meet is not None:
        overlap = float(resolver.value(event.meet.overlap, f"{path}.meet.overlap"))
        meet = ConcreteMeet(actor=event.meet.actor, point=event.meet.point, overlap=overlap)
    return ConcreteEvent(
        name=event.name,
        do=tuple(_action(do, i, event, scenario, resolver) for i, do in enumerate(event.do)),
        when=None if event.when is None else event.when.text,
        after=after,
        before=before,
        duration_s=None if event.duration is None else float(resolver.value(event.duration, f"{path}.for")),
        until=None if event.until is None else event.until.text,
        meet=meet,
        repeat=event.repeat,
        priority=event.priority,
        once=event.once,
        defined_at=str(event.place),
    )


def _action(do: Do, position: int, event: Event, scenario: LogicalScenario, resolver: Resolver) -> ConcreteAction:
    """One action. Where an event does the same thing to a subject twice, the later one's path carries its number."""
    path = f"story.{event.name}.do.{do.subject}.{do.action.name}"
    if any(d.subject == do.subject and d.action.name == do.action.name for d in event.do[:position]):
        path += f"[{position}]"
    members = vocabulary.effects if do.subject in {s.name for s in scenario.sensors} else vocabulary.actions
    return ConcreteAction(subject=do.subject, action=resolver.use(members, do.action, path))


def _first_eye(sensors: Sequence[ConcreteSensor], stage: Stage, placed: Sequence[Placed]) -> Array:
    """(3,) where the first sensor looks from."""
    if not sensors:
        raise SimgenError("'hidden_behind' needs someone to hide from", remedy="name an actor 'ego', or add a sensor")
    return camera_at(sensors[0], sketch([*_fixtures(stage), *placed])).world_from_camera[:3, 3]


def _fixtures(stage: Stage) -> list[Placed]:
    return [Placed(name=f.name, body=f.body, world_from_body=f.world_from_body) for f in stage.fixtures]


def _meets(scenario: LogicalScenario, concrete: ConcreteScenario, tally: Tally) -> bool:
    """Whether every requirement holds at the start."""
    if not scenario.require:
        return True
    situation = start_situation(concrete)
    asked = Asking(concrete).of(situation, memory="require")
    met = True
    for requirement in scenario.require:
        tree = expressions.parse(requirement.text, requirement.place)
        if bool(expressions.evaluate(tree, asked)):
            continue
        met = False
        tally.reject(requirement.text)
        for comparison in comparisons(tree):
            margin = None if bool(expressions.evaluate(comparison, asked)) else asked.margin(comparison)
            if margin is not None:
                tally.came(requirement.text, comparison, margin[1], margin[0])
    return met


def start_situation(concrete: ConcreteScenario) -> Situation:
    """The situation before anything has happened, in which requirements are measured."""
    assembly = assemble(concrete)
    view = SceneView(scene=assembly.scene, snapshot=assembly.start)
    sensors = {sensor.name: sensor for sensor in concrete.sensors}

    def camera(name: str) -> Camera:
        if name not in sensors:
            raise UnknownName(kind="sensor", name=name, known=sensors)
        return camera_at(sensors[name], view)

    return Situation.at_rest(view, camera)
