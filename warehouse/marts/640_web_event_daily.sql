-- Web events by day and name.
SELECT
    coalesce(e.day, (e.at AT TIME ZONE a.time_zone)::date) AS date_day, -- Day in the property's time zone
    e.name, -- Event, as Google Analytics calls it: page_view, view_item, add_to_cart, purchase ...
    a.platform, -- The analytics tool
    a.account_id, -- The property
    count(*) AS events, -- Events
    count(DISTINCT e.session_id) AS sessions, -- Visits with such an event
    count(DISTINCT e.customer_key) AS customers, -- People with such an event; not to be added up over days
    count(*) FILTER (WHERE e.customer_key IS NULL) AS of_nobody, -- Events of people who are not known
    e.account_key -- Causeway's own key of the property
FROM core.web_event e
JOIN core.account a ON a.account_key = e.account_key
GROUP BY 1, 2, 3, 4, e.account_key
