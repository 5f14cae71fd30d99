"""What a person should know about how a header was understood."""

from __future__ import annotations

from warehouse.ingest.binding import Binding
from warehouse.ingest.contract import FURTHER, Finding
from warehouse.ingest.datasets.registry import DATASETS
from warehouse.ingest.preamble import Preamble
from warehouse.ingest.sources.model import Source

_SHOWN = 10


def header_findings(source: Source, binding: Binding, preamble: Preamble) -> list[Finding]:
    """Ambiguous and unknown columns, aliases with a second meaning, and what the preamble warns of."""
    found = [
        Finding("ambiguous_column", "warning", f'"{header}" was left empty: {a.words} {_how(header, a.fields)}')
        for header, a in binding.ambiguous
        if not all(field in binding.fields for field in a.fields)
    ]
    notes = {alias.note for bound in binding.fields.values() for _, alias in bound.parts if alias.note}
    found += [Finding("meaning", "warning", note) for note in sorted(notes)]
    if binding.conversion_segments:
        found.append(
            Finding(
                "conversions_only",
                "warning",
                f'The rows are split by "{binding.conversion_segments[0]}", which repeats impressions and leaves cost '
                "out; only conversions and their value were taken.",
            )
        )
    kept = source.dataset == "entity" or FURTHER in DATASETS[source.dataset].columns
    if binding.unknown and not kept and not source.skipped:
        more = f" and {len(binding.unknown) - _SHOWN} more" if len(binding.unknown) > _SHOWN else ""
        shown = ", ".join(f'"{h}"' for h in binding.unknown[:_SHOWN])
        found.append(Finding("unknown_columns", "info", f"Not stored, because not known: {shown}{more}."))
    if preamble.incomplete:
        found.append(Finding("incomplete", "warning", "The report says of itself that its data may be incomplete."))
    if preamble.unknown_zone:
        found.append(unknown_zone(preamble.unknown_zone))
    if source.skipped:
        found.append(Finding("skipped_table", "info", source.skipped))
    return found


def unused_mappings(absent: tuple[str, ...]) -> list[Finding]:
    """``--map`` about columns that the table does not have."""
    return [Finding("mapping_unused", "warning", f'--map names "{h}", which the file does not have.') for h in absent]


def unknown_zone(zone: str) -> Finding:
    """A name of a time zone that no table of names has."""
    return Finding("unknown_zone", "warning", f'The time zone "{zone}" is not known; the account keeps its own.')


def unknown_currency(code: str) -> Finding:
    """An account's currency that is none."""
    return Finding("unknown_currency", "warning", f'"{code}" is no currency of ISO 4217; the account keeps its own.')


def _how(header: str, fields: tuple[str, ...]) -> str:
    return "Map it with " + " or ".join(f'--map "{header}={field}"' for field in fields) + "."
