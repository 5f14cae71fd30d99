"""Who comes in, and what stands there when there is nothing, or something fails."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.actions.users import NewGrant, create_user, set_password
from api.auth import owner_identity
from api.identity import Role
from tests.browser.conftest import answer, served, settle
from tests.conftest import fresh_database, watched_page
from warehouse.engine import connect_engine
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

pytestmark = pytest.mark.browser


def test_this_machine_s_owner_comes_in_without_ceremony_and_is_told_so(page, visit) -> None:
    visit("/")
    page.locator("summary[aria-label^='Signed in']").click()
    assert "only this machine reaches this address" in page.locator(".cw-menu-note").inner_text()


def test_the_keys(page, visit) -> None:
    visit("/")
    page.keyboard.press("?")
    assert "Go to Data" in page.locator("#cw-help").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/data")
    settle(page)
    assert page.title() == "Data · Causeway"


def test_the_theme_follows_the_key_and_stays(page, visit) -> None:
    visit("/")
    page.keyboard.press("t")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    visit("/data")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_an_address_that_leads_nowhere(page, visit) -> None:
    visit("/nowhere")
    assert page.get_by_role("heading", name="There is nothing at this address").count() == 1
    page.get_by_role("link", name="Go to the Overview").click()
    page.locator(".cw-tile").first.wait_for()


@pytest.mark.parametrize(
    "path", ["/?from=2026-99-99", "/?by=moon", "/?metric=luck", "/?campaign=x", "/data?load=999999"]
)
def test_an_address_that_means_nothing_says_what_to_do(page, visit, path) -> None:
    visit(path)
    said = page.locator(".cw-main").inner_text()
    assert "This view cannot be shown" in said
    assert page.get_by_role("link", name="Start over").count() == 1


def test_a_failure_inside_has_an_id_and_no_traceback(page, visit, engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE core.daily_rollup RENAME COLUMN clicks TO kicks"))
    try:
        visit("/?grain=month")
        said = page.locator(".cw-main").inner_text()
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE core.daily_rollup RENAME COLUMN kicks TO clicks"))
    assert "Something went wrong inside Causeway (id " in said
    assert "kicks" not in said
    assert "Traceback" not in said
    page.get_by_role("link", name="Start over").click()
    page.locator(".cw-tile").first.wait_for()


def test_an_empty_warehouse_shows_the_command_that_fills_it(browser, server_url, template_database, tmp_path) -> None:
    with fresh_database(server_url, template_database) as url:
        settings = Settings(
            home=tmp_path,
            database_url=url.render_as_string(hide_password=False),
            secret_key="only-for-tests-" + "x" * 32,
        )
        engine = connect_engine(settings, application_name="causeway-tests")
        with served(Warehouse(settings, engine)) as site, watched_page(browser) as page:
            for path in ("/", "/data"):
                page.goto(site.url + path)
                settle(page)
                assert page.locator(".cw-command").inner_text().strip() == "causeway load PATH"
        engine.dispose()


def test_from_elsewhere_people_sign_in_see_their_accounts_and_sign_out(browser, warehouse) -> None:
    owner = owner_identity(warehouse)
    set_password(warehouse, owner, user_key=owner.user_key, password="owners need one first")
    grants = [NewGrant(account_key=5, role=Role.viewer)]
    password = "correct horse battery"
    create_user(warehouse, owner, email="ann@example.com", name="Ann Example", password=password, grants=grants)
    with served(warehouse, bind_host="0.0.0.0") as site, watched_page(browser) as page:
        guess = browser.new_page()  # whose console says 401
        guess.goto(site.url)
        guess.get_by_label("E-mail address").fill("ann@example.com")
        guess.get_by_label("Password").fill("wrong")
        guess.get_by_role("button", name="Sign in").click()
        assert "wrong" in guess.get_by_role("alert").inner_text()
        guess.close()
        page.goto(site.url + "/?by=platform")
        assert "/login" in page.url
        page.get_by_label("E-mail address").fill("ann@example.com")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.locator(".cw-answer").wait_for()
        settle(page)
        assert answer(page).startswith("Spend was ")
        page.goto(site.url + "/?by=platform")
        settle(page)
        assert len(page.locator("#table-platform .ag-pinned-left-cols-container a").all_inner_texts()) == 1
        page.locator("summary[aria-label='Signed in as Ann Example']").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/login")
        page.goto(site.url + "/")
        assert "/login" in page.url
