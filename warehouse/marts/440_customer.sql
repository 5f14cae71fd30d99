-- Customers, as far as is known who is one: when they were first and last met, and what they bought. By what they are
-- known is not here. Only for readers of all accounts of an advertiser.
SELECT
    c.customer_key, -- Key of the customer; another one after a merge or a split
    v.name AS advertiser, -- Whose customer
    least(t.first_at, s.first_at, o.first_at, k.first_at) AS first_seen_at, -- First contact, visit, order or other conversion (UTC)
    greatest(t.last_at, s.last_at, o.last_at, k.last_at) AS last_seen_at, -- The last one (UTC)
    coalesce(t.touchpoints, 0) AS touchpoints, -- Contacts with channels
    coalesce(s.sessions, 0) AS sessions, -- Visits
    coalesce(o.orders, 0) AS orders, -- Orders that count: neither tests nor cancelled
    CASE WHEN o.currencies = 1 THEN o.revenue END AS revenue, -- Of those orders; NULL where they have several currencies
    CASE WHEN o.currencies = 1 THEN o.currency END AS currency -- Currency of revenue
FROM core.customer c
JOIN core.advertiser v ON v.advertiser_key = c.advertiser_key
LEFT JOIN LATERAL (
    SELECT min(at) AS first_at, max(at) AS last_at, count(*) AS touchpoints
    FROM core.touchpoint WHERE customer_key = c.customer_key
) t ON true
LEFT JOIN LATERAL (
    SELECT min(began_at) AS first_at, max(ended_at) AS last_at, count(*) AS sessions
    FROM core.web_session WHERE customer_key = c.customer_key
) s ON true
LEFT JOIN LATERAL (
    SELECT min(at) AS first_at, max(at) AS last_at FROM core.conversion WHERE customer_key = c.customer_key AND counts
) k ON true
LEFT JOIN LATERAL (
    SELECT min(r.at) AS first_at, max(r.at) AS last_at, count(*) AS orders, sum(r.revenue) AS revenue,
           min(a.currency) AS currency, count(DISTINCT a.currency) AS currencies
    FROM core.shop_order r JOIN core.account a ON a.account_key = r.account_key
    WHERE r.customer_key = c.customer_key AND NOT r.is_test AND r.cancelled_at IS NULL
) o ON true
