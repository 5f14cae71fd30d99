"""What becomes of the numbers when the fit is made again on a little less, or a little else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from ml.mix.forecast import forecast
from ml.mix.inputs import FEWEST_PERIODS, Channel, MixInput
from ml.mix.mix import Families, MixFit, fit_mix
from ml.mix.saturation import Floats
from ml.mix.trust.finding import Finding, graded

_HELD_OUT: Final = 13  # weeks
_REFRESH: Final = 4
_MOVED: Final = (0.25, 0.75)  # amber, red: of a contribution, on average, by a month of data
_SHAKEN: Final = (0.15, 0.5)  # by an error of 5 % in each amount of spend
_SHAKE: Final = 0.05
_PLACEBO: Final = (0.6, 1.2)  # of the weakest real channel's contribution
_DRAWS: Final = 300


def refit_findings(fit: MixFit, *, seed: int = 1) -> Iterator[Finding]:
    """Hold-out against a forecast that knows no advertising, refresh, wrong amounts, and a channel that is none.

    Each is a fit of the best pair of families, from where it ended.
    """
    weeks = 7.0 / fit.told.days
    yield from _hold_out(fit, max(round(_HELD_OUT * weeks), 3), seed)
    yield from _refresh(fit, max(round(_REFRESH * weeks), 1), seed)
    yield _perturbation(fit, seed)
    yield _placebo(fit, seed)


def _again(fit: MixFit, told: MixInput, seed: int) -> MixFit:
    media = fit.best.posterior.media
    families: Families = ((media.adstock.name, media.saturation.name),)
    lifts = [
        lift
        for lift in fit.lifts
        if lift.end <= told.periods[-1] and lift.channel in {channel.name for channel in told.channels}
    ]
    return fit_mix(told, lifts=lifts, families=families, earlier=fit, draws=_DRAWS, seed=seed)


def _hold_out(fit: MixFit, ahead: int, seed: int) -> Iterator[Finding]:
    known = len(fit.told.periods) - ahead
    if known < FEWEST_PERIODS + ahead:
        return
    earlier = fit.told.first(known)
    names = {channel.name for channel in earlier.channels}
    controls = {control.name for control in earlier.controls}
    whole = replace(
        fit.told,
        channels=tuple(channel for channel in fit.told.channels if channel.name in names),
        controls=tuple(control for control in fit.told.controls if control.name in controls),
    )
    predicted = np.median(forecast(_again(fit, earlier, seed), whole, seed=seed).outcome, axis=1)
    truth = fit.told.outcome[known:]
    error, naive = _error(predicted, truth), _error(_seasonal_naive(fit.told, known), truth)
    ratio = error / naive if naive > 0 else np.inf
    words = (
        f"Of the last {ahead} periods, which it did not see, the fit is off by {error / abs(truth.mean()):.1%}; "
        f"repeating the past is off by {naive / abs(truth.mean()):.1%}."
    )
    yield Finding(
        "hold-out", graded(ratio, 1.0, 2.0), words,
        "Look for what changed lately, and add it as a control.", float(ratio),
    )  # fmt: skip


def _seasonal_naive(told: MixInput, known: int) -> Floats:
    """The same periods a year before, or the last known ones where there is no year."""
    year = round(told.per_year)
    ahead = len(told.periods) - known
    lag = year if known >= year else ahead
    return told.outcome[known - lag : known - lag + ahead]


def _refresh(fit: MixFit, fewer: int, seed: int) -> Iterator[Finding]:
    if len(fit.told.periods) - fewer < FEWEST_PERIODS:
        return
    known = len(fit.told.periods) - fewer
    before = _again(fit, fit.told.first(known), seed)
    names = [channel.name for channel in before.told.channels]
    places = [place for place, channel in enumerate(fit.told.channels) if channel.name in names]
    now = np.median(_best(fit, seed).contributions[places, :known].sum(axis=1), axis=1)
    moved = float(np.abs(np.median(before.totals, axis=1) / now - 1).mean())
    yield Finding(
        "refresh", graded(moved, *_MOVED),
        f"The last {fewer} periods of data moved contributions by {moved:.0%} on average.",
        "Experiments hold the numbers in place.", moved,
    )  # fmt: skip


def _perturbation(fit: MixFit, seed: int) -> Finding:
    chance = np.random.default_rng(seed)

    def shaken(channel: Channel) -> Channel:
        factor = 1 + _SHAKE * chance.standard_normal(channel.spend.size)
        exposure = None if channel.exposure is None else channel.exposure * factor
        return replace(channel, spend=channel.spend * factor, exposure=exposure)

    told = replace(fit.told, channels=tuple(shaken(channel) for channel in fit.told.channels))
    there = np.median(_best(fit, seed).totals, axis=1)
    moved = float(np.abs(np.median(_again(fit, told, seed).totals, axis=1) / there - 1).mean())
    return Finding(
        "perturbation", graded(moved, *_SHAKEN),
        f"With errors of {_SHAKE:.0%} in the amounts of spend contributions would move by {moved:.0%} on average.",
        "Experiments hold the numbers in place.", moved,
    )  # fmt: skip


def _placebo(fit: MixFit, seed: int) -> Finding:
    """The spend of the largest channel in an order of weeks that chance made."""
    led = [channel.demand_led for channel in fit.told.channels]
    largest = int(np.argmax(np.where(led, 0.0, np.median(fit.totals, axis=1))))
    real = fit.told.channels[largest]
    order = np.random.default_rng(seed).permutation(real.spend.size)
    exposure = None if real.exposure is None else real.exposure[order]
    name = f"{real.name} in another order"
    told = replace(fit.told, channels=(*fit.told.channels, Channel(name, real.spend[order], exposure)))
    again = np.median(_again(fit, told, seed).totals, axis=1)
    ratio = float(again[-1] / again[largest])
    return Finding(
        "placebo", graded(ratio, *_PLACEBO),
        f"Given the spend of {real.name} in an order that chance made, the fit credits it with {ratio:.0%} of what it "
        f"credits {real.name} with.",
        f"A test of {real.name}: what it brings is hard to tell from chance.", ratio,
    )  # fmt: skip


def _best(fit: MixFit, seed: int) -> MixFit:
    return _again(fit, fit.told, seed)


def _error(predicted: Floats, truth: Floats) -> float:
    return float(np.sqrt(np.mean((predicted - truth) ** 2)))
