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
from ml.simulation.people.ledger import Kind, Ledger, frame, masked, named
from ml.simulation.people.population import REGIONS
from ml.simulation.people.records import CLAIMS, CONTACTS, DEAL_STAGES, GEO_DAYS, ORDER_CHANGES, ORDERS, empty
from ml.simulation.people.site_frames import session_ids
from ml.simulation.people.today import Purpose, Route
from ml.simulation.people.touch_frames import click_ids

_Whole = NDArray[np.int64]

# Days for which a platform claims an order after a click, and after a view (Google: of videos and display).
WINDOWS = {"google_ads": (30, 3), "meta_ads": (7, 1), "tiktok_ads": (7, 1), "microsoft_ads": (30, 0)}
_MODELLED = 0.70  # share of the orders of people without consent that platforms claim by a model
_BLIND = 0.08  # share of orders that platforms hear of while the tracker is broken


@dataclass(slots=True)
class Pending:
    """What is still to come of earlier days: rows by the day on which they fall."""

    changes: dict[int, list[pl.DataFrame]] = field(default_factory=dict)
    stages: dict[int, list[pl.DataFrame]] = field(default_factory=dict)


def orders(ledger: Ledger) -> pl.DataFrame:
    """The orders of the day (``ORDERS``), the shop's own tests among them."""
    if ledger.config.temper.business:
        return empty(ORDERS)
    made, people, visits = ledger.orders, ledger.people, ledger.visits
    row, seen = made.row, ledger.today.around.tracking
    tracked = people.consented[row] & seen
    clicks = click_ids(ledger).gather(made.visit.astype(np.uint32))
    ads = [each.landing_page for each in ledger.stage.ads]
    real = frame(
        ORDERS,
        {
            "at": ledger.at(_moments(ledger)),
            "order_id": ledger.first_order + np.arange(len(row)),
            "customer": people.customer[row],
            "client": pl.select(pl.when(pl.lit(seen)).then(ledger.client(row)).otherwise(None)).to_series(),
            "session_id": masked(session_ids(ledger)[made.visit], np.full(len(row), seen)),
            "click_id": pl.select(pl.when(pl.Series(tracked)).then(clicks).otherwise(None)).to_series(),
            "items": made.items,
            "revenue_cents": made.cents,
            "discount_cents": made.discount,
            "tax_cents": np.round(made.cents * 0.0725).astype(np.int64),
            "shipping_cents": np.where(made.cents < 5_000, 490, 0),
            "goods_cents": made.goods,
            "is_new_customer": made.first,
            "is_test": np.zeros(len(row), np.bool_),
            "coupon": masked(
                np.full(len(row), "FOR-YOU-10"), (made.discount > 0) & (ledger.today.around.promotion == 0)
            ),
            "landing_page": named([*ads, "/"], np.where(visits.ad[made.visit] >= 0, visits.ad[made.visit], len(ads))),
            "region": ledger.region(row),
            "device": ledger.device_name(row),
        },
    )
    return pl.concat([real, _tests(ledger)]).sort("at", maintain_order=True)


def order_changes(ledger: Ledger, pending: Pending) -> pl.DataFrame:
    """Refunds and cancellations that fall on the day (``ORDER_CHANGES``); today's orders enter theirs."""
    made, number = ledger.orders, ledger.today.number
    order_id = ledger.first_order + np.arange(len(made.row))
    if not ledger.config.temper.business:
        later = np.where(made.cancelled, 1, made.refund_after)
        amount = np.where(made.cancelled, made.cents, made.refund)
        kinds = named(("refund", "cancellation"), made.cancelled.astype(np.int64))
        second = 36_000 + (20_000 * ledger.number(made.row, Purpose.UNDONE_WHEN)).astype(np.int64)
        for place in np.flatnonzero(amount > 0):
            row = {"order_id": [order_id[place]], "kind": [kinds[int(place)]], "amount_cents": [amount[place]]}
            at = ledger.at(np.array([second[place] + 86_400 * later[place]]))
            pending.changes.setdefault(number + int(later[place]), []).append(frame(ORDER_CHANGES, {"at": at, **row}))
    due = pending.changes.pop(number, [])
    return pl.concat(due).sort("at", maintain_order=True) if due else empty(ORDER_CHANGES)


def claims(ledger: Ledger) -> tuple[pl.DataFrame, NDArray[np.float64]]:
    """What each platform claims of the day's orders (``CLAIMS``), and the claimed value by campaign in dollars."""
    stage, made, people, number = ledger.stage, ledger.orders, ledger.people, ledger.today.number
    value = np.zeros(len(stage.campaigns))
    videos = np.array([stage.campaigns[each.campaign].channel in {"video", "display"} for each in stage.ads])
    frames = []
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
        cents = made.cents[mine] if not ledger.config.temper.business else (made.cents[mine] * WON).astype(np.int64)
        np.add.at(value, stage.campaign_of[ad], cents / 100)
        first = np.datetime64(ledger.config.first_day)
        frames.append(
            frame(
                CLAIMS,
                {
                    "date": first + since,
                    "ordered_on": np.full(len(row), first + number),
                    "reported_on": first + number + delay,
                    "platform": named((platform,), np.zeros(len(row), np.int64)),
                    "campaign_id": named([stage.campaigns[each.campaign].id for each in stage.ads], ad),
                    "ad_group_id": named([each.ad_group_id for each in stage.ads], ad),
                    "ad_id": named([each.ad_id for each in stage.ads], ad),
                    "order_id": ledger.first_order + mine,
                    "by": named(("view", "click"), clicked.astype(np.int64)),
                    "value_cents": cents,
                },
                order=None,
            )
        )
    return pl.concat(frames), value


def geo_days(ledger: Ledger, cost: _Whole, sessions: pl.DataFrame) -> pl.DataFrame:
    """Every region's day (``GEO_DAYS``); ``cost`` is by ad and region."""
    region, size = ledger.people.region[ledger.orders.row], len(REGIONS)
    business = ledger.config.temper.business
    cents = ledger.orders.cents * (0 if business else 1)
    visits = dict(sessions.group_by("region").len().iter_rows())
    return frame(
        GEO_DAYS,
        {
            "date": pl.Series([ledger.today.around.day]).new_from_index(0, size),
            "region": pl.Series(REGIONS),
            "orders": np.bincount(region, minlength=size),
            "revenue_cents": np.bincount(region, cents, size).astype(np.int64),
            "sessions": [visits.get(name, 0) for name in REGIONS],
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
    clicks = click_ids(ledger).gather(made.visit.astype(np.uint32))
    contacts = frame(
        CONTACTS,
        {
            "at": ledger.at(second),
            "contact_id": contact,
            "customer": customer,
            "client": ledger.client(row),
            "click_id": pl.select(pl.when(pl.Series(seen)).then(clicks).otherwise(None)).to_series(),
            "source": named(_SOURCES, _source(ledger)),
            "region": ledger.region(row),
        },
    )
    for place, stage, later in _path(ledger):
        entered = frame(
            DEAL_STAGES,
            {
                "at": ledger.at(np.array([second[place] + 86_400 * later])),
                "deal_id": deal[place : place + 1],
                "contact_id": contact[place : place + 1],
                "customer": customer[place : place + 1],
                "stage": [stage],
                "amount_cents": made.cents[place : place + 1],
            },
        )
        pending.stages.setdefault(number + later, []).append(entered)
    due = pending.stages.pop(number, [])
    return contacts, pl.concat(due).sort("at", maintain_order=True) if due else empty(DEAL_STAGES)


_SOURCES = (
    "PAID_SEARCH",
    "PAID_SOCIAL",
    "ORGANIC_SEARCH",
    "DIRECT_TRAFFIC",
    "REFERRALS",
    "EMAIL_MARKETING",
)  # HubSpot's
_STAGES = (("lead", 0.0), ("qualified", 0.2), ("proposal", 0.5), ("negotiation", 0.8))


def _source(ledger: Ledger) -> _Whole:
    visit = ledger.orders.visit
    route, ad = ledger.visits.route[visit], ledger.visits.ad[visit]
    searched = ~np.isin(ledger.stage.campaign_of[ad], ledger.stage.pushing)
    return np.select(
        [route == Route.MAIL, (ad >= 0) & searched, ad >= 0, route == Route.DIRECT, route == Route.REFERRAL],
        [5, 0, 1, 3, 4],
        2,
    )


def _path(ledger: Ledger) -> Iterator[tuple[int, str, int]]:
    """The way of today's leads through the stages: position, stage, days from now. A lost one ends on the way."""
    made = ledger.orders
    length = deal_days(ledger.number(made.row, Purpose.DEAL_PACE))
    end = ledger.number(made.row, Purpose.VALUE, np.full(len(made.row), 1))
    for place in range(len(made.row)):
        won = made.counts_on[place] >= 0
        days = int(length[place])
        for stage, share in _STAGES:
            if won or share <= end[place]:
                yield place, stage, int(share * days)
        yield place, "closed_won" if won else "closed_lost", days if won else max(1, int(end[place] * days))


def _moments(ledger: Ledger) -> _Whole:
    """When orders are placed: some minutes into the visit, on the same day."""
    stay = 120 + (900 * ledger.number(ledger.orders.row, Purpose.PAGES)).astype(np.int64)
    second: _Whole = np.minimum(ledger.visits.second[ledger.orders.visit] + stay, 86_399)
    return second


def _tests(ledger: Ledger) -> pl.DataFrame:
    """The shop's people try out the checkout now and then."""
    rng = of_the_day(ledger.config.seed, ledger.today.number, 7)
    count = int(rng.poisson(0.12))
    nobody = pl.Series([None], dtype=pl.UInt64).new_from_index(0, count)
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
            "coupon": pl.Series([None], dtype=pl.String).new_from_index(0, count),
            "landing_page": named(("/",), np.zeros(count, np.int64)),
            "region": named(REGIONS[:1], np.zeros(count, np.int64)),
            "device": named(("desktop",), np.zeros(count, np.int64)),
        },
    )
