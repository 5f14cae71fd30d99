-- The curve of gains: what treating the best part of the customers brings, and what the others would bring besides. Profit per customer of all at any cost is value * gain - cost * share.
SELECT
    r.experiment_id, -- The experiment
    r.metric, -- The outcome
    r.arm_id, -- The treatment
    c.share, -- The best part of the customers by score
    c.least, -- The lowest score among them
    c.gain, -- What treating them adds, in units of the outcome per customer of all
    c.gain_low, -- Lower end of its interval
    c.gain_high, -- Upper end
    c.rest, -- What treating the others would add besides
    c.rest_low, -- Lower end of its interval
    c.rest_high, -- Upper end
    r.level, -- Level of the intervals
    r.experiment_key, -- Causeway's own key of the experiment
    r.readout_key, -- Causeway's own key of the read-out
    r.run_key -- The run (see mart.run)
FROM results.uplift_curve c
JOIN mart.uplift_readout r ON r.readout_key = c.readout_key
