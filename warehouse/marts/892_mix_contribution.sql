-- The outcome taken apart by week, as the current fit has it: channels, parts of the baseline, and what is unexplained. The parts of a week sum to its outcome.
SELECT
    f.advertiser, -- Whose outcome it is
    f.outcome, -- revenue, margin, conversions or new_customers
    f.goal, -- The kind of conversion
    s.period, -- Monday of the week
    s.part, -- The channel, or the part of the baseline: intercept, trend, season, a control
    s.kind, -- channel, baseline or unexplained
    s.estimate, -- What it makes up, in units of the outcome
    s.low, -- Lower end of its interval
    s.high, -- Upper end
    s.spend, -- What was spent on the channel in that week
    s.exposure, -- What was shown or sent, where that is what works
    f.currency, -- Currency of spend
    f.level, -- Level of all intervals
    s.place, -- Place among the parts
    f.fit_key, -- Causeway's own key of the fit
    f.run_key -- The run (see mart.run)
FROM mart.mix_fit f
JOIN results.mix_series s ON s.fit_key = f.fit_key
WHERE f.is_current
