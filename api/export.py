"""Whole views of the mart as files, with the reader's rights: for what is too large for a page of GraphQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from api.identity import Identity
from api.parts import Parts
from api.threads import in_thread
from warehouse.access import Reader
from warehouse.queries import formats
from warehouse.queries.exports import export_query
from warehouse.queries.parquet import write_parquet
from warehouse.queries.tables import ask
from warehouse.sessions import Warehouse

Kind = Literal["csv", "parquet"]
MEDIA_TYPES: Mapping[Kind, str] = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}

_View = Annotated[str, InPath(description="A view of the mart, e.g. campaign_daily.", pattern="^[a-z0-9_]{1,63}$")]
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "A filter means nothing, or the view cannot be narrowed by it"},
    401: {"description": "Nobody is signed in"},
    404: {"description": "There is no such view"},
    429: {"description": "Too many exports at once"},
}


class _Narrowed(BaseModel):
    """The filters of the pages' URLs, as far as the view has the columns."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: str | None = Field(None, alias="from", description="First day, e.g. 2026-09-01.")
    to: str | None = Field(None, description="Last day, included.")
    platform: str | None = Field(None, description="Platforms, separated by commas.")
    channel: str | None = Field(None, description="Channels, separated by commas.")
    campaign_type: str | None = Field(None, description="Campaign types, separated by commas.")
    account: str | None = Field(None, description="Keys of accounts, separated by commas.")
    campaign: str | None = Field(None, description="Keys of campaigns, separated by commas.")
    since: str | None = Field(None, description="For restatement: only what changed since this moment.")

    def by(self) -> Mapping[str, str | None]:
        return self.model_dump(by_alias=True)


def export_routes(parts: Parts) -> APIRouter:
    """The routes ``/export/{view}.csv`` and ``/export/{view}.parquet``."""
    router = APIRouter(tags=["export"], responses=_REFUSED)

    async def file(request: Request, view: str, kind: Kind, narrowed: Mapping[str, str | None]) -> FileResponse:
        identity: Identity = request.state.identity
        parts.limits.exports.take(identity.actor)
        given = {name: value for name, value in narrowed.items() if value}
        path = await in_thread(parts.threads, write_export, parts.warehouse, identity.reader, view, kind, given)
        return FileResponse(
            path,
            media_type=MEDIA_TYPES[kind],
            filename=f"{view}.{kind}",
            headers={"cache-control": "no-store"},
            background=BackgroundTask(path.unlink, missing_ok=True),
        )

    @router.get("/export/{view}.csv", response_class=FileResponse, summary="A view of the mart as CSV")
    async def as_csv(request: Request, view: _View, narrowed: Annotated[_Narrowed, Query()]) -> FileResponse:
        """Text that a spreadsheet would take for a formula gets an apostrophe in front; unknown values are empty."""
        return await file(request, view, "csv", narrowed.by())

    @router.get("/export/{view}.parquet", response_class=FileResponse, summary="A view of the mart as Parquet")
    async def as_parquet(request: Request, view: _View, narrowed: Annotated[_Narrowed, Query()]) -> FileResponse:
        """Amounts stay exact decimals."""
        return await file(request, view, "parquet", narrowed.by())

    return router


def write_export(warehouse: Warehouse, reader: Reader, view: str, kind: Kind, narrowed: Mapping[str, str]) -> Path:
    """Write what the reader sees of a view into a file of its own, and give its path; whoever takes it removes it.

    The file is whole before anything is sent, so an answer is never half of one, and a slow client holds no
    transaction open.
    """
    sql = export_query(view, narrowed)
    descriptor, name = tempfile.mkstemp(prefix="causeway-export-", suffix=f".{kind}")
    os.close(descriptor)
    path = Path(name)
    try:
        with warehouse.reading(reader) as session:
            found = ask(session, sql)
            if kind == "parquet":
                write_parquet(found, path)
            else:
                with path.open("w", encoding="utf-8", newline="") as out:
                    formats.write_csv(found, out)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path
