-- One row per creative and day: what the ads that show it did. Only where the platform delivers ads, so never sum this
-- view to campaigns. Which creative an ad shows is what the newest export says, for all of its days.
SELECT
    p.date AS date_day, -- Day in the account's time zone
    m.platform, -- Platform
    m.channel, -- Channel from the taxonomy
    m.account_id, -- The platform's id of the account
    v.creative_id, -- The platform's id of the creative
    v.creative_key, -- Causeway's own key of the creative
    m.currency, -- Currency of spend and conversion_value
    count(DISTINCT d.ad_key) AS ads, -- Ads that showed it
    sum(p.impressions)::bigint AS impressions, -- Impressions
    sum(p.clicks)::bigint AS clicks, -- Clicks by the platform's own definition
    sum(p.spend) AS spend, -- What the platform charged
    sum(p.conversions) AS conversions, -- Conversions that the platform claims
    sum(p.conversion_value) AS conversion_value, -- Revenue that the platform claims
    bool_and(p.is_final) AS is_final -- False while the platform may still restate the day
FROM core.performance p
JOIN core.ad d ON d.ad_key = p.entity_key
JOIN core.ad_creative l ON l.account_key = d.account_key AND l.ad_id = d.ad_id
JOIN core.creative v ON v.creative_key = l.creative_key
JOIN mart.campaign m ON m.campaign_key = p.campaign_key
WHERE p.level = 'ad'
GROUP BY p.date, m.platform, m.channel, m.account_id, v.creative_id, v.creative_key, m.currency
