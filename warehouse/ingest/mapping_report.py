"""What is understood of a table's header: shown by ``--dry-run``, on the Data page, and with a refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from warehouse.errors import LoadRefused
from warehouse.ingest.binding import IGNORE, SPELLED_DATES, bind, read_mapping
from warehouse.ingest.contract import LINE, DatasetName, RawTable
from warehouse.ingest.datasets.registry import DATASETS
from warehouse.ingest.matching import Candidate, candidates

_SHOWN = 20  # headers of one kind; a table may have thousands


@dataclass(frozen=True, slots=True)
class MappingReport:
    """A header, explained. ``source`` is null when none fits; then the rest is said of the nearest one."""

    path: str
    source: str | None
    recognised: Mapping[str, str]  # field -> header
    missing: tuple[str, ...]
    ambiguous: Mapping[str, str]  # header -> what it may be
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]
    candidates: tuple[str, ...]
    fields: tuple[str, ...]  # what columns of such a table can be mapped to

    def as_text(self) -> str:
        """The report as lines of text, without a trailing line break."""
        lines = [f"{self.path}: {self.source or 'not recognised'}"]
        lines += [f"  {field} <- {header!r}" for field, header in self.recognised.items()]
        lines += [f"  missing: {what}" for what in self.missing]
        lines += [f"  ambiguous: {header!r}: {words}" for header, words in self.ambiguous.items()]
        lines += _listed("not stored", self.ignored) + _listed("unknown", self.unknown)
        if self.candidates and not self.source:
            lines.append(f"  nearest: {', '.join(self.candidates)}")
        if self.missing or self.unknown:
            lines.append(f"  fields for --map: {', '.join(self.fields)}.")
        return "\n".join(lines)


def mapping_report(raw: RawTable, source: str | None, mapping: Mapping[str, str] | None = None) -> MappingReport:
    """How the table's header would be read. Raises :class:`LoadRefused` only for an unknown ``source``."""
    said = mapping or {}
    return report_on(raw, candidates(raw, source, said), said)


def report_on(raw: RawTable, ranked: Sequence[Candidate], mapping: Mapping[str, str]) -> MappingReport:
    """The report about the best of some candidates."""
    if not ranked:
        raise LoadRefused("No source is described.", remedy="Reinstall Causeway; its sources are missing.")
    nearest = max(ranked, key=_nearness)
    best = ranked[0] if not ranked[0].lacking else nearest
    _, absent = read_mapping(raw.header, mapping)
    near = sorted(ranked, key=_nearness, reverse=True)[:3] if best.lacking else [best]
    binding = bind(raw, best.source, mapping)
    lacking = best.lacking if binding.fields or not best.lacking else ("a column with the day, and one measure",)
    return MappingReport(
        path=raw.path,
        source=None if best.lacking else best.source.name,
        recognised={field: bound.header for field, bound in binding.fields.items()},
        missing=(*lacking, *(f'column "{header}", named by --map' for header in absent)),
        ambiguous={header: a.words for header, a in binding.ambiguous},
        ignored=binding.ignored,
        unknown=binding.unknown,
        candidates=tuple(c.source.name for c in near),
        fields=tuple(sorted({IGNORE, *(name for c in near for name in _fields(c.source.dataset))})),
    )


def _fields(dataset: DatasetName) -> Iterator[str]:
    """What rows of the dataset hold, a day in each of the orders in which it may be written."""
    yield from (field for field in DATASETS[dataset].columns if field != LINE)
    if "date" in DATASETS[dataset].columns:
        yield from SPELLED_DATES


def _nearness(candidate: Candidate) -> float:
    return 2 * len(candidate.fields) - len(candidate.lacking)


def _listed(title: str, headers: tuple[str, ...]) -> list[str]:
    if not headers:
        return []
    more = f" and {len(headers) - _SHOWN} more" if len(headers) > _SHOWN else ""
    return [f"  {title}: {', '.join(repr(h) for h in headers[:_SHOWN])}{more}"]
