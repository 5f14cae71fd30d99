"""Customers who were in no test, scored by what a test taught: effect, kind, and the strongest reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ml.uplift.answer import Answer
from ml.uplift.kinds import kinds_of
from ml.uplift.sample import Bools, Floats, Rows, Sample, Singles

REASONS: Final = 3
_RANGE: Final = (0.001, 0.999)  # of the test's customers, outside of which a value is unlike theirs


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Of each customer (n,) the ``uplift``, what they do ``untreated``, and their ``kind``.

    ``reasons`` (n, R) are places of the features that move the score most, the strongest first, and ``parts`` (n, R)
    what each adds; a part of 0 is none. ``unlike`` (n,) are customers with a value that next to nobody of the test had.
    """

    uplift: Floats
    untreated: Floats
    kind: npt.NDArray[np.str_]
    reasons: Rows
    parts: Floats
    unlike: Bools


def scores_of(answer: Answer, tested: Sample, features: Singles) -> Scores:
    """Score customers (n, F) by the learner that was fitted to a part of ``tested``, where all had the same chance.

    What is usual, and from where on an effect matters, is as it was in the test.
    """
    uplift = answer.learner.predict(features)
    chance = float(tested.treated.mean()) if tested.propensity is None else float(tested.propensity.mean())
    expected = answer.nuisances.expected(features, np.full(uplift.size, chance))
    untreated = expected.outcome - (1 - expected.propensity) * uplift
    shares = answer.learner.contributions(features)[:, :-1]
    strongest = np.argsort(-np.abs(shares), axis=1, kind="stable")[:, :REASONS]
    return Scores(
        uplift,
        untreated,
        kinds_of(uplift, untreated, answer.margin, float(answer.untreated.mean())),
        strongest,
        np.take_along_axis(shares, strongest, axis=1),
        unlike(tested.features, features),
    )


def unlike(tested: Singles, others: Singles) -> Bools:
    """(n,) whether a value of theirs (n, F) lies outside of what all but a thousandth of the tested (m, F) have.

    A missing value does where none of the tested lacks it.
    """
    out = np.zeros(others.shape[0], dtype=np.bool_)
    for place in range(tested.shape[1]):
        mine, theirs = tested[:, place], others[:, place]
        known, missing = mine[~np.isnan(mine)], np.isnan(theirs)
        strange: Bools = missing & (known.size == mine.size)
        if known.size:
            low, high = np.quantile(known, _RANGE)
            strange |= ~missing & ((theirs < low) | (theirs > high))
        else:
            strange |= ~missing
        out |= strange
    return out
