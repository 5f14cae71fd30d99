-- What the shop really took, by day.
SELECT
    o.date AS date_day, -- Day in the shop's time zone
    a.platform, -- The shop system
    a.account_id, -- The shop
    a.currency, -- Currency of revenue
    o.orders, -- Orders
    o.revenue, -- Net revenue
    o.load_key -- The load that brought it
FROM core.order_day o
JOIN core.account a ON a.account_key = o.account_key
