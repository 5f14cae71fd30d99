-- One row per journey: the touches that led a customer to a conversion, or to none. A touch before a conversion did not
-- necessarily cause it. For who may read every account of the advertiser; kept by the job journeys.
SELECT
    j.date AS date_day, -- The conversion's day in its account's time zone; of a null path the day (UTC) of its last touch
    v.name AS advertiser, -- Whose customer it is
    j.customer_key, -- Whose journey it is
    j.kind::text AS goal, -- The kind of conversion that is looked at: order, lead, deal, offline or signup
    j.ending > 0 AS is_converted, -- False for a null path: touches that no conversion followed within the lookback
    CASE WHEN j.ending > 0 THEN j.ending END AS conversion_key, -- The conversion (see mart.conversion)
    (SELECT string_agg(s.channel, ' > ' ORDER BY x.place)
     FROM regexp_split_to_table(j.path, '') WITH ORDINALITY AS x (step, place)
     JOIN core.journey_step s ON s.advertiser_key = j.advertiser_key AND s.step = x.step) AS path, -- The channels in order; NULL without a known touch
    j.touches, -- Touches; of more than 200 the path has the newest
    j.began_at, -- The first touch (UTC); NULL where none is known
    j.ended_at, -- The conversion, or a null path's last touch (UTC)
    j.value, -- Value of the conversion
    j.margin, -- Its margin, where known
    j.currency, -- Currency of value and margin
    j.is_new_customer -- Whether it was the customer's first, where known
FROM core.journey j
JOIN core.advertiser v ON v.advertiser_key = j.advertiser_key
