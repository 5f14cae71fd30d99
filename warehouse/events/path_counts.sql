-- Journeys added up: how often each path ended in a conversion and how often in none, by day and currency.
--
-- In: journey, as the endings' question answers it. value and margin are those of the conversions for which they are
-- known, of which there are valued and margined; new_value and new_margin those of the customers' first conversions;
-- seconds is the time from the first touch to the conversion, added up.
SELECT
    j.date,
    j.path,
    j.currency,
    COUNT(CASE WHEN j.ending > 0 THEN 1 END) AS conversions,
    COUNT(CASE WHEN j.is_new_customer THEN 1 END) AS new_customers,
    COALESCE(SUM(j.value), 0) AS value,
    COUNT(j.value) AS valued,
    COALESCE(SUM(j.margin), 0) AS margin,
    COUNT(j.margin) AS margined,
    COALESCE(SUM(CASE WHEN j.is_new_customer THEN j.value END), 0) AS new_value,
    COALESCE(SUM(CASE WHEN j.is_new_customer THEN j.margin END), 0) AS new_margin,
    CAST(COALESCE(SUM(CASE
        WHEN j.ending > 0 THEN FLOOR(EXTRACT(EPOCH FROM j.ended_at)) - FLOOR(EXTRACT(EPOCH FROM j.began_at))
    END), 0) AS BIGINT) AS seconds,
    COUNT(CASE WHEN j.ending < 0 THEN 1 END) AS null_paths
FROM journey AS j
GROUP BY j.date, j.path, j.currency
