"""What a simulated world hands out: frames whose columns never change, whatever the preset.

Money is whole cents, advertising cost whole micros (millionths), both in ``CURRENCY``; times are UTC, and so are days.
People are numbers: ``customer`` counts the simulated population from 0. Numbers from the population's size upwards are
*passers-by*, who click once and never come back. ``client`` is a browser (two devices, cookies that are cleared); it is
NULL where the person refuses consent, and so is whatever a tracker would have known. ``customer`` stands in every frame
because the simulator knows it; an export must not write it, but what the source would know: see each frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import polars as pl

CURRENCY = "USD"
_AT = pl.Datetime("us", "UTC")

Schema = Mapping[str, pl.DataType]

# --- what stands still: World.people() (in blocks), .accounts(), .campaigns(), .ads(), .creatives(), .experiments() ---

# One row a person. ``known_since`` is the day of a first order before the world begins, else NULL; ``subscriber`` at
# the end of the world. ``segment`` is one of SEGMENTS; it steers behaviour and is known to nobody but the truth.
PEOPLE: Schema = {
    "customer": pl.UInt32(),
    "consented": pl.Boolean(),
    "region": pl.String(),
    "device": pl.String(),  # the one mostly used: mobile, desktop, tablet
    "segment": pl.String(),
    "subscriber": pl.Boolean(),
    "known_since": pl.Date(),
}

ACCOUNTS: Schema = {
    "platform": pl.String(),  # google_ads, meta_ads, microsoft_ads, tiktok_ads, email
    "account_id": pl.String(),
    "account_name": pl.String(),
    "currency": pl.String(),
}

CAMPAIGNS: Schema = {
    "platform": pl.String(),
    "account_id": pl.String(),
    "campaign_id": pl.String(),
    "campaign_name": pl.String(),
    "campaign_type": pl.String(),  # as the platform writes it: Search, Performance Max, Video, Sales ...
    "channel": pl.String(),  # of CHANNELS
    "first_day": pl.Date(),
    "last_day": pl.Date(),
}

# One row an ad. Performance Max campaigns have one ad each, which exports must not show: the platform has none.
ADS: Schema = {
    "platform": pl.String(),
    "campaign_id": pl.String(),
    "ad_group_id": pl.String(),
    "ad_group_name": pl.String(),
    "ad_id": pl.String(),
    "ad_name": pl.String(),
    "creative_id": pl.String(),
    "first_day": pl.Date(),
    "last_day": pl.Date(),
}

CREATIVES: Schema = {
    "platform": pl.String(),
    "creative_id": pl.String(),
    "creative_name": pl.String(),
    "format": pl.String(),  # text, image, video
    "headline": pl.String(),
    "body": pl.String(),
    "call_to_action": pl.String(),  # NULL: none
    "offer": pl.String(),  # NULL: none; "-15 %"
    "colour": pl.String(),  # of exports/pictures.py COLOURS; NULL for text
    "face": pl.Boolean(),  # NULL for text
    "duration_seconds": pl.Int64(),  # of a video, else NULL
    "landing_page": pl.String(),
    "tags": pl.List(pl.String()),
    "first_day": pl.Date(),
    "last_day": pl.Date(),
}

# ``kind``: ab, geo_holdout, go_dark. Arms, metrics and regions are parallel to what an experiment registry keeps.
EXPERIMENTS: Schema = {
    "experiment_id": pl.String(),
    "name": pl.String(),
    "hypothesis": pl.String(),
    "kind": pl.String(),
    "unit": pl.String(),  # customer, region, day
    "first_day": pl.Date(),
    "last_day": pl.Date(),
    "arms": pl.List(pl.String()),  # control first
    "shares": pl.List(pl.Float64()),  # planned
    "primary_metric": pl.String(),
    "guardrail_metrics": pl.List(pl.String()),
    "channel": pl.String(),  # what was switched off (geo_holdout, go_dark), else NULL
    "campaign_ids": pl.List(pl.String()),  # the same by campaign, else empty
    "regions": pl.List(pl.String()),  # where it was switched off (geo_holdout), else empty
}

# --- what happens: World.days(), a Day for every day in order ---

# Contacts of people with campaigns at user level. ``cost_micros`` is what this contact cost (0 if it is not charged).
# Search ads log clicks only. ``click_id`` stands on clicks only. An export knows ``client`` and ``click_id``.
TOUCHPOINTS: Schema = {
    "at": _AT,
    "touch_id": pl.UInt64(),
    "customer": pl.UInt32(),
    "client": pl.UInt64(),
    "kind": pl.String(),  # impression, click
    "platform": pl.String(),
    "channel": pl.String(),
    "campaign_id": pl.String(),
    "ad_group_id": pl.String(),
    "ad_id": pl.String(),
    "creative_id": pl.String(),
    "click_id": pl.UInt64(),
    "cost_micros": pl.Int64(),
    "device": pl.String(),
    "region": pl.String(),
}

# Visits of the site that were tracked. ``user`` is the shop's user number when logged in or bought, else NULL.
# ``campaign_id``, ``ad_id``, ``click_id`` are what the landing address carried. ``funnel_step``: 0 visit, 1 product,
# 2 cart, 3 checkout, 4 purchase.
SESSIONS: Schema = {
    "at": _AT,
    "session_id": pl.UInt64(),
    "customer": pl.UInt32(),
    "client": pl.UInt64(),
    "user": pl.UInt32(),
    "channel": pl.String(),  # Paid Search, Organic Search, Direct ... GA4's default groups
    "source": pl.String(),
    "medium": pl.String(),
    "campaign_id": pl.String(),
    "ad_id": pl.String(),
    "click_id": pl.UInt64(),
    "landing_page": pl.String(),
    "device": pl.String(),
    "region": pl.String(),
    "page_views": pl.Int64(),
    "duration_seconds": pl.Int64(),
    "engaged": pl.Boolean(),
    "funnel_step": pl.Int64(),
    "order_id": pl.UInt64(),
    "revenue_cents": pl.Int64(),
}

# The events of those sessions, from page_events(sessions) of ml/simulation/people/web.py.
EVENTS: Schema = {
    "at": _AT,
    "session_id": pl.UInt64(),
    "sequence": pl.Int64(),  # within the session, from 0
    "client": pl.UInt64(),
    "user": pl.UInt32(),
    "name": pl.String(),  # session_start, page_view, view_item, add_to_cart, begin_checkout, purchase
    "page": pl.String(),
    "order_id": pl.UInt64(),
    "value_cents": pl.Int64(),
}

# Orders of the shop, as placed. The shop knows the person (``customer`` is its customer number), whatever the consent;
# ``client`` and ``click_id`` only with consent and working tracking. Revenue is goods after discounts, without tax.
ORDERS: Schema = {
    "at": _AT,
    "order_id": pl.UInt64(),
    "customer": pl.UInt32(),
    "client": pl.UInt64(),
    "session_id": pl.UInt64(),
    "click_id": pl.UInt64(),
    "items": pl.Int64(),
    "revenue_cents": pl.Int64(),
    "discount_cents": pl.Int64(),
    "tax_cents": pl.Int64(),
    "shipping_cents": pl.Int64(),
    "goods_cents": pl.Int64(),  # what the goods cost the shop: margin = revenue - goods
    "is_new_customer": pl.Boolean(),
    "is_test": pl.Boolean(),  # placed by the shop's own people; ``customer`` is NULL
    "coupon": pl.String(),
    "landing_page": pl.String(),  # with its utm parameters left out: see the session
    "region": pl.String(),
    "device": pl.String(),
}

# What became of orders later, on the day it happened: refunds (of a part or all) and cancellations.
ORDER_CHANGES: Schema = {
    "at": _AT,
    "order_id": pl.UInt64(),
    "kind": pl.String(),  # refund, cancellation
    "amount_cents": pl.Int64(),
}

# Delivery as the platform bills it, by ad, region and day: people's contacts and those of passers-by.
DELIVERY: Schema = {
    "date": pl.Date(),
    "platform": pl.String(),
    "channel": pl.String(),
    "campaign_id": pl.String(),
    "ad_group_id": pl.String(),
    "ad_id": pl.String(),
    "region": pl.String(),
    "impressions": pl.Int64(),
    "clicks": pl.Int64(),
    "cost_micros": pl.Int64(),
}

# Orders that a platform claims as its own. ``date`` is the day of the click or view it claims them by; the claim is
# reported from ``reported_on`` on. In every report as of day D: rows with ``reported_on <= D``.
CLAIMS: Schema = {
    "date": pl.Date(),
    "ordered_on": pl.Date(),
    "reported_on": pl.Date(),
    "platform": pl.String(),
    "campaign_id": pl.String(),
    "ad_group_id": pl.String(),
    "ad_id": pl.String(),
    "order_id": pl.UInt64(),
    "by": pl.String(),  # click, view
    "value_cents": pl.Int64(),
}

EMAILS: Schema = {
    "at": _AT,
    "email_id": pl.UInt64(),  # one a send; opens and clicks repeat it
    "customer": pl.UInt32(),
    "kind": pl.String(),  # sent, delivered, open, click, bounce, unsubscribe
    "campaign_id": pl.String(),
    "campaign_name": pl.String(),
    "subject": pl.String(),
    "click_id": pl.UInt64(),
}

# Who was put where (as logged: where the log is faulty, rows are missing) and who met it.
ASSIGNMENTS: Schema = {
    "at": _AT,
    "experiment_id": pl.String(),
    "customer": pl.UInt32(),
    "client": pl.UInt64(),
    "arm": pl.String(),
}
EXPOSURES: Schema = ASSIGNMENTS

# Search console: how often the shop was shown and clicked without payment.
SEARCH_DAYS: Schema = {
    "date": pl.Date(),
    "query": pl.String(),
    "page": pl.String(),
    "device": pl.String(),
    "clicks": pl.Int64(),
    "impressions": pl.Int64(),
    "position": pl.Float64(),
}

# Region and day: what geo experiments are read from. Revenue as placed, spend of all platforms.
GEO_DAYS: Schema = {
    "date": pl.Date(),
    "region": pl.String(),
    "orders": pl.Int64(),
    "revenue_cents": pl.Int64(),
    "sessions": pl.Int64(),
    "cost_micros": pl.Int64(),
}

# CRM (b2b_long_cycle): a lead is made on the site, becomes a deal, moves through stages. Empty in shops.
CONTACTS: Schema = {
    "at": _AT,
    "contact_id": pl.UInt64(),
    "customer": pl.UInt32(),
    "client": pl.UInt64(),
    "click_id": pl.UInt64(),
    "source": pl.String(),
    "region": pl.String(),
}
# Every entry of a deal into a stage, on the day it happens; the last one is ``closed_won`` or ``closed_lost``.
DEAL_STAGES: Schema = {
    "at": _AT,
    "deal_id": pl.UInt64(),
    "contact_id": pl.UInt64(),
    "customer": pl.UInt32(),
    "stage": pl.String(),  # lead, qualified, proposal, negotiation, closed_won, closed_lost
    "amount_cents": pl.Int64(),
}

# The environment: what a mix model is given as controls.
CONTROLS: Schema = {
    "date": pl.Date(),
    "price_index": pl.Float64(),  # 1.0 is the list price of the first day
    "promotion": pl.Float64(),  # the discount, 0 to 1
    "holiday": pl.String(),
    "in_stock": pl.Float64(),  # share of the assortment
    "tracking": pl.Boolean(),  # false while the site's tracker is broken
}

# --- what is known at the end: World.outcomes() ---

# One row a unit that was exposed: what it did in the test and before it (the covariates).
OUTCOMES: Schema = {
    "experiment_id": pl.String(),
    "customer": pl.UInt32(),
    "arm": pl.String(),
    "orders": pl.Int64(),
    "revenue_cents": pl.Int64(),
    "orders_before": pl.Int64(),  # in the 56 days before the test
    "revenue_before_cents": pl.Int64(),
}

# --- what the days were that were lived: World.takings(), World.spend(), World.controls() ---

# One row a day. Conversions and revenue are counted as truth.json counts them. ``expected_revenue`` is what the day's
# visits bring on average, so that the luck at the till is not in it; in business worlds it is that of the day's leads.
TAKINGS: Schema = {
    "date": pl.Date(),
    "conversions": pl.Int64(),
    "revenue": pl.Float64(),
    "expected_revenue": pl.Float64(),
}
SPEND: Schema = {
    "date": pl.Date(),
    "campaign_id": pl.String(),
    "channel": pl.String(),
    "cost": pl.Float64(),
}

CHANNELS = (  # of campaigns
    "brand_search", "generic_search", "shopping", "performance_max", "video", "display", "paid_social",
    "social_retargeting", "social_video", "email",
)  # fmt: skip
SEGMENTS = ("loyal", "explorer", "bargain_hunter", "occasional")


def empty(schema: Schema) -> pl.DataFrame:
    """A frame of no rows."""
    return _empty(tuple(schema.items())).clone()


@cache
def _empty(columns: tuple[tuple[str, pl.DataType], ...]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(columns))


@dataclass(slots=True)
class Day:
    """Everything that happened on one day, by frame; rows of a frame are in the order of time.

    Claims are those of the day's orders (``ordered_on``); order changes and deal stages those that fell on the day.
    """

    number: int  # from 0
    touchpoints: pl.DataFrame = field(default_factory=lambda: empty(TOUCHPOINTS))
    sessions: pl.DataFrame = field(default_factory=lambda: empty(SESSIONS))
    orders: pl.DataFrame = field(default_factory=lambda: empty(ORDERS))
    order_changes: pl.DataFrame = field(default_factory=lambda: empty(ORDER_CHANGES))
    delivery: pl.DataFrame = field(default_factory=lambda: empty(DELIVERY))
    claims: pl.DataFrame = field(default_factory=lambda: empty(CLAIMS))
    emails: pl.DataFrame = field(default_factory=lambda: empty(EMAILS))
    assignments: pl.DataFrame = field(default_factory=lambda: empty(ASSIGNMENTS))
    exposures: pl.DataFrame = field(default_factory=lambda: empty(EXPOSURES))
    search_days: pl.DataFrame = field(default_factory=lambda: empty(SEARCH_DAYS))
    geo_days: pl.DataFrame = field(default_factory=lambda: empty(GEO_DAYS))
    contacts: pl.DataFrame = field(default_factory=lambda: empty(CONTACTS))
    deal_stages: pl.DataFrame = field(default_factory=lambda: empty(DEAL_STAGES))
    controls: pl.DataFrame = field(default_factory=lambda: empty(CONTROLS))
