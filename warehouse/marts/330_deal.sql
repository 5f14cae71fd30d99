-- Deals (opportunities) of a CRM, each in its newest version, in its own currency and without its title.
SELECT
    a.platform, -- The CRM
    a.account_id, -- Its account
    d.deal_id, -- The CRM's id of the deal
    d.contact_id, -- The contact it belongs to
    d.customer_key, -- Who that is, as far as is known
    d.pipeline, -- Pipeline or record type
    d.stage, -- The stage it is in
    d.amount, -- What it is worth
    d.currency, -- Currency of the amount; deals of one account may have several
    d.created_at, -- When it was made (UTC)
    d.updated_at, -- When the CRM last changed it (UTC)
    d.closes_at, -- When it closed or is planned to (UTC); may lie in the future
    d.is_won, -- Whether it is won
    d.won_at, -- When it entered the stage in which it is won (UTC)
    d.is_closed, -- Whether it is won or lost
    d.source, -- Where the CRM says that it came from
    d.campaign_id, -- The CRM's primary campaign
    d.is_deleted, -- True when it was deleted or archived
    d.load_key -- The load that wrote this version
FROM core.deal d
JOIN core.account a ON a.account_key = d.account_key
