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

from warehouse import metrics
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

# Rows (r) are added in their own currency, one group per day only where a rate will be needed.
RATE_DAY = """CASE WHEN r.account_key = ANY (
    ARRAY(SELECT b.account_key FROM core.account b WHERE b.currency <> :currency)) THEN r.date END"""

SUMS = """
    sum(r.spend) AS spend, sum(r.impressions) AS impressions, sum(r.clicks) AS clicks,
    sum(r.conversions) AS conversions, sum(r.conversion_value) AS conversion_value,
    sum(r.spend_with_value) AS spend_with_value, bool_and(r.is_final) AS is_final
"""

# Rows that are one of a group each.
UNGROUPED = "r.spend, r.impressions, r.clicks, r.conversions, r.conversion_value, r.spend_with_value, r.is_final"

# Joined to groups (g) that carry a rate day, and to accounts (a).
RATE_JOIN = "LEFT JOIN fx ON fx.currency = a.currency AND fx.date = g.rate_day"

_MONEY = ("spend", "conversion_value", "spend_with_value")
_PERIODS = {"": "g.is_current", "previous_": "NOT g.is_current"}


def _converted(column: str) -> str:
    return (
        f"CASE WHEN g.rate_day IS NULL THEN g.{column} ELSE g.{column} * fx.rate END"
        if column in _MONEY
        else (f"g.{column}")
    )


# Groups (g) added in the wanted currency, the period and the compared one side by side, plus what tells how far the
# sums can be believed.
REGROUPED = (
    ",\n    ".join(
        f"sum({_converted(column)}) FILTER (WHERE {condition}) AS {prefix}{column}"
        for prefix, condition in _PERIODS.items()
        for column in ("spend", "impressions", "clicks", "conversions", "conversion_value", "spend_with_value")
    )
    + """,
    coalesce(bool_and(g.is_final) FILTER (WHERE g.is_current), true) AS is_final,
    min(g.rate_day) FILTER (WHERE fx.rate IS NULL) AS rate_missing_from,
    max(g.rate_day) FILTER (WHERE fx.rate IS NULL) AS rate_missing_to,
    min(a.currency) FILTER (WHERE g.rate_day IS NOT NULL AND fx.rate IS NULL) AS rate_missing_currency
"""
)


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


def sums_of(row: Any, prefix: str = "") -> dict[str, Decimal | int | None]:
    """The additive sums of one row by name; ``prefix`` "previous_" takes those of the compared period."""
    return {name: getattr(row, prefix + name) for name in metrics.SUMS}
