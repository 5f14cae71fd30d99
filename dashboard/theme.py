"""Every colour, size and distance of the dashboard, once; and what is generated from them.

``assets/10-tokens.css`` and ``assets/10-colours.js`` are written by ``python -m dashboard.theme`` and a test holds
them equal to this file. Figures are always built with the light colours; in dark mode the browser exchanges each
for its dark partner before it draws (``assets/20-theme.js``), so light values must differ from each other.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

import plotly.graph_objects as go
import plotly.io as pio

from dashboard.components.icons import icons_css

Mode = Literal["light", "dark"]


class Pair(NamedTuple):
    """One colour in both modes, as ``#rrggbb``."""

    light: str
    dark: str


# Without quotes, which Plotly would escape inside its SVG.
FONT: Final = "Inter, -apple-system, BlinkMacSystemFont, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"
MONO: Final = "ui-monospace, SFMono-Regular, SF Mono, Menlo, Consolas, Liberation Mono, monospace"

# Pixels. Text is 14 unless it has a reason; space comes in steps of 4.
TYPE: Mapping[str, int] = {"tiny": 11, "small": 12, "table": 13, "body": 14, "lead": 16, "title": 20, "number": 26}
SPACE: Mapping[str, int] = {"1": 4, "2": 8, "3": 12, "4": 16, "5": 20, "6": 24, "8": 32, "12": 48}
RADIUS: Mapping[str, int] = {"small": 4, "medium": 6, "large": 10, "pill": 999}

COLOURS: Mapping[str, Pair] = {
    "canvas": Pair("#f6f7f9", "#0d1013"),
    "surface": Pair("#ffffff", "#14181c"),
    "raised": Pair("#fefefe", "#1b2026"),
    "sunken": Pair("#eff1f4", "#090c0e"),
    "hover": Pair("#f1f3f6", "#1c2127"),
    "line": Pair("#e4e7ec", "#262c33"),
    "line-strong": Pair("#c8ced7", "#3b444e"),
    "grid": Pair("#edeff3", "#21272d"),
    "text": Pair("#12171d", "#e9ecef"),
    "text-soft": Pair("#47515e", "#b3bbc5"),
    "text-faint": Pair("#626c79", "#8f99a6"),
    "accent": Pair("#0a6577", "#56bccd"),
    "accent-hover": Pair("#084f5e", "#7bd0de"),
    "accent-soft": Pair("#e2f1f4", "#0f2d35"),
    "on-accent": Pair("#fdffff", "#06181c"),
    "good": Pair("#0b6944", "#4fc48d"),
    "good-soft": Pair("#e2f4ea", "#0f2b1f"),
    "bad": Pair("#b42318", "#ff8d80"),
    "bad-soft": Pair("#fdebe9", "#3a1613"),
    "caution": Pair("#855000", "#efb24d"),
    "caution-soft": Pair("#fdf1dc", "#33240a"),
    "compare": Pair("#7b8592", "#7d8794"),
    "other": Pair("#9aa3af", "#68727e"),
}

# Found by a search over OKLCH: at least 3:1 against the surface in both modes, the same hue in both, and no two
# closer than 0.09 in OKLab to any reader, with or without protanopia, deuteranopia or tritanopia (a test measures).
SERIES: tuple[Pair, ...] = (
    Pair("#3995f0", "#2f78d4"),
    Pair("#b74507", "#bd4c09"),
    Pair("#1a816c", "#30d8a8"),
    Pair("#c963b2", "#9d5a8a"),
    Pair("#7f4bb1", "#d3bdfc"),
    Pair("#9a9736", "#aab313"),
    Pair("#075171", "#70a6c2"),
    Pair("#8a0d36", "#e9687e"),
)

# A channel or platform keeps its colour on every page. Platforms share a slot with the channel they mostly are.
SERIES_OF: Mapping[str, int] = {
    "search": 0,
    "paid_search": 0,
    "google_ads": 0,
    "shopping": 1,
    "amazon_ads": 1,
    "reddit_ads": 1,
    "performance_max": 2,
    "cross_network": 2,
    "microsoft_ads": 2,
    "social": 3,
    "paid_social": 3,
    "tiktok_ads": 3,
    "video": 4,
    "snapchat_ads": 4,
    "display": 5,
    "audience": 5,
    "apple_search_ads": 5,
    "app": 6,
    "organic_search": 6,
    "organic_social": 4,
    "organic_shopping": 1,
    "organic_video": 4,
    "direct": 2,
    "referral": 5,
    "affiliate": 1,
    "sms": 7,
    "retail_media": 2,
    "meta_ads": 6,
    "facebook_ads": 6,
    "linkedin_ads": 4,
    "retargeting": 7,
    "email": 7,
    "pinterest_ads": 7,
    "twitter_ads": 5,
    "x_ads": 5,
}
NEUTRAL_NAMES = frozenset({"other", "unknown", "unassigned", "rest", ""})


def channel_slot(name: str) -> int | None:
    """The place of a channel's or platform's colour among the eight; a name nobody listed always has the same.

    None for names that say nothing.
    """
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    if key in NEUTRAL_NAMES:
        return None
    return SERIES_OF.get(key, zlib.crc32(key.encode()) % len(SERIES))


def channel_colour(name: str) -> str:
    """The light series colour of a channel or platform."""
    slot = channel_slot(name)
    return COLOURS["other"].light if slot is None else SERIES[slot].light


def colour(token: str, mode: Mode = "light") -> str:
    """A token's ``#rrggbb``. Figures ask for light; the browser knows the partner."""
    return getattr(COLOURS[token], mode)


def faded(hexadecimal: str, opacity: float) -> str:
    """The colour as ``rgba(r, g, b, a)``, a form that the browser exchanges between modes too."""
    red, green, blue = (int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two ``#rrggbb`` colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def template(mode: Mode) -> go.layout.Template:
    """The Plotly template: faint horizontal grid, no frame, small quiet text, tooltips like our cards."""
    quiet = {"color": colour("text-faint", mode), "size": TYPE["small"]}
    axis = {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": quiet,
        "title": {"font": quiet, "standoff": 8},
        "gridcolor": colour("grid", mode),
        "linecolor": colour("line", mode),
        "zerolinecolor": colour("line-strong", mode),
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": TYPE["small"], "color": colour("text-soft", mode)},
            "colorway": [getattr(pair, mode) for pair in SERIES],
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
            "xaxis": axis,
            "yaxis": {**axis, "showgrid": True, "griddash": "solid"},
            "hoverlabel": {
                "bgcolor": colour("raised", mode),
                "bordercolor": colour("line-strong", mode),
                "font": {"family": FONT, "size": TYPE["small"], "color": colour("text", mode)},
                "align": "left",
            },
            "legend": {"font": quiet, "orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
            "dragmode": False,
            "showlegend": False,
            "uirevision": "causeway",
        }
    )


def css() -> str:
    """The text of ``assets/10-tokens.css``: every token as ``--cw-…``, in both modes, and for Bootstrap and Dash."""
    fixed = [f"--cw-font: {FONT};", f"--cw-mono: {MONO};"]
    fixed += [f"--cw-type-{name}: {size / 16:g}rem;" for name, size in TYPE.items()]
    fixed += [f"--cw-space-{name}: {size}px;" for name, size in SPACE.items()]
    fixed += [f"--cw-radius-{name}: {size}px;" for name, size in RADIUS.items()]
    light, dark = _declarations("light"), _declarations("dark")
    return "\n".join(
        [
            "/* Written by `python -m dashboard.theme`; change dashboard/theme.py instead. */",
            _block(":root", fixed),
            _block(":root", ["color-scheme: light;", *light]),
            "@media (prefers-color-scheme: dark) {",
            _block(":root:not([data-theme=light])", ["color-scheme: dark;", *dark]),
            "}",
            _block(":root[data-theme=dark]", ["color-scheme: dark;", *dark]),
            "",
        ]
    )


def colours_js() -> str:
    """The text of ``assets/10-colours.js``: each light colour and its dark partner, for figures."""
    partners = {pair.light: pair.dark for pair in (*COLOURS.values(), *SERIES)}
    return (
        "// Written by `python -m dashboard.theme`; change dashboard/theme.py instead.\n"
        f"window.causewayColours = {json.dumps(partners, indent=2)};\n"
    )


def generated() -> Mapping[Path, str]:
    """Each generated asset and the text that it must have."""
    assets = Path(__file__).parent / "assets"
    return {
        assets / "10-tokens.css": css(),
        assets / "10-colours.js": colours_js(),
        assets / "15-icons.css": icons_css(),
    }


def _declarations(mode: Mode) -> list[str]:
    named = {name: getattr(pair, mode) for name, pair in COLOURS.items()}
    named |= {f"series-{i}": getattr(pair, mode) for i, pair in enumerate(SERIES)}
    shadow = "18, 23, 29" if mode == "light" else "0, 0, 0"
    strength = (0.06, 0.14) if mode == "light" else (0.4, 0.6)
    return [
        *(f"--cw-{name}: {value};" for name, value in named.items()),
        f"--cw-shadow: 0 1px 2px rgba({shadow}, {strength[0]});",
        f"--cw-shadow-high: 0 8px 28px rgba({shadow}, {strength[1]}), 0 1px 3px rgba({shadow}, {strength[0]});",
    ]


def _block(selector: str, declarations: list[str]) -> str:
    return f"{selector} {{\n" + "\n".join(f"  {d}" for d in declarations) + "\n}"


def _luminance(hexadecimal: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(hexadecimal[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Plotly knows templates by name only through its own registry.
pio.templates["causeway_light"] = template("light")
pio.templates["causeway_dark"] = template("dark")


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
