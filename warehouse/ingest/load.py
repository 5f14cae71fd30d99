"""Export files into the warehouse: the entrance of loading.

One transaction a file. Whatever happens in it, a reader sees the warehouse before the file or after it, and loading
the file again finishes what a crash left undone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import sqlalchemy.exc

from warehouse.changes.advertisers import advertiser_key
from warehouse.engine import WriteSession
from warehouse.errors import LoadRefused
from warehouse.images import ImageStore
from warehouse.ingest.contract import Assumption, ParsedTable, RawTable, RejectedRow
from warehouse.ingest.currency import CURRENCIES
from warehouse.ingest.detect import vocabulary
from warehouse.ingest.examples import first_rejected
from warehouse.ingest.outcome import LoadResult
from warehouse.ingest.parse import parse_table
from warehouse.ingest.read.headers import normalise_header
from warehouse.ingest.read.open import content_digest, expand, open_tables
from warehouse.ingest.remembered import recall
from warehouse.ingest.store import books
from warehouse.ingest.store.accounts import AccountBook
from warehouse.ingest.store.pictures import Pictures, folder_of
from warehouse.ingest.store.table import store_table
from warehouse.sessions import Warehouse

Progress = Callable[[str, int, int], None]  # path, bytes read, bytes in all


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the user says about the files. ``mapping`` is header -> field; ``account`` an account's id.

    Accounts that a load makes belong to ``advertiser``, by name; known ones stay where they are.
    Raises :class:`LoadRefused` for a currency that does not exist.
    """

    account: str | None = None
    currency: str | None = None
    source: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    advertiser: str | None = None

    def __post_init__(self) -> None:
        if self.currency is not None and self.currency not in CURRENCIES:
            raise LoadRefused(f'"{self.currency}" is not a currency code of ISO 4217.', remedy="Say one, such as USD.")


def load_paths(
    warehouse: Warehouse,
    paths: Sequence[str],
    options: LoadOptions | None = None,
    progress: Progress | None = None,
) -> list[LoadResult]:
    """Load files, folders and patterns in order; one result per table found.

    A file that cannot be taken is a result with status ``refused``, not an exception; what is wrong with the call
    itself raises :class:`LoadRefused`.
    """
    options = options or LoadOptions()
    results: list[LoadResult] = []
    for path in expand(paths):
        results += load_file(warehouse, path, options, progress)
    return results


def load_file(
    warehouse: Warehouse, path: str, options: LoadOptions, progress: Progress | None = None
) -> list[LoadResult]:
    """Load one file in one transaction."""
    try:
        digest, size = content_digest(path)

        def tables() -> Iterator[RawTable]:
            return open_tables(path, vocabulary(), lambda read: progress(path, read, size) if progress else None)

        return load_tables(warehouse, path, tables, options, digest=digest, size=size)
    except LoadRefused as error:
        return [refuse_file(warehouse, path, error, options)]


def refuse_file(warehouse: Warehouse, path: str, error: LoadRefused, options: LoadOptions) -> LoadResult:
    """A file that could not be read at all: nothing of it is kept but the fact and the reason."""
    result = LoadResult(path, reason=str(error))
    if not options.dry_run:
        with warehouse.writing() as session:
            books.record_refusal(session, result, None, None)
    return result


def load_tables(
    warehouse: Warehouse,
    path: str,
    tables: Callable[[], Iterator[RawTable]],
    options: LoadOptions,
    *,
    digest: str | None,
    size: int | None,
) -> list[LoadResult]:
    """Load everything that ``tables`` yields in one transaction. ``digest`` is of the bytes, where there are any.

    Raises :class:`LoadRefused` when reading fails as a whole; a single refused table is a result.
    """
    results: list[LoadResult] = []
    try:
        with ExitStack() as stack, warehouse.writing() as session:
            books.lock(session)
            meaning = _meaning(session, digest, options)
            known = books.known(session, meaning) if meaning else []
            if known:
                return [unchanged(row, path, first_rejected(session, row.load_key)) for row in known]
            images = stack.enter_context(_image_store(warehouse, options))
            folder = folder_of(path) if digest else None
            results += [
                _load_table(session, warehouse, raw, options, meaning, size, Pictures(images, folder))
                for raw in tables()
            ]
            if meaning and options.mapping:
                # From now on the same bytes meet what was just remembered.
                now = _meaning(session, digest, options)
                books.set_digest(session, [r.load_key for r in results if r.load_key is not None], now or meaning)
            if not results:
                raise LoadRefused(f"{path} holds no table.", remedy="Export it again with its rows.")
            if options.dry_run:
                raise _DryRun  # noqa: TRY301 - an exception is what rolls the transaction back
    except _DryRun:
        return results
    return results


@contextmanager
def _image_store(warehouse: Warehouse, options: LoadOptions) -> Iterator[ImageStore]:
    """Where pictures are kept: a dry run keeps them in a folder that goes away with it."""
    if not options.dry_run:
        yield ImageStore.of(warehouse.settings)
        return
    with tempfile.TemporaryDirectory(prefix="causeway-images-") as folder:
        yield ImageStore(Path(folder))


class _DryRun(Exception):
    """Leaves the transaction without committing it."""


def unchanged(row: books.KnownLoad, path: str, first_rejected: list[RejectedRow]) -> LoadResult:
    """The result for bytes that were loaded before: every row is known, and what was rejected then still is."""
    return LoadResult(
        path=row.path if row.path.startswith(path) else path,
        source=row.source,
        platform=row.platform,
        account=row.account,
        status="unchanged",
        rows_read=row.rows_read,
        rejected=row.rejected,
        skipped=row.rows_read - row.rejected,
        skipped_by_reason={"already known": row.rows_read - row.rejected},
        first_day=row.first_day,
        last_day=row.last_day,
        load_key=row.load_key,
        first_rejected=first_rejected,
    )


def _meaning(session: WriteSession, digest: str | None, options: LoadOptions) -> str | None:
    """A digest of the bytes and of all that changes what they mean."""
    if digest is None:
        return None
    remembered = books.remembered_mappings(session)
    given = [options.account, options.currency, options.source, options.advertiser, sorted(options.mapping.items())]
    said = [digest, *given, remembered]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _load_table(
    session: WriteSession,
    warehouse: Warehouse,
    raw: RawTable,
    options: LoadOptions,
    digest: str | None,
    size: int | None,
    pictures: Pictures,
) -> LoadResult:
    """Load one table inside a savepoint, so that a refused one leaves the others of its file alone."""
    began = time.monotonic()
    today = dt.datetime.now(dt.UTC).date()
    result = LoadResult(raw.path)
    savepoint = session.begin_nested()
    try:
        parsed = _parse(session, raw, options, today)
        result.source, result.platform = parsed.source, parsed.platform
        result.load_key = books.open_load(session, raw.path, digest, size, parsed)
        accounts = AccountBook(
            session,
            parsed.platform,
            options.account,
            options.currency,
            warehouse.settings.reporting_currency,
            parsed.assumptions,
            advertiser_key(session, options.advertiser) if options.advertiser else None,
        )
        final_before = store_table(session, accounts, parsed, result, today, pictures)
        books.remember_mapping(session, {a.account_id for a in accounts.used.values()}, options.mapping)
        books.close_load(session, result, final_before, options.mapping, time.monotonic() - began)
        result.first_rejected = first_rejected(session, result.load_key) if result.rejected else []
    except (LoadRefused, psycopg2.DataError, sqlalchemy.exc.DataError) as error:
        savepoint.rollback()
        result.status, result.reason = "refused", _reason(error)
        result.rows_read = result.rejected + result.skipped
        result.accepted = result.restated = result.vanished = 0
        books.record_refusal(session, result, digest, size)
    else:
        savepoint.commit()
    return result


def _reason(error: Exception) -> str:
    """Why a table is refused; of a value that no column holds, PostgreSQL's own words."""
    if isinstance(error, LoadRefused):
        return str(error)
    cause = getattr(error, "orig", error)
    words = getattr(getattr(cause, "diag", None), "message_primary", None) or str(cause)
    return (
        f"The table adds up to a value that the warehouse cannot hold: {words}. Correct the export and load it again."
    )


def _parse(session: WriteSession, raw: RawTable, options: LoadOptions, today: dt.date) -> ParsedTable:
    """Recognise the table with what the user maps now, over what was remembered for the account."""
    account, remembered = recall(
        raw, books.remembered_mappings(session), account=options.account, source=options.source
    )
    said_now = {normalise_header(header) for header in options.mapping}
    remembered = {header: name for header, name in remembered.items() if header not in said_now}
    mapping = {**remembered, **options.mapping}
    parsed = parse_table(raw, source=options.source, mapping=mapping, currency=options.currency, today=today)
    why = f"remembered for account {account}"
    parsed.assumptions += [Assumption(f'column "{header}"', name, why) for header, name in remembered.items()]
    return parsed
