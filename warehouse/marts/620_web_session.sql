-- One row per visit to a site, added up from its events.
SELECT
    s.began_at, -- First event (UTC)
    s.ended_at, -- Last event (UTC)
    extract(epoch FROM s.ended_at - s.began_at)::bigint AS duration_seconds, -- Seconds from the first to the last event
    (s.began_at AT TIME ZONE a.time_zone)::date AS date_day, -- Day on which it began, in the property's time zone
    a.platform, -- The analytics tool
    a.account_id, -- The property
    s.channel, -- Channel by source and medium, as Google Analytics groups them, in our names
    s.source, -- Where the visit came from: utm_source, search engine, referring site
    s.medium, -- utm_medium: cpc, organic, referral, email ...
    s.campaign, -- utm_campaign, or the ad platform's id of the campaign
    s.landing_page, -- Path of the first page
    s.device, -- Device category
    s.region, -- Region
    s.events, -- Events
    s.page_views, -- Page views
    s.engaged, -- Ten seconds, two page views or a key event
    NOT s.engaged AS bounced, -- The opposite of engaged
    s.funnel_step, -- The furthest reached: 0 visit, 1 product, 2 cart, 3 checkout, 4 purchase
    s.revenue, -- Purchases in it, each transaction once
    a.currency, -- The property's currency, in which revenue is
    s.customer_key, -- Causeway's own number of the person, who may be merged with another later
    s.account_key -- Causeway's own key of the property
FROM core.web_session s
JOIN core.account a ON a.account_key = s.account_key
