"""Yes and no as systems write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

_TRUE: Final = ("true", "t", "1", "yes", "y", "ja", "oui", "sí", "si", "sim", "tak", "x", "1.0")
_FALSE: Final = ("false", "f", "0", "no", "n", "nein", "non", "não", "nie", "nee", "0.0")
_MISSING: Final = ("", "--", "-", "null", "none", "n/a", r"\n")
_MEANING: Final[dict[str, bool]] = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}


@dataclass(frozen=True, slots=True)
class Booleans:
    """One column, read. ``unreadable`` marks cells that say neither, nor nothing (``None``: there are none)."""

    values: pl.Series
    unreadable: pl.Series | None


def read_booleans(cells: pl.Series) -> Booleans:
    """Booleans of a column of text."""
    words = cells.str.strip_chars().str.to_lowercase()
    values = words.replace_strict(_MEANING, default=None, return_dtype=pl.Boolean)
    bad = values.is_null() & words.is_not_null() & ~words.is_in(_MISSING)
    return Booleans(values, bad if bad.any() else None)
