-- Events of streams that were refused, with the reason. Nothing personal is kept of them.
SELECT
    r.refused_event_key, -- A number that grows with time
    r.arrived_at, -- When it came
    a.platform, -- The analytics tool
    a.account_id, -- The property
    r.source, -- ga4_mp, segment, or kafka/TOPIC
    r.name AS event_name, -- Its name, where it had one
    r.code, -- Stable code of the reason
    r.reason, -- The reason in words
    r.shape -- The message with every value replaced by its type
FROM landing.refused_event r
JOIN core.account a ON a.account_key = r.account_key
