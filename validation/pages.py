"""A page whose sections are each written by a command of their own, and say when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_HEADING: Final = re.compile(r"^## (.*)$", re.MULTILINE)


def write_sections(page: Path, opening: str, order: Sequence[str], written: Mapping[str, str]) -> None:
    """Replace the sections of a page that were ``written``, by title; the others stay as they are.

    Sections stand in the given ``order``; one that is not in it is not kept.
    """
    sections = _sections(page.read_text(encoding="utf-8")) if page.exists() else {}
    sections.update(written)
    kept = [f"## {title}\n\n{sections[title].strip()}\n" for title in order if title in sections]
    page.write_text("\n".join([f"{opening.rstrip()}\n", *kept]), encoding="utf-8")


def heading(words: str | None) -> tuple[str, str]:
    """The title and the explanation of a section, from the docstring of what writes it."""
    title, _, rest = (words or "").partition("\n")
    return title.rstrip("."), rest.strip()


def _sections(text: str) -> dict[str, str]:
    """What stands under each heading of the second level."""
    parts = _HEADING.split(text)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))
