-- Public holidays by country.
SELECT
    h.country, -- ISO 3166 country code
    h.date AS date_day, -- Day
    h.name AS holiday_name -- Name in the country's language or English
FROM core.holiday h
