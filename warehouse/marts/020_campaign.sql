-- One row per campaign, with the channel that the taxonomy gives it.
SELECT
    a.platform, -- Platform, e.g. google_ads
    coalesce(r.channel, d.channel, 'other') AS channel, -- Channel from platform and campaign type (see core.channel_rule)
    a.account_id, -- The platform's id of the account
    a.name AS account_name, -- The account's name
    c.campaign_id, -- The platform's id of the campaign; its name where the export has no id
    c.name AS campaign_name, -- The campaign's latest name
    nullif(c.campaign_type, '') AS campaign_type, -- The platform's own campaign type
    c.status, -- The platform's latest status, where an export says it
    a.currency, -- The account's currency
    c.id_is_name, -- True when the export had no campaign id
    c.created_at, -- When Causeway first saw the campaign (UTC)
    c.campaign_key -- Causeway's own key, stable within one warehouse
FROM core.campaign c
JOIN core.account a ON a.account_key = c.account_key
LEFT JOIN core.channel_rule r ON r.platform = a.platform AND r.type_key = c.type_key
LEFT JOIN core.channel_rule d ON d.platform = a.platform AND d.type_key = ''
