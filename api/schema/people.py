"""Who is signed in, users, tokens, saved views, BI log-ins and the audit trail, as read."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import orjson
import strawberry

from api import books
from api.actions.bi_logins import BiLogin as Login
from api.identity import Identity
from api.schema.context import Info
from api.schema.described import resolved
from api.schema.paging import After, First, PageInfo, cursor, page_size, position_of
from warehouse.queries.people import AuditEntry as Entry
from warehouse.queries.people import Grant as Granted
from warehouse.queries.people import Person, TokenSummary
from warehouse.queries.people import SavedView as View


@strawberry.type(description="A role on an account.")
class Grant:
    account_key: int | None = strawberry.field(description="Key of the account; null means every account.")
    role: str = strawberry.field(description="viewer, analyst, manager or admin; each includes the ones before it.")


@strawberry.type(description="A page with its filters, under a name.")
class SavedView:
    saved_view_key: int = strawberry.field(description="Its key.")
    page: str = strawberry.field(description="The page, e.g. overview.")
    name: str = strawberry.field(description="Its name.")
    query: str = strawberry.field(description="The filters, as in the page's URL.")
    created_at: dt.datetime = strawberry.field(description="When it was saved.")


@strawberry.type(description="An API token; its secret is shown only when it is made.")
class Token:
    token_key: int = strawberry.field(description="Its key.")
    user_key: int = strawberry.field(description="The user for whom it acts.")
    user_email: str = strawberry.field(description="That user's address.")
    name: str = strawberry.field(description="Its name.")
    scopes: list[str] = strawberry.field(
        description="read, write or admin, each includes the ones before it; or collect, which only sends events."
    )
    account_key: int | None = strawberry.field(description="The account to which it sends events; null otherwise.")
    expires_at: dt.datetime = strawberry.field(description="When it ends by itself.")
    revoked_at: dt.datetime | None = strawberry.field(description="When it was ended.")
    last_used_at: dt.datetime | None = strawberry.field(description="When it was last used, to the minute.")
    created_at: dt.datetime = strawberry.field(description="When it was made.")


@strawberry.type(description="The person behind this request.")
class Me:
    identity: strawberry.Private[Identity]
    user_key: int = strawberry.field(description="Key of the user.")
    name: str = strawberry.field(description="Name.")
    email: str = strawberry.field(description="E-mail address.")
    local: bool = strawberry.field(description="True for the owner who is signed in because only this machine asks.")
    scope: str = strawberry.field(description="How far the token reaches: read, write or admin.")
    roles: list[Grant] = strawberry.field(description="What the person may do.")

    @resolved("One's own tokens, newest first.")
    def tokens(self, info: Info) -> list[Token]:
        return [token_of(t) for t in books.tokens(info.context.warehouse, self.identity)]


@strawberry.type(description="A person who may sign in.")
class User:
    user_key: int = strawberry.field(description="The key.")
    email: str = strawberry.field(description="E-mail address.")
    name: str = strawberry.field(description="Name.")
    has_password: bool = strawberry.field(description="Whether they can sign in from elsewhere.")
    disabled_at: dt.datetime | None = strawberry.field(description="Since when they are kept out.")
    created_at: dt.datetime = strawberry.field(description="When they were added.")
    grants: list[Grant] = strawberry.field(description="What they may do.")


@strawberry.type(description="A database log-in for a BI tool.")
class BiLogin:
    name: str = strawberry.field(description="Name of the log-in.")
    account_keys: list[int] | None = strawberry.field(
        description="Keys of the accounts it reads; null means every one."
    )


@strawberry.type(description="A change that a person or the program made.")
class AuditEntry:
    audit_key: int = strawberry.field(description="Its key.")
    at: dt.datetime = strawberry.field(description="When.")
    actor: str = strawberry.field(description="Who, e.g. user:1.")
    action: str = strawberry.field(description="What was done, e.g. token.create.")
    subject: str = strawberry.field(description="To what, e.g. token:7.")
    before: str | None = strawberry.field(description="The state before, as JSON.")
    after: str | None = strawberry.field(description="The state after, as JSON.")


@strawberry.type(description="A page of the audit trail.")
class AuditConnection:
    nodes: list[AuditEntry] = strawberry.field(description="The entries of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


@strawberry.type
class PeopleQuery:
    @resolved("Who is signed in.")
    def me(self, info: Info) -> Me:
        identity = info.context.identity
        return Me(
            identity=identity,
            user_key=identity.user_key,
            name=identity.name,
            email=identity.email,
            local=identity.local,
            scope=identity.scope.name,
            roles=[Grant(account_key=key, role=role.name) for key, role in identity.roles.items()],
        )

    @resolved("One's own saved views by name.")
    def saved_views(
        self, info: Info, page: Annotated[str | None, strawberry.argument(description="Only of this page.")] = None
    ) -> list[SavedView]:
        views = books.saved_views(info.context.warehouse, info.context.identity, page=page)
        return [view_of(v) for v in views]

    @resolved("Every user. For administrators.")
    def users(self, info: Info) -> list[User]:
        return [user_of(p) for p in books.users(info.context.warehouse, info.context.identity)]

    @resolved("Tokens of everybody, newest first. For administrators.")
    def tokens(self, info: Info) -> list[Token]:
        found = books.tokens(info.context.warehouse, info.context.identity, of_everybody=True)
        return [token_of(t) for t in found]

    @resolved("Database log-ins of BI tools. For administrators.")
    def bi_logins(self, info: Info) -> list[BiLogin]:
        return [login_of(b) for b in books.bi_logins(info.context.warehouse, info.context.identity)]

    @resolved("Who changed what, newest first. For administrators.")
    def audit(self, info: Info, first: First = 50, after: After = None) -> AuditConnection:
        context, size = info.context, page_size(first)
        position = position_of(context, "audit", after)
        before = position[0] if position else None
        rows = books.audit(context.warehouse, context.identity, limit=size + 1, before=before)
        shown = rows[:size]
        return AuditConnection(
            nodes=[_entry(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > size,
                end_cursor=cursor(context, "audit", [shown[-1].audit_key]) if shown else None,
            ),
        )


def user_of(found: Person) -> User:
    """The type from what the warehouse has."""
    return User(
        user_key=found.user_key,
        email=found.email,
        name=found.name,
        has_password=found.has_password,
        disabled_at=found.disabled_at,
        created_at=found.created_at,
        grants=[grant_of(g) for g in found.grants],
    )


def grant_of(found: Granted) -> Grant:
    """The type from what the warehouse has."""
    return Grant(account_key=found.account_key, role=found.role)


def token_of(found: TokenSummary) -> Token:
    """The type from what the warehouse has."""
    return Token(
        token_key=found.token_key,
        user_key=found.user_key,
        user_email=found.user_email,
        name=found.name,
        scopes=list(found.scopes),
        account_key=found.account_key,
        expires_at=found.expires_at,
        revoked_at=found.revoked_at,
        last_used_at=found.last_used_at,
        created_at=found.created_at,
    )


def view_of(found: View) -> SavedView:
    """The type from what the warehouse has."""
    return SavedView(
        saved_view_key=found.saved_view_key,
        page=found.page,
        name=found.name,
        query=found.query,
        created_at=found.created_at,
    )


def login_of(found: Login) -> BiLogin:
    """The type from what the warehouse has."""
    return BiLogin(name=found.name, account_keys=None if found.account_keys is None else list(found.account_keys))


def _entry(row: Entry) -> AuditEntry:
    return AuditEntry(
        audit_key=row.audit_key,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        before=None if row.before is None else orjson.dumps(row.before).decode(),
        after=None if row.after is None else orjson.dumps(row.after).decode(),
    )
