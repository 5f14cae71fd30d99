"""Commands about the people of advertisers: who a customer is, two that are one, one that is to be forgotten."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.console import open_warehouse, say, show

if TYPE_CHECKING:
    from api.actions.customers import Given
    from api.identity import Identity
    from warehouse.sessions import Warehouse

commands = typer.Typer()
people = typer.Typer(help="Customers: show, merge, split, forget.", no_args_is_help=True)
advertiser = typer.Typer(help="Advertisers: list, create, assign accounts.", no_args_is_help=True)
commands.add_typer(people, name="people")
commands.add_typer(advertiser, name="advertiser")

By = Annotated[
    str,
    typer.Argument(
        metavar="KIND[=VALUE]",
        help="By what: email=ana@example.com, user=17, user:crm=17 (of a namespace); also phone, contact, device, "
        "client, click. Without =VALUE it is read from standard input, one a line, and leaves no trace in the shell.",
    ),
]
OtherBy = Annotated[str | None, typer.Argument(metavar="[KIND[=VALUE]]", help="The other one.")]
Of = Annotated[str, typer.Option("--advertiser", help="Whose customer.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@people.command("show")
def show_customer(by: By, of: Of = "default", json_: Json = False) -> None:
    """Show by what a customer is known, and what ties that together. Of the values nothing is known."""
    import dataclasses

    import orjson

    from api.actions import customers

    warehouse, identity = _opened()
    known = customers.show_customer(warehouse, identity, _given(by), advertiser=of)
    if json_:
        say(orjson.dumps(dataclasses.asdict(known), option=orjson.OPT_INDENT_2).decode())
        return
    say(f"Customer {known.customer_key}")
    for one in known.identifiers:
        say(f"  {one.kind} {one.digest}" + ("  shared by too many to name one" if one.is_shared else ""))
    for tie in known.ties:
        source = "said by a person" if tie.load_key is None else f"seen in load {tie.load_key}"
        say(f"  {tie.one} - {tie.other}  {source}" + ("; taken back" if tie.withdrawn_at else ""))


@people.command("merge")
def merge(one: By, other: Annotated[str, typer.Argument(metavar="KIND[=VALUE]", help="The other one.")],
          of: Of = "default") -> None:  # fmt: skip
    """Make two customers one."""
    from api.actions import customers

    warehouse, identity = _opened()
    customer = customers.merge_customers(warehouse, identity, _given(one), _given(other), advertiser=of)
    say(f"Both are customer {customer}.")


@people.command("split")
def split(one: By, other: OtherBy = None, of: Of = "default") -> None:
    """Take back what ties an identifier to another, or to all others of its customer."""
    from api.actions import customers

    warehouse, identity = _opened()
    second = None if other is None else _given(other)
    parted = customers.split_customer(warehouse, identity, _given(one), second, advertiser=of)
    if parted.other_key is None:
        say(f"It is a customer of its own: {parted.customer_key}.")
    elif parted.other_key == parted.customer_key:
        say(f"The tie is taken back, but other records still make both customer {parted.customer_key}.")
    else:
        say(f"They are customers {parted.customer_key} and {parted.other_key} now.")


@people.command("forget")
def forget(
    by: By,
    of: Of = "default",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. Nothing brings a deleted customer back.")] = False,
) -> None:
    """Delete a customer from every table, and take nothing about them again."""
    from api.actions import customers

    given = _given(by)
    if not yes and not (sys.stdin.isatty() and typer.confirm("Delete this customer for good?", err=True)):
        raise typer.BadParameter("Deleting cannot be undone; say that you mean it.", param_hint="--yes")
    warehouse, identity = _opened()
    gone = customers.forget_customer(warehouse, identity, given, advertiser=of)
    say(f"Customer {gone.customer_key} is forgotten.")
    for table, rows in sorted(gone.rows.items()):
        say(f"  {rows:,} rows of {table}")


@advertiser.command("list")
def list_advertisers(json_: Json = False) -> None:
    """List advertisers with their accounts."""
    from api.actions import advertisers
    from warehouse.queries.formats import answer_of

    warehouse, identity = _opened()
    show(answer_of(advertisers.list_advertisers(warehouse, identity)), as_json=json_)


@advertiser.command("create")
def create_advertiser(name: Annotated[str, typer.Argument(help="Its name.")]) -> None:
    """Add an advertiser, to whom accounts can belong."""
    from api.actions import advertisers

    warehouse, identity = _opened()
    advertisers.create_advertiser(warehouse, identity, name=name)
    say(f"There is an advertiser {name}.")


@advertiser.command("assign")
def assign(
    account: Annotated[str, typer.Argument(help="The platform's id of the account, or PLATFORM/ID.")],
    name: Annotated[str, typer.Argument(help="The advertiser.")],
) -> None:
    """Let an account belong to an advertiser, before its first people are loaded."""
    from api.actions import advertisers
    from warehouse.queries.accounts import find_account

    warehouse, identity = _opened()
    with warehouse.reading(identity.reader) as session:
        key = find_account(session, account)
    advertisers.assign_account(warehouse, identity, account_key=key, advertiser=name)
    say(f"{account} belongs to {name}.")


def _opened() -> tuple[Warehouse, Identity]:
    """The warehouse, and the local owner: whoever has a shell on this machine acts as its owner."""
    from api.auth import owner_identity

    warehouse = open_warehouse()
    return warehouse, owner_identity(warehouse)


def _given(by: str) -> Given:
    """What ``KIND[:NAMESPACE][=VALUE]`` says; a value that is left out is the next line of standard input."""
    from api.actions.customers import Given
    from warehouse.schema.people import IdentifierKind

    named, separator, value = by.partition("=")
    kind, _, namespace = named.partition(":")
    if kind not in IdentifierKind.__members__:
        # What was written may be the address itself, so it is not repeated here.
        raise typer.BadParameter(f"Begin with one of {', '.join(IdentifierKind)}, as in email=…", param_hint="KIND")
    if not separator:
        value = typer.prompt(kind, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    return Given(IdentifierKind(kind), value.strip(), namespace)
