from __future__ import annotations

from pathlib import Path

from validation.pages import heading, write_sections

OPENING = "# Page\n\nWhat it is."


def test_only_what_was_written_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    write_sections(page, OPENING, ["One", "Two"], {"Two": "second\n\n### inner\n", "One": "\nfirst"})
    write_sections(page, OPENING, ["One", "Two"], {"Two": "newer\n\n### inner\n\nrow"})
    assert page.read_text() == (
        "# Page\n\nWhat it is.\n\n## One\n\nfirst\n\n## Two\n\nnewer\n\n### inner\n\nrow\n"
    )  # fmt: skip


def test_sections_stand_in_their_order_and_strangers_go(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n## Gone\n\nold\n\n## Two\n\nsecond\n")
    write_sections(page, OPENING, ["One", "Two"], {"One": "\nfirst"})
    assert page.read_text() == "# Page\n\nWhat it is.\n\n## One\n\nfirst\n\n## Two\n\nsecond\n"


def test_a_docstring_is_a_title_and_words() -> None:
    assert heading("How far it is.\n\nWhat it means.\n") == ("How far it is", "What it means.")
    assert heading("How far it is.") == ("How far it is", "")
