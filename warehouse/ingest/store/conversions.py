"""What people did that counts, into ``core.conversion``: from orders, leads, deals and uploads alike."""

from __future__ import annotations

from sqlalchemy import text

from warehouse.engine import WriteSession

# A temporary table in the shape of core.conversion, for whoever writes some.
STAGE = """
DROP TABLE IF EXISTS incoming_conversion;
CREATE TEMPORARY TABLE incoming_conversion ON COMMIT DROP AS
SELECT account_key, kind, source_id, at, identifier_key, customer_key, value, margin, currency, is_new_customer, counts
FROM core.conversion WITH NO DATA
"""


def merge_conversions(session: WriteSession, load_key: int) -> None:
    """Write ``incoming_conversion``, one row for each account, kind and source id; what is the same stays untouched.

    A version that names nobody keeps whom an earlier one named. Customers whose conversions changed are entered in
    ``core.touched_customer``.
    """
    session.execute(text("ANALYZE incoming_conversion"))
    session.execute(text(_TOUCH), {"load": load_key})
    session.execute(text(_MERGE), {"load": load_key})


_SAME_KEY = "c.account_key = i.account_key AND c.kind = i.kind AND c.source_id = i.source_id"
_CUSTOMER = "CASE WHEN i.identifier_key IS NULL THEN c.customer_key ELSE i.customer_key END"
_VALUES = "{0}.at, {0}.value, {0}.margin, {0}.currency, {0}.is_new_customer, {0}.counts"
_DIFFERS = f"""(coalesce(i.identifier_key, c.identifier_key), {_VALUES.format("i")})
    IS DISTINCT FROM (c.identifier_key, {_VALUES.format("c")})"""

# Both whom it was before and whom it is now: nothing of theirs before the earlier of the two times has changed.
_TOUCH = f"""
INSERT INTO core.touched_customer (customer_key, advertiser_key, since)
SELECT p.customer_key, a.advertiser_key, min(p.at)
FROM incoming_conversion i
LEFT JOIN core.conversion c ON {_SAME_KEY}
JOIN core.account a ON a.account_key = i.account_key
CROSS JOIN LATERAL (VALUES
    (c.customer_key, least(c.at, i.at)),
    ({_CUSTOMER}, least(c.at, i.at))) AS p (customer_key, at)
WHERE p.customer_key IS NOT NULL AND (c.conversion_key IS NULL OR {_DIFFERS})
GROUP BY p.customer_key, a.advertiser_key
"""

_MERGE = f"""
MERGE INTO core.conversion c USING incoming_conversion i ON {_SAME_KEY}
WHEN MATCHED AND {_DIFFERS} THEN UPDATE SET at = i.at, value = i.value, margin = i.margin, currency = i.currency,
    is_new_customer = i.is_new_customer, counts = i.counts, load_key = :load,
    identifier_key = coalesce(i.identifier_key, c.identifier_key), customer_key = {_CUSTOMER}
WHEN NOT MATCHED THEN INSERT (account_key, kind, source_id, at, identifier_key, customer_key, value, margin, currency,
    is_new_customer, counts, load_key)
VALUES (i.account_key, i.kind, i.source_id, i.at, i.identifier_key, i.customer_key, i.value, i.margin, i.currency,
    i.is_new_customer, i.counts, :load)
"""
