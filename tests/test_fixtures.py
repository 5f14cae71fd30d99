"""The shared fixtures do what the other tests rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import URL, Engine, text

from tests.conftest import fresh_database, watched_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.mark.browser
def test_the_page_runs_scripts(browser_page: Page) -> None:
    browser_page.set_content("<h1></h1><script>document.querySelector('h1').textContent = 'alive'</script>")
    assert browser_page.inner_text("h1") == "alive"


@pytest.mark.browser
@pytest.mark.parametrize("script", ["console.error('broken')", "throw new Error('broken')"])
def test_a_complaint_on_the_console_fails_the_test(browser: Browser, script: str) -> None:
    def visit() -> None:
        with watched_page(browser) as page:
            page.set_content(f"<script>{script}</script>")

    with pytest.raises(AssertionError, match="broken"):
        visit()


def test_each_module_has_a_migrated_database_of_its_own(engine: Engine, server_url: URL) -> None:
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'core'")).scalar_one()
        mine = connection.execute(text("SELECT current_database()")).scalar_one()
    assert tables > 0
    with fresh_database(server_url) as other:
        assert other.database != mine
