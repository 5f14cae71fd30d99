"""Why a whole table is not taken, as far as its header alone tells."""

from __future__ import annotations

from warehouse.errors import LoadRefused
from warehouse.ingest.binding import Binding, header_key
from warehouse.ingest.contract import RawTable
from warehouse.ingest.preamble import Preamble
from warehouse.ingest.sources.model import DECIMALS, INTEGERS, Source
from warehouse.ingest.sources.words import PERIODS


def refuse_by_header(raw: RawTable, source: Source, binding: Binding, preamble: Preamble, currency: str | None) -> None:
    """Raise :class:`LoadRefused` when the table cannot be facts by day, whatever its rows say."""
    if source.refusal:
        raise LoadRefused(f"{source.label}: {source.refusal.reason}", remedy=source.refusal.remedy)
    if source.skipped:
        return
    if binding.repeated:
        header = binding.repeated[0]
        raise LoadRefused(
            f'The column "{header}" stands more than once.',
            remedy=f'Say which one counts: --map "{header}__2=ignore", or remove one.',
        )
    if len(binding.currencies) > 1:
        raise LoadRefused(
            f"The amounts are in several currencies: {', '.join(binding.currencies)}.",
            remedy="Download one report for each currency and load each into its own account.",
        )
    if currency and binding.currencies and binding.currencies[0] != currency:
        raise LoadRefused(
            f"The amounts are in {binding.currencies[0]}, not in {currency}.",
            remedy=f"Leave out --currency, or say --currency {binding.currencies[0]}.",
        )
    if source.dataset != "entity" and "date" not in binding.fields:
        _refuse_without_day(raw, preamble)
    if source.dataset != "entity" and not _measured(binding):
        raise LoadRefused("The table has days and no measure.", remedy="Name one with --map column=spend.")


def refuse_ranges(starts: str, ends: str, example: tuple[str | None, str | None]) -> LoadRefused:
    """The refusal of rows whose first and last day differ."""
    return LoadRefused(
        f'The rows cover ranges of days ("{starts}" {example[0]} to "{ends}" {example[1]}): a period total.',
        remedy='Download the report again with the breakdown "By time: Day".',
    )


def _refuse_without_day(raw: RawTable, preamble: Preamble) -> None:
    period = next((PERIODS[k] for h in raw.header if (k := header_key(h)) in PERIODS), None)
    if period:
        raise LoadRefused(
            f"The rows are segmented by {period}, and a {period} cannot be split into days.",
            remedy='Download the report again with the segment "Day" instead.',
        )
    over = f" from {preamble.period[0]} to {preamble.period[1]}" if preamble.period else ""
    raise LoadRefused(
        f"There is no column with the day: the rows are a period total{over}.",
        remedy='Download the report again segmented by "Day" (Time > Day), or name the column with --map column=date.',
    )


def _measured(binding: Binding) -> bool:
    made = {"actions", "action_values"}
    return any(f in INTEGERS or f in DECIMALS or f in made for f in binding.fields)
