"""The frames of what stands beside the ad platforms."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ml.simulation.exports.records import MONEY

# One row a day of the shop's own books; money in ``currency``.
SHOP_DAYS: Mapping[str, pl.DataType] = {
    "date": pl.Date(),
    "currency": pl.String(),
    "orders": pl.Int64(),
    "gross_sales": MONEY,
    "discounts": MONEY,
    "returns": MONEY,
    "net_sales": MONEY,
    "shipping": MONEY,
    "taxes": MONEY,
}

# One row a day and channel group of web analytics.
SESSION_DAYS: Mapping[str, pl.DataType] = {
    "date": pl.Date(),
    "channel_group": pl.String(),
    "sessions": pl.Int64(),
    "engaged_sessions": pl.Int64(),
    "key_events": pl.Int64(),
    "revenue": MONEY,
}

# One row a day and currency pair: ``rate`` units of ``to`` for one unit of ``from``.
RATES: Mapping[str, pl.DataType] = {
    "date": pl.Date(),
    "from": pl.String(),
    "to": pl.String(),
    "rate": pl.Decimal(18, 6),
}
