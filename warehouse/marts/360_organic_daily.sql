-- What came without an ad, by day and origin.
SELECT
    o.date AS date_day, -- Day
    a.platform, -- Where it was counted
    a.account_id, -- The account, e.g. the property
    o.origin, -- organic_search, or what the log calls it
    o.impressions, -- Impressions in unpaid results
    o.clicks, -- Clicks
    o.sessions, -- Sessions
    o.load_key -- The load that brought it
FROM core.organic_day o
JOIN core.account a ON a.account_key = o.account_key
