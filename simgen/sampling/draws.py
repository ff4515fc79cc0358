"""The draws of one attempt at one sample, each recorded as it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simgen.core import vocabulary
from simgen.core.seeds import Key
from simgen.sampling.concrete import DrawRecord
from simgen.sampling.distribution import Distribution
from simgen.sampling.points import Method, point


def plain(value: Any) -> Any:
    """The value as JSON holds it: lists for tuples, so that what is written reads back equal."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


@dataclass(slots=True, kw_only=True)
class Draws:
    """Draws by path and remembers them.

    A draw depends on (seed, index, path), and after a rejection on the attempt: attempt k > 0 is a fresh set of points
    under the paths ``<path>#k``. The first attempts of a low-discrepancy method are stratified over the whole dataset;
    so are the second attempts among themselves, of which only those indices are used that were turned down before.
    What is accepted follows the distribution given that the requirements hold, for every method alike.
    """

    method: Method
    seed: int
    index: int
    count: int
    attempt: int = 0
    records: list[DrawRecord] = field(default_factory=list)
    made: int = 0
    """Draws that may differ from sample to sample, kept or not."""

    def draw(
        self, name: str, distribution: Distribution, path: str, shown: Mapping[str, Any], *, held: bool = False
    ) -> DrawRecord:
        """The draw at ``path``; it counts once it is given to ``keep``.

        Args:
            name: the distribution's registered name.
            shown: its arguments as the record shows them, SI.
            held: every sample draws what sample 0 does.
        """
        self.made += not held
        keyed = f"{path}#{self.attempt}" if self.attempt else path
        u = point(self.method, Key(self.seed, 0 if held else self.index, keyed), self.count)
        value = plain(distribution.quantile(u))
        return DrawRecord(path=path, distribution=name, parameters=plain(shown), uniform=u, value=value)

    def uniform(self, path: str, low: float, high: float, *, held: bool = False) -> DrawRecord:
        """A uniform draw, as by ``draw``."""
        arguments = {"low": low, "high": high}
        distribution = vocabulary.distributions.get("uniform")(where=path, **arguments)
        return self.draw("uniform", distribution, path, arguments, held=held)

    def of_scenario(self) -> Draws:
        """Draws that are the same in every sample and attempt, kept among these."""
        return replace(self, index=0, attempt=0)

    def keep(self, *records: DrawRecord) -> None:
        self.records.extend(records)

    def of(self, path: str) -> DrawRecord | None:
        """The draw of the value at ``path``, or of a part of it."""
        return next((r for r in self.records if r.path == path or r.path.startswith(f"{path}[")), None)
