-- Units by experiment, arm and the day on which they were put there: what a check of the sample ratio needs.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    r.arm_id, -- The arm
    r.share, -- The part of the units that it is meant to get
    (t.at AT TIME ZONE 'UTC')::date AS date_day, -- Day (UTC); NULL where no export says when
    count(*) FILTER (WHERE t.arms = 1) AS units, -- Units in this arm alone
    count(*) FILTER (WHERE t.arms > 1) AS shared_units, -- Units that are in another arm too
    e.experiment_key -- Causeway's own key of the experiment
FROM (
    SELECT g.experiment_key, g.arm_key, g.at, count(*) OVER (PARTITION BY g.experiment_key, g.unit_key) AS arms
    FROM core.assignment g
) t
JOIN core.experiment_arm r ON r.arm_key = t.arm_key
JOIN mart.experiment e ON e.experiment_key = t.experiment_key
GROUP BY e.platform, e.account_id, e.experiment_id, e.experiment_key, r.arm_id, r.share, date_day
