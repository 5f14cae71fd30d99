"""Shapley values of three games between channels, each named as the game it is.

Containment: a coalition is worth the conversions of paths whose channels all lie in it. Null paths do not matter.
Ordered: the same, told apart by position. Rate: a coalition is worth the conversion rate of the journeys in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.attribution.paths import Codes, Floats, Paths, Rows, ends, summed
from ml.attribution.rules import credited
from warehouse.errors import BadSetting, NotEnoughData

MOST_ENUMERATED: Final = 20  # channels of which every coalition is looked at: 2^20 is a second
MOST_FLAGS: Final = 62  # channels whose presence is a bit of one number
PERMUTATIONS: Final = 2_000


def containment_weights(paths: Paths) -> Floats:
    """(T,) weights of the Shapley value of the containment game; a path's weights sum to one.

    Each path's worth is split equally over its distinct channels, and a channel's part over its touches: the exact
    value for any number of channels (Zhao, Mahboobi and Bagheri 2018, arXiv 1804.05327, eq. 9), and by position their
    ordered value.
    """
    touches = paths.steps.size
    size = max(len(paths.channels), 1)
    key = paths.rows * size + paths.steps
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(key[order]) != 0)[:touches])
    repeats = np.diff(np.append(starts, touches))
    pairs = np.bincount(key[order][starts] // size, minlength=paths.size)
    often = np.empty(touches, dtype=np.int64)
    often[order] = np.repeat(repeats, repeats)
    return 1.0 / (often * np.repeat(pairs, paths.lengths))


def containment_credits(paths: Paths) -> tuple[Floats, Floats]:
    """Conversions and value (C,) each, of the containment game: what the weights sum to, without one for each touch."""
    size = len(paths.channels)
    if size > MOST_FLAGS:
        return credited(paths, containment_weights(paths))
    there = paths.lengths > 0
    sets = np.zeros(paths.size, dtype=np.int64)
    if there.any():
        sets[there] = np.bitwise_or.reduceat((np.int64(1) << np.arange(size))[paths.steps], paths.offsets[:-1][there])
    parts = np.maximum(np.bitwise_count(sets), 1)
    met = [(sets & np.int64(1 << channel)) > 0 for channel in range(size)]
    conversions, value = ((each / parts) for each in (paths.conversions, paths.value))
    return (
        np.array([conversions[of].sum() for of in met], dtype=np.float64),
        np.array([value[of].sum() for of in met], dtype=np.float64),
    )


def by_position(paths: Paths, weights: Floats, most: int) -> Floats:
    """(C, most) conversions of each channel by the place of the touch; places from ``most`` on stand in the last."""
    size = len(paths.channels)
    key = paths.steps * most + np.minimum(paths.places, most - 1)
    credit = weights * np.repeat(paths.conversions, paths.lengths)
    return summed(key, credit, size * most).reshape(size, most)


@dataclass(frozen=True, slots=True)
class RateGame:
    """``share`` (C,) sums to one. It may be negative: a channel with journeys that convert worse lowers the rate.

    ``value_share`` (C,) is the same of the value per journey, zero where there is none. ``error`` (C,) is the standard
    error of ``share`` by the sampling of permutations, zero where all coalitions were looked at.
    """

    share: Floats
    value_share: Floats
    error: Floats


def rate_game(paths: Paths, *, smoothing: float = 100.0, seed: int = 1) -> RateGame:
    """The Shapley value of v(S) = conversion rate of the journeys whose channels all lie in S, v(nobody) = 0.

    A rate is that of the journeys in S and of ``smoothing`` journeys at the rate of all, or coalitions that hardly
    anybody met would decide. Up to 20 channels exactly, beyond by permutations and their reversals (Castro, Gomez and
    Tejada 2009), all coalitions of a permutation in one pass.

    Raises :class:`NotEnoughData` without conversions, :class:`BadSetting` for a smoothing that is not positive.
    """
    if not smoothing > 0:
        raise BadSetting(f"smoothing == {smoothing}, must be > 0.")
    sets = _sets(paths)
    rates = sets.outcomes.sum(axis=0) / max(sets.journeys.sum(), 1.0)
    if rates[0] <= 0:
        raise NotEnoughData("There are no conversions with a touch, so there is no rate to divide.")
    size = len(paths.channels)
    if size > MOST_ENUMERATED:
        return _sampled(sets, smoothing, rates, size, np.random.default_rng(seed))
    masks = np.bitwise_or.reduceat(np.int64(1) << sets.members.astype(np.int64), sets.offsets[:-1])
    journeys = _zeta(summed(masks, sets.journeys, 1 << size)) + smoothing
    shares = []
    for outcome, rate in zip(sets.outcomes.T, rates, strict=True):
        worth = (_zeta(summed(masks, outcome, 1 << size)) + smoothing * rate) / journeys
        worth[0] = 0.0
        shares.append(shapley_values(worth) / rate if rate > 0 else np.zeros(size))
    return RateGame(shares[0], shares[1], np.zeros(size))


def shapley_values(worth: Floats) -> Floats:
    """(n,) Shapley values of a game given as the worth (2^n,) of every coalition, player i being bit i (Shapley 1953).

    Raises :class:`BadSetting` where the number of coalitions is no power of two.
    """
    players = worth.size.bit_length() - 1
    if worth.size != 1 << players:
        raise BadSetting(f"{worth.size} coalitions are those of no number of players.")
    sizes = np.zeros(1, dtype=np.int64)
    for _ in range(players):
        sizes = np.concatenate([sizes, sizes + 1])
    chance = np.array([1 / (players * math.comb(players - 1, s)) for s in range(players)])
    values = np.empty(players)
    for player in range(players):
        halves = worth.reshape(-1, 2, 1 << player)
        without = sizes.reshape(-1, 2, 1 << player)[:, 0]
        values[player] = ((halves[:, 1] - halves[:, 0]) * chance[without]).sum()
    return values


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """Distinct sets of channels, their members one after another, with the journeys that met exactly these."""

    members: Codes
    offsets: Rows
    outcomes: Floats  # (sets, 2): conversions and value
    journeys: Floats


def _sets(paths: Paths) -> _Sets:
    """Sets of the paths that have a touch. Sets are told apart by a sum of random numbers of 64 bits."""
    touched = paths.take(paths.lengths > 0)
    size = max(len(paths.channels), 1)
    pairs = np.unique(touched.rows * size + touched.steps)
    rows, members = pairs // size, (pairs % size).astype(np.int32)
    numbers = np.random.default_rng(0).integers(1 << 63, size=size, dtype=np.uint64)
    offsets = ends(np.bincount(rows, minlength=touched.size))
    if touched.size == 0:
        return _Sets(members, offsets, np.zeros((0, 2)), np.zeros(0))
    name = np.add.reduceat(numbers[members], offsets[:-1])
    _, first, which = np.unique(name, return_index=True, return_inverse=True)
    lengths = np.diff(offsets)[first]
    starts = ends(lengths)
    chosen = np.arange(starts[-1]) + np.repeat(offsets[first] - starts[:-1], lengths)
    return _Sets(
        members[chosen],
        starts,
        np.column_stack([summed(which, each, 0) for each in (touched.conversions, touched.value)]),
        summed(which, touched.journeys, 0),
    )


def _zeta(exact: Floats) -> Floats:
    """(2^n,) sums over all subsets of every set, in place."""
    for bit in range(exact.size.bit_length() - 1):
        halves = exact.reshape(-1, 2, 1 << bit)
        halves[:, 1] += halves[:, 0]
    return exact


def _sampled(sets: _Sets, smoothing: float, rates: Floats, size: int, generator: np.random.Generator) -> RateGame:
    """Mean and standard error over pairs of a permutation and its reversal."""
    total, squares = np.zeros((size, 2)), np.zeros((size, 2))
    pairs = PERMUTATIONS // 2
    scale = np.where(rates > 0, rates, np.inf)
    for _ in range(pairs):
        forward = generator.permutation(size)
        both = _gains(sets, forward, smoothing, rates) + _gains(sets, forward[::-1], smoothing, rates)
        gains = both / (2 * scale)
        total += gains
        squares += gains**2
    mean = total / pairs
    error = np.sqrt(np.maximum(squares / pairs - mean**2, 0) / (pairs - 1))
    return RateGame(mean[:, 0], mean[:, 1], error[:, 0])


def _gains(sets: _Sets, permutation: Rows, smoothing: float, rates: Floats) -> Floats:
    """(C, 2) what each channel adds to the rates when channels join in this order."""
    joins = np.empty_like(permutation)
    joins[permutation] = np.arange(permutation.size)
    complete = np.maximum.reduceat(joins[sets.members], sets.offsets[:-1])
    journeys = np.cumsum(summed(complete, sets.journeys, permutation.size)) + smoothing
    gains = np.empty((permutation.size, 2))
    for column, rate in enumerate(rates):
        reached = np.cumsum(summed(complete, sets.outcomes[:, column], permutation.size))
        gains[permutation, column] = np.diff((reached + smoothing * rate) / journeys, prepend=0.0)
    return gains
