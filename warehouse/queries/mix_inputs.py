"""What a mix model is fitted to: by week, what the advertiser spent on each channel, what came, and what else was.

Weeks begin on Monday; days are those of each account's own zone. Everything is of all accounts of an advertiser, in
one currency.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import text

from warehouse.engine import ReadSession, WriteSession
from warehouse.filters import Filter
from warehouse.queries.amounts import CHANNEL, CHANNEL_JOIN, RATES, refuse_missing_rates
from warehouse.schema.commerce import ConversionKind

WEEK: Final = dt.timedelta(days=7)
_SILENT: Final = dt.timedelta(days=28)  # an account of which so long nothing came has ended; before, it is only late


@dataclass(frozen=True, slots=True)
class Window:
    """Whole weeks, by their Mondays, of an advertiser's ``goal``, with all amounts in ``currency``."""

    advertiser_key: int
    goal: ConversionKind
    first: dt.date
    last: dt.date
    currency: str

    @property
    def weeks(self) -> tuple[dt.date, ...]:
        """Every Monday."""
        return tuple(self.first + WEEK * place for place in range((self.last - self.first) // WEEK + 1))


@dataclass(frozen=True, slots=True)
class ChannelWeek:
    """Spend and impressions of a channel in a week; ``unknown`` days have impressions and no word of what they cost."""

    channel: str
    week: dt.date
    spend: Decimal
    impressions: int
    unknown: int


@dataclass(frozen=True, slots=True)
class OutcomeWeek:
    """What came in a week. NULL where nothing tells: ``margin`` unless every order has one, ``discount`` likewise.

    ``discount`` is the part of the list price that was taken off, ``price`` the list price of a piece.
    """

    week: dt.date
    conversions: float
    revenue: Decimal | None
    margin: Decimal | None
    new_customers: int | None
    discount: float | None
    price: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row of ``mart.lift_evidence``, with the currency that its money is in."""

    experiment: str
    channel: str
    campaign_id: str | None
    metric: str
    first: dt.date
    last: dt.date
    share: float
    is_dark: bool
    against: str
    lift: float
    se: float
    currency: str


def goals_of(session: ReadSession, advertiser_key: int) -> list[ConversionKind]:
    """Kinds of conversions that an advertiser has, orders first and then the most frequent."""
    return [ConversionKind(kind) for kind in session.execute(text(_GOALS), {"advertiser": advertiser_key}).scalars()]


def known_weeks(session: ReadSession, advertiser_key: int, goal: ConversionKind, currency: str) -> Window | None:
    """The weeks that are whole and final in what was spent, and whole in what came; None where there is none.

    They begin with the first week in which anything was spent and anything came, and end with the last that every
    account knows that has not ended.
    """
    given = {"advertiser": advertiser_key, "goal": goal.value}
    spent = _span(session.execute(text(_SPANS), given).all())
    came = _span(session.execute(text(_CAME.format(rows=_rows_of(session, given))), given).all())
    if spent is None or came is None:
        return None
    first = _monday(max(spent.first, came.first) + dt.timedelta(days=6))
    last = _monday(min(spent.last, came.last) + dt.timedelta(days=1)) - WEEK
    return Window(advertiser_key, goal, first, last, currency) if first <= last else None


def channel_weeks(session: ReadSession, window: Window, *, brand: Sequence[str] = ()) -> list[ChannelWeek]:
    """Spend of every channel by week; weeks without a row had none. Raises :class:`MissingRate`.

    Paid search for one's own name is a channel of its own, ``brand_search``: campaigns in whose name one of the words
    ``brand`` stands, and no "non" before it.
    """
    rows = session.execute(text(_SPEND), _given(window)).all()
    _refuse(rows, window)
    named = _brand_weeks(session, window, brand) if brand else {}
    found = []
    for row in rows:
        own = named.get(row.week) if row.channel == "paid_search" else None
        spend, impressions, unknown = row.spend or Decimal(0), row.impressions, row.unknown
        if own is not None:
            found.append(own)
            spend, impressions = spend - own.spend, impressions - own.impressions
        found.append(ChannelWeek(row.channel, row.week, spend, impressions, unknown))
    return found


def outcome_weeks(session: ReadSession, window: Window) -> list[OutcomeWeek]:
    """What came, by week; weeks without a row had nothing. Raises :class:`MissingRate`."""
    given = _given(window)
    rows = session.execute(text(_OUTCOME.format(rows=_rows_of(session, given))), given).all()
    _refuse(rows, window)
    told = session.execute(text(_ORDERS), given).all() if window.goal is ConversionKind.order else []
    _refuse(told, window)
    orders = {row.week: row for row in told}
    return [_outcome(row, orders.get(row.week)) for row in rows]


def email_weeks(session: ReadSession, window: Window) -> Mapping[dt.date, int]:
    """How many e-mails were sent, by week."""
    rows = session.execute(text(_EMAIL), _given(window))
    return {row.week: int(row.sent) for row in rows if row.sent is not None}


def holiday_weeks(session: ReadSession, window: Window, country: str) -> Mapping[dt.date, int]:
    """How many public holidays of a country (ISO 3166) are in a week; weeks without any are left out."""
    rows = session.execute(text(_HOLIDAYS), _given(window) | {"country": country})
    return {row.week: int(row.days) for row in rows}


def channel_evidence(session: ReadSession, advertiser_key: int) -> list[Evidence]:
    """What finished tests say of an advertiser's channels, by published evidence, the oldest first."""
    return [Evidence(*row) for row in session.execute(text(_EVIDENCE), {"advertiser": advertiser_key})]


def is_behind(session: WriteSession, account_key: int) -> bool:
    """Whether the advertiser was loaded into, or tests found something new, since the published run read its data."""
    return bool(session.execute(text(_BEHIND), {"account": account_key}).scalar_one())


def _brand_weeks(session: ReadSession, window: Window, brand: Sequence[str]) -> dict[dt.date, ChannelWeek]:
    words = "|".join(re.escape(word) for word in brand)
    given = _given(window) | {"named": rf"(^|[^[:alnum:]])({words})", "unnamed": rf"non?[^[:alnum:]]*({words})"}
    rows = session.execute(text(_BRAND), given).all()
    _refuse(rows, window)
    return {row.week: ChannelWeek("brand_search", row.week, row.spend, row.impressions, 0) for row in rows}


class _Span(NamedTuple):
    first: dt.date
    last: dt.date


def _span(accounts: Sequence[Any]) -> _Span | None:
    """From the first day of any account to the last that all know which go on."""
    known = [account for account in accounts if account.last is not None]
    if not known:
        return None
    newest = max(account.last for account in known)
    ends = [account.last for account in known if newest - account.last < _SILENT]
    return _Span(min(account.first for account in known), min(ends))


def _rows_of(session: ReadSession, given: Mapping[str, Any]) -> str:
    """Where a goal is read from: orders from the shops' days where there are any, else conversions."""
    if given["goal"] == ConversionKind.order.value and session.execute(text(_HAS_DAYS), given).scalar_one():
        return _SHOP_DAYS
    return _CONVERSIONS


def _outcome(row: Any, order: Any | None) -> OutcomeWeek:
    if order is None:
        return OutcomeWeek(row.week, float(row.conversions), row.revenue, row.margin, row.new_customers, None, None)
    new = order.new_customers if row.new_customers is None else row.new_customers
    margin = order.margin if row.margin is None else row.margin
    return OutcomeWeek(row.week, float(row.conversions), row.revenue, margin, new, order.discount, order.price)


def _given(window: Window) -> dict[str, Any]:
    return {
        "advertiser": window.advertiser_key, "goal": window.goal.value, "currency": window.currency,
        "start": window.first, "end": window.last + dt.timedelta(days=6),
        "before_start": window.last, "before_end": window.first - dt.timedelta(days=1),  # no period is compared
    }  # fmt: skip


def _refuse(rows: Sequence[Any], window: Window) -> None:
    refuse_missing_rates(rows, Filter(window.first, window.last, currency=window.currency))


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


_MISSING = """min({date}) FILTER (WHERE {unknown}) AS rate_missing_from, max({date}) FILTER (WHERE {unknown})
           AS rate_missing_to, min({currency}) FILTER (WHERE {unknown}) AS rate_missing_currency"""

_GOALS = """
SELECT k.kind FROM (
    SELECT 'order' AS kind, sum(d.orders) AS many FROM core.order_day d
    JOIN core.account a ON a.account_key = d.account_key WHERE a.advertiser_key = :advertiser
    UNION ALL
    SELECT c.kind::text, count(*) FROM core.conversion c
    JOIN core.account a ON a.account_key = c.account_key WHERE a.advertiser_key = :advertiser AND c.counts GROUP BY 1) k
WHERE k.many > 0 GROUP BY k.kind ORDER BY k.kind <> 'order', max(k.many) DESC, k.kind
"""

_SPANS = """
SELECT a.account_key, min(r.date) AS first, max(r.date) FILTER (WHERE r.is_final) AS last
FROM core.account a
JOIN core.daily_rollup r ON r.account_key = a.account_key AND r.spend IS NOT NULL
WHERE a.advertiser_key = :advertiser
GROUP BY a.account_key
"""

_HAS_DAYS = """
SELECT EXISTS (SELECT FROM core.order_day d JOIN core.account a ON a.account_key = d.account_key
               WHERE a.advertiser_key = :advertiser)
"""

_SHOP_DAYS = """
SELECT d.account_key, d.date, a.currency, d.orders AS conversions, d.revenue, NULL::numeric AS margin,
       NULL::bigint AS new_customers
FROM core.account a JOIN core.order_day d ON d.account_key = a.account_key
WHERE a.advertiser_key = :advertiser
"""

_CONVERSIONS = """
SELECT c.account_key, (c.at AT TIME ZONE a.time_zone)::date AS date, c.currency, count(*) AS conversions,
       sum(c.value) AS revenue,
       CASE WHEN count(*) = count(c.margin) THEN sum(c.margin) END AS margin,
       CASE WHEN count(c.is_new_customer) > 0 THEN count(*) FILTER (WHERE c.is_new_customer) END AS new_customers
FROM core.account a JOIN core.conversion c ON c.account_key = a.account_key
WHERE a.advertiser_key = :advertiser AND c.counts AND c.kind = CAST(:goal AS core.conversion_kind)
GROUP BY 1, 2, 3
"""

_CAME = """
SELECT min(x.date) AS first, max(x.date) AS last FROM ({rows}) x WHERE x.conversions > 0 GROUP BY x.account_key
"""

# Spend of a day in another currency is known in this one where the day has a rate.
_FOREIGN = "{currency} <> :currency AND fx.rate IS NULL"
_SPEND = f"""
WITH fx AS ({RATES}),
spent AS MATERIALIZED (
    SELECT r.account_key, r.type_key, date_trunc('week', r.date)::date AS week,
           sum(CASE WHEN a.currency = :currency THEN r.spend ELSE r.spend * fx.rate END) AS spend,
           sum(r.impressions) AS impressions,
           count(*) FILTER (WHERE r.spend IS NULL AND r.impressions > 0) AS unknown,
           {_MISSING.format(date="r.date", currency="a.currency", unknown=_FOREIGN.format(currency="a.currency")
                            + " AND r.spend IS NOT NULL")}
    FROM core.account a
    JOIN core.daily_rollup r ON r.account_key = a.account_key AND r.date BETWEEN :start AND :end
    LEFT JOIN fx ON fx.currency = a.currency AND fx.date = r.date
    WHERE a.advertiser_key = :advertiser
    GROUP BY 1, 2, 3)
SELECT {CHANNEL} AS channel, g.week, sum(g.spend) AS spend, coalesce(sum(g.impressions), 0)::bigint AS impressions,
       sum(g.unknown)::bigint AS unknown, min(g.rate_missing_from) AS rate_missing_from,
       max(g.rate_missing_to) AS rate_missing_to, min(g.rate_missing_currency) AS rate_missing_currency
FROM spent g
JOIN core.account a ON a.account_key = g.account_key
{CHANNEL_JOIN}
GROUP BY 1, 2 ORDER BY 1, 2
"""  # fmt: skip

_BRAND = f"""
WITH fx AS ({RATES}),
named AS MATERIALIZED (
    SELECT c.campaign_key FROM mart.campaign c
    JOIN core.account a ON a.platform = c.platform AND a.account_id = c.account_id
    WHERE a.advertiser_key = :advertiser AND c.channel = 'paid_search' AND c.campaign_name ~* :named
      AND NOT c.campaign_name ~* :unnamed)
SELECT date_trunc('week', p.date)::date AS week,
       coalesce(sum(CASE WHEN a.currency = :currency THEN p.spend ELSE p.spend * fx.rate END), 0) AS spend,
       coalesce(sum(p.impressions), 0)::bigint AS impressions,
       {_MISSING.format(date="p.date", currency="a.currency", unknown=_FOREIGN.format(currency="a.currency")
                        + " AND p.spend IS NOT NULL")}
FROM core.account a
JOIN core.performance p ON p.account_key = a.account_key AND p.date BETWEEN :start AND :end AND p.counted
JOIN named n ON n.campaign_key = p.campaign_key
LEFT JOIN fx ON fx.currency = a.currency AND fx.date = p.date
WHERE a.advertiser_key = :advertiser
GROUP BY 1
"""  # fmt: skip

# An amount that nothing tells of a day makes the week's unknown.
_OUTCOME = f"""
WITH fx AS ({RATES}), day AS ({{rows}})
SELECT date_trunc('week', d.date)::date AS week, sum(d.conversions) AS conversions,
       CASE WHEN count(*) = count(d.revenue) THEN
            sum(CASE WHEN d.currency = :currency THEN d.revenue ELSE d.revenue * fx.rate END) END AS revenue,
       CASE WHEN count(*) = count(d.margin) THEN
            sum(CASE WHEN d.currency = :currency THEN d.margin ELSE d.margin * fx.rate END) END AS margin,
       sum(d.new_customers)::bigint AS new_customers,
       {_MISSING.format(date="d.date", currency="d.currency", unknown=_FOREIGN.format(currency="d.currency"))}
FROM day d
LEFT JOIN fx ON fx.currency = d.currency AND fx.date = d.date
WHERE d.date BETWEEN :start AND :end AND d.conversions > 0
GROUP BY 1 ORDER BY 1
"""

# What only orders one by one tell. The list price is what was paid and what was taken off.
_ORDERS = f"""
WITH fx AS ({RATES}),
bought AS (
    SELECT o.date_day AS date, o.currency, o.margin, o.is_new_customer, o.items, o.discounts,
           o.revenue + coalesce(o.refunded, 0) + coalesce(o.discounts, 0) AS listed
    FROM mart."order" o JOIN core.account a ON a.platform = o.platform AND a.account_id = o.account_id
    WHERE a.advertiser_key = :advertiser AND o.counts AND o.date_day BETWEEN :start AND :end),
priced AS (
    SELECT b.*, CASE WHEN b.currency = :currency THEN 1 ELSE fx.rate END AS rate
    FROM bought b LEFT JOIN fx ON fx.currency = b.currency AND fx.date = b.date)
SELECT date_trunc('week', d.date)::date AS week,
       CASE WHEN count(*) = count(d.margin) THEN sum(d.margin * d.rate) END AS margin,
       CASE WHEN count(d.is_new_customer) > 0 THEN count(*) FILTER (WHERE d.is_new_customer) END AS new_customers,
       CASE WHEN count(*) = count(d.discounts) THEN
            (sum(d.discounts * d.rate) / nullif(sum(d.listed * d.rate), 0))::float8 END AS discount,
       CASE WHEN count(*) = count(d.items) THEN
            (sum(d.listed * d.rate) / nullif(sum(d.items), 0))::float8 END AS price,
       {_MISSING.format(date="d.date", currency="d.currency", unknown="d.rate IS NULL")}
FROM priced d GROUP BY 1 ORDER BY 1
"""

_EMAIL = """
SELECT date_trunc('week', e.date)::date AS week, sum(e.sent) AS sent
FROM core.account a JOIN core.email_day e ON e.account_key = a.account_key AND e.date BETWEEN :start AND :end
WHERE a.advertiser_key = :advertiser GROUP BY 1
"""

_HOLIDAYS = """
SELECT date_trunc('week', h.date)::date AS week, count(DISTINCT h.date) AS days FROM core.holiday h
WHERE h.country = :country AND h.date BETWEEN :start AND :end GROUP BY 1
"""

_EVIDENCE = """
SELECT v.experiment_id, v.channel, v.campaign_id, v.metric, v.first_day, v.last_day, v.share, v.is_dark, v.against,
       v.lift, v.se, a.currency
FROM mart.lift_evidence v
JOIN core.account a ON a.platform = v.platform AND a.account_id = v.account_id
WHERE a.advertiser_key = :advertiser
ORDER BY v.first_day, v.experiment_key, v.channel, v.metric
"""

_BEHIND = """
SELECT EXISTS (
    SELECT FROM results.publication p
    JOIN results.mix_fit f ON f.run_key = p.run_key
    JOIN core.account a ON a.advertiser_key = f.advertiser_key
    JOIN landing.load_account t ON t.account_key = a.account_key
    WHERE p.job = 'mix' AND p.account_key = :account AND t.load_key > f.watermark)
OR EXISTS (
    SELECT FROM results.publication p
    JOIN core.account a ON a.account_key = p.account_key
    JOIN core.account b ON b.advertiser_key = a.advertiser_key
    JOIN results.publication e ON e.job = 'experiments' AND e.account_key = b.account_key
    JOIN results.lift_evidence v ON v.run_key = e.run_key
    WHERE p.job = 'mix' AND p.account_key = :account AND NOT EXISTS (
        SELECT FROM results.lift_evidence o JOIN results.run r ON r.run_key = o.run_key
        WHERE r.finished_at < p.published_at AND o.experiment_key = v.experiment_key
          AND (o.channel, o.metric, o.lift, o.se) = (v.channel, v.metric, v.lift, v.se)))
"""
