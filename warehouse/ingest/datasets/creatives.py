"""What ads show: the columns of frames of creatives."""

from __future__ import annotations

from typing import Final

import polars as pl

from warehouse.ingest.contract import FURTHER, LINE, Dataset

_TEXT: Final = pl.String()
_DECIMAL: Final = pl.String()  # exact, as text

CREATIVE: Final = Dataset(
    "creative",
    {
        LINE: pl.UInt32(),
        "platform": _TEXT,  # in any of its names; null: that of the table
        **dict.fromkeys(("account_id", "account_name", "creative_id", "name", "format", "call_to_action"), _TEXT),
        # Lists are JSON arrays, or texts parted by "|", ";" or a comma.
        **dict.fromkeys(("ads", "tags", "headlines", "descriptions"), _TEXT),
        **dict.fromkeys(("headline", "body", "image_reference", "landing_page", "language"), _TEXT),
        "duration_seconds": _DECIMAL,
        "width": pl.Int64(),
        "height": pl.Int64(),
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        FURTHER: _TEXT,
        "updated_at": _TEXT,
    },
    decimals=frozenset({"duration_seconds"}),
    long=frozenset({"ads", "tags", "headlines", "descriptions", "headline", "body", "image_reference", "landing_page"}),
    needed=("creative_id",),
)
