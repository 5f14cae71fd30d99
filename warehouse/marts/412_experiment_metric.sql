-- What an experiment is judged by.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    m.metric, -- The metric, as it is called
    m.role::text AS role, -- primary, secondary or guardrail
    m.better, -- higher or lower
    m.margin, -- What a guardrail may lose, as a part of the control's mean
    m.denominator, -- The outcome that it is divided by; NULL: by the units
    coalesce(m.outcome, m.metric) AS outcome, -- The outcome that it is told of
    m.statistic::text AS statistic, -- mean (also of ratios), share (of 0 and 1) or quantile
    m.quantile, -- Which quantile, such as 0.9
    m.cap, -- Values of a unit above it count as it
    m.winsorise, -- The same by a quantile of what units did before, other than nothing
    m.covariates, -- Outcomes before the start that it is adjusted for; NULL: all that are known
    e.experiment_key -- Causeway's own key of the experiment
FROM core.experiment_metric m
JOIN mart.experiment e ON e.experiment_key = m.experiment_key
