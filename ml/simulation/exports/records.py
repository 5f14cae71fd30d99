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
