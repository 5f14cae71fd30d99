-- Missing spend or revenue, estimated on request by a documented rule. Never part of mart.campaign_daily.
SELECT
    e.date AS date_day, -- Day
    c.platform, -- Platform
    c.account_id, -- The platform's id of the account
    c.campaign_id, -- The platform's id of the campaign
    c.campaign_name, -- The campaign's latest name
    c.currency, -- Currency of the amounts
    e.measure, -- spend or conversion_value
    e.rule, -- The rule in words
    e.estimate, -- The estimate
    e.low, -- Lower end of its interval
    e.high, -- Upper end of its interval
    e.level, -- Level of the interval
    e.run_key -- The run that made it (see mart.run)
FROM results.estimate e
JOIN results.publication p ON p.job = 'estimate' AND p.account_key = e.account_key AND p.run_key = e.run_key
JOIN mart.campaign c ON c.campaign_key = e.campaign_key
