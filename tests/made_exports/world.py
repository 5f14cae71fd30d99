"""Daily advertising numbers of an invented advertiser, and what each platform would have reported of them when.

The world is drawn once and is final. Platforms report less of it at first: conversions arrive days after their
click, invalid clicks are credited back later, a day that is not over is partial. :func:`as_reported` applies that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ml.simulation.exports.records import CREDIT, DAILY, MONEY
from tests.made_exports.plan import Account, Line, Platform, Rhythm

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class World:
    """What truly happened between ``first_day`` and ``last_day``, both included.

    ``final`` has the identity columns of ``DAILY``, ``platform``, ``impressions``, ``clicks``, ``all_clicks``,
    ``reach``, ``search_impression_share``, and in whole numbers ``cents`` and ``value_cents`` (of the account's
    currency), ``purchases`` (count), ``credit_micros`` (purchases as the platform credits them, in millionths),
    ``credit_step`` (the finest credit it shows, in millionths), and ``luck`` and ``audit``, uniform draws that
    decide which purchases arrive early and which clicks turn out to be invalid.
    """

    first_day: date
    last_day: date
    final: pl.DataFrame


def simulate(lines: tuple[Line, ...], *, seed: int, end: date, days: int) -> World:
    """Draw the ``days`` days up to ``end`` for every line. The same arguments give the same world.

    Each line has its own random stream, so adding a line at the end of the plan changes none of the others.
    """
    first = end - timedelta(days=days - 1)
    final = pl.concat([_draw_line(line, np.random.default_rng([seed, n]), first, days) for n, line in enumerate(lines)])
    return World(first, end, final.filter(pl.col("impressions") > 0))


def as_reported(world: World, account: Account, as_of: date) -> pl.DataFrame:
    """The account's rows (columns ``DAILY``, by date then campaign) as downloaded on the morning of ``as_of``."""
    rows = world.final.filter(pl.col("account_id") == account.id, pl.col("date") < as_of)
    age = (pl.lit(as_of) - pl.col("date")).dt.total_days() - 1
    same_day, delay = _LAG[account.platform]
    arrived = pl.when(age >= _LAG_ENDS).then(1.0).otherwise(1.0 - (1.0 - same_day) * (-age / delay).exp())
    part = _PARTIAL_DAY if account.platform == "microsoft_ads" else 1.0
    completed = pl.when(age == 0).then(part).otherwise(1.0)
    uncredited = (pl.col("audit") < _INVALID_SHARE) & (pl.col("clicks") >= _INVALID_FROM) & (age < _CREDITED_AFTER)
    seen = (pl.col("purchases") * arrived + pl.col("luck")).floor().cast(pl.Int64)
    step = pl.col("credit_step")
    reported = rows.with_columns(
        uncredited.cast(pl.Int64).alias("extra"),
        completed.alias("completed"),
        pl.min_horizontal(seen, pl.col("purchases")).alias("seen"),
        pl.max_horizontal(pl.col("purchases"), pl.lit(1)).alias("of"),
    ).with_columns(
        ((pl.col("impressions") * pl.col("completed")).ceil().cast(pl.Int64) + pl.col("extra")).alias("impressions"),
        ((pl.col("clicks") * pl.col("completed")).floor().cast(pl.Int64) + pl.col("extra")).alias("clicks"),
        (
            (pl.col("cents") * pl.col("completed")).floor().cast(pl.Int64)
            + pl.col("extra") * pl.col("cents") // pl.max_horizontal(pl.col("clicks"), pl.lit(1))
        ).alias("cents"),
        (pl.col("value_cents") * pl.col("seen") // pl.col("of")).alias("value_cents"),
        (pl.col("credit_micros") * pl.col("seen") // pl.col("of") // step * step).alias("credit_micros"),
    )
    return (
        reported.with_columns(
            (pl.col("cents").cast(MONEY) / 100).cast(MONEY).alias("spend"),
            (pl.col("value_cents").cast(MONEY) / 100).cast(MONEY).alias("value"),
            (pl.col("credit_micros").cast(CREDIT) / 1_000_000).cast(CREDIT).alias("conversions"),
        )
        .select(pl.col(name).cast(kind) for name, kind in DAILY.items())
        .sort("date", "campaign_id", "ad_group_id", "ad_id")
    )


# Share of conversions known on the morning after the click, and the mean delay (days) of the rest.
_LAG: dict[Platform, tuple[float, float]] = {
    "google_ads": (0.40, 5.0),
    "microsoft_ads": (0.45, 5.0),
    "meta_ads": (0.55, 2.0),
    "linkedin_ads": (0.30, 6.0),
    "tiktok_ads": (0.60, 2.0),
    "pinterest_ads": (0.50, 4.0),
}
_LAG_ENDS = 30  # days
_PARTIAL_DAY = 0.82  # of Microsoft's last day is there when the report is made
_INVALID_SHARE, _INVALID_FROM, _CREDITED_AFTER = 0.18, 15, 10  # share of rows, clicks, days

_WEEK: dict[Rhythm, tuple[float, ...]] = {  # Monday first
    "shop": (1.06, 1.02, 1.00, 0.98, 0.92, 0.94, 1.08),
    "business": (1.20, 1.25, 1.22, 1.15, 0.95, 0.35, 0.38),
}
_BUDGET_MOVED_AT = 0.62  # share of the period after which Line.shift holds


def _draw_line(line: Line, rng: np.random.Generator, first: date, days: int) -> pl.DataFrame:
    begin, stop = round(line.start * days), max(round(line.stop * days), round(line.start * days) + 1)
    running = np.arange(begin, min(stop, days))
    calendar = np.datetime64(first) + running
    economics = line.economics
    size = len(running)

    promotion = promotion_strength(calendar)
    drift = _autocorrelated(rng, size, 0.07)
    demand = (
        season(calendar)
        * np.take(_WEEK[economics.rhythm], weekday(calendar))
        * (1.0 + 0.5 * promotion)
        * line.growth ** (running / 365.0)
        * np.where(running >= _BUDGET_MOVED_AT * days, line.shift, 1.0)
        * np.exp(drift)
    )
    cpc = economics.cpc * (0.55 + 0.45 * season(calendar)) * np.exp(rng.normal(0, 0.06, size))
    expected = line.daily_spend * demand / economics.cpc
    clicks = rng.poisson(expected)
    ctr = economics.ctr * np.exp(_autocorrelated(rng, size, 0.08))
    impressions = clicks + rng.poisson(np.maximum(clicks, 0.5) * (1.0 / ctr - 1.0))
    cvr = economics.cvr * (1.0 + 0.4 * promotion) * np.exp(_autocorrelated(rng, size, 0.06))
    purchases = rng.poisson(clicks * cvr)
    shared = np.where(purchases > 0, rng.uniform(0.0, 0.7, size), 0.0) if line.account.conversion_decimals else 0.0
    step = 10 ** (6 - line.account.conversion_decimals)
    credit = np.round((purchases - shared) * 1e6 / step).astype(np.int64) * step
    basket = economics.order_value * np.exp(rng.normal(0, 0.45, size) / np.sqrt(np.maximum(purchases, 1)))
    share = economics.impression_share
    social = line.account.platform == "meta_ads"

    frame = pl.DataFrame(
        {
            "date": calendar,
            "impressions": impressions,
            "clicks": clicks,
            "all_clicks": np.round(clicks * rng.uniform(1.3, 1.9, size)).astype(np.int64),
            "reach": np.round(impressions * rng.uniform(0.62, 0.82, size)).astype(np.int64),
            "cents": np.round(clicks * cpc * 100).astype(np.int64),
            "purchases": purchases,
            "credit_micros": credit,
            "value_cents": np.round(credit / 1e6 * basket * 100).astype(np.int64),
            "search_impression_share": np.clip((share or 0.0) * np.exp(rng.normal(0, 0.08, size)), 0.0, 0.999),
            "luck": rng.uniform(size=size),
            "audit": rng.uniform(size=size),
        }
    )
    hidden = [name for name, there in {"all_clicks": social, "reach": social, "search_impression_share": share}.items()
              if not there]  # fmt: skip
    return frame.with_columns(
        pl.col("date").cast(pl.Date),
        *(pl.lit(None, frame.schema[name]).alias(name) for name in hidden),
        pl.lit(step, pl.Int64).alias("credit_step"),
        pl.lit(line.account.platform).alias("platform"),
        pl.lit(line.account.id).alias("account_id"),
        pl.lit(line.account.name).alias("account_name"),
        pl.lit(line.account.currency).alias("currency"),
        *(
            pl.lit(getattr(line, name), pl.String).alias(name)
            for name in (
                "campaign_id", "campaign_name", "campaign_type", "ad_group_id", "ad_group_name", "ad_id", "ad_name",
            )
        ),
    )  # fmt: skip


def weekday(calendar: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Day of the week of each day, Monday 0."""
    return (calendar.astype("datetime64[D]").astype(np.int64) + 3) % 7  # day 0, 1970-01-01, was a Thursday


def season(calendar: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Demand of each day relative to an ordinary one: quiet February and August, busy May, and the winter peak."""
    day = (calendar - calendar.astype("datetime64[Y]")).astype("timedelta64[D]").astype(np.float64)
    peaks = ((335.0, 20.0, 0.42), (145.0, 28.0, 0.12), (40.0, 24.0, -0.12), (216.0, 24.0, -0.09))
    result: NDArray[np.float64] = np.ones(len(calendar))
    for centre, width, height in peaks:
        distance = np.abs(day - centre)
        result += height * np.exp(-((np.minimum(distance, 365.0 - distance) / width) ** 2))
    return result


def promotion_strength(calendar: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """1 in the week around Black Friday, 0.5 in the summer sale (10 to 19 June), else 0."""
    strength = np.zeros(len(calendar))
    for year in np.unique(calendar.astype("datetime64[Y]")):
        november = (year + np.timedelta64(10, "M")).astype("datetime64[D]")
        thursday = (3 - weekday(np.array([november]))[0]) % 7  # days from 1 November to its first Thursday
        black_friday = november + thursday + 22  # the day after the fourth Thursday
        strength[(calendar >= black_friday - 4) & (calendar <= black_friday + 3)] = 1.0
        june = (year + np.timedelta64(5, "M")).astype("datetime64[D]")
        strength[(calendar >= june + 9) & (calendar <= june + 18)] = 0.5
    return strength


def _autocorrelated(rng: np.random.Generator, size: int, spread: float) -> NDArray[np.float64]:
    """A wandering log factor: yesterday's luck lasts, ``spread`` is its standard deviation."""
    shocks = rng.normal(0, spread, size)
    memory = 0.8
    result = np.empty(size)
    level = shocks[0] if size else 0.0
    for position, shock in enumerate(shocks):
        level = memory * level + np.sqrt(1 - memory**2) * shock
        result[position] = level
    return result
