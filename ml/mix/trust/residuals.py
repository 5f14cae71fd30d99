"""Whether what is left over looks like noise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy.special import ndtri

from ml.mix.mix import MixFit
from ml.mix.saturation import Floats
from ml.mix.trust.finding import Finding
from ml.mix.trust.left_over import LeftOver

_LASTING: Final = 0.25  # serial correlation from which the intervals lean on how it is modelled
_CHANCE: Final = 0.002
_LAGS: Final = 4
_FAR: Final = 4.5  # standard deviations that noise does not reach
_SOME: Final = 4  # of such periods that make it red


def residual_findings(fit: MixFit) -> Iterator[Finding]:
    """Serial correlation, and periods that are far off."""
    left = LeftOver(fit).residuals
    rho = fit.best.scales.rho
    remaining, lag = _autocorrelation(left)
    limit = float(-ndtri(_CHANCE / (2 * _LAGS))) / np.sqrt(left.size)
    if abs(remaining) > limit:
        yield Finding(
            "autocorrelation", "amber",
            f"Residuals that are {lag} periods apart are correlated ({remaining:.2f}): something that lasts is "
            "missing, and intervals are too narrow.",
            "Add what moves the outcome for weeks at a time: prices, distribution, competitors, demand.",
            remaining,
        )  # fmt: skip
    elif rho >= _LASTING:
        yield Finding(
            "autocorrelation", "amber",
            f"What the model does not explain lasts (correlation {rho:.2f} from period to period). Intervals allow for "
            "it, but if it also moves spend, it counts as effect.",
            "Add what moves the outcome for weeks at a time: prices, distribution, competitors, demand.",
            rho,
        )  # fmt: skip
    else:
        yield Finding("autocorrelation", "green", "What is left over does not last.", "", rho)
    far = np.flatnonzero(np.abs(left) > _FAR)
    if not far.size:
        yield Finding(
            "outliers", "green", "No period is far from what the model expects.", "", float(np.abs(left).max())
        )
        return
    days = ", ".join(str(fit.told.periods[place]) for place in far[:5])
    yield Finding(
        "outliers", "amber" if far.size < _SOME else "red",
        f"The outcome is far from what the model expects in {far.size} periods: {days}.",
        "Add what happened then as a control, such as a promotion, or correct the data.",
        float(far.size),
    )  # fmt: skip


def _autocorrelation(left: Floats) -> tuple[float, int]:
    """The largest serial correlation of the first lags, and its lag."""
    centred = left - left.mean()
    found = [float(centred[lag:] @ centred[:-lag] / (centred @ centred)) for lag in range(1, _LAGS + 1)]
    worst = int(np.argmax(np.abs(found)))
    return found[worst], worst + 1
