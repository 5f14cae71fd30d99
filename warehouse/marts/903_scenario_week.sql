-- The plan of scenarios by week and channel, with what is predicted to come in that week, from earlier spend too.
SELECT
    w.scenario_key, -- The scenario
    s.scenario_name, -- Its name
    w.channel, -- Channel of the taxonomy
    w.week, -- First day of the week
    w.spend, -- What the channel spends in it
    s.currency, -- Currency of the spend, and of the outcome where it is money
    w.outcome, -- What it causes in it
    w.outcome_low, -- Lower end of its interval
    w.outcome_high, -- Upper end
    s.level -- Level of the interval
FROM ops.scenario_week w
JOIN mart.scenario s ON s.scenario_key = w.scenario_key
