"""Incremental conversions by channel, from experiments and paths: the only estimate here that may be called so.

Experiments say what tested channels add. What untested ones add is borrowed from the tested ones, in proportion to
their presence in the paths and with the width that few tests leave. What no channel adds is the baseline: it would
have come anyway. A hierarchical normal model (Rubin 1981, doi 10.3102/10769986006004377), integrated on a grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.attribution.paths import Bools, Floats, Paths, summed
from ml.attribution.rules import DIRECT
from warehouse.errors import BadSetting, NotEnoughData

_DRAWS: Final = 4_000

# Presence is contacts^(1 - m) credit^m. Contacts count every journey that met the channel, also those that led to
# nothing; credit counts what was bought afterwards, and with it everybody who was about to buy.
_MIXES: Final = np.array([0.0, 0.25, 0.5])

# An effect is a share of presence. Channels usually lie around half of it, everything from none to all being likely;
# how much they differ has a prior that stays away from zero, or few tests would make all channels alike (Chung,
# Rabe-Hesketh, Dorie, Gelman and Liu 2013, doi 10.1007/s11336-013-9328-2).
_USUAL, _USUAL_SD = 0.5, 0.5
_SPREADS: Final = np.geomspace(0.02, 1.2, 40)
_SPREAD, _SPREAD_SD = 0.15, 0.4  # its median, and the standard deviation of its logarithm

_SILENT: Final = 0.3  # of it, for channels that are no advertising and lie around nothing

# Tests of one channel at a time do not say how much effects overlap: from not at all (0, they add up) to as if each
# channel multiplied the chance to buy (1).
_OVERLAP: Final = (0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Lift:
    """What an experiment found: ``channel`` added ``lift`` conversions, with standard error ``se``.

    ``covered`` is the share of the channel's journeys that the experiment's days and people held; lift and error are
    those of this part. 1 where they are of the whole period.
    """

    channel: str
    lift: float
    se: float
    covered: float = 1.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number of conversions, with the ends of its interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """Incremental conversions, (C,) each with the ends of their intervals at ``level``.

    ``alone`` is what would be lost if only this channel were switched off, which is what its test measures.
    ``conversions`` is its part of ``total``, of what would be lost without any channel; the parts and ``baseline`` sum
    to all conversions. ``tested`` tells which channels had a test of their own, ``proven`` whose interval lies above
    zero, where that of the total does. ``draws`` (B, C) are of ``conversions``.
    """

    channels: tuple[str, ...]
    level: float
    conversions: Floats
    low: Floats
    high: Floats
    alone: Floats
    alone_low: Floats
    alone_high: Floats
    total: Estimate
    baseline: Estimate
    tested: Bools
    proven: Bools
    draws: Floats

    @property
    def words(self) -> str:
        """What is proven, in a sentence."""
        names = [name for name, proven in zip(self.channels, self.proven, strict=True) if proven]
        if names:
            return f"Experiments prove that these add conversions: {', '.join(names)}."
        if self.total.low > 0:
            return "Experiments prove that the channels together add conversions, and of none alone."
        return "Nothing is proven: what the experiments found may be luck."


def calibrate(
    paths: Paths,
    credit: Floats,
    lifts: Sequence[Lift],
    *,
    level: float = 0.9,
    no_advertising: frozenset[str] = DIRECT,
    seed: int = 1,
) -> Calibrated:
    """Turn the credit (C,) of any model into incremental conversions, by the lifts of experiments.

    Each effect is presence times a factor; factors of channels are alike up to a spread that the tests tell, and so is
    whether presence is better measured by contacts or by credit. Channels in ``no_advertising`` (in small letters) are
    visits of people who were not addressed: they add nothing, unless a test says so. Parts sum to less than what tests
    say one by one, because a conversion that takes two channels is lost without either; how much less, tests of one
    channel at a time do not say, and the interval of the total holds it.

    Raises :class:`NotEnoughData` without lifts or conversions, :class:`BadSetting` for a lift that is none.
    """
    conversions = float(paths.conversions.sum())
    if not lifts:
        raise NotEnoughData(
            "No experiment says what any channel adds, so nothing here can be called incremental.",
            remedy="Run a holdout of one channel, and give its lift.",
        )
    if conversions <= 0:
        raise NotEnoughData("There are no conversions, so none can be incremental.")
    found, error = _pooled(paths, lifts)
    tested = np.isfinite(error)
    silent = np.array([name.strip().lower() in no_advertising for name in paths.channels], dtype=np.bool_)
    generator = np.random.default_rng(seed)
    met = contacts(paths)
    presences = [_presence(credit, met, mix, silent) for mix in _MIXES]
    alone = _posterior(presences, found, error, tested, silent, generator)
    overlap: Floats = generator.uniform(_OVERLAP[0], _OVERLAP[1], len(alone))
    draws = _composed(alone, conversions, overlap)
    total = draws.sum(axis=1)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(draws, tails, axis=0)
    alone_low, alone_high = np.quantile(alone, tails, axis=0)
    all_low, all_high = (float(end) for end in np.quantile(total, tails))
    mean = float(total.mean())
    return Calibrated(
        paths.channels,
        level,
        draws.mean(axis=0),
        low,
        high,
        alone.mean(axis=0),
        alone_low,
        alone_high,
        Estimate(mean, all_low, all_high),
        Estimate(conversions - mean, conversions - all_high, conversions - all_low),
        tested,
        (low > 0) & (all_low > 0),
        draws,
    )


def contacts(paths: Paths) -> Floats:
    """(C,) journeys that met each channel, whatever they led to."""
    size = max(len(paths.channels), 1)
    pairs = np.unique(paths.rows * size + paths.steps)
    return summed(pairs % size, paths.journeys[pairs // size], len(paths.channels))


def _pooled(paths: Paths, lifts: Sequence[Lift]) -> tuple[Floats, Floats]:
    """(C,) the lift of each channel over the whole period by all its tests, weighted by precision, and its error.

    The error of an untested channel is infinite.
    """
    weight, weighted = np.zeros(len(paths.channels)), np.zeros(len(paths.channels))
    least = 1e-6 * max(paths.conversions.sum(), 1.0)  # a test that claims to know exactly still has a weight
    for lift in lifts:
        if not (np.isfinite(lift.lift) and np.isfinite(lift.se) and lift.se >= 0):
            raise BadSetting(f"the lift of {lift.channel!r}, {lift.lift} with error {lift.se}, is no measurement.")
        if not 0 < lift.covered <= 1:
            raise BadSetting(f"covered == {lift.covered} of {lift.channel!r}, must be above 0 and at most 1.")
        place = paths.place(lift.channel)
        precision = (lift.covered / max(lift.se, least)) ** 2
        weight[place] += precision
        weighted[place] += precision * lift.lift / lift.covered
    known = weight > 0
    safe = np.where(known, weight, 1.0)
    return np.where(known, weighted / safe, 0.0), np.where(known, 1 / np.sqrt(safe), np.inf)


def _presence(credit: Floats, met: Floats, mix: float, silent: Bools) -> Floats:
    """(C,) what effects are in proportion to, on the scale of the credit."""
    weight: Floats = np.maximum(credit, 0.0) ** mix * met ** (1 - mix)
    heard = ~silent if (weight[~silent] > 0).any() else np.ones_like(silent)
    scale = float(np.maximum(credit[heard], 0.0).sum() / max(weight[heard].sum(), 1e-300))
    return scale * weight


def _posterior(
    presences: Sequence[Floats],
    found: Floats,
    error: Floats,
    tested: Bools,
    silent: Bools,
    generator: np.random.Generator,
) -> Floats:
    """(B, C) draws of what each channel adds, from the exact mixture over mixes and spreads."""
    cells = [(presence, spread) for presence in presences for spread in _SPREADS]
    fits = [_Fit.of(presence, spread, found, error, tested & ~silent) for presence, spread in cells]
    logs = np.array([fit.log_evidence for fit in fits])
    chance = np.exp(logs - logs.max())
    counts = generator.multinomial(_DRAWS, chance / chance.sum())
    parts = []
    for (presence, spread), fit, count in zip(cells, fits, counts, strict=True):
        usual = fit.mean + fit.sd * generator.standard_normal(count)
        centre = np.where(silent, 0.0, usual[:, None])
        spreads = np.where(silent, _SILENT * spread, spread)
        precision = np.where(tested, (presence / error) ** 2, 0.0)
        prior = 1 / spreads**2
        middle = (centre * prior + np.where(tested, presence * found / error**2, 0.0)) / (prior + precision)
        scatter = np.where(silent & ~tested, 0.0, 1 / np.sqrt(prior + precision))
        parts.append(presence * (middle + scatter * generator.standard_normal((count, presence.size))))
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class _Fit:
    """What the tests say of the usual factor, given presence and spread, and how likely they were."""

    mean: float
    sd: float
    log_evidence: float

    @classmethod
    def of(cls, presence: Floats, spread: float, found: Floats, error: Floats, tested: Bools) -> _Fit:
        """By the conjugate normal model, the usual factor integrated out."""
        size, seen = presence[tested], found[tested]
        variance = error[tested] ** 2 + (size * spread) ** 2
        precision = 1 / _USUAL_SD**2 + (size**2 / variance).sum()
        mean = (_USUAL / _USUAL_SD**2 + (size * seen / variance).sum()) / precision
        off = seen - size * _USUAL
        pulled = (size * off / variance).sum()
        fit = -0.5 * ((off**2 / variance).sum() - pulled**2 / precision + np.log(variance).sum())
        prior = -0.5 * (np.log(spread / _SPREAD) / _SPREAD_SD) ** 2
        return cls(mean, 1 / np.sqrt(precision), fit - 0.5 * np.log(precision * _USUAL_SD**2) + prior)


def _composed(alone: Floats, conversions: float, overlap: Floats) -> Floats:
    """(B, C) each channel's part of what all add together, of which overlap (B,) is as if channels multiplied."""
    logs = -np.log1p(-np.clip(alone / conversions, -10.0, 0.999))
    together = logs.sum(axis=1)
    # Where effects cancel out, the total per unit of the logarithm is the conversions themselves.
    rate = np.full_like(together, conversions)
    np.divide(-conversions * np.expm1(-together), together, out=rate, where=np.abs(together) > 1e-9)
    parts: Floats = (1 - overlap[:, None]) * alone + overlap[:, None] * rate[:, None] * logs
    return parts
