-- The customers of audiences. Who is held out must not be treated. For who may read every account of the advertiser.
SELECT
    m.audience_key, -- The audience
    a.audience_name, -- Its name
    m.customer_key, -- The customer
    m.effect, -- What treatment is expected to change
    m.is_held_out -- Whether the customer is held out of the treatment
FROM ops.audience_member m
JOIN mart.audience a ON a.audience_key = m.audience_key
