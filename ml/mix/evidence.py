"""Tests in the terms of a fit: what a channel brought to the whole market in its weeks, or why a test does not tell.

A test keeps its ads from some people for a while. What the ads would have brought among these people is told for
the others, who saw them, in proportion; and since what earlier ads still do is in no difference between the two, it is
added by what the weeks alone say of carry-over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ml.mix.adstock import lagged
from ml.mix.inputs import MixInput
from ml.mix.lifts import Lift, lift_rows
from ml.mix.mix import FamilyDraws, MixFit
from ml.mix.saturation import Floats

if TYPE_CHECKING:
    from warehouse.queries.mix_inputs import Evidence

_MOST: Final = 4  # days of a week that make it one of the test
_ALL: Final = 0.95  # part of the people from which everybody is meant


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """What the outcome of a fit is called by tests: ``direct`` names, and ``counted`` ones of what is worth ``value``.

    ``value`` (T,) is what one is worth by week, no number where there was none. ``currency`` is that of an outcome in
    money, None for counts.
    """

    outcome: str
    direct: tuple[str, ...]
    counted: tuple[str, ...]
    value: Floats
    currency: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A test with what the own ads of its window brought to the whole market, or else why it does not tell."""

    test: Evidence
    lift: Lift | None
    reason: str | None


def heard(tests: Sequence[Evidence], told: MixInput, measure: Measure) -> tuple[Heard, ...]:
    """Every test of every channel, by the metric that is nearest to the outcome."""
    known = [*measure.direct, *measure.counted]
    best: dict[tuple[str, str, str | None], Evidence] = {}
    for test in tests:
        key = (test.experiment, test.channel, test.campaign_id)
        if key not in best or _rank(test, known) < _rank(best[key], known):
            best[key] = test
    return tuple(_heard(test, told, measure) for test in best.values())


def channels_tested(tests: Sequence[Evidence], measure: Measure, weeks: Sequence[dt.date]) -> set[str]:
    """Channels of which some test fits."""
    return {
        test.channel
        for test in tests
        if not any(_reasons(test, measure)) and _window(test, weeks)
    }  # fmt: skip


def with_carried(lift: Lift, fit: MixFit) -> Lift:
    """What works in the window of a lift that is of the window's own ads alone, by a ``fit`` without any test.

    How large a part the own ads make up is uncertain, and its spread over the draws is a part of the error.
    """
    rows = lift_rows(fit.told, [lift])
    place, window = rows.places[0], rows.windows[0]
    channel = fit.told.channels[place]
    dark = channel.works.copy()
    dark[window] = 0.0
    own = np.concatenate([_own_part(drawn, place, window, dark, channel.before) for drawn in fit.drawn])
    part, spread = float(own.mean()), float(own.std())
    return replace(lift, lift=lift.lift / part, se=float(np.hypot(lift.se, lift.lift * spread / part) / part))


def _own_part(drawn: FamilyDraws, place: int, window: slice, dark: Floats, before: Floats | None) -> Floats:
    """The part of what works in a window that is of its own ads, by draw."""
    media, free = drawn.media, drawn.free
    history = lagged(dark, media.lags.size, before)[window]
    left = media.saturation.level(np.maximum(history @ media.weights(place, free), 0.0), *media.curve(place, free))
    whole = media.levels(place, free)[window].sum(axis=0)
    return np.asarray(1.0 - left.sum(axis=0) / np.maximum(whole, np.finfo(float).tiny))


def _heard(test: Evidence, told: MixInput, measure: Measure) -> Heard:
    for reason in _reasons(test, measure):
        return Heard(test, None, reason)
    names = [channel.name for channel in told.channels]
    if test.channel not in names:
        return Heard(test, None, f"{test.channel} is no channel of this fit.")
    window = _window(test, told.periods)
    if not window:
        span = f"{told.periods[0]} to {told.periods[-1] + dt.timedelta(days=6)}"
        return Heard(test, None, f"It was not within the weeks of the fit, {span}.")
    inside = window[1] - window[0]
    days = (test.last - test.first).days + 1
    if not told.channels[names.index(test.channel)].works[slice(*window)].any():
        return Heard(test, None, "The channel had no ads in these weeks, so the others saw none either.")
    worth, spread = _worth(measure, window) if test.metric in measure.counted else (1.0, 0.0)
    scale = (1.0 - test.share) / test.share * 7.0 * inside / days * worth
    lift = Lift(
        test.channel, told.periods[window[0]], told.periods[window[1] - 1], test.lift * scale,
        float(scale * np.hypot(test.se, test.lift * spread / worth)),
    )  # fmt: skip
    return Heard(test, lift, None)


def _reasons(test: Evidence, measure: Measure) -> Iterator[str]:
    """Why a test is no row of any fit of this outcome."""
    if test.metric not in (*measure.direct, *measure.counted):
        yield f"It measured {test.metric}, not {measure.outcome}."
    if test.channel == "*":
        yield "It is of all channels together, and a row is of one."
    if test.campaign_id is not None:
        yield "It is of one campaign, not of the whole channel."
    if test.against != "no_ads":
        yield "It tried more ads than usual, and tells nothing of the usual ones."
    if test.metric in measure.direct and measure.currency not in (None, test.currency):
        yield f"It is in {test.currency}, the fit in {measure.currency}."
    if test.share >= _ALL:
        yield "Everybody went without the ads: the fit sees the pause in the weeks themselves."
    if test.share <= 0:
        yield "Which part of all people it was of is not known."
    if not test.is_dark:
        yield "Its people saw the ads, and nobody says what the others saw."


def _window(test: Evidence, weeks: Sequence[dt.date]) -> tuple[int, int] | None:
    """The first week of a test and the one after its last: those of which most days are in it."""
    inside = [
        place
        for place, week in enumerate(weeks)
        if (min(test.last, week + dt.timedelta(days=6)) - max(test.first, week)).days + 1 >= _MOST
    ]
    whole = weeks[0] <= test.first and test.last <= weeks[-1] + dt.timedelta(days=6)
    return (inside[0], inside[-1] + 1) if inside and whole else None


def _worth(measure: Measure, window: tuple[int, int]) -> tuple[float, float]:
    """What one conversion was worth in the weeks of a test, with the spread from week to week as its error."""
    known = measure.value[slice(*window)]
    everywhere = measure.value[np.isfinite(measure.value)]
    mean = float(np.nanmean(known)) if np.isfinite(known).any() else float(everywhere.mean())
    return mean, float(everywhere.std())


def _rank(test: Evidence, known: Sequence[str]) -> int:
    return known.index(test.metric) if test.metric in known else len(known)
