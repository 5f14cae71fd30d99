"""Which stored rows answer a question: rollups where they suffice, campaign days where they must.

Every source has a date, an account, a campaign or a campaign type, ``is_final``, the sums, and ``spend_with_value``
(unknown where campaigns are listed: no total is made of those). A campaign's full months come from the monthly
rollup, the ragged ends from its days; accounts in a foreign currency always from days, since each day has its own
rate.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from warehouse.filters import Dimension, Filter

_MEASURES = "r.impressions, r.clicks, r.spend, r.conversions, r.conversion_value"


@dataclass(frozen=True, slots=True)
class SourceRows:
    """A SELECT over a filter's two windows. Without ``by_campaign`` its rows carry types instead of campaigns."""

    sql: str
    parameters: dict[str, Any]
    by_campaign: bool


def source_rows(filter_: Filter, by: Dimension | None) -> SourceRows:
    """The rows to add up for a question by ``by``."""
    compared = filter_.compared or (filter_.start, filter_.start - dt.timedelta(days=1))
    windows = [(filter_.start, filter_.end), compared]
    parameters: dict[str, Any] = {
        "start": filter_.start, "end": filter_.end, "before_start": compared[0], "before_end": compared[1],
    }  # fmt: skip
    if filter_.campaigns:
        parameters["campaigns"] = list(filter_.campaigns)
        days = _DAYS.format(when=_WINDOWS, more="AND r.campaign_key = ANY (:campaigns)", covered=_COVERED)
        return SourceRows(days, parameters, by_campaign=True)
    if by != "campaign":
        return SourceRows(_ROLLUP, parameters, by_campaign=False)
    months = [m for window in windows for m in _full_months(*window)]
    if not months:
        return SourceRows(_DAYS.format(when=_WINDOWS, more="", covered="NULL::numeric"), parameters, by_campaign=True)
    ends = [span for window in windows for span in _ragged_ends(*window)]
    for i, (first, last) in enumerate(ends):
        parameters |= {f"end_{i}_first": first, f"end_{i}_last": last}
    when = " OR ".join(f"r.date BETWEEN :end_{i}_first AND :end_{i}_last" for i in range(len(ends))) or "false"
    foreign = "AND r.account_key IN (SELECT b.account_key FROM core.account b WHERE b.currency {} :currency)"
    # Asked first and once: without a foreign account its days are not even looked at.
    any_foreign = "AND EXISTS (SELECT FROM core.account f WHERE f.currency <> :currency)"
    sql = " UNION ALL ".join(
        (
            _DAYS.format(when=when, more=foreign.format("="), covered="NULL::numeric"),
            _DAYS.format(when=_WINDOWS, more=f"{foreign.format('<>')} {any_foreign}", covered="NULL::numeric"),
            _MONTHS.format(more=foreign.format("=")),
        )
    )
    return SourceRows(sql, parameters | {"months": months}, by_campaign=True)


def _full_months(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of the months that lie wholly in the window."""
    month = first if first.day == 1 else _next_month(first)
    months = []
    while _next_month(month) - dt.timedelta(days=1) <= last:
        months.append(month)
        month = _next_month(month)
    return months


def _ragged_ends(first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The spans of the window that its full months leave over."""
    months = _full_months(first, last)
    if not months:
        return [(first, last)] if first <= last else []
    one = dt.timedelta(days=1)
    spans = [(first, months[0] - one), (_next_month(months[-1]), last)]
    return [(a, b) for a, b in spans if a <= b]


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


_WINDOWS = "r.date BETWEEN :start AND :end OR r.date BETWEEN :before_start AND :before_end"

_ROLLUP = f"""
SELECT r.date, r.account_key, r.campaign_type, r.type_key, r.is_final, {_MEASURES}, r.spend_with_value
FROM core.daily_rollup r
WHERE {_WINDOWS}
"""

_COVERED = "CASE WHEN r.conversion_value IS NOT NULL THEN r.spend END"

_DAYS = f"""
SELECT r.date, r.account_key, r.campaign_key, r.is_final, {_MEASURES},
       {{covered}} AS spend_with_value
FROM core.performance r
WHERE r.counted AND ({{when}}) {{more}}
"""

_MONTHS = f"""
SELECT r.month AS date, r.account_key, r.campaign_key, r.is_final, {_MEASURES}, NULL::numeric AS spend_with_value
FROM core.monthly_rollup r
WHERE r.month = ANY (:months) {{more}}
"""
