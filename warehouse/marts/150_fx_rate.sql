-- Exchange rates: one unit of from_currency in to_currency on a day.
SELECT
    r.date AS date_day, -- Day
    r.from_currency, -- Currency that is converted
    r.to_currency, -- Currency that comes out
    r.rate, -- Units of to_currency for one of from_currency
    r.load_key -- The load that brought it
FROM core.fx_rate r
