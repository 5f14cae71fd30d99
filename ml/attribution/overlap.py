"""What all channels add together, beside what each of them adds alone, with or without a test of all of them.

Channels that help each other add less together than their effects sum to, those that stand in for each other more.
Tests of one channel at a time do not say how far off the sum is; a test that switched all of them off does.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import ndtri

from ml.attribution.paths import Floats
from warehouse.errors import BadSetting

ALL: Final = "*"  # the channel of a test of all channels together

# Simulated advertisers lie between 0.85 and 1.5 times the sum; a factor of 1.8 either way holds nine tenths.
_OVERLAP_SD: Final = 0.35
_TRIED: Final = 32  # totals that are tried for every draw


def added_together(draws: Floats, conversions: float, generator: np.random.Generator) -> Floats:
    """(B,) what all channels add together, given draws (B, C) of what each adds alone; at most all conversions."""
    overlap: Floats = np.exp(_OVERLAP_SD * generator.standard_normal(len(draws)))
    together: Floats = np.minimum(draws.sum(axis=1) * overlap, conversions)
    return together


def tested_together(
    draws: Floats, found: float, error: float, conversions: float, generator: np.random.Generator
) -> tuple[Floats, Floats]:
    """The same where a test found what all channels add, with its error: draws (B, C) that agree with it, and (B,).

    Totals as the test may have meant them are tried beside every draw, and weighed by how well the two go together.
    Raises :class:`BadSetting` where no total of the test's goes with any of the draws.
    """
    meant = found + error * ndtri((np.arange(_TRIED) + generator.random(_TRIED)) / _TRIED)
    sums = draws.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.log(meant / sums[:, None]) / _OVERLAP_SD
        logs = -0.5 * off**2 - np.log(np.abs(meant))
    logs = np.where(np.isfinite(logs) & (meant <= conversions), logs, -np.inf)
    if not np.isfinite(logs.max()):
        raise BadSetting(
            "the test of all channels and those of single ones contradict each other.",
            remedy="Look whether each is in conversions over the period of the paths, or what part of it it covered.",
        )
    chance = np.exp(logs - logs.max()).ravel()
    chosen = generator.choice(chance.size, len(draws), p=chance / chance.sum())
    return draws[chosen // _TRIED], meant[chosen % _TRIED]
