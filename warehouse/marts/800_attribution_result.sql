-- What the published attribution run of each advertiser is about: one row per kind of conversion.
SELECT
    r.run_key, -- The run (see mart.run)
    v.name AS advertiser, -- Whose conversions they are
    r.goal::text AS goal, -- The kind of conversion that was credited
    r.first_day, -- First day of the conversions
    r.last_day, -- Last day of the conversions
    r.currency, -- Currency of all amounts
    r.lookback_days, -- How long before a conversion a touch may lie
    r.level, -- Level of all intervals
    r.markov_order, -- Touches that the model markov remembers
    r.conversions, -- Conversions of known customers
    r.untouched, -- Those of them without a known touch, which are credited to nobody
    r.null_paths, -- Journeys that no conversion followed
    r.capped, -- Journeys as long as a path can be, or longer: mostly bots
    r.value, -- Value of the conversions
    r.total, -- Incremental conversions of all channels, by experiments; NULL without any
    r.total_low, -- Lower end of its interval
    r.total_high, -- Upper end of its interval
    r.conversions - r.total AS baseline, -- Conversions that would have come anyway
    r.words, -- What experiments prove, and why models are missing
    r.advertiser_key -- Causeway's own key of the advertiser
FROM results.attribution_result r
JOIN core.advertiser v ON v.advertiser_key = r.advertiser_key
JOIN (
    SELECT DISTINCT ON (a.advertiser_key) p.run_key
    FROM results.publication p
    JOIN core.account a ON a.account_key = p.account_key
    WHERE p.job = 'attribution' ORDER BY a.advertiser_key, p.published_at DESC
) p ON p.run_key = r.run_key
