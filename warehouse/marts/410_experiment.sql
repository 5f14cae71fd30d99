-- The registry of experiments.
SELECT
    a.platform, -- Where it is kept; experiments of their own account: experiments
    a.account_id, -- The account
    e.experiment_id, -- Its id
    e.name AS experiment_name, -- Its name
    e.hypothesis, -- What it asks
    e.owner, -- Who owns it
    e.kind::text AS kind, -- ab, geo, holdout, go_dark or switchback
    e.unit::text AS unit, -- What is put into an arm: user, session, geo or time_slot
    e.status::text AS status, -- draft, running, stopped or decided
    e.starts_at, -- Start (UTC)
    e.stops_at, -- Stop (UTC)
    e.exposure_rule, -- When a unit has met its treatment, in words
    e.planned_units, -- Units that were planned
    e.decision, -- What was decided
    e.channels, -- Channels concerned, a JSON list
    e.campaigns, -- Campaigns concerned by the platforms' ids, a JSON list
    e.inference::text AS inference, -- How it is read: sequential (at any look), fixed (once, at the end) or group_sequential; chosen before the start
    e.layer, -- A unit is in at most one experiment of a layer; NULL: of none
    e.counts::text AS counts, -- Which units count: assigned, or exposed: those that met the treatment, from that day on
    e.strata, -- What units are weighed within, as the assignments say it of each unit; NULL: nothing
    e.cluster, -- What was put into arms where units are in it, such as households; NULL: units themselves
    e.is_registered, -- False when rows speak of it and no definition was loaded
    e.load_key, -- The load that last changed it
    e.experiment_key -- Causeway's own key, stable within one warehouse
FROM core.experiment e
JOIN core.account a ON a.account_key = e.account_key
