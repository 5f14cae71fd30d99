"""Signals that are only known because of the outcome, and would make any model look as if it knew the future."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from ml.attribution.paths import Bools, Floats, Paths, summed
from warehouse.errors import BadSetting

MOST_AUC: Final = 0.98  # by a single signal; nothing that people do before they buy tells this much
_ENOUGH: Final = 0.1  # of the conversions that have a value which hardly any other journey has
_PURE: Final = 0.98


def refuse_leaks(paths: Paths, signals: Mapping[str, Floats]) -> None:
    """Raises :class:`BadSetting`, naming the signal, for one that tells how journeys ended.

    That is one by which alone conversions are told from other journeys nearly always, one with a value that a tenth of
    the conversions have and hardly any other journey, and one that is missing where there is no conversion.
    """
    there = paths.lengths > 0
    last = paths.offsets[1:][there] - 1
    conversions, nulls = paths.conversions[there], paths.nulls[there]
    for name, values in signals.items():
        if values.shape != paths.steps.shape:
            raise BadSetting(f"signal {name!r} has {values.size:,} entries for {paths.steps.size:,} touches.")
        if not np.isfinite(values).all():
            raise BadSetting(
                f"signal {name!r} is missing at some touches, and that alone may tell the outcome.",
                remedy="Give it at every touch, as it was known then.",
            )
        ending = values[last]
        area = auc(ending, conversions, nulls)
        if max(area, 1 - area) >= MOST_AUC or _pure(ending, conversions, nulls):
            raise BadSetting(
                f"signal {name!r} tells how journeys ended (AUC {max(area, 1 - area):.3f}); that is known afterwards.",
                remedy="Leave it out, or give it as it was known at the time of each touch.",
            )


def auc(scores: Floats, positives: Floats, negatives: Floats) -> float:
    """The probability that a positive scores above a negative, ties counting half; weights (n,) of both per score.

    0.5 where one of them is missing.
    """
    _, where = np.unique(scores, return_inverse=True)
    good, bad = summed(where, positives, 0), summed(where, negatives, 0)
    pairs = good.sum() * bad.sum()
    if not pairs:
        return 0.5
    below = np.cumsum(bad) - bad
    return float((good * (below + bad / 2)).sum() / pairs)


def _pure(ending: Floats, conversions: Floats, nulls: Floats) -> bool:
    """Whether a range of values at an end of the scale, or a single value, belongs to conversions nearly alone."""
    _, where = np.unique(ending, return_inverse=True)
    good, bad = summed(where, conversions, 0), summed(where, nulls, 0)
    rate = good.sum() / (good.sum() + bad.sum())
    if rate >= 0.5:
        return False  # most journeys convert, so pure values are no wonder

    def pure(converted: Floats, lost: Floats) -> Bools:
        enough: Bools = (converted >= _ENOUGH * good.sum()) & (converted >= _PURE * (converted + lost))
        return enough

    upward, downward = (np.cumsum(good), np.cumsum(bad)), (np.cumsum(good[::-1]), np.cumsum(bad[::-1]))
    return bool(pure(good, bad).any() or pure(*upward).any() or pure(*downward).any())
