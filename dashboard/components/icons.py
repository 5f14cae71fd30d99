"""Our own icons: 16 x 16, stroked with the text's colour, drawn by CSS masks so that Dash can place them anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args
from urllib.parse import quote

from dash import html

IconName = Literal[
    "overview",
    "data",
    "journeys",
    "live",
    "attribution",
    "budget",
    "experiments",
    "predictions",
    "creatives",
    "segments",
    "search",
    "calendar",
    "account",
    "person",
    "money",
    "sun",
    "moon",
    "close",
    "plus",
    "check",
    "copy",
    "download",
    "print",
    "image",
    "table",
    "chart",
    "columns",
    "code",
    "more",
    "chevron-right",
    "chevron-down",
    "info",
    "caution",
    "stop",
    "tick",
    "help",
    "filter",
    "empty",
    "bookmark",
    "link",
    "credited",
    "associated",
    "incremental",
]

_PATHS: Mapping[IconName, str] = {
    "overview": '<path d="M2 2.5h5v5H2zM9 2.5h5v3H9zM9 8h5v5.5H9zM2 10h5v3.5H2z"/>',
    "data": '<ellipse cx="8" cy="3.8" rx="5.2" ry="2"/><path d="M2.8 3.8v8.4c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2V3.8M2.8 8c0'
    ' 1.1 2.3 2 5.2 2s5.2-.9 5.2-2"/>',
    "live": '<path d="M1.5 8.5h3l1.8-5 3.2 9.5 2-4.5h3"/>',
    "journeys": '<circle cx="3.2" cy="12.6" r="1.6"/><circle cx="12.8" cy="3.4" r="1.6"/><path d="M4.8 12.6h4.4a2.3 2.3'
    ' 0 0 0 0-4.6H6.8a2.3 2.3 0 0 1 0-4.6h4.4"/>',
    "attribution": '<circle cx="3.2" cy="3.2" r="1.6"/><circle cx="3.2" cy="12.8" r="1.6"/><circle cx="12.6" cy="8" '
    'r="1.9"/><path d="M4.8 3.8 10.8 7M4.8 12.2 10.8 9"/>',
    "budget": '<path d="M2 13.5h12M3.5 13V9.5M8 13V3M12.5 13V6.5"/>',
    "experiments": '<path d="M6 2h4M6.7 2v4L3 12.3a1.2 1.2 0 0 0 1 1.9h8a1.2 1.2 0 0 0 1-1.9L9.3 6V2M4.6 10h6.8"/>',
    "predictions": '<path d="M2 12.5 6 8l2.5 2.2"/><path d="M8.5 10.2 14 4" stroke-dasharray="2 1.7"/>'
    '<path d="M10.8 3.8H14V7"/>',
    "creatives": '<rect x="2" y="3" width="12" height="10" rx="1.2"/><circle cx="5.4" cy="6.2" r="1"/><path d="m2.5 '
    '11.8 3.6-3.2 2.3 2L11 8l3 3"/>',
    "segments": '<circle cx="6" cy="5.2" r="2.3"/><path d="M1.8 13.2c.3-2.4 2-3.7 4.2-3.7s3.9 1.3 4.2 3.7M10.6 3.2a2.3 '
    '2.3 0 0 1 0 4.1M11.8 9.7c1.4.5 2.2 1.7 2.4 3.5"/>',
    "search": '<circle cx="7" cy="7" r="4.3"/><path d="m10.3 10.3 3.5 3.5"/>',
    "calendar": '<rect x="2.2" y="3.2" width="11.6" height="10.6" rx="1.4"/><path d="M2.2 6.6h11.6M5.3 1.8v2.6M10.7 '
    '1.8v2.6"/>',
    "account": '<path d="M2.5 13.8V4.2L8 2l5.5 2.2v9.6M1.5 13.8h13M6.5 13.8v-3h3v3M5.5 6h.01M8 6h.01M10.5 6h.01"/>',
    "person": '<circle cx="8" cy="5.2" r="2.7"/><path d="M2.8 14c.5-2.9 2.6-4.3 5.2-4.3s4.7 1.4 5.2 4.3"/>',
    "money": '<circle cx="8" cy="8" r="6"/><path d="M10 5.8C9.5 5.2 8.8 5 8 5c-1.2 0-2 .6-2 1.5 0 2.1 4 '
    '.9 4 3 0 .9-.8 1.5-2 1.5-.9 0-1.6-.3-2.1-.9M8 4v1M8 11v1"/>',
    "sun": '<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 '
    '3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1"/>',
    "moon": '<path d="M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1z"/>',
    "close": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "check": '<path d="m3 8.5 3.3 3.3L13 4.8"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1.3"/><path d="M10.5 5.5v-2a1 1 0 0 '
    '0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>',
    "print": '<path d="M4.5 6V2.5h7V6M4.5 11.5h-2V6.2h11v5.3h-2"/><path d="M4.5 9.5h7v4h-7z"/>',
    "download": '<path d="M8 2.5v7.5M4.8 7.2 8 10.3l3.2-3.1M2.5 13.5h11"/>',
    "image": '<rect x="2" y="3" width="12" height="10" rx="1.2"/><path d="m2.5 11.5 3.5-3 2.3 2L11 8l3 3"/>',
    "table": '<rect x="2" y="2.8" width="12" height="10.4" rx="1.2"/><path d="M2 6.3h12M2 9.7h12M6.3 6.3v6.9"/>',
    "chart": '<path d="M2.5 2.5v11h11M5 10.5 7.5 7.3l2.2 1.7L13 4.5"/>',
    "columns": '<rect x="2" y="2.8" width="12" height="10.4" rx="1.2"/><path d="M6 2.8v10.4M10 2.8v10.4"/>',
    "code": '<path d="M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5"/>',
    "more": '<path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2"/>',
    "chevron-right": '<path d="m6 3.5 4.5 4.5L6 12.5"/>',
    "chevron-down": '<path d="M3.5 6 8 10.5 12.5 6"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.7M8 5h.01"/>',
    "caution": '<path d="M8 2.3 14.3 13.3H1.7zM8 6.5v3.2M8 11.5h.01"/>',
    "stop": '<path d="M5.5 1.8h5l3.7 3.7v5l-3.7 3.7h-5l-3.7-3.7v-5zM8 5v3.7M8 11h.01"/>',
    "tick": '<circle cx="8" cy="8" r="6"/><path d="m5.3 8.2 1.9 1.9 3.5-3.8"/>',
    "help": '<circle cx="8" cy="8" r="6"/><path d="M6.2 6.4C6.3 5.4 7 4.8 8 4.8s1.8.7 1.8 1.6c0 1.3-1.8 '
    '1.4-1.8 2.6M8 11.2h.01"/>',
    "filter": '<path d="M2 4h12M4.5 8h7M6.8 12h2.4"/>',
    "empty": '<path d="M2 9.5 4 3h8l2 6.5v3.5H2zM2 9.5h3.7l.8 1.5h3l.8-1.5H14"/>',
    "bookmark": '<path d="M4 2.5h8v11l-4-3-4 3z"/>',
    "link": '<path d="M6.7 9.3a2.6 2.6 0 0 0 3.7 0l2.5-2.5a2.6 2.6 0 0 0-3.7-3.7L8.2 4.1M9.3 '
    '6.7a2.6 2.6 0 0 0-3.7 0L3.1 9.2a2.6 2.6 0 0 0 3.7 3.7l1-1"/>',
    # The three marks: a tag that somebody put on it, two things seen together, and what was added.
    "credited": '<path d="M2.5 2.5h5.2l5.8 5.8-5.2 5.2-5.8-5.8zM5.3 5.3h.01"/>',
    "associated": '<circle cx="6" cy="8" r="3.8"/><circle cx="10" cy="8" r="3.8" stroke-dasharray="2 1.6"/>',
    "incremental": '<path fill="black" stroke="none" fill-rule="evenodd" d="M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 '
    '0 1 0-13zM7.3 4.8v2.5H4.8v1.4h2.5v2.5h1.4V8.7h2.5V7.3H8.7V4.8z"/>',
}


def icon(name: IconName) -> html.Span:
    """An icon for the eye only; the words beside it, or the button's label, carry the meaning."""
    return html.Span(className=f"cw-icon cw-icon-{name}", **{"aria-hidden": "true"})


def icons_css() -> str:
    """The text of ``assets/15-icons.css``: one custom property for each icon."""
    rules = [
        f'.cw-icon-{name} {{ --cw-icon: url("data:image/svg+xml,{quote(_svg(name), safe=_SAFE)}"); }}'
        for name in get_args(IconName)
    ]
    head = "/* Written by `python -m dashboard.theme`; change dashboard/components/icons.py instead. */"
    return "\n".join([head, *rules, ""])


_SAFE = " /:=-.,'()"


def _svg(name: IconName) -> str:
    path = _PATHS[name].replace('"', "'")
    return (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='black' stroke-width='1.3' "
        f"stroke-linecap='round' stroke-linejoin='round'>{path}</svg>"
    )
