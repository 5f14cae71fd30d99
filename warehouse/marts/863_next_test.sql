-- Which test next: of every channel with spend the test without its ads whose answer would change most money. Conversions and money are those of a week, but for information, test_cost and net.
SELECT
    v.name AS advertiser, -- Whose channels they are
    t.place + 1 AS rank, -- 1 is the test to do next
    t.goal::text AS goal, -- The kind of conversion that is looked at
    t.channel, -- Channel of the taxonomy
    t.rests_on, -- What the belief rests on: tests (the calibrated model), or credit, which tells little of what is caused
    t.conversions, -- Conversions a week that the channel is thought to cause
    t.low, -- Lower end of their interval
    t.high, -- Upper end
    t.level, -- Level of all intervals
    t.break_even, -- Conversions a week that are worth the spend
    t.spend, -- Spend a week
    t.currency, -- Currency of all amounts
    t.chance_wrong, -- How likely it is that keeping the channel, or leaving it out, is wrong as things are known
    t.weeks, -- How long the test takes
    t.share, -- Part of all conversions that is of the regions without the ads
    t.precision, -- How far, in conversions a week, the interval goes up and down after the test
    t.information, -- What deciding after the test is better than deciding today, over the horizon
    t.test_cost, -- What is lost meanwhile where today's decision is not followed
    t.information - t.test_cost AS net, -- What is left of it
    t.horizon_weeks, -- For how many weeks the decision is
    t.last_tested, -- Last day of the newest test of the channel; NULL: never tested
    e.experiment_key, -- A test of the channel that is planned or running; NULL: none
    e.experiment_id, -- Its id
    t.words, -- What to do, in words
    t.attribution_run_key, -- The run of attribution that beliefs are from
    t.run_key -- The run (see mart.run)
FROM results.next_test t
JOIN core.advertiser v ON v.advertiser_key = t.advertiser_key
JOIN (
    SELECT DISTINCT ON (a.advertiser_key) p.run_key
    FROM results.publication p
    JOIN core.account a ON a.account_key = p.account_key
    WHERE p.job = 'next_tests' ORDER BY a.advertiser_key, p.published_at DESC
) p ON p.run_key = t.run_key
LEFT JOIN LATERAL (
    SELECT u.experiment_key, u.experiment_id
    FROM core.experiment u
    JOIN core.account a ON a.account_key = u.account_key
    WHERE a.advertiser_key = t.advertiser_key AND u.channels = jsonb_build_array(t.channel)
      AND u.status IN ('draft', 'running')
    ORDER BY u.status DESC, u.experiment_key LIMIT 1
) e ON TRUE
