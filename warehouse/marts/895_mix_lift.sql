-- Every test of a channel in the current mix models: what it measured, what the fit says of its weeks without tests and with them, or why it is no row of the fit.
SELECT
    f.advertiser, -- Whose outcome it is
    f.outcome, -- revenue, margin, conversions or new_customers
    f.goal, -- The kind of conversion
    l.experiment, -- The experiment
    l.channel, -- The channel
    l.metric, -- What it measured
    l.first_day, -- First day of the test
    l.last_day, -- Last day
    l.reason IS NULL AS is_used, -- Whether it is a row of the fit
    l.reason, -- Why it is none
    l.first_period, -- First week that the row is of
    l.last_period, -- Last week
    l.lift, -- What the channel brought in these weeks by the test, to the whole market, in units of the outcome
    l.se, -- Its standard error
    l.before, -- The same by the weeks alone, without any test
    l.before_low, -- Lower end of its interval
    l.before_high, -- Upper end
    l.after, -- The same by the fit
    l.after_low, -- Lower end of its interval
    l.after_high, -- Upper end
    l.surprise, -- Standard errors between the test and the weeks alone
    l.words, -- In a sentence
    f.level, -- Level of all intervals
    l.place, -- Place among the tests
    f.fit_key, -- Causeway's own key of the fit
    f.run_key -- The run (see mart.run)
FROM mart.mix_fit f
JOIN results.mix_lift l ON l.fit_key = f.fit_key
WHERE f.is_current
