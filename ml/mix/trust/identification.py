"""Whether the data could tell: what channels do together, what the prior decides, and what drives the budgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy.special import fdtrc

from ml.mix.inputs import Channel, Control
from ml.mix.mix import MixFit
from ml.mix.prior import usual_level
from ml.mix.results import channel_results
from ml.mix.saturation import Floats
from ml.mix.trust.finding import Finding, graded

_EXPECTED_ERROR: Final = (
    0.25,
    0.6,
)  # amber, red: mean relative error of contributions that the draws themselves expect
_MORE_THAN_ALL: Final = (0.02, 0.2)  # amber, red: chance that advertising brings more than there was
_ALIKE: Final = 0.85  # correlation from which two channels are hard to tell apart
_INFLATED: Final = 5.0
_LEARNT: Final = 0.35  # below, the prior decides most
_PEAK: Final = (4.0, 10.0)  # largest spend over the level at which the typical unit was spent
_FOLLOWS: Final = 0.002  # chance by which budgets that do not follow the season would look as if one did
_SEEMS_TO_FOLLOW: Final = 0.05  # enough of it where what is not explained lasts, as demand does
_LASTS: Final = 0.1
_LAGS: Final = 3


def identification_findings(fit: MixFit) -> Iterator[Finding]:
    """Precision, collinearity, prior dominance, sign, peaks of spend, budgets that follow demand, mediators."""
    yield _expected_error(fit)
    yield _whole(fit)
    if sum(not channel.demand_led for channel in fit.told.channels) > 1:
        yield _collinearity(fit)
    yield _prior_dominance(fit)
    yield from _demand_led(fit)
    yield _sign(fit)
    yield _peaks(fit)
    yield _follows_demand(fit)
    yield from _mediators(fit)


def _expected_error(fit: MixFit) -> Finding:
    middle = np.median(fit.totals, axis=1, keepdims=True)
    by_channel = (np.abs(fit.totals - middle) / middle).mean(axis=1)
    expected, worst = float(by_channel.mean()), fit.told.channels[int(np.argmax(by_channel))].name
    return Finding(
        "precision", graded(expected, *_EXPECTED_ERROR),
        f"By its own draws the fit expects contributions to be off by {expected:.0%} on average, most of all {worst}.",
        f"An experiment on {worst} would tell most.",
        expected,
    )  # fmt: skip


def _collinearity(fit: MixFit) -> Finding:
    """Of what the channels bring by period that history tells of, against one another and against the linear block."""
    media, free, block = fit.best.posterior.media, fit.best.modes[0].free, fit.best.posterior.block
    told = [channel.name for channel in fit.told.channels if not channel.demand_led]
    white = block.whiten(media.contributions(free[:, None])[~np.array(media.led), :, 0].T)
    correlation = np.atleast_2d(np.corrcoef(white.T))
    apart = np.abs(correlation - np.eye(len(correlation)))
    one, other = (int(place) for place in np.unravel_index(np.argmax(apart), apart.shape))
    pairwise = float(apart[one, other])
    inflation = float(np.diag(np.linalg.pinv(correlation)).max())
    names = told[min(one, other)], told[max(one, other)]
    alike = pairwise > _ALIKE or inflation > _INFLATED
    if not alike:
        words = f"Channels move apart: the most alike, {names[0]} and {names[1]}, are correlated by {pairwise:.2f}."
    else:
        words = (
            f"{names[0]} and {names[1]} move together (correlation {pairwise:.2f}, variance inflated {inflation:.0f} "
            "times): the data tell what they bring together, not which of them brings it."
        )
    return Finding(
        "collinearity",
        "amber" if alike else "green",
        words,
        f"An experiment on {names[0]} or {names[1]} alone.",
        pairwise,
    )


def _prior_dominance(fit: MixFit) -> Finding:
    results = channel_results(fit)
    told = [result for result in results if result.learnt < _LEARNT]
    least = min(results, key=lambda result: result.learnt)
    if not told:
        return Finding("prior", "green", "Of every channel the data tell more than the prior.", "", least.learnt)
    names = ", ".join(result.channel for result in told)
    share = sum(result.contribution.estimate for result in told) / sum(r.contribution.estimate for r in results)
    return Finding(
        "prior", "amber",
        f"Of {names} ({share:.0%} of what advertising brings) the numbers are mostly what was assumed before.",
        f"An experiment on {least.channel}, or more variation of its spend.",
        least.learnt,
    )  # fmt: skip


def _whole(fit: MixFit) -> Finding:
    """Whether advertising is credited with more than there was."""
    chance = float((fit.totals.sum(axis=0) > max(float(fit.told.outcome.sum()), 0.0)).mean())
    status = graded(chance, *_MORE_THAN_ALL)
    if status == "green":
        return Finding("whole", status, "Advertising is credited with less than all that came.", "", chance)
    largest = fit.told.channels[int(np.argmax(np.median(fit.totals, axis=1)))].name
    return Finding(
        "whole", status,
        f"In {chance:.0%} of its draws advertising brings more than all that came: demand is taken for its effect.",
        f"An experiment on {largest}, or what drives demand as a confounder.",
        chance,
    )  # fmt: skip


def _demand_led(fit: MixFit) -> Iterator[Finding]:
    tested = {lift.channel for lift in fit.lifts}
    unknown = [channel.name for channel in fit.told.channels if channel.demand_led and channel.name not in tested]
    if unknown:
        yield Finding(
            "demand-led", "amber",
            f"Who is looking decides what is spent on {', '.join(unknown)}: history cannot tell what is brought from "
            "demand that was there, so the numbers are what was assumed before.",
            f"An experiment on {unknown[0]}.",
            float(len(unknown)),
        )  # fmt: skip


def _sign(fit: MixFit) -> Finding:
    """The same curves with free sizes: a size clearly below zero is against what the model can say."""
    media, free, block = fit.best.posterior.media, fit.best.modes[0].free, fit.best.posterior.block
    told = [place for place, led in enumerate(media.led) if not led]
    if not told:
        return Finding("sign", "green", "History is not asked what channels bring.", "")
    levels = np.stack([media.levels(place, free[:, None])[:, 0] for place in told], axis=1)
    white, outcome = block.whiten(levels), block.whiten(fit.told.outcome[:, None])[:, 0]
    sizes, *_ = np.linalg.lstsq(white, outcome, rcond=None)
    left = outcome - white @ sizes
    freedom = max(len(outcome) - levels.shape[1] - fit.best.baseline.columns.shape[1], 10)
    errors = np.sqrt(np.diag(np.linalg.pinv(white.T @ white)) * (left @ left) / freedom)
    scores = sizes / errors
    worst = int(np.argmin(scores))
    name = media.names[told[worst]]
    if scores[worst] >= -2.0:
        return Finding("sign", "green", "No channel looks as if it took sales away.", "", float(scores[worst]))
    return Finding(
        "sign", "amber" if scores[worst] > -3.5 else "red",
        f"With more spend on {name} the outcome falls. The model cannot say so, and gives what it took to others.",
        f"Check what else happens when {name} runs, and test it: it may be bought when sales are low.",
        float(scores[worst]),
    )  # fmt: skip


def _peaks(fit: MixFit) -> Finding:
    def peak(channel: Channel) -> float:
        return float(channel.works.max() / usual_level(channel.works))

    worst = max(fit.told.channels, key=peak)
    size = peak(worst)
    when = fit.told.periods[int(np.argmax(worst.works))]
    return Finding(
        "peaks", graded(size, *_PEAK),
        f"The largest spend, on {worst.name} in {when}, is {size:.1f} times its usual level.",
        "Check the amount: a mistyped one bends the curve. Curves beyond the usual level are extrapolated.",
        size,
    )  # fmt: skip


def _follows_demand(fit: MixFit) -> Finding:
    """A Wald test of season and trend in each budget, its errors allowed to last (Newey and West 1987)."""
    time = np.arange(len(fit.told.periods))
    angle = 2 * np.pi * time / fit.told.per_year
    held = [control.values for control in fit.told.controls if control.role == "confounder"]
    design = np.column_stack([np.ones(time.size), *held, time / time.size, np.sin(angle), np.cos(angle)])
    chances = {}
    for channel in fit.told.channels:
        usual = np.minimum(channel.works, np.quantile(channel.works[channel.works > 0], 0.98))
        chances[channel.name] = len(fit.told.channels) * _wald(design, usual, 3, round(fit.told.per_year / 4))
    worst = min(chances, key=lambda name: chances[name])
    limit = _SEEMS_TO_FOLLOW if fit.best.scales.rho > _LASTS else _FOLLOWS
    if chances[worst] >= limit:
        return Finding("budgets", "green", "Budgets do not follow season or trend.", "", chances[worst])
    names = ", ".join(name for name, chance in chances.items() if chance < limit)
    return Finding(
        "budgets", "amber",
        f"The budget of {names} follows season or trend, as demand does. Demand that no control stands for counts as "
        "its effect.",
        f"Add a measure of demand as a confounder, or run a test of {worst}.",
        chances[worst],
    )  # fmt: skip


def _wald(design: Floats, series: Floats, last: int, lags: int) -> float:
    """The chance of the last coefficients being as large where they are zero."""
    periods, size = design.shape
    lags = max(min(lags, periods // 4), 1)
    inverse = np.linalg.pinv(design.T @ design)
    fitted = inverse @ (design.T @ series)
    moments = design * (series - design @ fitted)[:, None]
    long_run = moments.T @ moments
    for lag in range(1, lags + 1):
        across = moments[lag:].T @ moments[:-lag]
        long_run += (1 - lag / (lags + 1)) * (across + across.T)
    covariance = (inverse @ long_run @ inverse)[-last:, -last:] * periods / max(periods - size, 1)
    wald = float(fitted[-last:] @ np.linalg.pinv(covariance) @ fitted[-last:]) / last
    return float(fdtrc(last, max(periods - size, 1), max(wald, 0.0)))


def _mediators(fit: MixFit) -> Iterator[Finding]:
    """A control that spend of earlier periods explains, and spend of later ones does not, is moved by advertising."""
    for control in fit.told.controls:
        earlier, later = (_explains(fit, control, sign) for sign in (1, -1))
        if earlier < 1e-5 and later > 1e-3:
            yield Finding(
                "mediator", "red",
                f"{control.name} follows what was spent weeks before: advertising seems to move it. Holding it fixed "
                "takes away what advertising brings through it.",
                f"Leave {control.name} out, unless it is known that advertising does not move it.",
                earlier,
            )  # fmt: skip


def _explains(fit: MixFit, control: Control, sign: int) -> float:
    """The chance (F test) of what spend some periods before (1) or after (-1) adds to that of all periods else.

    Spend comes in waves, so that later spend tells of earlier: each is tested beside the other.
    """
    time = np.arange(len(fit.told.periods))
    angle = 2 * np.pi * np.outer(time, [1, 2]) / fit.told.per_year
    spends = [channel.works / channel.works.max() for channel in fit.told.channels]
    inner = slice(_LAGS, -_LAGS)
    still = np.column_stack([np.ones(time.size), time / time.size, np.sin(angle), np.cos(angle), *spends])
    moved, other = (
        np.column_stack([np.roll(series, way * lag) for series in spends for lag in range(1, _LAGS + 1)])
        for way in (sign, -sign)
    )
    base = np.hstack([still, other])[inner]
    full = np.hstack([base, moved[inner]])
    values = control.values[inner]
    rest = [float(((values - x @ np.linalg.lstsq(x, values, rcond=None)[0]) ** 2).sum()) for x in (base, full)]
    freedom = len(values) - full.shape[1]
    if freedom < 10 or rest[1] <= 0:
        return 1.0
    extra = full.shape[1] - base.shape[1]
    return float(fdtrc(extra, freedom, (rest[0] - rest[1]) / extra / (rest[1] / freedom)))
