"""The same number as SQL over the mart, for whoever wants to go on with it in a shell or a BI tool."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.filters import Dimension, Filter
from warehouse.metrics import METRICS, SUMS
from warehouse.queries.scope import Scope

_KEYS: dict[Dimension, str] = {
    "platform": "d.platform",
    "channel": "d.channel",
    "campaign_type": "coalesce(d.campaign_type, '')",
    "campaign": "d.campaign_name",
    "account": "d.account_name",
    "day": "d.date_day",
}


def as_sql(filter_: Filter, scope: Scope, by: Dimension | None, metrics: Sequence[str]) -> str:
    """One query over ``mart.campaign_daily`` that gives ``metrics`` of the period by a dimension, or in one row.

    The filter's currency must be settled. Currencies are converted only where the filter's accounts have several.
    The claim ratio is left out: the shop's orders belong to no campaign.
    """
    foreign = _has_foreign(filter_, scope)
    columns = {s: f"sum(d.{s}{' * x.rate' if foreign and s in _MONEY else ''})" for s in SUMS}
    wanted = [f"{METRICS[m].sql(columns)} AS {m}" for m in metrics if m != "claim_ratio"]
    grouped = [] if by is None else [f"{_KEYS[by]} AS {by}"]
    if by == "campaign":
        grouped.append("d.campaign_key")
    lines = [
        "SELECT " + ",\n       ".join([*grouped, *wanted]),
        "FROM mart.campaign_daily d",
        *([_RATE.format(currency=_quoted(filter_.currency or ""))] if foreign else []),
        "WHERE " + "\n  AND ".join(_conditions(filter_, scope)),
    ]
    if by is not None:
        lines.append("GROUP BY 1" + (", 2" if by == "campaign" else ""))
        lines.append("ORDER BY 1" if by == "day" else f"ORDER BY {columns['spend']} DESC NULLS LAST")
    return "\n".join(lines)


_MONEY = ("spend", "conversion_value")

# The newest rate of the last week, in either direction, as the pages take it.
_RATE = """CROSS JOIN LATERAL (
    SELECT CASE WHEN d.currency = {currency} THEN 1 ELSE coalesce(
        (SELECT r.rate FROM mart.fx_rate r
         WHERE r.from_currency = d.currency AND r.to_currency = {currency}
           AND r.date_day BETWEEN d.date_day - 6 AND d.date_day ORDER BY r.date_day DESC LIMIT 1),
        (SELECT 1 / r.rate FROM mart.fx_rate r
         WHERE r.from_currency = {currency} AND r.to_currency = d.currency
           AND r.date_day BETWEEN d.date_day - 6 AND d.date_day ORDER BY r.date_day DESC LIMIT 1)) END AS rate
) x"""


def _has_foreign(filter_: Filter, scope: Scope) -> bool:
    return any(
        a.currency != filter_.currency
        for a in scope.accounts
        if a.last_day
        and (not filter_.platforms or a.platform in filter_.platforms)
        and (not filter_.accounts or a.account_key in filter_.accounts)
    )


def _conditions(filter_: Filter, scope: Scope) -> list[str]:
    found = [f"d.date_day BETWEEN DATE '{filter_.start}' AND DATE '{filter_.end}'"]
    for column, values in (
        ("d.platform", filter_.platforms),
        ("d.channel", filter_.channels),
        ("coalesce(d.campaign_type, '')", filter_.campaign_types),
    ):
        if values:
            found.append(f"{column} IN ({', '.join(map(_quoted, values))})")
    if filter_.campaigns:
        found.append(f"d.campaign_key IN ({', '.join(map(str, filter_.campaigns))})")
    if filter_.accounts:
        chosen = [a for a in scope.accounts if a.account_key in filter_.accounts]
        pairs = ", ".join(f"({_quoted(a.platform)}, {_quoted(a.account_id)})" for a in chosen)
        found.append(f"(d.platform, d.account_id) IN ({pairs})" if pairs else "false")
    return found


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
