"""What the estimation of missing spend and revenue starts from."""

from __future__ import annotations

import io

import polars as pl

from warehouse.engine import ReadSession

_NUMBERS = ("clicks", "conversions", "spend", "conversion_value")


def reported_days(session: ReadSession, account_key: int) -> pl.DataFrame:
    """Every campaign-day of an account that the reader may see, in order of day and campaign.

    Columns: campaign_key, campaign_type, date, is_final; clicks, conversions, spend, conversion_value as floats,
    null where the platform reported nothing.
    """
    names = ("campaign_key", "campaign_type", "date", "is_final", *_NUMBERS)
    buffer = io.BytesIO()
    cursor = session.connection().connection.cursor()
    cursor.copy_expert(_REPORTED.format(account=int(account_key)), buffer)
    cursor.close()
    buffer.seek(0)
    return pl.read_csv(
        buffer,
        has_header=False,
        new_columns=list(names),
        schema={
            "campaign_key": pl.Int64(),
            "campaign_type": pl.String(),
            "date": pl.Date(),
            "is_final": pl.String(),
            **dict.fromkeys(_NUMBERS, pl.Float64()),
        },
    ).with_columns(pl.col("campaign_type").fill_null(""), pl.col("is_final") == "t")


# Rows of one campaign-day are either the campaign's own, or its ad groups' or ads' (see core.performance.counted).
_REPORTED = """COPY (
    SELECT p.campaign_key, k.campaign_type, p.date, bool_and(p.is_final), sum(p.clicks), sum(p.conversions),
           sum(p.spend), sum(p.conversion_value)
    FROM core.performance p JOIN core.campaign k ON k.campaign_key = p.campaign_key
    WHERE p.counted AND p.account_key = {account}
    GROUP BY p.campaign_key, k.campaign_type, p.date ORDER BY p.date, p.campaign_key
) TO STDOUT WITH (FORMAT csv)"""
