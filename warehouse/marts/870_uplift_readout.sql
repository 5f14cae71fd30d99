-- Whom a treatment changes, by each test over users: one row per metric and arm. How well scores rank customers was judged on customers that nothing was learned from. Effects are for the better, per customer.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    e.experiment_name, -- Its name
    r.metric, -- The outcome
    r.better, -- higher or lower: of a metric to be lowered, effects say how much lower
    r.arm_id, -- The treatment
    r.control_id, -- The arm that it is compared with
    r.state, -- proven: some respond more than others; open: not proven; withheld: the test cannot be believed; too_little data
    r.words, -- What it means
    r.learner, -- How uplift was learned: dr, r, x, t or s
    r.first_day, -- First day of the test; features are of the days before
    r.days, -- Days over which outcomes were counted
    r.lookback_days, -- Days of which features are
    r.scored_on, -- The newest day that scores know
    r.treated, -- Treated customers of the test
    r.untreated, -- Untreated ones
    r.judged, -- Those of both that judged
    r.scored, -- Customers with a score; 0 unless the ranking is proven
    r.level, -- Level of the intervals
    r.effect, -- Effect of treating everybody, in units of the outcome per customer
    r.effect_low, -- Lower end of its interval
    r.effect_high, -- Upper end
    r.qini, -- Area between the curve of gains and the line of random choice (Yadlowsky et al. 2025); 0 where scores say nothing
    r.qini_low, -- Lower end of its interval
    r.qini_high, -- Upper end
    r.autoc, -- How much more the best respond than all do, averaged over how many are taken (RATE)
    r.autoc_low, -- Lower end of its interval
    r.autoc_high, -- Upper end
    r.auuc, -- Area under the curve of gains
    r.auuc_low, -- Lower end of its interval
    r.auuc_high, -- Upper end
    r.usual, -- What a customer does without treatment, on average
    r.margin, -- The effect that makes a persuadable
    r.value, -- What one unit of the outcome is worth
    r.cost, -- What treating one customer costs
    r.currency, -- Currency of both; NULL: units of the outcome
    r.experiment_key, -- Causeway's own key of the experiment
    r.readout_key, -- Causeway's own key of this read-out
    r.run_key -- The run (see mart.run)
FROM results.uplift_readout r
JOIN results.publication p ON p.run_key = r.run_key
JOIN mart.experiment e ON e.experiment_key = r.experiment_key
