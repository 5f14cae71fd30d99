-- Journeys added up: how often each path ended in a conversion and how often in none, by day.
--
-- In: journey (ending, path, last_at) and conversion (conversion_key, date, value). A conversion counts on its own day,
-- a null path on the day of its last touch.
SELECT
    COALESCE(c.date, CAST(j.last_at AS DATE)) AS date,
    j.path,
    COUNT(c.conversion_key) AS conversions,
    SUM(c.value) AS value,
    COUNT(*) - COUNT(c.conversion_key) AS null_paths
FROM journey AS j
LEFT JOIN conversion AS c ON c.conversion_key = j.ending
GROUP BY COALESCE(c.date, CAST(j.last_at AS DATE)), j.path
