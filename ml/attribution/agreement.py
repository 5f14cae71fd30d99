"""How far credits can be believed: whether models agree, whether experiments do, and what shakes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from ml.attribution.calibrated import Lift
from ml.attribution.models import Credits, Model, attribute
from ml.attribution.overlap import ALL
from ml.attribution.paths import Bools, Floats, Paths, Rows
from ml.attribution.rules import DIRECT, Lookback
from warehouse.errors import BadSetting, NotEnoughData

AGREES: Final = 2.0  # standard errors between credit and lift that may be luck
_JOURNEYS: Final = 200_000  # that are drawn to see what lost consent does


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """M models side by side: ``distance`` (M, M) of shares, from 0 to 2, and ``rank`` (M, M) correlation."""

    models: tuple[str, ...]
    distance: Floats
    rank: Floats


@dataclass(frozen=True, slots=True)
class Verdict:
    """Credit beside what a test of the channel found; ``errors`` apart are |credited - lift| / se."""

    model: str
    channel: str
    credited: float
    lift: float
    se: float
    errors: float

    @property
    def agrees(self) -> bool:
        """Whether the difference may be luck of the test."""
        return self.errors <= AGREES


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """Distances between a model's shares and those of the same model on shaken data, 0 for none to 2.

    ``sampling`` is the mean over bootstrap draws; ``lookbacks`` pairs days with the distance to no lookback, where the
    paths know times; ``consent`` pairs the share of touches after which a customer is no longer recognised with it.
    """

    model: str
    sampling: float
    lookbacks: tuple[tuple[float, float], ...]
    consent: tuple[tuple[float, float], ...]


def share_distance(one: Floats, other: Floats) -> float:
    """The sum of absolute differences of shares (C,): 0 for the same, 2 where nothing is shared."""
    return float(np.abs(_shares(one) - _shares(other)).sum())


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation of credits (C,), ties by mean ranks; nan where all of one are alike."""
    ranks = np.stack([pl.Series(each).rank().to_numpy() for each in (one, other)])
    if (ranks.std(axis=1) == 0).any():
        return float("nan")
    return float(np.corrcoef(ranks)[0, 1])


def agreement_of(names: Sequence[str], conversions: Sequence[Floats]) -> Agreement:
    """Every model's credits (C,) against every other's."""
    return Agreement(
        tuple(names),
        np.array([[share_distance(a, b) for b in conversions] for a in conversions]),
        np.array([[rank_correlation(a, b) for b in conversions] for a in conversions]),
    )


def against_experiments(
    name: str, channels: Sequence[str], conversions: Floats, lifts: Sequence[Lift]
) -> tuple[Verdict, ...]:
    """One verdict per test. What is credited is that of the part of the journeys that the test covered.

    Raises :class:`BadSetting` for a test of an unknown channel or without an error.
    """
    verdicts = []
    for lift in lifts:
        if lift.channel not in {*channels, ALL}:
            raise BadSetting(f"a test is of {lift.channel!r}, which is no channel here.")
        if not lift.se > 0:
            raise BadSetting(f"the test of {lift.channel!r} has the error {lift.se}, must be > 0.")
        credited = _credited(channels, conversions, lift.channel) * lift.covered
        errors = abs(credited - lift.lift) / lift.se
        verdicts.append(Verdict(name, lift.channel, credited, lift.lift, lift.se, errors))
    return tuple(verdicts)


def _credited(channels: Sequence[str], conversions: Floats, tested: str) -> float:
    """What the tested channel gets; all together, what those get that are more than a visit nobody asked for."""
    if tested != ALL:
        return float(conversions[list(channels).index(tested)])
    return float(sum(given for name, given in zip(channels, conversions, strict=True) if name.lower() not in DIRECT))


def stability_of(
    paths: Paths,
    model: Model,
    *,
    lookbacks: Sequence[float] = (7.0, 14.0, 30.0),
    lost: Sequence[float] = (0.1, 0.3),
    draws: int = 100,
    seed: int = 1,
) -> Stability:
    """What shakes a model's shares. Raises as :func:`attribute`, :class:`NotEnoughData` without conversions."""
    credit = attribute(paths, model, draws=draws, seed=seed)
    if not credit.conversions.any() or credit.draws is None:
        raise NotEnoughData("There are no conversions after a touch, so there is nothing to shake.")
    sampling = np.mean([share_distance(credit.conversions, draw) for draw in credit.draws.conversions])
    return Stability(
        model.name,
        float(sampling),
        tuple((days, _moved(credit, paths, replace(model, lookback=Lookback(days, {})))) for days in lookbacks)
        if paths.ages is not None
        else (),
        tuple((share, _moved(credit, forgetful(paths, share, seed), model)) for share in lost),
    )


def forgetful(paths: Paths, share: float, seed: int) -> Paths:
    """The journeys as they would look if after each touch a customer were no longer recognised with this chance.

    What came before is then a journey of somebody else that led to nothing. Of many journeys some are drawn, each once.
    """
    if not 0 <= share <= 1:
        raise BadSetting(f"share == {share}, must be from 0 to 1.")
    generator = np.random.default_rng(seed)
    drawn, converted, weight = _drawn(paths, generator)
    whole = paths.take(drawn)
    cut = generator.random(whole.steps.size) < share
    last = whole.offsets[1:][whole.lengths > 0] - 1
    cut[last] = True
    borders = np.append(0, np.flatnonzero(cut) + 1)
    kept = np.zeros(whole.steps.size, dtype=np.bool_)
    kept[last] = True
    of = whole.rows[borders[1:] - 1]
    is_end = kept[borders[1:] - 1]
    value = whole.value_per_conversion[of]
    conversions = np.where(is_end & converted[of], weight, 0.0)
    return replace(
        whole,
        offsets=borders,
        conversions=conversions,
        value=value * conversions,
        nulls=np.where(is_end & converted[of], 0.0, weight),
    )


def _drawn(paths: Paths, generator: np.random.Generator) -> tuple[Rows, Bools, float]:
    """Paths with a touch, one entry per journey drawn, whether it converted, and how many journeys each stands for."""
    touched = paths.lengths > 0
    cells = np.concatenate([np.where(touched, paths.conversions, 0.0), np.where(touched, paths.nulls, 0.0)])
    total = cells.sum()
    if total <= _JOURNEYS:
        counts, weight = np.round(cells).astype(np.int64), 1.0
    else:
        counts, weight = generator.poisson(cells * (_JOURNEYS / total)), float(total / _JOURNEYS)
    entries = np.repeat(np.arange(cells.size), counts)
    return entries % paths.size, entries < paths.size, weight


def _moved(credit: Credits, paths: Paths, model: Model) -> float:
    return share_distance(credit.conversions, attribute(paths, model).conversions)


def _shares(credit: Floats) -> Floats:
    total = credit.sum()
    return credit / total if total else np.zeros_like(credit)
