-- What tests over regions or days found: how much of a metric the ads caused. Effects that are withheld have no row.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    e.experiment_name, -- Its name
    e.kind, -- geo, holdout, go_dark or switchback
    l.metric, -- The metric
    l.role, -- primary, secondary or guardrail
    l.method, -- How the counterfactual was made
    l.first_day, -- First day that is counted
    l.last_day, -- Last day that is counted
    l.att, -- The same per treated region and day
    l.att_low, -- Lower end of its interval
    l.att_high, -- Upper end
    l.incremental, -- What the ads brought over the whole test; of a test without ads, what was missed
    l.low, -- Lower end of its interval
    l.high, -- Upper end
    l.level, -- Level of the intervals
    l.relative, -- Effect as a part of what would have been
    l.se, -- Standard error of the effect over the whole test
    l.p_value, -- p-value of no effect
    l.spend, -- What the treatment cost; below zero: saved
    l.currency, -- Currency of the spend
    l.spend / nullif(l.incremental, 0)::numeric AS cost_per_incremental, -- Spend for one more
    l.weights, -- What the counterfactual is made of, a JSON object
    l.identifies, -- What it is the effect of, in words
    r.health, -- green or amber: how far the checks let it be believed; what is red stands not here
    r.words, -- What it means
    e.experiment_key, -- Causeway's own key of the experiment
    l.run_key -- The run (see mart.run)
FROM results.lift l
JOIN results.publication p ON p.run_key = l.run_key
JOIN mart.experiment e ON e.experiment_key = l.experiment_key
JOIN results.experiment_readout r ON r.run_key = l.run_key AND r.experiment_key = l.experiment_key
