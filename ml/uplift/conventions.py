"""The same curves by other people's definitions, so that figures from elsewhere can be compared.

Qini coefficients of one and the same ranking can be .065, .216 or 49.8. These are plain differences of means by rank,
right only where everybody had the same chance of treatment; the ones to go by are in :mod:`ranking`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ml.uplift.sample import Bools, Floats, Rows

_BINS = 10


@dataclass(frozen=True, slots=True)
class Conventions:
    """Figures of scikit-uplift 0.5 and CausalML 0.18, by the names of their functions.

    ``qini_auc_score`` and ``uplift_auc_score`` (scikit-uplift) are areas as a part of those of a perfect ranking, None
    where the outcome is not 0 or 1; ``qini_score`` (CausalML) is a mean height as a part of where the curve ends,
    ``qini_score_raw`` the same in outcomes, ``qini_radcliffe`` the latter per customer (Radcliffe 2007).
    ``uplift_at_30`` is the difference between the arms in the top 30 % of all, ``uplift_at_30_by_arm`` in the top 30 %
    of each arm, ``weighted_average_uplift`` the mean of ten bins' differences, weighted by their treated customers.
    """

    qini_auc_score: float | None
    uplift_auc_score: float | None
    qini_score: float
    qini_score_raw: float
    qini_radcliffe: float
    uplift_at_30: float
    uplift_at_30_by_arm: float
    weighted_average_uplift: float


def conventions_of(uplift: Floats, outcome: Floats, treated: Bools) -> Conventions:
    """Of scores (n,) for customers with outcomes (n,), some of whom were treated (n,)."""
    binary = bool(np.isin(outcome, (0.0, 1.0)).all())
    raw = _causalml(uplift, outcome, treated)
    final = outcome[treated].sum() - outcome[~treated].sum() * treated.sum() / (~treated).sum()
    # From the end, as scikit-uplift sorts: it decides who of equal scores is in the top.
    order = np.argsort(uplift, kind="stable")[::-1]
    return Conventions(
        _part_of_perfect(_qini_curve, uplift, _perfect_qini(outcome, treated), outcome, treated) if binary else None,
        _part_of_perfect(_uplift_curve, uplift, _perfect_uplift(outcome, treated), outcome, treated)
        if binary
        else None,
        raw / float(abs(final)) if final else float("nan"),
        raw,
        raw / outcome.size,
        _difference(outcome[order], treated[order], int(0.3 * outcome.size)),
        _by_arm(outcome[order], treated[order], 0.3),
        _weighted(outcome[order], treated[order]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Cumulated:
    """At every distinct score: customers, treated ones among them, and the outcomes of either arm so far."""

    people: Floats
    treated: Floats
    outcome_treated: Floats
    outcome_untreated: Floats

    @classmethod
    def of(cls, uplift: Floats, outcome: Floats, treated: Bools) -> _Cumulated:
        order: Rows = np.argsort(-uplift, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(uplift[order])), uplift.size - 1)
        y, w = outcome[order], treated[order]
        columns = (np.cumsum(w)[ends], np.cumsum(y * w)[ends], np.cumsum(y * ~w)[ends])
        count, with_, without = (column.astype(np.float64) for column in columns)
        return cls(ends + 1.0, count, with_, without)


_Curve = Callable[[_Cumulated], tuple[Floats, Floats]]


def _part_of_perfect(curve: _Curve, uplift: Floats, perfect: Floats, outcome: Floats, treated: Bools) -> float:
    """The area over random as a part of a perfect ranking's."""
    actual, best = (curve(_Cumulated.of(scores, outcome, treated)) for scores in (uplift, perfect))
    baseline = best[0][-1] * best[1][-1] / 2
    reached = np.trapezoid(best[1], best[0]) - baseline
    return float((np.trapezoid(actual[1], actual[0]) - baseline) / reached) if reached else float("nan")


def _qini_curve(at: _Cumulated) -> tuple[Floats, Floats]:
    untreated = at.people - at.treated
    scale = np.divide(at.treated, untreated, out=np.zeros_like(untreated), where=untreated > 0)
    return np.append(0.0, at.people), np.append(0.0, at.outcome_treated - at.outcome_untreated * scale)


def _uplift_curve(at: _Cumulated) -> tuple[Floats, Floats]:
    untreated = at.people - at.treated
    rates = [
        np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
        for sums, counts in ((at.outcome_treated, at.treated), (at.outcome_untreated, untreated))
    ]
    return np.append(0.0, at.people), np.append(0.0, (rates[0] - rates[1]) * at.people)


def _perfect_qini(outcome: Floats, treated: Bools) -> Floats:
    perfect: Floats = outcome * np.where(treated, 1.0, -1.0)
    return perfect


def _perfect_uplift(outcome: Floats, treated: Bools) -> Floats:
    buyers_untreated = int(((outcome == 1) & ~treated).sum())
    others_treated = int(((outcome == 0) & treated).sum())
    perfect: Floats = 2.0 * (outcome == treated) + (outcome if buyers_untreated > others_treated else treated)
    return perfect


def _causalml(uplift: Floats, outcome: Floats, treated: Bools) -> float:
    """The mean, over ranks from 0 on, of the Qini curve less the line to its end."""
    order: Rows = np.argsort(-uplift, kind="stable")
    y, w = outcome[order], treated[order]
    count = np.cumsum(w).astype(np.float64)
    others = np.arange(1, y.size + 1) - count
    sums, lost = np.cumsum(y * w), np.cumsum(y * ~w)
    known = others > 0  # until somebody was untreated, the curve is a line to where it is known
    ranks = np.arange(1.0, y.size + 1)
    drawn = sums[known] - lost[known] * count[known] / others[known]
    curve = np.interp(ranks, np.append(0.0, ranks[known]), np.append(0.0, drawn))
    line = np.linspace(0.0, curve[-1], curve.size + 1)
    return float((curve.sum() - line.sum()) / line.size)


def _difference(outcome: Floats, treated: Bools, count: int) -> float:
    return _means(outcome[:count][treated[:count]]) - _means(outcome[:count][~treated[:count]])


def _by_arm(outcome: Floats, treated: Bools, share: float) -> float:
    with_, without = outcome[treated], outcome[~treated]
    return _means(with_[: int(share * with_.size)]) - _means(without[: int(share * without.size)])


def _weighted(outcome: Floats, treated: Bools) -> float:
    bins = zip(np.array_split(outcome, _BINS), np.array_split(treated, _BINS), strict=True)
    found = [(int(w.sum()), _difference(y, w, y.size)) for y, w in bins]
    return sum(count * difference for count, difference in found) / sum(count for count, _ in found)


def _means(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")
