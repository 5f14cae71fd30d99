-- Where the next unit of money goes: of each fit of the mix the best plan for the money of today, as the newest run of budget has it. Money and outcomes are those of a week, over all accounts of the advertiser.
SELECT
    v.name AS advertiser, -- Whose money it is
    a.state, -- proposed, or withheld: the fit below it is not to be trusted, so it is no advice
    f.outcome AS outcome_kind, -- What is caused: revenue, margin, conversions or new_customers
    f.status AS trust, -- green, amber or red: how far the fit can be believed (see mart.mix_finding)
    a.budget, -- The money of a week
    a.spent, -- What of it is spent; less where rules leave no room
    f.currency, -- Currency of all money, and of the outcome where it is money
    a.gap, -- By how much, as a part, a better plan under the same rules may exist
    a.outcome, -- What advertising causes under the plan
    a.outcome_low, -- Lower end of its interval
    a.outcome_high, -- Upper end
    a.gain, -- By how much that is more than today's plan causes
    a.gain_low, -- Lower end
    a.gain_high, -- Upper end
    a.beats_today, -- Probability that the plan beats today's
    a.regret, -- By how much a plan that knew the truth would be better, on average
    a.price AS shadow_price, -- What one more unit of money would bring
    a.price_low AS shadow_price_low, -- Lower end
    a.price_high AS shadow_price_high, -- Upper end
    a.efficiency_today, -- (outcome - spend) / spend of today's plan; NULL where the outcome is not money
    a.efficiency, -- The same of the plan
    a.level, -- Level of all intervals
    a.words, -- What to do
    a.fit_key, -- The fit that it stands on (see mart.mix_fit)
    a.allocation_key, -- Causeway's own key
    a.run_key -- The run (see mart.run)
FROM results.allocation a
JOIN core.advertiser v ON v.advertiser_key = a.advertiser_key
JOIN results.mix_fit f ON f.fit_key = a.fit_key
JOIN (
    SELECT DISTINCT ON (n.advertiser_key) p.run_key
    FROM results.publication p
    JOIN core.account n ON n.account_key = p.account_key
    WHERE p.job = 'budget' ORDER BY n.advertiser_key, p.published_at DESC
) p ON p.run_key = a.run_key
