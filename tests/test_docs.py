"""The documentation says nothing that is not so: links lead somewhere, commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
TARGETS = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))


@pages
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    inside = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@pages
def test_anchors_are_headings(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s:]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    targets = [((page.parent / path) if path else page, anchor) for path, anchor in links]
    assert [anchor for target, anchor in targets if anchor not in headings(target)] == []


@pages
def test_make_is_asked_for_what_it_does(page: Path) -> None:
    asked = set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert asked <= TARGETS


def test_contributing_lists_every_command() -> None:
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `make ([a-z]+)`", text, re.MULTILINE))
    assert listed == TARGETS - {"help", "chromium"}


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    assert "\n## Unreleased\n" in (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_page_is_reached_from_the_readme() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    reached = set(re.findall(r"\]\(docs/([\w-]+)\.md", text))
    assert {page.stem for page in (REPOSITORY / "docs").glob("*.md")} - {"benchmarks"} <= reached


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as the forge makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}
