-- One row per campaign and account-local day: what the platform reports, in the account's currency. Rows of campaign
-- level where the platform delivers them, otherwise the sum of the campaign's ad groups or ads. Sum before dividing:
-- ratios of single days must not be averaged. Conversions and their value are the platform's claim, not incremental.
SELECT
    f.date AS date_day, -- Day in the account's time zone, as the platform reports it
    c.platform, -- Platform, e.g. google_ads
    c.channel, -- Channel from the taxonomy
    c.account_id, -- The platform's id of the account
    c.account_name, -- The account's name
    c.campaign_id, -- The platform's id of the campaign
    c.campaign_name, -- The campaign's latest name
    c.campaign_type, -- The platform's own campaign type
    c.currency, -- Currency of spend and conversion_value
    f.impressions, -- Impressions
    f.clicks, -- Clicks by the platform's own definition (see click_definition)
    f.spend, -- What the platform charged
    f.conversions, -- Conversions that the platform claims; NULL where it reports none at all
    f.conversion_value, -- Revenue that the platform claims; NULL where it reports none at all
    {metric:ctr} AS ctr, -- {words:ctr}
    {metric:cpc} AS cpc, -- {words:cpc}
    {metric:cpa} AS cpa, -- {words:cpa}
    {metric:cvr} AS cvr, -- {words:cvr}
    {metric:roas} AS roas, -- {words:roas}
    {metric:roi} AS roi, -- {words:roi}
    f.is_final, -- False while the platform may still restate the day
    f.level, -- The level that the numbers come from: campaign, ad_group, ad, or account
    m.click_definition, -- all, link, swipe, tap or destination: clicks of different definitions are not one thing
    m.attribution_setting, -- The attribution window behind conversions, where known
    m.conversion_basis, -- The day a conversion is put on: click, impression or conversion
    f.load_key, -- The load that wrote the current version (see mart.load)
    f.campaign_key -- Causeway's own key of the campaign
FROM (
    SELECT p.date, p.campaign_key, p.level::text AS level, p.impressions, p.clicks, p.spend, p.conversions,
           p.conversion_value, p.is_final, p.measurement_key, p.load_key
    FROM core.performance p
    WHERE p.counted AND p.level IN ('campaign', 'account')
    UNION ALL
    SELECT p.date, p.campaign_key, min(p.level)::text, sum(p.impressions)::bigint, sum(p.clicks)::bigint, sum(p.spend),
           sum(p.conversions), sum(p.conversion_value), bool_and(p.is_final),
           CASE WHEN min(p.measurement_key) = max(p.measurement_key) THEN min(p.measurement_key) END, max(p.load_key)
    FROM core.performance p
    WHERE p.counted AND p.level IN ('ad_group', 'ad')
    GROUP BY p.date, p.campaign_key
) f
JOIN mart.campaign c ON c.campaign_key = f.campaign_key
LEFT JOIN core.measurement m ON m.measurement_key = f.measurement_key
