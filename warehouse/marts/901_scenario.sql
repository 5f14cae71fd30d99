-- Scenarios: plans that people saved, what was predicted of each, and, once its weeks are over, what came of it as last scored. Money and outcomes are those of a week, but for columns that begin with scored_, which are of all its weeks.
SELECT
    s.scenario_key, -- Causeway's own key
    n.platform, -- Where the account is
    n.account_id, -- The account that it was saved for
    v.name AS advertiser, -- Whose money it is
    s.name AS scenario_name, -- Its name
    s.state, -- draft, approved or archived
    f.outcome AS outcome_kind, -- What is caused: revenue, margin, conversions or new_customers
    f.status AS trust, -- green, amber or red: how far the fit can be believed
    s.goal, -- What was asked: a budget, extra money, a target, or to spend while an outcome's value pays
    s.amount, -- How much of it
    s.rules, -- The rules that it keeps, as a file of rules has them
    s.caution, -- Weight of the worst draws against the mean: 0 asks for what is expected
    s.first_week, -- First day of its first week
    s.weeks, -- How many weeks it is for
    s.budget, -- The money
    s.spent, -- What of it is spent
    f.currency, -- Currency of all money, and of the outcome where it is money
    s.gap, -- By how much, as a part, a better plan under the same rules may exist
    s.outcome, -- What advertising causes under it
    s.outcome_low, -- Lower end of its interval
    s.outcome_high, -- Upper end
    s.gain, -- By how much that is more than the plan of the day it was saved
    s.gain_low, -- Lower end
    s.gain_high, -- Upper end
    s.beats_today, -- Probability that it beats that plan
    s.regret, -- By how much a plan that knew the truth would be better, on average
    s.price AS shadow_price, -- What one more unit of money would bring
    s.price_low AS shadow_price_low, -- Lower end
    s.price_high AS shadow_price_high, -- Upper end
    s.efficiency_today, -- (outcome - spend) / spend of the plan of the day it was saved; NULL where the outcome is not money
    s.efficiency, -- The same of the scenario
    s.level, -- Level of all intervals
    s.words, -- What it does
    s.created_at, -- When it was saved (UTC)
    s.created_by, -- By whom
    s.approved_at, -- When it was approved (UTC); NULL: not yet
    s.approved_by, -- By whom
    s.archived_at, -- When it was put away (UTC)
    c.scored_at, -- When it was scored last (UTC); NULL: not yet
    c.planned AS scored_planned, -- What was to be spent over all weeks
    c.spent AS scored_spent, -- What was
    c.total AS scored_total, -- The whole outcome of the weeks, with what came without advertising
    c.predicted AS scored_predicted, -- What advertising was predicted to cause in these weeks
    c.predicted_low AS scored_predicted_low, -- Lower end
    c.predicted_high AS scored_predicted_high, -- Upper end
    c.found AS scored_found, -- What it caused by a newer fit that knows them
    c.found_low AS scored_found_low, -- Lower end
    c.found_high AS scored_found_high, -- Upper end
    c.predicted_gain AS scored_predicted_gain, -- By how much it was to be more than going on as before
    c.predicted_gain_low AS scored_predicted_gain_low, -- Lower end
    c.predicted_gain_high AS scored_predicted_gain_high, -- Upper end
    c.found_gain AS scored_found_gain, -- By how much it was
    c.found_gain_low AS scored_found_gain_low, -- Lower end
    c.found_gain_high AS scored_found_gain_high, -- Upper end
    c.efficiency AS scored_efficiency, -- (found - spent) / spent; NULL where the outcome is not money
    c.is_kept AS scored_is_kept, -- Whether what was found lies in the predicted interval
    c.words AS scored_words, -- What came of it
    s.fit_key, -- The fit that it stands on (see mart.mix_fit)
    c.fit_key AS scored_fit_key -- The fit that scored it
FROM ops.scenario s
JOIN core.account n ON n.account_key = s.account_key
JOIN core.advertiser v ON v.advertiser_key = s.advertiser_key
JOIN results.mix_fit f ON f.fit_key = s.fit_key
LEFT JOIN LATERAL (
    SELECT w.* FROM ops.scenario_score w WHERE w.scenario_key = s.scenario_key ORDER BY w.score_key DESC LIMIT 1
) c ON true
