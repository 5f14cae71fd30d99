"""What the three stages of loading hand to each other.

``read`` turns bytes into a :class:`RawTable` of text; ``parse`` turns that into a :class:`ParsedTable` whose frames
have the columns of one :class:`Dataset`; ``store`` writes the frames in one transaction. Each stage streams, so
memory does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

Severity = Literal["info", "warning", "error"]
Level = Literal["account", "campaign", "ad_group", "ad", "keyword"]
Facet = Literal["main", "conversions", "values"]
DatasetName = Literal[
    "performance",
    "entity",
    "fx_rate",
    "order_day",
    "web_session_day",
    "order",
    "contact",
    "deal",
    "deal_stage",
    "campaign_member",
    "offline_conversion",
    "email_day",
    "organic_day",
    "creative",
    "experiment",
    "assignment",
    "exposure",
    "outcome",
    "touchpoint",
    "web_event",
]

LINE = "__line"  # the name of the column with the physical line (or spreadsheet row) of each record, from 1


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A record that was read and not taken. ``column`` is the file's own header, ``raw`` the record as read."""

    line: int
    column: str | None
    code: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a file or its data that a person should know; it stops nothing."""

    code: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A thing that the file does not say and that was therefore taken from elsewhere."""

    field: str
    value: str
    why: str


@dataclass(slots=True)
class Tally:
    """Counts of records, complete once the batches are exhausted.

    ``read = (rows handed on in frames) + len(rejected) + sum(skipped.values())``. ``skipped`` counts by reason:
    total rows, footers, unnamed index rows, blank records that the format counts.
    """

    read: int = 0
    rejected: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    def skip(self, reason: str, count: int = 1) -> None:
        if count:
            self.skipped[reason] = self.skipped.get(reason, 0) + count


@dataclass(slots=True)
class RawTable:
    """One table of text out of a file: a CSV, one sheet of a workbook, one member of a zip, one database table.

    ``batches`` yields frames whose columns are :data:`LINE` (UInt32) and then ``header`` made unique (a repeated
    header gets ``"__2"`` and so on), every value text as written (String, nulls only where the format knows nulls;
    the empty string stays the empty string). Rows that do not fit the header are put into ``misfits`` instead.
    """

    path: str  # as the user gave it, plus "!member" or "#sheet" where there are several
    name: str  # base name without folders and compression suffixes, lower case
    header: tuple[str, ...]
    header_line: int
    preamble: tuple[str, ...]  # the lines above the header, as text
    batches: Iterator[pl.DataFrame]
    misfits: list[RejectedRow] = field(default_factory=list)  # drained by the parser after every batch
    typed: bool = False  # True for parquet, xlsx and database tables: numbers came as numbers
    footers: int = 0  # records below the data that are no data (copyright, comments); complete after the last batch
    notes: list[Finding] = field(default_factory=list)  # what was found while reading; complete after the last batch


@dataclass(frozen=True, slots=True)
class Dataset:
    """The columns that a frame has after parsing. All are always present; unknown ones are null.

    How a cell is read follows from the column's type: counts are Int64, days Date, moments :data:`MOMENT`, booleans
    Boolean. Text is an amount when it is in ``decimals`` (or has a name of ``sources.model.DECIMALS``), a platform's id
    when it has a name of ``sources.model.IDS``, and otherwise taken as it is, up to 1,000 characters (100,000 in
    ``long``). ``signed`` may be below zero. A row without a ``needed`` column ("a|b": without both) is rejected.
    """

    name: DatasetName
    columns: Mapping[str, pl.DataType]
    decimals: frozenset[str] = frozenset()
    signed: frozenset[str] = frozenset()
    long: frozenset[str] = frozenset()
    needed: tuple[str, ...] = ()

    @property
    def about_people(self) -> bool:
        """Whether its rows are about people: then a rejected one is kept without what names them."""
        return not PERSONAL.isdisjoint(self.columns)


# The columns by which a person could be known.
PERSONAL: Final = frozenset(
    {"email", "phone", "user_id", "contact_id", "unit_id", "device_id", "client_id", "click_id", "gclid"}
)
# Those of datasets about people in which somebody could be named in passing.
TELLING: Final = frozenset(
    {"page", "referrer", "agent", "session_id", "session_number", "merged_ids", "converted_to", "member_id"}
)

_TEXT = pl.String()
MOMENT = pl.Datetime("us", "UTC")
FURTHER = "further"  # of datasets that have it: the columns that no field is read from, as a JSON object of texts
# Exact decimal numbers travel as text in PostgreSQL's input syntax ("1234.56", "46980000e-6"), so that no float
# ever touches money and a unit (micros, cents) is applied by the exponent.
_DECIMAL = pl.String()

PERFORMANCE = Dataset(
    "performance",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "account_name": _TEXT,
        "currency": _TEXT,
        "time_zone": _TEXT,
        "campaign_id": _TEXT,
        "campaign_name": _TEXT,
        "campaign_type": _TEXT,
        "ad_group_id": _TEXT,
        "ad_group_name": _TEXT,
        "ad_id": _TEXT,
        "ad_name": _TEXT,
        "keyword_id": _TEXT,
        "keyword_text": _TEXT,
        "attribution_setting": _TEXT,
        "date": pl.Date(),
        "impressions": pl.Int64(),
        "clicks": pl.Int64(),
        "spend": _DECIMAL,
        "conversions": _DECIMAL,
        "conversion_value": _DECIMAL,
        # The values of the segment columns, joined by "|", "" where there are none. The store sums the segments of a
        # key; several rows of one key and one segment are repetitions, of which one counts.
        "segment": _TEXT,
        "landed_at": _TEXT,  # ISO timestamp of a connector's row; of equal keys the latest wins
    },
)

ENTITY = Dataset(
    "entity",
    {
        LINE: pl.UInt32(),
        "level": _TEXT,
        "account_id": _TEXT,
        "campaign_id": _TEXT,
        "ad_group_id": _TEXT,
        "ad_id": _TEXT,
        "creative_id": _TEXT,  # of an ad: what it shows
        "name": _TEXT,
        "campaign_type": _TEXT,
        "status": _TEXT,
        "currency": _TEXT,
        "time_zone": _TEXT,
        "updated_at": _TEXT,  # of several versions the latest wins
    },
)

FX_RATE = Dataset(
    "fx_rate",
    {LINE: pl.UInt32(), "date": pl.Date(), "from_currency": _TEXT, "to_currency": _TEXT, "rate": _DECIMAL},
)

ORDER_DAY = Dataset(
    "order_day",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "currency": _TEXT,
        "date": pl.Date(),
        "orders": pl.Int64(),
        "revenue": _DECIMAL,
    },
    signed=frozenset({"revenue"}),  # a day of refunds takes back more than it sells
)

WEB_SESSION_DAY = Dataset(
    "web_session_day",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "currency": _TEXT,
        "date": pl.Date(),
        "channel_group": _TEXT,
        "sessions": pl.Int64(),
        "engaged_sessions": pl.Int64(),
        "key_events": _DECIMAL,
        "revenue": _DECIMAL,
    },
    signed=frozenset({"revenue"}),
)


@dataclass(slots=True)
class ParsedTable:
    """A recognised table, streaming.

    Iterate ``batches`` once; ``tally``, ``rejected``, ``findings`` and ``checksums`` are complete afterwards.
    ``rejected`` holds at most the first ``REJECTED_KEPT`` records in memory at a time: the store drains it after
    every batch.
    """

    path: str
    source: str  # the mapping's name, e.g. "google_ads.ui"
    platform: str  # e.g. "google_ads"
    dataset: Dataset
    level: Level | None  # of performance rows
    facet: Facet  # which of the measures this table brings ("main" brings spend)
    measures: tuple[str, ...]  # the additive columns that this table really has
    segments: tuple[str, ...]  # headers that split one key into several rows, to be summed
    click_definition: str | None  # all | link | swipe | tap | destination
    conversion_basis: Literal["click", "impression", "conversion"] | None
    incomplete: bool  # the file itself says that its last days are not final
    period: tuple[str, str] | None  # first and last day that the file declares (ISO), if it does
    lookback_days: int  # how long this source's numbers move (sources.md section 5)
    batches: Iterator[pl.DataFrame]
    assumptions: list[Assumption] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


Progress = Callable[[int], None]  # called with the number of bytes read so far
