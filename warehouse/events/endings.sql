-- Journeys with what they ended in: the conversion's day and worth, or for a null path the day of its last touch.
--
-- In: journey, as the journeys' question answers it, and conversion (conversion_key, at, date, value, margin, currency,
-- is_new_customer), where date is the day in the zone of the conversion's account.
SELECT
    j.customer_key,
    j.ending,
    COALESCE(c.date, CAST(j.last_at AS DATE)) AS date,
    j.began_at,
    COALESCE(c.at, j.last_at) AS ended_at,
    j.touches,
    j.path,
    c.value,
    c.margin,
    c.currency,
    c.is_new_customer
FROM journey AS j
LEFT JOIN conversion AS c ON c.conversion_key = j.ending
