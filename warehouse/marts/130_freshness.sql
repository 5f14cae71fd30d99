-- How far each account's data reach, and from which day on they may still move: performance by level, and what else comes day by day by its kind.
SELECT
    a.platform, -- Platform
    a.account_id, -- The platform's id of the account
    a.name AS account_name, -- The account's name
    f.level, -- Level of performance rows, or the kind of the others: order, touchpoint, web_event ...
    f.first_day, -- First day with rows
    f.last_day, -- Last day with rows
    f.final_before, -- Days before this one are final; of performance only
    f.last_load_at, -- Latest load that brought rows (UTC)
    f.loads -- Loads that brought rows
FROM (
    SELECT v.account_key, v.level::text AS level, v.first_day, v.last_day, l.final_before, l.last_load_at, l.loads
    FROM core.account_level v
    LEFT JOIN (
        SELECT t.account_key, x.level, max(x.final_before) AS final_before, max(x.started_at) AS last_load_at,
               count(*) AS loads
        FROM landing.load_account t
        JOIN landing.load x ON x.load_key = t.load_key
        WHERE x.dataset = 'performance'
        GROUP BY t.account_key, x.level
    ) l ON l.account_key = v.account_key AND l.level = v.level::text
    UNION ALL
    SELECT t.account_key, x.dataset, min(x.first_day), max(x.last_day), NULL, max(x.started_at), count(*)
    FROM landing.load_account t
    JOIN landing.load x ON x.load_key = t.load_key
    WHERE x.last_day IS NOT NULL AND x.dataset IN (
        'order', 'order_day', 'web_session_day', 'web_event', 'touchpoint', 'contact', 'deal', 'offline_conversion',
        'email_day', 'organic_day')
    GROUP BY t.account_key, x.dataset
) f
JOIN core.account a ON a.account_key = f.account_key
