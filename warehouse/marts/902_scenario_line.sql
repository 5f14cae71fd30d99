-- The channels of scenarios: current against proposed, a week, and what came of each over all weeks as last scored.
SELECT
    l.scenario_key, -- The scenario
    s.scenario_name, -- Its name
    l.channel, -- Channel of the taxonomy
    l.current, -- What was spent when it was saved: the mean of the newest four weeks
    l.proposed, -- What it spends
    l.proposed - l.current AS change, -- The difference
    l.least, -- The least that it may spend
    l.most, -- The most; NULL: only the budget bounds it
    s.currency, -- Currency of all money, and of the outcome where it is money
    l.outcome, -- What the channel causes under it
    l.outcome_low, -- Lower end of its interval
    l.outcome_high, -- Upper end
    l.gain, -- By how much that is more than when it was saved
    l.gain_low, -- Lower end
    l.gain_high, -- Upper end
    l.marginal AS shadow_price, -- What the channel's next unit of money brings
    l.marginal_low AS shadow_price_low, -- Lower end
    l.marginal_high AS shadow_price_high, -- Upper end
    s.level, -- Level of all intervals
    l.words, -- Why the channel spends so much
    c.planned AS scored_planned, -- What was to be spent over all weeks; NULL: not scored yet
    c.spent AS scored_spent, -- What was
    c.predicted AS scored_predicted, -- What the channel was predicted to cause in these weeks
    c.predicted_low AS scored_predicted_low, -- Lower end
    c.predicted_high AS scored_predicted_high, -- Upper end
    c.found AS scored_found, -- What it caused by a newer fit
    c.found_low AS scored_found_low, -- Lower end
    c.found_high AS scored_found_high, -- Upper end
    c.is_kept AS scored_is_kept -- Whether that lies in the predicted interval
FROM ops.scenario_line l
JOIN mart.scenario s ON s.scenario_key = l.scenario_key
LEFT JOIN LATERAL (
    SELECT x.* FROM ops.scenario_score_line x
    JOIN ops.scenario_score w ON w.score_key = x.score_key
    WHERE w.scenario_key = l.scenario_key AND x.channel = l.channel ORDER BY w.score_key DESC LIMIT 1
) c ON true
