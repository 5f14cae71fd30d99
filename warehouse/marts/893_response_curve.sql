-- What each channel brings per week, in the long run, at a steady spend: the curves of the current fit, incremental against no spend.
SELECT
    f.advertiser, -- Whose outcome it is
    f.outcome, -- revenue, margin, conversions or new_customers
    f.goal, -- The kind of conversion
    c.channel, -- Channel of the taxonomy
    k.spend, -- Spend per week; what is sent, where the channel is organic
    k.estimate, -- What it brings per week
    k.low, -- Lower end of its interval
    k.high, -- Upper end
    k.spend <= c.trusted AS is_trusted, -- True up to the most spend that the data stand behind
    f.currency, -- Currency of spend
    f.level, -- Level of all intervals
    k.place, -- Place on the curve
    f.fit_key, -- Causeway's own key of the fit
    f.run_key -- The run (see mart.run)
FROM mart.mix_fit f
JOIN results.mix_channel c ON c.fit_key = f.fit_key
JOIN results.mix_curve k ON k.fit_key = c.fit_key AND k.channel = c.channel
WHERE f.is_current
