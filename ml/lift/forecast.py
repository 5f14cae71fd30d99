"""Interrupted time series: what a series without control would have done, forecast from its own past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy import linalg
from scipy.optimize import brentq
from scipy.special import stdtr

from ml.lift.panel import Floats, Time
from warehouse.errors import NotEnoughData

FEWEST_BEFORE: Final = 14
NEWEST: Final = 730  # periods before treatment that are looked at
_PERSISTENCE: Final = (0.3, 0.6, 0.8, 0.9, 0.96, 1.0)  # of errors from one period to the next; 1 wanders
_PERSISTENT: Final = (0.2, 0.6, 1.0)  # parts of the variance that persist
_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """The series as expected in all periods ``mean`` (T,), with standard errors ``errors`` (T,), and their mean after.

    The mean over the periods after the interruption is a mixture of t distributions with ``df`` degrees of freedom,
    centres ``centres`` (M,), scales ``scales`` (M,) and chances ``chances`` (M,).
    """

    mean: Floats
    errors: Floats
    df: int
    centres: Floats
    scales: Floats
    chances: Floats

    def quantile(self, chance: float) -> float:
        """Of the mean over the periods after."""
        reach = 1e3 * float(self.scales.max()) + 1e-9
        return float(
            brentq(lambda mean: self.below(mean) - chance, self.centres.min() - reach, self.centres.max() + reach)
        )

    def below(self, mean: float) -> float:
        """The chance that the mean over the periods after is smaller than ``mean``."""
        return float(self.chances @ stdtr(self.df, (mean - self.centres) / self.scales))


def forecast(series: Floats, times: Sequence[Time], before: int) -> Forecast:
    """Forecast ``series`` (T,) from its first ``before`` periods.

    Calendar and trend by generalised least squares; errors are the sum of a white part and one that persists or
    wanders. How much of each is not chosen but averaged over, by the restricted likelihood (Harville 1974, doi
    10.1093/biomet/61.2.383), so the interval knows that the past does not tell it exactly. Without prior knowledge of
    level, trend and scale the forecast is a mixture of t distributions.

    Raises :class:`NotEnoughData` for fewer than 14 periods before, or fewer than twice what the calendar takes.
    """
    begin = max(before - NEWEST, 0)
    design = calendar(times, before)[begin:]
    known = before - begin
    if known < max(FEWEST_BEFORE, 2 * design.shape[1]):
        raise NotEnoughData(
            f"A forecast from {known} periods would be a guess.",
            remedy=f"Give at least {max(FEWEST_BEFORE, 2 * design.shape[1])} periods before treatment, or markets to "
            "compare with.",
        )
    fits = [_Fit.of(series[begin:before], design, kernel, known) for kernel in _kernels(len(design))]
    logs = np.array([fit.log_likelihood for fit in fits])
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    means = np.array([fit.mean for fit in fits])
    mean = chances @ means
    spread = chances @ (np.array([fit.variance for fit in fits]) + (means - mean) ** 2)
    full = np.concatenate([np.full(begin, np.nan), mean])
    errors = np.concatenate([np.full(begin, np.nan), np.sqrt(spread)])
    centres = np.array([fit.mean[known:].mean() for fit in fits])
    scales = np.array([fit.scale_after for fit in fits])
    return Forecast(full, errors, known - design.shape[1], centres, scales, chances)


def calendar(times: Sequence[Time], before: int) -> Floats:
    """(T, K) level and trend; of days also the weekday, of months the month, and of two years the season."""
    place = np.arange(len(times)) / max(before - 1, 1)
    columns = [np.ones(len(times)), place - 0.5]
    days = [time for time in times if isinstance(time, dt.date)]
    if days:
        step = float(np.median([(later - earlier).days for earlier, later in pairwise(days)]))
        if step == 1 and before >= 21:
            columns += _indicators([day.weekday() for day in days])
        if 28 <= step <= 31 and before >= 36:
            columns += _indicators([day.month for day in days])
        elif step <= 7 and (days[before - 1] - days[0]).days >= 2 * _YEAR:
            angle = 2 * np.pi * np.array([day.toordinal() for day in days]) / _YEAR
            columns += [np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)]
    return np.column_stack(columns)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """One way in which errors may hang together: mean (T,), variance (T,), scale of the mean after, and likelihood."""

    mean: Floats
    variance: Floats
    scale_after: float
    log_likelihood: float

    @classmethod
    def of(cls, series: Floats, design: Floats, kernel: Floats, before: int) -> _Fit:
        """Universal kriging with the scale integrated out."""
        half = linalg.cholesky(kernel[:before, :before], lower=True)
        white = linalg.solve_triangular(half, np.column_stack([series, design[:before]]), lower=True)
        basis, triangle = np.linalg.qr(white[:, 1:])
        slopes = linalg.solve_triangular(triangle, basis.T @ white[:, 0])
        error = white[:, 0] - white[:, 1:] @ slopes
        df = before - design.shape[1]
        scale = float(error @ error) / df
        reach = linalg.solve_triangular(half, kernel[:before, before:], lower=True)
        left = design[before:] - reach.T @ white[:, 1:]
        unsure = linalg.solve_triangular(triangle, left.T, trans="T")
        covariance = scale * (kernel[before:, before:] - reach.T @ reach + unsure.T @ unsure)
        after = design[before:] @ slopes + reach.T @ error
        within = design[:before] @ slopes
        around = scale * (1 / np.square(np.linalg.inv(half)).sum(axis=0))
        log_likelihood = (
            -0.5 * df * np.log(scale) - np.log(np.diag(half)).sum() - np.log(np.abs(np.diag(triangle))).sum()
        )
        return cls(
            np.concatenate([within, after]),
            np.concatenate([around, np.diag(covariance)]),
            float(np.sqrt(covariance.mean())),
            float(log_likelihood),
        )


def _kernels(size: int) -> Iterator[Floats]:
    """Covariances (T, T) of errors, each of mean variance 1 or so."""
    place = np.arange(size)
    lag = np.abs(place[:, None] - place)
    white = np.eye(size)
    yield white
    for persistence in _PERSISTENCE:
        # Of what wanders, two periods share what has been added up by the earlier; the level is no matter.
        persistent = persistence**lag if persistence < 1 else (1.0 + np.minimum(place[:, None], place)) / _WANDERS
        for part in _PERSISTENT:
            yield part * persistent + (1 - part) * white


_WANDERS: Final = 30.0  # periods after which the wandering part has the variance of the white one, at equal parts


def _indicators(names: Sequence[int]) -> list[Floats]:
    """A column for each name but the first, about zero."""
    return [np.array([float(each == name) for each in names]) for name in sorted(set(names))[1:]]
