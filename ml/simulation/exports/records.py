"""The frames that every writer takes, whatever world they come from."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

MONEY = pl.Decimal(18, 2)
CREDIT = pl.Decimal(18, 6)  # conversions can be shared between clicks, so they are not whole

# One row per account, campaign (ad group, ad) and day, as a platform reports it. ``clicks`` are the clicks that
# the platform's own spend is charged or judged by (Meta: link clicks); ``all_clicks`` and ``reach`` exist only
# where the platform has them, ``search_impression_share`` (0 to 1) only on search campaigns.
DAILY: Mapping[str, pl.DataType] = {
    "date": pl.Date(),
    "account_id": pl.String(),
    "account_name": pl.String(),
    "currency": pl.String(),
    "campaign_id": pl.String(),
    "campaign_name": pl.String(),
    "campaign_type": pl.String(),
    "ad_group_id": pl.String(),
    "ad_group_name": pl.String(),
    "ad_id": pl.String(),
    "ad_name": pl.String(),
    "impressions": pl.Int64(),
    "clicks": pl.Int64(),
    "all_clicks": pl.Int64(),
    "reach": pl.Int64(),
    "spend": MONEY,
    "conversions": CREDIT,
    "value": MONEY,
    "search_impression_share": pl.Float64(),
}

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
