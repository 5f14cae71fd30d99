-- How far each account's data reach, and from which day on they may still move.
SELECT
    a.platform, -- Platform
    a.account_id, -- The platform's id of the account
    a.name AS account_name, -- The account's name
    v.level::text AS level, -- Level of the rows
    v.first_day, -- First day with rows
    v.last_day, -- Last day with rows
    l.final_before, -- Days before this one are final
    l.last_load_at, -- Latest load that brought rows (UTC)
    l.loads -- Loads that brought rows
FROM core.account_level v
JOIN core.account a ON a.account_key = v.account_key
LEFT JOIN (
    SELECT t.account_key, x.level, max(x.final_before) AS final_before, max(x.started_at) AS last_load_at,
           count(*) AS loads
    FROM landing.load_account t
    JOIN landing.load x ON x.load_key = t.load_key
    WHERE x.dataset = 'performance'
    GROUP BY t.account_key, x.level
) l ON l.account_key = v.account_key AND l.level = v.level::text
