"""What stands beside the ad platforms: Shopify's sales report, GA4's traffic acquisition, a table of FX rates."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ml.simulation.exports.manifest import ExportFile, period, sums_of
from ml.simulation.exports.text import ratio, table


def write_shopify_sales(path: Path, days: pl.DataFrame) -> ExportFile:
    """Shopify's "Total sales over time" by day (columns ``SHOP_DAYS``); the report does not say the currency."""
    first_day, last_day = period(days)
    lines = [list(_SHOPIFY_HEADER)]
    for row in days.iter_rows(named=True):
        total = row["net_sales"] + row["shipping"] + row["taxes"]
        money = [row[name] for name in ("gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes")]
        lines.append([row["date"].isoformat(), str(row["orders"]), *(f"{amount:.2f}" for amount in (*money, total))])
    path.write_bytes(table(lines).encode())
    return ExportFile(
        path, "shopify", "order_day", None, None, None, None, first_day, last_day, accepted=days.height,
        sums=sums_of(days, "orders", "net_sales"),
    )  # fmt: skip


def write_ga4_traffic_acquisition(path: Path, days: pl.DataFrame, *, property_name: str) -> ExportFile:
    """GA4's traffic acquisition download (columns ``SESSION_DAYS``): comment blocks and a second table below."""
    first_day, last_day = period(days)
    span = [f"# Start date: {first_day:%Y%m%d}", f"# End date: {last_day:%Y%m%d}"]
    rule = "# ----------------------------------------"
    dimension = "Session primary channel group (Default channel group)"
    comments = [
        rule, f"# Traffic acquisition: {dimension}", "# Account: Demo Store", f"# Property: {property_name}", rule,
        "# ", "# All Users", *span,
    ]  # fmt: skip
    lines = [[dimension, "Date", "Sessions", "Engaged sessions", "Engagement rate", "Key events", "Total revenue"]]
    for row in days.iter_rows(named=True):
        rate = ratio(row["engaged_sessions"], row["sessions"])
        lines.append(
            [
                row["channel_group"],
                f"{row['date']:%Y%m%d}",
                str(row["sessions"]),
                str(row["engaged_sessions"]),
                "0" if rate is None else f"{rate:.16f}",
                str(row["key_events"]),
                f"{row['revenue']:.2f}",
            ]
        )
    by_day = days.group_by("date").agg(pl.col("sessions").sum()).sort("date")["sessions"].to_list()
    chart = [["Nth day", "Sessions"], *([f"{nth:04d}", str(sessions)] for nth, sessions in enumerate(by_day))]
    text = "\n".join([*comments, table(lines).rstrip("\n"), *span, table(chart)])
    path.write_bytes(text.encode())
    return ExportFile(
        path, "ga4", "web_session_day", None, None, None, None, first_day, last_day, accepted=days.height,
        other_table_rows=len(by_day), sums=sums_of(days, "sessions", "engaged_sessions", "key_events", "revenue"),
    )  # fmt: skip


def write_fx_rates(path: Path, rates: pl.DataFrame) -> ExportFile:
    """A plain table of daily rates (columns ``RATES``)."""
    first_day, last_day = period(rates)
    lines = [["date", "from", "to", "rate"]]
    lines.extend([day.isoformat(), base, quote, f"{rate:.4f}"] for day, base, quote, rate in rates.iter_rows())
    path.write_bytes(table(lines).encode())
    return ExportFile(path, "fx", "fx_rate", None, None, None, None, first_day, last_day, accepted=rates.height)


_SHOPIFY_HEADER = (
    "Day", "Orders", "Gross sales", "Discounts", "Returns", "Net sales", "Shipping charges", "Taxes", "Total sales",
)  # fmt: skip
