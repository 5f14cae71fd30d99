"""What follows from settled events: web events, their sessions, visits, conversions, and the sums of the days.

Every event is settled once, so what is added up is added to: a session grows, and a day by what its sessions grew.
"""

from __future__ import annotations

from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.store.conversions import STAGE as CONVERSION_STAGE
from warehouse.ingest.store.conversions import merge_conversions
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.purchases import REFUNDED, settle_purchases

COLUMNS: Final = (
    "event_id", "account_key", "advertiser_key", "identifier_key", "customer_key", "click_key", "at", "name",
    "session_id", "page", "source", "medium", "campaign", "channel", "device", "region", "value", "currency",
    "transaction_id", "engaged", "engagement_ms", "load_key",
)  # fmt: skip


def write(session: WriteSession, events: pl.DataFrame) -> None:
    """Write settled events with :data:`COLUMNS`, and everything that follows. What is known already changes nothing."""
    days = {"first": events["at"].min(), "last": events["at"].max()}
    session.execute(text(_STAGE))
    said = events.with_columns(
        engaged=pl.when(pl.col("engaged").is_in(["1", "true"])).then(statement=True),
        engagement_ms=pl.col("engagement_ms").cast(pl.Int64, strict=False),
    )
    copy_frame(session, "settled_event", said, COLUMNS)
    for parent in ("web_event", "touchpoint"):
        session.execute(text(_PARTITIONS), days | {"parent": parent})
    session.execute(text(_EVENTS))
    session.execute(text(_PARTS))
    session.execute(text(_SESSIONS))
    session.execute(text(_SESSION_DAYS))
    for statement in (_CHANGED_VISITS, _REMOVE_VISITS, _VISITS):
        session.execute(text(statement))
    _write_purchases(session)


def _write_purchases(session: WriteSession) -> None:
    loads = session.execute(text(_LOADS_WITH_PURCHASES)).scalars().all()
    for load_key in loads:
        for statement in (_PURCHASES, REFUNDED.format(touched=_TRANSACTIONS)):
            session.execute(text(CONVERSION_STAGE))
            session.execute(text(statement), {"load": load_key})
            merge_conversions(session, load_key)
        beside_a_shop = session.execute(text(_BESIDE_A_SHOP), {"load": load_key}).scalars().all()
        settle_purchases(session, beside_a_shop, load_key)
    if loads:
        session.execute(text(_ORDER_DAYS))


# GA4's names, in the order of a funnel.
_FUNNEL: Final = """CASE
    WHEN e.name = 'purchase' THEN 4
    WHEN e.name IN ('begin_checkout', 'add_payment_info', 'add_shipping_info') THEN 3
    WHEN e.name IN ('add_to_cart', 'view_cart') THEN 2
    WHEN e.name IN ('view_item', 'view_item_list', 'select_item') THEN 1
    ELSE 0 END"""
_KEY_EVENTS: Final = "('purchase', 'sign_up', 'generate_lead')"
_OWN_MONEY: Final = "coalesce(e.currency, a.currency) = a.currency"
_SOURCE_ID: Final = "coalesce(e.transaction_id, e.event_id::text)"

_STAGE: Final = """
DROP TABLE IF EXISTS settled_event, fresh_event, session_part, session_before, changed_visit;
CREATE TEMPORARY TABLE settled_event (
    event_id uuid, account_key int, advertiser_key int, identifier_key bigint, customer_key bigint, click_key bigint,
    at timestamptz, name text, session_id uuid, page text, source text, medium text, campaign text, channel text,
    device text, region text, value numeric(18, 6), currency text, transaction_id text, engaged boolean,
    engagement_ms bigint, load_key int
) ON COMMIT DROP;
CREATE TEMPORARY TABLE fresh_event (LIKE settled_event) ON COMMIT DROP
"""

_PARTITIONS: Final = """
SELECT core.ensure_event_partitions(:parent, CAST(:first AS date), CAST(:last AS date))
"""

# A day's own export replaces what was streamed for the day, as it replaces an intraday table.
_EVENTS: Final = """
WITH written AS (
    INSERT INTO core.web_event (at, event_id, account_key, identifier_key, customer_key, name, session_id, day,
        is_intraday, page, source, medium, campaign, click_key, engaged, engagement_ms, device, region, value, currency,
        transaction_id, load_key)
    SELECT s.at, s.event_id, s.account_key, s.identifier_key, s.customer_key, s.name, s.session_id,
           (s.at AT TIME ZONE a.time_zone)::date, true, s.page, s.source, s.medium, s.campaign, s.click_key, s.engaged,
           s.engagement_ms, s.device, s.region, s.value, s.currency, s.transaction_id, s.load_key
    FROM settled_event s JOIN core.account a ON a.account_key = s.account_key ORDER BY s.at, s.event_id
    ON CONFLICT (at, event_id) DO NOTHING RETURNING at, event_id)
INSERT INTO fresh_event SELECT s.* FROM settled_event s JOIN written w ON w.at = s.at AND w.event_id = s.event_id
"""

# What the new events say of each session, and what was known of it.
_PARTS: Final = f"""
CREATE TEMPORARY TABLE session_part ON COMMIT DROP AS
SELECT p.*, c.source, c.medium, c.campaign, coalesce(c.channel, 'direct') AS channel
FROM (
    SELECT e.account_key, e.session_id, min(e.advertiser_key) AS advertiser_key,
           (array_agg(e.identifier_key ORDER BY e.at))[1] AS identifier_key,
           (array_agg(e.customer_key ORDER BY e.at))[1] AS customer_key,
           (array_agg(e.click_key ORDER BY e.at) FILTER (WHERE e.click_key IS NOT NULL))[1] AS click_key,
           min(e.at) AS began_at, max(e.at) AS ended_at, count(*)::int AS events,
           (count(*) FILTER (WHERE e.name IN ('page_view', 'screen_view')))::int AS page_views,
           coalesce(bool_or(e.engaged), false) OR coalesce(sum(e.engagement_ms), 0) >= 10000
               OR bool_or(e.name IN {_KEY_EVENTS}) AS engaged,
           max({_FUNNEL}) AS funnel_step,
           sum(e.value) FILTER (WHERE e.is_first_purchase AND {_OWN_MONEY}) AS revenue,
           count(*) FILTER (WHERE e.name IN {_KEY_EVENTS}) AS key_events,
           (array_agg(e.page ORDER BY e.at) FILTER (WHERE e.page IS NOT NULL))[1] AS landing_page,
           (array_agg(e.device ORDER BY e.at) FILTER (WHERE e.device IS NOT NULL))[1] AS device,
           (array_agg(e.region ORDER BY e.at) FILTER (WHERE e.region IS NOT NULL))[1] AS region,
           max(e.load_key) AS load_key
    FROM (
        SELECT e.*, e.name = 'purchase' AND row_number() OVER (
                   PARTITION BY e.account_key, e.name, {_SOURCE_ID} ORDER BY e.at, e.event_id) = 1
               AND NOT EXISTS (
                   SELECT FROM core.conversion c WHERE c.account_key = e.account_key AND c.kind = 'order'
                     AND c.source_id = {_SOURCE_ID}) AS is_first_purchase
        FROM fresh_event e WHERE e.session_id IS NOT NULL
    ) e
    JOIN core.account a ON a.account_key = e.account_key
    GROUP BY e.account_key, e.session_id
) p
LEFT JOIN LATERAL (
    SELECT e.source, e.medium, e.campaign, e.channel FROM fresh_event e
    WHERE e.account_key = p.account_key AND e.session_id = p.session_id
      AND coalesce(e.source, e.medium, e.campaign) IS NOT NULL
    ORDER BY e.at LIMIT 1
) c ON true;
CREATE TEMPORARY TABLE session_before ON COMMIT DROP AS
SELECT s.account_key, s.session_id, s.customer_key, s.began_at, s.channel, s.campaign, s.engaged, s.revenue
FROM core.web_session s JOIN session_part p ON p.account_key = s.account_key AND p.session_id = s.session_id
"""

_ENGAGED: Final = "{engaged} OR {ended} - {began} >= interval '10 seconds' OR {views} >= 2"
# A session is from where its first event with an origin came.
_FROM_NOW: Final = "s.source IS NULL AND s.medium IS NULL AND s.campaign IS NULL"

_SESSIONS: Final = f"""
INSERT INTO core.web_session AS s (account_key, session_id, identifier_key, customer_key, began_at, ended_at, source,
    medium, campaign, channel, landing_page, device, region, events, page_views, engaged, funnel_step, revenue,
    load_key)
SELECT account_key, session_id, identifier_key, customer_key, began_at, ended_at, source, medium, campaign, channel,
       landing_page, device, region, events, page_views,
       {_ENGAGED.format(engaged="engaged", ended="ended_at", began="began_at", views="page_views")},
       funnel_step, revenue, load_key
FROM session_part
ON CONFLICT (account_key, session_id) DO UPDATE SET
    identifier_key = coalesce(s.identifier_key, excluded.identifier_key),
    customer_key = coalesce(s.customer_key, excluded.customer_key),
    began_at = least(s.began_at, excluded.began_at), ended_at = greatest(s.ended_at, excluded.ended_at),
    source = CASE WHEN {_FROM_NOW} THEN excluded.source ELSE s.source END,
    medium = CASE WHEN {_FROM_NOW} THEN excluded.medium ELSE s.medium END,
    campaign = CASE WHEN {_FROM_NOW} THEN excluded.campaign ELSE s.campaign END,
    channel = CASE WHEN {_FROM_NOW} THEN excluded.channel ELSE s.channel END,
    landing_page = CASE WHEN excluded.began_at < s.began_at THEN coalesce(excluded.landing_page, s.landing_page)
                        ELSE coalesce(s.landing_page, excluded.landing_page) END,
    device = coalesce(s.device, excluded.device), region = coalesce(s.region, excluded.region),
    events = s.events + excluded.events, page_views = s.page_views + excluded.page_views,
    engaged = {
    _ENGAGED.format(
        engaged="s.engaged OR excluded.engaged",
        ended="greatest(s.ended_at, excluded.ended_at)",
        began="least(s.began_at, excluded.began_at)",
        views="s.page_views + excluded.page_views",
    )
},
    funnel_step = greatest(s.funnel_step, excluded.funnel_step),
    revenue = CASE WHEN s.revenue IS NULL THEN excluded.revenue ELSE s.revenue + coalesce(excluded.revenue, 0) END,
    load_key = excluded.load_key
"""

# A day changes by what its sessions are now, less what they were. A day that a file brought is the file's.
_SESSION_DAYS: Final = """
WITH change AS (
    SELECT s.account_key, s.began_at, s.channel, 1 AS sessions, s.engaged::int AS engaged, p.key_events,
           coalesce(s.revenue, 0) AS revenue, p.load_key
    FROM session_part p JOIN core.web_session s ON s.account_key = p.account_key AND s.session_id = p.session_id
    UNION ALL
    SELECT b.account_key, b.began_at, b.channel, -1, -b.engaged::int, 0, -coalesce(b.revenue, 0), p.load_key
    FROM session_before b JOIN session_part p ON p.account_key = b.account_key AND p.session_id = b.session_id
)
INSERT INTO core.web_session_day AS d (account_key, date, channel_group, sessions, engaged_sessions, key_events,
                                       revenue, load_key)
SELECT c.account_key, (c.began_at AT TIME ZONE a.time_zone)::date, coalesce(h.name, c.channel), sum(c.sessions),
       sum(c.engaged), sum(c.key_events), sum(c.revenue), max(c.load_key)
FROM change c
JOIN core.account a ON a.account_key = c.account_key
LEFT JOIN core.channel h ON h.channel = c.channel
GROUP BY 1, 2, 3
HAVING sum(c.sessions) <> 0 OR sum(c.engaged) <> 0 OR sum(c.key_events) <> 0 OR sum(c.revenue) <> 0
ON CONFLICT (account_key, date, channel_group) DO UPDATE SET sessions = d.sessions + excluded.sessions,
    engaged_sessions = d.engaged_sessions + excluded.engaged_sessions,
    key_events = d.key_events + excluded.key_events, revenue = d.revenue + excluded.revenue,
    load_key = excluded.load_key
WHERE EXISTS (SELECT FROM landing.load l WHERE l.load_key = d.load_key AND l.path LIKE 'stream/%')
"""

# Sessions whose visit is new, or is not where or what it was.
_CHANGED_VISITS: Final = """
CREATE TEMPORARY TABLE changed_visit ON COMMIT DROP AS
SELECT s.account_key, s.session_id, p.advertiser_key, p.click_key, b.began_at AS was_at, b.customer_key AS was_of,
       s.began_at, s.customer_key, s.identifier_key, s.channel, s.campaign, s.device, s.region, s.load_key
FROM session_part p
JOIN core.web_session s ON s.account_key = p.account_key AND s.session_id = p.session_id
LEFT JOIN session_before b ON b.account_key = p.account_key AND b.session_id = p.session_id
WHERE b.session_id IS NULL OR (b.began_at, b.channel, b.campaign) IS DISTINCT FROM (s.began_at, s.channel, s.campaign)
"""

_REMOVE_VISITS: Final = """
DELETE FROM core.touchpoint t USING changed_visit v WHERE t.at = v.was_at AND t.touch_id = v.session_id
"""

# As loaded sessions have it: a campaign that its tag names gives the channel, and a known click is the touch itself.
_VISITS: Final = """
WITH tagged AS (
    SELECT v.advertiser_key, v.campaign, min(c.campaign_key) AS campaign_key
    FROM (SELECT DISTINCT advertiser_key, campaign FROM changed_visit WHERE campaign IS NOT NULL) v
    JOIN core.account a ON a.advertiser_key = v.advertiser_key
    JOIN core.campaign c ON c.account_key = a.account_key AND (c.campaign_id = v.campaign OR c.name = v.campaign)
    GROUP BY v.advertiser_key, v.campaign HAVING count(*) = 1
),
known AS (
    SELECT t.advertiser_key, t.campaign, t.campaign_key, coalesce(r.channel, d.channel) AS channel
    FROM tagged t
    JOIN core.campaign c ON c.campaign_key = t.campaign_key
    JOIN core.account a ON a.account_key = c.account_key
    LEFT JOIN core.channel_rule r ON r.platform = a.platform AND r.type_key = c.type_key
    LEFT JOIN core.channel_rule d ON d.platform = a.platform AND d.type_key = ''
),
written AS (
    INSERT INTO core.touchpoint (at, touch_id, account_key, identifier_key, customer_key, kind, channel, campaign_key,
                                 click_key, device, region, load_key)
    SELECT v.began_at, v.session_id, v.account_key, v.identifier_key, v.customer_key, 'visit',
           coalesce(nullif(k.channel, 'other'), v.channel), k.campaign_key, v.click_key, v.device, v.region, v.load_key
    FROM changed_visit v LEFT JOIN known k ON k.advertiser_key = v.advertiser_key AND k.campaign = v.campaign
    WHERE NOT EXISTS (SELECT FROM core.touchpoint t WHERE t.click_key = v.click_key AND t.kind = 'click')
    ON CONFLICT (at, touch_id) DO NOTHING)
INSERT INTO core.touched_customer (customer_key, advertiser_key, since)
SELECT w.customer_key, v.advertiser_key, min(least(v.began_at, v.was_at))
FROM changed_visit v CROSS JOIN LATERAL (VALUES (v.customer_key), (v.was_of)) AS w (customer_key)
WHERE w.customer_key IS NOT NULL GROUP BY 1, 2
"""

_LOADS_WITH_PURCHASES: Final = """
SELECT DISTINCT e.load_key FROM fresh_event e WHERE e.name IN ('purchase', 'refund') ORDER BY 1
"""

_TRANSACTIONS: Final = """
SELECT DISTINCT e.account_key, e.transaction_id FROM fresh_event e
WHERE e.name IN ('purchase', 'refund') AND e.load_key = :load AND e.transaction_id IS NOT NULL"""

_PURCHASES: Final = f"""
INSERT INTO incoming_conversion (account_key, kind, source_id, at, identifier_key, customer_key, value, margin,
                                 currency, is_new_customer, counts)
SELECT DISTINCT ON (e.account_key, {_SOURCE_ID})
       e.account_key, 'order', {_SOURCE_ID}, least(e.at, c.at), e.identifier_key, e.customer_key,
       coalesce(e.value, c.value), NULL::numeric, coalesce(e.currency, a.currency), c.is_new_customer,
       coalesce(c.counts, true)
FROM fresh_event e
JOIN core.account a ON a.account_key = e.account_key
LEFT JOIN core.conversion c ON c.account_key = e.account_key AND c.kind = 'order' AND c.source_id = {_SOURCE_ID}
WHERE e.name = 'purchase' AND e.load_key = :load
ORDER BY e.account_key, {_SOURCE_ID}, e.at, e.event_id
"""

_BESIDE_A_SHOP: Final = """
SELECT DISTINCT e.account_key FROM fresh_event e
WHERE e.name = 'purchase' AND e.load_key = :load AND EXISTS (
    SELECT FROM core.account b JOIN core.shop_order o ON o.account_key = b.account_key
    WHERE b.advertiser_key = e.advertiser_key)
"""

# The days on which something was bought that came or was refunded, added up anew: unless a shop of the advertiser says
# what was taken.
_ORDER_DAYS: Final = """
INSERT INTO core.order_day AS d (account_key, date, orders, revenue, load_key)
SELECT t.account_key, t.date, count(*), CASE WHEN bool_and(c.currency = t.currency) THEN sum(coalesce(c.value, 0)) END,
       t.load_key
FROM (
    SELECT e.account_key, (x.at AT TIME ZONE a.time_zone)::date AS date, a.time_zone, a.currency, a.advertiser_key,
           max(e.load_key) AS load_key
    FROM fresh_event e JOIN core.account a ON a.account_key = e.account_key
    LEFT JOIN core.conversion v ON v.account_key = e.account_key AND v.kind = 'order' AND v.source_id = e.transaction_id
        AND e.name = 'refund'
    CROSS JOIN LATERAL (SELECT CASE WHEN e.name = 'purchase' THEN e.at ELSE v.at END AS at) x
    WHERE e.name IN ('purchase', 'refund') AND x.at IS NOT NULL
    GROUP BY e.account_key, 2, a.time_zone, a.currency, a.advertiser_key
) t
JOIN core.conversion c ON c.account_key = t.account_key AND c.kind = 'order' AND c.counts
    AND c.at >= t.date::timestamp AT TIME ZONE t.time_zone AND c.at < (t.date + 1)::timestamp AT TIME ZONE t.time_zone
WHERE NOT EXISTS (
    SELECT FROM core.order_day o JOIN core.account b ON b.account_key = o.account_key
    JOIN landing.load l ON l.load_key = o.load_key
    WHERE b.advertiser_key = t.advertiser_key AND l.path NOT LIKE 'stream/%')
GROUP BY t.account_key, t.date, t.load_key
ON CONFLICT (account_key, date) DO UPDATE SET orders = excluded.orders, revenue = excluded.revenue,
    load_key = excluded.load_key
"""
