-- Credits of the channels by day: the day of the conversion, or the day (UTC) of the touch. Rows of one model and dating sum to the credited conversions, but for what a chain credits to channels that no converting journey met: that has no day.
SELECT
    t.date AS date_day, -- The day
    t.dated, -- conversion: the day of the conversion; touch: that of the touch that is credited
    r.advertiser, -- Whose conversions they are
    r.goal, -- The kind of conversion that was credited
    t.model, -- The model (see mart.attribution)
    t.channel, -- Channel of the taxonomy
    t.model = 'calibrated' AS is_incremental, -- True where conversions are those that the channel caused, by experiments
    t.conversions, -- Credited conversions
    t.value, -- Credited value
    r.currency, -- Currency of the value
    r.run_key -- The run (see mart.run)
FROM mart.attribution_result r
JOIN results.attribution_day t ON t.run_key = r.run_key AND t.goal::text = r.goal
