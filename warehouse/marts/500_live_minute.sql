-- What streams brought, by the minute of its arrival.
SELECT
    m.minute AS minute_at, -- The minute, in UTC
    a.platform, -- The analytics tool
    a.account_id, -- The property
    m.source, -- ga4_mp, segment, or kafka/TOPIC
    sum(m.events) AS events, -- Events that were taken
    sum(m.repeated) AS repeated, -- Events whose id had been taken before
    sum(m.refused) AS refused, -- Events that were refused; the newest are in mart.refused_event
    round(sum(m.lag_ms) / 1000.0 / nullif(sum(m.events), 0), 3) AS mean_lag_seconds, -- From event to arrival, on average
    round(max(m.longest_lag_ms) / 1000.0, 3) AS longest_lag_seconds -- From event to arrival, of the slowest
FROM landing.stream_minute m
JOIN core.account a ON a.account_key = m.account_key
GROUP BY m.minute, a.platform, a.account_id, m.source
