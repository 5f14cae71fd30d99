-- Features by how far they move uplift, over the customers that judged.
SELECT
    r.experiment_id, -- The experiment
    r.metric, -- The outcome
    r.arm_id, -- The treatment
    d.place, -- Their order, from 0 for the strongest
    d.feature, -- The feature
    d.contribution, -- The mean size of what it adds to scores
    d.direction, -- Whether more of it goes with a higher score (1) or a lower one (-1)
    r.experiment_key, -- Causeway's own key of the experiment
    r.readout_key, -- Causeway's own key of the read-out
    r.run_key -- The run (see mart.run)
FROM results.uplift_driver d
JOIN mart.uplift_readout r ON r.readout_key = d.readout_key
