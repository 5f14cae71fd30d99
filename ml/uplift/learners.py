"""Learners of uplift: what treating a customer changes, from those who were treated and those who were not.

All have scikit-learn's interface: ``fit(X, outcome, treatment, propensity=None)``, ``predict(X)``, parameters that can
be read, set and cloned, and any regressor of that interface in place of our trees. A propensity is the known chance of
each customer, or of all, to have been treated; without one it is estimated from the features.

S, T and X: Künzel, Sekhon, Bickel and Yu 2019 (doi 10.1073/pnas.1804597116). R and DR are in :mod:`orthogonal`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ml.uplift.boosting import StoppedTrees
from ml.uplift.nuisance import Model, cross_fit, estimated_propensity, fit_one, predicted, shared
from ml.uplift.sample import Floats, Sample, Singles, features_of
from warehouse.errors import BadSetting


class UpliftLearner(BaseEstimator, ABC):  # type: ignore[misc]  # sklearn has no types
    """What all learners share. Subclasses fit a checked sample and predict from a checked table."""

    seed: int

    def fit(
        self,
        X: npt.ArrayLike,  # noqa: N803
        outcome: npt.ArrayLike,
        treatment: npt.ArrayLike,
        propensity: npt.ArrayLike | None = None,
    ) -> Self:
        """Fit to customers (n, F), what they did (n,), who was treated (n,), and the known chance of it.

        Raises as :meth:`Sample.of`.
        """
        return self.fit_sample(Sample.of(X, outcome, treatment, propensity))

    def fit_sample(self, sample: Sample) -> Self:
        """The same from a sample."""
        self._fit(sample)
        self.feature_names_ = sample.names
        self.n_features_in_ = sample.features.shape[1]
        return self

    def predict(self, X: npt.ArrayLike) -> Floats:  # noqa: N803
        """(n,) what treatment changes in the outcome of each customer."""
        return self._predict(self._table(X))

    def contributions(self, X: npt.ArrayLike) -> Floats:  # noqa: N803
        """(n, F + 1) what each feature adds to the uplift, and in the last column what all have; rows sum to uplift.

        Raises :class:`BadSetting` where a model is none of trees by XGBoost.
        """
        return self._contributions(self._table(X))

    def _table(self, given: npt.ArrayLike) -> Singles:
        check_is_fitted(self)
        table, _ = features_of(given)
        if table.shape[1] != self.n_features_in_:
            raise BadSetting(f"there are {table.shape[1]} features, must be {self.n_features_in_} as in fitting.")
        return table

    def _outcome_model(self, given: Model | None) -> Model:
        return StoppedTrees(seed=self.seed) if given is None else given

    @abstractmethod
    def _fit(self, sample: Sample) -> None: ...

    @abstractmethod
    def _predict(self, table: Singles) -> Floats: ...

    @abstractmethod
    def _contributions(self, table: Singles) -> Floats: ...


class SLearner(UpliftLearner):
    """One model of the outcome, with the treatment as a feature: its difference when only that changes."""

    def __init__(self, outcome_model: Model | None = None, seed: int = 1) -> None:
        self.outcome_model = outcome_model
        self.seed = seed

    def _fit(self, sample: Sample) -> None:
        table = _beside(sample.features, sample.treated)
        self.model_ = fit_one(self._outcome_model(self.outcome_model), table, sample.outcome)

    def _predict(self, table: Singles) -> Floats:
        return predicted(self.model_, _beside(table, 1)) - predicted(self.model_, _beside(table, 0))

    def _contributions(self, table: Singles) -> Floats:
        both = shares_of(self.model_, _beside(table, 1)) - shares_of(self.model_, _beside(table, 0))
        # The treatment's own column is what it does to everybody.
        both[:, -1] += both[:, -2]
        return np.delete(both, -2, axis=1)


class TLearner(UpliftLearner):
    """A model of the outcome for either arm, and their difference."""

    def __init__(self, outcome_model: Model | None = None, seed: int = 1) -> None:
        self.outcome_model = outcome_model
        self.seed = seed

    def _fit(self, sample: Sample) -> None:
        self.untreated_, self.treated_ = _by_arm(self._outcome_model(self.outcome_model), sample)

    def _predict(self, table: Singles) -> Floats:
        return predicted(self.treated_, table) - predicted(self.untreated_, table)

    def _contributions(self, table: Singles) -> Floats:
        return shares_of(self.treated_, table) - shares_of(self.untreated_, table)


class XLearner(UpliftLearner):
    """Effects imputed in each arm by the other arm's model, regressed there, and weighted by the propensity."""

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

    def _fit(self, sample: Sample) -> None:
        without, with_ = _by_arm(self._outcome_model(self.outcome_model), sample)
        treated, effect = sample.treated, effect_trees(self.seed) if self.effect_model is None else self.effect_model
        table, outcome = sample.features, sample.outcome
        self.from_treated_ = fit_one(effect, table[treated], outcome[treated] - predicted(without, table[treated]))
        self.from_untreated_ = fit_one(effect, table[~treated], predicted(with_, table[~treated]) - outcome[~treated])
        self.share_: float | None = None
        if sample.propensity is not None and np.ptp(sample.propensity) == 0:
            self.share_ = float(sample.propensity[0])
            return
        model = self._outcome_model(self.propensity_model)
        data = shared(table, model, seed=self.seed)
        if sample.propensity is None:
            self.chances_, _ = estimated_propensity(sample, data, model, folds=self.folds, seed=self.seed)
        else:
            ones = np.ones(sample.size)
            self.chances_, _ = cross_fit(model, data, sample.propensity, ones, folds=self.folds, seed=self.seed)

    def _predict(self, table: Singles) -> Floats:
        share = self._share(table)
        return share * predicted(self.from_untreated_, table) + (1 - share) * predicted(self.from_treated_, table)

    def _contributions(self, table: Singles) -> Floats:
        share = self._share(table)[:, None]
        return share * shares_of(self.from_untreated_, table) + (1 - share) * shares_of(self.from_treated_, table)

    def _share(self, table: Singles) -> Floats:
        if self.share_ is not None:
            return np.full(table.shape[0], self.share_)
        chances = np.mean([predicted(model, table) for model in self.chances_], axis=0)
        inside: Floats = np.clip(chances, 0.0, 1.0)
        return inside


def effect_trees(seed: int) -> StoppedTrees:
    """For effects, which are smaller than outcomes, and simpler."""
    return StoppedTrees(depth=2, rate=0.25, leaf_share=0.01, shrinkage=200.0, patience=5, seed=seed)


def shares_of(model: Model, table: Singles) -> Floats:
    """(n, F + 1) Shapley values of a model's predictions. Raises :class:`BadSetting` for one that is not of trees."""
    if isinstance(model, StoppedTrees):
        return model.contributions(table)
    import xgboost as xgb

    if not isinstance(model, xgb.XGBRegressor):
        raise BadSetting(
            f"contributions are those of trees by XGBoost, not of {type(model).__name__}.",
            remedy="Fit with the learner's own trees or with XGBRegressor.",
        )
    said: Any = model.get_booster().predict(xgb.DMatrix(table), pred_contribs=True)
    return np.asarray(said, dtype=np.float64)


def _by_arm(model: Model, sample: Sample) -> tuple[Model, Model]:
    untreated, treated = (
        fit_one(model, sample.features[arm], sample.outcome[arm]) for arm in (~sample.treated, sample.treated)
    )
    return untreated, treated


def _beside(table: Singles, treated: npt.ArrayLike) -> Singles:
    """The table with the treatment as its last column."""
    column = np.broadcast_to(np.asarray(treated, dtype=np.float32), table.shape[:1])
    return np.column_stack([table, column])
