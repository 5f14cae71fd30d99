"""A large Google Ads table in its landed shape, for measuring loaders: any number of rows in bounded memory."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

_BLOCK = 100_000  # rows in memory at a time
_CAMPAIGNS_PER_ACCOUNT = 500
_FIRST_CAMPAIGN, _FIRST_ACCOUNT = 21_600_000_000, 5_550_200_000
_TYPES = np.array(["SEARCH", "PERFORMANCE_MAX", "SHOPPING", "DISPLAY", "VIDEO", "DEMAND_GEN"])
_CPC = np.array([1.30, 0.72, 0.58, 0.47, 0.34, 0.52])
_CTR = np.array([0.048, 0.013, 0.011, 0.0055, 0.0042, 0.0085])
_CVR = np.array([0.034, 0.029, 0.023, 0.014, 0.004, 0.009])


def write_campaign_days(path: Path, *, rows: int, campaigns: int, seed: int, start: date) -> None:
    """Write ``rows`` campaign-days as CSV, day after day from ``start``, every campaign once a day.

    Columns are those of the Google Ads API as connectors land them; money in micros, every key once. The last day
    is partial when ``campaigns`` does not divide ``rows``. The same arguments give the same bytes.
    """
    rng = np.random.default_rng(seed)
    number = np.arange(campaigns)
    kind = rng.choice(len(_TYPES), campaigns, p=[0.42, 0.2, 0.14, 0.1, 0.07, 0.07])
    level = np.exp(rng.normal(3.6, 1.0, campaigns))  # clicks a day
    campaign = pl.DataFrame(
        {
            "customer_id": (_FIRST_ACCOUNT + number // _CAMPAIGNS_PER_ACCOUNT).astype(str),
            "campaign_id": (_FIRST_CAMPAIGN + number).astype(str),
            "campaign_name": [f"{_TYPES[k].replace('_', ' ').title()} | Campaign {n + 1}" for n, k in enumerate(kind)],
            "campaign_advertising_channel_type": _TYPES[kind],
        }
    )
    with path.open("wb") as out:
        for first in range(0, rows, _BLOCK):
            position = np.arange(first, min(first + _BLOCK, rows))
            which, day = position % campaigns, position // campaigns
            block_kind = kind[which]
            weekly = 1.0 + 0.1 * np.cos(2 * np.pi * day / 7)
            clicks = rng.poisson(level[which] * weekly)
            impressions = clicks + rng.poisson((clicks + 0.5) / _CTR[block_kind])
            cents = np.round(clicks * _CPC[block_kind] * rng.uniform(85, 115, len(which)))
            orders = rng.binomial(clicks, _CVR[block_kind])
            conversions = np.round(np.where(orders > 0, orders - rng.uniform(0, 0.7, len(which)), 0.0), 6)
            block = campaign[which].with_columns(
                pl.lit("USD").alias("customer_currency_code"),
                pl.Series("segments_date", np.datetime64(start) + day).cast(pl.Date),
                pl.Series("metrics_impressions", impressions),
                pl.Series("metrics_clicks", clicks),
                pl.Series("metrics_cost_micros", cents.astype(np.int64) * 10_000),
                pl.Series("metrics_conversions", conversions),
                pl.Series("metrics_conversions_value", np.round(conversions * 77.0, 2)),
            )
            block.write_csv(out, include_header=first == 0)
