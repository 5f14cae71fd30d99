-- What was checked before an experiment is believed, and what to look at where a check failed.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    g.place, -- Their order
    g.name AS guard, -- The check
    g.status, -- passed, warned or failed
    g.p_value, -- Probability of such a sight if nothing is wrong; NULL where there is none
    g.words, -- What was found, and what to look at
    e.experiment_key, -- Causeway's own key of the experiment
    g.run_key -- The run (see mart.run)
FROM results.experiment_guard g
JOIN results.publication p ON p.run_key = g.run_key
JOIN mart.experiment e ON e.experiment_key = g.experiment_key
