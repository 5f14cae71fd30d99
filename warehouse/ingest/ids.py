"""Identifiers: always text, stripped of what platforms and spreadsheets wrap around them."""

from __future__ import annotations

import polars as pl

from warehouse.errors import LoadRefused

# "1.20216E+17": a spreadsheet has rounded the id; its last digits are gone.
_ROUNDED = r"^[+-]?\d+(?:[.,]\d+)?[eE]\+?\d+$"
# A float that lost nothing: "359751135.0".
_FLOAT = r"^(\d+)\.0+$"
_EXACT_DIGITS = 15  # a double holds that many

# Everything before the id itself: act_123, 'customers/1/campaigns/456, adGroupAds/123~456, urn:li:sponsoredCampaign:7.
_WRAPPING = r"^'+|^act_|^urn:li:\w+:|^.*[/~]"
_ACCOUNT_NUMBER = r"^\d{3}-\d{3}-\d{4}$"


def read_ids(cells: pl.Series, header: str) -> pl.Series:
    """Ids as the platform writes them, null where missing.

    Raises :class:`LoadRefused` when any was rounded by a spreadsheet, because then none can be trusted.
    """
    digits = cells.cast(pl.UInt64, strict=False)
    if digits.null_count() == cells.null_count():
        return cells
    ids = cells.str.strip_chars()
    refuse_rounded(ids, header)
    whole = ids.str.extract(_FLOAT)
    if whole.is_not_null().any():
        longest = whole.str.len_chars().max()
        if isinstance(longest, int) and longest > _EXACT_DIGITS:
            raise _rounded_ids(header, str(ids.filter(whole.str.len_chars() > _EXACT_DIGITS)[0]))
        ids = pl.select(pl.coalesce(whole, ids)).to_series()
    ids = ids.str.replace(_WRAPPING, "").str.replace(_WRAPPING, "")
    dashed = ids.str.contains(_ACCOUNT_NUMBER)
    if dashed.any():
        ids = pl.select(pl.when(dashed).then(ids.str.replace_all("-", "", literal=True)).otherwise(ids)).to_series()
    return ids.set(ids.is_in(["", "--", "-", "—", "null", "NULL", "None"]), None)


def refuse_rounded(ids: pl.Series, header: str) -> None:
    """Raise :class:`LoadRefused` when a spreadsheet rounded any of ``ids``, which are otherwise taken as they are."""
    rounded = ids.filter(ids.str.contains(_ROUNDED))
    if len(rounded):
        raise _rounded_ids(header, str(rounded[0]))


def _rounded_ids(header: str, example: str) -> LoadRefused:
    return LoadRefused(
        f'The ids in column "{header}" were rounded by a spreadsheet ("{example}"); their last digits are lost.',
        remedy="Load the file as it was downloaded, without opening and saving it in a spreadsheet.",
    )
