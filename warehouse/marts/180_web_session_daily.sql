-- Web sessions by the analytics tool's channel group and day.
SELECT
    s.date AS date_day, -- Day in the property's time zone
    a.platform, -- The analytics tool
    a.account_id, -- The property
    s.channel_group, -- The tool's own channel group
    s.sessions, -- Sessions
    s.engaged_sessions, -- Engaged sessions
    s.key_events, -- Key events
    a.currency, -- Currency of revenue
    s.revenue -- Revenue that the tool assigns
FROM core.web_session_day s
JOIN core.account a ON a.account_key = s.account_key
