"""How a person met a channel, in the words of exports and logs."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from warehouse.schema.events import TouchKind

_WORDS: Final = {
    TouchKind.impression: ("impression", "impressions", "imp", "impr", "view", "ad view", "viewable impression",
                           "served", "display"),
    TouchKind.click: ("click", "clicks", "clk", "ad click", "link click", "tap", "swipe", "interaction"),
    TouchKind.visit: ("visit", "session", "session start", "page view", "pageview", "landing", "page", "get", "head"),
    TouchKind.email_open: ("email open", "open", "opened", "email opened", "mail open", "opened email"),
    TouchKind.email_click: ("email click", "email clicked", "mail click", "clicked email"),
}  # fmt: skip
_KIND_OF: Final = {word: kind.value for kind, words in _WORDS.items() for word in words}


def touch_kinds(words: pl.Series) -> pl.Series:
    """The kind of every touch; null where a word means none."""
    kinds = {
        word: _KIND_OF.get(re.sub(r"[\s_\-.]+", " ", word.casefold()).strip()) for word in words.drop_nulls().unique()
    }
    return words.replace_strict(kinds, default=None, return_dtype=pl.String)
