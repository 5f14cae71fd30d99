"""What arrived: accounts and their reach, loads with what was refused and noticed, and what changed since."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

import orjson
import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.paging import After, First, PageInfo, cursor, page_size, position_of
from api.schema.scalars import BigInt, Money
from warehouse.queries import loads as queries
from warehouse.queries.loads import LoadFinding, LoadSummary, Rejected


@strawberry.type(description="A record that was read and not taken.")
class RejectedRow:
    rejected_row_key: int = strawberry.field(description="Its key.")
    line: BigInt = strawberry.field(description="Line of the file, or row of the sheet.")
    column: str | None = strawberry.field(description="The file's own header of the bad value, where it is one value.")
    code: str = strawberry.field(description="Stable code of the reason.")
    reason: str = strawberry.field(description="The reason in words.")
    raw: str = strawberry.field(description="The record as read.")


@strawberry.type(description="Something about a load that a person should know; it stops nothing.")
class Finding:
    load_key: int = strawberry.field(description="The load.")
    path: str = strawberry.field(description="The file.")
    code: str = strawberry.field(description="Stable code.")
    severity: str = strawberry.field(description="info, warning or error.")
    message: str = strawberry.field(description="In words.")


@strawberry.type(description="Records that were skipped for one reason.")
class Skipped:
    reason: str = strawberry.field(description="The reason.")
    rows: BigInt = strawberry.field(description="How many.")


@strawberry.type(description="What a file did not say, so that it was assumed.")
class Assumption:
    field: str = strawberry.field(description="What was assumed, e.g. currency.")
    value: str = strawberry.field(description="The value.")
    why: str = strawberry.field(description="Why this one.")


@strawberry.type(description="One table of one file, and what became of it. read = accepted + rejected + skipped.")
class Load:
    load_key: int = strawberry.field(description="Number of the load.")
    path: str = strawberry.field(description="The file, as it was named.")
    source: str | None = strawberry.field(description="The mapping that recognised it.")
    platform: str | None = strawberry.field(description="The platform.")
    dataset: str | None = strawberry.field(description="What it holds, e.g. performance.")
    account: str | None = strawberry.field(description="The account it went to.")
    status: str = strawberry.field(description="loaded, unchanged or refused.")
    reason: str | None = strawberry.field(description="Why it was refused.")
    rows_read: BigInt = strawberry.field(description="Records read.")
    accepted: BigInt = strawberry.field(description="Records that are new or changed the warehouse.")
    rejected: BigInt = strawberry.field(description="Records refused, each with its reason.")
    skipped: BigInt = strawberry.field(description="Records not needed: totals, footers, rows already known.")
    skipped_by_reason: list[Skipped] = strawberry.field(description="The same by reason.")
    restated: BigInt = strawberry.field(description="Accepted records that replaced an earlier version.")
    vanished: BigInt = strawberry.field(description="Earlier rows that this load's range no longer has.")
    first_day: dt.date | None = strawberry.field(description="First day in it.")
    last_day: dt.date | None = strawberry.field(description="Last day in it.")
    final_before: dt.date | None = strawberry.field(description="Days before this one will not move any more.")
    assumptions: list[Assumption] = strawberry.field(description="What the file did not say and was assumed.")
    started_at: dt.datetime = strawberry.field(description="When it began.")
    seconds: float | None = strawberry.field(description="How long it took.")
    finding_count: int = strawberry.field(description="How many findings it has.")

    @resolved("Its first rejected rows, in file order.")
    async def rejected_rows(self, info: Info, first: First = 10) -> list[RejectedRow]:
        rows = await info.context.rejected_rows.load((self.load_key, page_size(first)))
        return [_rejected(row) for row in rows]

    @resolved("Its findings, the gravest first.")
    async def findings(self, info: Info, first: First = 10) -> list[Finding]:
        rows = await info.context.findings.load((self.load_key, page_size(first)))
        return [_finding(row) for row in rows]


@strawberry.type(description="A page of loads.")
class LoadConnection:
    nodes: list[Load] = strawberry.field(description="The loads of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


@strawberry.type(description="A page of rejected rows.")
class RejectedRowConnection:
    nodes: list[RejectedRow] = strawberry.field(description="The rows of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


@strawberry.type(description="How far an account's data of one level or kind reach, and from when on they move.")
class Freshness:
    platform: str = strawberry.field(description="The platform.")
    account_id: str = strawberry.field(description="The platform's id of the account.")
    account_name: str = strawberry.field(description="Name of the account.")
    level: str = strawberry.field(description="Level of performance rows, or the kind of others: order, touchpoint.")
    first_day: dt.date = strawberry.field(description="First day with rows.")
    last_day: dt.date = strawberry.field(description="Last day with rows.")
    final_before: dt.date | None = strawberry.field(description="Days before this one are final; of performance.")
    last_load_at: dt.datetime | None = strawberry.field(description="Latest load that brought rows.")
    loads: int | None = strawberry.field(description="Loads that brought rows.")


@strawberry.type(description="A campaign day whose numbers a later load replaced or removed.")
class Change:
    changed_at: dt.datetime = strawberry.field(description="When the newer version was loaded.")
    date_day: dt.date = strawberry.field(description="The day whose numbers changed.")
    platform: str = strawberry.field(description="The platform.")
    account_id: str = strawberry.field(description="The platform's id of the account.")
    campaign_id: str = strawberry.field(description="The platform's id of the campaign.")
    campaign_name: str = strawberry.field(description="The campaign's latest name.")
    level: str = strawberry.field(description="Level of the row.")
    vanished: bool = strawberry.field(description="True when the row is gone.")
    currency: str = strawberry.field(description="Currency of the amounts.")
    old_spend: Money | None = strawberry.field(description="Spend before.")
    current_spend: Money | None = strawberry.field(description="Spend now; null when the row is gone.")
    old_clicks: BigInt | None = strawberry.field(description="Clicks before.")
    current_clicks: BigInt | None = strawberry.field(description="Clicks now.")
    old_impressions: BigInt | None = strawberry.field(description="Impressions before.")
    current_impressions: BigInt | None = strawberry.field(description="Impressions now.")
    old_conversions: Decimal | None = strawberry.field(description="Conversions before.")
    current_conversions: Decimal | None = strawberry.field(description="Conversions now.")
    old_conversion_value: Money | None = strawberry.field(description="Conversion value before.")
    current_conversion_value: Money | None = strawberry.field(description="Conversion value now.")
    old_load_key: int = strawberry.field(description="The load that had written the old version.")
    new_load_key: int = strawberry.field(description="The load that replaced it.")


@strawberry.type(description="What changed since a moment, newest first.")
class Changes:
    nodes: list[Change] = strawberry.field(description="The newest changes.")
    has_more: bool = strawberry.field(description="Whether there are more; /export/restatement.csv has them all.")


LoadKey = Annotated[int, strawberry.argument(description="Number of the load.")]


@strawberry.type
class LoadQuery:
    @resolved("Loads, newest first.")
    def loads(self, info: Info, first: First = 50, after: After = None) -> LoadConnection:
        context, size = info.context, page_size(first)
        position = position_of(context, "loads", after)
        rows = queries.loads(context.session, limit=size + 1, before=position[0] if position else None)
        shown = rows[:size]
        return LoadConnection(
            nodes=[_load(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > size,
                end_cursor=cursor(context, "loads", [shown[-1].load_key]) if shown else None,
            ),
        )

    @resolved("One load.")
    def load(self, info: Info, load_key: LoadKey) -> Load:
        return _load(queries.load(info.context.session, load_key))

    @resolved("Rejected rows of a load, in file order.")
    def rejected_rows(
        self, info: Info, load_key: LoadKey, first: First = 100, after: After = None
    ) -> RejectedRowConnection:
        context, size, question = info.context, page_size(first), f"rejected_rows {load_key}"
        position = position_of(context, question, after)
        rows = queries.rejected_rows(context.session, load_key, limit=size + 1, after=position[0] if position else 0)
        shown = rows[:size]
        return RejectedRowConnection(
            nodes=[_rejected(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > size,
                end_cursor=cursor(context, question, [shown[-1].rejected_row_key]) if shown else None,
            ),
        )

    @resolved("Findings of all loads, the newest load's first and the gravest first within it.")
    def findings(self, info: Info, first: First = 100) -> list[Finding]:
        return [_finding(row) for row in queries.findings(info.context.session, limit=page_size(first))]

    @resolved("How far each account's data reach.")
    def freshness(self, info: Info) -> list[Freshness]:
        return [Freshness(**row) for row in _records(queries.freshness(info.context.session))]

    @resolved("Numbers that a later load replaced or removed since a moment, newest first.")
    def changes_since(
        self,
        info: Info,
        since: Annotated[dt.datetime, strawberry.argument(description="The moment, with its offset from UTC.")],
        first: First = 100,
    ) -> Changes:
        size = page_size(first)
        moment = since if since.tzinfo else since.replace(tzinfo=dt.UTC)
        rows = _records(queries.changes_since(info.context.session, moment, limit=size + 1))
        return Changes(nodes=[Change(**row) for row in rows[:size]], has_more=len(rows) > size)


def _load(row: LoadSummary) -> Load:
    return Load(
        load_key=row.load_key,
        path=row.path,
        source=row.source,
        platform=row.platform,
        dataset=row.dataset,
        account=row.account,
        status=row.status,
        reason=row.reason,
        rows_read=BigInt(row.rows_read),
        accepted=BigInt(row.accepted),
        rejected=BigInt(row.rejected),
        skipped=BigInt(row.skipped),
        skipped_by_reason=[Skipped(reason=why, rows=BigInt(n)) for why, n in row.skipped_by_reason.items()],
        restated=BigInt(row.restated),
        vanished=BigInt(row.vanished),
        first_day=row.first_day,
        last_day=row.last_day,
        final_before=row.final_before,
        assumptions=[
            Assumption(field=_text(a.get("field")), value=_text(a.get("value")), why=_text(a.get("why")))
            for a in row.assumptions
        ],
        started_at=row.started_at,
        seconds=row.seconds,
        finding_count=row.findings,
    )


def _rejected(row: Rejected) -> RejectedRow:
    return RejectedRow(
        rejected_row_key=row.rejected_row_key,
        line=BigInt(row.line),
        column=row.column,
        code=row.code,
        reason=row.reason,
        raw=row.raw,
    )


def _finding(row: LoadFinding) -> Finding:
    return Finding(load_key=row.load_key, path=row.path, code=row.code, severity=row.severity, message=row.message)


def _records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame with None for pandas' several kinds of nothing."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")  # type: ignore[no-any-return]


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
