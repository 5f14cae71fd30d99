-- One row per contact of a person with a channel: impressions, clicks, visits, e-mails.
SELECT
    t.at, -- When it happened (UTC)
    (t.at AT TIME ZONE a.time_zone)::date AS date_day, -- Day in the account's time zone
    t.kind::text AS kind, -- impression, click, visit, email_open or email_click
    t.channel, -- Channel: what the source says, else the campaign's, else by where the visit came from
    a.platform, -- Platform of the account, e.g. meta_ads
    a.account_id, -- The platform's id of the account
    c.campaign_id, -- The platform's id of the campaign, where the touch names one
    c.name AS campaign_name, -- The campaign's latest name
    g.ad_group_id, -- The platform's id of the ad group
    d.ad_id, -- The platform's id of the ad
    v.creative_id, -- The platform's id of the creative
    t.cost, -- What this contact cost, where the source says it
    a.currency, -- The account's currency, in which cost is
    t.device, -- Device as the source calls it
    t.region, -- Region as the source calls it
    t.customer_key, -- Causeway's own number of the person, who may be merged with another later; NULL without consent
    t.campaign_key, -- Causeway's own key of the campaign
    t.creative_key, -- Causeway's own key of the creative
    t.account_key -- Causeway's own key of the account
FROM core.touchpoint t
JOIN core.account a ON a.account_key = t.account_key
LEFT JOIN core.campaign c ON c.campaign_key = t.campaign_key
LEFT JOIN core.ad_group g ON g.ad_group_key = t.ad_group_key
LEFT JOIN core.ad d ON d.ad_key = t.ad_key
LEFT JOIN core.creative v ON v.creative_key = t.creative_key
