-- What was checked before scores are believed, and what to look at where a check failed.
SELECT
    r.experiment_id, -- The experiment
    r.metric, -- The outcome
    r.arm_id, -- The treatment
    c.place, -- Their order
    c.name AS "check", -- The check
    c.status, -- passed, warned or failed
    c.words, -- What was found, and what to look at
    r.experiment_key, -- Causeway's own key of the experiment
    r.readout_key, -- Causeway's own key of the read-out
    r.run_key -- The run (see mart.run)
FROM results.uplift_check c
JOIN mart.uplift_readout r ON r.readout_key = c.readout_key
