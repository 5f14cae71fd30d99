-- Customers by the month of their first order, and what became of them month by month: how many ordered again and for
-- how much. Only for readers of all accounts of an advertiser. Months are the shop's own.
SELECT
    d.name AS advertiser, -- Whose customers
    f.cohort_month, -- Month of the first order
    ((extract(year FROM f.month) - extract(year FROM f.cohort_month)) * 12
        + extract(month FROM f.month) - extract(month FROM f.cohort_month))::int AS months_since, -- Months since then
    f.currency, -- Currency of revenue
    s.customers AS cohort_size, -- Customers with their first order in that month
    count(*) AS customers, -- Those of them that ordered in this month
    round(count(*)::numeric / s.customers, 6) AS retained, -- The share of them
    sum(f.orders)::bigint AS orders, -- Their orders
    sum(f.revenue) AS revenue -- Their revenue, without refunds, tax and shipping
FROM (
    SELECT b.*, min(b.month) OVER (PARTITION BY b.advertiser_key, b.customer_key) AS cohort_month
    FROM (
        SELECT u.advertiser_key, v.customer_key, v.currency,
               date_trunc('month', v.at AT TIME ZONE a.time_zone)::date AS month, count(*) AS orders,
               sum(v.value) AS revenue
        FROM core.conversion v
        JOIN core.account a ON a.account_key = v.account_key
        JOIN core.customer u ON u.customer_key = v.customer_key
        WHERE v.counts AND v.kind = 'order'
        GROUP BY u.advertiser_key, v.customer_key, v.currency, month
    ) b
) f
JOIN core.advertiser d ON d.advertiser_key = f.advertiser_key
JOIN (
    SELECT w.advertiser_key, w.month, count(*) AS customers
    FROM (
        SELECT u.advertiser_key, v.customer_key,
               min(date_trunc('month', v.at AT TIME ZONE a.time_zone)::date) AS month
        FROM core.conversion v
        JOIN core.account a ON a.account_key = v.account_key
        JOIN core.customer u ON u.customer_key = v.customer_key
        WHERE v.counts AND v.kind = 'order'
        GROUP BY u.advertiser_key, v.customer_key
    ) w
    GROUP BY w.advertiser_key, w.month
) s ON s.advertiser_key = f.advertiser_key AND s.month = f.cohort_month
GROUP BY d.name, f.cohort_month, f.month, f.currency, s.customers
