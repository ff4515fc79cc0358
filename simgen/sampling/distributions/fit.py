from __future__ import annotations

import csv
import functools
import math
from pathlib import Path
from typing import ClassVar

import numpy as np

from simgen.core.declare import text
from simgen.core.geometry import Array
from simgen.core.units import to_si
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("fit")
class Fit(Distribution):
    """Real measurements: a column of a CSV file, drawn by its empirical quantiles."""

    csv: str = text(help="file with a header line, relative to the scenario's folder")
    column: str = text(help="name of the column")
    unit: str = text(default="", help="unit of the numbers in the column")

    files: ClassVar[tuple[str, ...]] = ("csv",)

    def fault(self) -> str | None:
        try:
            _column(self.csv, self.column)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            return f"{self.csv} cannot be read: {error}"
        except ValueError as error:
            return str(error)
        return None

    def quantile(self, u: float) -> float:
        """Linear between the sorted values, the lowest at 0 and the highest at 1 (Hyndman & Fan 1996, type 7)."""
        values = _column(self.csv, self.column)
        position = u * (len(values) - 1)
        below = math.floor(position)
        above = min(below + 1, len(values) - 1)
        value = float(values[below] + (position - below) * (values[above] - values[below]))
        return to_si(value, self.unit)


@functools.lru_cache(maxsize=32)
def _column(path: str, column: str) -> Array:
    """The column's numbers, sorted. Raises OSError, or ValueError that says what is wrong."""
    with Path(path).open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        names = reader.fieldnames or ()
        if column not in names:
            raise ValueError(f"{path} has no column '{column}'; it has {', '.join(names)}")
        values = []
        for row in reader:
            cell = (row[column] or "").strip()
            if not cell:
                continue
            try:
                value = float(cell)
            except ValueError:
                raise ValueError(f"{path}:{reader.line_num}: '{cell}' in column '{column}' is not a number") from None
            if not math.isfinite(value):
                raise ValueError(f"{path}:{reader.line_num}: {cell} in column '{column}' is not finite")
            values.append(value)
    if len(values) < 2:
        raise ValueError(f"column '{column}' of {path} holds {len(values)} numbers; a distribution needs 2 or more")
    return np.sort(np.array(values, dtype=np.float64))
