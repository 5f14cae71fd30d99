"""The linear program over pieces of curves: compiled once for a set of rules, then solved for any limits and pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cvxpy as cp
import numpy as np
from cvxpy.atoms.affine.binary_operators import multiply

from ml.budget.curves import Floats
from ml.budget.envelope import Pieces
from ml.budget.problem import Problem

_INFEASIBLE: Final = (cp.INFEASIBLE, cp.settings.INFEASIBLE_OR_UNBOUNDED)

_WAYS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    (cp.HIGHS, {"warm_start": True}),
    (cp.HIGHS, {"warm_start": False, "highs_options": {"presolve": "off"}}),
    (cp.CLARABEL, {}),
)


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """The best spends (n,) by the pieces, what reaches each response (J,), and the pieces' value, an upper bound.

    ``of_at_most``, ``of_equal`` and ``of_floors`` are what one more unit of each row's limit would bring; a floor's is
    at most zero.
    """

    spend: Floats
    fed: Floats
    bound: float
    of_at_most: Floats
    of_equal: Floats
    of_floors: Floats


class Relaxation:
    """Maximise by pieces, money and outcome scaled to order 1. What may change without compiling is a parameter.

    The program is disciplined in its parameters (Agrawal et al. 2019, doi 10.48550/arXiv.1910.12430).
    """

    def __init__(self, problem: Problem, pieces: int) -> None:
        n, j = problem.spends, len(problem.curves)
        self._matrices = (problem.mixing, problem.at_most.matrix, problem.equal.matrix)
        self._floors = (problem.floors.gain, problem.floors.price)
        self.pieces = pieces
        self._lengths, self._gains = cp.Parameter((j, pieces), nonneg=True), cp.Parameter((j, pieces))
        self._low, self._high = cp.Parameter(n), cp.Parameter(n)
        self._spend = cp.Variable(n)
        # parts of pieces, so that their bounds are constants, which the solver needs no rows for
        self._used = cp.Variable((j, pieces), bounds=[0, 1])
        self._start, self._base = cp.Parameter(j), cp.Parameter(j)
        self._gained, self._price = cp.Parameter((j, pieces)), cp.Parameter(n)
        self._limits = [cp.Parameter(len(rows.names)) for rows in (problem.at_most, problem.equal)]
        self._floor = cp.Parameter(len(problem.floors.names))
        self._at_most = problem.at_most.matrix @ self._spend <= self._limits[0] if problem.at_most.names else None
        self._equal = problem.equal.matrix @ self._spend == self._limits[1] if problem.equal.names else None
        self._kept = None
        if problem.floors.names:
            responses = self._base + multiply(self._gains, self._used).sum(axis=1)
            self._price_rows = cp.Parameter(problem.floors.price.shape)
            reached = problem.floors.gain @ responses - self._price_rows @ self._spend
            self._kept = reached >= self._floor
        fed = problem.mixing @ self._spend - self._start == multiply(self._lengths, self._used).sum(axis=1)
        rules = [rule for rule in (self._at_most, self._equal, self._kept) if rule is not None]
        gain = multiply(self._gained, self._used).sum() - self._price @ self._spend
        self._program = cp.Problem(
            cp.Maximize(gain), [fed, self._spend >= self._low, self._spend <= self._high, *rules]
        )

    def fits(self, problem: Problem, pieces: int) -> bool:
        """Whether this program serves, with other limits and curves."""
        matrices = (problem.mixing, problem.at_most.matrix, problem.equal.matrix)
        return (
            pieces <= self.pieces
            and all(
                a.shape == b.shape and a.nnz == b.nnz and abs(a - b).max() == 0
                if a.nnz or b.nnz
                else a.shape == b.shape
                for a, b in zip(self._matrices, matrices, strict=True)
            )
            and np.array_equal(self._floors[0], problem.floors.gain)
            and self._floors[1].shape == problem.floors.price.shape
        )

    def solve(
        self, problem: Problem, pieces: Sequence[Pieces], starts: Floats, low: Floats, high: Floats
    ) -> Relaxed | None:
        """With ``pieces`` of each response from ``starts`` (J,) upwards and spends between low and high.

        None where nothing keeps the rules.
        """
        money, size = _scales(problem)
        lengths = np.zeros((len(pieces), self.pieces))
        slopes = np.zeros_like(lengths)
        for place, each in enumerate(pieces):
            lengths[place, : each.lengths.size] = each.lengths
            slopes[place, : each.slopes.size] = each.slopes
        base = np.array([each.base for each in pieces])
        self._lengths.value, self._gains.value = lengths / money, slopes * lengths / size
        self._gained.value = problem.worth[:, None] * self._gains.value
        self._start.value, self._base.value = (starts - problem.carried) / money, base / size
        self._low.value, self._high.value = low / money, high / money
        self._price.value = problem.price * (money / size)
        for parameter, rows in zip(self._limits, (problem.at_most, problem.equal), strict=True):
            parameter.value = rows.limit / money
        self._floor.value = problem.floors.floor / size
        if self._kept is not None:
            self._price_rows.value = problem.floors.price * (money / size)
        self._run()
        if self._program.status in _INFEASIBLE:
            return None
        spend = np.clip(np.asarray(self._spend.value) * money, low, high)
        constant = float(problem.worth @ base)
        rate = size / money
        return Relaxed(
            spend,
            problem.fed(spend),
            constant + size * float(self._program.value),
            _dual(self._at_most) * rate,
            _dual(self._equal) * rate,
            -_dual(self._kept),
        )

    def _run(self) -> None:
        """By the simplex from the last basis; where that is lost in rounding anew, and then from the inside."""
        for solver, options in _WAYS:
            try:
                self._program.solve(solver=solver, **options)  # type: ignore[no-untyped-call]  # of cvxpy
            except (cp.SolverError, ValueError) as error:  # ValueError: the solver's status is unknown
                failed = error
            else:
                return
        raise failed


def _scales(problem: Problem) -> tuple[float, float]:
    """Units of money and of outcome in which the largest of them are about 1."""
    money = float(np.max(problem.high, initial=0.0)) or 1.0
    top = problem.fed(problem.high)
    values = [abs(float(curve.value(at))) for curve, at in zip(problem.curves, top, strict=True)]
    return money, max(values, default=1.0) or 1.0


def _dual(rule: cp.Constraint | None) -> Floats:
    return np.zeros(0) if rule is None else np.atleast_1d(np.asarray(rule.dual_value, dtype=float))
