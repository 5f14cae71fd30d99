-- The columns of Fivetran's ad_reporting__campaign_report, for reports that were built on it.
SELECT
    'causeway'::text AS source_relation, -- Always causeway
    date_day, -- Day in the account's time zone
    platform, -- Platform
    account_id, -- The platform's id of the account
    account_name, -- The account's name
    campaign_id, -- The platform's id of the campaign
    campaign_name, -- The campaign's latest name
    clicks, -- Clicks by the platform's own definition
    impressions, -- Impressions
    spend, -- What the platform charged, in the account's currency
    conversions, -- Conversions that the platform claims
    conversion_value AS conversions_value -- Revenue that the platform claims
FROM mart.campaign_daily
