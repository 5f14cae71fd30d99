"""Experiments: definitions, and rows about units as experimentation tools and warehouses export them."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Source, column
from warehouse.ingest.sources.words import LANDED

PLATFORM = Platform(name="experiments", label="Experiments", words=("experiments", "growthbook"), lookback_days=0)

_UNIT_WORDS = {
    "user_id": ("user_id", "user", "customer_id", "member_id", "shopper_id"),
    "client_id": ("anonymous_id", "client_id", "user_pseudo_id", "visitor_id", "cookie_id"),
    "device_id": ("device_id", "idfv", "gaid"),
    "email": ("email", "email_sha256", "hashed_email"),
    "session_id": ("session_id", "visit_id"),
    "geo": ("geo", "geo_id", "location", "region", "dma", "market"),
    "time_slot": ("time_slot", "slot"),
    "unit_id": ("unit_id", "unit", "subject_id"),
}
_ARM_WORDS = ("arm", "arm_id", "variation", "variation_id", "variation_name", "variant", "variant_id", "variant_name",
              "test_group", "group", "bucket", "treatment", "cell")  # fmt: skip
_UNIT = {
    "account_id": column("account_id"),
    "experiment_id": column("experiment_id", "experiment", "experiment_key", "experiment_name", "test_id", "test_name",
                            "test"),
    **{field: column(*words) for field, words in _UNIT_WORDS.items()},
    "arm": column(*_ARM_WORDS),
    "stratum": column("stratum", "strata"),
    "cluster": column("cluster", "cluster_id", "household", "household_id"),
}  # fmt: skip
_ANY_UNIT = "|".join(word for words in _UNIT_WORDS.values() for word in words)
_ANY_ARM = "|".join(_ARM_WORDS)

_TIMES = ("assigned_at", "timestamp", "at", "time", "received_at", "event_time", "date", "day", "created_at",
          "first_seen_at")  # fmt: skip
_EXPOSED = ("exposed_at", "exposure_time", "exposure_timestamp", "first_exposed_at", "viewed_at")
_RESULTS = ("orders", "revenue", "conversions", "conversion", "converted", "sales", "purchases", "visits", "visit",
            "signups", "leads", "y", "outcome", "gmv", "margin")  # fmt: skip
_VALUES = ("value", "metric_value", "outcome_value")
_BEFORE = ("pre_value", "covariate", "pre_period_value")
_METRIC = ("metric", "metric_id", "metric_name")
_DAYS = {
    "day": column("date", "day", "date_day", "event_date", "time"),
    "is_treated": column("is_treated", "treated", "treatment_period"),
}
# What is no experiment: ads, shops, events of people.
_OTHERS = ("impressions", "clicks", "impr.", "spend", "cost", "cost_micros", "campaign_id", "campaign", "event_name",
           "order_id", "channel", "touchpoint", "click_id", "gclid", "page_location", "creative_id")  # fmt: skip

SOURCES = (
    Source(
        name="experiments.definition",
        platform=PLATFORM,
        label="Definitions of experiments (YAML, JSON or a table)",
        dataset="experiment",
        columns={
            "account_id": column("account_id", "account"),
            "experiment_id": column("id", "experiment_id", "experiment_key", "key", "tracking_key"),
            "name": column("name", "experiment_name", "title"),
            "hypothesis": column("hypothesis"),
            "owner": column("owner"),
            "kind": column("kind", "design", "type"),
            "unit": column("unit", "randomization_unit", "hash_attribute"),
            "status": column("status", "state"),
            "starts_at": column("start", "starts_at", "start_date", "date_started", "started_at"),
            "stops_at": column("stop", "stops_at", "end", "end_date", "date_ended", "stopped_at", "ended_at"),
            "exposure_rule": column("exposure", "exposure_rule", "activation"),
            "planned_units": column("planned_units", "planned_size", "sample_size"),
            "decision": column("decision"),
            "inference": column("inference", "analysis", "stats_engine"),
            "layer": column("layer", "namespace"),
            "counts": column("counts", "counted"),
            "strata": column("strata", "stratified_by"),
            "cluster": column("cluster", "clusters", "clustered_by"),
            "channels": column("channels"),
            "campaigns": column("campaigns"),
            "arms": column("arms", "variations", "variants"),
            "metrics": column("metrics", "goals"),
        },
        signature=("arms|variations|variants", "id|experiment_id|experiment_key|key|tracking_key|name|experiment_name"),
        excludes=_OTHERS,
    ),
    Source(
        name="experiments.assignments",
        platform=PLATFORM,
        label="Assignments of an experiment: unit, arm, time (also GrowthBook's)",
        dataset="assignment",
        columns={
            **_UNIT,
            "at": column(*_TIMES, *LANDED),
            "until": column("until", "ends_at", "treatment_end", "end_date"),
        },
        signature=(_ANY_UNIT, _ANY_ARM),
        excludes=(*_OTHERS, *_RESULTS, *_METRIC, *_VALUES, *_BEFORE, *_EXPOSED, "arms", "variations", "treated"),
    ),
    Source(
        name="experiments.exposures",
        platform=PLATFORM,
        label="Exposures of an experiment: unit, time, arm",
        dataset="exposure",
        columns={**_UNIT, "at": column(*_EXPOSED)},
        signature=(_ANY_UNIT, "|".join(_EXPOSED)),
        excludes=(*_OTHERS, *_METRIC, *_VALUES),
    ),
    Source(
        name="experiments.exposure_log",
        platform=PLATFORM,
        label="Exposures of an experiment, in a file that is named so",
        dataset="exposure",
        columns={**_UNIT, "at": column(*_TIMES)},
        signature=(_ANY_UNIT, "|".join(_TIMES)),
        excludes=(*_OTHERS, *_METRIC, *_VALUES, *_EXPOSED),
        file_words=r"exposure|exposed|experiment[ _-]?viewed",
        by_name_only=True,
    ),
    Source(
        name="experiments.outcomes",
        platform=PLATFORM,
        label="Outcomes of an experiment: unit, metric, value, day",
        dataset="outcome",
        columns={
            **_UNIT,
            **_DAYS,
            "metric": column(*_METRIC),
            "value": column(*_VALUES),
            "pre_value": column(*_BEFORE),
        },
        signature=(_ANY_UNIT, "|".join(_METRIC), "|".join((*_VALUES, *_BEFORE))),
        excludes=_OTHERS,
    ),
    Source(
        name="experiments.outcome_columns",
        platform=PLATFORM,
        label="Outcomes of an experiment: unit, day, and a column for each metric",
        dataset="outcome",
        columns={**_UNIT, **_DAYS},
        signature=(_ANY_UNIT, "|".join(_RESULTS), f"{_ANY_ARM}|date|day|date_day|time|treated|is_treated"),
        excludes=(*_OTHERS, *_METRIC),
    ),
)  # fmt: skip
