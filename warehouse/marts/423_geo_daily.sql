-- Outcomes of experiments over geos or time slots: one row per geo, metric and day, with the days before and after.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    e.unit, -- geo or time_slot
    u.name AS geo, -- The geo or time slot
    r.arm_id, -- The arm that it is in
    o.date AS date_day, -- Day
    o.metric, -- The metric
    o.value, -- Its value
    coalesce(
        o.is_treated,
        NOT r.is_control AND o.date >= (coalesce(s.at, e.starts_at) AT TIME ZONE 'UTC')::date
        AND o.date < coalesce((coalesce(s.until, e.stops_at) AT TIME ZONE 'UTC')::date, 'infinity')
    ) AS is_treated, -- Whether the treatment was on; as the export says, else from arm and period
    e.experiment_key -- Causeway's own key of the experiment
FROM core.unit_outcome o
JOIN core.experiment_unit u ON u.experiment_key = o.experiment_key AND u.unit_key = o.unit_key
JOIN mart.experiment e ON e.experiment_key = o.experiment_key
LEFT JOIN (
    SELECT g.experiment_key, g.unit_key, min(g.arm_key) AS arm_key, min(g.at) AS at, max(g.until) AS until
    FROM core.assignment g GROUP BY g.experiment_key, g.unit_key HAVING count(*) = 1
) s ON s.experiment_key = o.experiment_key AND s.unit_key = o.unit_key
LEFT JOIN core.experiment_arm r ON r.arm_key = s.arm_key
WHERE e.unit IN ('geo', 'time_slot') AND o.date IS NOT NULL
