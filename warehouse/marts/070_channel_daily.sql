-- One row per account, channel, campaign type and day: the counted rows of mart.campaign_daily, summed.
SELECT
    r.date AS date_day, -- Day in the account's time zone
    a.platform, -- Platform
    coalesce(x.channel, d.channel, 'other') AS channel, -- Channel from the taxonomy
    a.account_id, -- The platform's id of the account
    nullif(r.campaign_type, '') AS campaign_type, -- The platform's own campaign type
    a.currency, -- Currency of spend and conversion_value
    r.impressions, -- Impressions
    r.clicks, -- Clicks by the platform's own definition
    r.spend, -- What the platform charged
    r.conversions, -- Conversions that the platform claims
    r.conversion_value, -- Revenue that the platform claims
    {metric:roas} AS roas, -- {words:roas}
    {metric:cpa} AS cpa, -- {words:cpa}
    r.is_final -- False while the platform may still restate the day
FROM core.daily_rollup r
JOIN core.account a ON a.account_key = r.account_key
LEFT JOIN core.channel_rule x ON x.platform = a.platform AND x.type_key = r.type_key
LEFT JOIN core.channel_rule d ON d.platform = a.platform AND d.type_key = ''
