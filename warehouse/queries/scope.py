"""What a filter is about: which accounts, in which currencies, with data until when."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.filters import Filter


@dataclass(frozen=True, slots=True)
class AccountScope:
    """One visible account with its span of days. ``kind`` is ads, shop or web."""

    account_key: int
    platform: str
    platform_name: str
    account_id: str
    name: str
    currency: str
    time_zone: str
    first_day: dt.date | None
    last_day: dt.date | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a filter may take, with its words."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything visible to the reader, as the filter controls need it."""

    accounts: tuple[AccountScope, ...]
    platforms: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    campaign_types: tuple[Choice, ...]
    watermark: int  # newest load that brought anything
    version: str  # another text whenever a load, a stream, a rate, a run or an edit may change a number; for cache keys

    @property
    def last_day(self) -> dt.date | None:
        """The newest day with performance rows, over all accounts."""
        return max((a.last_day for a in self.accounts if a.last_day), default=None)

    @property
    def first_day(self) -> dt.date | None:
        return min((a.first_day for a in self.accounts if a.first_day), default=None)

    def with_currency(self, filter_: Filter, reporting_currency: str) -> Filter:
        """The filter with its currency settled: stated, else what its accounts share, else the reporting one."""
        if filter_.currency:
            return filter_
        currencies = {
            a.currency
            for a in self.accounts
            if a.last_day
            and (not filter_.platforms or a.platform in filter_.platforms)
            and (not filter_.accounts or a.account_key in filter_.accounts)
        }
        shared = currencies.pop() if len(currencies) == 1 else reporting_currency
        return replace(filter_, currency=shared)


def read_scope(session: ReadSession) -> Scope:
    """Read what the reader may narrow by. Two statements, whatever the size of the history."""
    accounts = session.execute(text(_ACCOUNTS)).all()
    types = session.execute(text(_TYPES)).all()
    rows = tuple(
        AccountScope(
            a.account_key, a.platform, a.platform_name, a.account_id, a.name, a.currency, a.time_zone,
            a.first_day, a.last_day,
        )
        for a in accounts
    )  # fmt: skip
    with_ads = [a for a in accounts if a.last_day]
    return Scope(
        accounts=rows,
        platforms=_choices((a.platform, a.platform_name) for a in with_ads),
        channels=_choices((t.channel, t.channel_name) for t in types),
        campaign_types=_choices((t.campaign_type, t.campaign_type) for t in types if t.campaign_type),
        watermark=max((a.watermark for a in accounts), default=0),
        version=_version(rows, accounts),
    )


def _version(rows: tuple[AccountScope, ...], found: Sequence[Any]) -> str:
    """Edited names and currencies count too: they stand in the rows."""
    return f"{found[0].version}-{zlib.crc32(repr(rows).encode()):08x}" if found else "empty"


def _choices(pairs: object) -> tuple[Choice, ...]:
    found = dict(pairs)  # type: ignore[call-overload]
    return tuple(Choice(key, label) for key, label in sorted(found.items(), key=lambda item: item[1].casefold()))


_ACCOUNTS = """
SELECT a.account_key, a.platform, p.name AS platform_name, a.account_id, a.name, a.currency, a.time_zone,
       v.first_day, v.last_day, coalesce(l.watermark, 0) AS watermark, w.version
FROM core.account a
JOIN core.platform p ON p.platform = a.platform
LEFT JOIN (
    SELECT account_key, min(first_day) AS first_day, max(last_day) AS last_day
    FROM core.account_level GROUP BY account_key
) v ON v.account_key = a.account_key
LEFT JOIN (
    SELECT account_key, max(load_key) AS watermark FROM landing.load_account GROUP BY account_key
) l ON l.account_key = a.account_key
CROSS JOIN (
    SELECT md5(concat_ws('|',
        (SELECT max(x.load_key) FROM landing.load_account x),
        (SELECT concat(count(*), '/', max(x.load_key)) FROM core.fx_rate x),
        (SELECT string_agg(concat(x.job, '/', x.account_key, '/', x.run_key), ',' ORDER BY x.job, x.account_key)
         FROM results.publication x),
        (SELECT string_agg(concat(x.platform, '/', x.type_key, '/', x.channel), ',' ORDER BY x.platform, x.type_key)
         FROM core.channel_rule x),
        (SELECT max(x.settled_at) FROM landing.stream_source x),
        (SELECT string_agg(concat(x.channel, '/', x.name), ',' ORDER BY x.channel) FROM core.channel x)
    )) AS version
) w
ORDER BY p.name, a.name
"""

_TYPES = """
SELECT DISTINCT c.campaign_type, c.channel, h.name AS channel_name
FROM (SELECT DISTINCT coalesce(campaign_type, '') AS campaign_type, channel FROM mart.campaign) c
JOIN core.channel h ON h.channel = c.channel
"""
