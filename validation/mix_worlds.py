"""Advertisers whose mix is known: one clean process, and others in which one thing at a time is against the model.

The processes are those of public stress tests of mix models (redam94/mmm-framework), with the parameters drawn anew
for every seed, so that no world is the one that a model was made on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from ml.mix.adstock import ADSTOCKS, lagged
from ml.mix.inputs import Channel, Control, MixInput
from ml.mix.lifts import Lift
from ml.mix.saturation import Floats

WEEKS: Final = 156
_NOISE: Final = 22.0
_MEAN_SPEND: Final = (100.0, 60.0, 50.0, 40.0, 40.0, 28.0, 18.0)
_AMPLITUDE: Final = (150.0, 100.0, 90.0, 65.0, 55.0, 65.0, 45.0)
_FLIGHT: Final = (9.0, 7.0, 11.0, 13.0, 8.0, 10.0, 12.0)  # weeks from burst to burst: apart, so channels can be told
_ALPHA: Final = (0.6, 0.2, 0.4, 0.5, 0.45, 0.5, 0.3)
_NAMES: Final = ("TV", "Search", "Social", "Display", "Video", "Radio", "Print")


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What an advertiser would see, and what each channel brought in each week (C, T)."""

    told: MixInput
    brought: Floats

    @property
    def totals(self) -> Floats:
        """What each channel brought over the data (C,)."""
        return np.asarray(self.brought.sum(axis=1))

    def lifts(self, first: int = 40, weeks: int = 26, error: float = 0.05) -> tuple[Lift, ...]:
        """A perfect experiment on every channel over the same window, with a standard error that is a part of it."""
        window = slice(first, first + weeks)
        days = self.told.periods[window]
        return tuple(
            Lift(channel.name, days[0], days[-1], float(series[window].sum()), error * abs(float(series[window].sum())))
            for channel, series in zip(self.told.channels, self.brought, strict=True)
        )


@dataclass(slots=True, eq=False)
class _Draft:
    """What processes start from and change."""

    chance: np.random.Generator
    channels: int = 4
    spend: Floats = field(init=False)
    price: Floats = field(init=False)
    alpha: Floats = field(init=False)
    steepness: Floats = field(init=False)
    amplitude: Floats = field(init=False)

    def __post_init__(self) -> None:
        chance, time = self.chance, np.arange(WEEKS)
        self.price = 12 + 0.5 * np.cos(2 * np.pi * time / 52) - 0.8 * (chance.random(WEEKS) < 0.15)
        plans = zip(_MEAN_SPEND, _FLIGHT, range(self.channels), strict=False)
        self.spend = np.stack([mean * self.flights(period) for mean, period, _ in plans])
        self.alpha = np.array(_ALPHA[: self.channels]) * chance.uniform(0.85, 1.15, self.channels)
        self.steepness = chance.uniform(1.4, 1.9, self.channels)
        self.amplitude = np.array(_AMPLITUDE[: self.channels]) * chance.uniform(0.8, 1.2, self.channels)

    def flights(self, period: float, noise: float = 0.25) -> Floats:
        """Spend about 1 that comes in bursts."""
        time, chance = np.arange(WEEKS), self.chance
        wave = np.sin(2 * np.pi * time / period + chance.uniform(0, 2 * np.pi))
        return np.asarray((0.08 + 1.6 * np.maximum(wave, 0)) * chance.lognormal(0, noise, WEEKS))

    def demand(self) -> Floats:
        """What drives sales and is seen nowhere: season, growth, and what persists; about zero."""
        time, chance = np.arange(WEEKS), self.chance
        drift = chance.normal(0, 0.18, WEEKS)
        for week in range(1, WEEKS):
            drift[week] += 0.5 * drift[week - 1]
        found = 0.35 * np.cos(2 * np.pi * time / 52) + 0.45 * time / WEEKS + drift
        return np.asarray(found - found.mean())

    def baseline(self) -> Floats:
        """Level, trend, season and price."""
        time = np.arange(WEEKS)
        season = 35 * np.sin(2 * np.pi * time / 52) + 22 * np.cos(2 * np.pi * time / 52)
        return np.asarray(300 + 60 * time / WEEKS + season - 28 * (self.price - self.price.mean()))

    def working(self) -> Floats:
        """Spend over its maximum after carry-over (C, T)."""
        rows = [_carried(series / series.max(), alpha) for series, alpha in zip(self.spend, self.alpha, strict=True)]
        return np.stack(rows)

    def level(self) -> Floats:
        """Saturation (C, T)."""
        return -np.expm1(-self.steepness[:, None] * self.working())

    def world(self, brought: Floats, baseline: Floats, noise: Floats | None = None, **controls: Floats) -> World:
        """Sales are the baseline, what was brought, and noise."""
        drawn = self.chance.normal(0, _NOISE, WEEKS) if noise is None else noise
        return self.seen(brought, baseline + brought.sum(axis=0) + drawn, **controls)

    def seen(self, brought: Floats, outcome: Floats, **controls: Floats) -> World:
        days = tuple(dt.date(2021, 1, 4) + dt.timedelta(weeks=week) for week in range(WEEKS))
        channels = tuple(Channel(name, series) for name, series in zip(_NAMES, self.spend, strict=False))
        held = tuple(Control(name, values) for name, values in {"price": self.price, **controls}.items())
        return World(MixInput(days, np.maximum(outcome, 1.0), channels, held), brought)


def clean(seed: int) -> World:
    """Nothing is against the model."""
    draft = _Draft(np.random.default_rng(seed))
    return draft.world(draft.amplitude[:, None] * draft.level(), draft.baseline())


def realistic(seed: int) -> World:
    """Seven channels of which two move together, budgets that follow demand, a proxy of it, controls without effect."""
    draft = _Draft(np.random.default_rng(seed), 7)
    chance, demand = draft.chance, draft.demand()
    draft.spend[:2] *= np.maximum(1 + np.outer((2.0, 3.0), demand), 0.1)
    draft.spend[6] = draft.spend[5] * 0.65 * chance.lognormal(0, 0.06, WEEKS)
    weather, holiday = np.sin(np.arange(WEEKS) / 8.3) + chance.normal(0, 0.3, WEEKS), chance.random(WEEKS) < 0.08
    controls: dict[str, Floats] = {
        "demand": 100 * demand + chance.normal(0, 6, WEEKS),
        "weather": weather,
        "holiday": np.where(holiday, 1.0, 0.0),
    }
    controls |= {f"noise_{k}": chance.normal(size=WEEKS).cumsum() / np.sqrt(WEEKS) for k in range(6)}
    baseline = draft.baseline() + 120 + 180 * demand + 14 * weather + 30 * holiday
    noise = chance.normal(0, 26, WEEKS)
    return draft.world(draft.amplitude[:, None] * draft.level(), baseline, noise, **controls)


def unobserved_confounding(seed: int) -> World:
    """Two budgets follow a demand that drives sales and is not seen."""
    draft = _Draft(np.random.default_rng(seed))
    demand = draft.demand()
    draft.spend *= np.maximum(1 + np.outer((0.1, 1.6, 1.2, 0.15), demand), 0.1)
    return draft.world(draft.amplitude[:, None] * draft.level(), draft.baseline() + 90 * demand)


def adstock_misspec(seed: int) -> World:
    """Advertising works weeks later, for half a year."""
    draft = _Draft(np.random.default_rng(seed))
    shapes, scales = draft.chance.uniform(1.8, 2.6, 4), draft.chance.uniform(6, 9, 4)
    lags = np.arange(26.0)
    rows = [
        lagged(series / series.max(), 26)
        @ ADSTOCKS["weibull"].weights(lags, np.array([shape]), np.array([scale]))[:, 0]
        for series, shape, scale in zip(draft.spend, shapes, scales, strict=True)
    ]
    level = -np.expm1(-draft.steepness[:, None] * np.stack(rows))
    return draft.world(draft.amplitude[:, None] * level, draft.baseline())


def saturation_misspec(seed: int) -> World:
    """Little spend brings nothing: curves are S-shaped."""
    draft = _Draft(np.random.default_rng(seed))
    slopes, halves = draft.chance.uniform(2.5, 3, 4)[:, None], draft.chance.uniform(0.4, 0.45, 4)[:, None]
    power = (draft.working() / halves) ** slopes
    return draft.world(draft.amplitude[:, None] * power / (1 + power), draft.baseline())


def multicollinearity(seed: int) -> World:
    """All channels rise and fall together."""
    draft = _Draft(np.random.default_rng(seed))
    together = draft.flights(9.0, 0.0)
    draft.spend = np.stack([mean * together * draft.chance.lognormal(0, 0.05, WEEKS) for mean in _MEAN_SPEND[:4]])
    return draft.world(draft.amplitude[:, None] * draft.level(), draft.baseline())


def time_varying(seed: int) -> World:
    """One channel wears out, another works better from the middle on."""
    draft = _Draft(np.random.default_rng(seed))
    time = np.arange(WEEKS)
    factors = np.stack(
        [
            np.linspace(1.4, 0.6, WEEKS), np.where(time < WEEKS // 2, 0.6, 1.5),
            1 + 0.3 * np.sin(2 * np.pi * time / 52), np.ones(WEEKS),
        ]
    )  # fmt: skip
    return draft.world(draft.amplitude[:, None] * factors * draft.level(), draft.baseline())


def synergy(seed: int) -> World:
    """One channel makes another work better; what both bring together counts for each."""
    draft = _Draft(np.random.default_rng(seed))
    level = draft.level()
    together = 130 * level[0] * level[1]
    brought = draft.amplitude[:, None] * level
    counted = brought + np.stack([together, together, 0 * together, 0 * together])
    return replace(draft.world(brought, draft.baseline() + together), brought=counted)


def trend_break(seed: int) -> World:
    """Sales fall from one week to the next, and recover slowly."""
    draft = _Draft(np.random.default_rng(seed))
    after = np.maximum(np.arange(WEEKS) - 78, 0)
    shock = np.where(np.arange(WEEKS) >= 78, -140 + 1.45 * after, 0.0)
    return draft.world(draft.amplitude[:, None] * draft.level(), draft.baseline() + 100 + shock)


def spend_outliers(seed: int) -> World:
    """In one week of each channel somebody mistyped the spend."""
    draft = _Draft(np.random.default_rng(seed))
    brought, baseline = draft.amplitude[:, None] * draft.level(), draft.baseline()
    for series in draft.spend:
        series[draft.chance.integers(10, WEEKS - 10)] = 15 * series.max()
    return draft.world(brought, baseline)


def heavy_tails(seed: int) -> World:
    """Noise has heavy tails, and five weeks have a promotion that is not in the data."""
    draft = _Draft(np.random.default_rng(seed))
    noise = draft.chance.standard_t(3, WEEKS) * 14
    noise[draft.chance.choice(WEEKS, 5, replace=False)] += draft.chance.uniform(120, 240, 5)
    return draft.world(draft.amplitude[:, None] * draft.level(), draft.baseline(), noise)


def negative_effect(seed: int) -> World:
    """One channel takes away sales."""
    draft = _Draft(np.random.default_rng(seed))
    draft.amplitude[3] = -160.0
    return draft.world(draft.amplitude[:, None] * draft.level(), draft.baseline() + 60)


def reverse_causality(seed: int) -> World:
    """Next week's budget follows this week's sales."""
    draft = _Draft(np.random.default_rng(seed))
    noise, baseline = draft.chance.normal(0, _NOISE, WEEKS), draft.baseline()
    plan, tops = draft.spend.copy(), draft.spend.max(axis=1)
    sales = np.zeros(WEEKS)
    for week in range(WEEKS):
        pace = (sales[week - 1] - 420) / 420 if week else 0.0
        draft.spend[:, week] = np.maximum(plan[:, week] * (1 + np.array([0.6, 1.0, 0.8, 0.5]) * pace), 0.5)
        rows = [_carried(s[: week + 1] / top, a)[-1] for s, top, a in zip(draft.spend, tops, draft.alpha, strict=True)]
        sales[week] = baseline[week] + noise[week] - draft.amplitude @ np.expm1(-draft.steepness * np.array(rows))
    working = np.stack([_carried(s / top, a) for s, top, a in zip(draft.spend, tops, draft.alpha, strict=True)])
    return draft.seen(-draft.amplitude[:, None] * np.expm1(-draft.steepness[:, None] * working), sales)


def season_misspec(seed: int) -> World:
    """The season has sharp peaks that move from year to year, and two budgets follow it."""
    draft = _Draft(np.random.default_rng(seed))
    time = np.arange(WEEKS)
    peaks = [52 * year + draft.chance.uniform(36, 48) for year in range(3)]
    shape = sum(np.exp(-0.5 * ((time - peak) / 2.0) ** 2) for peak in peaks)
    draft.spend[2:] *= 1 + 0.8 * np.asarray(shape)
    return draft.world(draft.amplitude[:, None] * draft.level(), draft.baseline() + 110 * np.asarray(shape))


def no_effect(seed: int) -> World:
    """No advertising works."""
    draft = _Draft(np.random.default_rng(seed))
    return draft.world(0.0 * draft.level(), draft.baseline() + 120)


WORLDS: Final[Mapping[str, Callable[[int], World]]] = MappingProxyType(
    {
        process.__name__: process
        for process in (
            clean, realistic, unobserved_confounding, adstock_misspec, saturation_misspec, multicollinearity,
            time_varying, synergy, trend_break, spend_outliers, heavy_tails, negative_effect, reverse_causality,
            season_misspec, no_effect,
        )
    }
)  # fmt: skip


def _carried(series: Floats, alpha: float) -> Floats:
    weights = alpha ** np.arange(8.0)
    return np.asarray(lagged(series, 8) @ (weights / weights.sum()))
