-- Whether effects wear off or grow: what they were in the first and in the second half of each unit's time in the test.
SELECT
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_id, -- The experiment
    n.metric, -- The metric
    n.arm_id, -- The arm
    n.as_of, -- Day up to which this was read: once a week, and when the experiment is over
    n.units, -- Units of the arm and the control
    n.early, -- The effect in the first half: by how much the arm is higher
    n.early_low, -- Lower end of its interval
    n.early_high, -- Upper end
    n.late, -- The effect in the second half
    n.late_low, -- Lower end of its interval
    n.late_high, -- Upper end
    n.change, -- The second less the first, surer than both since it is of the same units
    n.change_low, -- Lower end of its interval
    n.change_high, -- Upper end
    n.p_value, -- p-value of no change
    n.words, -- What follows from it
    e.experiment_key, -- Causeway's own key of the experiment
    n.run_key -- The run (see mart.run)
FROM results.experiment_novelty n
JOIN results.publication p ON p.run_key = n.run_key
JOIN mart.experiment e ON e.experiment_key = n.experiment_key
