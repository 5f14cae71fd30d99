"""What surrounds the advertising of a simulated world: exchange rates, the shop's own books, web sessions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ml.simulation.exports.records import MONEY
from tests.made_exports.records import RATES, SESSION_DAYS, SHOP_DAYS
from tests.made_exports.world import World, season, weekday

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLAIM_RATIO = 1.2  # what all platforms together claim, over what the shop sold


def exchange_rates(first: date, last: date, *, seed: int) -> pl.DataFrame:
    """Daily EUR to USD (columns ``RATES``): a slow walk around 1.12 that stands still at weekends."""
    calendar = _calendar(first, last)
    steps = np.random.default_rng([seed, _RATE_STREAM]).normal(0, 0.0028, len(calendar))
    open_market = weekday(calendar) < 5  # Monday to Friday
    level = 0.0
    rates = []
    for step, trading in zip(steps, open_market, strict=True):
        level = 0.985 * level + step if trading else level
        rates.append(Decimal(str(round(1.12 * float(np.exp(level)), 4))))
    frame = pl.DataFrame({"date": calendar, "rate": rates}).with_columns(
        pl.lit("EUR").alias("from"), pl.lit("USD").alias("to")
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in RATES.items())


def shop_days(world: World, rates: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """The shop's books in USD (columns ``SHOP_DAYS``).

    Sales follow what the platforms will finally claim, smoothed over a week and divided by ``CLAIM_RATIO``: several
    platforms claim the same order. Business leads are no orders and are left out.
    """
    daily = _claims(world, rates)
    size = daily.height
    rng = np.random.default_rng([seed, _SHOP_STREAM])
    orders = rng.poisson(_smooth(daily["purchases"].to_numpy()) / CLAIM_RATIO)
    basket = _smooth(daily["value"].to_numpy()) / np.maximum(_smooth(daily["purchases"].to_numpy()), 1.0)
    net = np.round(orders * basket * np.exp(rng.normal(0, 0.03, size)) * 100)
    discounts = np.round(net * rng.uniform(0.05, 0.11, size))
    returns = np.round(net * rng.uniform(0.03, 0.07, size))
    cents = {
        "gross_sales": net + discounts + returns,
        "discounts": -discounts,
        "returns": -returns,
        "net_sales": net,
        "shipping": np.round(orders * 490.0 * rng.uniform(0.5, 0.8, size)),
        "taxes": np.round(net * 0.0725),
    }
    frame = pl.DataFrame({"date": daily["date"], "orders": orders, **cents}).with_columns(
        pl.lit("USD").alias("currency"),
        *((pl.col(name).cast(pl.Int64).cast(MONEY) / 100).alias(name) for name in cents),
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in SHOP_DAYS.items())


def session_days(world: World, shop: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Web sessions by channel group and day (columns ``SESSION_DAYS``).

    Paid groups hold four in five of the clicks that were bought, the others breathe with the season. Orders and
    sales are shared out by sessions times how well the group converts, so they add up to the shop's.
    """
    calendar = shop["date"].to_numpy().astype("datetime64[D]")
    rng = np.random.default_rng([seed, _SESSION_STREAM])
    visits = {
        **{group: rng.binomial(clicks, 0.8) for group, clicks in _bought_clicks(world, calendar).items()},
        **{
            group: rng.poisson(level * season(calendar) * np.exp(rng.normal(0, 0.06, len(calendar))))
            for group, level in _UNPAID.items()
        },
    }
    weights = np.array([visits[group] * _CONVERTS[group] for group in visits])
    weights = weights / np.maximum(weights.sum(axis=0), 1e-9)
    orders, net = shop["orders"].to_numpy(), shop["net_sales"].cast(pl.Float64).to_numpy()
    frames = [
        pl.DataFrame(
            {
                "date": calendar,
                "channel_group": [group] * len(calendar),
                "sessions": sessions,
                "engaged_sessions": rng.binomial(sessions, 0.6),
                "key_events": np.round(orders * weight).astype(np.int64),
                "revenue": np.round(net * weight * 100).astype(np.int64),
            }
        )
        for (group, sessions), weight in zip(visits.items(), weights, strict=True)
    ]
    frame = pl.concat(frames).with_columns((pl.col("revenue").cast(MONEY) / 100).alias("revenue"))
    return frame.filter(pl.col("sessions") > 0).select(pl.col(n).cast(kind) for n, kind in SESSION_DAYS.items())


# Streams of their own, far from those of the plan's lines, so that a longer plan changes none of these.
_RATE_STREAM, _SHOP_STREAM, _SESSION_STREAM = 900_001, 900_002, 900_003

_UNPAID = {"Organic Search": 820.0, "Direct": 540.0, "Email": 150.0, "Referral": 95.0}  # sessions a day
_CONVERTS = {  # relative to one another
    "Organic Search": 2.2, "Direct": 3.0, "Email": 4.0, "Referral": 1.4, "Paid Search": 3.2, "Paid Shopping": 2.2,
    "Cross-network": 2.4, "Paid Video": 0.3, "Display": 0.9, "Paid Social": 1.5,
}  # fmt: skip
_GROUP_OF_TYPE = {
    "Search": "Paid Search",
    "Shopping": "Paid Shopping",
    "Performance Max": "Cross-network",
    "Performance max": "Cross-network",
    "Video": "Paid Video",
    "Display": "Display",
    "Audience": "Display",
    "Demand Gen": "Display",
}


def _claims(world: World, rates: pl.DataFrame) -> pl.DataFrame:
    """Purchases and their value in USD that all shop platforms will finally claim, for every day of the world."""
    rate = pl.when(pl.col("currency") == "EUR").then(pl.col("rate").cast(pl.Float64)).otherwise(1.0)
    claimed = (
        world.final.filter(pl.col("platform") != "linkedin_ads")
        .join(rates.select("date", "rate"), on="date", how="left")
        .group_by("date")
        .agg(
            (pl.col("credit_micros").sum() / 1e6).alias("purchases"),
            (pl.col("value_cents") / 100 * rate).sum().alias("value"),
        )
    )
    return rates.select("date").join(claimed, on="date", how="left").fill_null(0.0).sort("date")


def _bought_clicks(world: World, calendar: NDArray[np.datetime64]) -> dict[str, NDArray[np.int64]]:
    group = pl.col("campaign_type").replace_strict(_GROUP_OF_TYPE, default="Paid Social", return_dtype=pl.String)
    clicks = world.final.group_by("date", group.alias("group")).agg(pl.col("clicks").sum())
    days = pl.DataFrame({"date": calendar}).with_columns(pl.col("date").cast(pl.Date))
    return {
        name: days.join(clicks.filter(pl.col("group") == name), on="date", how="left")
        .sort("date")["clicks"]
        .fill_null(0)
        .to_numpy()
        for name in sorted(set(clicks["group"].to_list()))
    }


def _smooth(values: NDArray[np.float64], width: int = 7) -> NDArray[np.float64]:
    """A centred moving mean that uses what there is at both ends."""
    window = np.ones(min(width, len(values)))
    return np.convolve(values, window, "same") / np.convolve(np.ones(len(values)), window, "same")


def _calendar(first: date, last: date) -> NDArray[np.datetime64]:
    return np.arange(np.datetime64(first), np.datetime64(last) + 1)
