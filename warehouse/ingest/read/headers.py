"""Where the header of an export is, and how header names are compared."""

from __future__ import annotations

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from warehouse.ingest.contract import LINE
from warehouse.ingest.read.records import BrokenQuote, read_records

DELIMITERS = (",", "\t", ";", "|")

_HEADER_BY = 20  # no platform writes more lines than this above its header
_SAMPLED = 60  # physical lines that the delimiter is judged by
_KNOWN_NEEDED = 2
_NUMBER = re.compile(r"[\s$€£¥₹+\-(]*\d[\d.,'\s\u00a0\u202f]*(?:[eE][+-]?\d+)?[\s%€)]*")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a sample. ``line`` is where it begins and ``ends`` its last physical line, both from 1."""

    cells: tuple[str, ...]
    line: int
    ends: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is laid out: what separates its cells and which record names them."""

    delimiter: str
    header: Record
    known: int  # how many of the header's names the vocabulary has; 0 when the header was taken by its shape


def normalise_header(text: str) -> str:
    r"""The form in which header names are compared.

    NFKD without accents, case folded, every run of white space (no-break spaces too) one space, none at the ends,
    no byte order mark: ``" Coût\xa0"`` and ``"cout"`` are the same name.
    """
    decomposed = unicodedata.normalize("NFKD", text.replace("\ufeff", "").replace("\u200b", ""))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def find_layout(sample: str, vocabulary: frozenset[str]) -> Layout | None:
    """The layout of delimited text, judged by its first lines; ``None`` when they hold nothing but blanks.

    Each delimiter is tried. The one under which a row names most of the vocabulary wins; where none names any,
    the one that cuts the lines most evenly. Raises :class:`BrokenQuote` when the first record has a quote that
    is not closed and no delimiter gives a header that is known.
    """
    best: Layout | None = None
    best_rank: tuple[int, bool, float, int] | None = None
    broken = False
    for delimiter in DELIMITERS:
        records = list(_sample_records(sample, delimiter))
        broken = broken or (not records and bool(sample.strip()))
        header = find_header(records, vocabulary)
        if header is None:
            continue
        known = _known(header, vocabulary)
        cells, share = _modal_width(records)
        rank = (known, cells > 1, share, cells)
        if best_rank is None or rank > best_rank:
            best, best_rank = Layout(delimiter, header, known), rank
    if broken and (best is None or not best.known):
        raise BrokenQuote(0)
    return best


def find_header(records: Sequence[Record], vocabulary: frozenset[str]) -> Record | None:
    """The record that names the columns; ``None`` when there is no record that is not blank.

    It is the first one within 20 lines that has two names of the vocabulary and no number. A file that nobody
    knows has none: then it is the first one with as many cells as most records have.
    """
    early = [r for r in records if r.line <= _HEADER_BY and any(c.strip() for c in r.cells)]
    for record in early:
        if _known(record, vocabulary) and not any(_NUMBER.fullmatch(c) for c in record.cells):
            return record
    cells, _ = _modal_width(records)
    return next((r for r in early if len(r.cells) == cells), early[0] if early else None)


def reads_like_header(cells: Iterable[str]) -> bool:
    """Whether every cell is a name: none is empty, a number or a date."""
    return all(c.strip() and not _NUMBER.fullmatch(c) and not _DATE.fullmatch(c) for c in cells)


def column_names(header: Sequence[str]) -> list[str]:
    """The frame's columns after :data:`LINE`: the header, where a name that is taken gets ``"__2"`` and so on."""
    taken = {LINE}
    counts: dict[str, int] = {}  # where to go on counting: ten thousand columns of one name are not to take a minute
    names = []
    for text in header:
        name, count = text, counts.get(text, 1)
        while name in taken:
            count += 1
            name = f"{text}__{count}"
        counts[text] = count
        taken.add(name)
        names.append(name)
    return names


def _known(record: Record, vocabulary: frozenset[str]) -> int:
    known = len({normalise_header(c) for c in record.cells} & vocabulary)
    return known if known >= _KNOWN_NEEDED else 0


def _modal_width(records: Sequence[Record]) -> tuple[int, float]:
    """The number of cells that most records have (the larger of equals), and the share of records with it."""
    widths = Counter(len(r.cells) for r in records if any(c.strip() for c in r.cells))
    if not widths:
        return 0, 0.0
    cells, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return cells, count / widths.total()


def _sample_records(sample: str, delimiter: str) -> Iterator[Record]:
    """The whole records of the first lines, up to a quote that is not closed as far as can be seen."""
    lines = "".join(islice(io.StringIO(sample, newline=""), _SAMPLED))
    begins = 1
    try:
        for cells, source, whole in read_records(lines, delimiter):
            if whole:
                yield Record(tuple(cells), begins, begins + len(source) - 1)
            begins += len(source)
    except BrokenQuote:
        return
