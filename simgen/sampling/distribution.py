"""What a distribution is: declared arguments in, an inverse CDF out, so that any point set can drive any of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from simgen.core.declare import Declared, Plain
from simgen.core.errors import ValueOutOfRange

Gives = Literal["number", "integer", "option"]


class Distribution(Declared):
    """Base of the distributions; a member lives in ``simgen/sampling/distributions`` and is registered there.

    How YAML's forms become arguments follows from the declaration alone:

    - a mapping (``truncated_normal: {mean: …, std: …}``) names the arguments;
    - a list (``uniform: [low, high]``) fills ``positional()`` in order;
    - a bare value (``exponential: 3 s``) fills ``shorthand``, where that is not None;
    - where ``many`` is not None (choice), a list fills that one argument with all its items, and a mapping whose keys
      are not argument names fills it with the keys and ``weights`` with the values.

    Arguments named in ``dimensional`` carry the dimension of the drawn value, all of them the same, as SI numbers;
    the other arguments are pure numbers, texts or lists of them. ``gives`` says what comes out: "number", of the
    dimension of the dimensional arguments (dimensionless when there are none); "integer", a pure whole number;
    "option", one of the items of ``many``. Two cases need a word more: ``fit`` has the dimension of the unit that
    its argument ``unit`` names, and ``von_mises`` gives an angle.

    An instance is checked (order of bounds, positive spreads …) when it is made.

    Raises:
        ValueOutOfRange: on construction, arguments that do not make a distribution.
    """

    dimensional: ClassVar[tuple[str, ...]] = ()
    many: ClassVar[str | None] = None
    files: ClassVar[tuple[str, ...]] = ()
    """Arguments that name a file, relative to the scenario's folder as written, absolute in an instance."""
    gives: ClassVar[Gives] = "number"
    _written: Mapping[str, tuple[str, ...]]

    def __init__(
        self, *, where: str = "", written: Mapping[str, tuple[str, ...]] | None = None, **values: Plain
    ) -> None:
        """``written``: the values of arguments as the user wrote them, for messages."""
        super().__init__(where=where, **values)
        object.__setattr__(self, "_written", written or {})
        fault = self.fault()
        if fault is not None:
            raise ValueOutOfRange(fault, where=where or None, remedy=self.swapped() or self.remedy())

    def told(self, name: str) -> str:
        """An argument as it was written; one with several values as a list."""
        return f"[{', '.join(self.texts(name))}]" if isinstance(getattr(self, name), tuple) else self.texts(name)[0]

    def texts(self, name: str) -> tuple[str, ...]:
        """An argument's values as they were written."""
        value = getattr(self, name)
        values = value if isinstance(value, tuple) else (value,)
        return self._written.get(name) or tuple(str(v) if isinstance(v, bool | str) else f"{v:g}" for v in values)

    def disorder(self) -> str | None:
        """What is wrong with ``low`` and ``high`` where they do not rise, or None."""
        rises: bool = self.low < self.high  # type: ignore[attr-defined]
        return None if rises else f"low ({self.told('low')}) is not below high ({self.told('high')})"

    def swapped(self) -> str | None:
        """The remedy where ``low`` and ``high`` stand in each other's place, or None."""
        low, high = getattr(self, "low", None), getattr(self, "high", None)
        if low is None or high is None or low <= high:
            return None
        return f"swap them: low {self.told('high')}, high {self.told('low')}"

    @classmethod
    def positional(cls) -> tuple[str, ...]:
        """The arguments in the order in which a list gives them."""
        return tuple(cls.parameters)

    def fault(self) -> str | None:
        """What is wrong with the arguments together, or None."""
        return None

    @classmethod
    def remedy(cls) -> str:
        required = ", ".join(n for n, p in cls.parameters.items() if p.required)
        optional = "".join(f" [{n}]" for n, p in cls.parameters.items() if not p.required)
        return f"it takes {required}{optional}: {cls.help()}"

    @abstractmethod
    def quantile(self, u: float) -> Any:
        """The value below which the share ``u`` (0 < u < 1) of all draws lies; never decreasing in u for numbers."""
