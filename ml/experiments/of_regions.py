"""A test over regions or days, read as what the ads brought: what was, against what would have been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import polars as pl

from ml.experiments.registered import Registered
from ml.lift.case import Treatment
from ml.lift.lift import lift_of, switchback_lift
from ml.lift.methods import Method
from ml.lift.panel import Panel, panel_of
from ml.lift.results import Lift
from warehouse.changes.experiment_results import Evidence, ExperimentFindings, GuardRow, LiftDay, LiftRow, Readout
from warehouse.errors import NotEnoughData

CARRY_OVER: Final = dt.timedelta(days=7)  # after a test without ads, in which they are still missed
SPEND: Final = ("ad_spend", "spend", "cost")
WEEK: Final = 7
FEWEST_WEEKS: Final = 20  # of a series that is read by weeks: a region's days scatter more than they tell
_EVERYWHERE: Final = "everywhere"
_STATUS: Final = {"green": "passed", "amber": "warned", "red": "failed"}


@dataclass(frozen=True, slots=True, eq=False)
class _Test:
    """How the series of a test are to be read."""

    treated: tuple[str, ...]
    first: dt.date
    ended: dt.date  # the last day of the treatment
    last: dt.date  # counted, with what carries over
    method: Method
    is_dark: bool  # whether the treated ones were those without ads
    period: int = 1  # days that are read together


def read_regions(registered: Registered, days: pl.DataFrame, level: float, currency: str) -> ExperimentFindings:
    """All that is to be told of a test; ``days`` are outcomes by region (or time slot) and day.

    Of a metric whose checks are red no effect is told, only how it went before the test: there stands why.

    Raises :class:`NotEnoughData` where nothing was treated, or a series has holes or is too short.
    """
    experiment = registered.experiment
    measured = sorted(days["metric"].unique())
    metrics = [metric for metric in registered.judged_by(measured) if metric.metric not in SPEND]
    if not metrics:
        raise NotEnoughData("Nothing but spend was measured.", remedy="Load what regions sold, too.")
    test = _test(registered, days)
    found = {metric.metric: _lift(days.filter(metric=metric.metric), test, level) for metric in metrics}
    spend = next((_spent(days.filter(metric=name), test) for name in SPEND if name in measured), None)
    told = [metric for metric in metrics if found[metric.metric].status != "red"]
    primary, others = found[metrics[0].metric], metrics[1:]
    withheld = primary.status == "red"
    guards = [GuardRow(check.name, _STATUS[check.status], None, check.words) for check in primary.checks]
    guards += [_untold(other.metric, found[other.metric]) for other in others if other not in told]
    return ExperimentFindings(
        experiment.experiment_key,
        Readout(
            first_day=test.first,
            last_day=test.last,
            units=days["geo"].n_unique() if experiment.unit == "geo" else days["date"].n_unique(),
            looks=1,
            level=level,
            inference=primary.method,
            withheld=withheld,
            health=_health(guards),
            verdict="withheld" if withheld else _verdict(primary),
            words=_in_words(metrics[0].metric, primary),
        ),
        guards=guards,
        lifts=[_row(metric.metric, metric.role, found[metric.metric], test, spend, currency) for metric in told],
        lift_days=[day for metric in metrics for day in _days(metric.metric, found[metric.metric], test)],
        evidence=list(_evidence(registered, days, test, found)),
    )


def _test(registered: Registered, days: pl.DataFrame) -> _Test:
    """Which regions were treated when, and by which method that is read."""
    experiment = registered.experiment
    on = days.filter(pl.col("is_treated").fill_null(value=False))
    if on.is_empty():
        raise NotEnoughData(
            "No region or day is marked as treated.",
            remedy="Load the assignments with their times, or a column treated.",
        )
    first, last = _day(on["date"].min()), _day(on["date"].max())
    if experiment.unit == "time_slot":
        if _switches(days) > 2:
            return _Test((_EVERYWHERE,), first, last, last, Method("switchback"), is_dark=False)
        is_dark = experiment.kind == "go_dark"
        method = Method("go_dark" if is_dark else "its")
        return _Test((_EVERYWHERE,), first, last, _carried(last, days, is_dark), method, is_dark)
    treated = tuple(sorted(on["geo"].unique()))
    arms = on["arm_id"].drop_nulls().unique().to_list()
    is_dark = experiment.kind in ("go_dark", "holdout") or any(map(registered.is_without_ads, arms))
    # Regions without ads are seldom like the others in size; that they move alike is enough.
    until, method = _carried(last, days, is_dark), Method("go_dark" if is_dark else "synthetic", match="path")
    weeks = ((until - first).days + 1) // WEEK
    if not weeks or (first - _day(days["date"].min())).days // WEEK + weeks < FEWEST_WEEKS:
        return _Test(treated, first, last, until, method, is_dark)
    return _Test(treated, first, last, first + dt.timedelta(days=WEEK * weeks - 1), method, is_dark, WEEK)


def _lift(rows: pl.DataFrame, test: _Test, level: float) -> Lift:
    panel = _panel(rows, test)
    if test.method.name == "switchback":
        on = rows.group_by("date").agg(pl.col("is_treated").any()).sort("date")["is_treated"].to_numpy()
        return switchback_lift(panel, on[None, :], test.method, level=level)
    last = test.last - dt.timedelta(days=test.period - 1)  # the day with which the last period begins
    return lift_of(panel, Treatment(test.treated, test.first, last), test.method, level=level)


def _panel(rows: pl.DataFrame, test: _Test) -> Panel:
    """The metric by region and day or week, counted from the first day of the test; or of everybody by day."""
    named = rows.select(unit="geo", time="date", outcome="value")
    if test.period > 1:
        period = (pl.col("time") - test.first).dt.total_days().floordiv(test.period)
        summed = named.group_by("unit", period=period).agg(pl.col("outcome").sum(), days=pl.col("time").n_unique())
        whole = summed.filter(pl.col("days").max().over("period") == test.period)
        start = pl.lit(test.first) + pl.duration(days=pl.col("period") * test.period)
        named = whole.select("unit", time=start.cast(pl.Date), outcome="outcome")
    if test.treated == (_EVERYWHERE,):
        named = named.group_by("time").agg(pl.col("outcome").sum()).sort("time")
        named = named.select(pl.lit(_EVERYWHERE).alias("unit"), "time", "outcome")
    return panel_of(named)


def _spent(rows: pl.DataFrame, test: _Test) -> Decimal:
    """What was spent on the treated ones against as many days before: more of it, or less where ads were off."""
    if test.treated != (_EVERYWHERE,):
        rows = rows.filter(pl.col("geo").is_in(test.treated))
    length = test.last - test.first + dt.timedelta(days=1)
    within = float(rows.filter(pl.col("date").is_between(test.first, test.last))["value"].sum())
    earlier = pl.col("date").is_between(test.first - length, test.first, closed="left")
    changed = within - float(rows.filter(earlier)["value"].sum())
    return Decimal(repr(-changed if test.is_dark else changed)).quantize(Decimal("0.000001"))


def _untold(metric: str, lift: Lift) -> GuardRow:
    """That one of the other metrics is withheld, and why; the primary one stands without it."""
    return GuardRow(metric, "warned", None, f"No effect on {metric} is told. {_failed(lift)}")


def _failed(lift: Lift) -> str:
    return " ".join(check.words for check in lift.checks if check.status == "red")


def _health(guards: Sequence[GuardRow]) -> str:
    worst = max((guard.status for guard in guards), key=list(_STATUS.values()).index, default="passed")
    return next(health for health, status in _STATUS.items() if status == worst)


def _row(metric: str, role: str, lift: Lift, test: _Test, spend: Decimal | None, currency: str) -> LiftRow:
    return LiftRow(
        metric=metric,
        role=role,
        method=f"{lift.method}; {lift.inference}",
        first_day=test.first,
        last_day=test.last,
        att=lift.att.estimate / test.period,
        att_low=_finite(lift.att.low / test.period),
        att_high=_finite(lift.att.high / test.period),
        incremental=lift.incremental.estimate,
        low=_finite(lift.incremental.low),
        high=_finite(lift.incremental.high),
        level=lift.level,
        relative=_finite(lift.lift.estimate),
        se=_finite(_se(lift)),
        p_value=lift.p_value,
        spend=spend,
        currency=currency if spend is not None else None,
        weights={name: float(weight) for name, weight in lift.weights.items() if abs(weight) > 1e-6},
        identifies=lift.identifies,
    )


def _days(metric: str, lift: Lift, test: _Test) -> Iterator[LiftDay]:
    """Sums over the treated regions, by day or by week, so that differences add up to what was incremental.

    Of a metric that is red those before the test.
    """
    count = len(test.treated)
    for place, date in enumerate(lift.times):
        if lift.status == "red" and _day(date) >= test.first:
            continue
        yield LiftDay(
            metric, _day(date), float(lift.observed[place]) * count, float(lift.counterfactual[place]) * count,
            _scaled(lift.counterfactual_low[place], count),
            _scaled(lift.counterfactual_high[place], count),
            test.first <= _day(date) <= test.last,
        )  # fmt: skip


def _evidence(registered: Registered, days: pl.DataFrame, test: _Test, found: Mapping[str, Lift]) -> Iterator[Evidence]:
    """What a finished test of one channel, or of one campaign, says of it; a test that is red says nothing."""
    experiment = registered.experiment
    channels, campaigns = experiment.channels, experiment.campaigns
    if not registered.is_over or len(channels) != 1 or test.method.name == "switchback":
        return
    for metric, lift in found.items():
        se = _se(lift)
        ends = (lift.incremental.low, lift.incremental.high)
        if lift.status == "red" or not (np.isfinite(se) and se > 0 and np.isfinite(ends).all()):
            continue
        yield Evidence(
            channel=channels[0],
            campaign_id=campaigns[0] if len(campaigns) == 1 else None,
            metric=metric,
            first_day=test.first,
            last_day=test.ended,
            share=_share(days.filter(metric=metric), test),
            is_dark=test.is_dark,
            against="no_ads" if test.is_dark else "usual_ads",
            lift=lift.incremental.estimate,
            se=se,
            low=lift.incremental.low,
            high=lift.incremental.high,
            level=lift.level,
            method=f"{lift.method}; {lift.inference}",
            identifies=lift.identifies,
        )


def _share(rows: pl.DataFrame, test: _Test) -> float:
    """The part of the metric that was of the treated regions before the test."""
    before = rows.filter(pl.col("date") < test.first)
    if test.treated == (_EVERYWHERE,):
        return 1.0
    whole = float(before["value"].sum())
    return float(before.filter(pl.col("geo").is_in(test.treated))["value"].sum()) / whole if whole > 0 else 1.0


def _se(lift: Lift) -> float:
    """Standard error of what was incremental, which is att times regions and days."""
    if not lift.att.estimate:
        return float("nan")
    return abs(lift.se * lift.incremental.estimate / lift.att.estimate)


def _switches(days: pl.DataFrame) -> int:
    on = days.group_by("date").agg(pl.col("is_treated").any()).sort("date")["is_treated"].to_numpy()
    return int((on[1:] != on[:-1]).sum())


def _carried(last: dt.date, days: pl.DataFrame, is_dark: bool) -> dt.date:
    return min(last + CARRY_OVER, _day(days["date"].max())) if is_dark else last


def _verdict(lift: Lift) -> str:
    if not lift.is_proven:
        return "open"
    return "won" if lift.incremental.estimate > 0 else "lost"


def _in_words(metric: str, lift: Lift) -> str:
    if lift.status == "red":
        return f"The effect is withheld. {_failed(lift)}"
    effect, share = lift.incremental, lift.lift
    said = f"{effect.estimate:+,.0f} {metric} ({effect.low:+,.0f} to {effect.high:+,.0f}), {share.estimate:+.1%}"
    return f"{said}: {'proven' if lift.is_proven else 'nothing is proven'}. {lift.identifies}"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _scaled(value: float, count: int) -> float | None:
    return float(value) * count if np.isfinite(value) else None


def _day(value: object) -> dt.date:
    if not isinstance(value, dt.date):
        raise TypeError(f"{value!r} is no day.")
    return value
