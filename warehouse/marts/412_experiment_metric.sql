-- What an experiment is judged by.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    m.metric, -- The metric, as the outcomes name it
    m.role::text AS role, -- primary, secondary or guardrail
    m.better, -- higher or lower
    m.margin, -- What a guardrail may lose, as a part of the control's mean
    m.denominator, -- The metric that it is divided by; NULL: by the units
    e.experiment_key -- Causeway's own key of the experiment
FROM core.experiment_metric m
JOIN mart.experiment e ON e.experiment_key = m.experiment_key
