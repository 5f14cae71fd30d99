-- What ads show: one row per creative, in its newest version.
SELECT
    a.platform, -- Platform
    a.account_id, -- The platform's id of the account
    a.name AS account_name, -- The account's name
    c.creative_id, -- The platform's id of the creative
    c.name AS creative_name, -- Its name, where an export says one
    c.format, -- image, video, carousel, text, link or product; else the platform's own word
    c.headline, -- Headline; of a responsive ad the first one
    c.body, -- Body text; of a responsive ad the first description
    c.call_to_action, -- Call to action, in the platform's words
    c.landing_page, -- Where it leads
    c.language, -- Language
    c.tags, -- Tags, a JSON list
    c.assets, -- All headlines and descriptions of a responsive ad, a JSON list of kind and text
    c.metadata, -- Further columns of the export, a JSON object
    c.image_reference, -- The picture as the export names it: an address, or a path beside the export
    '/images/' || c.image_digest AS image_path, -- Where Causeway serves the picture, where it was loaded
    c.image_digest, -- SHA-256 of the picture
    c.width, -- Width in pixels
    c.height, -- Height in pixels
    c.duration_seconds, -- Duration of a video
    c.first_day, -- First day that it runs, where an export says it
    c.last_day, -- Last day that it runs, where an export says it
    (SELECT count(*) FROM core.ad_creative l WHERE l.creative_key = c.creative_key) AS ads, -- Ads that show it
    c.updated_at, -- When a load last changed it (UTC)
    c.load_key, -- The load that did
    c.creative_key -- Causeway's own key, stable within one warehouse
FROM core.creative c
JOIN core.account a ON a.account_key = c.account_key
