-- What people did that counts: orders, leads, won deals, offline conversions, sign-ups. Filter on counts for sums.
SELECT
    c.conversion_key, -- Key of the conversion
    a.platform, -- Where it is known from
    a.account_id, -- The account it is known from
    c.kind::text AS kind, -- order, lead, deal, offline or signup
    c.source_id, -- Its id there: of the order, the contact, the deal
    c.at AS converted_at, -- When (UTC)
    (c.at AT TIME ZONE a.time_zone)::date AS date_day, -- The day in the account's time zone
    c.customer_key, -- Who, as far as is known; NULL without consent
    c.value, -- What it is worth; NULL where nothing says so
    c.margin, -- Margin, where it is known
    c.currency, -- Currency of value and margin
    CASE WHEN c.kind = 'order' THEN coalesce(c.is_new_customer, CASE WHEN c.customer_key IS NOT NULL THEN NOT EXISTS (
        SELECT FROM core.conversion e
        WHERE e.customer_key = c.customer_key AND e.account_key = c.account_key AND e.kind = 'order' AND e.counts
          AND (e.at, e.source_id) < (c.at, c.source_id)
    ) END) ELSE c.is_new_customer END AS is_new_customer, -- Whether an order is the customer's first there
    c.counts, -- False for what was a test, cancelled, lost again, deleted or merged
    c.load_key -- The load that wrote this version
FROM core.conversion c
JOIN core.account a ON a.account_key = c.account_key
