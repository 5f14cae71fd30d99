-- Conversions of one goal, each with the time of the customer's conversion before it.
--
-- In: conversion (customer_key, conversion_key, at).
SELECT
    c.customer_key,
    c.conversion_key,
    c.at,
    LAG(c.at) OVER (PARTITION BY c.customer_key ORDER BY c.at, c.conversion_key) AS previous_at
FROM conversion AS c
