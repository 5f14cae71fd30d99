-- Credits of conversions: one row per kind of conversion, model, grain, channel and part of the channel. Rows of one model and grain sum to the credited conversions; never add up several models or grains. Credit says who was there before a conversion. Only the model calibrated, which rests on experiments, says what was caused.
WITH rate AS MATERIALIZED (
    SELECT r.run_key, r.goal, w.currency, d.date, coalesce(
        (SELECT x.rate FROM core.fx_rate x
         WHERE x.from_currency = w.currency AND x.to_currency = r.currency AND x.date <= d.date AND x.date > d.date - 7
         ORDER BY x.date DESC LIMIT 1),
        (SELECT 1 / x.rate FROM core.fx_rate x
         WHERE x.from_currency = r.currency AND x.to_currency = w.currency AND x.date <= d.date AND x.date > d.date - 7
         ORDER BY x.date DESC LIMIT 1)) AS rate
    FROM mart.attribution_result r
    JOIN (SELECT DISTINCT a.advertiser_key, a.currency FROM core.account a) w
        ON w.advertiser_key = r.advertiser_key AND w.currency <> r.currency
    JOIN core.day d ON d.date BETWEEN r.first_day AND r.last_day
),
spent AS MATERIALIZED ( -- before campaigns are looked up, whose channels take longer to find than sums
    SELECT r.run_key, r.goal, p.campaign_key, p.entity_key, p.level, p.counted,
        CASE WHEN count(p.spend) = count(CASE WHEN a.currency = r.currency THEN p.spend ELSE p.spend * f.rate END)
             THEN sum(CASE WHEN a.currency = r.currency THEN p.spend ELSE p.spend * f.rate END) END AS cost,
        count(p.spend) > 0 AS is_known
    FROM mart.attribution_result r
    JOIN core.account a ON a.advertiser_key = r.advertiser_key
    JOIN core.performance p ON p.account_key = a.account_key AND p.date BETWEEN r.first_day AND r.last_day
    LEFT JOIN rate f ON f.run_key = r.run_key AND f.goal = r.goal AND f.currency = a.currency AND f.date = p.date
    GROUP BY r.run_key, r.goal, p.campaign_key, p.entity_key, p.level, p.counted
),
paid AS (
    SELECT s.*, c.channel FROM spent s JOIN mart.campaign c ON c.campaign_key = s.campaign_key
),
cost AS (
    SELECT run_key, goal, 'channel' AS grain, channel, NULL::int AS item_key,
        CASE WHEN bool_and(cost IS NOT NULL) THEN sum(cost) END AS cost
    FROM paid WHERE counted AND is_known GROUP BY run_key, goal, channel
    UNION ALL
    SELECT run_key, goal, 'campaign', channel, campaign_key,
        CASE WHEN bool_and(cost IS NOT NULL) THEN sum(cost) END
    FROM paid WHERE counted AND is_known GROUP BY run_key, goal, channel, campaign_key
    UNION ALL
    SELECT run_key, goal, level::text, channel, entity_key, CASE WHEN bool_and(cost IS NOT NULL) THEN sum(cost) END
    FROM paid WHERE level IN ('ad_group', 'ad') AND is_known GROUP BY run_key, goal, level, channel, entity_key
)
SELECT
    r.advertiser, -- Whose conversions they are
    r.goal, -- The kind of conversion that was credited
    t.model, -- first, last, last_non_direct, linear, position, time_decay, markov, shapley, shapley_ordered, shapley_rate, fractional or calibrated
    t.grain, -- channel, campaign, ad_group, ad, creative, device, region or customer (new or returning)
    t.channel, -- Channel of the taxonomy
    t.item_key, -- Causeway's key of the campaign, ad group, ad or creative; NULL where the touches were of none
    coalesce(c.name, g.name, d.name, e.name, t.item) AS item, -- Its name; or the device, the region, new or returning
    t.model = 'calibrated' AS is_incremental, -- True where conversions are those that the channel caused, by experiments
    t.conversions, -- Credited conversions
    t.low, -- Lower end of their interval
    t.high, -- Upper end of their interval
    t.value, -- Credited value of the conversions
    t.value_low, -- Lower end of its interval
    t.value_high, -- Upper end of its interval
    t.removal_effect, -- The share of conversions that the chain of markov loses without the channel
    k.cost, -- Spend of the same days; NULL where none is known, or a rate is missing
    k.cost / nullif(t.conversions, 0)::numeric AS cpa, -- Cost per credited conversion
    t.value / nullif(k.cost, 0) AS roas, -- Credited value per cost
    r.currency, -- Currency of all amounts
    r.first_day, -- First day of the conversions
    r.last_day, -- Last day of the conversions
    r.level, -- Level of all intervals
    r.run_key -- The run (see mart.run)
FROM mart.attribution_result r
JOIN results.attribution t ON t.run_key = r.run_key AND t.goal::text = r.goal
LEFT JOIN core.campaign c ON t.grain = 'campaign' AND c.campaign_key = t.item_key
LEFT JOIN core.ad_group g ON t.grain = 'ad_group' AND g.ad_group_key = t.item_key
LEFT JOIN core.ad d ON t.grain = 'ad' AND d.ad_key = t.item_key
LEFT JOIN core.creative e ON t.grain = 'creative' AND e.creative_key = t.item_key
LEFT JOIN cost k ON k.run_key = r.run_key AND k.goal = r.goal AND k.grain = t.grain AND k.channel = t.channel
    AND k.item_key IS NOT DISTINCT FROM t.item_key AND (t.grain = 'channel' OR t.item_key IS NOT NULL)
