-- What experiments found: one row per metric, arm and part of the units. Where a guard fired there is no effect, and words
-- say what to check.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    e.experiment_name, -- Its name
    e.status, -- draft, running, stopped or decided
    r.first_day, -- First day with units
    r.last_day, -- Last day that was added up
    r.looks, -- Days on which there was something to look at
    r.inference, -- What the intervals promise: sequential (at any look), fixed (once, at the end) or group_sequential
    r.level, -- Level of the intervals
    r.withheld, -- Whether a guard fired, so that no effect is shown
    r.health, -- green, amber or red
    r.verdict, -- Of the primary metrics: won, lost, open or withheld
    f.metric, -- The metric
    f.role, -- primary, secondary or guardrail
    f.arm_id, -- The arm
    f.control_id, -- The arm that it is compared with
    f.cut, -- Empty: all units; else a part of them, such as before=active
    f.units, -- Units of the arm
    f.control_units, -- Units of the control
    f.mean, -- The metric per unit in the arm
    f.control_mean, -- The same in the control
    f.difference, -- The effect: by how much the arm is higher, adjusted for what units did before
    f.low, -- Lower end of its interval
    f.high, -- Upper end
    f.relative, -- The effect as a part of the control's mean
    f.relative_low, -- Lower end of its interval
    f.relative_high, -- Upper end
    f.p_value, -- p-value of no effect; of sequential intervals one that holds at any look
    f.adjusted_p, -- The same for as many metrics and parts as were asked (Holm; Benjamini and Hochberg)
    f.chance_to_beat, -- Probability that the arm is better, with a flat prior
    f.expected_loss, -- What is lost on average by taking the arm if it is worse, in the metric per unit
    f.method, -- How it was estimated
    f.verdict AS metric_verdict, -- won, lost, harmless or open
    r.words, -- What it means
    e.experiment_key, -- Causeway's own key of the experiment
    r.run_key -- The run (see mart.run)
FROM results.experiment_readout r
JOIN results.publication p ON p.run_key = r.run_key
JOIN mart.experiment e ON e.experiment_key = r.experiment_key
LEFT JOIN results.experiment_effect f ON f.run_key = r.run_key AND f.experiment_key = r.experiment_key
