"""Orders into ``core.shop_order``, and what follows from them: conversions, and the shop's days.

A file may give an order several lines, of which only the first has the order's values. A newer version of an order
(by when the shop changed it, else by when it was loaded) replaces an older one; what the newer one does not say is
kept. An order keeps its id where one export has only its name (#1001) and another both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.ingest.contract import LINE, RejectedRow
from warehouse.ingest.ids import refuse_rounded
from warehouse.ingest.store import order_amounts
from warehouse.ingest.store.conversions import STAGE as CONVERSION_STAGE
from warehouse.ingest.store.conversions import merge_conversions
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.order_days import rebuild_order_days
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.purchases import settle_purchases
from warehouse.ingest.store.rollups import renew_statistics
from warehouse.ingest.store.whose import Whose
from warehouse.ingest.store.writer import Ground

_GLOBAL_ID: Final = r"^gid://\w+/\w+/"  # GraphQL's wrapping of an id
_CANCELLED: Final = r"(?i)^(?:wc-)?(?:cancel|void|failed|trash|storniert)"
_COPIED: Final = (
    "line", "account_key", "order_id", "order_name", "at", "updated_at", "identifier_key", "customer_key", "click_key",
    "net_revenue", "subtotal", "current_subtotal", "total", "discounts", "tax", "current_tax", "shipping", "refunded",
    "refunded_goods", "refunded_lines", "refunded_beyond", "taxes_included", "cost", "margin", "items", "status",
    "is_test", "is_cancelled", "cancelled_at", "is_new_customer", "utm_source", "utm_medium", "utm_campaign",
)  # fmt: skip


@dataclass(slots=True)
class OrderWriter:
    """Writes one parsed table of ``ORDER``."""

    at: Ground
    whose: Whose
    stored: Stored = field(default_factory=Stored)
    _staged: bool = False

    def add(self, frame: pl.DataFrame) -> None:
        """Stage a frame. Raises :class:`LoadRefused` for ids that a spreadsheet rounded."""
        if frame.is_empty():
            return
        refuse_rounded(frame["order_id"], "order_id")
        frame = frame.with_columns(
            pl.col("order_id", "user_id").str.replace(_GLOBAL_ID, ""), account_key=self.at.accounts.keys(frame)
        )
        self.stored.note_accounts(frame)
        frame = _judged(self.whose.identified(frame, self.stored)).rename({LINE: "line"})
        if not self._staged:
            self.at.session.execute(text(_STAGE))
            self._staged = True
        copy_frame(self.at.session, "incoming_order", frame, _COPIED)

    def finish(self) -> Stored:
        """Merge the newest versions, and count."""
        session, stored = self.at.session, self.stored
        if not self._staged:
            return stored
        session.execute(text(_VERSIONS))
        self._reject_incomplete()
        session.execute(text(_CHANGES))
        counts = session.execute(text(_COUNTS)).one()
        stored.accepted, stored.restated = counts.fresh + counts.restated, counts.restated
        stored.skip("further line of an order", counts.lines)
        stored.skip("older version", counts.older)
        stored.skip("already known", counts.same)
        stored.first_day, stored.last_day = counts.first_day, counts.last_day
        session.execute(text(_WRITE), {"load": self.at.load_key})
        renew_statistics(session, stored.accepted, "core.shop_order")
        session.execute(text(CONVERSION_STAGE))
        session.execute(text(_CONVERSIONS))
        merge_conversions(session, self.at.load_key)
        settle_purchases(session, stored.accounts, self.at.load_key)
        rebuild_order_days(session, self.at.load_key, _TOUCHED_DAYS)
        self.whose.settle()
        return stored

    def _reject_incomplete(self) -> None:
        """Reject the rows that belong to no order, and orders without a time."""
        for row in self.at.session.execute(text(_INCOMPLETE)):
            without, column = ("time", "at") if row.has_amount else ("amount", "total")
            self.stored.rejected.append(
                RejectedRow(
                    line=row.line,
                    column=column,
                    code="missing_value",
                    reason=f"The row has no {without} and is no further line of an order above it.",
                    raw=row.order_name or row.order_id,
                )
            )


def _judged(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with what its JSON and its words mean. Null where the shop says nothing."""
    kind = pl.col("customer_type").str.to_lowercase()
    says = pl.any_horizontal(pl.col("status", "is_cancelled", "cancelled_at").is_not_null())
    cancelled = pl.any_horizontal(
        pl.col("is_cancelled").fill_null(value=False),
        pl.col("cancelled_at").is_not_null(),
        pl.col("status").str.contains(_CANCELLED).fill_null(value=False),
    )
    bogus = pl.col("payment").str.to_lowercase().str.contains("bogus", literal=True)  # Shopify's gateway for tests
    return frame.with_columns(
        items=pl.coalesce("items", order_amounts.items(frame["lines"])),
        is_cancelled=pl.when(says).then(cancelled),
        is_test=pl.when(bogus).then(statement=True).otherwise("is_test"),
        is_new_customer=pl.coalesce(
            "is_new_customer",
            pl.when(kind.str.contains("new|first")).then(statement=True).when(kind.is_not_null()).then(statement=False),
        ),
    ).hstack(order_amounts.returned(frame["refunds"]))


_STAGE = """
DROP TABLE IF EXISTS incoming_order;
CREATE TEMPORARY TABLE incoming_order (
    line int, account_key int, order_id text, order_name text, at timestamptz, updated_at timestamptz,
    identifier_key bigint, customer_key bigint, click_key bigint, net_revenue numeric(18, 6), subtotal numeric(18, 6),
    current_subtotal numeric(18, 6), total numeric(18, 6), discounts numeric(18, 6), tax numeric(18, 6),
    current_tax numeric(18, 6), shipping numeric(18, 6), refunded numeric(18, 6), refunded_goods numeric(18, 6),
    refunded_lines numeric(18, 6), refunded_beyond numeric(18, 6), taxes_included boolean, cost numeric(18, 6),
    margin numeric(18, 6), items int, status text, is_test boolean, is_cancelled boolean, cancelled_at timestamptz,
    is_new_customer boolean, utm_source text, utm_medium text, utm_campaign text
) ON COMMIT DROP
"""

_REFERENCE = "coalesce(order_name, order_id)"
_HAS_AMOUNT = "num_nonnulls(net_revenue, current_subtotal, subtotal, total) > 0"

# Every line with the line on which its order begins: the last one with an amount and a time that names the same order.
_VERSIONS = """
ANALYZE incoming_order;
DROP TABLE IF EXISTS order_line;
CREATE TEMPORARY TABLE order_line ON COMMIT DROP AS
SELECT l.*, max(line) FILTER (WHERE has_amount AND at IS NOT NULL)
            OVER (PARTITION BY account_key, coalesce(order_name, order_id) ORDER BY line) AS head
FROM (SELECT line, account_key, order_id, order_name, at, items,
             num_nonnulls(net_revenue, current_subtotal, subtotal, total) > 0 AS has_amount FROM incoming_order) l;
ANALYZE order_line
"""

_INCOMPLETE = """
SELECT line, order_id, order_name, has_amount FROM order_line WHERE head IS NULL OR (has_amount AND at IS NULL)
ORDER BY line
"""

# One row per order, in the newest version that the file has, beside what is known of it, with what holds from now on.
_CHANGES = f"""
DROP TABLE IF EXISTS order_change;
CREATE TEMPORARY TABLE order_change ON COMMIT DROP AS
WITH heads AS (
    SELECT r.*, {order_amounts.GOODS} AS goods, {order_amounts.PAID} AS paid, {order_amounts.REFUNDED} AS back,
           s.items AS all_items
    FROM incoming_order r
    JOIN (SELECT head, sum(items)::int AS items FROM order_line GROUP BY head) s ON s.head = r.line
),
earned AS (SELECT r.*, round({order_amounts.REVENUE}, 6) AS revenue FROM heads r),
newest AS (
    SELECT DISTINCT ON (account_key, coalesce(order_id, order_name)) r.*, round({order_amounts.MARGIN}, 6) AS new_margin
    FROM earned r ORDER BY account_key, coalesce(order_id, order_name), updated_at DESC NULLS LAST, line DESC
),
matched AS (
    SELECT n.*, coalesce(a.order_id, b.order_id, c.order_id) AS old_id
    FROM newest n
    LEFT JOIN core.shop_order a ON a.account_key = n.account_key AND a.order_id = n.order_id
    LEFT JOIN core.shop_order b ON b.account_key = n.account_key AND b.order_id = n.order_name AND b.name = b.order_id
    LEFT JOIN LATERAL (
        SELECT o.order_id FROM core.shop_order o WHERE o.account_key = n.account_key AND o.name = n.order_name
        ORDER BY o.at DESC LIMIT 1) c ON n.order_id IS NULL
),
held AS (
    SELECT m.account_key, m.old_id, coalesce(m.order_id, m.old_id, m.order_name) AS order_id,
           coalesce(m.order_name, o.name) AS name, m.at, coalesce(m.updated_at, o.updated_at) AS updated_at,
           coalesce(m.identifier_key, o.identifier_key) AS identifier_key,
           CASE WHEN m.identifier_key IS NULL THEN o.customer_key ELSE m.customer_key END AS customer_key,
           coalesce(m.click_key, o.click_key) AS click_key, m.revenue,
           coalesce(m.discounts, o.discounts) AS discounts, coalesce(m.tax, o.tax) AS tax,
           coalesce(m.shipping, o.shipping) AS shipping, coalesce(m.back, o.refunded) AS refunded,
           coalesce(m.new_margin, o.margin) AS margin, coalesce(m.all_items, o.items) AS items,
           coalesce(m.is_test, o.is_test, false) AS is_test,
           CASE WHEN m.is_cancelled IS NULL THEN o.cancelled_at
                WHEN m.is_cancelled THEN coalesce(m.cancelled_at, o.cancelled_at, m.updated_at, m.at)
                END AS cancelled_at,
           coalesce(m.is_new_customer, o.is_new_customer) AS is_new_customer,
           coalesce(m.utm_source, o.source) AS source, coalesce(m.utm_medium, o.medium) AS medium,
           coalesce(m.utm_campaign, o.campaign) AS campaign,
           o.at AS old_at, coalesce(m.updated_at < o.updated_at, false) AS older
    FROM matched m LEFT JOIN core.shop_order o ON o.account_key = m.account_key AND o.order_id = m.old_id
)
SELECT h.*, o.order_id IS NOT NULL AS known, o.order_id IS NOT NULL AND NOT h.older AND (
           (h.name, h.at, h.identifier_key, h.click_key, h.revenue, h.discounts, h.tax, h.shipping, h.refunded,
            h.margin, h.items, h.is_test, h.cancelled_at, h.is_new_customer, h.source, h.medium, h.campaign)
           IS DISTINCT FROM
           (o.name, o.at, o.identifier_key, o.click_key, o.revenue, o.discounts, o.tax, o.shipping, o.refunded,
            o.margin, o.items, o.is_test, o.cancelled_at, o.is_new_customer, o.source, o.medium, o.campaign)
       ) AS differs
FROM held h LEFT JOIN core.shop_order o ON o.account_key = h.account_key AND o.order_id = h.old_id;
ANALYZE order_change
"""

_COUNTS = """
SELECT count(*) FILTER (WHERE NOT c.known) AS fresh, count(*) FILTER (WHERE c.differs) AS restated,
       count(*) FILTER (WHERE c.known AND NOT c.differs AND NOT c.older) AS same,
       count(*) FILTER (WHERE c.older) + (SELECT count(*) FROM order_line WHERE head = line) - count(*) AS older,
       (SELECT count(*) FROM order_line WHERE head <> line AND (NOT has_amount OR at IS NOT NULL)) AS lines,
       min((c.at AT TIME ZONE a.time_zone)::date) AS first_day, max((c.at AT TIME ZONE a.time_zone)::date) AS last_day
FROM order_change c JOIN core.account a ON a.account_key = c.account_key
"""

_COLUMNS = """order_id, name, at, updated_at, identifier_key, customer_key, click_key, revenue, discounts, tax,
    shipping, refunded, margin, items, is_test, cancelled_at, is_new_customer, source, medium, campaign"""

_WRITE = f"""
UPDATE core.shop_order o SET ({_COLUMNS}) = ({", ".join("c." + name.strip() for name in _COLUMNS.split(","))}),
    load_key = CASE WHEN c.differs THEN :load ELSE o.load_key END
FROM order_change c
WHERE c.known AND NOT c.older AND o.account_key = c.account_key AND o.order_id = c.old_id
  AND (c.differs OR c.order_id <> c.old_id OR c.updated_at IS DISTINCT FROM o.updated_at);
DELETE FROM core.conversion v USING order_change c
WHERE c.order_id <> c.old_id AND v.account_key = c.account_key AND v.kind = 'order' AND v.source_id = c.old_id;
INSERT INTO core.shop_order (account_key, {_COLUMNS}, load_key)
SELECT account_key, {_COLUMNS}, :load FROM order_change WHERE NOT known
"""

_CONVERSIONS = """
INSERT INTO incoming_conversion
SELECT c.account_key, 'order', c.order_id, c.at, c.identifier_key, c.customer_key, c.revenue, c.margin, a.currency,
       c.is_new_customer, NOT c.is_test AND c.cancelled_at IS NULL
FROM order_change c JOIN core.account a ON a.account_key = c.account_key
WHERE NOT c.older
"""

_TOUCHED_DAYS = """
SELECT c.account_key, unnest(ARRAY[c.at, c.old_at]) AS at FROM order_change c WHERE NOT c.known OR c.differs
"""
