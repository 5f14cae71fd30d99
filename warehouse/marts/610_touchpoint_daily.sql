-- Touchpoints by day, channel, kind and account.
SELECT
    (t.at AT TIME ZONE a.time_zone)::date AS date_day, -- Day in the account's time zone
    t.channel, -- Channel
    t.kind::text AS kind, -- impression, click, visit, email_open or email_click
    a.platform, -- Platform of the account
    a.account_id, -- The platform's id of the account
    count(*) AS touchpoints, -- Contacts
    count(DISTINCT t.customer_key) AS customers, -- People met on that day in that way; not to be added up over days
    count(*) FILTER (WHERE t.customer_key IS NULL) AS of_nobody, -- Contacts of people who are not known
    sum(t.cost) AS cost, -- What these contacts cost, where the source says it
    a.currency, -- Currency of cost
    t.account_key -- Causeway's own key of the account
FROM core.touchpoint t
JOIN core.account a ON a.account_key = t.account_key
GROUP BY 1, 2, 3, 4, 5, a.currency, t.account_key
