-- Four kinds of customers by what treatment does to them, among those that judged: predicted, and found.
SELECT
    r.experiment_id, -- The experiment
    r.metric, -- The outcome
    r.arm_id, -- The treatment
    k.kind, -- persuadable, sure thing, lost cause or sleeping dog
    k.customers, -- Customers of that kind
    k.share, -- Their part
    k.predicted, -- Their mean score
    k.untreated, -- What they do without treatment
    k.found, -- Their mean effect by what they did; NULL below 30 customers
    k.found_low, -- Lower end of its interval
    k.found_high, -- Upper end
    r.experiment_key, -- Causeway's own key of the experiment
    r.readout_key, -- Causeway's own key of the read-out
    r.run_key -- The run (see mart.run)
FROM results.uplift_kind k
JOIN mart.uplift_readout r ON r.readout_key = k.readout_key
