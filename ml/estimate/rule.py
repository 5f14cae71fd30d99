"""The rule for spend or revenue that a platform did not report: a usual ratio times what it did report.

A missing spend is cost per click times clicks, or where clicks are missing too, cost per conversion times
conversions. A missing revenue is (1 + ROI) times spend, or where spend is missing too, value per conversion times
conversions. The usual ratio is the median over the days of the same campaign type in the same account; nothing is
borrowed from other accounts or types, and no estimate is built on another one. See docs/estimates.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.errors import NotEnoughData

FEWEST_DAYS: Final = 14

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rule:
    """``measure`` is estimated as the usual ``measure / driver`` times the day's ``driver``."""

    measure: str
    driver: str
    words: str


# For each measure in the order of preference.
RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "spend": (
        Rule("spend", "clicks", "CPC x clicks"),
        Rule("spend", "conversions", "CPA x conversions"),
    ),
    "conversion_value": (
        Rule("conversion_value", "spend", "(1 + ROI) x spend"),
        Rule("conversion_value", "conversions", "value per conversion x conversions"),
    ),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Campaign-days that stay without an estimate, and why."""

    measure: str
    campaign_type: str
    campaign_days: int
    reason: str


@dataclass(frozen=True, slots=True)
class Estimates:
    """``rows`` has campaign_key, date, measure, rule, estimate, low, high; in the account's currency.

    ``gaps`` tells of the campaign-days that were asked for and have no row.
    """

    rows: pl.DataFrame
    gaps: tuple[Gap, ...]


def estimate_missing(
    days: pl.DataFrame,
    *,
    first: dt.date | None = None,
    last: dt.date | None = None,
    measures: Sequence[str] = tuple(RULES),
    level: float = 0.9,
    draws: int = 2_000,
    seed: int = 1,
) -> Estimates:
    """Estimate the missing measures of the campaign-days from ``first`` to ``last`` (None: without end).

    ``days`` is the whole history, one row per campaign-day: campaign_key, campaign_type, date, is_final, and clicks,
    conversions, spend, conversion_value as floats, null where the platform reported nothing.

    The interval is meant for the single campaign-day: a bootstrap over days for the usual ratio (Efron and
    Tibshirani 1993, ch. 8), spread by how far campaign-days of the same size lie from it.

    Raises :class:`NotEnoughData` when something is missing and nothing of it can be estimated.
    """
    generator = np.random.default_rng(seed)
    missing = days.filter(pl.col("date").is_between(first or dt.date.min, last or dt.date.max))
    parts: list[pl.DataFrame] = []
    gaps: list[Gap] = []
    for measure in measures:
        for (campaign_type,), group in missing.filter(pl.col(measure).is_null()).group_by(
            "campaign_type", maintain_order=True
        ):
            history = days.filter((pl.col("campaign_type") == campaign_type) & pl.col("is_final"))
            for outcome in _one_type(group, history, measure, str(campaign_type), level, draws, generator):
                (gaps if isinstance(outcome, Gap) else parts).append(outcome)  # type: ignore[arg-type]  # by its type
    if gaps and not parts:
        raise NotEnoughData(
            " ".join(gap.reason for gap in gaps), remedy="Load a longer history of this account, or map its columns."
        )
    return Estimates(pl.concat([_NOTHING, *parts]), tuple(gaps))


_NOTHING = pl.DataFrame(
    schema={
        "campaign_key": pl.Int64(),
        "date": pl.Date(),
        "measure": pl.String(),
        "rule": pl.String(),
        "estimate": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)


def _one_type(
    group: pl.DataFrame,
    history: pl.DataFrame,
    measure: str,
    campaign_type: str,
    level: float,
    draws: int,
    generator: np.random.Generator,
) -> Iterator[pl.DataFrame | Gap]:
    """Each campaign-day by the first rule whose driver was reported; what no rule reaches is a gap."""
    left = group
    for rule in RULES[measure]:
        reached = left.filter(_tells(rule))
        left = left.filter(_tells(rule).not_())
        if reached.is_empty():
            continue
        known = history.filter(pl.col(rule.measure).is_not_null() & (pl.col(rule.driver) > 0))
        refusal = _refusal(rule, known)
        if refusal:
            yield Gap(measure, campaign_type, reached.height, f'Campaign type "{campaign_type}": {refusal}')
            continue
        usual, ranges = _ratios(known, rule, level, draws, generator)
        driver = pl.col(rule.driver)
        sized = reached.sort(driver).join_asof(ranges, left_on=driver, right_on="from_driver", check_sortedness=False)
        yield sized.sort("date", "campaign_key").select(
            pl.col("campaign_key").cast(pl.Int64),
            "date",
            pl.lit(measure).alias("measure"),
            pl.lit(rule.words).alias("rule"),
            (driver * usual).alias("estimate"),
            (driver * pl.col("low")).alias("low"),
            (driver * pl.col("high")).alias("high"),
        )
    if not left.is_empty():
        drivers = " nor ".join(rule.driver for rule in RULES[measure])
        reason = f'Campaign type "{campaign_type}": {left.height:,} campaign-days report neither {drivers}.'
        yield Gap(measure, campaign_type, left.height, reason)


def _tells(rule: Rule) -> pl.Expr:
    """Whether the driver was reported, and says something: a day without conversions may have cost anything."""
    driver = pl.col(rule.driver)
    silent = driver == 0 if (rule.measure, rule.driver) == ("spend", "conversions") else pl.lit(value=False)
    return driver.is_not_null() & ~silent.fill_null(value=False)


def _refusal(rule: Rule, known: pl.DataFrame) -> str:
    """Why the history does not carry the rule; empty when it does."""
    days = known["date"].n_unique()
    if days < FEWEST_DAYS:
        return (
            f"{rule.words} needs {FEWEST_DAYS} final days with {rule.measure} and {rule.driver}, and there are {days}."
        )
    positive = known.filter(pl.col(rule.measure) > 0)["date"].n_unique()
    if 2 * positive <= days:
        return f"on most days with {rule.driver} there was no {rule.measure}, so {rule.words} says nothing."
    return ""


def _ratios(
    known: pl.DataFrame, rule: Rule, level: float, draws: int, generator: np.random.Generator
) -> tuple[float, pl.DataFrame]:
    """The usual ratio, and for campaign-days of each size (from_driver on) the ends between which ``level`` lies.

    The smaller a campaign-day, the wider its ratio scatters; so each third by size has its own scatter.
    """
    by_day = known.group_by("date", maintain_order=True).agg(pl.col(rule.measure).sum(), pl.col(rule.driver).sum())
    daily: Floats = (by_day[rule.measure] / by_day[rule.driver]).to_numpy()
    usual = float(np.median(daily))
    resampled = np.median(daily[generator.integers(daily.size, size=(draws, daily.size))], axis=1)
    drivers = known[rule.driver].to_numpy()
    single: Floats = known[rule.measure].to_numpy() / drivers
    edges = np.unique(np.quantile(drivers, [1 / 3, 2 / 3]))
    sizes = np.searchsorted(edges, drivers, side="right")
    rows: list[tuple[float, float, float]] = []
    for size, start in enumerate([0.0, *edges]):
        alike = single[sizes == size]
        if alike.size == 0:
            continue
        spread = alike[generator.integers(alike.size, size=draws)] * (resampled / usual)
        low, high = np.quantile(spread, [(1 - level) / 2, (1 + level) / 2])
        rows.append((start if rows else 0.0, min(float(low), usual), max(float(high), usual)))
    ranges = pl.DataFrame(rows, schema=["from_driver", "low", "high"], orient="row")
    return usual, ranges.with_columns(pl.col("from_driver").set_sorted())
