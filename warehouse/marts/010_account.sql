-- One row per ad account, shop or analytics property that the reader may see.
SELECT
    a.account_id, -- The platform's id of the account, as text
    a.name AS account_name, -- Its name
    a.platform, -- Platform, e.g. google_ads
    p.name AS platform_name, -- The platform's name in words
    a.currency, -- The account's one currency (ISO 4217)
    a.currency_is_stated, -- False when no file said the currency and it was assumed
    a.time_zone, -- The zone of the account's days (IANA where known)
    a.time_zone_is_stated, -- False when no file said the zone and it was assumed
    a.created_at, -- When Causeway first saw the account (UTC)
    a.account_key -- Causeway's own key, stable within one warehouse
FROM core.account a
JOIN core.platform p ON p.platform = a.platform
