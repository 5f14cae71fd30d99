-- Mix models: one row per run and outcome, what the weeks say that advertising brought together. Filter on is_current for what readers see now; the others are history. Contributions are incremental as modelled, and only as good as status says.
SELECT
    v.name AS advertiser, -- Whose outcome it is
    f.outcome, -- revenue, margin, conversions or new_customers
    f.goal::text AS goal, -- The kind of conversion that is counted, or whose amounts are
    f.currency, -- Currency of spend, and of an outcome in money
    f.first_period, -- Monday of the first week
    f.last_period, -- Monday of the last week
    f.periods, -- How many weeks there are
    f.period_days, -- Days of a period
    f.status, -- The trust card: green, amber or red
    f.words, -- What it means
    f.outcome_total, -- The outcome over all weeks
    f.baseline, -- What would have come without advertising
    f.baseline_low, -- Lower end of its interval
    f.baseline_high, -- Upper end
    f.baseline_share, -- The same as a part of the outcome
    f.baseline_share_low, -- Lower end of its interval
    f.baseline_share_high, -- Upper end
    f.level, -- Level of all intervals
    f.draws, -- Joint draws behind them
    f.seed, -- Chance: the same seed and data give the same draws
    r.parameters, -- What the run was asked
    r.finished_at, -- When the run ended (UTC)
    p.run_key IS NOT NULL AS is_current, -- True for the fit that readers follow
    f.account_key, -- The account that asked
    f.fit_key, -- Causeway's own key of the fit
    f.run_key -- The run (see mart.run)
FROM results.mix_fit f
JOIN results.run r ON r.run_key = f.run_key
JOIN core.advertiser v ON v.advertiser_key = f.advertiser_key
LEFT JOIN results.publication p ON p.run_key = f.run_key
