-- What a treatment is expected to change in each customer, and why. Only where some customers are proven to respond more than others. For who may read every account of the advertiser.
SELECT
    s.customer_key, -- The customer
    r.scored_on AS date_day, -- The newest day that the score knows
    r.experiment_id, -- The experiment from which it was learned
    r.metric, -- The outcome
    r.arm_id, -- The treatment
    s.effect, -- What treatment is expected to change, in units of the outcome
    s.untreated, -- What the customer is expected to do without it
    s.kind, -- persuadable, sure thing, lost cause or sleeping dog
    s.reasons, -- The features that move the score most, the strongest first
    s.reason_values, -- What each is of this customer
    s.reason_effects, -- What each adds to the score
    r.experiment_key, -- Causeway's own key of the experiment
    r.readout_key, -- Causeway's own key of the read-out
    r.run_key -- The run (see mart.run)
FROM results.uplift_score s
JOIN mart.uplift_readout r ON r.readout_key = s.readout_key
