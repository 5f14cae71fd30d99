"""Curves as a mix model learnt them: every joint draw of a fit, for the allocator."""

from __future__ import annotations

import numpy as np

from ml.budget.curves import believed_up_to
from ml.budget.draws import Drawn, FamilyDraws
from ml.mix.mix import MixFit
from ml.mix.results import curve_in_money


def learnt_curves(fit: MixFit) -> dict[str, Drawn]:
    """For each channel that costs money what a steady spend brings in a period, by joint draw.

    A curve is known up to a third above the largest spend that is usual. Where it is exposure that works, money buys it
    at the average price of the data.
    """
    curves = {}
    for place, channel in enumerate(fit.told.channels):
        if channel.organic:
            continue
        parts, first = [], 0
        for drawn in fit.drawn:
            beta, shape = curve_in_money(drawn, place, channel)
            parts.append(FamilyDraws(drawn.media.saturation.name, np.arange(first, first + beta.size), beta, shape))
            first += beta.size
        curves[channel.name] = Drawn.mixed(parts, top=believed_up_to(channel.spend))
    return curves
