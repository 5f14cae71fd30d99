"""What people said about columns before, recalled for the account that a table belongs to.

A table belongs to the account that was asked for; else to the one that its rows name; else to the platform's own, which
has the platform's name. The last two are known only once the table is recognised, which may need the very mapping that
is looked for: so each account's mapping is tried, and holds where the table then turns out to be that account's.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import polars as pl

from warehouse.errors import LoadRefused
from warehouse.ingest.binding import bind
from warehouse.ingest.contract import RawTable
from warehouse.ingest.detect import detect
from warehouse.ingest.ids import read_ids
from warehouse.ingest.read.headers import normalise_header

Mappings = Mapping[str, Mapping[str, str]]  # account id -> normalised header -> field


def recall(raw: RawTable, mappings: Mappings, *, account: str | None, source: str | None) -> tuple[str, dict[str, str]]:
    """The account whose mapping holds for a table, and of that what speaks of the table's columns; empty if none."""
    present = {normalise_header(header) for header in raw.header}
    for known, mapping in mappings.items():
        said = {header: field for header, field in mapping.items() if header in present}
        if said and (known == account if account else _belongs(raw, known, said, source)):
            return known, said
    return "", {}


def _belongs(raw: RawTable, account: str, mapping: Mapping[str, str], source: str | None) -> bool:
    try:
        found = detect(raw, source=source, mapping=mapping)
        fields = bind(raw, found, mapping).fields
    except LoadRefused:
        return False
    named = fields.get("account_id") or fields.get("account_name")
    if named is None:
        return account == found.platform.name
    cells = _first_batch(raw)
    if cells is None:
        return False
    try:
        ids = read_ids(cells[named.header], named.header).drop_nulls().unique().to_list()
    except LoadRefused:
        return False
    return ids == [account]


def _first_batch(raw: RawTable) -> pl.DataFrame | None:
    """The first batch, which stays the first to be read."""
    first = next(raw.batches, None)
    if first is not None:
        raw.batches = chain([first], raw.batches)
    return first
