"""Why a whole table is not taken, as far as its header alone tells."""

from __future__ import annotations

import re
from typing import Final

from warehouse.errors import LoadRefused
from warehouse.ingest.binding import Binding, header_key
from warehouse.ingest.contract import RawTable
from warehouse.ingest.currency import CURRENCIES
from warehouse.ingest.datasets.registry import DATASETS
from warehouse.ingest.preamble import Preamble
from warehouse.ingest.sources.model import DECIMALS, INTEGERS, Source
from warehouse.ingest.sources.words import PERIODS

# UTF-8 read as Latin-1 ("WÃ¤hrung"), as UTF-7 ("W+AOQ-hrung"), or with letters that could not be read.
_GARBLED: Final = re.compile(r"[ÃÂ][\u0080-\u00bf]|â€|\+[A-Z][A-Za-z0-9+/]{2,}-|\ufffd")


def refuse_by_header(raw: RawTable, source: Source, binding: Binding, preamble: Preamble, currency: str | None) -> None:
    """Raise :class:`LoadRefused` when the table cannot be facts by day, whatever its rows say."""
    if source.refusal:
        raise LoadRefused(f"{source.label}: {source.refusal.reason}", remedy=source.refusal.remedy)
    if source.skipped:
        return
    _refuse_garbled(raw)
    if binding.repeated:
        header = binding.repeated[0]
        raise LoadRefused(
            f'The column "{header}" stands more than once.',
            remedy=f'Say which one counts: --map "{header}__2=ignore", or remove one.',
        )
    for code in binding.currencies:
        if code not in CURRENCIES:
            raise LoadRefused(
                f'The header speaks of amounts in "{code}", which is no currency of ISO 4217.',
                remedy="Correct the header, or map the column with --map and say the currency with --currency.",
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
    by_day = "date" in DATASETS[source.dataset].columns
    if by_day and "date" not in binding.fields:
        _refuse_without_day(raw, preamble)
    if by_day and not _measured(binding):
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


def _refuse_garbled(raw: RawTable) -> None:
    broken = next((text for text in raw.header if _GARBLED.search(text)), None)
    if broken:
        raise LoadRefused(
            f'The letters of the header were garbled by a wrong encoding ("{broken}"); names would be wrong too.',
            remedy="Load the file as it was downloaded, or save it again as UTF-8.",
        )


def _measured(binding: Binding) -> bool:
    made = {"actions", "action_values"}
    return any(f in INTEGERS or f in DECIMALS or f in made for f in binding.fields)
