"""The shop's and the CRM's books, and what platforms claim of them: frames of one day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.simulation.people.buying import WON, deal_days
from ml.simulation.people.campaigns import PLATFORMS
from ml.simulation.people.chance import identifiers, of_the_day
from ml.simulation.people.ledger import Kind, Ledger, frame, masked, named, nothing, stacked
from ml.simulation.people.population import REGIONS
from ml.simulation.people.records import CLAIMS, CONTACTS, DEAL_STAGES, GEO_DAYS, ORDER_CHANGES, ORDERS, empty
from ml.simulation.people.site_frames import session_ids
from ml.simulation.people.today import Purpose, Route
from ml.simulation.people.touch_frames import click_numbers

_Whole = NDArray[np.int64]

# Days for which a platform claims an order after a click, and after a view (Google: of videos and display).
WINDOWS = {"google_ads": (30, 3), "meta_ads": (7, 1), "tiktok_ads": (7, 1), "microsoft_ads": (30, 0)}
_MODELLED = 0.70  # share of the orders of people without consent that platforms claim by a model
_BLIND = 0.08  # share of orders that platforms hear of while the tracker is broken


@dataclass(frozen=True, slots=True)
class _Changes:
    """Refunds and cancellations, one array element each."""

    at: _Whole
    order_id: _Whole
    cancelled: NDArray[np.bool_]
    amount: _Whole


@dataclass(frozen=True, slots=True)
class _Entered:
    """Stages that deals enter, one array element each."""

    at: _Whole
    deal: NDArray[np.uint64]
    contact: NDArray[np.uint64]
    customer: NDArray[np.uint32]
    stage: _Whole
    amount: _Whole


@dataclass(slots=True)
class Pending:
    """What is still to come of earlier days: rows by the day on which they fall."""

    changes: dict[int, list[_Changes]] = field(default_factory=dict)
    stages: dict[int, list[_Entered]] = field(default_factory=dict)


def orders(ledger: Ledger) -> pl.DataFrame:
    """The orders of the day (``ORDERS``), the shop's own tests among them."""
    if ledger.config.temper.business:
        return empty(ORDERS)
    made, people, visits = ledger.orders, ledger.people, ledger.visits
    row, seen = made.row, ledger.today.around.tracking
    tracked = people.consented[row] & seen
    clicks = click_numbers(ledger)[made.visit]
    ads = [each.landing_page for each in ledger.stage.ads]
    offered = (made.discount > 0) & (ledger.today.around.promotion == 0)
    real = frame(
        ORDERS,
        {
            "at": ledger.at(_moments(ledger)),
            "order_id": ledger.first_order + np.arange(len(row)),
            "customer": people.customer[row],
            "client": masked(ledger.browser(row), tracked),
            "session_id": masked(session_ids(ledger)[made.visit], np.full(len(row), seen)),
            "click_id": masked(clicks, tracked & (visits.ad[made.visit] >= 0)),
            "items": made.items,
            "revenue_cents": made.cents,
            "discount_cents": made.discount,
            "tax_cents": np.round(made.cents * 0.0725).astype(np.int64),
            "shipping_cents": np.where(made.cents < 5_000, 490, 0),
            "goods_cents": made.goods,
            "is_new_customer": made.first,
            "is_test": np.zeros(len(row), np.bool_),
            "coupon": named((None, "FOR-YOU-10"), offered.astype(np.int64)),
            "landing_page": named([*ads, "/"], np.where(visits.ad[made.visit] >= 0, visits.ad[made.visit], len(ads))),
            "region": ledger.region(row),
            "device": ledger.device_name(row),
        },
    )
    tests = _tests(ledger)
    return pl.concat([real, tests]).sort("at", maintain_order=True) if tests.height else real


def order_changes(ledger: Ledger, pending: Pending) -> pl.DataFrame:
    """Refunds and cancellations that fall on the day (``ORDER_CHANGES``); today's orders enter theirs."""
    made, number = ledger.orders, ledger.today.number
    order_id = ledger.first_order + np.arange(len(made.row))
    if not ledger.config.temper.business:
        later = np.where(made.cancelled, 1, made.refund_after)
        amount = np.where(made.cancelled, made.cents, made.refund)
        second = 36_000 + (20_000 * ledger.number(made.row, Purpose.UNDONE_WHEN)).astype(np.int64)
        at = ledger.at(second + 86_400 * later)
        for days in np.unique(later[amount > 0]):
            mine = (later == days) & (amount > 0)
            entered = _Changes(at[mine], order_id[mine], made.cancelled[mine], amount[mine])
            pending.changes.setdefault(number + int(days), []).append(entered)
    due = pending.changes.pop(number, [])
    if not due:
        return empty(ORDER_CHANGES)
    changes = stacked(due)
    kind = named(("refund", "cancellation"), changes.cancelled.astype(np.int64))
    return frame(
        ORDER_CHANGES,
        {"at": changes.at, "order_id": changes.order_id, "kind": kind, "amount_cents": changes.amount},
    )


def claims(ledger: Ledger) -> tuple[pl.DataFrame, NDArray[np.float64]]:
    """What each platform claims of the day's orders (``CLAIMS``), and the claimed value by campaign in dollars."""
    stage, made, people, number = ledger.stage, ledger.orders, ledger.people, ledger.today.number
    value = np.zeros(len(stage.campaigns))
    videos = np.array([stage.campaigns[each.campaign].channel in {"video", "display"} for each in stage.ads])
    made_by: list[tuple[_Whole, ...]] = []  # by platform: positions of orders, ads, days, by click or view, delays
    for place, platform in enumerate(PLATFORMS):
        by_click, by_view = WINDOWS[platform]
        click, view = people.click_day[place, made.row], people.view_day[place, made.row]
        clicked = number - click.astype(np.int64) <= by_click
        viewed = (number - view.astype(np.int64) <= by_view) & (view >= 0) & (by_view > 0)
        if platform == "google_ads":
            viewed &= videos[people.view_ad[place, made.row]]
        luck = ledger.number(made.row, Purpose.CLAIM, np.full(len(made.row), place))
        heard = luck < np.where(people.consented[made.row], 0.99, _MODELLED) * (
            1.0 if ledger.today.around.tracking else _BLIND
        )
        mine = np.flatnonzero((clicked | viewed) & heard)
        row, clicked = made.row[mine], clicked[mine]
        ad = np.where(clicked, people.click_ad[place, row], people.view_ad[place, row])
        since = np.where(clicked, people.click_day[place, row], people.view_day[place, row]).astype(np.int64)
        late = ledger.number(row, Purpose.CLAIM_DELAY, np.full(len(row), place))
        delay = np.floor(6 * late**3).astype(np.int64) + np.where(people.consented[row], 0, 2)
        made_by.append((mine, ad.astype(np.int64), since, clicked.astype(np.int64), delay))
    mine, ad, since, clicked, delay = (np.concatenate(each) for each in zip(*made_by, strict=True))
    cents = made.cents[mine] if not ledger.config.temper.business else (made.cents[mine] * WON).astype(np.int64)
    np.add.at(value, stage.campaign_of[ad], cents / 100)
    first = np.datetime64(ledger.config.first_day)
    return frame(
        CLAIMS,
        {
            "date": first + since,
            "ordered_on": np.full(len(mine), first + number),
            "reported_on": first + number + delay,
            "platform": named([stage.campaigns[each.campaign].platform for each in stage.ads], ad),
            "campaign_id": named([stage.campaigns[each.campaign].id for each in stage.ads], ad),
            "ad_group_id": named([each.ad_group_id for each in stage.ads], ad),
            "ad_id": named([each.ad_id for each in stage.ads], ad),
            "order_id": ledger.first_order + mine,
            "by": named(("view", "click"), clicked),
            "value_cents": cents,
        },
        order=None,
    ), value


def geo_days(ledger: Ledger, cost: _Whole) -> pl.DataFrame:
    """Every region's day (``GEO_DAYS``); ``cost`` is by ad and region."""
    region, size = ledger.people.region[ledger.orders.row], len(REGIONS)
    business = ledger.config.temper.business
    cents = ledger.orders.cents * (0 if business else 1)
    visits = np.bincount(ledger.people.region[ledger.visits.row], minlength=size) + ledger.strangers.clicks.sum(axis=0)
    return frame(
        GEO_DAYS,
        {
            "date": pl.Series([ledger.today.around.day]).new_from_index(0, size),
            "region": pl.Series(REGIONS),
            "orders": np.bincount(region, minlength=size),
            "revenue_cents": np.bincount(region, cents, size).astype(np.int64),
            "sessions": visits * ledger.today.around.tracking,
            "cost_micros": cost.sum(axis=0),
        },
        order=None,
    )


def leads(ledger: Ledger, pending: Pending) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Business worlds: the contacts made today (``CONTACTS``) and the stages entered today (``DEAL_STAGES``)."""
    if not ledger.config.temper.business:
        return empty(CONTACTS), empty(DEAL_STAGES)
    made, people, number, seed = ledger.orders, ledger.people, ledger.today.number, ledger.config.seed
    row, second = made.row, _moments(ledger)
    customer = people.customer[row]
    contact = identifiers(seed, Kind.CONTACT, customer, 0)
    deal = identifiers(seed, Kind.DEAL, customer, number)
    seen = people.consented[row] & ledger.today.around.tracking
    clicks = click_numbers(ledger)[made.visit]
    contacts = frame(
        CONTACTS,
        {
            "at": ledger.at(second),
            "contact_id": contact,
            "customer": customer,
            "client": ledger.client(row),
            "click_id": masked(clicks, seen & (ledger.visits.ad[made.visit] >= 0)),
            "source": named(_SOURCES, _source(ledger)),
            "region": ledger.region(row),
        },
    )
    path = list(_path(ledger))
    place, stage, later = (np.array([step[part] for step in path], np.int64) for part in range(3))
    at = ledger.at(second[place] + 86_400 * later)
    for days in np.unique(later):
        mine = later == days
        who = place[mine]
        entered = _Entered(at[mine], deal[who], contact[who], customer[who], stage[mine], made.cents[who])
        pending.stages.setdefault(number + int(days), []).append(entered)
    due = pending.stages.pop(number, [])
    if not due:
        return contacts, empty(DEAL_STAGES)
    entries = stacked(due)
    return contacts, frame(
        DEAL_STAGES,
        {
            "at": entries.at,
            "deal_id": entries.deal,
            "contact_id": entries.contact,
            "customer": entries.customer,
            "stage": named(_STAGES, entries.stage),
            "amount_cents": entries.amount,
        },
    )


_SOURCES = (
    "PAID_SEARCH",
    "PAID_SOCIAL",
    "ORGANIC_SEARCH",
    "DIRECT_TRAFFIC",
    "REFERRALS",
    "EMAIL_MARKETING",
)  # HubSpot's
_STAGES = ("lead", "qualified", "proposal", "negotiation", "closed_won", "closed_lost")
_REACHED_AT = (0.0, 0.2, 0.5, 0.8)  # shares of the way, of the stages before the last


def _source(ledger: Ledger) -> _Whole:
    visit = ledger.orders.visit
    route, ad = ledger.visits.route[visit], ledger.visits.ad[visit]
    searched = ~np.isin(ledger.stage.campaign_of[ad], ledger.stage.pushing)
    return np.select(
        [route == Route.MAIL, (ad >= 0) & searched, ad >= 0, route == Route.DIRECT, route == Route.REFERRAL],
        [5, 0, 1, 3, 4],
        2,
    )


def _path(ledger: Ledger) -> Iterator[tuple[int, int, int]]:
    """The way of today's leads through ``_STAGES``: position, stage, days from now. A lost one ends on the way."""
    made = ledger.orders
    length = deal_days(ledger.number(made.row, Purpose.DEAL_PACE))
    end = ledger.number(made.row, Purpose.VALUE, np.full(len(made.row), 1))
    for place in range(len(made.row)):
        won = made.counts_on[place] >= 0
        days = int(length[place])
        for stage, share in enumerate(_REACHED_AT):
            if won or share <= end[place]:
                yield place, stage, int(share * days)
        yield place, 4 if won else 5, days if won else max(1, int(end[place] * days))


def _moments(ledger: Ledger) -> _Whole:
    """When orders are placed: some minutes into the visit, on the same day."""
    stay = 120 + (900 * ledger.number(ledger.orders.row, Purpose.PAGES)).astype(np.int64)
    second: _Whole = np.minimum(ledger.visits.second[ledger.orders.visit] + stay, 86_399)
    return second


def _tests(ledger: Ledger) -> pl.DataFrame:
    """The shop's people try out the checkout now and then."""
    rng = of_the_day(ledger.config.seed, ledger.today.number, 7)
    count = int(rng.poisson(0.12))
    if not count:
        return empty(ORDERS)
    nobody = nothing(pl.UInt64(), count)
    cents = rng.integers(100, 9_000, count)
    return frame(
        ORDERS,
        {
            "at": ledger.at(rng.integers(30_000, 60_000, count)),
            "order_id": ledger.first_order + len(ledger.orders.row) + np.arange(count),
            **dict.fromkeys(("customer", "client", "session_id", "click_id"), nobody),
            "items": np.ones(count, np.int64),
            "revenue_cents": cents,
            "discount_cents": np.zeros(count, np.int64),
            "tax_cents": np.round(cents * 0.0725).astype(np.int64),
            "shipping_cents": np.zeros(count, np.int64),
            "goods_cents": cents // 2,
            "is_new_customer": np.zeros(count, np.bool_),
            "is_test": np.ones(count, np.bool_),
            "coupon": nothing(pl.String(), count),
            "landing_page": named(("/",), np.zeros(count, np.int64)),
            "region": named(REGIONS[:1], np.zeros(count, np.int64)),
            "device": named(("desktop",), np.zeros(count, np.int64)),
        },
    )
