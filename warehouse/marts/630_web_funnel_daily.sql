-- Visits by day and channel, and how far they went: from web events, whereas web_session_daily is the tool's own report.
SELECT
    (s.began_at AT TIME ZONE a.time_zone)::date AS date_day, -- Day on which the visits began, in the property's zone
    s.channel, -- Channel
    a.platform, -- The analytics tool
    a.account_id, -- The property
    count(*) AS sessions, -- Visits
    count(*) FILTER (WHERE s.engaged) AS engaged_sessions, -- Engaged ones
    sum(s.page_views)::bigint AS page_views, -- Page views
    sum(extract(epoch FROM s.ended_at - s.began_at))::bigint AS duration_seconds, -- Seconds from first to last events
    count(*) FILTER (WHERE s.funnel_step >= 1) AS saw_product, -- Visits that came to a product
    count(*) FILTER (WHERE s.funnel_step >= 2) AS filled_cart, -- Visits that put something into the cart
    count(*) FILTER (WHERE s.funnel_step >= 3) AS began_checkout, -- Visits that began to check out
    count(*) FILTER (WHERE s.funnel_step >= 4) AS purchased, -- Visits with a purchase
    sum(s.revenue) AS revenue, -- Purchases, each transaction once a visit
    a.currency, -- Currency of revenue
    s.account_key -- Causeway's own key of the property
FROM core.web_session s
JOIN core.account a ON a.account_key = s.account_key
GROUP BY 1, 2, 3, 4, a.currency, s.account_key
