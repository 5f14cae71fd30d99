"""What an analysis needs of the units of one arm, in one cut: sufficient statistics that add up over days and files.

| a metric's kind | what it needs of each arm |
|---|---|
| mean (also revenue per user, lifetime value, retention), share | moments over units: the metric, its covariates |
| winsorised mean | the same, of values capped at one limit for all arms |
| ratio of two means | moments over units: numerator, denominator, covariates |
| any of these, units in clusters | moments over clusters: sums over each cluster's units, and its number of units |
| any of these, post-stratified | moments by stratum |
| quantile | a distribution |

A metric that grows over days is not additive in its squares: keep each unit's running total, and take the moments of
the totals anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from warehouse.errors import BadSetting, NotEnoughData

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """The moments of ``n`` units over k columns.

    ``means`` (k,) are 0 without units. ``products`` (k, k) are sums over units of products of deviations from the
    means, so that nothing cancels when two are added.
    """

    columns: tuple[str, ...]
    n: int
    means: Floats
    products: Floats

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` where the arrays do not belong together or hold what is no moment."""
        size = len(self.columns)
        if len(set(self.columns)) != size:
            raise BadSetting("a column of the moments is named twice.", remedy="Give each column one name.")
        if self.n < 0 or self.means.shape != (size,) or self.products.shape != (size, size):
            raise BadSetting(
                f"moments of {self.n:,} units have means {self.means.shape} and products {self.products.shape} "
                f"for {size} columns."
            )
        if not np.isfinite(self.means).all() or not np.isfinite(self.products).all():
            raise BadSetting(
                "moments have entries that are no number.", remedy="Leave those units out, and count them."
            )
        if (self.products.diagonal() < 0).any():
            raise BadSetting("moments have a negative sum of squares.", remedy="Take them around the means.")

    @classmethod
    def of(cls, columns: Sequence[str], values: Floats) -> Self:
        """The moments of (n, k) values, one row per unit. Raises :class:`BadSetting` for values that are no number."""
        rows = values.shape[0]
        means = values.mean(axis=0) if rows else np.zeros(len(columns))
        deviations = values - means
        return cls(tuple(columns), rows, means, deviations.T @ deviations)

    @classmethod
    def of_numbers(cls, n: int, means: Mapping[str, float], covariances: Mapping[tuple[str, str], float]) -> Self:
        """Moments from plain numbers: means, and sample covariances (n - 1 below) by pairs of columns.

        ``covariances`` has each pair once, in any order, and each column with itself; a pair that is left out is 0.
        """
        columns = tuple(means)
        products = np.zeros((len(columns), len(columns)))
        for (first, second), covariance in covariances.items():
            one, other = columns.index(first), columns.index(second)
            products[one, other] = products[other, one] = covariance * max(n - 1, 0)
        return cls(columns, n, np.array([means[name] for name in columns], dtype=np.float64), products)

    @classmethod
    def none(cls, columns: Sequence[str]) -> Self:
        """Of no unit: what others are added to."""
        size = len(columns)
        return cls(tuple(columns), 0, np.zeros(size), np.zeros((size, size)))

    def __add__(self, other: Moments) -> Moments:
        """The moments of both sets of units together (Chan, Golub and LeVeque 1983).

        Raises :class:`BadSetting` when they are of other columns.
        """
        if self.columns != other.columns:
            raise BadSetting(f"moments of {', '.join(self.columns)} and of {', '.join(other.columns)} do not add up.")
        n = self.n + other.n
        if not n:
            return self
        apart = other.means - self.means
        products = self.products + other.products + np.outer(apart, apart) * (self.n * other.n / n)
        return Moments(self.columns, n, self.means + apart * (other.n / n), products)

    @property
    def covariance(self) -> Floats:
        """(k, k) sample covariances. Raises :class:`NotEnoughData` for fewer than two units."""
        if self.n < 2:
            raise NotEnoughData(f"{self.n} units have no variance.", remedy="Wait until each arm has two or more.")
        return self.products / (self.n - 1)

    def mean(self, column: str) -> float:
        """The mean of a column."""
        return float(self.means[self.place(column)])

    def variance(self, column: str) -> float:
        """The sample variance of a column. Raises as :attr:`covariance`."""
        place = self.place(column)
        return float(self.covariance[place, place])

    def place(self, column: str) -> int:
        """Where a column stands. Raises :class:`BadSetting` for one that is not there."""
        if column not in self.columns:
            raise BadSetting(f"there are no moments of {column!r}.", remedy=f"There are: {', '.join(self.columns)}.")
        return self.columns.index(column)

    def of_columns(self, columns: Sequence[str]) -> Moments:
        """Of these columns only, in this order. Raises as :meth:`place`."""
        places = [self.place(name) for name in columns]
        return Moments(tuple(columns), self.n, self.means[places], self.products[np.ix_(places, places)])

    def combined(self, name: str, weights: Mapping[str, float]) -> Moments:
        """The moments of one column that is a weighted sum of columns. Raises as :meth:`place`."""
        part = self.of_columns(tuple(weights))
        vector = np.array(list(weights.values()))
        return Moments((name,), self.n, np.array([part.means @ vector]), np.array([[vector @ part.products @ vector]]))


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """How often each value was met: ``values`` (v,) rise, ``counts`` (v,) are positive.

    Exact, or of rounded values where there are very many: a quantile is then right to the rounding.
    """

    values: Floats
    counts: Counts

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` where values do not rise, are no number, or a count is none."""
        if self.values.shape != self.counts.shape or not np.isfinite(self.values).all():
            raise BadSetting("a distribution has a count for each value, and every value is a number.")
        if (np.diff(self.values) <= 0).any() or (self.counts <= 0).any():
            raise BadSetting("the values of a distribution must rise, and each must have been met.")

    @classmethod
    def of(cls, values: Floats) -> Self:
        """The distribution of the values of units, in any order."""
        distinct, counts = np.unique(values, return_counts=True)
        return cls(distinct, counts.astype(np.int64))

    def __add__(self, other: Distribution) -> Distribution:
        """Of both sets of units together."""
        values = np.concatenate([self.values, other.values])
        distinct, places = np.unique(values, return_inverse=True)
        counts = np.zeros(distinct.size, dtype=np.int64)
        np.add.at(counts, places, np.concatenate([self.counts, other.counts]))
        return Distribution(distinct, counts)

    @property
    def n(self) -> int:
        """How many units there are."""
        return int(self.counts.sum())

    def at_rank(self, rank: Floats | float) -> Floats:
        """The values at ranks, where 0 is the lowest unit and n - 1 the highest; between two units on the line.

        Raises :class:`NotEnoughData` without units.
        """
        if not self.n:
            raise NotEnoughData("There is no unit to take a quantile of.", remedy="Wait until every arm has units.")
        ranks = np.clip(np.asarray(rank, dtype=np.float64), 0, self.n - 1)
        ends = np.cumsum(self.counts)  # a value stands on the ranks from the end before it to before its own
        below, above = np.floor(ranks), np.ceil(ranks)
        low = self.values[np.searchsorted(ends, below, side="right")]
        high = self.values[np.searchsorted(ends, above, side="right")]
        return np.asarray(low + (high - low) * (ranks - below), dtype=np.float64)

    def quantile(self, probability: float) -> float:
        """The quantile as numpy's default has it (type 7 of Hyndman and Fan 1996). Raises as :meth:`at_rank`."""
        return float(self.at_rank(probability * (self.n - 1)))
