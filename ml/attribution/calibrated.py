"""Incremental conversions by channel, from experiments and paths: the only estimate here that may be called so.

Experiments say what tested channels add. What untested ones add is borrowed from the tested ones, in proportion to
their presence in the paths if that tells anything, and with the width that few tests leave. What no channel adds is the
baseline: it would have come anyway. A hierarchical normal model (Rubin 1981, doi 10.3102/10769986006004377), integrated
on a grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from ml.attribution.overlap import ALL, added_together, tested_together
from ml.attribution.paths import Bools, Floats, Paths
from ml.attribution.rules import DIRECT
from warehouse.errors import BadSetting, NotEnoughData

_DRAWS: Final = 4_000
_FEWEST_DRAWS: Final = 40  # in which channels add no more than there is

# Presence is the model's credit, the journeys that met the channel whatever they led to, both in equal parts, or the
# same for every channel. Wherever effects were known, their ranks and those of credit hardly agreed, so that presence
# tells nothing is thrice as likely beforehand as that any of it tells something; the tests have the last word.
_TELLS_NOTHING: Final = 0.75

# An effect is a share of presence. Channels usually lie around half of it, everything from none to all being likely;
# they differ from the usual as much as it is itself, within a factor of ten either way. Spread stays away from zero, or
# few tests would make all channels alike (Chung, Rabe-Hesketh, Dorie, Gelman and Liu 2013, doi
# 10.1007/s11336-013-9328-2).
_USUAL, _USUAL_SD = 0.5, 0.5
_SPREADS: Final = np.geomspace(0.02, 3.0, 24)
_SPREAD, _SPREAD_SD = 0.5, 1.0  # its median, and the standard deviation of its logarithm

_SILENT: Final = 0.3  # of it, for channels that are no advertising and lie around nothing
_UNLIKE: Final = 0.5  # of a channel's credit, by which what one of its campaigns adds may differ from the others'


@dataclass(frozen=True, slots=True)
class Lift:
    """What an experiment found: ``channel`` added ``lift`` conversions, with standard error ``se``.

    The channel ``*`` is all of them together. ``covered`` is the share of the channel's journeys that the experiment's
    days and people held; lift and error are those of this part. 1 where they are of the whole period. A test of one
    ``campaign`` covered the campaign's share, and tells less of its channel, whose other campaigns may differ.
    """

    channel: str
    lift: float
    se: float
    covered: float = 1.0
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number of conversions, with the ends of its interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """Incremental conversions, (C,) each with the ends of their intervals at ``level``.

    ``conversions`` is what would be lost if only this channel were switched off, which is what its test measures. Their
    sum is the estimate of ``total``, of what would be lost without any channel, whose interval also holds how much
    channels may overlap; where a test of all channels found that, ``total`` is by it and need not be the sum.
    ``baseline`` is the rest of the conversions. ``tested`` tells which channels had a test of their own, ``proven``
    which of these add something, all together as sure as one interval is (Bonferroni: of many channels without effect
    one would else look proven). ``draws`` (B, C) are of ``conversions``.
    """

    channels: tuple[str, ...]
    level: float
    conversions: Floats
    low: Floats
    high: Floats
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
    what presence is best measured by, if by anything. Channels in ``no_advertising`` (in small letters) are visits of
    people who were not addressed: they add nothing, unless a test says so.

    A test of all channels together settles the total, and narrows what untested channels may add.

    Raises :class:`NotEnoughData` without lifts or conversions, :class:`BadSetting` for a lift that is none, for lifts
    of more conversions than there are, and for tests that contradict each other.
    """
    conversions = float(paths.conversions.sum())
    if not lifts:
        raise NotEnoughData(
            "No experiment says what any channel adds, so nothing here can be called incremental.",
            remedy="Run a holdout of one channel, and give its lift.",
        )
    if conversions <= 0:
        raise NotEnoughData("There are no conversions, so none can be incremental.")
    found, error = _pooled(paths, credit, [lift for lift in lifts if lift.channel != ALL])
    tested = np.isfinite(error)
    silent = np.array([name.strip().lower() in no_advertising for name in paths.channels], dtype=np.bool_)
    generator = np.random.default_rng(seed)
    draws = _posterior(_presences(credit, contacts(paths), silent), found, error, tested, silent, generator)
    draws = draws[draws.sum(axis=1) <= conversions]
    if len(draws) < _FEWEST_DRAWS:
        raise BadSetting(
            f"these lifts add up to more than the {conversions:,.0f} conversions that there are.",
            remedy="Give lifts in conversions over the period of the paths, or what part of it each test covered.",
        )
    whole = _whole([lift for lift in lifts if lift.channel == ALL], conversions)
    if whole is None:
        together = added_together(draws, conversions, generator)
    else:
        draws, together = tested_together(draws, *whole, conversions, generator)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(draws, tails, axis=0)
    all_low, all_high = (float(end) for end in np.quantile(together, tails))
    means = draws.mean(axis=0)
    total = float(means.sum() if whole is None else together.mean())
    return Calibrated(
        paths.channels,
        level,
        means,
        low,
        high,
        Estimate(total, all_low, all_high),
        Estimate(conversions - total, conversions - all_high, conversions - all_low),
        tested,
        tested & ((draws <= 0).mean(axis=0) < tails[0] / max(int(tested.sum()), 1)),
        draws,
    )


def contacts(paths: Paths) -> Floats:
    """(C,) journeys that met each channel, whatever they led to."""
    # A row's repetitions of a channel become one entry.
    shape = (paths.size, len(paths.channels))
    met = csr_array((np.ones(paths.steps.size), paths.steps.copy(), paths.offsets.copy()), shape=shape)
    met.sum_duplicates()
    met.data[:] = 1.0
    journeys: Floats = met.T @ paths.journeys
    return journeys


def _pooled(paths: Paths, credit: Floats, lifts: Sequence[Lift]) -> tuple[Floats, Floats]:
    """(C,) the lift of each channel over the whole period by all its tests, weighted by precision, and its error.

    The error of an untested channel is infinite.
    """
    weight, weighted = np.zeros(len(paths.channels)), np.zeros(len(paths.channels))
    for lift in lifts:
        place = paths.place(lift.channel)
        effect, error = _measured(lift, float(paths.conversions.sum()))
        unlike = _UNLIKE * max(float(credit[place]), 0.0) if lift.campaign else 0.0
        precision = 1 / (error**2 + unlike**2)
        weight[place] += precision
        weighted[place] += precision * effect
    known = weight > 0
    safe = np.where(known, weight, 1.0)
    return np.where(known, weighted / safe, 0.0), np.where(known, 1 / np.sqrt(safe), np.inf)


def _whole(lifts: Sequence[Lift], conversions: float) -> tuple[float, float] | None:
    """What the tests of all channels together found, weighted by precision, and its error; None without one."""
    if not lifts:
        return None
    effects, errors = np.array([_measured(lift, conversions) for lift in lifts]).T
    precision = 1 / errors**2
    return float((precision * effects).sum() / precision.sum()), float(1 / np.sqrt(precision.sum()))


def _measured(lift: Lift, conversions: float) -> tuple[float, float]:
    """A lift and its error over the whole period. Raises :class:`BadSetting` for one that is none."""
    if not (np.isfinite(lift.lift) and np.isfinite(lift.se) and lift.se >= 0):
        raise BadSetting(f"the lift of {lift.channel!r}, {lift.lift} with error {lift.se}, is no measurement.")
    if not 0 < lift.covered <= 1:
        raise BadSetting(f"covered == {lift.covered} of {lift.channel!r}, must be above 0 and at most 1.")
    least = 1e-6 * max(conversions, 1.0)  # a test that claims to know exactly still has a weight
    return lift.lift / lift.covered, max(lift.se, least) / lift.covered


def _presences(credit: Floats, met: Floats, silent: Bools) -> list[tuple[Floats, float]]:
    """What effects may be in proportion to, each (C,) on the scale of the credit, and how likely it is beforehand."""
    credited = np.maximum(credit, 0.0)
    telling = (credited, met, np.sqrt(credited * met))
    chances = [(1 - _TELLS_NOTHING) / len(telling)] * len(telling) + [_TELLS_NOTHING]
    heard = np.ones_like(silent) if silent.all() else ~silent
    given = credited[heard].sum()
    return [
        (weight * float(given / max(weight[heard].sum(), 1e-300)), chance)
        for weight, chance in zip((*telling, (met > 0).astype(np.float64)), chances, strict=True)
    ]


def _posterior(
    presences: Sequence[tuple[Floats, float]],
    found: Floats,
    error: Floats,
    tested: Bools,
    silent: Bools,
    generator: np.random.Generator,
) -> Floats:
    """(B, C) draws of what each channel adds, from the exact mixture over presences and spreads."""
    cells = [(presence, spread) for presence, _ in presences for spread in _SPREADS]
    fits = [_Fit.of(presence, spread, found, error, tested & ~silent) for presence, spread in cells]
    likely = np.repeat([np.log(chance) for _, chance in presences], _SPREADS.size)
    logs = np.array([fit.log_evidence for fit in fits]) + likely
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
