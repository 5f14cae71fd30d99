"""Purchases that were seen on the web, and refunds, as conversions. Where a shop speaks, the web is silent.

A purchase event counts as an order unless the advertiser's shop has an order with its transaction id (by id, or by the
name that the shop gives it), or reports the time in which it lies: from the shop's first order to its last one. So a
property alone gives orders, a shop and its property give each order once, and a shop that was loaded for a year leaves
the years before it to the property, whichever of the two was loaded first.

A refund event takes its value off its transaction, and all of it when it states no value, whichever of them came first.
The purchase stays an order that counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.store.conversions import STAGE, merge_conversions


def write_purchases(session: WriteSession, load_key: int, first_day: dt.date, last_day: dt.date) -> None:
    """Conversions out of the load's purchase events, one for each transaction, at its first event.

    The days are those between which the load's events lie, in whichever zone.
    """
    session.execute(text(STAGE))
    of_load = {"load": load_key, "first": first_day, "last": last_day}
    session.execute(text(_OF_LOAD), of_load)
    merge_conversions(session, load_key)
    session.execute(text(STAGE))
    session.execute(text(REFUNDED.format(touched=_TRANSACTIONS_OF_LOAD)), of_load)
    merge_conversions(session, load_key)


def settle_purchases(session: WriteSession, accounts: Collection[int], load_key: int) -> None:
    """Decide anew which purchases of these accounts' advertisers count. Whoever writes orders or purchases calls it."""
    if accounts:
        session.execute(text(STAGE))
        session.execute(text(_SETTLE), {"accounts": list(accounts)})
        merge_conversions(session, load_key)


_OF_LOAD = """
INSERT INTO incoming_conversion (account_key, kind, source_id, at, identifier_key, customer_key, value, margin,
                                 currency, is_new_customer, counts)
SELECT DISTINCT ON (e.account_key, coalesce(e.transaction_id, e.event_id::text))
       e.account_key, 'order', coalesce(e.transaction_id, e.event_id::text), least(e.at, c.at), e.identifier_key,
       e.customer_key, coalesce(e.value, c.value), NULL::numeric, coalesce(e.currency, a.currency), c.is_new_customer,
       coalesce(c.counts, true)
FROM core.web_event e
JOIN core.account a ON a.account_key = e.account_key
LEFT JOIN core.conversion c ON c.account_key = e.account_key AND c.kind = 'order'
    AND c.source_id = coalesce(e.transaction_id, e.event_id::text)
WHERE e.load_key = :load AND e.name = 'purchase'
  AND e.at >= CAST(:first AS date) - interval '1 day' AND e.at < CAST(:last AS date) + interval '2 days'
ORDER BY e.account_key, coalesce(e.transaction_id, e.event_id::text), e.at, e.event_id
"""

_TRANSACTIONS_OF_LOAD = """
SELECT DISTINCT e.account_key, e.transaction_id FROM core.web_event e
WHERE e.load_key = :load AND e.name IN ('purchase', 'refund') AND e.transaction_id IS NOT NULL
  AND e.at >= CAST(:first AS date) - interval '1 day' AND e.at < CAST(:last AS date) + interval '2 days'"""

# Into ``incoming_conversion``: of the transactions of ``touched`` (a query of account and transaction) those that were
# refunded, with what is left of them.
REFUNDED = """
INSERT INTO incoming_conversion (account_key, kind, source_id, at, identifier_key, customer_key, value, margin,
                                 currency, is_new_customer, counts)
SELECT c.account_key, c.kind, c.source_id, c.at, c.identifier_key, c.customer_key,
       CASE WHEN r.whole THEN 0 ELSE greatest(p.value - r.value, 0) END, c.margin, c.currency, c.is_new_customer,
       c.counts
FROM ({touched}) t
JOIN core.conversion c ON c.account_key = t.account_key AND c.kind = 'order' AND c.source_id = t.transaction_id
CROSS JOIN LATERAL (
    SELECT e.value FROM core.web_event e
    WHERE e.transaction_id = t.transaction_id AND e.account_key = t.account_key AND e.name = 'purchase'
      AND e.value IS NOT NULL ORDER BY e.at, e.event_id LIMIT 1) p
CROSS JOIN LATERAL (
    SELECT sum(abs(e.value)) AS value, bool_or(e.value IS NULL) AS whole FROM core.web_event e
    WHERE e.transaction_id = t.transaction_id AND e.account_key = t.account_key AND e.name = 'refund'
      AND coalesce(e.currency, c.currency) = c.currency HAVING count(*) > 0) r
"""

_SETTLE = """
INSERT INTO incoming_conversion (account_key, kind, source_id, at, identifier_key, customer_key, value, margin,
                                 currency, is_new_customer, counts)
SELECT c.account_key, c.kind, c.source_id, c.at, c.identifier_key, c.customer_key, c.value, c.margin, c.currency,
       c.is_new_customer, n.counts
FROM core.conversion c
JOIN core.account a ON a.account_key = c.account_key
LEFT JOIN (
    SELECT b.advertiser_key, min(o.at) AS first, max(o.at) AS last
    FROM core.shop_order o JOIN core.account b ON b.account_key = o.account_key GROUP BY b.advertiser_key
) s ON s.advertiser_key = a.advertiser_key
CROSS JOIN LATERAL (SELECT s.first IS NULL OR NOT (c.at BETWEEN s.first AND s.last OR EXISTS (
    SELECT FROM core.account b JOIN core.shop_order o ON o.account_key = b.account_key
    WHERE b.advertiser_key = a.advertiser_key
      AND (o.order_id = c.source_id OR o.name IN (c.source_id, '#' || c.source_id)))) AS counts) n
WHERE a.advertiser_key IN (SELECT advertiser_key FROM core.account WHERE account_key = ANY (CAST(:accounts AS int[])))
  AND c.kind = 'order' AND c.counts <> n.counts
  AND NOT EXISTS (SELECT FROM core.shop_order o WHERE o.account_key = c.account_key AND o.order_id = c.source_id)
  AND EXISTS (SELECT FROM core.web_event e WHERE e.account_key = c.account_key LIMIT 1)
"""
