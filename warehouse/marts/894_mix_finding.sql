-- The trust card of the current mix models: one row per look at a fit.
SELECT
    f.advertiser, -- Whose outcome it is
    f.outcome, -- revenue, margin, conversions or new_customers
    f.goal, -- The kind of conversion
    k.name AS finding, -- What was looked at
    k.status, -- green, amber or red
    k.words, -- How it turned out
    k.help, -- What would help where it is not green
    k.value, -- What was measured, where it is a number
    k.place, -- Place on the card
    f.fit_key, -- Causeway's own key of the fit
    f.run_key -- The run (see mart.run)
FROM mart.mix_fit f
JOIN results.mix_finding k ON k.fit_key = f.fit_key
WHERE f.is_current
