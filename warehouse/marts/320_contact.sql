-- Contacts and leads of a CRM, without names, addresses or anything else that tells who they are.
SELECT
    a.platform, -- The CRM
    a.account_id, -- Its account
    c.contact_id, -- The CRM's id of the record
    c.kind::text AS kind, -- contact or lead
    c.customer_key, -- Who, as far as is known
    c.created_at, -- When the record was made (UTC)
    c.updated_at, -- When the CRM last changed it (UTC)
    c.lead_at, -- Since when it is a lead (UTC); NULL: it never was one
    c.stage, -- Lifecycle stage, or status of the lead
    c.source, -- Where the CRM says that the person came from
    c.source_detail, -- The same in more detail
    c.click_key IS NOT NULL AS has_click_id, -- Whether the CRM knows the click that brought the person
    c.merged_into, -- The record that this one was merged into or converted to
    c.is_deleted, -- True when it was deleted, archived or merged
    c.load_key -- The load that wrote this version
FROM core.contact c
JOIN core.account a ON a.account_key = c.account_key
