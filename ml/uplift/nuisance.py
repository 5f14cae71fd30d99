"""What is expected of customers whatever the treatment does to them, each by models that did not see the customer.

With a known chance of treatment e(x), the only expectation that an effect score needs is h(x) = (1 - e) m1 + e m0, the
mean outcome with the arms' weights swapped, and it makes scores vary least (Robins, Rotnitzky and Zhao 1994, doi
10.1080/01621459.1994.10476818). One regression gives it, if it takes weights. Where e is estimated, m0 and m1 are
fitted apart, so that scores stay right if either they or e are (Kennedy 2023, doi 10.1214/23-EJS2157).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.model_selection import KFold
from sklearn.utils.validation import has_fit_parameter

from ml.uplift.boosting import Halves, StoppedTrees
from ml.uplift.sample import Floats, Sample, Singles
from warehouse.errors import BadSetting, NotEnoughData

Model = Any  # whatever has scikit-learn's fit and predict
Table = Singles | Halves

MOST_OVERLAP: Final = 0.01  # estimated chances nearer to 0 or 1 than this are taken for it
_MOST_CLIPPED: Final = 0.1  # of the customers


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Of each customer (n,): the ``outcome`` h(x) as above, and the ``propensity`` e(x) to have been treated."""

    outcome: Floats
    propensity: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Nuisances:
    """Fitted models, each a list of as many as there were folds: of h, or of m0, m1 and e."""

    balanced: Sequence[Model]
    untreated: Sequence[Model]
    treated: Sequence[Model]
    chance: Sequence[Model]

    def expected(self, features: Singles, propensity: Floats | None) -> Expected:
        """For customers that were not fitted to; ``propensity`` (n,) is known where it was known in fitting.

        Raises :class:`BadSetting` where it is not.
        """
        chance = _within(_mean(self.chance, features)) if self.chance else propensity
        if chance is None:
            raise BadSetting("The model was fitted with known propensities; give those of these customers too.")
        if self.balanced:
            return Expected(_mean(self.balanced, features), chance)
        return _mixed(_mean(self.untreated, features), _mean(self.treated, features), chance)


def effect_scores(sample: Sample, expected: Expected) -> Floats:
    """(n,) the doubly robust score of each customer: its mean over any customers is their mean effect.

    m1 - m0 + (w - e) / (e (1 - e)) (y - m_w), which is (w - e) / (e (1 - e)) (y - h).
    """
    chance = expected.propensity
    weights = (sample.treated - chance) / (chance * (1 - chance))
    scores: Floats = weights * (sample.outcome - expected.outcome)
    return scores


def fit_nuisances(
    sample: Sample, data: Table, outcome_model: Model, propensity_model: Model, *, folds: int, seed: int
) -> tuple[Nuisances, Expected]:
    """Fit, and what is expected of each customer of the sample by models of other customers.

    ``data`` are the sample's features as :func:`shared` gives them. Raises as :func:`estimated_propensity`.
    """
    ones = np.ones(sample.size)
    chance = sample.propensity
    if chance is not None and has_fit_parameter(outcome_model, "sample_weight"):
        swapped = np.where(sample.treated, (1 - chance) / chance, chance / (1 - chance))
        models, level = cross_fit(outcome_model, data, sample.outcome, swapped, folds=folds, seed=seed)
        return Nuisances(models, (), (), ()), Expected(level, chance)
    without, m0 = cross_fit(outcome_model, data, sample.outcome, ones * ~sample.treated, folds=folds, seed=seed)
    with_, m1 = cross_fit(outcome_model, data, sample.outcome, ones * sample.treated, folds=folds, seed=seed)
    if chance is not None:
        return Nuisances((), without, with_, ()), _mixed(m0, m1, chance)
    chances, estimated = estimated_propensity(sample, data, propensity_model, folds=folds, seed=seed)
    return Nuisances((), without, with_, chances), _mixed(m0, m1, estimated)


def estimated_propensity(
    sample: Sample, data: Table, model: Model, *, folds: int, seed: int
) -> tuple[Sequence[Model], Floats]:
    """The chance (n,) of each customer to be treated, by models that did not see the customer, and these models.

    Raises :class:`NotEnoughData` where treatment is next to certain, or next to impossible, for a tenth of them.
    """
    treated = sample.treated.astype(np.float64)
    models, chances = cross_fit(model, data, treated, np.ones(sample.size), folds=folds, seed=seed)
    certain = float(((chances < MOST_OVERLAP) | (chances > 1 - MOST_OVERLAP)).mean())
    if certain > _MOST_CLIPPED:
        raise NotEnoughData(
            f"Whether they are treated is next to certain for {certain:.0%} of the customers, so there is nobody to "
            "compare them with.",
            remedy="Leave out features that decide who is treated, or customers of whom it is certain.",
        )
    return models, _within(chances)


def shared(features: Singles, *models: Model, seed: int) -> Table:
    """The table as all models take it: cut into bins once, where all are trees that stop by themselves."""
    return Halves.of(features, seed) if all(isinstance(model, StoppedTrees) for model in models) else features


def cross_fit(
    model: Model, data: Table, target: Floats, weight: Floats, *, folds: int, seed: int
) -> tuple[Sequence[Model], Floats]:
    """Models fitted to parts of the rows, and (n,) predictions of each row by a model that did not see it.

    Rows of weight 0 are only predicted. :class:`StoppedTrees` part rows themselves.
    """
    if isinstance(model, StoppedTrees):
        fitted = clone(model).fit(data, target, weight)
        return (fitted,), fitted.unseen_
    if isinstance(data, Halves):
        raise BadSetting("halves are for trees that stop by themselves.")
    unseen, models = np.empty(target.size), []
    for seen, others in KFold(folds, shuffle=True, random_state=seed).split(target):
        known = seen[weight[seen] > 0]
        if not known.size:
            raise NotEnoughData(f"There are too few customers of an arm for {folds} folds.", remedy="Take fewer folds.")
        models.append(fit_one(model, data[known], target[known], weight[known]))
        unseen[others] = predicted(models[-1], data[others])
    return models, unseen


def fit_one(model: Model, data: Table, target: Floats, weight: Floats | None = None) -> Model:
    """A copy of the model fitted. Raises :class:`BadSetting` where weights differ and the model takes none."""
    if weight is None or np.ptp(weight) == 0:
        return clone(model).fit(data, target)
    if not has_fit_parameter(model, "sample_weight"):
        raise BadSetting(
            f"{type(model).__name__} takes no weights of customers, which differ here.", remedy="Take another model."
        )
    return clone(model).fit(data, target, sample_weight=weight)


def predicted(model: Model, data: Singles) -> Floats:
    """(n,) predictions; of a classifier the probability of its second class."""
    said = model.predict_proba(data)[:, 1] if is_classifier(model) else model.predict(data)
    values: Floats = np.asarray(said, dtype=np.float64).reshape(data.shape[0])
    return values


def _mixed(m0: Floats, m1: Floats, chance: Floats) -> Expected:
    return Expected((1 - chance) * m1 + chance * m0, chance)


def _mean(models: Sequence[Model], features: Singles) -> Floats:
    mean: Floats = np.mean([predicted(model, features) for model in models], axis=0)
    return mean


def _within(chances: Floats) -> Floats:
    inside: Floats = np.clip(chances, MOST_OVERLAP, 1 - MOST_OVERLAP)
    return inside
