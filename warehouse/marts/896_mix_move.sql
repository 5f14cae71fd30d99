-- What moved since the fit before, over the weeks that both know: one row per channel of the current mix models.
SELECT
    f.advertiser, -- Whose outcome it is
    f.outcome, -- revenue, margin, conversions or new_customers
    f.goal, -- The kind of conversion
    m.channel, -- The channel
    m.first_period, -- First week that both fits know
    m.last_period, -- Last week
    m.before, -- What the fit before said it brought in these weeks
    m.before_low, -- Lower end of its interval; NULL where that fit knew other weeks, too
    m.before_high, -- Upper end
    m.after, -- What this fit says
    m.after_low, -- Lower end of its interval
    m.after_high, -- Upper end
    m.moved, -- The change as a part of what it was
    m.surprise, -- The change in standard deviations of what was believed before
    m.words, -- In a sentence, with what had become known
    m.before_fit_key, -- The fit before
    f.fit_key, -- Causeway's own key of the fit
    f.run_key -- The run (see mart.run)
FROM mart.mix_fit f
JOIN results.mix_move m ON m.fit_key = f.fit_key
WHERE f.is_current
