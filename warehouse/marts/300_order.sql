-- Orders one by one, each in its newest version, without anything that names a customer. Quote the name: mart."order".
SELECT
    a.platform, -- The shop system
    a.account_id, -- The shop
    o.order_id, -- The shop's id of the order
    o.name AS order_name, -- What the shop calls it, e.g. #1001
    o.at AS ordered_at, -- When it was placed (UTC)
    (o.at AT TIME ZONE a.time_zone)::date AS date_day, -- The day in the shop's time zone
    o.updated_at, -- When the shop last changed it (UTC)
    o.customer_key, -- Who ordered, as far as is known; NULL without consent or address
    a.currency, -- Currency of the amounts
    o.revenue, -- Goods after discounts and refunds, without tax and shipping
    o.margin, -- Revenue less the cost of the goods; NULL where the shop does not say
    o.discounts, -- Discounts
    o.tax, -- Tax
    o.shipping, -- Shipping
    o.refunded, -- What was given back, tax and shipping included
    o.items, -- Pieces ordered
    o.is_test, -- True for a test order
    o.cancelled_at, -- When it was cancelled (UTC); a cancelled order is not the same as a refunded one
    NOT o.is_test AND o.cancelled_at IS NULL AS counts, -- Whether sums contain it
    coalesce(o.is_new_customer, CASE WHEN o.customer_key IS NOT NULL THEN NOT EXISTS (
        SELECT FROM core.shop_order e
        WHERE e.customer_key = o.customer_key AND e.account_key = o.account_key AND NOT e.is_test
          AND e.cancelled_at IS NULL AND (e.at, e.order_id) < (o.at, o.order_id)
    ) END) AS is_new_customer, -- As the shop says it, else whether it is the customer's first order there
    o.source AS utm_source, -- utm_source of the visit in which it was placed
    o.medium AS utm_medium, -- utm_medium
    o.campaign AS utm_campaign, -- utm_campaign
    o.load_key -- The load that wrote this version
FROM core.shop_order o
JOIN core.account a ON a.account_key = o.account_key
