-- Journeys: which touches led to which conversion of a goal, and which to none. One row per journey.
--
-- In: touch (customer_key, at, day, step), where day counts the days from 1970 and step is one character per channel,
-- and goal, as the goals' question answers it.
--
-- A touch leads to the customer's next conversion, if that follows within the lookback; a conversion uses up its
-- touches. Touches that lead to none make null paths: the customer's touches of one window as long as the lookback.
-- Windows follow each other without a gap and begin on another day for every customer, so that no day is special.
--
-- Out: ending is the conversion's key, or minus the number of the window's first day, counted from 1970 and shifted by
-- the customer. path has the newest 200 steps in order of time, and of their character where the time is the same.
WITH met AS (
    SELECT
        COALESCE(t.customer_key, g.customer_key) AS customer_key,
        COALESCE(
            g.conversion_key,
            MOD(t.day + MOD(t.customer_key, :lookback_days), :lookback_days)
            - t.day - MOD(t.customer_key, :lookback_days)
        ) AS ending,
        t.at,
        t.step
    FROM touch AS t
    FULL JOIN goal AS g
        ON g.customer_key = t.customer_key
        AND t.at <= g.at
        AND t.at >= g.since
        AND (g.previous_at IS NULL OR t.at > g.previous_at)
)
SELECT
    m.customer_key,
    m.ending,
    MIN(m.at) AS began_at,
    MAX(m.at) AS last_at,
    COUNT(m.at) AS touches,
    COALESCE(RIGHT(STRING_AGG(m.step, '' ORDER BY m.at NULLS FIRST, m.step NULLS FIRST), 200), '') AS path
FROM met AS m
GROUP BY m.customer_key, m.ending
