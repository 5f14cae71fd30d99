"""One parsed table into the warehouse: the right writer for its dataset, and what it came to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from warehouse.engine import WriteSession
from warehouse.errors import LoadRefused
from warehouse.ingest.contract import DatasetName, Finding, ParsedTable
from warehouse.ingest.outcome import LoadResult
from warehouse.ingest.store import books, rollups
from warehouse.ingest.store.accounts import AccountBook
from warehouse.ingest.store.adoption import remove_empty_stand_ins
from warehouse.ingest.store.attributes import AttributesWriter
from warehouse.ingest.store.by_day import ByDayWriter
from warehouse.ingest.store.contacts import ContactWriter
from warehouse.ingest.store.copying import prefetched
from warehouse.ingest.store.creatives import CreativesWriter
from warehouse.ingest.store.deal_stages import CampaignMemberWriter, DealStageWriter
from warehouse.ingest.store.deals import DealWriter
from warehouse.ingest.store.entities import EntityBook
from warehouse.ingest.store.experiments import ExperimentsWriter
from warehouse.ingest.store.offline import OfflineWriter
from warehouse.ingest.store.orders import OrderWriter
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.performance import PerformanceWriter
from warehouse.ingest.store.pictures import Pictures
from warehouse.ingest.store.touch_places import TouchPlaces
from warehouse.ingest.store.touchpoints import TouchpointWriter
from warehouse.ingest.store.unit_rows import UnitRowsWriter
from warehouse.ingest.store.web_events import WebEventWriter
from warehouse.ingest.store.whose import Whose
from warehouse.ingest.store.writer import Ground, Writer


def store_table(
    session: WriteSession,
    accounts: AccountBook,
    parsed: ParsedTable,
    result: LoadResult,
    today: dt.date,
    pictures: Pictures,
) -> dt.date | None:
    """Write every row of ``parsed`` and fill ``result``; returns the day before which nothing moves any more.

    Raises :class:`LoadRefused`, after which the caller rolls back, when the table turns out to be unusable.
    """
    load_key = result.load_key
    if load_key is None:
        raise ValueError("The load was not opened.")
    writer = _WRITERS[parsed.dataset.name](Ground(session, accounts, parsed, load_key, today, pictures))
    try:
        for frame in prefetched(parsed.batches):
            writer.add(frame)
            _drain_rejected(session, parsed, load_key)
        stored = writer.finish()
        if not stored.accounts and parsed.dataset.name != "fx_rate":
            result.account = None
    finally:
        _count(result, parsed)
    _take_over(session, accounts, parsed, stored, result)
    if stored.accepted == 0 and result.rejected and not stored.skipped:
        raise LoadRefused(
            f"Every row was rejected; the first reason: {books.first_reason(session, load_key)}",
            remedy="Correct the export and load it again.",
        )
    if isinstance(writer, PerformanceWriter | AttributesWriter):
        rollups.renew_statistics(session, stored.accepted, rollups.FACTS)
        rollups.refresh(session, stored.touched, parsed.level, moved=stored.moved, retyped=writer.retyped)
        remove_empty_stand_ins(session)
        rollups.renew_statistics(session, stored.accepted, rollups.ROLLUPS)
    books.link_accounts(session, load_key, stored.accounts)
    return stored.final_before


def _performance(at: Ground) -> Writer:
    if at.parsed.level is None:
        raise ValueError(f"{at.parsed.source} has performance rows without a level.")
    entities = EntityBook(at.session, at.parsed.level, at.parsed.assumptions)
    return PerformanceWriter(at.session, at.parsed, at.load_key, at.accounts, entities, at.today)


def _by_day(at: Ground) -> Writer:
    owned = at.parsed.dataset.name != "fx_rate"
    return ByDayWriter(at.session, at.parsed.dataset.name, at.load_key, at.accounts if owned else None)


_WRITERS: Final[Mapping[DatasetName, Callable[[Ground], Writer]]] = {
    "performance": _performance,
    "entity": lambda at: AttributesWriter(at.session, at.parsed, at.load_key, at.accounts),
    "fx_rate": _by_day,
    "order_day": _by_day,
    "web_session_day": _by_day,
    "email_day": _by_day,
    "organic_day": _by_day,
    "order": lambda at: OrderWriter(at, Whose(at.session, at.load_key, at.parsed.platform)),
    "web_event": lambda at: WebEventWriter(at.session, at.parsed, at.load_key, at.accounts),
    "touchpoint": lambda at: TouchpointWriter(
        at.session, at.parsed, at.load_key, TouchPlaces(at.session, at.parsed, at.accounts)
    ),
    "contact": lambda at: ContactWriter(at, Whose(at.session, at.load_key, at.parsed.platform)),
    "deal": lambda at: DealWriter(at, Whose(at.session, at.load_key, at.parsed.platform)),
    "deal_stage": DealStageWriter,
    "campaign_member": CampaignMemberWriter,
    "offline_conversion": lambda at: OfflineWriter(at, Whose(at.session, at.load_key, at.parsed.platform)),
    "experiment": ExperimentsWriter,
    "assignment": lambda at: UnitRowsWriter(at, "assignment"),
    "exposure": lambda at: UnitRowsWriter(at, "exposure"),
    "outcome": lambda at: UnitRowsWriter(at, "outcome"),
    "creative": lambda at: CreativesWriter(at.session, at.parsed, at.load_key, at.accounts, at.pictures),
}


def _drain_rejected(session: WriteSession, parsed: ParsedTable, load_key: int) -> None:
    """Move rejected rows from memory into their table, so that a file of nothing else stays small here."""
    # The parser appends to this list on its own thread meanwhile, so only what was seen is taken off.
    rows = list(parsed.rejected)
    del parsed.rejected[: len(rows)]
    books.write_rejected(session, load_key, rows)


def _count(result: LoadResult, parsed: ParsedTable) -> None:
    tally = parsed.tally
    result.rows_read, result.rejected = tally.read, tally.rejected
    result.skipped_by_reason = dict(tally.skipped)
    result.skipped = sum(tally.skipped.values())
    result.assumptions = parsed.assumptions
    result.findings = parsed.findings


def _take_over(
    session: WriteSession, accounts: AccountBook, parsed: ParsedTable, stored: Stored, result: LoadResult
) -> None:
    if result.load_key is None:
        raise ValueError("The load was not opened.")
    _drain_rejected(session, parsed, result.load_key)
    books.write_rejected(session, result.load_key, stored.rejected)
    result.rejected += len(stored.rejected)
    for reason, count in stored.skipped.items():
        result.skipped_by_reason[reason] = result.skipped_by_reason.get(reason, 0) + count
    result.skipped = sum(result.skipped_by_reason.values())
    result.accepted, result.restated, result.vanished = stored.accepted, stored.restated, stored.vanished
    result.first_day, result.last_day = stored.first_day, stored.last_day
    result.status = "loaded" if stored.accepted or stored.vanished or not result.rows_read else "unchanged"
    names = [a.account_id for key, a in accounts.used.items() if key in stored.accounts]
    result.account = names[0] if len(names) == 1 else f"{len(names)} accounts" if names else None
    if elsewhere := books.accounts_with_the_same_campaigns(session, list(stored.accounts)):
        result.findings.append(
            Finding(
                "known_elsewhere",
                "warning",
                f"Campaigns with the same ids are in account {', '.join(elsewhere)} too: what both hold counts twice. "
                "If it is one account, load it into that one with --account.",
            )
        )
    if stored.vanished:
        result.findings.append(
            Finding(
                "vanished",
                "info",
                f"Rows of this range that this export no longer has, and that were removed: {stored.vanished}.",
            )
        )
    if stored.kept:
        result.findings.append(
            Finding(
                "partial_export",
                "warning",
                f"The file lacks more than half of the rows that are known for its days, so it was taken for a part: "
                f"the {stored.kept} rows that it lacks stay.",
            )
        )
