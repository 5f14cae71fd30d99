"""What a little more money would have brought lately: the marginal return that the next plan is about."""

from __future__ import annotations

from typing import Final

import numpy as np

from ml.mix.adstock import lagged
from ml.mix.forecast import planned
from ml.mix.inputs import Channel
from ml.mix.mix import FamilyDraws, MixFit
from ml.mix.results import Estimate, estimate_of
from ml.mix.saturation import Floats
from warehouse.errors import BadSetting

MORE: Final = 0.2  # by which spend grows


def lately_returns(fit: MixFit, periods: int, after: int) -> tuple[Estimate | None, ...]:
    """What one more unit of money brings in each channel, were its spend a fifth higher in the last ``periods``.

    What comes within ``after`` further periods counts, in which spend goes on as it was in those. None for a channel
    on which nothing was spent in them. Raises :class:`BadSetting` for no period, or more of them than there are.
    """
    known = len(fit.told.periods)
    if not 1 <= periods <= known or not 0 <= after <= known:
        raise BadSetting(f"periods == {periods}, after == {after}, of a fit of {known} periods.")
    steady = [[channel.spend[-periods:].mean()] * after for channel in fit.told.channels]
    channels = planned(fit.told, np.array(steady)).channels if after else fit.told.channels
    found: list[Estimate | None] = []
    for place, channel in enumerate(channels):
        window = slice(known - periods, known)
        cost = MORE * float(channel.spend[window].sum())
        gains = [_gain(drawn, place, channel, window) for drawn in fit.drawn]
        found.append(estimate_of(np.concatenate(gains) / cost) if cost else None)
    return tuple(found)


def _gain(drawn: FamilyDraws, place: int, channel: Channel, window: slice) -> Floats:
    """What a raise in the window brings from its first period to the last (S,)."""
    media, free = drawn.media, drawn.free
    raised = channel.works.copy()
    raised[window] *= 1.0 + MORE
    weights, curve = media.weights(place, free), media.curve(place, free)
    now, then = (
        media.saturation.level(lagged(works, len(weights), channel.before) @ weights, *curve).sum(axis=0)
        for works in (channel.works, raised)
    )
    return np.asarray((then - now) * media.totals(place, free) / media.levels(place, free).sum(axis=0))
