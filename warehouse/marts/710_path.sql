-- How often each path ended in a conversion and how often in none, by day: what attribution models are fitted to.
SELECT
    p.date AS date_day, -- The conversion's day; of null paths the day (UTC) of the last touch
    v.name AS advertiser, -- Whose customers they are
    p.kind::text AS goal, -- The kind of conversion that is looked at
    (SELECT string_agg(s.channel, ' > ' ORDER BY x.place)
     FROM regexp_split_to_table(p.path, '') WITH ORDINALITY AS x (step, place)
     JOIN core.journey_step s ON s.advertiser_key = p.advertiser_key AND s.step = x.step) AS path, -- The channels in order; NULL without a known touch
    length(p.path) AS touches, -- Touches of the path, at most 200
    p.conversions, -- Journeys along this path that ended in a conversion
    p.new_customers, -- Those of them that were the customer's first, where known
    p.value, -- Value of these conversions, where known
    p.margin, -- Margin of these conversions, where known
    p.currency, -- Currency of value and margin; NULL for null paths
    p.null_paths -- Journeys along this path that no conversion followed within the lookback
FROM (
    SELECT j.advertiser_key, j.kind, j.date, j.path, j.currency, count(*) FILTER (WHERE j.ending > 0) AS conversions,
           count(*) FILTER (WHERE j.is_new_customer) AS new_customers, sum(j.value) AS value, sum(j.margin) AS margin,
           count(*) FILTER (WHERE j.ending < 0) AS null_paths
    FROM core.journey j GROUP BY j.advertiser_key, j.kind, j.date, j.path, j.currency
) p
JOIN core.advertiser v ON v.advertiser_key = p.advertiser_key
