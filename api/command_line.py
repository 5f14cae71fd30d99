"""Commands that ask GraphQL, and those about people, tokens and log-ins of BI tools."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.console import open_warehouse, say, show

if TYPE_CHECKING:
    from api.identity import Identity
    from warehouse.queries.people import Person
    from warehouse.sessions import Warehouse

commands = typer.Typer()
token = typer.Typer(help="API tokens: create, list, revoke.", no_args_is_help=True)
user = typer.Typer(help="Users and BI log-ins: create, list, disable, grant, password, bi-login.", no_args_is_help=True)
commands.add_typer(token, name="token")
commands.add_typer(user, name="user")


class TokenScope(StrEnum):
    """How far a token reaches."""

    collect = "collect"
    read = "read"
    write = "write"
    admin = "admin"


class RoleName(StrEnum):
    """What somebody may do with an account."""

    viewer = "viewer"
    analyst = "analyst"
    manager = "manager"
    admin = "admin"


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Account = Annotated[
    str | None, typer.Option(help="The platform's id of an account, or PLATFORM/ID; every account when omitted.")
]


@commands.command()
def graphql(
    query: Annotated[str, typer.Argument(help='A document, such as "{ kpis { name } }"; - reads it.')],
    variables: Annotated[str, typer.Option(help="Its variables as JSON.")] = "{}",
    operation: Annotated[str | None, typer.Option(help="Which operation, if the document has several.")] = None,
) -> None:
    """Ask in GraphQL as the local owner and print the response; exit code 1 when it has errors."""
    import orjson

    from api.auth import owner_identity
    from api.schema.answer import Question, answer

    try:
        said = orjson.loads(variables)
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"This is not JSON: {error}.", param_hint="--variables") from error
    if not isinstance(said, dict):
        raise typer.BadParameter("Variables are an object in JSON.", param_hint="--variables")
    warehouse = open_warehouse()
    question = Question(sys.stdin.read() if query == "-" else query, said, operation)
    response = answer(warehouse, owner_identity(warehouse), question)
    say(orjson.dumps(response, option=orjson.OPT_INDENT_2).decode())
    raise typer.Exit(1 if response.get("errors") else 0)


@token.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    scope: Annotated[TokenScope, typer.Option(help="How far it reaches.")] = TokenScope.read,
    days: Annotated[int, typer.Option(help="For how many days.", min=1, max=366)] = 90,
    email: Annotated[str | None, typer.Option("--user", help="For whom; the local owner when omitted.")] = None,
    account: Annotated[
        str | None, typer.Option(help="For the scope collect: whose events it sends, as PLATFORM/ID.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="Currency of that account; makes it when there is none yet.")
    ] = None,
    time_zone: Annotated[str, typer.Option(help="Time zone of an account that is made.")] = "UTC",
    json_: Json = False,
) -> None:
    """Make an API token. It is printed once and stored nowhere."""
    import json

    from api.actions import accounts, tokens
    from api.identity import Scope

    warehouse, identity = _opened()
    key = None if email is None else _person(warehouse, identity, email).user_key
    if account is not None and currency is not None:
        accounts.ensure_account(warehouse, identity, named_=account, currency=currency.upper(), time_zone=time_zone)
    made = tokens.create_token(
        warehouse, identity, name=name, scope=Scope[scope], days=days, user_key=key,
        account_key=_account_key(warehouse, identity, account),
    )  # fmt: skip
    if json_:
        say(json.dumps({"token_key": made.token.token_key, "secret": made.secret}))
        return
    say(made.secret)
    expires = f"{made.token.expires_at:%Y-%m-%d}"
    say(f"Token {made.token.token_key} for {made.token.user_email} until {expires}. Keep it: no one can see it again.",
        error=True)  # fmt: skip


@token.command("list")
def list_tokens(json_: Json = False) -> None:
    """List everybody's tokens, without their secrets."""
    from api import books

    warehouse, identity = _opened()
    _show(books.tokens(warehouse, identity, of_everybody=True), as_json=json_)


@token.command("revoke")
def revoke_token(token_key: Annotated[int, typer.Argument(help="Number of the token.")]) -> None:
    """End a token at once."""
    from api.actions import tokens

    warehouse, identity = _opened()
    ended = tokens.revoke_token(warehouse, identity, token_key=token_key)
    say(f"Token {ended.token_key} ({ended.name}) is revoked.")


@user.command("create")
def create_user(
    email: Annotated[str, typer.Argument(help="Their e-mail address, with which they sign in.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = RoleName.viewer,
    account: Account = None,
) -> None:
    """Add a user. The password is asked for, or read from standard input when that is no terminal."""
    from api.actions import users
    from api.identity import Role

    warehouse, identity = _opened()
    grant = users.NewGrant(_account_key(warehouse, identity, account), Role[role])
    person = users.create_user(
        warehouse, identity, email=email, name=name, password=_ask_password("Password"), grants=[grant]
    )
    say(f"{person.email} may sign in.")


@user.command("list")
def list_users(json_: Json = False) -> None:
    """List users with what they were granted."""
    from api import books

    warehouse, identity = _opened()
    _show(books.users(warehouse, identity), as_json=json_)


@user.command("disable")
def disable_user(email: Annotated[str, typer.Argument(help="Whom.")]) -> None:
    """Keep a user out; their sessions and tokens end."""
    from api.actions import users

    warehouse, identity = _opened()
    person = users.disable_user(warehouse, identity, user_key=_person(warehouse, identity, email).user_key)
    say(f"{person.email} is disabled.")


@user.command("grant")
def grant(
    reader: Annotated[str, typer.Argument(help="A user's e-mail address, or login:NAME of a BI log-in.")],
    role: Annotated[RoleName, typer.Argument(help="What they may do.")],
    account: Account = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it back instead.")] = False,
) -> None:
    """Give a user or a BI log-in a role on an account, or on every account."""
    from api.actions import users
    from api.identity import Role

    warehouse, identity = _opened()
    if not reader.startswith("login:"):
        reader = f"user:{_person(warehouse, identity, reader).user_key}"
    key = _account_key(warehouse, identity, account)
    if revoke:
        held = users.revoke_role(warehouse, identity, reader=reader, account_key=key)
    else:
        held = users.grant_role(warehouse, identity, reader=reader, account_key=key, role=Role[role])
    _show(held, as_json=False)


@user.command("password")
def password(email: Annotated[str, typer.Argument(help="Whose.")]) -> None:
    """Give a user a new password, which ends their sessions."""
    from api.actions import users

    warehouse, identity = _opened()
    person = _person(warehouse, identity, email)
    own = person.user_key == identity.user_key and person.has_password
    current = typer.prompt("Current password", hide_input=True, err=True) if own else None
    new = _ask_password("New password")
    users.set_password(warehouse, identity, user_key=person.user_key, password=new, current=current)
    say(f"The password of {person.email} is changed.")


@user.command("bi-login")
def bi_login(
    name: Annotated[str, typer.Argument(help="Name of the log-in: small letters, digits, underscores.")],
    account: Annotated[
        list[str] | None, typer.Option(help="An account that it reads (repeatable); every account when omitted.")
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Drop the log-in instead.")] = False,
    json_: Json = False,
) -> None:
    """Make a database log-in for a BI tool, which reads the views of schema mart and nothing else."""
    import json

    from api.actions import bi_logins

    warehouse, identity = _opened()
    if drop:
        say(f"{bi_logins.drop_bi_login(warehouse, identity, name=name)} is dropped.")
        return
    keys = None if account is None else [_required_key(warehouse, identity, one) for one in account]
    made = bi_logins.create_bi_login(warehouse, identity, name=name, account_keys=keys)
    if json_:
        say(json.dumps({"name": made.login.name, "password": made.password}))
        return
    say(made.password)
    say(f"The password of {made.login.name}. Keep it: no one can see it again.", error=True)


def _opened() -> tuple[Warehouse, Identity]:
    """The warehouse, and the local owner: whoever has a shell on this machine acts as its owner."""
    from api.auth import owner_identity

    warehouse = open_warehouse()
    return warehouse, owner_identity(warehouse)


def _person(warehouse: Warehouse, identity: Identity, email: str) -> Person:
    from api import books
    from warehouse.errors import NotFound

    found = next((p for p in books.users(warehouse, identity) if p.email == email.strip().lower()), None)
    if found is None:
        raise NotFound(f"There is no user {email}.", remedy="`causeway user list` lists the users.")
    return found


def _account_key(warehouse: Warehouse, identity: Identity, account: str | None) -> int | None:
    return None if account is None else _required_key(warehouse, identity, account)


def _required_key(warehouse: Warehouse, identity: Identity, account: str) -> int:
    from warehouse.queries.accounts import find_account

    with warehouse.reading(identity.reader) as session:
        return find_account(session, account)


def _ask_password(words: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(words, hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _show(rows: Sequence[Any], *, as_json: bool) -> None:
    from warehouse.queries.formats import answer_of

    show(answer_of(rows), as_json=as_json)
