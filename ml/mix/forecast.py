"""What would come under a plan: the outcome of periods that are still ahead, with all that is unsure about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ml.mix.baseline import baseline_of, knot_gap
from ml.mix.family import FamilyFit
from ml.mix.inputs import Control, MixInput
from ml.mix.media import media_of
from ml.mix.mix import FamilyDraws, MixFit
from ml.mix.saturation import Floats
from warehouse.errors import BadSetting

_LONGEST: Final = 1.0  # of the history, that may be planned ahead


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Draws of the ``outcome`` (H, S) of periods ahead, and of what each channel brings in them (C, H, S)."""

    outcome: Floats
    contributions: Floats


def forecast(fit: MixFit, whole: MixInput, *, seed: int = 1) -> Forecast:
    """The outcome of the periods of ``whole`` after those of the fit, under its spend and controls there.

    What was spent before still works, the trend may change its slope as it did, and noise goes on as it lasts. The
    outcome of ``whole`` is not looked at. Raises :class:`BadSetting` when ``whole`` does not continue the fit's input.
    """
    known = len(fit.told.periods)
    _check(fit.told, whole)
    chance = np.random.default_rng(seed)
    brought, outcome = [], []
    by_pair = {_pair(family): family for family in fit.families}
    for drawn in fit.drawn:
        family = by_pair[drawn.media.adstock.name, drawn.media.saturation.name]
        ahead, past = _contributions(fit, drawn, whole, known)
        columns = baseline_of(whole, known).columns
        base = columns @ drawn.coefficients
        rest = fit.told.outcome[-1] - drawn.media.told(past)[-1] - base[known - 1]
        usual = past[list(drawn.media.led)].mean(axis=1).sum(axis=0)  # stands in the level where demand leads spend
        new = _new_slopes(family, drawn, whole, known, chance)
        noise = _noise(rest, drawn.noise, family.scales.rho, len(whole.periods) - known, chance)
        brought.append(ahead)
        outcome.append(ahead.sum(axis=0) - usual + base[known:] + new + noise)
    return Forecast(np.hstack(outcome), np.concatenate(brought, axis=2))


def planned(told: MixInput, spend: Floats, controls: Floats | None = None) -> MixInput:
    """An input that goes on with ``spend`` (C, H), bought at the usual price, and ``controls`` (K, H).

    Controls that are not given stay at their mean. The outcome ahead is not known and set to its mean.
    """
    ahead = spend.shape[1]
    step = (told.periods[-1] - told.periods[0]) / (len(told.periods) - 1)
    days = tuple(told.periods[-1] + step * k for k in range(1, ahead + 1))
    channels = []
    for channel, plan in zip(told.channels, spend, strict=True):
        bought = None
        if channel.exposure is not None:
            price = float(channel.spend.sum()) / float(channel.exposure.sum())
            bought = np.append(channel.exposure, plan / price if price else plan)
        cost = np.zeros(ahead) if channel.organic else plan
        channels.append(replace(channel, spend=np.append(channel.spend, cost), exposure=bought))
    held = controls if controls is not None else np.array([[c.values.mean()] * ahead for c in told.controls])
    kept = tuple(
        Control(c.name, np.append(c.values, more), c.role, c.of) for c, more in zip(told.controls, held, strict=True)
    )
    outcome = np.append(told.outcome, np.full(ahead, told.outcome.mean()))
    return replace(told, periods=(*told.periods, *days), outcome=outcome, channels=tuple(channels), controls=kept)


def _check(told: MixInput, whole: MixInput) -> None:
    known = len(told.periods)
    if whole.periods[:known] != told.periods or len(whole.periods) <= known:
        raise BadSetting("A plan goes on where the data end.", remedy="Give the periods of the fit, and later ones.")
    if len(whole.periods) - known > _LONGEST * known:
        raise BadSetting(
            f"The plan has {len(whole.periods) - known} periods, the history {known}.",
            remedy="Plan at most as far ahead as the history goes back.",
        )
    if [c.name for c in whole.channels] != [c.name for c in told.channels]:
        raise BadSetting("The plan has other channels than the fit.", remedy="Name the same; no spend is 0.")


def _pair(family: FamilyFit) -> tuple[str, str]:
    media = family.posterior.media
    return media.adstock.name, media.saturation.name


def _contributions(fit: MixFit, drawn: FamilyDraws, whole: MixInput, known: int) -> tuple[Floats, Floats]:
    """Of the periods ahead (C, H, S) and of those before (C, T, S)."""
    media = replace(media_of(whole, drawn.media.adstock, drawn.media.saturation, fit.prior), lags=drawn.media.lags)
    count = drawn.media.lags.size
    media = replace(media, history=tuple(history[:, :count] for history in media.history))
    rows = []
    for place in range(len(media.names)):
        level = media.levels(place, drawn.free)
        size = media.totals(place, drawn.free) / np.maximum(level[:known].sum(axis=0), np.finfo(float).tiny)
        rows.append(level * size)
    series = np.stack(rows)
    return series[:, known:], series[:, :known]


def _new_slopes(
    family: FamilyFit, drawn: FamilyDraws, whole: MixInput, known: int, chance: np.random.Generator
) -> Floats:
    """Changes of the trend's slope that are still to come (H, S), as large as those that were."""
    time, gap = np.arange(known, len(whole.periods)), knot_gap(whole)
    knots = np.arange(known, len(whole.periods), gap)
    hinges = np.maximum(time[:, None] - knots, 0.0) / whole.per_year
    spread = np.sqrt(family.scales.factors["trend"] * drawn.noise)
    return np.asarray(hinges @ (chance.standard_normal((knots.size, spread.size)) * spread))


def _noise(rest: Floats, variance: Floats, rho: float, ahead: int, chance: np.random.Generator) -> Floats:
    """An AR(1) that goes on from where it ended (H, S)."""
    found = np.empty((ahead, rest.size))
    state = rest
    for place in range(ahead):
        state = rho * state + np.sqrt(variance) * chance.standard_normal(rest.size)
        found[place] = state
    return found
