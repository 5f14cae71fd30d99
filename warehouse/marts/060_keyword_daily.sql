-- One row per keyword and day. Keywords cover search only; never sum them to campaigns.
SELECT
    p.date AS date_day, -- Day in the account's time zone
    c.platform, -- Platform
    c.account_id, -- The platform's id of the account
    c.campaign_id, -- The platform's id of the campaign
    c.campaign_name, -- The campaign's latest name
    g.ad_group_id, -- The platform's id of the ad group
    k.keyword_id, -- The platform's id of the keyword
    k.text AS keyword_text, -- The keyword
    c.currency, -- Currency of spend and conversion_value
    p.impressions, -- Impressions
    p.clicks, -- Clicks
    p.spend, -- What the platform charged
    p.conversions, -- Conversions that the platform claims
    p.conversion_value, -- Revenue that the platform claims
    p.is_final -- False while the platform may still restate the day
FROM core.performance p
JOIN core.keyword k ON k.keyword_key = p.entity_key
JOIN core.ad_group g ON g.ad_group_key = k.ad_group_key
JOIN mart.campaign c ON c.campaign_key = p.campaign_key
WHERE p.level = 'keyword'
