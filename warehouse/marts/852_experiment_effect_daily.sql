-- How the effect of each arm was known day by day.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    d.metric, -- The metric
    d.arm_id, -- The arm
    d.date AS date_day, -- Day up to which everything counts
    d.units, -- Units of the arm and the control by then
    d.difference, -- The effect as it was known
    d.low, -- Lower end of its interval
    d.high, -- Upper end
    e.experiment_key, -- Causeway's own key of the experiment
    d.run_key -- The run (see mart.run)
FROM results.experiment_day d
JOIN results.publication p ON p.run_key = d.run_key
JOIN mart.experiment e ON e.experiment_key = d.experiment_key
