"""What experiments bring: definitions, and rows about units: assignments, exposures, outcomes."""

from __future__ import annotations

from typing import Final

import polars as pl

from warehouse.ingest.contract import FURTHER, LINE, MOMENT, Dataset

_TEXT: Final = pl.String()
_DECIMAL: Final = pl.String()  # exact, as text

EXPERIMENT: Final = Dataset(
    "experiment",
    {
        LINE: pl.UInt32(),
        **dict.fromkeys(("account_id", "account_name", "experiment_id", "name", "hypothesis", "owner"), _TEXT),
        **dict.fromkeys(("kind", "unit", "status", "exposure_rule", "decision", "inference", "layer"), _TEXT),
        **dict.fromkeys(("counts", "strata", "cluster"), _TEXT),
        "starts_at": MOMENT,
        "stops_at": MOMENT,
        "planned_units": pl.Int64(),
        **dict.fromkeys(("channels", "campaigns", "arms", "metrics"), _TEXT),  # JSON
    },
    long=frozenset({"hypothesis", "exposure_rule", "decision", "channels", "campaigns", "arms", "metrics"}),
    needed=("experiment_id|name",),
)

# A unit by whatever it is known; ``unit_id`` is of the kind that the experiment says.
_UNIT: Final = {
    LINE: pl.UInt32(),
    **dict.fromkeys(
        ("account_id", "account_name", "experiment_id", "arm", "unit_id", "user_id", "email", "client_id"), _TEXT
    ),
    **dict.fromkeys(("device_id", "session_id", "geo", "time_slot", "stratum", "cluster"), _TEXT),
}
_ANY_UNIT: Final = "unit_id|user_id|email|client_id|device_id|session_id|geo|time_slot"

ASSIGNMENT: Final = Dataset("assignment", {**_UNIT, "at": MOMENT, "until": MOMENT}, needed=(_ANY_UNIT, "arm"))

EXPOSURE: Final = Dataset("exposure", {**_UNIT, "at": MOMENT}, needed=(_ANY_UNIT, "at"))

OUTCOME: Final = Dataset(
    "outcome",
    {
        **_UNIT,
        "day": pl.Date(),
        "metric": _TEXT,  # null where every further column is a metric
        "value": _DECIMAL,
        "pre_value": _DECIMAL,
        "is_treated": pl.Boolean(),
        FURTHER: _TEXT,
    },
    decimals=frozenset({"value", "pre_value"}),
    signed=frozenset({"value", "pre_value"}),
    needed=(_ANY_UNIT,),
)
