"""Customers of whom some were treated: what every learner is fitted to and every measure is taken on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from warehouse.errors import BadSetting, NotEnoughData

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

FEWEST_CUSTOMERS: Final = 30  # of an arm
FEWEST_RESPONSES: Final = 30  # outcomes that differ from what most customers have


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """``features`` (n, F) by ``names``, the ``outcome`` (n,), who was ``treated`` (n,), and the chance of it.

    ``propensity`` (n,) is the known probability of treatment; None where it is not known and has to be estimated.
    """

    features: Singles
    names: tuple[str, ...]
    outcome: Floats
    treated: Bools
    propensity: Floats | None

    @classmethod
    def of(
        cls,
        features: npt.ArrayLike,
        outcome: npt.ArrayLike,
        treatment: npt.ArrayLike,
        propensity: npt.ArrayLike | None = None,
    ) -> Sample:
        """Check what was given: arrays or frames, a treatment of zeros and ones, propensities (n,) or one for all.

        Raises :class:`BadSetting` for what is no such thing, :class:`NotEnoughData` where an arm is missing or too
        small or hardly anybody differs in the outcome.
        """
        table, names = features_of(features)
        rows = table.shape[0]
        sample = cls(
            table,
            names,
            _column("outcome", outcome, rows),
            _two_valued(treatment, rows),
            None if propensity is None else _chances(propensity, rows),
        )
        sample.require_enough()
        return sample

    @property
    def size(self) -> int:
        """The number of customers."""
        return self.outcome.size

    def take(self, rows: Bools | Rows) -> Sample:
        """Only these customers."""
        chance = None if self.propensity is None else self.propensity[rows]
        return replace(
            self,
            features=self.features[rows],
            outcome=self.outcome[rows],
            treated=self.treated[rows],
            propensity=chance,
        )

    def require_enough(self) -> None:
        """Raises :class:`NotEnoughData` where there is nothing that an effect could be told from."""
        treated = int(self.treated.sum())
        for arm, count in (("treated", treated), ("untreated", self.size - treated)):
            if count < FEWEST_CUSTOMERS:
                raise NotEnoughData(
                    f"There are {count:,} {arm} customers; uplift needs {FEWEST_CUSTOMERS} of either kind.",
                    remedy="Give customers of both arms of the test.",
                )
        values, counts = np.unique(self.outcome, return_counts=True)
        if values.size == 1:
            raise NotEnoughData(
                f"The outcome is {values[0]:g} for every customer, so nothing can be said of what changes it.",
                remedy="Choose an outcome that some customers have and others have not, or wait for more of them.",
            )
        responses = self.size - int(counts.max())
        if responses < FEWEST_RESPONSES:
            raise NotEnoughData(
                f"Only {responses} customers have another outcome than {values[counts.argmax()]:g}; uplift needs "
                f"{FEWEST_RESPONSES}.",
                remedy="Choose an outcome that more customers have, or wait for more of them.",
            )


def features_of(features: npt.ArrayLike) -> tuple[Singles, tuple[str, ...]]:
    """A table of numbers (n, F) with the names of its columns; nan is a value that is missing.

    Raises :class:`BadSetting` for what is no table, has text in it, or numbers without end.
    """
    names = tuple(map(str, getattr(features, "columns", ())))
    try:
        table = np.asarray(features, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise BadSetting(
            f"features hold what is no number: {error}.", remedy="Encode text as numbers, one column per value."
        ) from error
    if table.ndim != 2 or not table.size:
        raise BadSetting(f"features have the shape {table.shape}, must be a table of customers by features.")
    endless = np.isinf(table).any(axis=0)
    names = names or tuple(f"feature {place}" for place in range(table.shape[1]))
    if endless.any():
        raise BadSetting(
            f"{names[int(endless.argmax())]!r} is infinite for some customers.", remedy="Leave them out, or cap it."
        )
    return table, names


def _two_valued(treatment: npt.ArrayLike, rows: int) -> Bools:
    values = np.asarray(treatment)
    if values.dtype != np.bool_:
        values = _column("treatment", values, rows)
        others = np.unique(values[(values != 0) & (values != 1)])
        if others.size:
            raise BadSetting(
                f"treatment has the value {others[0]:g}, must be 0 (untreated) or 1 (treated).",
                remedy="Compare two arms at a time.",
            )
    if values.shape != (rows,):
        raise BadSetting(f"treatment has the shape {values.shape}, must have one entry for each of {rows:,} customers.")
    return values.astype(np.bool_)


def _chances(propensity: npt.ArrayLike, rows: int) -> Floats:
    values = np.asarray(propensity)
    chances = _column("propensity", np.full(rows, values[()]) if values.ndim == 0 else values, rows)
    impossible = (chances <= 0) | (chances >= 1)
    if impossible.any():
        raise BadSetting(
            f"propensity is {chances[impossible][0]:g} for {impossible.sum():,} customers, must be above 0 and below "
            "1: of those who could only be treated, or only be left alone, no effect is known.",
            remedy="Leave those customers out.",
        )
    return chances


def _column(name: str, values: npt.ArrayLike, rows: int) -> Floats:
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadSetting(f"{name} holds what is no number: {error}.", remedy="Give numbers.") from error
    if column.shape != (rows,):
        raise BadSetting(f"{name} has the shape {column.shape}, must have one entry for each of {rows:,} customers.")
    missing = ~np.isfinite(column)
    if missing.any():
        raise BadSetting(
            f"{name} is missing or infinite for {missing.sum():,} customers, the first of them in place "
            f"{int(missing.argmax())}.",
            remedy="Leave those customers out, or find out what they did.",
        )
    return column
