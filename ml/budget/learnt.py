"""Curves as a mix model learnt them: every joint draw of a fit, for the allocator."""

from __future__ import annotations

import numpy as np

from ml.budget.curves import Floats, believed_up_to
from ml.budget.draws import Drawn, FamilyDraws
from ml.mix.mix import MixFit


def learnt_curves(fit: MixFit) -> dict[str, Drawn]:
    """For each channel that costs money what a steady spend brings in a period, by joint draw.

    A curve is known up to a third above the largest spend that is usual. Where it is exposure that works, money buys it
    at the average price of the data.
    """
    curves = {}
    for place, channel in enumerate(fit.told.channels):
        if channel.organic:
            continue
        price = float(channel.spend.sum()) / float(channel.works.sum())
        parts, first = [], 0
        for drawn in fit.drawn:
            media, free = drawn.media, drawn.free
            beta = media.totals(place, free) / media.levels(place, free).sum(axis=0)
            shape = dict(zip(media.saturation.shape, media.curve(place, free), strict=True))
            money = tuple(_in_money(name, values, price) for name, values in shape.items())
            parts.append(FamilyDraws(media.saturation.name, np.arange(first, first + beta.size), beta, money))
            first += beta.size
        curves[channel.name] = Drawn.mixed(parts, top=believed_up_to(channel.spend))
    return curves


def _in_money(name: str, values: Floats, price: float) -> Floats:
    """A parameter of a curve of exposure as one of money: amounts grow with the price, rates fall, slopes stay."""
    return {"lam": values / price, "slope": values}.get(name, values * price)
