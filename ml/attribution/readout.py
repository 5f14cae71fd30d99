"""What a test of a channel found: conversions that were lost where, or while, its ads were switched off.

A plain reading, good enough to hold credits against: two periods and two groups of regions, or one series with days
without ads. Errors are those of counts, widened by how much more regions or days scatter than counts alone would.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from ml.attribution.calibrated import Lift
from ml.attribution.overlap import ALL
from ml.attribution.paths import Bools, Floats

FEWEST_DAYS_BEFORE: Final = 28
CARRY_OVER: Final = 7  # days after a test in which ads that were not shown are still missed
_LAGS: Final = 7  # days over which the scatter of a series hangs together


@dataclass(frozen=True, slots=True)
class Reading:
    """A test of ``channel``, ``*`` for all together, from ``first`` to ``last``.

    It adds ``lift`` conversions in that time, among ``people``, the share of all conversions that are of the regions
    without ads, 1 for everybody. ``is_dark`` is whether there really were no ads, so that journeys of these days and
    people did not meet the channel.
    """

    experiment: str
    channel: str
    first: dt.date
    last: dt.date
    people: float
    lift: float
    se: float
    is_dark: bool = True

    def within(self, first: dt.date, last: dt.date) -> Lift:
        """The same as a lift beside the credits of a period, of which the test held a part.

        The period's credits lack what the test switched off, if it lies in the period.
        """
        days = (self.last - self.first).days + 1
        shared = max((min(self.last, last) - max(self.first, first)).days + 1, 0) if self.is_dark else 0
        covered = days * self.people / max((last - first).days + 1 - shared * self.people, 1.0)
        scale = min(1.0, 1 / covered)
        return Lift(self.channel, self.lift * scale, self.se * scale, min(covered, 1.0))


def readings_of(tests: pl.DataFrame) -> tuple[Reading, ...]:
    """Read every test that can be read; ads are missed for a week more than they were off.

    ``tests`` has a row per test, region and day: experiment, channel, kind (geo or go_dark), first, last, geo, is_dark
    (whether the region, or in go_dark everybody, was without ads in the test), date, value.
    """
    readings = []
    for (experiment, channel, kind, first, last), days in tests.group_by(
        "experiment", "channel", "kind", "first", "last", maintain_order=True
    ):
        dates = np.array(sorted(days["date"].unique()), dtype="datetime64[D]")
        before = dates < np.datetime64(first)
        during = ~before & (dates <= np.datetime64(last + dt.timedelta(days=CARRY_OVER)))
        if before.sum() < FEWEST_DAYS_BEFORE or not during.any():
            continue
        table = days.pivot("date", index=["geo", "is_dark"], values="value", aggregate_function="sum").sort("geo")
        values = table.select(sorted(set(table.columns) - {"geo", "is_dark"})).fill_null(0).to_numpy()
        dark = table["is_dark"].to_numpy()
        if kind == "geo" and dark.any() and (~dark).sum() > 1:
            lift, se = _by_regions(values[:, before].sum(axis=1), values[:, during].sum(axis=1), dark)
            people = float(values[dark][:, before].sum() / values[:, before].sum())
        elif kind == "go_dark":
            lift, se = _by_days(values.sum(axis=0), dates, during)
            people = 1.0
        else:
            continue
        readings.append(Reading(experiment, channel, first, last, people, lift, se))
    return tuple(readings)


def lifts_within(readings: Sequence[Reading], first: dt.date, last: dt.date, channels: Sequence[str]) -> tuple[
    tuple[Reading, Lift], ...
]:  # fmt: skip
    """The tests of these channels that ended before the period did, beside what they mean for it."""
    used = [test for test in readings if test.channel in {*channels, ALL} and test.last <= last and test.se > 0]
    return tuple((test, test.within(first, last)) for test in used)


def _by_regions(before: Floats, during: Floats, dark: Bools) -> tuple[float, float]:
    """Difference in differences of regions (G,): what dark ones would have had by the growth of the others."""
    growth = during[~dark].sum() / before[~dark].sum()
    others_before, others_during = before[~dark].sum() - before[~dark], during[~dark].sum() - during[~dark]
    alike = np.divide(others_during, others_before, out=np.zeros_like(others_before), where=others_before > 0)
    off = during[~dark] - before[~dark] * alike
    usual = before[~dark] * alike * (1 + alike)
    scatter = max(1.0, float((off**2).sum() / max(usual.sum(), 1.0)))
    expected = before[dark].sum() * growth
    variance = during[dark].sum() + growth**2 * before[dark].sum()
    variance += expected**2 * (1 / during[~dark].sum() + 1 / before[~dark].sum())
    return float(expected - during[dark].sum()), float(np.sqrt(scatter * variance))


def _by_days(values: Floats, dates: np.ndarray[tuple[int, ...], np.dtype[np.datetime64]], off: Bools) -> tuple[
    float, float
]:  # fmt: skip
    """One series (D,): least squares on weekday, trend and days off; errors by Newey and West (1987)."""
    number = (dates - dates[0]).astype(np.float64)
    weekday = (dates.astype(np.int64) + 3) % 7
    design = np.column_stack([(weekday[:, None] == np.arange(7)).astype(np.float64), number / number[-1], off])
    inverse = np.linalg.pinv(design.T @ design)
    fitted = inverse @ design.T @ values
    scores = design * (values - design @ fitted)[:, None]
    meat = scores.T @ scores
    for lag in range(1, _LAGS + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (_LAGS + 1)) * (cross + cross.T)
    variance = (inverse @ meat @ inverse)[-1, -1]
    days = float(off.sum())
    counts = float(np.sqrt(values[off].sum()))  # never surer than the count itself
    return float(-fitted[-1] * days), max(float(np.sqrt(max(variance, 0.0))) * days, counts)
