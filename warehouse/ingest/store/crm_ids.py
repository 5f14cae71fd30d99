"""Ids of a CRM in one spelling."""

from __future__ import annotations

from typing import Final

import polars as pl

# Salesforce writes an id with 15 characters (in reports) or with three more that only check its capitals.
_LONG: Final = r"^([A-Za-z0-9]{15})[A-Z0-5]{3}$"
_MARK: Final = r"\s*[;,]\s*"


def one_spelling(ids: pl.Series, platform: str) -> pl.Series:
    """Ids that name the same record as the same text."""
    if platform != "salesforce":
        return ids.str.strip_chars()
    trimmed = ids.str.strip_chars()
    return pl.select(pl.coalesce(trimmed.str.extract(_LONG), trimmed)).to_series().alias(ids.name)


def id_lists(cells: pl.Series) -> pl.Series:
    """Lists of ids that are separated by semicolons or commas, or written as a JSON array; null where there is none.

    HubSpot's older list of merged contacts has the time of each merge behind a colon, which is cut off.
    """
    plain = cells.str.replace_all(r'[\[\]"\s]|:\d+', "")
    return plain.str.replace_all(_MARK, ";").str.split(";").list.eval(pl.element().filter(pl.element() != ""))
