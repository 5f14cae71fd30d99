-- The channels of the best plan for the money of today: current against proposed, a week.
SELECT
    a.advertiser, -- Whose money it is
    a.outcome_kind, -- What is caused
    a.state, -- proposed, or withheld as the fit is not to be trusted
    l.channel, -- Channel of the taxonomy
    l.current, -- What is spent today: the mean of the newest four weeks
    l.proposed, -- What the plan spends
    l.proposed - l.current AS change, -- The difference
    l.least, -- The least that the plan may spend
    l.most, -- The most: what the data stand behind, or a rule; NULL: only the budget bounds it
    a.currency, -- Currency of all money, and of the outcome where it is money
    l.outcome, -- What the channel causes under the plan
    l.outcome_low, -- Lower end of its interval
    l.outcome_high, -- Upper end
    l.gain, -- By how much that is more than today
    l.gain_low, -- Lower end
    l.gain_high, -- Upper end
    l.marginal AS shadow_price, -- What the channel's next unit of money brings
    l.marginal_low AS shadow_price_low, -- Lower end
    l.marginal_high AS shadow_price_high, -- Upper end
    l.knowing, -- What knowing the channel's curve for certain would add to the plan: which test to run next
    a.level, -- Level of all intervals
    l.words, -- Why the channel spends so much
    a.allocation_key, -- Causeway's own key of the plan
    a.run_key -- The run (see mart.run)
FROM mart.allocation a
JOIN results.allocation_line l ON l.allocation_key = a.allocation_key
