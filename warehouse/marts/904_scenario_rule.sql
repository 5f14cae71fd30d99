-- The rules that keep scenarios from bringing more, and what easing each by one unit would bring.
SELECT
    b.scenario_key, -- The scenario
    s.scenario_name, -- Its name
    b.rule, -- The rule, in words
    b.price AS shadow_price, -- What easing it by one unit would bring, a week
    s.currency -- Currency of money, and of the outcome where it is money
FROM ops.scenario_binding b
JOIN mart.scenario s ON s.scenario_key = b.scenario_key
