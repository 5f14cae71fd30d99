"""Features that are only known afterwards: they tell the outcome, or differ between arms that chance made alike."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np

from ml.uplift.sample import Bools, Floats, Sample, Singles
from warehouse.errors import BadSetting

MOST_CORRELATION: Final = 0.98  # in rank; nothing that people do before tells this much
FALSE_ALARMS: Final = 0.001  # over all features together, where arms are alike
_COMMON: Final = 0.05  # of the customers, that a value which excludes the outcome has
_EXPECTED: Final = 30.0  # customers with the outcome that such a value should have had
_REMEDY: Final = "Leave it out, or give it as it was known before anybody was treated."


def refuse_leaks(sample: Sample) -> None:
    """Raises :class:`BadSetting`, naming the feature, for one that cannot have been known before the treatment.

    That is one that ranks customers as the outcome does, one that says of many customers that they have no outcome
    though such are to be expected, and, where the propensity is known, one whose mean or absence differs between the
    arms by more than chance allows, propensities taken into account.
    """
    for place, name in enumerate(sample.names):
        _refuse_outcome(name, sample.features[:, place].astype(np.float64), sample.outcome)
    if sample.propensity is None:
        return
    z = imbalance(sample.features, sample.treated, sample.propensity)
    limit = NormalDist().inv_cdf(1 - FALSE_ALARMS / 4 / len(sample.names))  # on both sides, value and absence
    if np.abs(z).max() > limit:
        worst = int(np.abs(z).argmax())
        raise BadSetting(
            f"Feature {sample.names[worst]!r} differs between treated and untreated customers by "
            f"{abs(z[worst]):.1f} standard errors, where chance alone stays below {limit:.1f}: either it is known only "
            "after the treatment, or treatment did not go by the propensities given.",
            remedy="Leave it out, or have propensities estimated if customers were chosen by such features.",
        )


def imbalance(features: Singles, treated: Bools, propensity: Floats) -> Floats:
    """(F,) by how many standard errors a feature's weighted mean differs between the arms; absence counts too."""
    weights = np.where(treated, 1 / propensity, -1 / (1 - propensity))
    worst = np.zeros(features.shape[1])
    for place in range(features.shape[1]):
        column = features[:, place].astype(np.float64)
        missing = np.isnan(column)
        for values in (np.where(missing, np.nanmean(column) if not missing.all() else 0.0, column), missing):
            z = _z(values.astype(np.float64), weights)
            worst[place] = z if abs(z) > abs(worst[place]) else worst[place]
    return worst


def _z(values: Floats, weights: Floats) -> float:
    """Of the mean of weights times values about their mean, whose expectation is 0 when arms are alike."""
    spread = values.std()
    if spread == 0:
        return 0.0
    each = weights * (values - values.mean()) / spread
    scatter = each.std() / np.sqrt(each.size)
    return float(each.mean() / scatter) if scatter else 0.0


def _refuse_outcome(name: str, column: Floats, outcome: Floats) -> None:
    there = ~np.isnan(column)
    if there.sum() > 1 and np.ptp(column[there]) > 0 and np.ptp(outcome[there]) > 0:
        alike = abs(np.corrcoef(_ranks(column[there]), _ranks(outcome[there]))[0, 1])
        if alike >= MOST_CORRELATION:
            raise BadSetting(f"Feature {name!r} tells the outcome (rank correlation {alike:.3f}).", remedy=_REMEDY)
    usual, counts = np.unique(outcome, return_counts=True)
    responds = outcome != usual[counts.argmax()]
    rate = responds.mean()
    for value in _common(column):
        of = np.isnan(column) if np.isnan(value) else column == value
        if rate * of.sum() >= _EXPECTED and not responds[of].any():
            told = "without a value" if np.isnan(value) else f"with the value {value:g}"
            raise BadSetting(
                f"Feature {name!r} tells the outcome: of {of.sum():,} customers {told} none has one, where "
                f"{rate * of.sum():,.0f} were to be expected.",
                remedy=f"{_REMEDY} Or leave those customers out.",
            )


def _ranks(values: Floats) -> Floats:
    """(n,) from 0 on, equal values sharing their mean rank."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts + 1) / 2)[where]
    return ranks


def _common(column: Floats) -> Floats:
    """Values that many customers have, nan among them."""
    values, counts = np.unique(column, return_counts=True)  # all nan are one value
    common: Floats = values[counts >= _COMMON * column.size]
    return common
