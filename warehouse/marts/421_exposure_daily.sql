-- Exposures by experiment, arm and day.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    r.arm_id, -- The arm
    (p.at AT TIME ZONE 'UTC')::date AS date_day, -- Day (UTC)
    count(*) AS exposures, -- Exposures
    count(DISTINCT p.unit_key) AS units, -- Units that were exposed on this day; not to be summed over days
    count(*) FILTER (WHERE p.is_first) AS new_units, -- Units that were exposed for the first time
    e.experiment_key -- Causeway's own key of the experiment
FROM (
    SELECT x.experiment_key, x.unit_key, x.arm_key, x.at,
           row_number() OVER (PARTITION BY x.experiment_key, x.unit_key, x.arm_key ORDER BY x.at) = 1 AS is_first
    FROM core.exposure x
) p
JOIN core.experiment_arm r ON r.arm_key = p.arm_key
JOIN mart.experiment e ON e.experiment_key = p.experiment_key
GROUP BY e.platform, e.account_id, e.experiment_id, e.experiment_key, r.arm_id, date_day
