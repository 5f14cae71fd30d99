-- Conversions of one goal, each with the times after which touches lead to it.
--
-- In: conversion (customer_key, conversion_key, at).
--
-- Out: since is one lookback before the conversion, previous_at the time of the customer's conversion before it.
SELECT
    c.customer_key,
    c.conversion_key,
    c.at,
    c.at - :lookback_days * INTERVAL '1 day' AS since,
    LAG(c.at) OVER (PARTITION BY c.customer_key ORDER BY c.at, c.conversion_key) AS previous_at
FROM conversion AS c
