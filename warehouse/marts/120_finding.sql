-- What a person should know about a load; findings stop nothing.
SELECT
    f.load_key, -- The load
    l.path, -- The file
    l.platform, -- Platform
    l.account, -- The account
    f.code, -- Stable code
    f.severity, -- info, warning or error
    f.message, -- In words
    l.started_at -- When the load began (UTC)
FROM landing.finding f
JOIN landing.load l ON l.load_key = f.load_key
