-- Audiences: customers chosen by their scores, with a part held out of the treatment, and what came of treating the others as last verified. For who may read every account of the advertiser.
SELECT
    a.audience_key, -- Causeway's own key of the audience
    n.platform, -- Where the account is
    n.account_id, -- The account
    a.name AS audience_name, -- Its name
    e.experiment_id, -- The experiment from which its scores were learned
    r.metric, -- The outcome
    r.arm_id, -- The treatment
    a.value, -- What one unit of the outcome is worth
    a.cost, -- What treating one customer costs
    r.currency, -- Currency of both; NULL: units of the outcome
    a.least, -- The rule: an expected effect above this
    a.most, -- The best so many at most; NULL: all of them
    a.holdout, -- The part that is held out at random
    a.seed, -- By which who is held out follows from the customer
    a.customers, -- Customers of the audience
    a.held_out, -- Those of them who must not be treated
    a.predicted, -- Mean effect that was predicted, per customer
    a.days, -- Days over which it was predicted
    a.created_at, -- When it was saved (UTC)
    v.verified_at, -- When it was verified last (UTC); NULL: not yet
    v.measure, -- What was counted
    v.first_day, -- First day of what was counted
    v.last_day, -- Last day
    v.treated, -- Treated customers that were counted
    v.found, -- Effect that was found, per customer
    v.found_low, -- Lower end of its interval
    v.found_high, -- Upper end
    v.level, -- Level of the interval
    v.is_kept, -- Whether what was predicted lies in that interval
    v.words, -- What came of it
    e.experiment_key, -- Causeway's own key of the experiment
    r.run_key -- The run of the scores (see mart.run)
FROM ops.audience a
JOIN core.account n ON n.account_key = a.account_key
JOIN results.uplift_readout r ON r.readout_key = a.readout_key
JOIN core.experiment e ON e.experiment_key = r.experiment_key
LEFT JOIN LATERAL (
    SELECT w.* FROM ops.audience_verification w WHERE w.audience_key = a.audience_key
    ORDER BY w.verification_key DESC LIMIT 1
) v ON true
