"""What the resolvers of one request share: who asks, one read transaction, and the loaders that read in batches."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TypeAlias

import strawberry
from graphql import DocumentNode
from strawberry.dataloader import DataLoader

from api.identity import Identity
from api.signing import Signer
from warehouse.engine import ReadSession
from warehouse.queries.load_details import findings_of, rejected_rows_of
from warehouse.queries.loads import LoadFinding, Rejected
from warehouse.queries.scope import Scope, read_scope
from warehouse.sessions import Warehouse
from warehouse.settings import signing_key


class Context:
    """Made for each request and used in one thread. Leave it with :meth:`close`."""

    def __init__(self, warehouse: Warehouse, identity: Identity, document: DocumentNode) -> None:
        self.warehouse = warehouse
        self.identity = identity
        self.document = document  # parsed and validated
        self.rejected_rows: DataLoader[tuple[int, int], list[Rejected]] = DataLoader(self._load_rejected_rows)
        self.findings: DataLoader[tuple[int, int], list[LoadFinding]] = DataLoader(self._load_findings)
        self._open = ExitStack()
        self._session: ReadSession | None = None
        self._scope: Scope | None = None

    @property
    def session(self) -> ReadSession:
        """The request's one transaction, which sees what the identity may see. Opened when it is first needed."""
        if self._session is None:
            self._session = self._open.enter_context(self.warehouse.reading(self.identity.reader))
        return self._session

    @property
    def scope(self) -> Scope:
        """What the reader may narrow by, read once."""
        if self._scope is None:
            self._scope = read_scope(self.session)
        return self._scope

    @property
    def cursors(self) -> Signer:
        return Signer(signing_key(self.warehouse.settings), "cursor")

    def close(self) -> None:
        """End the transaction."""
        self._open.close()

    async def _load_rejected_rows(self, keys: Sequence[tuple[int, int]]) -> list[list[Rejected]]:
        found: dict[tuple[int, int], list[Rejected]] = {}
        for limit in {limit for _, limit in keys}:
            loads = [load for load, wanted in keys if wanted == limit]
            rows = rejected_rows_of(self.session, loads, limit=limit)
            found |= {(load, limit): rows[load] for load in loads}
        return [found[key] for key in keys]

    async def _load_findings(self, keys: Sequence[tuple[int, int]]) -> list[list[LoadFinding]]:
        found: dict[tuple[int, int], list[LoadFinding]] = {}
        for limit in {limit for _, limit in keys}:
            loads = [load for load, wanted in keys if wanted == limit]
            rows = findings_of(self.session, loads, limit=limit)
            found |= {(load, limit): rows[load] for load in loads}
        return [found[key] for key in keys]


Info: TypeAlias = strawberry.Info[Context, None]
