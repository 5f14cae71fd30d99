"""The parameters by which ad platforms mark the address that a click led to."""

from __future__ import annotations

from typing import Final

from warehouse.ingest.sources.model import Alias

CLICK_IDS: Final = (
    "gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "li_fat_id", "twclid", "epik", "ScCid", "rdt_cid",
    "irclickid",
)  # fmt: skip


def clicks_in(header: str, path: str = "") -> tuple[Alias, ...]:
    """The click id in a column of addresses (or inside of its JSON), whichever platform's it is."""
    return tuple(Alias(header, path=path, query=name) for name in CLICK_IDS)
