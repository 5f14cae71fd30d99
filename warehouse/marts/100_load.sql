-- One row per file (or table in a file) that was ever given to Causeway, and what became of it.
SELECT
    l.load_key, -- Number of the load
    l.path, -- The file, as it was named
    l.source, -- The mapping that recognised it
    l.platform, -- Platform
    l.dataset, -- What it holds: performance, entity, fx_rate, order_day, web_session_day
    l.level, -- Level of performance rows
    l.account, -- The account it went to
    l.status, -- loaded, unchanged or refused
    l.reason, -- Why it was refused
    l.rows_read, -- Records read; always accepted + rejected + skipped
    l.accepted, -- Records that are new or changed the warehouse
    l.rejected, -- Records refused, each in mart.rejected_row
    l.skipped, -- Records not needed: totals, footers, rows already known
    l.skipped_by_reason, -- The same by reason
    l.restated, -- Accepted records that replaced an earlier version
    l.vanished, -- Earlier rows that this load's range no longer has
    l.first_day, -- First day in it
    l.last_day, -- Last day in it
    l.final_before, -- Days before this one will not move any more
    l.assumptions, -- What the file did not say and was assumed
    l.started_at, -- When (UTC)
    l.seconds -- How long it took
FROM landing.load l
