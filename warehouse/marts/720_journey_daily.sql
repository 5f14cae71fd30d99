-- Journeys by day: how many conversions, how many of them after a known touch, and how many null paths.
SELECT
    j.date AS date_day, -- The conversion's day; of null paths the day (UTC) of the last touch
    v.name AS advertiser, -- Whose customers they are
    j.kind::text AS goal, -- The kind of conversion that is looked at
    count(*) FILTER (WHERE j.ending > 0) AS conversions, -- Conversions of known customers
    count(*) FILTER (WHERE j.ending > 0 AND j.touches > 0) AS touched_conversions, -- Those with a known touch in the lookback
    count(*) FILTER (WHERE j.is_new_customer) AS new_customers, -- Those that were the customer's first, where known
    coalesce(sum(j.touches) FILTER (WHERE j.ending > 0), 0) AS touches, -- Touches before these conversions
    avg(extract(epoch FROM j.ended_at - j.began_at) / 86400) FILTER (WHERE j.ending > 0) AS days_to_convert, -- Days from the first touch, on average over conversions with one
    count(*) FILTER (WHERE j.ending < 0) AS null_paths -- Journeys that no conversion followed within the lookback
FROM core.journey j
JOIN core.advertiser v ON v.advertiser_key = j.advertiser_key
GROUP BY j.date, v.name, j.kind
