"""The parts of the documentation that are written from the program: run ``python -m tests.reference`` to renew them.

Each stands between ``<!-- NAME: written by python -m tests.reference -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from warehouse.ingest.sources.registry import all_sources
from warehouse.marts.build import views
from warehouse.metrics import METRICS

DOCS = Path(__file__).resolve().parent.parent / "docs"
_PART = re.compile(r"(<!-- (\w+): written by python -m tests\.reference -->\n).*?(<!-- end -->)", re.DOTALL)


def renewed(text: str) -> str:
    """The page with its written parts as they must be."""
    return _PART.sub(lambda m: f"{m[1]}\n{''.join(_PARTS[m[2]]())}\n{m[3]}", text)


def _views() -> Iterator[str]:
    for view in views():
        yield f"### mart.{view.name}\n\n{view.comment}\n\n| column | meaning |\n|---|---|\n"
        yield "".join(f"| `{column}` | {_cell(comment)} |\n" for column, comment in view.columns.items())
        yield "\n"


def _metrics() -> Iterator[str]:
    yield "| name | label | formula over sums | unit | good | words |\n|---|---|---|---|---|---|\n"
    for m in METRICS.values():
        yield f"| `{m.name}` | {m.label} | `{m.sql()}` | {m.unit} | {m.good} | {_cell(m.words)} |\n"


def _platforms() -> Iterator[str]:
    yield "| platform | name | numbers move for | clicks | a conversion is put on the day of the | days are in |\n"
    yield "|---|---|---|---|---|---|\n"
    told = {s.platform.name: s.platform for s in all_sources() if s.dataset == "performance" and not s.refusal}
    for p in told.values():
        zone = p.time_zone or "the account's zone"
        told_of = (p.click_definition or "not said", p.conversion_basis or "not said", zone)
        yield f"| {p.label} | `{p.name}` | {p.lookback_days} days | {' | '.join(told_of)} |\n"


def _sources() -> Iterator[str]:
    yield "| source | what it is | gives |\n|---|---|---|\n"
    yield from (
        f"| `{s.name}` | {s.label} | {_GIVES[s.dataset]} |\n" for s in all_sources() if not s.refusal and not s.skipped
    )


def _refused() -> Iterator[str]:
    yield "| recognised as | why it is not taken | instead |\n|---|---|---|\n"
    for s in all_sources():
        if s.refusal:
            yield f"| {s.label} | {_cell(s.refusal.reason)} | {_cell(s.refusal.remedy)} |\n"


_GIVES = {
    "performance": "daily performance",
    "entity": "names, types, currencies",
    "fx_rate": "exchange rates",
    "order_day": "orders by day",
    "web_session_day": "sessions by day",
    "order": "orders one by one",
    "contact": "contacts and leads",
    "deal": "deals",
    "deal_stage": "stages of deals",
    "campaign_member": "members of a CRM's campaigns",
    "offline_conversion": "offline conversions",
    "email_day": "e-mail by day",
    "organic_day": "organic traffic by day",
    "touchpoint": "touchpoints of people",
    "web_event": "web events",
    "creative": "creatives",
    "experiment": "experiments",
    "assignment": "who is in which arm",
    "exposure": "who met a treatment",
    "outcome": "what units of experiments did",
}
_PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "views": _views, "metrics": _metrics, "platforms": _platforms, "sources": _sources, "refused": _refused,
}  # fmt: skip


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


if __name__ == "__main__":
    for page in DOCS.glob("*.md"):
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
