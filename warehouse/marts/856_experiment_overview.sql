-- Every experiment with what was found of it: the effect on its first primary metric, or what a test over regions brought.
SELECT
    e.experiment_id, -- The experiment
    e.experiment_name, -- Its name
    e.kind, -- ab, geo, holdout, go_dark or switchback
    e.status, -- draft, running, stopped or decided
    e.starts_at, -- Start (UTC)
    e.stops_at, -- Stop (UTC)
    r.units, -- Units, regions or days
    r.health, -- green, amber or red; NULL: not read yet
    r.verdict, -- won, lost, open or withheld
    coalesce(f.metric, l.metric) AS metric, -- The metric
    coalesce(f.difference, l.incremental) AS effect, -- Its effect: per unit, or of a test over regions in all
    coalesce(f.low, l.low) AS low, -- Lower end of its interval
    coalesce(f.high, l.high) AS high, -- Upper end
    coalesce(f.relative, l.relative) AS relative, -- The effect as a part of what would have been
    e.decision, -- What was decided
    e.platform, -- Where the experiment is kept
    e.account_id, -- The account
    e.experiment_key -- Causeway's own key of the experiment
FROM mart.experiment e
LEFT JOIN (
    SELECT o.* FROM results.experiment_readout o JOIN results.publication p ON p.run_key = o.run_key
) r ON r.experiment_key = e.experiment_key
LEFT JOIN LATERAL (
    SELECT x.* FROM results.experiment_effect x
    WHERE x.run_key = r.run_key AND x.experiment_key = r.experiment_key AND x.role = 'primary' AND x.cut = ''
    ORDER BY x.place LIMIT 1
) f ON true
LEFT JOIN LATERAL (
    SELECT x.* FROM results.lift x
    WHERE x.run_key = r.run_key AND x.experiment_key = r.experiment_key AND x.role = 'primary'
    ORDER BY x.metric LIMIT 1
) l ON true
