"""Synthetic control: a weighted mean of other markets that moved as the treated one did before treatment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from ml.lift.case import Case
from ml.lift.panel import Floats
from ml.lift.simplex import simplex_weights

Match = Literal["level", "path"]


@dataclass(frozen=True, slots=True, eq=False)
class Counterfactual:
    """What the treated would have done: ``series`` (T,), from ``weights`` (J,) of the donors."""

    series: Floats
    weights: Floats


class Estimator(Protocol):
    """A method that makes a counterfactual of donors."""

    def fit(self, case: Case) -> Counterfactual:
        """The counterfactual of all periods, from those before treatment."""

    def settled(self, case: Case) -> Estimator:
        """The same with what it searches for settled by this case, so that many like it are quick."""


@dataclass(frozen=True, slots=True)
class SyntheticControl:
    """Weights that are not negative and sum to one.

    They match the level of the outcome (Abadie, Diamond and Hainmueller 2010, doi 10.1198/jasa.2009.ap08746), or its
    path about its own mean, as if every market had a fixed effect (Doudchenko and Imbens 2016, arXiv 1610.07748; Ferman
    and Pinto 2021, doi 10.3982/QE1596).
    """

    match: Match

    def fit(self, case: Case) -> Counterfactual:
        """Exactly, by :func:`simplex_weights`."""
        outcome, donors, shift = aligned(case, self.match)
        weights = simplex_weights(donors[:, : case.before], outcome[: case.before])
        return Counterfactual(weights @ donors + shift, weights)

    def settled(self, case: Case) -> SyntheticControl:  # noqa: ARG002  (nothing is searched for)
        """The same."""
        return self


def aligned(case: Case, match: Match) -> tuple[Floats, Floats, float]:
    """Outcome (T,) and donors (J, T) as they are to be matched, and what that took from the outcome's level."""
    if match == "level":
        return case.outcome, case.donors, 0.0
    shift = float(case.outcome[: case.before].mean())
    means: Floats = case.donors[:, : case.before].mean(axis=1, keepdims=True)
    return case.outcome - shift, case.donors - means, shift


def root_mean_square(values: Floats) -> float:
    """Of any numbers."""
    return float(np.sqrt(np.mean(values**2)))
