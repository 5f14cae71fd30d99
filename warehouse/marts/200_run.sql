-- Runs of jobs: what was computed, when, from which data, and whether it is what readers see now.
SELECT
    r.run_key, -- Number of the run
    r.job, -- The job
    a.platform, -- Platform of the account
    a.account_id, -- The account
    r.state, -- running, done, failed or skipped
    r.parameters, -- What it was asked
    r.code_version, -- Version of Causeway
    r.data_watermark, -- The newest load that it saw
    r.started_at, -- When it began (UTC)
    r.finished_at, -- When it ended (UTC)
    r.error, -- Why it failed
    p.run_key IS NOT NULL AS is_published -- True for the run that readers follow
FROM results.run r
JOIN core.account a ON a.account_key = r.account_key
LEFT JOIN results.publication p ON p.run_key = r.run_key
