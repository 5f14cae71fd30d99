-- The date dimension, 2015 to 2035; weeks are ISO weeks.
SELECT
    d.date AS date_day, -- Day
    d.weekday, -- 1 = Monday
    d.iso_week, -- ISO week
    d.iso_year, -- ISO year
    d.week_start, -- Monday of the week
    d.month_start, -- First day of the month
    d.quarter_start, -- First day of the quarter
    d.year -- Calendar year
FROM core.day d
