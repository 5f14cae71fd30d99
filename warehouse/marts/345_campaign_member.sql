-- Contacts and leads in the campaigns of a CRM.
SELECT
    a.platform, -- The CRM
    a.account_id, -- Its account
    m.member_id, -- The CRM's id of the membership
    m.campaign_id, -- The CRM's id of the campaign
    m.contact_id, -- The contact or lead
    m.status, -- Status in the campaign
    m.responded_at, -- When the person first answered (UTC)
    m.created_at, -- When it was made (UTC)
    m.is_deleted, -- True when it was deleted
    m.load_key -- The load that wrote this version
FROM core.campaign_member m
JOIN core.account a ON a.account_key = m.account_key
