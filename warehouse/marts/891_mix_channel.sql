-- What each channel brought by the mix model, over all weeks of its fit: incremental as modelled. Filter on is_current; never add up several outcomes or fits.
SELECT
    f.advertiser, -- Whose outcome it is
    f.outcome, -- revenue, margin, conversions or new_customers
    f.goal, -- The kind of conversion
    c.channel, -- Channel of the taxonomy
    c.organic, -- True for what costs nothing, such as mails
    c.spend, -- Spend over all weeks
    f.currency, -- Its currency
    c.contribution, -- What the channel brought, in units of the outcome
    c.contribution_low, -- Lower end of its interval
    c.contribution_high, -- Upper end
    c.share, -- The same as a part of the outcome
    c.share_low, -- Lower end of its interval
    c.share_high, -- Upper end
    c.roi, -- What one unit of money brought; NULL for what costs nothing
    c.roi_low, -- Lower end of its interval
    c.roi_high, -- Upper end
    c.marginal_roi, -- What one more unit in every week would have brought
    c.marginal_roi_low, -- Lower end of its interval
    c.marginal_roi_high, -- Upper end
    c.prior_roi, -- What one unit was held to bring before the data spoke
    c.prior_roi_low, -- Lower end of its interval
    c.prior_roi_high, -- Upper end
    c.half_life, -- Weeks until half of the effect has come
    c.half_life_low, -- Lower end of its interval
    c.half_life_high, -- Upper end
    c.carried, -- Part of the effect that comes after the week of the spend
    c.carried_low, -- Lower end of its interval
    c.carried_high, -- Upper end
    c.learnt, -- How much narrower the contribution became by data: near 0 it is what was assumed
    c.current, -- Usual spend per week, where there was any
    c.trusted, -- Most spend per week that the data stand behind
    c.tests, -- Tests of the channel that are rows of the fit
    f.level, -- Level of all intervals
    f.status, -- The trust card of the fit
    f.is_current, -- True for the fit that readers follow
    c.place, -- Place in the fit
    f.fit_key, -- Causeway's own key of the fit
    f.run_key -- The run (see mart.run)
FROM mart.mix_fit f
JOIN results.mix_channel c ON c.fit_key = f.fit_key
