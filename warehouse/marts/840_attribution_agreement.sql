-- How far models can be believed: each against each other, against every experiment, and against itself on shaken data.
SELECT
    r.advertiser, -- Whose conversions they are
    r.goal, -- The kind of conversion that was credited
    t.model, -- The model (see mart.attribution)
    t.kind, -- model: against another model; experiment: against a test; sampling, consent and lookback: against itself on other data
    t.other, -- The other model, the experiment, or what was done to the data
    t.channel, -- The channel that was tested; * for all of them together
    t.distance, -- Sum of absolute differences of shares: 0 for the same, 2 where nothing is shared
    t.rank_correlation, -- Rank correlation of the credits; NULL where all are alike
    t.credited, -- What the model credits in what the experiment covered
    t.lift, -- What the experiment found
    t.se, -- Standard error of the lift
    t.errors, -- Standard errors between what is credited and the lift
    t.errors <= 2 AS agrees, -- Whether the difference may be luck of the test
    r.run_key -- The run (see mart.run)
FROM mart.attribution_result r
JOIN results.attribution_agreement t ON t.run_key = r.run_key AND t.goal::text = r.goal
