-- The paths with the most conversions, and what each model gives to the channels on them: one row per kind of conversion, path, model and channel. Numbers of the path repeat in its rows.
SELECT
    r.advertiser, -- Whose customers they are
    r.goal, -- The kind of conversion that was credited
    t.rank, -- 1 for the path with the most conversions
    (SELECT string_agg(x.channel, ' > ' ORDER BY x.place)
     FROM jsonb_array_elements_text(t.channels) WITH ORDINALITY AS x (channel, place)) AS path, -- The channels in order, one per touch
    jsonb_array_length(t.channels) AS touches, -- Touches of the path
    t.conversions AS path_conversions, -- Journeys along the path that ended in a conversion
    t.new_customers, -- Those of them that were the customer's first, where known
    t.value AS path_value, -- Value of these conversions
    t.null_paths, -- Journeys along the path that no conversion followed
    m.model, -- The model (see mart.attribution)
    m.model = 'calibrated' AS is_incremental, -- True where conversions are those that the channel caused, by experiments
    c.channel, -- A channel on the path
    c.conversions::float8 AS conversions, -- What the model gives to the channel of the path's conversions
    r.currency, -- Currency of the value
    r.run_key -- The run (see mart.run)
FROM mart.attribution_result r
JOIN results.attribution_path t ON t.run_key = r.run_key AND t.goal::text = r.goal
CROSS JOIN LATERAL jsonb_each(t.credit) AS m (model, given)
CROSS JOIN LATERAL jsonb_each_text(m.given) AS c (channel, conversions)
