"""What is known of customers who order when they like: how often they came again, when last, and for how long known.

Customers with the same three numbers are one row with a count, so a likelihood costs what distinct histories cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from warehouse.errors import BadSetting, NotEnoughData

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FEWEST_REPEATERS: Final = 30


@dataclass(frozen=True, slots=True, eq=False)
class Purchases:
    """D distinct histories: ``frequency`` (purchases after the first), ``recency`` and ``age`` (D,), in units of time.

    Recency is the time from the first purchase to the last one, 0 without a second; age the time from the first one to
    now. ``count`` (D,) are the customers of each history, ``history`` (n,) the history of each customer.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    count: Floats
    history: Rows

    @classmethod
    def of(cls, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike) -> Self:
        """Of customers (n,) each. Raises :class:`BadSetting` for what cannot be, naming the first customer."""
        x, last, known = (np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (frequency, recency, age))
        if not x.shape == last.shape == known.shape or x.ndim != 1:
            raise BadSetting(f"frequency, recency and age have {x.size:,}, {last.size:,} and {known.size:,} entries.")
        for wrong, words in (
            (~(np.isfinite(x) & np.isfinite(last) & np.isfinite(known)), "has no number"),
            ((x < 0) | (x != np.floor(x)), "has a frequency that is no count"),
            ((last < 0) | (last > known), "has a recency that is negative or above the age"),
            (known <= 0, "has an age of 0 or less"),
            ((x == 0) & (last != 0), "never came again, but has a recency"),
            ((x > 0) & (last == 0), "came again, but has no recency"),
        ):
            if wrong.any():
                place = int(wrong.argmax())
                raise BadSetting(
                    f"Customer {place + 1} {words} (frequency {x[place]:g}, recency {last[place]:g}, age "
                    f"{known[place]:g}).",
                    remedy="Count purchases after the first, and time from the first purchase on.",
                )
        table, history, count = np.unique(
            np.column_stack([x, last, known]), axis=0, return_inverse=True, return_counts=True
        )
        often, latest, known = np.ascontiguousarray(table.T)
        return cls(often, latest, known, count.astype(np.float64), history.reshape(x.size))

    @property
    def customers(self) -> int:
        """How many there are."""
        return self.history.size

    def require_enough(self) -> None:
        """Raises :class:`NotEnoughData` below 30 customers who came again."""
        repeaters = int(self.count[self.frequency > 0].sum())
        if repeaters < FEWEST_REPEATERS:
            raise NotEnoughData(
                f"{repeaters} of {self.customers:,} customers came again; {FEWEST_REPEATERS} are needed.",
                remedy="Wait, or take customers who have been known for longer.",
            )
