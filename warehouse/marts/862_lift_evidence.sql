-- What finished tests say of channels and campaigns: the evidence that calibrated attribution and the mix model stand on.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    v.channel, -- The channel; * is all of them together
    v.campaign_id, -- The campaign, by the platform's id; NULL: the whole channel
    v.metric, -- The metric
    v.first_day, -- First day of the test
    v.last_day, -- Last day
    v.share, -- Part of the metric that is of the people of the test: 1 is everybody
    v.is_dark, -- Whether they saw no ads meanwhile
    v.against, -- What the ads were compared with: no_ads, or usual_ads where more of them were tried
    v.lift, -- How much of the metric the ads caused in that time among these people, or would have
    v.se, -- Its standard error
    v.low, -- Lower end of its interval
    v.high, -- Upper end
    v.level, -- Level of the interval
    v.method, -- How it was estimated
    v.identifies, -- What it is the effect of, in words
    e.experiment_key, -- Causeway's own key of the experiment
    v.run_key -- The run (see mart.run)
FROM results.lift_evidence v
JOIN results.publication p ON p.run_key = v.run_key
JOIN mart.experiment e ON e.experiment_key = v.experiment_key
