-- What other budgets would bring, each spent in the best way: the frontier of money against outcome, a week.
SELECT
    a.advertiser, -- Whose money it is
    a.outcome_kind, -- What is caused
    b.budget, -- The money of a week
    a.currency, -- Currency of the money, and of the outcome where it is money
    b.outcome, -- What advertising causes
    b.outcome_low, -- Lower end of its interval
    b.outcome_high, -- Upper end
    b.price AS shadow_price, -- What one more unit of money would bring
    a.level, -- Level of the interval
    a.allocation_key, -- Causeway's own key of the plan for today's money
    a.run_key -- The run (see mart.run)
FROM mart.allocation a
JOIN results.allocation_budget b ON b.allocation_key = a.allocation_key
