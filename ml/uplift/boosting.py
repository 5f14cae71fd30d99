"""Gradient boosted trees that stop by themselves: the regressor that learners use where none is given.

Rows are parted into two halves. Each half has an ensemble of its own, grown for as long as it gets better on the other
half. So no row is spared for stopping, every row has a prediction by an ensemble that did not see it, and what cannot
be predicted is predicted by its mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import xgboost as xgb
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from ml.uplift.sample import Floats, Rows, Singles

_BINS: Final = 64
_LEAF: Final = 20  # rows that a leaf has at least
_ENOUGH: Final = 30_000  # rows that tell where to cut bins
_JUDGES: Final = 200_000  # rows of a half that tell when to stop
_THREADS: Final = 1  # more of them spend most of their time waiting for each other


class StoppedTrees(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """Trees by XGBoost's histograms for squared error.

    ``depth`` of each tree, ``rate`` of learning; a leaf has at least ``leaf_share`` of the rows and counts as if it had
    ``shrinkage`` rows more that say nothing. An ensemble ends when ``patience`` rounds brought nothing, or after
    ``most_rounds``. With ``refit`` predictions are by one more ensemble, grown on all rows for as many rounds as the
    halves took on average; without it, by the mean of both halves.

    After fitting, ``unseen_`` (n,) has each row's prediction by the half it is not in.
    """

    def __init__(
        self,
        depth: int = 4,
        rate: float = 0.3,
        leaf_share: float = 0.001,
        shrinkage: float = 20.0,
        patience: int = 4,
        most_rounds: int = 300,
        refit: bool = True,
        seed: int = 1,
    ) -> None:
        self.depth = depth
        self.rate = rate
        self.leaf_share = leaf_share
        self.shrinkage = shrinkage
        self.patience = patience
        self.most_rounds = most_rounds
        self.refit = refit
        self.seed = seed

    def fit(self, X: npt.ArrayLike | Halves, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> Self:  # noqa: N803
        """Fit to a table (n, F) or to its halves, which other fits can share; rows of weight 0 are only predicted."""
        halves = X if isinstance(X, Halves) else Halves.of(np.asarray(X, dtype=np.float32), self.seed)
        target = np.asarray(y, dtype=np.float64)
        weight = np.ones(target.size) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        self.n_features_in_ = halves.width
        self.unseen_ = np.empty(target.size)
        grown = []
        for half, other in halves.both():
            grown.append(self._grown(half, other, target, weight))
            self.unseen_[other.rows] = grown[-1].predict(other.data)
        if self.refit:
            rounds = round(sum(each.rounds for each in grown) / len(grown))
            grown = [self._refitted(halves.whole(), _Given.of(target, weight), rounds)]
        self.ensembles_ = grown
        return self

    def predict(self, X: npt.ArrayLike) -> Floats:  # noqa: N803
        """(n,) what is expected of each row."""
        check_is_fitted(self)
        data = _matrix(X)
        mean: Floats = np.mean([each.predict(data) for each in self.ensembles_], axis=0)
        return mean

    def contributions(self, X: npt.ArrayLike) -> Floats:  # noqa: N803
        """(n, F + 1) Shapley values of the features, the last column being what all have; rows sum to predictions.

        By TreeSHAP (Lundberg et al. 2020, doi 10.1038/s42256-019-0138-9).
        """
        check_is_fitted(self)
        data = _matrix(X)
        mean: Floats = np.mean([each.contributions(data) for each in self.ensembles_], axis=0)
        return mean

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _grown(self, half: _Half, other: _Half, target: Floats, weight: Floats) -> _Ensemble:
        """Grow on a half for as long as it gets better on the other one."""
        given = _Given.of(target[half.rows], weight[half.rows])
        judged = _Given.of(target[other.judges], weight[other.judges])
        if not given.scale or not judged.weight.any():
            return _Ensemble(None, 0, given.mean, 0.0)
        given.put_into(half.data, given)
        judged.put_into(other.judging, given)
        booster = xgb.Booster(self._settings(given), [half.data, other.judging])
        best, rounds = float(np.sqrt(np.average(other.judging.get_label() ** 2, weights=other.judging.get_weight()))), 0
        for grown in range(1, self.most_rounds + 1):
            booster.update(half.data, grown - 1)
            loss = float(booster.eval(other.judging).rpartition(":")[2])
            if loss < best:
                best, rounds = loss, grown
            elif grown - rounds >= self.patience:
                break
        return _Ensemble(booster[:rounds] if rounds else None, rounds, given.mean, given.scale)

    def _refitted(self, data: xgb.DMatrix, given: _Given, rounds: int) -> _Ensemble:
        if not given.scale or not rounds:
            return _Ensemble(None, 0, given.mean, 0.0)
        given.put_into(data, given)
        booster = xgb.Booster(self._settings(given), [data])
        for grown in range(rounds):
            booster.update(data, grown)
        return _Ensemble(booster, rounds, given.mean, given.scale)

    def _settings(self, given: _Given) -> dict[str, Any]:
        rows = int(np.count_nonzero(given.weight))
        return {
            "tree_method": "hist",
            "objective": "reg:squarederror",
            "base_score": 0.0,
            "max_bin": _BINS,
            "max_depth": self.depth,
            "eta": self.rate,
            "min_child_weight": max(_LEAF, self.leaf_share * rows),
            "lambda": self.shrinkage,
            "nthread": _THREADS,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """A table (n, F) in two random halves, cut into bins once, by the values of some rows."""

    table: Singles
    bins: xgb.DMatrix
    one: _Half
    two: _Half

    @classmethod
    def of(cls, table: Singles, seed: int) -> Halves:
        """Part a table."""
        order = np.random.default_rng(seed).permutation(table.shape[0])
        bins = _binned(table[order[:_ENOUGH]])
        parts = (np.sort(order[: order.size // 2]), np.sort(order[order.size // 2 :]))
        return cls(table, bins, *(_Half.of(table, rows, bins) for rows in parts))

    @property
    def width(self) -> int:
        """The number of features, F."""
        return int(self.table.shape[1])

    def both(self) -> tuple[tuple[_Half, _Half], tuple[_Half, _Half]]:
        """Each half with the other one."""
        return (self.one, self.two), (self.two, self.one)

    def whole(self) -> xgb.DMatrix:
        """All rows, cut into the same bins."""
        return _binned(self.table, self.bins)


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """``rows`` of a table, and those of them, ``judges``, that say when the other half's ensemble is large enough."""

    rows: Rows
    data: xgb.DMatrix
    judges: Rows
    judging: xgb.DMatrix

    @classmethod
    def of(cls, table: Singles, rows: Rows, bins: xgb.DMatrix) -> _Half:
        data = _binned(table[rows], bins)
        if rows.size <= _JUDGES:
            return cls(rows, data, rows, data)
        judges = rows[:: -(-rows.size // _JUDGES)]
        return cls(rows, data, judges, _matrix(table[judges]))


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """Targets and weights of rows, with the targets' weighted mean and standard deviation."""

    target: Floats
    weight: Floats
    mean: float
    scale: float

    @classmethod
    def of(cls, target: Floats, weight: Floats) -> _Given:
        total = weight.sum()
        if not total:
            return cls(target, weight, 0.0, 0.0)
        mean = float(weight @ target / total)
        return cls(target, weight, mean, float(np.sqrt(weight @ (target - mean) ** 2 / total)))

    def put_into(self, data: xgb.DMatrix, unit: _Given) -> None:
        """Give rows their targets in the units of ``unit``, and weights of which a row has 1 on average."""
        data.set_label((self.target - unit.mean) / unit.scale)
        data.set_weight(self.weight / unit.weight[unit.weight > 0].mean())


@dataclass(frozen=True, slots=True, eq=False)
class _Ensemble:
    """``mean`` plus ``scale`` times what the trees say; no booster where no tree helped."""

    booster: xgb.Booster | None
    rounds: int
    mean: float
    scale: float

    def predict(self, data: xgb.DMatrix) -> Floats:
        if self.booster is None:
            return np.full(data.num_row(), self.mean)
        return self.mean + self.scale * self.booster.predict(data).astype(np.float64)

    def contributions(self, data: xgb.DMatrix) -> Floats:
        if self.booster is None:
            shares = np.zeros((data.num_row(), data.num_col() + 1))
        else:
            shares = self.scale * self.booster.predict(data, pred_contribs=True).astype(np.float64)
        shares[:, -1] += self.mean
        return shares


def _matrix(table: npt.ArrayLike) -> xgb.DMatrix:
    values = np.asarray(table, dtype=np.float32)
    return xgb.DMatrix(values, nthread=_THREADS)


def _binned(table: Singles, alike: xgb.DMatrix | None = None) -> xgb.DMatrix:
    return xgb.QuantileDMatrix(table, max_bin=_BINS, ref=alike, nthread=_THREADS)
