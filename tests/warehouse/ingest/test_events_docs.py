"""The files that docs/events.md shows are loaded as it says."""

import re

import pytest

from tests.reference import DOCS
from tests.warehouse.state import rows

PAGE = (DOCS / "events.md").read_text(encoding="utf-8")
FILES = [(m[1], m[2]) for m in re.finditer(r"^```\w+ (\S+\.\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize(("name", "content"), FILES, ids=[name for name, _ in FILES])
def test_every_row_of_an_example_is_taken(desk, name, content):
    result = desk.load(content, name)
    assert (result.status, result.accepted) == ("loaded", len(content.splitlines()) - name.endswith(".csv")), result


def test_what_comes_of_them(desk):
    for name, content in FILES:
        desk.load(content, name)
    told = rows(desk.warehouse, "SELECT kind::text, channel FROM core.touchpoint ORDER BY at, kind")
    assert told == [
        ("impression", "paid_social"), ("click", "paid_social"), ("click", "affiliate"), ("visit", "paid_search"),
        ("email_click", "email"), ("visit", "organic_search"),
    ]  # fmt: skip
    assert rows(desk.warehouse, "SELECT source_id, value::text FROM core.conversion") == [("T-1001", "89.900000")]


def test_the_page_names_every_kind():
    words = re.findall(r"`(\w+)`", PAGE)
    assert {"impression", "click", "visit", "email_open", "email_click"} <= set(words)
