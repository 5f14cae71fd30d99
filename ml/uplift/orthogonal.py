"""Learners whose errors in what is expected of customers hardly reach the effect: R and DR."""

from __future__ import annotations

import numpy as np

from ml.uplift.boosting import StoppedTrees
from ml.uplift.learners import UpliftLearner, effect_trees, shares_of
from ml.uplift.nuisance import (
    Model,
    Nuisances,
    cross_fit,
    effect_scores,
    estimated_propensity,
    fit_nuisances,
    fit_one,
    predicted,
    shared,
)
from ml.uplift.sample import Floats, Sample, Singles


class _Orthogonal(UpliftLearner):
    """What both share: their models, and that one of them is of the effect itself."""

    def __init__(
        self,
        outcome_model: Model | None = None,
        effect_model: Model | None = None,
        propensity_model: Model | None = None,
        folds: int = 2,
        seed: int = 1,
    ) -> None:
        self.outcome_model = outcome_model
        self.effect_model = effect_model
        self.propensity_model = propensity_model
        self.folds = folds
        self.seed = seed

    def _models(self) -> tuple[Model, Model, Model]:
        # What is left of outcomes only makes scores vary: expectations need not be the best there are.
        cross_fitted = StoppedTrees(rate=0.5, refit=False, seed=self.seed)
        return (
            cross_fitted if self.outcome_model is None else self.outcome_model,
            cross_fitted if self.propensity_model is None else self.propensity_model,
            effect_trees(self.seed) if self.effect_model is None else self.effect_model,
        )

    def _predict(self, table: Singles) -> Floats:
        return predicted(self.effect_, table)

    def _contributions(self, table: Singles) -> Floats:
        return shares_of(self.effect_, table)


class DRLearner(_Orthogonal):
    """A regression of doubly robust scores (Kennedy 2023, doi 10.1214/23-EJS2157).

    ``nuisances_`` are what it expects of customers, by which it can be judged on others.
    """

    nuisances_: Nuisances

    def _fit(self, sample: Sample) -> None:
        outcome, chance, effect = self._models()
        data = shared(sample.features, outcome, chance, effect, seed=self.seed)
        self.nuisances_, expected = fit_nuisances(sample, data, outcome, chance, folds=self.folds, seed=self.seed)
        self.effect_ = fit_one(effect, data, effect_scores(sample, expected))


class RLearner(_Orthogonal):
    """A regression of residuals on residuals (Nie and Wager 2021, doi 10.1093/biomet/asaa076)."""

    def _fit(self, sample: Sample) -> None:
        outcome, chance, effect = self._models()
        data = shared(sample.features, outcome, chance, effect, seed=self.seed)
        _, mean = cross_fit(outcome, data, sample.outcome, np.ones(sample.size), folds=self.folds, seed=self.seed)
        propensity = sample.propensity
        if propensity is None:
            _, propensity = estimated_propensity(sample, data, chance, folds=self.folds, seed=self.seed)
        surprise = sample.treated - propensity
        self.effect_ = fit_one(effect, data, (sample.outcome - mean) / surprise, surprise**2)
