"""Sessions and the visits that they are, built anew out of their events whenever events of them come or go.

What is known of a session beyond its events (a stream's source) stays.
"""

from __future__ import annotations

import datetime as dt

import polars as pl
from sqlalchemy import text

from warehouse.channels import channel_of_visit
from warehouse.engine import WriteSession
from warehouse.ingest.store.copying import copy_frame, copy_out

TOUCHED = """
CREATE TEMPORARY TABLE IF NOT EXISTS touched_session (
    account_key int, session_id uuid, first timestamptz, last timestamptz) ON COMMIT DROP
"""


def rebuild(session: WriteSession, load_key: int, first_day: dt.date, last_day: dt.date) -> None:
    """Build the sessions of the load's events and of ``touched_session``, and the visits that they are.

    The days are those between which the load's events lie, in whichever zone.
    """
    session.execute(text(TOUCHED))
    of_load = {"load": load_key, "first": first_day, "last": last_day}
    for statement in (_OF_LOAD, _KNOWN_SPANS, "ANALYZE spanned_session", _BUILD):
        session.execute(text(statement), of_load)
    _name_channels(session)
    days = session.execute(text("SELECT min(began_at)::date AS first, max(began_at)::date AS last FROM built")).one()
    if days.first is not None:
        session.execute(
            text("SELECT core.ensure_event_partitions('touchpoint', :first, :last)"),
            {"first": days.first, "last": days.last},
        )
    for statement in (_QUEUE_BEFORE, _REMOVE_VISITS, _REMOVE_SESSIONS, _WRITE_SESSIONS, _WRITE_VISITS, _SECOND_TOUCHES):
        session.execute(text(statement), {"load": load_key})
    for table in ("touched_session", "spanned_session", "built"):
        session.execute(text(f"DROP TABLE {table}"))


def _name_channels(session: WriteSession) -> None:
    """Enter the channel of every session by where it came from."""
    kinds = {"source": pl.String(), "medium": pl.String(), "campaign": pl.String()}
    origins = copy_out(session, "SELECT DISTINCT source, medium, campaign FROM built", kinds)
    if origins.is_empty():
        return
    named = origins.with_columns(channel=channel_of_visit(origins["source"], origins["medium"], origins["campaign"]))
    session.execute(text(_ORIGINS))
    copy_frame(session, "origin", named, named.columns)
    session.execute(text(_ENTER_CHANNELS))


_OF_LOAD = """
INSERT INTO touched_session (account_key, session_id, first, last)
SELECT account_key, session_id, min(at), max(at) FROM core.web_event
WHERE load_key = :load AND session_id IS NOT NULL
  AND at >= CAST(:first AS date) - interval '1 day' AND at < CAST(:last AS date) + interval '2 days'
GROUP BY account_key, session_id
"""

# Events of a session lie in its span: the known one and that of what came or went.
_KNOWN_SPANS = """
DROP TABLE IF EXISTS spanned_session, built, origin;
CREATE TEMPORARY TABLE spanned_session ON COMMIT DROP AS
SELECT t.account_key, t.session_id, least(min(t.first), min(s.began_at)) AS first,
       greatest(max(t.last), max(s.ended_at)) AS last, a.advertiser_key
FROM touched_session t
JOIN core.account a ON a.account_key = t.account_key
LEFT JOIN core.web_session s ON s.account_key = t.account_key AND s.session_id = t.session_id
GROUP BY t.account_key, t.session_id, a.advertiser_key
"""

# GA4: engaged is ten seconds, two page views or a key event.
_BUILD = """
CREATE TEMPORARY TABLE built ON COMMIT DROP AS
WITH event AS (
    SELECT e.*, t.advertiser_key,
           row_number() OVER (PARTITION BY e.account_key, e.session_id,
                              CASE WHEN e.name = 'purchase' THEN coalesce(e.transaction_id, e.event_id::text) END
                              ORDER BY e.at, e.event_id) AS nth
    FROM core.web_event e
    JOIN spanned_session t ON t.account_key = e.account_key AND t.session_id = e.session_id
    WHERE e.at BETWEEN (SELECT min(first) FROM spanned_session) AND (SELECT max(last) FROM spanned_session)
), summed AS (
    SELECT e.account_key, e.session_id, e.advertiser_key,
           (array_agg(e.identifier_key ORDER BY e.at, e.event_id) FILTER (WHERE e.identifier_key IS NOT NULL))[1]
               AS identifier_key,
           (array_agg(e.customer_key ORDER BY e.at, e.event_id) FILTER (WHERE e.identifier_key IS NOT NULL))[1]
               AS customer_key,
           (array_agg(e.click_key ORDER BY e.at) FILTER (WHERE e.click_key IS NOT NULL))[1] AS click_key,
           min(e.at) AS began_at, max(e.at) AS ended_at,
           (array_agg(ARRAY[e.source, e.medium, e.campaign] ORDER BY e.at)
               FILTER (WHERE coalesce(e.source, e.medium, e.campaign) IS NOT NULL)) AS origins,
           (array_agg(e.page ORDER BY e.at) FILTER (WHERE e.page IS NOT NULL))[1] AS landing_page,
           (array_agg(e.device ORDER BY e.at) FILTER (WHERE e.device IS NOT NULL))[1] AS device,
           (array_agg(e.region ORDER BY e.at) FILTER (WHERE e.region IS NOT NULL))[1] AS region,
           count(*)::int AS events,
           (count(*) FILTER (WHERE e.name IN ('page_view', 'screen_view')))::int AS page_views,
           coalesce(bool_or(e.engaged), false) OR coalesce(sum(e.engagement_ms), 0) >= 10000
               OR bool_or(e.name IN ('purchase', 'sign_up', 'generate_lead')) AS engaged,
           max(CASE WHEN e.name = 'purchase' THEN 4
                    WHEN e.name IN ('begin_checkout', 'add_payment_info', 'add_shipping_info') THEN 3
                    WHEN e.name IN ('add_to_cart', 'view_cart') THEN 2
                    WHEN e.name IN ('view_item', 'view_item_list', 'select_item') THEN 1 ELSE 0 END) AS funnel_step,
           sum(e.value) FILTER (WHERE e.name = 'purchase' AND e.nth = 1
                                AND coalesce(e.currency, a.currency) = a.currency) AS revenue,
           max(e.load_key) AS load_key
    FROM event e JOIN core.account a ON a.account_key = e.account_key
    GROUP BY e.account_key, e.session_id, e.advertiser_key
)
SELECT b.account_key, b.session_id, b.advertiser_key, b.identifier_key, b.customer_key, b.click_key, b.began_at,
       b.ended_at, coalesce(b.origins[1][1], s.source) AS source, coalesce(b.origins[1][2], s.medium) AS medium,
       coalesce(b.origins[1][3], s.campaign) AS campaign, CAST(NULL AS text) AS channel,
       coalesce(b.landing_page, s.landing_page) AS landing_page, coalesce(b.device, s.device) AS device,
       coalesce(b.region, s.region) AS region, b.events, b.page_views,
       b.engaged OR b.page_views >= 2 OR b.ended_at - b.began_at >= interval '10 seconds' AS engaged,
       b.funnel_step, b.revenue, b.load_key
FROM summed b
LEFT JOIN core.web_session s ON s.account_key = b.account_key AND s.session_id = b.session_id
"""

_ORIGINS = """
CREATE TEMPORARY TABLE origin (source text, medium text, campaign text, channel text) ON COMMIT DROP
"""

_ENTER_CHANNELS = """
UPDATE built b SET channel = o.channel FROM origin o
WHERE coalesce(b.source, '') = coalesce(o.source, '') AND coalesce(b.medium, '') = coalesce(o.medium, '')
  AND coalesce(b.campaign, '') = coalesce(o.campaign, '')
"""

# Whose visits go or come: journeys are looked at anew from there.
_QUEUE_BEFORE = """
INSERT INTO core.touched_customer (customer_key, advertiser_key, since)
SELECT c.customer_key, c.advertiser_key, min(c.since) FROM (
    SELECT customer_key, advertiser_key, began_at AS since FROM built
    UNION ALL
    SELECT s.customer_key, t.advertiser_key, s.began_at
    FROM spanned_session t
    JOIN core.web_session s ON s.account_key = t.account_key AND s.session_id = t.session_id
) c WHERE c.customer_key IS NOT NULL GROUP BY c.customer_key, c.advertiser_key
"""

_REMOVE_VISITS = """
DELETE FROM core.touchpoint v
USING spanned_session t JOIN core.web_session s ON s.account_key = t.account_key AND s.session_id = t.session_id
WHERE v.at = s.began_at AND v.touch_id = s.session_id
"""

_REMOVE_SESSIONS = """
DELETE FROM core.web_session s USING spanned_session t
WHERE s.account_key = t.account_key AND s.session_id = t.session_id
"""

_WRITE_SESSIONS = """
INSERT INTO core.web_session (account_key, session_id, identifier_key, customer_key, began_at, ended_at, source, medium,
    campaign, channel, landing_page, device, region, events, page_views, engaged, funnel_step, revenue, load_key)
SELECT account_key, session_id, identifier_key, customer_key, began_at, ended_at, source, medium, campaign, channel,
       landing_page, device, region, events, page_views, engaged, funnel_step, revenue, load_key
FROM built
"""

# A campaign that its tag names, by id or by name, is the visit's, with the channel that the taxonomy gives it.
_WRITE_VISITS = """
WITH tagged AS (
    SELECT b.advertiser_key, b.campaign, min(c.campaign_key) AS campaign_key
    FROM (SELECT DISTINCT advertiser_key, campaign FROM built WHERE campaign IS NOT NULL) b
    JOIN core.account a ON a.advertiser_key = b.advertiser_key
    JOIN core.campaign c ON c.account_key = a.account_key AND (c.campaign_id = b.campaign OR c.name = b.campaign)
    GROUP BY b.advertiser_key, b.campaign HAVING count(*) = 1
), known AS (
    SELECT t.advertiser_key, t.campaign, t.campaign_key, coalesce(r.channel, d.channel) AS channel
    FROM tagged t
    JOIN core.campaign c ON c.campaign_key = t.campaign_key
    JOIN core.account a ON a.account_key = c.account_key
    LEFT JOIN core.channel_rule r ON r.platform = a.platform AND r.type_key = c.type_key
    LEFT JOIN core.channel_rule d ON d.platform = a.platform AND d.type_key = ''
)
INSERT INTO core.touchpoint (at, touch_id, account_key, identifier_key, customer_key, kind, channel, campaign_key,
                             click_key, device, region, load_key)
SELECT b.began_at, b.session_id, b.account_key, b.identifier_key, b.customer_key, 'visit',
       coalesce(nullif(k.channel, 'other'), b.channel), k.campaign_key, b.click_key, b.device, b.region, :load
FROM built b
LEFT JOIN known k ON k.advertiser_key = b.advertiser_key AND k.campaign = b.campaign
ON CONFLICT (at, touch_id) DO NOTHING
"""

_SECOND_TOUCHES = """
DELETE FROM core.touchpoint v USING core.touchpoint c
WHERE v.load_key = :load AND v.kind = 'visit' AND v.click_key IS NOT NULL
  AND c.click_key = v.click_key AND c.kind = 'click'
"""
