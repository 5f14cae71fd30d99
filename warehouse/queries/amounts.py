"""How rows of several accounts are narrowed and added: the one place where currencies meet.

Amounts in several currencies are added only through a daily rate. The newest rate of the last week serves (markets
close at weekends); a day without one makes the whole sum refuse, because a sum that silently leaves money out is
worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import MissingRate
from warehouse.filters import Filter

# Joined to accounts (a) and grouped rows (g) that carry a type key.
CHANNEL_JOIN = """
LEFT JOIN core.channel_rule own ON own.platform = a.platform AND own.type_key = g.type_key
LEFT JOIN core.channel_rule usual ON usual.platform = a.platform AND usual.type_key = ''
"""
CHANNEL = "coalesce(own.channel, usual.channel, 'other')"

# The rates that the windows need: one per foreign currency and day, found once and not per row.
RATES = """
SELECT w.date, w.currency, coalesce(
    (SELECT x.rate FROM core.fx_rate x
     WHERE x.from_currency = w.currency AND x.to_currency = :currency AND x.date <= w.date AND x.date > w.date - 7
     ORDER BY x.date DESC LIMIT 1),
    (SELECT 1 / x.rate FROM core.fx_rate x
     WHERE x.from_currency = :currency AND x.to_currency = w.currency AND x.date <= w.date AND x.date > w.date - 7
     ORDER BY x.date DESC LIMIT 1)) AS rate
FROM (
    SELECT d.date, b.currency FROM core.day d
    CROSS JOIN (SELECT DISTINCT currency FROM core.account WHERE currency <> :currency) b
    WHERE d.date BETWEEN :start AND :end OR d.date BETWEEN :before_start AND :before_end
) w
"""

# Joined to rows (r) with a date and to accounts (a).
RATE_JOIN = "LEFT JOIN fx ON fx.currency = a.currency AND fx.date = r.date"

_NO_RATE = "FILTER (WHERE a.currency <> :currency AND fx.rate IS NULL)"

# Sums of rows (r), in the filter's currency, plus what tells how far they can be believed.
SUMS = f"""
    sum(CASE WHEN a.currency = :currency THEN r.spend ELSE r.spend * fx.rate END) AS spend,
    sum(r.impressions) AS impressions,
    sum(r.clicks) AS clicks,
    sum(r.conversions) AS conversions,
    sum(CASE WHEN a.currency = :currency THEN r.conversion_value ELSE r.conversion_value * fx.rate END)
        AS conversion_value,
    sum(CASE WHEN a.currency = :currency THEN r.spend_with_value ELSE r.spend_with_value * fx.rate END)
        AS spend_with_value,
    bool_and(r.is_final) AS is_final,
    min(r.date) {_NO_RATE} AS rate_missing_from,
    max(r.date) {_NO_RATE} AS rate_missing_to,
    min(a.currency) {_NO_RATE} AS rate_missing_currency
"""

# The same sums once more, over groups (g) of them.
REGROUPED = """
    sum(g.spend) AS spend, sum(g.impressions)::bigint AS impressions, sum(g.clicks)::bigint AS clicks,
    sum(g.conversions) AS conversions, sum(g.conversion_value) AS conversion_value,
    sum(g.spend_with_value) AS spend_with_value, bool_and(g.is_final) AS is_final,
    min(g.rate_missing_from) AS rate_missing_from, max(g.rate_missing_to) AS rate_missing_to,
    min(g.rate_missing_currency) AS rate_missing_currency
"""


def narrowing(filter_: Filter) -> tuple[str, dict[str, Any]]:
    """Conditions on accounts (a), groups (g) and channels that a filter means, with their parameters."""
    conditions = ["true"]
    parameters: dict[str, Any] = {"currency": filter_.currency}
    for name, expression, values in (
        ("platforms", "a.platform", filter_.platforms),
        ("accounts", "a.account_key", filter_.accounts),
        ("channels", CHANNEL, filter_.channels),
        ("campaign_types", "g.campaign_type", filter_.campaign_types),
    ):
        if values:
            conditions.append(f"{expression} = ANY (:{name})")
            parameters[name] = list(values)
    return " AND ".join(conditions), parameters


def fetch(session: ReadSession, sql: str, parameters: dict[str, Any], filter_: Filter) -> list[Any]:
    """Run a statement that selects :data:`SUMS`; raises :class:`MissingRate` when a sum would leave money out."""
    rows = list(session.execute(text(sql), parameters))
    refuse_missing_rates(rows, filter_)
    return rows


def refuse_missing_rates(rows: Iterable[Any], filter_: Filter) -> None:
    """Raise :class:`MissingRate` if a row says that a day had no rate."""
    missing = [r for r in rows if r.rate_missing_currency]
    if not missing:
        return
    first, last = min(r.rate_missing_from for r in missing), max(r.rate_missing_to for r in missing)
    currency = missing[0].rate_missing_currency
    raise MissingRate(
        f"Amounts in {currency} and {filter_.currency} cannot be added: there is no {currency} to {filter_.currency} "
        f"rate for days between {first} and {last}.",
        remedy=f"Load rates (a CSV with date, from, to, rate), or narrow to accounts in {filter_.currency}, or show "
        f"everything in {currency}.",
    )


def sums_of(row: Any) -> dict[str, Decimal | int | None]:
    """The additive sums of one row by name."""
    return {
        "spend": row.spend,
        "impressions": row.impressions,
        "clicks": row.clicks,
        "conversions": row.conversions,
        "conversion_value": row.conversion_value,
    }
