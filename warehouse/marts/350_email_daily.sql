-- E-mail by campaign and day. Opens are inflated, since Apple's Mail opens everything by itself: judge by clicks.
SELECT
    e.date AS date_day, -- Day of sending, or of the log
    a.platform, -- The mail tool
    a.account_id, -- Its account
    e.campaign_id, -- Id of the campaign, or its name where the export has none
    e.campaign_name, -- Name of the campaign
    e.sent, -- E-mails sent
    e.delivered, -- E-mails delivered
    e.opens, -- Opens (unique where the tool says so); inflated by Apple's Mail
    e.clicks, -- Clicks (unique where the tool says so)
    e.unsubscribes, -- People who unsubscribed
    e.revenue, -- Revenue that the mail tool claims
    a.currency, -- Currency of revenue
    e.load_key -- The load that brought it
FROM core.email_day e
JOIN core.account a ON a.account_key = e.account_key
