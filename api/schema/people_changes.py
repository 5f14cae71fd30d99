"""Changes to users, grants, tokens, BI log-ins and saved views."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from api import identity as rights
from api.actions import bi_logins, saved_views, tokens, users
from api.actions.bi_logins import NewBiLogin
from api.actions.tokens import NewToken
from api.actions.users import NewGrant
from api.schema.context import Info
from api.schema.described import changing, choice
from api.schema.outcomes import Failure, IdempotencyKey, outcome
from api.schema.people import BiLogin, Grant, SavedView, Token, User, grant_of, login_of, token_of, user_of, view_of


@strawberry.enum(description="What somebody may do with an account; each role includes the ones before it.")
class Role(Enum):
    VIEWER = choice("viewer", "See it.")
    ANALYST = choice("analyst", "Also start what computes.")
    MANAGER = choice("manager", "Also change it, and what is done with its budget.")
    ADMIN = choice("admin", "On every account: also users, tokens and log-ins of others.")


@strawberry.enum(description="How far a token reaches; each scope includes the ones before it.")
class TokenScope(Enum):
    COLLECT = choice("collect", "Send events of one account, and nothing else.")
    READ = choice("read", "Read.")
    WRITE = choice("write", "Also change what the user may change.")
    ADMIN = choice("admin", "Also administer, where the user is an administrator.")


@strawberry.input(description="A role to give.")
class GrantInput:
    role: Role = strawberry.field(description="The role.")
    account_key: int | None = strawberry.field(description="Key of the account; null for every account.", default=None)


@strawberry.type(description="A new token. Its secret is shown here and never again.")
class CreatedToken:
    token: Token = strawberry.field(description="The token.")
    secret: str = strawberry.field(description="Send it as `Authorization: Bearer …`.")


@strawberry.type(description="A new database log-in. Its password is shown here and never again.")
class CreatedBiLogin:
    login: BiLogin = strawberry.field(description="The log-in.")
    password: str = strawberry.field(description="The password.")


@strawberry.type(description="A BI log-in that is gone.")
class DroppedBiLogin:
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="All that a reader was granted.")
class Grants:
    reader: str = strawberry.field(description="The reader: user:KEY, or login:NAME of a BI log-in.")
    grants: list[Grant] = strawberry.field(description="The roles.")


UserResult = Annotated[
    User | Failure, strawberry.union("UserResult", description="The user, or why nothing was changed.")
]
GrantsResult = Annotated[
    Grants | Failure, strawberry.union("GrantsResult", description="What is granted now, or why nothing was changed.")
]
CreatedTokenResult = Annotated[
    CreatedToken | Failure, strawberry.union("CreatedTokenResult", description="The token, or why there is none.")
]
TokenResult = Annotated[
    Token | Failure, strawberry.union("TokenResult", description="The token, or why nothing was changed.")
]
CreatedBiLoginResult = Annotated[
    CreatedBiLogin | Failure, strawberry.union("CreatedBiLoginResult", description="The log-in, or why there is none.")
]
DroppedBiLoginResult = Annotated[
    DroppedBiLogin | Failure,
    strawberry.union("DroppedBiLoginResult", description="The name, or why it is still there."),
]
SavedViewResult = Annotated[
    SavedView | Failure, strawberry.union("SavedViewResult", description="The view, or why nothing was changed.")
]

UserKey = Annotated[int, strawberry.argument(description="Key of the user.")]
Reader = Annotated[str, strawberry.argument(description="user:KEY, or login:NAME of a BI log-in.")]
AccountKey = Annotated[int | None, strawberry.argument(description="Key of the account; null for every account.")]
ViewKey = Annotated[int, strawberry.argument(description="Key of the view.")]
ViewName = Annotated[str, strawberry.argument(description="The view's name.")]
Password = Annotated[str, strawberry.argument(description="The password, of 12 characters or more.")]
LoginName = Annotated[str, strawberry.argument(description="Small letters, digits and underscores.")]


@strawberry.type
class PeopleMutation:
    @changing("Add a user. For administrators.")
    def create_user(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="E-mail address, with which they sign in.")],
        name: Annotated[str, strawberry.argument(description="Name.")],
        password: Annotated[str | None, strawberry.argument(description="A first password.")] = None,
        grants: Annotated[list[GrantInput] | None, strawberry.argument(description="What they may do.")] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> UserResult:
        c = info.context
        roles = [NewGrant(g.account_key, rights.Role[g.role.value]) for g in grants or []]
        return outcome(
            lambda: user_of(
                users.create_user(
                    c.warehouse,
                    c.identity,
                    email=email,
                    name=name,
                    password=password,
                    grants=roles,
                    idempotency_key=idempotency_key,
                )
            )
        )

    @changing("Give a user a password; their sessions end. Others' are for administrators.")
    def set_password(
        self,
        info: Info,
        user_key: UserKey,
        password: Password,
        current_password: Annotated[str | None, strawberry.argument(description="To change one's own.")] = None,
    ) -> UserResult:
        c = info.context
        return outcome(
            lambda: user_of(
                users.set_password(
                    c.warehouse, c.identity, user_key=user_key, password=password, current=current_password
                )
            )
        )

    @changing("Keep a user out; their sessions and tokens end. For administrators.")
    def disable_user(self, info: Info, user_key: UserKey) -> UserResult:
        c = info.context
        return outcome(lambda: user_of(users.disable_user(c.warehouse, c.identity, user_key=user_key)))

    @changing("Give a reader a role, replacing the one on the same account. For administrators.")
    def grant_role(
        self,
        info: Info,
        reader: Reader,
        role: Annotated[Role, strawberry.argument(description="The role.")],
        account_key: AccountKey = None,
    ) -> GrantsResult:
        c = info.context

        def change() -> Grants:
            granted = users.grant_role(
                c.warehouse, c.identity, reader=reader, account_key=account_key, role=rights.Role[role.value]
            )
            return Grants(reader=reader, grants=[grant_of(g) for g in granted])

        return outcome(change)

    @changing("Take a role back. For administrators.")
    def revoke_role(self, info: Info, reader: Reader, account_key: AccountKey = None) -> GrantsResult:
        c = info.context

        def change() -> Grants:
            left = users.revoke_role(c.warehouse, c.identity, reader=reader, account_key=account_key)
            return Grants(reader=reader, grants=[grant_of(g) for g in left])

        return outcome(change)

    @changing("Make a token for oneself; for others as an administrator.")
    def create_token(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="What it is for.")],
        scope: Annotated[TokenScope, strawberry.argument(description="How far it reaches.")] = TokenScope.READ,
        days: Annotated[int, strawberry.argument(description="For how many days, up to 366.")] = 90,
        user_key: Annotated[int | None, strawberry.argument(description="For whom; oneself when omitted.")] = None,
        account_key: Annotated[
            int | None, strawberry.argument(description="For the scope COLLECT: the account whose events it sends.")
        ] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> CreatedTokenResult:
        c = info.context
        return outcome(
            lambda: _created_token(
                tokens.create_token(
                    c.warehouse,
                    c.identity,
                    name=name,
                    scope=rights.Scope[scope.value],
                    days=days,
                    user_key=user_key,
                    account_key=account_key,
                    idempotency_key=idempotency_key,
                )
            )
        )

    @changing("End a token at once.")
    def revoke_token(
        self, info: Info, token_key: Annotated[int, strawberry.argument(description="Key of the token.")]
    ) -> TokenResult:
        c = info.context
        return outcome(lambda: token_of(tokens.revoke_token(c.warehouse, c.identity, token_key=token_key)))

    @changing("Make a database log-in for a BI tool. For administrators.")
    def create_bi_login(
        self,
        info: Info,
        name: LoginName,
        account_keys: Annotated[
            list[int] | None, strawberry.argument(description="Keys of the accounts it reads; null for every account.")
        ] = None,
        password: Annotated[str | None, strawberry.argument(description="One is made when omitted.")] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> CreatedBiLoginResult:
        c = info.context
        return outcome(
            lambda: _created_login(
                bi_logins.create_bi_login(
                    c.warehouse,
                    c.identity,
                    name=name,
                    account_keys=account_keys,
                    password=password,
                    idempotency_key=idempotency_key,
                )
            )
        )

    @changing("Drop a database log-in that was made here. For administrators.")
    def drop_bi_login(self, info: Info, name: LoginName) -> DroppedBiLoginResult:
        c = info.context
        return outcome(lambda: DroppedBiLogin(name=bi_logins.drop_bi_login(c.warehouse, c.identity, name=name)))

    @changing("Keep a page with its filters under a name.")
    def save_view(
        self,
        info: Info,
        page: Annotated[str, strawberry.argument(description="The page, e.g. overview.")],
        name: ViewName,
        query: Annotated[str, strawberry.argument(description="The filters, as in the page's URL.")],
        idempotency_key: IdempotencyKey = None,
    ) -> SavedViewResult:
        c = info.context
        return outcome(
            lambda: view_of(
                saved_views.save_view(
                    c.warehouse, c.identity, page=page, name=name, query=query, idempotency_key=idempotency_key
                )
            )
        )

    @changing("Give one's own saved view another name.")
    def rename_view(self, info: Info, saved_view_key: ViewKey, name: ViewName) -> SavedViewResult:
        c = info.context
        return outcome(
            lambda: view_of(saved_views.rename_view(c.warehouse, c.identity, saved_view_key=saved_view_key, name=name))
        )

    @changing("Remove one's own saved view.")
    def delete_view(self, info: Info, saved_view_key: ViewKey) -> SavedViewResult:
        c = info.context
        return outcome(lambda: view_of(saved_views.delete_view(c.warehouse, c.identity, saved_view_key=saved_view_key)))


def _created_token(made: NewToken) -> CreatedToken:
    return CreatedToken(token=token_of(made.token), secret=made.secret)


def _created_login(made: NewBiLogin) -> CreatedBiLogin:
    return CreatedBiLogin(login=login_of(made.login), password=made.password)
