"""Every change: who may make it, what it leaves in the audit, and what a retry gets."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from sqlalchemy import Engine, text

from api import books
from api.actions import accounts, advertisers, bi_logins, customers, saved_views, taxonomy, tokens, users
from api.actions.customers import Given
from api.actions.users import NewGrant
from api.auth import owner_identity
from api.identity import Identity, Role, Scope
from api.refusals import Invalid
from warehouse.access import Reader
from warehouse.errors import Conflict, NotAllowed, NotFound
from warehouse.queries.taxonomy import column_meanings
from warehouse.schema.people import IdentifierKind
from warehouse.sessions import Warehouse

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def owner(warehouse: Warehouse) -> Identity:
    return owner_identity(warehouse)


@pytest.fixture(scope="module")
def account(warehouse: Warehouse, engine: Engine) -> int:
    return add_account(engine, "A-1")


@pytest.fixture(scope="module")
def other_account(warehouse: Warehouse, engine: Engine) -> int:
    return add_account(engine, "B-2")


def add_account(engine: Engine, account_id: str) -> int:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE causeway_writer"))
        return connection.execute(
            text(
                """INSERT INTO core.account
                (platform, account_id, name, currency, currency_is_stated, time_zone, time_zone_is_stated)
                VALUES ('google_ads', :id, :id, 'EUR', false, 'UTC', false) RETURNING account_key"""
            ),
            {"id": account_id},
        ).scalar_one()


def somebody(role: Role | None, account_key: int | None, *, scope: Scope = Scope.admin, key: int = 999) -> Identity:
    roles = {} if role is None else {account_key: role}
    return Identity(Reader(f"user:{key}", "Some"), key, "Some", "some@x.org", roles, scope, local=False)


@pytest.fixture
def trail(warehouse: Warehouse, owner: Identity) -> Callable[[], list[tuple[str, str]]]:
    """The actions and subjects that were audited since the test began."""
    begun = books.audit(warehouse, owner, limit=1)
    last = begun[0].audit_key if begun else 0

    def since() -> list[tuple[str, str]]:
        entries = books.audit(warehouse, owner, limit=100)
        return [(e.action, e.subject) for e in reversed(entries) if e.audit_key > last]

    return since


# --- Who may --------------------------------------------------------------------------------------------------------

BY = Given(IdentifierKind.email, "a@b.c")
ADMINISTRATORS_ONLY: dict[str, Callable[[Warehouse, Identity], Any]] = {
    "create_user": lambda w, i: users.create_user(w, i, email="a@b.c", name="A"),
    "disable_user": lambda w, i: users.disable_user(w, i, user_key=1),
    "set_password": lambda w, i: users.set_password(w, i, user_key=1, password=PASSWORD),
    "show_customer": lambda w, i: customers.show_customer(w, i, BY),
    "merge_customers": lambda w, i: customers.merge_customers(w, i, BY, BY),
    "split_customer": lambda w, i: customers.split_customer(w, i, BY),
    "forget_customer": lambda w, i: customers.forget_customer(w, i, BY),
    "list_advertisers": advertisers.list_advertisers,
    "create_advertiser": lambda w, i: advertisers.create_advertiser(w, i, name="A"),
    "assign_account": lambda w, i: advertisers.assign_account(w, i, account_key=1, advertiser="default"),
    "grant_role": lambda w, i: users.grant_role(w, i, reader="user:1", account_key=None, role=Role.admin),
    "revoke_role": lambda w, i: users.revoke_role(w, i, reader="user:1", account_key=None),
    "create_token": lambda w, i: tokens.create_token(w, i, name="x", scope=Scope.read, user_key=1),
    "ensure_account": lambda w, i: accounts.ensure_account(w, i, named_="ga4/shop", currency="EUR", time_zone="UTC"),
    "create_bi_login": lambda w, i: bi_logins.create_bi_login(w, i, name="bi_x"),
    "drop_bi_login": lambda w, i: bi_logins.drop_bi_login(w, i, name="bi_x"),
    "users": books.users,
    "tokens": lambda w, i: books.tokens(w, i, of_everybody=True),
    "bi_logins": books.bi_logins,
    "audit": books.audit,
}


@pytest.mark.parametrize("name", ADMINISTRATORS_ONLY)
@pytest.mark.parametrize("role", [None, Role.viewer, Role.analyst, Role.manager])
def test_only_administrators(warehouse: Warehouse, name: str, role: Role | None) -> None:
    with pytest.raises(NotAllowed):
        ADMINISTRATORS_ONLY[name](warehouse, somebody(role, None))


@pytest.mark.parametrize("name", ADMINISTRATORS_ONLY)
def test_administrators_of_one_account_are_none(warehouse: Warehouse, name: str, account: int) -> None:
    with pytest.raises(NotAllowed):
        ADMINISTRATORS_ONLY[name](warehouse, somebody(Role.admin, account))


@pytest.mark.parametrize("name", ADMINISTRATORS_ONLY)
@pytest.mark.parametrize("scope", [Scope.read, Scope.write])
def test_a_token_of_an_administrator_must_reach_that_far(warehouse: Warehouse, name: str, scope: Scope) -> None:
    with pytest.raises(NotAllowed, match="scope"):
        ADMINISTRATORS_ONLY[name](warehouse, somebody(Role.admin, None, scope=scope))


MANAGERS: dict[str, Callable[[Warehouse, Identity], Any]] = {
    "create_channel": lambda w, i: taxonomy.create_channel(w, i, channel="x", name="X"),
    "rename_channel": lambda w, i: taxonomy.rename_channel(w, i, channel="video", name="X"),
    "put_rule": lambda w, i: taxonomy.put_channel_rule(w, i, platform="google_ads", campaign_type="x", channel="video"),
    "delete_rule": lambda w, i: taxonomy.delete_channel_rule(w, i, platform="google_ads", campaign_type="video"),
}


@pytest.mark.parametrize("name", MANAGERS)
def test_the_taxonomy_is_for_managers_of_everything(warehouse: Warehouse, name: str, account: int) -> None:
    for identity in (
        somebody(Role.analyst, None),
        somebody(Role.admin, account),
        somebody(Role.manager, None, scope=Scope.read),
    ):
        with pytest.raises(NotAllowed):
            MANAGERS[name](warehouse, identity)


def test_an_account_is_for_its_managers(warehouse: Warehouse, account: int, other_account: int) -> None:
    def rename(identity: Identity, key: int) -> None:
        accounts.edit_account(warehouse, identity, account_key=key, name="New")

    rename(somebody(Role.manager, account), account)
    rename(somebody(Role.manager, None), account)
    with pytest.raises(NotAllowed):
        rename(somebody(Role.analyst, account), account)
    with pytest.raises(NotAllowed):
        rename(somebody(Role.manager, account, scope=Scope.read), account)
    with pytest.raises(NotFound):  # not even told that it exists
        rename(somebody(Role.manager, account), other_account)


# --- Users ----------------------------------------------------------------------------------------------------------


def test_a_user_and_their_roles(
    warehouse: Warehouse, owner: Identity, account: int, trail: Callable[[], list[tuple[str, str]]]
) -> None:
    person = users.create_user(
        warehouse, owner, email=" Bea@X.org ", name=" Bea ", grants=[NewGrant(account, Role.viewer)]
    )
    reader = f"user:{person.user_key}"
    assert (person.email, person.name, person.has_password) == ("bea@x.org", "Bea", False)
    users.grant_role(warehouse, owner, reader=reader, account_key=None, role=Role.analyst)
    granted = users.grant_role(warehouse, owner, reader=reader, account_key=account, role=Role.manager)
    assert [(g.account_key, g.role) for g in granted] == [(None, "analyst"), (account, "manager")]
    left = users.revoke_role(warehouse, owner, reader=reader, account_key=None)
    assert [(g.account_key, g.role) for g in left] == [(account, "manager")]
    assert users.disable_user(warehouse, owner, user_key=person.user_key).disabled_at is not None
    assert [a for a, _ in trail()] == ["user.create", "grant.put", "grant.put", "grant.delete", "user.disable"]
    assert {s for _, s in trail()} == {reader}


@pytest.mark.parametrize("email", ["", "nobody", "a b@c", "@x", "x@", "a@b\u0000", "a" * 250 + "@x.org"])
def test_an_address_is_one(warehouse: Warehouse, owner: Identity, email: str) -> None:
    with pytest.raises(Invalid):
        users.create_user(warehouse, owner, email=email, name="X")


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "\u0000"])
def test_a_name_is_one(warehouse: Warehouse, owner: Identity, name: str) -> None:
    with pytest.raises(Invalid):
        users.create_user(warehouse, owner, email="n@x.org", name=name)


def test_an_address_is_taken_once(warehouse: Warehouse, owner: Identity) -> None:
    users.create_user(warehouse, owner, email="twice@x.org", name="X")
    with pytest.raises(Conflict):
        users.create_user(warehouse, owner, email="TWICE@x.org", name="Y")


def test_the_first_password_is_an_administrators(warehouse: Warehouse, owner: Identity, account: int) -> None:
    """Otherwise the local default would end with nobody left who may administer."""
    with pytest.raises(Conflict):
        users.create_user(
            warehouse, owner, email="v@x.org", name="V", password=PASSWORD, grants=[NewGrant(None, Role.viewer)]
        )
    with pytest.raises(Conflict):
        users.disable_user(warehouse, owner, user_key=owner.user_key)
    with pytest.raises(Conflict):
        users.revoke_role(warehouse, owner, reader=owner.reader.id, account_key=None)
    with pytest.raises(Conflict):
        users.grant_role(warehouse, owner, reader=owner.reader.id, account_key=None, role=Role.viewer)
    assert all(p.email != "v@x.org" for p in books.users(warehouse, owner)), "a refused change leaves nothing"


@pytest.mark.parametrize("reader", ["user:424242", "login:nobody", "user:1; DROP", "", "causeway_app"])
def test_roles_go_to_readers_that_exist(warehouse: Warehouse, owner: Identity, reader: str) -> None:
    with pytest.raises(NotFound):
        users.grant_role(warehouse, owner, reader=reader, account_key=None, role=Role.viewer)


def test_roles_are_on_accounts_that_exist(warehouse: Warehouse, owner: Identity) -> None:
    with pytest.raises(NotFound):
        users.grant_role(warehouse, owner, reader=owner.reader.id, account_key=424242, role=Role.viewer)


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_a_password_has_a_length(warehouse: Warehouse, owner: Identity, password: str) -> None:
    with pytest.raises(Invalid):
        users.set_password(warehouse, owner, user_key=owner.user_key, password=password)


# --- Tokens ---------------------------------------------------------------------------------------------------------


def test_a_token_lasts_for_a_year_at_most(warehouse: Warehouse, owner: Identity) -> None:
    for days in (0, -1, 367):
        with pytest.raises(Invalid):
            tokens.create_token(warehouse, owner, name="x", scope=Scope.read, days=days)
    made = tokens.create_token(warehouse, owner, name="x", scope=Scope.read, days=366)
    assert made.token.expires_at - dt.datetime.now(dt.UTC) < dt.timedelta(days=366)


def test_a_token_reaches_no_further_than_its_maker(warehouse: Warehouse, account: int) -> None:
    with pytest.raises(NotAllowed):
        tokens.create_token(warehouse, somebody(None, None, scope=Scope.write), name="x", scope=Scope.admin)


def test_tokens_of_others_are_not_known(warehouse: Warehouse, owner: Identity) -> None:
    made = tokens.create_token(warehouse, owner, name="mine", scope=Scope.read)
    with pytest.raises(NotFound):
        tokens.revoke_token(warehouse, somebody(Role.manager, None), token_key=made.token.token_key)
    assert made.token.token_key in {t.token_key for t in books.tokens(warehouse, owner)}
    assert books.tokens(warehouse, somebody(Role.manager, None)) == []


# --- Saved views ----------------------------------------------------------------------------------------------------


def test_views_are_saved_renamed_and_removed(
    warehouse: Warehouse, owner: Identity, trail: Callable[[], list[tuple[str, str]]]
) -> None:
    saved = saved_views.save_view(
        warehouse, owner, page="overview", name="Mine", query="?from=2026-01-01&to=2026-02-01"
    )
    assert saved.query == "from=2026-01-01&to=2026-02-01"
    with pytest.raises(Conflict):
        saved_views.save_view(warehouse, owner, page="overview", name="Mine", query="")
    other = saved_views.save_view(warehouse, owner, page="overview", name="Other", query="")
    with pytest.raises(Conflict):
        saved_views.rename_view(warehouse, owner, saved_view_key=other.saved_view_key, name="Mine")
    renamed = saved_views.rename_view(warehouse, owner, saved_view_key=saved.saved_view_key, name="Ours")
    assert [v.name for v in books.saved_views(warehouse, owner, page="overview")] == ["Other", "Ours"]
    assert books.saved_views(warehouse, owner, page="data") == []
    stranger = somebody(Role.admin, None)
    for change in (
        lambda: saved_views.rename_view(warehouse, stranger, saved_view_key=saved.saved_view_key, name="X"),
        lambda: saved_views.delete_view(warehouse, stranger, saved_view_key=saved.saved_view_key),
    ):
        with pytest.raises(NotFound):
            change()
    assert saved_views.delete_view(warehouse, owner, saved_view_key=saved.saved_view_key) == renamed
    assert [a for a, _ in trail()] == [
        "saved_view.create",
        "saved_view.create",
        "saved_view.rename",
        "saved_view.delete",
    ]


@pytest.mark.parametrize(
    ("page", "query"), [("", ""), ("Over view", ""), ("../x", ""), ("overview", "x" * 4_001), ("overview", "a\nb")]
)
def test_a_view_is_one_of_a_page(warehouse: Warehouse, owner: Identity, page: str, query: str) -> None:
    with pytest.raises(Invalid):
        saved_views.save_view(warehouse, owner, page=page, name="X", query=query)


# --- Taxonomy and accounts ------------------------------------------------------------------------------------------


def test_the_taxonomy_is_edited(
    warehouse: Warehouse, owner: Identity, trail: Callable[[], list[tuple[str, str]]]
) -> None:
    taxonomy.create_channel(warehouse, owner, channel="affiliates", name="Affiliates")
    with pytest.raises(Conflict):
        taxonomy.create_channel(warehouse, owner, channel="affiliates", name="Again")
    assert taxonomy.rename_channel(warehouse, owner, channel="affiliates", name="Partners").name == "Partners"
    changed = taxonomy.put_channel_rule(
        warehouse, owner, platform="google_ads", campaign_type="Partner-Network", channel="affiliates"
    )
    assert [(r.platform, r.type_key) for r in changed.rules] == [("google_ads", "partnernetwork")]
    gone = taxonomy.delete_channel_rule(warehouse, owner, platform="google_ads", campaign_type="PARTNER_NETWORK")
    assert (gone.channel, gone.rules) == ("affiliates", ())
    with pytest.raises(NotFound):
        taxonomy.delete_channel_rule(warehouse, owner, platform="google_ads", campaign_type="partner network")
    for platform, channel in (("nowhere", "video"), ("google_ads", "nothing")):
        with pytest.raises(NotFound):
            taxonomy.put_channel_rule(warehouse, owner, platform=platform, campaign_type="", channel=channel)
    assert [a for a, _ in trail()] == [
        "channel.create",
        "channel.rename",
        "channel_rule.put",
        "channel_rule.delete",
    ]


def test_an_account_is_edited(warehouse: Warehouse, owner: Identity, engine: Engine) -> None:
    key = add_account(engine, "C-3")
    changed = accounts.edit_account(warehouse, owner, account_key=key, currency="GBP", time_zone="Europe/London")
    assert (changed.name, changed.currency, changed.time_zone) == ("C-3", "GBP", "Europe/London")
    (entry, *_) = books.audit(warehouse, owner, limit=1)
    assert (entry.action, entry.subject) == ("account.edit", f"account:{key}")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["currency"], entry.after["currency"]) == ("EUR", "GBP")
    accounts.edit_account(warehouse, owner, account_key=key, currency="GBP")
    assert books.audit(warehouse, owner, limit=1)[0] == entry, "what changes nothing leaves no trace"
    for wrong in ({"currency": "eur"}, {"currency": "EURO"}, {"time_zone": "Mars/Base"}, {"name": " "}):
        with pytest.raises(Invalid):
            accounts.edit_account(warehouse, owner, account_key=key, **wrong)
    with pytest.raises(NotFound):
        accounts.edit_account(warehouse, owner, account_key=424242, name="X")


def test_columns_are_mapped(warehouse: Warehouse, owner: Identity, account: int) -> None:
    said = accounts.map_column(warehouse, owner, account_id="A-1", header="My  Revenue", field="conversion_value")
    with warehouse.reading(owner.reader) as session:
        assert column_meanings(session) == [said]
    with pytest.raises(Invalid):
        accounts.map_column(warehouse, owner, account_id="A-1", header="x", field="nonsense")
    with pytest.raises(NotFound):
        accounts.map_column(warehouse, owner, account_id="nobody's", header="x", field="spend")
    with pytest.raises(NotFound):
        accounts.map_column(warehouse, somebody(Role.admin, 424242), account_id="A-1", header="x", field="spend")
    with pytest.raises(NotAllowed):
        accounts.map_column(warehouse, somebody(Role.analyst, account), account_id="A-1", header="x", field="spend")
    accounts.forget_column(warehouse, owner, account_id="A-1", header="my revenue")
    with pytest.raises(NotFound):
        accounts.forget_column(warehouse, owner, account_id="A-1", header="my revenue")


# --- BI log-ins -----------------------------------------------------------------------------------------------------


@pytest.fixture
def login_name(engine: Engine) -> Iterator[str]:
    name = f"bi_{re.sub('[^a-z0-9]', '', str(engine.url.database))[-20:]}"
    yield name
    with engine.begin() as connection:
        connection.execute(text(f"DROP ROLE IF EXISTS {name}"))


def test_a_bi_login_reads_its_account(
    warehouse: Warehouse, owner: Identity, account: int, engine: Engine, login_name: str
) -> None:
    made = bi_logins.create_bi_login(warehouse, owner, name=login_name, account_keys=[account])
    with engine.connect() as connection:
        verifier = connection.execute(
            text("SELECT rolpassword FROM pg_authid WHERE rolname = :name"), {"name": login_name}
        ).scalar_one()
        assert verifier.startswith("SCRAM-SHA-256$")
        query = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = :name"
        assert tuple(connection.execute(text(query), {"name": login_name}).one()) == (False,) * 4
    url = engine.url
    with (
        psycopg2.connect(
            host=url.host or url.query.get("host"),
            port=url.port,
            dbname=url.database,
            user=login_name,
            password=made.password,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT account_id FROM mart.account")
        assert cursor.fetchall() == [("A-1",)]
        cursor.execute("SHOW default_transaction_read_only")
        assert cursor.fetchone() == ("on",)
    connection.close()
    assert books.bi_logins(warehouse, owner) == [made.login]
    with pytest.raises(Conflict):
        bi_logins.create_bi_login(warehouse, owner, name=login_name)
    bi_logins.drop_bi_login(warehouse, owner, name=login_name)
    assert books.bi_logins(warehouse, owner) == []
    with pytest.raises(NotFound):
        bi_logins.drop_bi_login(warehouse, owner, name=login_name)


@pytest.mark.parametrize(
    "name", ["", "Upper", "pg_reader", "causeway_app", "bi_reader", "a b", 'x"; DROP ROLE y; --', "1st", "x" * 64]
)
def test_a_login_has_a_harmless_name(warehouse: Warehouse, owner: Identity, name: str) -> None:
    with pytest.raises(Invalid):
        bi_logins.create_bi_login(warehouse, owner, name=name)


@pytest.mark.parametrize("name", ["postgres", "causeway_app", "bi_reader", 'x"; DROP ROLE y; --'])
def test_only_logins_that_were_made_here_are_dropped(warehouse: Warehouse, owner: Identity, name: str) -> None:
    with pytest.raises(NotFound):
        bi_logins.drop_bi_login(warehouse, owner, name=name)


def test_a_refused_login_leaves_no_role(warehouse: Warehouse, owner: Identity, engine: Engine, login_name: str) -> None:
    with pytest.raises(NotFound):
        bi_logins.create_bi_login(warehouse, owner, name=login_name, account_keys=[424242])
    with engine.connect() as connection:
        found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": login_name})
        assert found.one_or_none() is None


# --- Idempotency ----------------------------------------------------------------------------------------------------

CREATES: dict[str, Callable[[Warehouse, Identity, str, str], Any]] = {
    "user": lambda w, i, x, key: users.create_user(w, i, email=f"{x}@idem.org", name="X", idempotency_key=key),
    "token": lambda w, i, x, key: tokens.create_token(w, i, name=x, scope=Scope.read, idempotency_key=key),
    "view": lambda w, i, x, key: saved_views.save_view(w, i, page="data", name=x, query="", idempotency_key=key),
}


@pytest.mark.parametrize("name", CREATES)
def test_a_retry_gets_the_same_answer(
    warehouse: Warehouse, owner: Identity, name: str, trail: Callable[[], list[tuple[str, str]]]
) -> None:
    create = CREATES[name]
    first = create(warehouse, owner, "one", f"{name}-key")
    assert create(warehouse, owner, "one", f"{name}-key") == first
    if name == "token":
        assert create(warehouse, owner, "one", f"{name}-key").secret == first.secret
    assert len(trail()) == 1
    with pytest.raises(Conflict):
        create(warehouse, owner, "two", f"{name}-key")


def test_a_key_belongs_to_one_person(warehouse: Warehouse, owner: Identity) -> None:
    person = users.create_user(warehouse, owner, email="own-keys@x.org", name="X")
    theirs = somebody(Role.viewer, None, key=person.user_key)
    mine = saved_views.save_view(warehouse, owner, page="data", name="k", query="", idempotency_key="shared")
    other = saved_views.save_view(warehouse, theirs, page="data", name="z", query="", idempotency_key="shared")
    assert mine.saved_view_key != other.saved_view_key


def test_a_refused_create_may_be_tried_again(warehouse: Warehouse, owner: Identity) -> None:
    for _ in range(2):
        with pytest.raises(NotFound):
            tokens.create_token(
                warehouse, owner, name="x", scope=Scope.read, user_key=424242, idempotency_key="refused"
            )


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "\u0000", "ü"])
def test_a_key_is_short_and_plain(warehouse: Warehouse, owner: Identity, key: str) -> None:
    with pytest.raises(Invalid):
        saved_views.save_view(warehouse, owner, page="data", name="q", query="", idempotency_key=key)


def test_passwords_are_nowhere(warehouse: Warehouse, owner: Identity, engine: Engine) -> None:
    users.create_user(
        warehouse,
        owner,
        email="secret@x.org",
        name="S",
        password="a very secret phrase",
        grants=[NewGrant(None, Role.admin)],
        idempotency_key="secret",
    )
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                """SELECT t::text FROM ops."user" t UNION ALL SELECT a::text FROM ops.audit a
                UNION ALL SELECT i::text FROM ops.idempotency_key i"""
            )
        ).scalars()
        everything = "\n".join(rows)
    assert "secret@x.org" in everything
    assert "a very secret phrase" not in everything


def test_the_audit_cannot_be_rewritten(warehouse: Warehouse, engine: Engine) -> None:
    for change in ("UPDATE ops.audit SET actor = 'x'", "DELETE FROM ops.audit", "TRUNCATE ops.audit"):
        with pytest.raises(Exception, match="append-only"), engine.begin() as connection:
            connection.execute(text(change))
