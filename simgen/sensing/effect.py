"""The base of effects: one class, one file, one physical cause."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from simgen.core import vocabulary
from simgen.core.declare import Declared, Plain
from simgen.core.seeds import Key
from simgen.sensing.frame import Kind, SensorFrame, Stage, WorkingFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What an effect may depend on besides the frame.

    Attributes:
        key: names this effect on this sensor in this episode; what lasts (a drop, a dead pixel) is drawn from it.
        tick: the control tick of the frame.
        elapsed_s: how long the effect has been at work.
        previous: what the sensor delivered last, or None.
        captured: earlier frames as they left the codec, oldest first, as far back as an effect asked for.
    """

    key: Key
    tick: int
    elapsed_s: float
    previous: SensorFrame | None = None
    captured: tuple[SensorFrame, ...] = ()

    def generator(self) -> np.random.Generator:
        """Numbers for this tick alone."""
        return self.key.child(self.tick).generator()


class Effect(Declared):
    """Something that stands between the world and the data.

    An effect is a pure function of the frame, its parameters and the moment; what persists along an episode follows
    from ``moment.key`` and ``moment.elapsed_s``, so an episode that is run again gives the same bytes.

    What is in the air acts together: an effect of the medium stage fills the frame's air (``WorkingFrame.filled``), and
    ``medium.veiled`` shows it.

    Class attributes:
        stage: where in the physical order it acts.
        kind: whether the world or the sensor is to blame.
        labels: what it does to labels, in one sentence.
        source: publication behind the model, or "" where there is none to name.
        needs: "depth" when it only makes sense on a sensor that measures depth.
    """

    stage: ClassVar[Stage]
    kind: ClassVar[Kind]
    labels: ClassVar[str]
    source: ClassVar[str] = ""
    needs: ClassVar[Literal["image", "depth"]] = "image"

    @abstractmethod
    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame: ...

    @property
    def looks_back_s(self) -> float:
        """How far back it needs earlier frames."""
        return 0.0

    def values(self) -> dict[str, Plain]:
        """The parameters by name, in declared units."""
        return {name: getattr(self, name) for name in self.parameters}


def effect_name(effect: Effect) -> str:
    """The name under which the effect's class is registered. Raises KeyError for a class that is not."""
    for name, member in vocabulary.effects.items():
        if member is type(effect):
            return name
    raise KeyError(type(effect).__name__)
