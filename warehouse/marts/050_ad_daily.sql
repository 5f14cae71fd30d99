-- One row per ad in its ad group and day, only where the platform delivers that level. Campaign types without ads
-- (Performance Max, for one) have no rows here: never sum this view to campaigns, use mart.campaign_daily.
SELECT
    p.date AS date_day, -- Day in the account's time zone
    c.platform, -- Platform
    c.channel, -- Channel from the taxonomy
    c.account_id, -- The platform's id of the account
    c.campaign_id, -- The platform's id of the campaign
    c.campaign_name, -- The campaign's latest name
    g.ad_group_id, -- The platform's id of the ad group
    g.name AS ad_group_name, -- The ad group's latest name
    d.ad_id, -- The platform's id of the ad
    d.name AS ad_name, -- The ad's latest name
    v.creative_id, -- The platform's id of the creative, where an export says it
    c.currency, -- Currency of spend and conversion_value
    p.impressions, -- Impressions
    p.clicks, -- Clicks by the platform's own definition
    p.spend, -- What the platform charged
    p.conversions, -- Conversions that the platform claims
    p.conversion_value, -- Revenue that the platform claims
    p.is_final -- False while the platform may still restate the day
FROM core.performance p
JOIN core.ad d ON d.ad_key = p.entity_key
JOIN core.ad_group g ON g.ad_group_key = d.ad_group_key
JOIN mart.campaign c ON c.campaign_key = p.campaign_key
LEFT JOIN core.ad_creative l ON l.account_key = d.account_key AND l.ad_id = d.ad_id
LEFT JOIN core.creative v ON v.creative_key = l.creative_key
WHERE p.level = 'ad'
