"""Files of customers with what they bought: one row each, with frequency, recency, age and mean amount."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ml.customer_file import numbers, read_texts
from ml.lifetime.gamma_gamma import Spending
from ml.lifetime.purchases import Floats, Purchases
from warehouse.errors import LoadRefused


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns mean what; those that are None are not there.

    ``later`` are purchases in a time that followed, by which predictions are judged; ``arm`` says who was treated.
    """

    frequency: str
    recency: str
    age: str
    amount: str | None = None
    unit: str | None = None
    later: str | None = None
    arm: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PurchaseFile:
    """Customers (n,) as the file has them. What it has no column for is None."""

    units: tuple[str, ...]
    frequency: Floats
    recency: Floats
    age: Floats
    amount: Floats | None
    later: Floats | None
    arm: npt.NDArray[np.str_] | None

    def purchases(self, rows: npt.NDArray[np.bool_] | None = None) -> Purchases:
        """Of all customers or of some (n,). Raises as :meth:`Purchases.of`."""
        of = np.ones(self.frequency.size, dtype=np.bool_) if rows is None else rows
        return Purchases.of(self.frequency[of], self.recency[of], self.age[of])

    def spending(self, rows: npt.NDArray[np.bool_] | None = None) -> Spending | None:
        """The same of amounts, None where the file has none. Raises as :meth:`Spending.of`."""
        if self.amount is None:
            return None
        of = np.ones(self.frequency.size, dtype=np.bool_) if rows is None else rows
        return Spending.of(self.frequency[of], self.amount[of])


def read_purchases(file: Path | str, columns: Columns) -> PurchaseFile:
    """Read a CSV file, gzipped or not. Raises :class:`LoadRefused`, naming row and column."""
    place = Path(file)
    counts = [columns.frequency, columns.recency, columns.age]
    others = [columns.amount, columns.unit, columns.later, columns.arm]
    table = read_texts(place, [*counts, *(name for name in others if name is not None)])
    if not table.height:
        raise LoadRefused(f"{place.name} has no customers.", remedy="Give a row for each.")

    def column(name: str | None) -> Floats | None:
        return None if name is None else numbers(place.name, table, name)

    frequency, recency, age = (numbers(place.name, table, name) for name in counts)
    return PurchaseFile(
        tuple(map(str, table["row" if columns.unit is None else columns.unit])),
        frequency,
        recency,
        age,
        column(columns.amount),
        column(columns.later),
        None if columns.arm is None else table[columns.arm].fill_null("").to_numpy().astype(np.str_),
    )
