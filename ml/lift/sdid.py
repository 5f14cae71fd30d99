"""Synthetic difference in differences: weights of markets and of periods, and a difference in differences of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.lift.case import Case
from ml.lift.panel import Floats
from ml.lift.placebo import t_inference
from ml.lift.results import Inference
from ml.lift.simplex import simplex_weights
from ml.lift.synthetic import Counterfactual
from warehouse.errors import NotEnoughData


@dataclass(frozen=True, slots=True)
class SyntheticDifference:
    """Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, doi 10.1257/aer.20190159, algorithm 1.

    Their package stops its solver early and drops small weights; here both are exact, which moves the third decimal.
    """

    def fit(self, case: Case) -> Counterfactual:
        """The counterfactual is the donors' weighted mean, moved by what it was off in the weighted periods before."""
        before, after = case.donors[:, : case.before], case.donors[:, case.before :]
        weights = _market_weights(case, _noise(before))
        periods = period_weights(before, after, _noise(before))
        synthetic = weights @ case.donors
        shift = float(periods @ (case.outcome - synthetic)[: case.before])
        return Counterfactual(synthetic + shift, weights)

    def settled(self, case: Case) -> SyntheticDifference:  # noqa: ARG002  (nothing is searched for)
        """The same."""
        return self


def period_weights(before: Floats, after: Floats, noise: float) -> Floats:
    """(before,) weights of the periods before, which make of donors what they are after treatment."""
    centred = before - before.mean(axis=0)
    mean_after: Floats = after.mean(axis=1)
    return simplex_weights(centred.T, mean_after - mean_after.mean(), ridge=len(before) * (1e-6 * noise) ** 2)


def _market_weights(case: Case, noise: float) -> Floats:
    before = case.donors[:, : case.before]
    centred = before - before.mean(axis=1, keepdims=True)
    target = case.outcome[: case.before]
    penalty = (len(case.treated) * case.after) ** 0.25 * noise
    return simplex_weights(centred, target - target.mean(), ridge=case.before * penalty**2)


def _noise(before: Floats) -> float:
    """How far donors move from one period to the next: the standard deviation of first differences."""
    noise = float(np.diff(before, axis=1).std(ddof=1))
    if noise <= 0:
        raise NotEnoughData("The markets without treatment never move, so they cannot stand for anything.")
    return noise


def jackknife(case: Case, found: Counterfactual, level: float) -> Inference:
    """An interval from leaving out each market, treated or not, with weights held (algorithm 3 of the same).

    It is for several treated markets; of few it says too little. Raises :class:`NotEnoughData` for one.
    """
    if len(case.treated) < 2:
        raise NotEnoughData(
            "One treated market cannot be left out.", remedy="Use the inference placebo for a single treated market."
        )
    before, after = case.donors[:, : case.before], case.donors[:, case.before :]
    periods = period_weights(before, after, _noise(before))

    def differences(values: Floats) -> Floats:
        changes: Floats = values[:, case.before :].mean(axis=1) - values[:, : case.before] @ periods
        return changes

    treated, donors = differences(case.treated), differences(case.donors)
    rest = 1 - found.weights
    kept = rest > 0  # without the only market that has weight there is no counterfactual
    without_donor = treated.mean() - (found.weights @ donors - found.weights * donors)[kept] / rest[kept]
    without_treated = (treated.sum() - treated) / (treated.size - 1) - found.weights @ donors
    effects = np.concatenate([without_donor, without_treated])
    count = effects.size
    se = float(np.sqrt((count - 1) / count * ((effects - effects.mean()) ** 2).sum()))
    gap = case.outcome - found.series
    return t_inference("jackknife", float(gap[case.before :].mean()), se, np.full(case.periods, se), count - 1, level)
