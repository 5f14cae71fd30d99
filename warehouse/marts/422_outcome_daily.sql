-- Outcomes by experiment, arm, metric and day, as sums that can be added up: of values, of what they were before the
-- experiment, and of their squares and products. Units that are in several arms are left out.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    r.arm_id, -- The arm
    o.metric, -- The metric
    o.date AS date_day, -- Day; NULL for outcomes of the whole experiment
    count(o.value) AS units, -- Units with a value
    sum(o.value) AS value_sum, -- Sum of the values
    sum(o.value * o.value) AS value_squares, -- Sum of their squares
    count(o.pre_value) AS pre_units, -- Units with a value before the experiment
    sum(o.pre_value) AS pre_sum, -- Sum of the values before the experiment
    sum(o.pre_value * o.pre_value) AS pre_squares, -- Sum of their squares
    sum(o.value * o.pre_value) AS products, -- Sum of the products of both
    e.experiment_key -- Causeway's own key of the experiment
FROM core.unit_outcome o
JOIN (
    SELECT g.experiment_key, g.unit_key, min(g.arm_key) AS arm_key FROM core.assignment g
    GROUP BY g.experiment_key, g.unit_key HAVING count(*) = 1
) s ON s.experiment_key = o.experiment_key AND s.unit_key = o.unit_key
JOIN core.experiment_arm r ON r.arm_key = s.arm_key
JOIN mart.experiment e ON e.experiment_key = o.experiment_key
GROUP BY e.platform, e.account_id, e.experiment_id, e.experiment_key, r.arm_id, o.metric, o.date
