-- What was, day by day, and what would have been without the treatment.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    d.metric, -- The metric
    d.date AS date_day, -- Day
    d.actual, -- What was, in the treated regions or everywhere
    d.counterfactual, -- What would have been
    d.low, -- Lower end of its interval
    d.high, -- Upper end
    d.is_test, -- Whether the day is counted as one of the test
    e.experiment_key, -- Causeway's own key of the experiment
    d.run_key -- The run (see mart.run)
FROM results.lift_day d
JOIN results.publication p ON p.run_key = d.run_key
JOIN mart.experiment e ON e.experiment_key = d.experiment_key
