from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import Commands
from tests.warehouse.seed import GOOGLE, seed_two_accounts
from warehouse.engine import connect_engine
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

PASSWORD = "six words make a good password"


@pytest.fixture(scope="module")
def causeway(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    engine = connect_engine(settings)
    seed_two_accounts(Warehouse(settings, engine), tmp_path_factory.mktemp("exports"))
    engine.dispose()
    return Commands.on(settings)


def test_a_token_is_shown_once_and_can_be_ended(causeway: Commands) -> None:
    made = causeway.ok("token", "create", "for the BI tool", "--days", 7)
    secret = made.out.strip()
    assert secret.startswith("cway_")
    assert secret not in made.err
    (token,) = causeway.ok("token", "list", "--json").json
    assert (token["name"], token["scopes"], token["revoked_at"]) == ("for the BI tool", ["read"], None)
    assert secret not in str(token)
    causeway.ok("token", "revoke", token["token_key"])
    assert causeway.ok("token", "list", "--json").json[0]["revoked_at"]
    assert causeway.run("token", "revoke", 999).code == 1
    assert causeway.run("token", "create", "x", "--scope", "everything").code == 2


def test_a_user_from_first_to_last(causeway: Commands) -> None:
    refused = causeway.run("user", "create", "viewer@example.org", "--name", "Viewer", stdin=f"{PASSWORD}\n")
    assert refused.code == 1
    assert "administer" in refused.err  # the first with a password must, or nobody could

    causeway.ok("user", "create", "ada@example.org", "--name", "Ada", "--role", "admin", stdin=f"{PASSWORD}\n")
    causeway.ok("user", "create", "bob@example.org", "--name", "Bob", "--account", GOOGLE, stdin=f"{PASSWORD}\n")
    users = {user["email"]: user for user in causeway.ok("user", "list", "--json").json}
    assert users["bob@example.org"]["has_password"]
    (grant,) = users["bob@example.org"]["grants"]
    assert (grant["account_key"] is None, grant["role"]) == (False, "viewer")

    causeway.ok("user", "grant", "bob@example.org", "manager", "--account", f"google_ads/{GOOGLE}")
    causeway.ok("user", "password", "bob@example.org", stdin=f"{PASSWORD} too\n")
    causeway.ok("user", "disable", "bob@example.org")
    users = {user["email"]: user for user in causeway.ok("user", "list", "--json").json}
    assert users["bob@example.org"]["grants"][0]["role"] == "manager"
    assert users["bob@example.org"]["disabled_at"]

    assert causeway.run("user", "grant", "nobody@example.org", "viewer").code == 1


def test_short_passwords_are_refused(causeway: Commands) -> None:
    said = causeway.run("user", "create", "eve@example.org", "--name", "Eve", "--role", "admin", stdin="short\n")
    assert said.code == 1
    assert "12" in said.err


def test_a_log_in_for_a_bi_tool(causeway: Commands, tmp_path: Path) -> None:
    login = f"bi_{tmp_path.name[-12:].replace('-', '_').lower()}"  # roles are shared by all databases of the server
    made = causeway.ok("user", "bi-login", login, "--account", GOOGLE, "--json").json
    assert made["name"] == login
    seen = causeway.ok(
        "sql", f"SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = '{login}'", "--format", "json"
    )
    assert seen.json == [{"rolcanlogin": True, "rolsuper": False}]
    assert causeway.run("user", "bi-login", login).code == 1
    causeway.ok("user", "bi-login", login, "--drop")
    assert causeway.run("user", "bi-login", "No Good").code == 1
    unknown = causeway.run("user", "bi-login", "x", "--account", "nothing")
    assert f"google_ads/{GOOGLE}" in unknown.err
