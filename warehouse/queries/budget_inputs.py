"""What plans are made from: a fit of the mix with its joint draws, and what was spent in its weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import text

from warehouse.engine import ReadSession, WriteSession
from warehouse.errors import NotFound
from warehouse.filters import Filter
from warehouse.queries.amounts import RATES, refuse_missing_rates

MONEY: Final = ("revenue", "margin")  # outcomes that are amounts in the currency of the fit


@dataclass(frozen=True, slots=True)
class StoredChannel:
    """A channel that costs something: the most that the data stand behind in a week."""

    channel: str
    trusted: Decimal


@dataclass(frozen=True, slots=True)
class StoredFit:
    """One fit of the mix, and the channels of it that money can go to. ``last_period`` is a first day of a week."""

    fit_key: int
    run_key: int
    account_key: int
    advertiser_key: int
    outcome: str
    goal: str
    currency: str
    first_period: dt.date
    last_period: dt.date
    period_days: int
    status: str
    level: float
    draws: int
    words: str
    channels: tuple[StoredChannel, ...]

    @property
    def is_money(self) -> bool:
        """Whether the outcome is an amount of money."""
        return self.outcome in MONEY


@dataclass(frozen=True, slots=True)
class StoredDraws:
    """Joint draws of a channel under one pair of families, as ``results.mix_draws`` has them."""

    channel: str
    part: int
    adstock: str
    saturation: str
    first_draw: int
    beta: Sequence[float]
    shape_1: Sequence[float]
    shape_2: Sequence[float] | None
    weights: Sequence[float]


@dataclass(frozen=True, slots=True)
class StoredSpend:
    """What a channel spent in a week."""

    channel: str
    week: dt.date
    spend: Decimal


@dataclass(frozen=True, slots=True)
class CampaignSpend:
    """What a campaign spent lately, in the currency of the fit and in that of its own account."""

    platform: str
    account_id: str
    account_currency: str
    channel: str
    campaign_id: str
    campaign_name: str
    spend: Decimal
    own_spend: Decimal


def published_fits(session: ReadSession) -> list[StoredFit]:
    """The published fits that the reader may see: revenue and margin before counts, the newest run first."""
    return _fits(session, _PUBLISHED, {})


def stored_fit(session: ReadSession, fit_key: int) -> StoredFit:
    """One fit. Raises :class:`NotFound`, also where the reader may not see it."""
    found = _fits(session, "f.fit_key = :fit", {"fit": fit_key})
    if not found:
        raise NotFound(f"There is no fit {fit_key} of the mix.", remedy="causeway run mix --account ACCOUNT")
    return found[0]


def fit_of_account(session: ReadSession, account_key: int, outcome: str | None = None) -> StoredFit:
    """The published fit of an account's advertiser, of the outcome if one is named.

    Raises :class:`NotFound` where there is none.
    """
    of_account = f"""{_PUBLISHED} AND f.advertiser_key = (
        SELECT a.advertiser_key FROM core.account a WHERE a.account_key = :account)
        AND (CAST(:outcome AS text) IS NULL OR f.outcome = :outcome)"""
    found = _fits(session, of_account, {"account": account_key, "outcome": outcome})
    if not found:
        raise NotFound(
            f"No mix model of {outcome or 'this advertiser'} is published, and without one no plan can be made.",
            remedy="causeway run mix --account PLATFORM/ID",
        )
    return found[0]


def stored_draws(session: ReadSession, fit_key: int) -> list[StoredDraws]:
    """The joint draws of the channels that cost something, by channel and part."""
    return [StoredDraws(*row) for row in session.execute(text(_DRAWS), {"fit": fit_key})]


def weekly_spends(session: ReadSession, fit_key: int) -> list[StoredSpend]:
    """What each channel spent in each week of the fit, the oldest first."""
    return [StoredSpend(*row) for row in session.execute(text(_SPENDS), {"fit": fit_key})]


def outcome_between(session: ReadSession, fit_key: int, first: dt.date, last: dt.date) -> float:
    """The whole outcome of the weeks of a fit that begin between two days."""
    sql = """SELECT coalesce(sum(s.estimate), 0) FROM results.mix_series s
             WHERE s.fit_key = :fit AND s.period BETWEEN :first AND :last"""
    return float(session.execute(text(sql), {"fit": fit_key, "first": first, "last": last}).scalar_one())


def campaign_spends(session: ReadSession, fit: StoredFit, days: int) -> list[CampaignSpend]:
    """What campaigns of the fit's channels spent in the last days of its weeks; of those that spent anything.

    Raises :class:`~warehouse.errors.MissingRate`.
    """
    end = fit.last_period + dt.timedelta(days=fit.period_days - 1)
    start = end - dt.timedelta(days=days - 1)
    given = {
        "advertiser": fit.advertiser_key, "start": start, "end": end, "currency": fit.currency, "before_start": end,
        "before_end": start, "channels": [channel.channel for channel in fit.channels],
    }  # fmt: skip
    rows = session.execute(text(_CAMPAIGNS.format(rates=RATES)), given).all()
    refuse_missing_rates(rows, Filter(start, end, currency=fit.currency))
    return [CampaignSpend(*row[:8]) for row in rows]


def is_behind(session: WriteSession, account_key: int) -> bool:
    """Whether the mix was published since the last plan."""
    return bool(session.execute(text(_BEHIND), {"account": account_key}).scalar_one())


def _fits(session: ReadSession, condition: str, given: dict[str, object]) -> list[StoredFit]:
    rows = session.execute(text(_FITS.format(condition=condition)), given).mappings().all()
    channels: dict[int, list[StoredChannel]] = {row["fit_key"]: [] for row in rows}
    for row in session.execute(text(_CHANNELS), {"fits": list(channels)}):
        channels[row.fit_key].append(StoredChannel(row.channel, row.trusted))
    known = [row for row in rows if channels[row["fit_key"]]]
    return [StoredFit(**row, channels=tuple(channels[row["fit_key"]])) for row in known]


_PUBLISHED: Final = "EXISTS (SELECT FROM results.publication p WHERE p.job = 'mix' AND p.run_key = f.run_key)"

_FITS: Final = """
SELECT f.fit_key, f.run_key, f.account_key, f.advertiser_key, f.outcome, f.goal::text AS goal, f.currency,
       f.first_period, f.last_period, f.period_days, f.status, f.level::float8 AS level, f.draws, f.words
FROM results.mix_fit f WHERE {condition}
ORDER BY array_position(ARRAY['revenue', 'margin', 'conversions', 'new_customers'], f.outcome), f.fit_key DESC
"""

_CHANNELS: Final = """
SELECT c.fit_key, c.channel, c.trusted FROM results.mix_channel c
WHERE c.fit_key = ANY (:fits) AND NOT c.organic AND c.spend > 0 ORDER BY c.fit_key, c.place
"""

_DRAWS: Final = """
SELECT d.channel, d.part, d.adstock, d.saturation, d.first_draw, d.beta, d.shape_1, d.shape_2, d.weights
FROM results.mix_draws d
JOIN results.mix_channel c ON c.fit_key = d.fit_key AND c.channel = d.channel
WHERE d.fit_key = :fit AND NOT c.organic AND c.spend > 0 ORDER BY c.place, d.part
"""

_SPENDS: Final = """
SELECT s.part, s.period, s.spend FROM results.mix_series s
WHERE s.fit_key = :fit AND s.kind = 'channel' AND s.spend IS NOT NULL ORDER BY s.part, s.period
"""

# Summed before campaigns are looked up, whose channels take longer to find than sums.
_CAMPAIGNS: Final = """
WITH fx AS ({rates}),
spent AS MATERIALIZED (
    SELECT p.campaign_key, sum(CASE WHEN a.currency = :currency THEN p.spend ELSE p.spend * fx.rate END) AS spend,
           sum(p.spend) AS own_spend,
           min(p.date) FILTER (WHERE a.currency <> :currency AND fx.rate IS NULL) AS rate_missing_from,
           max(p.date) FILTER (WHERE a.currency <> :currency AND fx.rate IS NULL) AS rate_missing_to,
           min(a.currency) FILTER (WHERE a.currency <> :currency AND fx.rate IS NULL) AS rate_missing_currency
    FROM core.account a
    JOIN core.performance p ON p.account_key = a.account_key AND p.date BETWEEN :start AND :end AND p.counted
    LEFT JOIN fx ON fx.currency = a.currency AND fx.date = p.date
    WHERE a.advertiser_key = :advertiser AND p.spend > 0
    GROUP BY 1)
SELECT c.platform, c.account_id, c.currency, c.channel, c.campaign_id, c.campaign_name, s.spend, s.own_spend,
       s.rate_missing_from, s.rate_missing_to, s.rate_missing_currency
FROM spent s
JOIN mart.campaign c ON c.campaign_key = s.campaign_key
WHERE c.channel = ANY (:channels)
ORDER BY c.platform, c.account_id, c.campaign_name, c.campaign_id
"""

_BEHIND: Final = """
SELECT EXISTS (
    SELECT FROM results.publication p
    JOIN results.publication t ON t.job = 'mix' AND t.account_key = p.account_key
    WHERE p.job = 'budget' AND p.account_key = :account AND t.published_at > p.published_at)
"""
