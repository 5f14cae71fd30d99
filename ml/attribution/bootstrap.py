"""Poisson bootstrap over distinct paths: what credits would have been, had other journeys of the same kind been seen.

Every journey is drawn a Poisson(1) number of times, so the conversions and the null journeys of a path are Poisson with
their counts as means (Hanley and MacGibbon 2006, doi 10.1016/j.cmpb.2006.04.006). That covers luck of the sample. It
does not cover what paths cannot tell: how journeys would have ended without the ads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from ml.attribution.markov import Chain, ratio, removal_effects
from ml.attribution.paths import Floats, Paths, summed
from ml.attribution.windows import Windows, windows_of

Singles = npt.NDArray[np.float32]

_ABREAST: Final = 32  # draws in one pass: the weights of 200,000 paths then take 50 MB
_TABLED: Final = 16  # counts up to this are drawn from a table of 65,536 quantiles


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Credits (B, C) of each draw: conversions and value."""

    conversions: Floats
    value: Floats

    @property
    def shares(self) -> Floats:
        """(B, C) shares of the credited conversions."""
        return ratio(self.conversions, self.conversions.sum(axis=1, keepdims=True))


def linear_draws(paths: Paths, weights: Floats, draws: int, seed: int) -> Draws:
    """Draws of a model that gives weights (T,) to touches, whatever the counts."""
    size = len(paths.channels)
    give = csr_array((weights.astype(np.float32), (paths.steps, paths.rows)), shape=(size, paths.size))
    worth = paths.value_per_conversion.astype(np.float32)[:, None]
    pieces = [
        ((give @ conversions).T, (give @ (worth * conversions)).T)
        for conversions in _blocks(paths.conversions, draws, np.random.default_rng(seed))
    ]
    return _joined(pieces)


def markov_draws(paths: Paths, order: int, draws: int, seed: int) -> Draws:
    """Draws of what the chain of this order credits. Raises as :func:`windows_of`."""
    touched = paths.take(paths.lengths > 0)
    windows = windows_of(touched, order)
    counts = _Counts.of(windows, touched)
    generator = np.random.default_rng(seed)
    worth = touched.value_per_conversion.astype(np.float32)[:, None]
    pieces = []
    for conversions, nulls in zip(
        _blocks(touched.conversions, draws, generator), _blocks(touched.nulls, draws, generator), strict=True
    ):
        value = worth * conversions
        totals = (conversions.sum(axis=0, dtype=np.float64), value.sum(axis=0, dtype=np.float64))
        effects = [removal_effects(chain) for chain in counts.chains(conversions, value, nulls)]
        pieces.append((
            shared([effect.conversions for effect in effects], totals[0]),
            shared([effect.value for effect in effects], totals[1]),
        ))  # fmt: skip
    return _joined(pieces)


def drawn_counts(paths: Paths, draws: int, seed: int) -> tuple[Singles, Singles]:
    """(P, draws) conversions and null journeys of each draw."""
    generator = np.random.default_rng(seed)
    return poisson_counts(paths.conversions, draws, generator), poisson_counts(paths.nulls, draws, generator)


def any_draws(paths: Paths, model: Callable[[Paths], tuple[Floats, Floats]], draws: int, seed: int) -> Draws:
    """Draws of any model (paths to conversions and value (C,) each), fitted anew every time."""
    generator = np.random.default_rng(seed)
    pieces = []
    for _ in range(draws):
        conversions, value = model(paths.weighted(*(
            poisson_counts(counts, 1, generator)[:, 0].astype(np.float64) for counts in (paths.conversions, paths.nulls)
        )))  # fmt: skip
        pieces.append((conversions[None, :], value[None, :]))
    return _joined(pieces)


def shared(effects: list[Floats], totals: Floats) -> Floats:
    """(B, C) the totals (B,) divided in proportion to effects (C,), nothing to anybody where all are zero."""
    each = np.stack(effects)
    return totals[:, None] * ratio(each, each.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Which move, first and last state each path adds to: matrices with a column per path."""

    windows: Windows
    moves: csr_array
    starts: csr_array
    ends: csr_array

    @classmethod
    def of(cls, windows: Windows, paths: Paths) -> _Counts:
        """Of paths with a touch each."""
        every, last = np.arange(paths.size), paths.offsets[1:] - 1
        goes_on = np.ones(paths.steps.size, dtype=np.bool_)
        goes_on[last] = False
        shape = (windows.sources.size, paths.size)
        moves = csr_array(
            (np.ones(int(goes_on.sum()), dtype=np.float32), (windows.move_of[goes_on], paths.rows[goes_on])),
            shape=shape,
        )
        one = np.ones(paths.size, dtype=np.float32)
        shape = (windows.size, paths.size)
        starts = csr_array((one, (windows.states[paths.offsets[:-1]], every)), shape=shape)
        return cls(windows, moves, starts, csr_array((one, (windows.states[last], every)), shape=shape))

    def chains(self, conversions: Singles, value: Singles, nulls: Singles) -> Iterator[Chain]:
        """One chain for every column of counts (P, b)."""
        journeys = conversions + nulls
        moves, starts = self.moves @ journeys, self.starts @ journeys
        ends = [(self.ends @ counts).T.astype(np.float64) for counts in (conversions, value, nulls)]
        for draw in range(journeys.shape[1]):
            went = moves[:, draw].astype(np.float64)
            passed = summed(self.windows.sources, went, self.windows.size)
            converted, worth, lost = (end[draw] for end in ends)
            yield Chain(
                self.windows,
                went,
                passed + converted + lost,
                starts[:, draw].astype(np.float64),
                converted,
                worth,
                lost,
            )


def _blocks(counts: Floats, draws: int, generator: np.random.Generator) -> Iterator[Singles]:
    """Weights (P, up to 32) until there are ``draws`` columns."""
    for begin in range(0, draws, _ABREAST):
        yield poisson_counts(counts, min(_ABREAST, draws - begin), generator)


def poisson_counts(counts: Floats, columns: int, generator: np.random.Generator) -> Singles:
    """(P, columns) Poisson numbers with the counts as means.

    Small counts, nearly all of them, come from tables of quantiles by 16 random bits: each probability is right to one
    in 65,536, and a number costs a tenth.
    """
    drawn = np.zeros((counts.size, columns), dtype=np.float32)
    small = (counts <= _TABLED) & (counts == np.floor(counts))
    for count in np.unique(counts[small & (counts > 0)]):
        rows = np.flatnonzero(small & (counts == count))
        bits = np.frombuffer(generator.bytes(2 * rows.size * columns), dtype=np.uint16)
        drawn[rows] = _quantiles(float(count))[bits].reshape(rows.size, columns)
    large = np.flatnonzero(~small)
    drawn[large] = generator.poisson(counts[large, None], size=(large.size, columns))
    return drawn


@cache
def _quantiles(mean: float) -> Singles:
    """(65536,) the Poisson quantile at the middle of each of as many equal parts; kept, of 16 means at most."""
    numbers = np.arange(int(mean + 12 * np.sqrt(mean) + 12))
    logarithms = numbers * np.log(mean) - mean - np.concatenate([[0.0], np.cumsum(np.log(numbers[1:]))])
    below = np.cumsum(np.exp(logarithms))
    return np.searchsorted(below, (np.arange(65_536) + 0.5) / 65_536).astype(np.float32)


def _joined(pieces: list[tuple[Floats, Floats]]) -> Draws:
    conversions, value = (np.concatenate(each).astype(np.float64) for each in zip(*pieces, strict=True))
    return Draws(conversions, value)
