"""Synthetic control by predictors: how much each matters is what makes the outcome before treatment match best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import minimize

from ml.lift.case import Case
from ml.lift.panel import Floats, Panel, Places, Time
from ml.lift.simplex import simplex_weights
from ml.lift.synthetic import Counterfactual
from warehouse.errors import BadSetting, NotEnoughData

OUTCOME: Final = "outcome"
_ROUNDS, _STEP = 12, 0.5  # of the search, and how far it jumps in logarithms of importance
_ROUGH, _FINE = 20, 60  # looks at the loss in one descent: from a corner, and about the best
_EXACT: Final = 1e-10  # of slopes: nothing but rounding
_SMALL: Final = -6.0  # logarithm of what other predictors count for where one leads
_RANGE: Final = (-25.0, 3.0)  # of logarithms; the leading predictor starts at 0


@dataclass(frozen=True, slots=True)
class Predictor:
    """A market's mean of the column ``name`` from ``first`` to ``last``; ``outcome`` is the outcome itself.

    Without days it is the mean of all periods before treatment.
    """

    name: str
    first: Time | None = None
    last: Time | None = None


def with_predictors(case: Case, panel: Panel, predictors: Sequence[Predictor]) -> Case:
    """The case with the predictors' means as traits, each divided by its standard deviation over markets.

    Periods in which a column is unknown are left out of its mean. Raises :class:`BadSetting` for a column or window
    that is not there or reaches beyond treatment, :class:`NotEnoughData` for a market of which nothing is known and
    for a column that is the same everywhere.
    """
    names = (*case.units, *case.donor_units)
    rows = panel.places(names)
    traits = np.column_stack([_means(case, panel, predictor)[rows] for predictor in predictors])
    unknown = np.argwhere(np.isnan(traits))
    if unknown.size:
        row, column = unknown[0]
        raise NotEnoughData(
            f"Nothing is known of {predictors[column].name} of {names[row]} in its window.",
            remedy="Give a value, another window, or exclude the market.",
        )
    scatter = traits.std(axis=0, ddof=1)
    for column, predictor in enumerate(predictors):
        if scatter[column] <= 0:
            raise NotEnoughData(f"{predictor.name} is the same in all markets, so it tells none apart.")
    traits /= scatter
    count = len(case.units)
    return replace(case, treated_traits=traits[:count].mean(axis=0), donor_traits=traits[count:])


@dataclass(frozen=True, slots=True, eq=False)
class PredictorControl:
    """Weights that match predictors, and importances of predictors that match the outcome in periods [first, last).

    Abadie and Gardeazabal 2003, doi 10.1257/000282803321455188, appendix B. The inner problem is solved exactly; the
    outer one, which has many local optima (Malo et al. 2023, doi 10.1007/s10614-023-10471-7), by descents along its
    exact gradient from every corner and then from jumps about the best. With ``importance`` (K,) it is one descent from
    there.
    """

    first: int
    last: int
    importance: Floats | None = None
    seed: int = 1

    def fit(self, case: Case) -> Counterfactual:
        """Raises :class:`BadSetting` where the case has no predictors."""
        search = _Search(case, self.first, self.last)
        weights = search.weights(self._best(search))
        return Counterfactual(weights @ case.donors, weights)

    def settled(self, case: Case) -> PredictorControl:
        """The same with a search that is one descent from what matters for this case."""
        search = _Search(case, self.first, self.last)
        return replace(self, importance=np.exp(self._best(search)))

    def _best(self, search: _Search) -> Floats:
        if self.importance is not None:
            return search.descend(np.log(self.importance), _FINE)[1]
        size = search.size
        corners = [np.where(np.arange(size) == lead, 0.0, _SMALL) for lead in range(size)]
        loss, best = min(
            (search.descend(start, _ROUGH) for start in [np.zeros(size), *corners]), key=lambda found: found[0]
        )
        generator = np.random.default_rng(self.seed)
        for _ in range(_ROUNDS if size > 1 else 0):
            jump = _STEP * generator.standard_normal(size)
            tried = search.descend(np.minimum(best - best.max() + jump, 0.0), _FINE)
            loss, best = min((loss, best), tried, key=lambda found: found[0])
        return best


class _Search:
    """The mean squared error before treatment, as a function of the logarithms (K,) of importance."""

    def __init__(self, case: Case, first: int, last: int) -> None:
        if not case.treated_traits.size:
            raise BadSetting("Predictors are to be matched, and none is given.", remedy="Name at least one.")
        self.size = int(case.treated_traits.size)
        self._points, self._nowhere = case.donor_traits - case.treated_traits, np.zeros(self.size)
        self._gaps = case.donors[:, first:last] - case.outcome[first:last]
        self._active: Places = np.arange(1)

    def weights(self, logs: Floats) -> Floats:
        """(J,) weights of the donors."""
        scale = np.exp((logs - logs.max()) / 2)
        return simplex_weights(self._points * scale, self._nowhere)

    def descend(self, start: Floats, looks: int) -> tuple[float, Floats]:
        """As far down from ``start`` as so many looks lead: the loss there, and where that is."""
        found = minimize(
            self._loss, np.clip(start, *_RANGE), jac=True, method="TNC", bounds=[_RANGE] * self.size,
            options={"maxfun": looks},
        )  # fmt: skip
        return float(found.fun), np.asarray(found.x, dtype=np.float64)

    def _loss(self, logs: Floats) -> tuple[float, Floats]:
        """Loss and gradient, by the implicit function theorem on the active set of the inner problem.

        The last active set is tried first: a small step seldom changes it, and then no other is searched for.
        """
        importance = np.exp(logs - logs.max())
        inverse = self._inverse(importance)
        weights = inverse[:-1, -1]
        if not self._is_optimal(weights, importance):
            found = self.weights(logs)
            self._active = np.flatnonzero(found)
            weights, inverse = found[self._active], self._inverse(importance)
        points, gaps = self._points[self._active], self._gaps[self._active]
        error = weights @ gaps
        moved = inverse[:-1, :-1] @ (gaps @ error) * (2 / error.size)
        return float(error @ error / error.size), -importance * (moved @ points) * (weights @ points)

    def _inverse(self, importance: Floats) -> Floats:
        """Of the conditions for weights of the active set: their slopes alike, their sum one."""
        points = self._points[self._active]
        size = len(points)
        system = np.ones((size + 1, size + 1))
        system[:size, :size] = (points * importance) @ points.T
        system[size, size] = 0.0
        try:
            inverse = np.linalg.inv(system)
        except np.linalg.LinAlgError:  # importances so small that points look alike
            inverse = np.linalg.pinv(system)
        return np.asarray(inverse, dtype=np.float64)

    def _is_optimal(self, weights: Floats, importance: Floats) -> bool:
        """Whether weights of the active set are positive, and no market would do better."""
        slopes = self._points @ (importance * (weights @ self._points[self._active]))
        level = float(weights @ slopes[self._active])
        least = _EXACT * float(np.abs(slopes).max())
        alike = np.abs(slopes[self._active] - level).max() <= least
        return bool(weights.min() > 0 and slopes.min() >= level - least and alike)


def _means(case: Case, panel: Panel, predictor: Predictor) -> Floats:
    """(N,) of all markets of the panel."""
    values = panel.values if predictor.name == OUTCOME else panel.traits.get(predictor.name)
    if values is None:
        raise BadSetting(
            f"This panel has no column {predictor.name!r}.",
            remedy=f"It has {', '.join([*panel.traits, OUTCOME])}.",
        )
    first = 0 if predictor.first is None else panel.place(predictor.first)
    last = case.before - 1 if predictor.last is None else panel.place(predictor.last)
    if not first <= last < case.before:
        raise BadSetting(
            f"The window of {predictor.name}, {predictor.first} to {predictor.last}, does not lie before treatment.",
            remedy=f"It must lie between {panel.times[0]} and {panel.times[case.before - 1]}.",
        )
    window = values[:, first : last + 1]
    known = np.isfinite(window)
    count = known.sum(axis=1)
    sums = np.where(known, window, 0.0).sum(axis=1)
    means: Floats = np.divide(sums, count, out=np.full(len(sums), np.nan), where=count > 0)
    return means
