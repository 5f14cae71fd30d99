"""The shop's days out of its orders: what the claim ratio compares platforms with."""

from __future__ import annotations

from sqlalchemy import text

from warehouse.engine import WriteSession


def rebuild_order_days(session: WriteSession, load_key: int, touched: str) -> None:
    """Add up the days that ``touched`` (a query of ``account_key`` and ``at``) falls on, in each account's zone.

    Test orders and cancelled ones are none. A day whose orders are all gone stays, with zero orders.
    """
    session.execute(text(_REBUILD.format(touched=touched)), {"load": load_key})


def remove_order_days(session: WriteSession, account_key: int) -> None:
    """Remove the days on which the account's orders lie in its present zone, before it gets another one."""
    session.execute(text(_REMOVE), {"account": account_key})


def add_order_days(session: WriteSession, account_key: int) -> None:
    """Add up all days of the account's orders."""
    newest = "SELECT max(load_key) FROM core.shop_order WHERE account_key = :account"
    load_key = session.execute(text(newest), {"account": account_key}).scalar_one()
    if load_key is not None:
        rebuild_order_days(
            session, load_key, f"SELECT account_key, at FROM core.shop_order WHERE account_key = {account_key:d}"
        )


_REMOVE = """
DELETE FROM core.order_day d USING core.account a
WHERE d.account_key = :account AND a.account_key = d.account_key AND EXISTS (
    SELECT FROM core.shop_order o WHERE o.account_key = d.account_key
      AND o.at >= d.date::timestamp AT TIME ZONE a.time_zone
      AND o.at < (d.date + 1)::timestamp AT TIME ZONE a.time_zone)
"""

# Orders between the first and the last touched day are read once and grouped; asking day by day costs more.
_REBUILD = """
WITH touched AS MATERIALIZED (
    SELECT DISTINCT x.account_key, (x.at AT TIME ZONE a.time_zone)::date AS date, a.time_zone
    FROM ({touched}) x JOIN core.account a ON a.account_key = x.account_key
    WHERE x.at IS NOT NULL
),
sums AS (
    SELECT o.account_key, (o.at AT TIME ZONE s.time_zone)::date AS date, count(*) AS orders, sum(o.revenue) AS revenue
    FROM (SELECT account_key, time_zone, min(date) AS first, max(date) AS last FROM touched GROUP BY 1, 2) s
    JOIN core.shop_order o ON o.account_key = s.account_key
        AND o.at >= s.first::timestamp AT TIME ZONE s.time_zone
        AND o.at < (s.last + 1)::timestamp AT TIME ZONE s.time_zone
    WHERE NOT o.is_test AND o.cancelled_at IS NULL
    GROUP BY 1, 2
)
INSERT INTO core.order_day AS d (account_key, date, orders, revenue, load_key)
SELECT t.account_key, t.date, coalesce(n.orders, 0), coalesce(n.revenue, 0), :load
FROM touched t LEFT JOIN sums n ON n.account_key = t.account_key AND n.date = t.date
ON CONFLICT (account_key, date) DO UPDATE SET orders = excluded.orders, revenue = excluded.revenue,
    load_key = excluded.load_key
WHERE (d.orders, d.revenue) IS DISTINCT FROM (excluded.orders, excluded.revenue)
"""
