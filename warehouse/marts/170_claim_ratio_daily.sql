-- What all platforms claim together against what the shop took, per currency and day on which orders are known.
SELECT
    o.date AS date_day, -- Day
    o.currency, -- Currency; amounts in other currencies are not mixed in
    p.conversion_value, -- Revenue that all platforms claim
    o.order_revenue, -- Revenue that the shop took
    {metric:claim_ratio} AS claim_ratio, -- {words:claim_ratio}
    p.is_final -- False while a platform may still restate the day
FROM (
    SELECT d.date, a.currency, sum(d.revenue) AS order_revenue
    FROM core.order_day d JOIN core.account a ON a.account_key = d.account_key
    GROUP BY d.date, a.currency
) o
LEFT JOIN (
    SELECT r.date, a.currency, sum(r.conversion_value) AS conversion_value, bool_and(r.is_final) AS is_final
    FROM core.daily_rollup r JOIN core.account a ON a.account_key = r.account_key
    GROUP BY r.date, a.currency
) p ON p.date = o.date AND p.currency = o.currency
