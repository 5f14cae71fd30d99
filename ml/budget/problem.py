"""What is to be decided, as arrays: spends, the responses they feed, and the rows that rules make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import scipy.sparse as sp

from ml.budget.curves import Curve, Floats

TOLERANCE: Final = 1e-6  # of a row's size: what rounding may take from it


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Linear rows over the spends: ``matrix`` (r, n), ``limit`` (r,), and for each the rule that it comes from."""

    matrix: sp.csr_array
    limit: Floats
    names: tuple[str, ...]

    @classmethod
    def of(cls, width: int, rows: Sequence[tuple[str, Floats, float]] = ()) -> Rows:
        """From (name, coefficients (n,), limit) of each."""
        matrix = np.array([row for _, row, _ in rows]).reshape(len(rows), width)
        return cls(sp.csr_array(matrix), np.array([limit for *_, limit in rows]), tuple(name for name, *_ in rows))

    def with_rows(self, more: Rows) -> Rows:
        """These and more."""
        matrix = sp.csr_array(sp.vstack([self.matrix, more.matrix]))
        return Rows(matrix, np.concatenate([self.limit, more.limit]), (*self.names, *more.names))

    def over(self, spend: Floats) -> Floats:
        """(r,) by how much each row is more than its limit, as a part of the row's size."""
        size = np.maximum(abs(self.matrix) @ np.abs(spend), np.maximum(np.abs(self.limit), 1e-300))
        return np.asarray((self.matrix @ spend - self.limit) / size)


@dataclass(frozen=True, slots=True, eq=False)
class Floors:
    """Rows over responses and spends: ``gain`` (r, J) @ responses - ``price`` (r, n) @ spends >= ``floor`` (r,)."""

    gain: Floats
    price: Floats
    floor: Floats
    names: tuple[str, ...]

    @classmethod
    def of(cls, responses: int, spends: int, rows: Sequence[tuple[str, Floats, Floats, float]] = ()) -> Floors:
        """From (name, gain (J,), price (n,), floor) of each."""
        return cls(
            np.array([row[1] for row in rows]).reshape(len(rows), responses),
            np.array([row[2] for row in rows]).reshape(len(rows), spends),
            np.array([row[3] for row in rows]),
            tuple(row[0] for row in rows),
        )


@dataclass(frozen=True, eq=False)
class Problem:
    """Choose spends x (n,) to maximise ``worth`` @ f(y) - ``price`` @ x, where y = ``mixing`` @ x + ``carried``.

    ``curves`` are the J responses f; ``mixing`` (J, n) is the identity where each spend has a response of its own, and
    carries spend over periods otherwise. Each x lies between ``low`` and ``high``, and where ``least`` is above zero it
    is zero or at least that. ``at_most``: rows <= limit; ``equal``: rows == limit.
    """

    curves: tuple[Curve, ...]
    mixing: sp.csr_array
    carried: Floats
    low: Floats
    high: Floats
    least: Floats
    worth: Floats
    price: Floats
    at_most: Rows
    equal: Rows
    floors: Floors

    @property
    def spends(self) -> int:
        return self.low.size

    @cached_property
    def own(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """(J,) the spend that alone and as it is feeds a response, -1 where there are several or another part of it."""
        counts = np.diff(self.mixing.indptr)
        alone = np.full(len(self.curves), -1)
        for row in np.flatnonzero((counts == 1) & (self.carried == 0)):
            at = self.mixing.indptr[row]
            if self.mixing.data[at] == 1.0:
                alone[row] = self.mixing.indices[at]
        return alone

    def fed(self, spend: Floats) -> Floats:
        """(J,) what reaches each response."""
        return np.asarray(self.mixing @ spend + self.carried)

    def responses(self, spend: Floats) -> Floats:
        """(J,) each response."""
        return np.array([float(curve.value(at)) for curve, at in zip(self.curves, self.fed(spend), strict=True)])

    def value(self, spend: Floats) -> float:
        """What is maximised."""
        return float(self.worth @ self.responses(spend) - self.price @ spend)

    def outcome(self, spend: Floats) -> float:
        """The responses in units of worth."""
        return float(self.worth @ self.responses(spend))

    def allows(self, spend: Floats, tolerance: float = TOLERANCE) -> bool:
        """Whether these spends keep every rule, but for rounding."""
        slack = tolerance * np.maximum(np.abs(self.high), 1e-300)
        within = (spend >= self.low - slack) & (spend <= self.high + slack)
        bought = (spend <= slack) | (spend >= self.least - slack)
        if not (within & bought).all():
            return False
        if (self.at_most.over(spend) > tolerance).any() or (np.abs(self.equal.over(spend)) > tolerance).any():
            return False
        if not self.floors.names:
            return True
        found = self.responses(spend)
        reached = self.floors.gain @ found - self.floors.price @ spend - self.floors.floor
        size = self.floors.gain @ np.abs(found) + np.abs(self.floors.floor)
        return bool((reached >= -tolerance * size).all())
