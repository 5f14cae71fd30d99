"""Signing in: passwords, sessions, tokens, and the end of the local default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.actions.tokens import create_token, revoke_token
from api.actions.users import NewGrant, create_user, disable_user, set_password
from api.auth import owner_identity
from api.identity import Identity, Role, Scope
from api.limits import Buckets, Limits
from api.signing import Signer
from tests.api.conftest import small_dashboard
from tests.api.serving import Served, serving
from warehouse.queries.people import Person
from warehouse.sessions import Warehouse
from warehouse.settings import signing_key

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def owner(warehouse: Warehouse) -> Identity:
    return owner_identity(warehouse)


@pytest.fixture(scope="module")
def before(local: Served, owner: Identity) -> dict[str, Any]:
    """How the local server answered before anybody had a password."""
    assert owner.local
    with local.client() as client:
        proxied = client.get("/", headers={"x-forwarded-for": "192.0.2.1"})
        return {"page": client.get("/").status_code, "proxied": proxied.status_code}


@pytest.fixture(scope="module")
def admin(warehouse: Warehouse, owner: Identity, before: dict[str, Any]) -> Person:
    return create_user(
        warehouse,
        owner,
        email="Ada@Example.com",
        name="Ada",
        password=PASSWORD,
        grants=[NewGrant(None, Role.admin)],
    )


@pytest.fixture(scope="module")
def generous() -> Limits:
    """Buckets that these tests do not empty by chance."""
    return Limits(
        strangers=Buckets(10_000, 100, "requests"),
        attempts_by_peer=Buckets(10_000, 100, "attempts to sign in"),
        attempts_by_email=Buckets(10_000, 100, "attempts to sign in"),
    )


@pytest.fixture(scope="module")
def public(warehouse: Warehouse, generous: Limits) -> Iterator[Served]:
    with serving(warehouse, bind_host="0.0.0.0", dash_server=small_dashboard, limits=generous) as served:
        yield served


@pytest.fixture
def client(public: Served, admin: Person) -> Iterator[httpx.Client]:
    with public.client() as client:
        yield client


def sign_in(client: httpx.Client, email: str = "ada@example.com", password: str = PASSWORD) -> httpx.Response:
    return client.post("/login", json={"email": email, "password": password})


# --- Passwords and sessions -----------------------------------------------------------------------------------------


def test_a_session_begins_and_ends(client: httpx.Client, admin: Person) -> None:
    assert client.get("/").status_code == 401
    answer = sign_in(client)
    assert answer.status_code == 200
    assert client.get("/page").json() == {"path": "/page", "actor": f"user:{admin.user_key}", "local": False}
    assert client.post("/logout").status_code == 200
    assert client.get("/").status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: httpx.Client) -> None:
    cookie = sign_in(client).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Max-Age=" in cookie


def test_behind_https_the_cookie_is_secure(warehouse: Warehouse, admin: Person) -> None:
    behind = Warehouse(replace(warehouse.settings, public_url="https://causeway.example"), warehouse.engine)
    with serving(behind) as served, served.client() as client:
        headers = {"host": "causeway.example", "origin": "https://causeway.example"}
        answer = client.post("/login", json={"email": "ada@example.com", "password": PASSWORD}, headers=headers)
        assert answer.headers["set-cookie"].startswith("__Host-causeway_session=")
        assert "; Secure" in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]


def test_a_form_leads_on_to_the_page(client: httpx.Client) -> None:
    form = {"email": "ada@example.com", "password": PASSWORD}
    browser = {"accept": "text/html"}
    answer = client.post("/login?next=/deep/page", data=form, headers=browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/deep/page")


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "/a\r\nx: y"]
)
def test_a_form_leads_nowhere_else(client: httpx.Client, target: str) -> None:
    form = {"email": "ada@example.com", "password": PASSWORD}
    answer = client.post("/login", params={"next": target}, data=form, headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_wrong_passwords_and_unknown_addresses_sound_the_same(client: httpx.Client) -> None:
    wrong = sign_in(client, password="not the password")
    unknown = sign_in(client, email="nobody@example.com")
    owner = sign_in(client, email="owner@localhost")
    assert wrong.status_code == unknown.status_code == owner.status_code == 401
    assert wrong.json() == unknown.json() == owner.json()
    page = client.post("/login", data={"email": "<b>", "password": "x"}, headers={"accept": "text/html"})
    assert page.status_code == 401
    assert 'role="alert"' in page.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"email": "a"}', b'{"email": 1, "password": 2}', b"x" * 20_000])
def test_what_is_no_sign_in_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/login", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 401, 413}


def test_attempts_are_limited(warehouse: Warehouse, admin: Person) -> None:
    with serving(warehouse, bind_host="0.0.0.0") as served, served.client() as client:
        answers = [sign_in(client, password="not the password") for _ in range(11)]
        assert [a.status_code for a in answers] == [401] * 10 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert sign_in(client).status_code == 429, "the right password is not found out by trying on"


def test_signing_in_costs_no_attempt(warehouse: Warehouse, admin: Person) -> None:
    with serving(warehouse, bind_host="0.0.0.0") as served, served.client() as client:
        assert {sign_in(client).status_code for _ in range(15)} == {200}


def test_guessing_tokens_is_limited(warehouse: Warehouse, admin: Person) -> None:
    few = Limits(attempts_by_peer=Buckets(5, 0.001, "attempts to sign in"))
    with serving(warehouse, bind_host="0.0.0.0", limits=few) as served, served.client() as client:
        answers = [client.get("/", headers={"authorization": f"Bearer cway_{i}"}).status_code for i in range(6)]
    assert answers == [401] * 5 + [429]


def test_a_changed_cookie_is_nobodys(client: httpx.Client) -> None:
    sign_in(client)
    good = client.cookies["causeway_session"]
    for bad in (good[:-1] + ("A" if good[-1] != "A" else "B"), good + "A", "x", "", good.swapcase()):
        client.cookies.clear()
        assert client.get("/", headers={"cookie": f"causeway_session={bad}"}).status_code == 401


def test_a_cookie_of_another_purpose_is_nobodys(client: httpx.Client, warehouse: Warehouse, admin: Person) -> None:
    sign_in(client)
    key = signing_key(warehouse.settings)
    payload = Signer(key, "session").unsign(client.cookies["causeway_session"])
    assert payload is not None
    client.cookies.clear()
    forged = Signer(key, "cursor").sign(payload)
    assert client.get("/", headers={"cookie": f"causeway_session={forged}"}).status_code == 401


def test_a_session_ends_with_its_time(client: httpx.Client, warehouse: Warehouse) -> None:
    sign_in(client)
    signer = Signer(signing_key(warehouse.settings), "session")
    payload = signer.unsign(client.cookies["causeway_session"])
    assert payload is not None
    user, _, fingerprint = payload.decode().split(".")
    client.cookies.clear()
    for expires, status in (("1", 401), ("9999999999", 200)):
        cookie = signer.sign(f"{user}.{expires}.{fingerprint}".encode())
        assert client.get("/", headers={"cookie": f"causeway_session={cookie}"}).status_code == status


def test_a_new_password_ends_sessions(
    warehouse: Warehouse, client: httpx.Client, owner: Identity, admin: Person
) -> None:
    grants = [NewGrant(None, Role.viewer)]
    person = create_user(warehouse, owner, email="eve@x.org", name="Eve", password=PASSWORD, grants=grants)
    sign_in(client, "eve@x.org")
    assert client.get("/").status_code == 200
    set_password(warehouse, owner, user_key=person.user_key, password=PASSWORD + "!")
    assert client.get("/").status_code == 401
    assert sign_in(client, "eve@x.org").status_code == 401
    assert sign_in(client, "eve@x.org", PASSWORD + "!").status_code == 200
    disable_user(warehouse, owner, user_key=person.user_key)
    assert client.get("/").status_code == 401
    assert sign_in(client, "eve@x.org", PASSWORD + "!").status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_with_a_cookie_comes_from_our_page(client: httpx.Client, public: Served, method: str) -> None:
    sign_in(client)
    cookie = {"cookie": f"causeway_session={client.cookies['causeway_session']}"}
    client.cookies.clear()
    assert client.request(method, "/x", headers=cookie).status_code == 403
    assert client.request(method, "/x", headers=cookie | {"origin": "https://evil.example"}).status_code == 403
    assert client.request(method, "/x", headers=cookie | {"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.request(method, "/x", headers=cookie | {"origin": public.url}).status_code == 200
    assert client.request(method, "/x", headers=cookie | {"sec-fetch-site": "same-origin"}).status_code == 200


# --- The local default ----------------------------------------------------------------------------------------------


def test_the_local_default_ends_with_the_first_password(local: Served, before: dict[str, Any], admin: Person) -> None:
    assert before["page"] == 200
    with local.client() as client:
        assert client.get("/").status_code == 401
        assert client.post("/graphql", json={"query": "{ me { name } }"}).status_code == 401


@pytest.mark.parametrize(
    "change", [{"public_url": "https://causeway.example"}, {"allowed_hosts": ("causeway.example",)}]
)
def test_a_name_of_the_outside_ends_the_local_default(warehouse: Warehouse, change: dict[str, Any]) -> None:
    reachable = Warehouse(replace(warehouse.settings, **change), warehouse.engine)
    with serving(reachable) as served, served.client() as client:
        assert client.get("/graphql").status_code == 401
        assert client.get("/graphql", headers={"host": "causeway.example"}).status_code == 401


def test_a_proxy_on_this_machine_ends_the_local_default(local: Served, before: dict[str, Any]) -> None:
    assert before["proxied"] == 401


def test_log_in_can_be_demanded(warehouse: Warehouse) -> None:
    with serving(warehouse, demand_login=True) as served, served.client() as client:
        assert client.get("/graphql").status_code == 401


# --- Tokens ---------------------------------------------------------------------------------------------------------


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_a_token_acts_for_its_user(client: httpx.Client, warehouse: Warehouse, owner: Identity, admin: Person) -> None:
    made = create_token(warehouse, owner, name="bot", scope=Scope.read, user_key=admin.user_key)
    assert made.secret.startswith("cway_")
    answer = client.post("/graphql", json={"query": "{ me { email scope } }"}, headers=bearer(made.secret))
    assert answer.json()["data"]["me"] == {"email": "ada@example.com", "scope": "read"}
    assert client.get("/page", headers=bearer(made.secret)).status_code == 200


def test_only_the_hash_of_a_token_is_kept(warehouse: Warehouse, owner: Identity) -> None:
    made = create_token(warehouse, owner, name="kept", scope=Scope.read, idempotency_key="kept-1")
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(
                """SELECT t::text FROM ops.token t UNION ALL SELECT a::text FROM ops.audit a
                UNION ALL SELECT i::text FROM ops.idempotency_key i"""
            )
        ).scalars()
        everything = "\n".join(rows)
    assert "kept" in everything
    assert made.secret not in everything
    assert made.secret.removeprefix("cway_") not in everything


def test_a_revoked_token_ends_at_once(client: httpx.Client, warehouse: Warehouse, owner: Identity) -> None:
    made = create_token(warehouse, owner, name="short", scope=Scope.read)
    assert client.get("/", headers=bearer(made.secret)).status_code == 200
    revoke_token(warehouse, owner, token_key=made.token.token_key)
    assert client.get("/", headers=bearer(made.secret)).status_code == 401


def test_an_expired_token_is_nobodys(client: httpx.Client, warehouse: Warehouse, owner: Identity) -> None:
    made = create_token(warehouse, owner, name="old", scope=Scope.read)
    with warehouse.engine.begin() as connection:
        connection.execute(
            text("UPDATE ops.token SET expires_at = now() - interval '1 second' WHERE token_key = :key"),
            {"key": made.token.token_key},
        )
    assert client.get("/", headers=bearer(made.secret)).status_code == 401


@pytest.mark.parametrize("value", ["Bearer nothing", "Bearer", "Basic eDp5", "cway_x", "Bearer cway_\u00e4", ""])
def test_what_is_no_token_is_nobodys(client: httpx.Client, value: str) -> None:
    sign_in(client)
    raw = [(b"authorization", value.encode("latin-1"))]
    assert client.get("/", headers=raw).status_code == 401, "a bad token is refused, session or not"


MUTATIONS = {
    "read": 'mutation { saveView(page: "overview", name: "x", query: "") { __typename ... on Failure { code } } }',
    "write": 'mutation { createToken(name: "x", scope: ADMIN) { __typename ... on Failure { code } } }',
}


@pytest.mark.parametrize("scope", [Scope.read, Scope.write])
def test_a_token_reaches_as_far_as_its_scope(
    client: httpx.Client, warehouse: Warehouse, owner: Identity, scope: Scope
) -> None:
    made = create_token(warehouse, owner, name=scope.name, scope=scope)
    answer = client.post("/graphql", json={"query": MUTATIONS[scope.name]}, headers=bearer(made.secret))
    (result,) = answer.json()["data"].values()
    assert result == {"__typename": "Failure", "code": "NOT_ALLOWED"}
    users = client.post("/graphql", json={"query": "{ users { email } }"}, headers=bearer(made.secret)).json()
    assert users["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"


def test_last_use_is_noted(client: httpx.Client, warehouse: Warehouse, owner: Identity) -> None:
    made = create_token(warehouse, owner, name="used", scope=Scope.read)
    query = {"query": "{ me { tokens { name lastUsedAt } } }"}
    found = client.post("/graphql", json=query, headers=bearer(made.secret)).json()["data"]["me"]["tokens"]
    assert next(t for t in found if t["name"] == "used")["lastUsedAt"] is not None
