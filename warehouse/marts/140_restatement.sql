-- What changed since: every version of an entity-day that a later load replaced or removed. Filter on changed_at.
SELECT
    v.superseded_at AS changed_at, -- When the newer version was loaded (UTC)
    v.date AS date_day, -- The day whose numbers changed
    c.platform, -- Platform
    c.account_id, -- The platform's id of the account
    c.campaign_id, -- The platform's id of the campaign
    c.campaign_name, -- The campaign's latest name
    v.level::text AS level, -- Level of the row
    v.vanished, -- True when the row is gone
    v.impressions AS old_impressions, -- Impressions before
    v.clicks AS old_clicks, -- Clicks before
    v.spend AS old_spend, -- Spend before
    v.conversions AS old_conversions, -- Conversions before
    v.conversion_value AS old_conversion_value, -- Conversion value before
    p.impressions AS current_impressions, -- Impressions now (NULL when the row is gone)
    p.clicks AS current_clicks, -- Clicks now
    p.spend AS current_spend, -- Spend now
    p.conversions AS current_conversions, -- Conversions now
    p.conversion_value AS current_conversion_value, -- Conversion value now
    c.currency, -- Currency of the amounts
    v.load_key AS old_load_key, -- The load that had written the old version
    v.superseded_by AS new_load_key -- The load that replaced it
FROM core.performance_version v
JOIN mart.campaign c ON c.campaign_key = v.campaign_key
LEFT JOIN core.performance p ON p.entity_key = v.entity_key AND p.date = v.date AND p.level = v.level
