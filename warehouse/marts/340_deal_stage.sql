-- The stages that deals entered, and when they left them for the next one.
SELECT
    a.platform, -- The CRM
    a.account_id, -- Its account
    s.deal_id, -- The CRM's id of the deal
    d.pipeline, -- Pipeline of the deal, where the deal is known
    s.stage, -- The stage
    s.entered_at, -- When the deal entered it (UTC)
    lead(s.entered_at) OVER (PARTITION BY s.account_key, s.deal_id ORDER BY s.entered_at, s.stage) AS left_at, -- When it entered the next one (UTC); NULL: it is there
    s.load_key -- The load that brought it
FROM core.deal_stage s
JOIN core.account a ON a.account_key = s.account_key
LEFT JOIN core.deal d ON d.account_key = s.account_key AND d.deal_id = s.deal_id
