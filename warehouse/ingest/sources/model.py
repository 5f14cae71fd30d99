"""The vocabulary in which a platform's exports are described: platforms, sources, columns, aliases.

A file of this folder is data: a :class:`Platform` and a tuple of :class:`Source`, nothing that runs. A new platform
is one new file with the names ``PLATFORM`` and ``SOURCES``; the registry finds it.

Headers are written here as people read them ("campaign id"). They are compared with case, accents, spaces, dots,
dashes and underscores taken away, so one spelling stands for ``Campaign ID``, ``CampaignId``, ``campaign_id`` and
``campaign.id``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

from warehouse.ingest.contract import MOMENT, Assumption, Dataset, DatasetName, Facet, Level

Unit = Literal["unit", "cent", "micro"]
DateOrder = Literal["month_first", "day_first"]
ConversionBasis = Literal["click", "impression", "conversion"]
Combine = Literal["first", "coalesce", "sum"]
Kind = Literal["count", "decimal", "day", "moment", "boolean", "text"]
PreambleReader = Literal["google_period", "microsoft_report", "linkedin_report", "ga4_period", "conversion_parameters"]

INTEGERS: Final = frozenset({"impressions", "clicks", "orders", "sessions", "engaged_sessions"})
DECIMALS: Final = frozenset({"spend", "conversions", "conversion_value", "revenue", "rate", "key_events", "results"})
MONEY: Final = frozenset({"spend", "conversion_value", "revenue"})
IDS: Final = frozenset({"account_id", "campaign_id", "ad_group_id", "ad_id", "keyword_id", "creative_id"})
DAYS: Final = frozenset({"date", "date_end"})
STAMPS: Final = frozenset({"landed_at", "updated_at"})

# How a performance row's level follows from what it names, finest first.
LEVEL_FIELDS: Final[Mapping[Level, tuple[str, ...]]] = {
    "keyword": ("keyword_id", "keyword_text"),
    "ad": ("ad_id", "ad_name"),
    "ad_group": ("ad_group_id", "ad_group_name"),
    "campaign": ("campaign_id", "campaign_name"),
}


def kind_of(dataset: Dataset, field: str) -> Kind:
    """How the cells of a field are read."""
    dtype = dataset.columns.get(field)
    if dtype == pl.Int64:
        return "count"
    if field in DECIMALS or field in dataset.decimals:
        return "decimal"
    if field in DAYS or dtype == pl.Date:
        return "day"
    if dtype == MOMENT:
        return "moment"
    return "boolean" if dtype == pl.Boolean else "text"


@dataclass(frozen=True, slots=True)
class Alias:
    """One header under which a field may stand, and what that header says beyond the field.

    ``path`` reaches into a column of JSON objects ("$.spend"); ``entry`` takes, of a JSON array of names and values
    (GA4's ``event_params``, a shop's ``note_attributes``), the value with that name; ``query`` takes that parameter of
    the URL in the cell ("utm_source"), after ``path`` or ``entry``. ``note`` becomes a finding when this alias is used.
    """

    header: str
    path: str = ""
    entry: str = ""
    query: str = ""
    click_definition: str | None = None
    conversion_basis: ConversionBasis | None = None
    attribution_setting: str | None = None
    note: str = ""
    whole_range: bool = False  # a date that is the first day of a range, unless its end is the same day


@dataclass(frozen=True, slots=True)
class Column:
    """The headers of one field, best first, and how several of them combine.

    ``first`` takes the best header that the file has; ``coalesce`` the first value that is not empty, row by row;
    ``sum`` adds all that the file has.
    """

    aliases: tuple[Alias, ...]
    unit: Unit = "unit"
    combine: Combine = "first"


def column(*aliases: str | Alias, unit: Unit = "unit", combine: Combine = "first") -> Column:
    """A :class:`Column` from plain headers and aliases."""
    return Column(tuple(Alias(a) if isinstance(a, str) else a for a in aliases), unit, combine)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A header that may be one of several fields. It stays empty until somebody maps it."""

    header: str
    fields: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a table that is recognised is not taken, and what to load instead."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform and what holds for all of its exports.

    ``words`` are the tokens by which a file name or ``--source`` may name it. ``conversion_basis`` is the day that
    a conversion is put on; ``time_zone`` is set where the platform reports every account in one zone.
    """

    name: str
    label: str
    words: tuple[str, ...]
    lookback_days: int
    click_definition: str | None = None
    conversion_basis: ConversionBasis | None = None
    attribution_setting: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """One shape in which a platform's data arrives.

    ``signature`` lists headers that must all be there (``"a|b"`` is satisfied by either); ``excludes`` headers that
    must not. ``required`` lists fields in the same notation. ``file_words`` is a regular expression over the last
    folder and the file's name; ``by_name_only`` is for tables whose headers say too little.
    """

    name: str
    platform: Platform
    label: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    dataset: DatasetName = "performance"
    level: Level | None = None  # None: the finest that the columns name
    facet: Facet = "main"
    required: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    file_words: str = ""
    by_name_only: bool = False
    priority: int = 0  # below zero: only when nothing else fits
    segments: tuple[str, ...] = ()
    conversion_segments: tuple[str, ...] = ()  # segments that repeat impressions and leave cost out
    ambiguous: tuple[Ambiguous, ...] = ()
    ignored: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)  # fields that every row has alike
    date_order: DateOrder | None = None
    machine_numbers: bool = False  # written by a program: always a decimal point, never a group mark
    preamble: PreambleReader | None = None
    blank_total: bool = False  # a row without any name or id is the total
    zones: Mapping[str, str] = field(default_factory=dict)  # the platform's names of time zones -> IANA
    refusal: Refusal | None = None
    skipped: str = ""  # the whole table repeats another one of the same file; why
    assumptions: tuple[Assumption, ...] = ()
    # Columns whose headers match, gathered into one field as a JSON object: what the pattern's group finds -> the cell.
    gathered: Mapping[str, str] = field(default_factory=dict)
    clock: str = ""  # the zone of moments that are written without an offset; UTC where the file says nothing either
