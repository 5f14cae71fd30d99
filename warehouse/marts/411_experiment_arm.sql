-- One row per arm of an experiment, with the units that it was meant to get and those that it got.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    r.arm_id, -- The arm
    r.name AS arm_name, -- Its name
    r.share, -- The part of the units that it is meant to get
    r.is_control, -- Whether the others are compared with it
    coalesce(s.units, 0) AS units, -- Units in this arm alone
    coalesce(s.shared_units, 0) AS shared_units, -- Units that are in another arm too; they belong to none
    coalesce(x.units, 0) AS exposed_units, -- Units that met its treatment
    e.experiment_key, -- Causeway's own key of the experiment
    r.arm_key -- Causeway's own key of the arm
FROM core.experiment_arm r
JOIN mart.experiment e ON e.experiment_key = r.experiment_key
LEFT JOIN (
    SELECT t.arm_key, count(*) FILTER (WHERE t.arms = 1) AS units, count(*) FILTER (WHERE t.arms > 1) AS shared_units
    FROM (
        SELECT g.arm_key, count(*) OVER (PARTITION BY g.experiment_key, g.unit_key) AS arms FROM core.assignment g
    ) t
    GROUP BY t.arm_key
) s ON s.arm_key = r.arm_key
LEFT JOIN (
    SELECT p.arm_key, count(DISTINCT p.unit_key) AS units FROM core.exposure p GROUP BY p.arm_key
) x ON x.arm_key = r.arm_key
