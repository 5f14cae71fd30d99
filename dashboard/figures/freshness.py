"""How fresh each source is: a strip of the days that are loaded, those that may still change, and the gap to today."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.bars import ROW
from dashboard.figures.drawn import ColumnKind, Drawn, blank, shorten
from dashboard.theme import TYPE, colour, faded

STALE_AFTER = 2  # days without data before a source is called behind


def freshness(frame: pd.DataFrame, today: dt.date, *, days: int = 60) -> Drawn:
    """Draw ``frame`` (columns ``label``, ``first_day``, ``last_day``, ``final_until``) up to ``today``.

    The strip shows the last ``days`` days. ``final_until`` is the last day that will not change any more, None when
    no day is final. A source whose last day is more than ``STALE_AFTER`` days ago is written in the caution colour.
    """
    start = today - dt.timedelta(days=days)
    rows = frame.sort_values("last_day", ascending=True, na_position="first").reset_index(drop=True)
    figure = blank(ROW * max(len(rows), 1) + 34)
    for i, row in enumerate(rows.itertuples(index=False)):
        last, final = _date(row.last_day), _date(row.final_until)
        first = _date(row.first_day)
        if last is not None and first is not None:
            solid_to = min(final, last) if final is not None else None
            if solid_to is not None:
                _strip(figure, i, max(first, start), solid_to, colour("accent"), hatched=False)
            open_from = first if solid_to is None else solid_to + dt.timedelta(days=1)
            _strip(figure, i, max(open_from, start), last, colour("accent"), hatched=True)
        _strip(figure, i, max(start, (last or start) + dt.timedelta(days=1)), today, colour("line"), hatched=False)
        _write(figure, i, str(row.label), last, final, today)
    figure.update_layout(
        xaxis={
            "type": "date",
            "range": [start, today + dt.timedelta(days=1)],
            "tickformat": "%-d %b",
            "nticks": 6,
            "fixedrange": True,
            "ticklabeloverflow": "hide past domain",
        },
        yaxis={"range": [len(rows) - 0.5, -0.78], "visible": False, "fixedrange": True},
        barmode="overlay",
        margin={"l": 2, "r": 2, "t": 0, "b": 0},
    )
    table, kinds = _twin(rows, today)
    return Drawn(figure, _summary(rows, today), table, kinds, "")


def _strip(figure: go.Figure, row: int, first: dt.date, last: dt.date, tint: str, *, hatched: bool) -> None:
    if last < first:
        return
    length = (last - first + dt.timedelta(days=1)).total_seconds() * 1000
    pattern = {"shape": "/", "size": 5, "solidity": 0.35, "fgcolor": tint, "bgcolor": faded(tint, 0.12)}
    figure.add_trace(
        go.Bar(
            base=[pd.Timestamp(first)],
            x=[length],
            y=[row],
            orientation="h",
            width=0.19,
            marker={"color": tint, "line": {"width": 0}, **({"pattern": pattern} if hatched else {})},
            hoverinfo="skip",
        )
    )


def _write(
    figure: go.Figure, row: int, label: str, last: dt.date | None, final: dt.date | None, today: dt.date
) -> None:
    behind = last is None or (today - last).days > STALE_AFTER
    words = _age(last, today)
    if last is not None and (final is None or final < last):
        words += f" · {_open_days(last, final)}"
    shared = {"y": row, "yref": "y", "xref": "x domain", "yshift": 14, "showarrow": False, "borderpad": 0}
    font = {"size": TYPE["small"], "color": colour("text")}
    figure.add_annotation(**shared, x=0, xanchor="left", text=shorten(label, 26), font=font)
    quiet = {"size": TYPE["small"], "color": colour("caution" if behind else "text-faint")}
    figure.add_annotation(**shared, x=1, xanchor="right", text=words, font=quiet)


def _age(last: dt.date | None, today: dt.date) -> str:
    if last is None:
        return "no data yet"
    age = (today - last).days
    words = {0: "up to today", 1: "up to yesterday"}.get(age, f"{age} days behind")
    return f"▲ {words}" if age > STALE_AFTER else words


def _open_days(last: dt.date, final: dt.date | None) -> str:
    if final is None:
        return "no day final"
    count = (last - final).days
    return f"{count} day{'s' * (count != 1)} not final"


def _twin(rows: pd.DataFrame, today: dt.date) -> tuple[pd.DataFrame, dict[str, ColumnKind]]:
    table = pd.DataFrame(
        {
            "Source": list(rows["label"]),
            "First day": [_date(d) for d in rows["first_day"]],
            "Last day": [_date(d) for d in rows["last_day"]],
            "Final until": [_date(d) for d in rows["final_until"]],
            "State": [_age(_date(d), today).removeprefix("▲ ") for d in rows["last_day"]],
        }
    )
    return table, {
        "Source": "text",
        "First day": "date",
        "Last day": "date",
        "Final until": "date",
        "State": "text",
    }


def _summary(rows: pd.DataFrame, today: dt.date) -> str:
    if rows.empty:
        return "No source has been loaded yet."
    behind = [str(r.label) for r in rows.itertuples() if (d := _date(r.last_day)) is None or _is_behind(d, today)]
    fresh = len(rows) - len(behind)
    text = f"{fresh} of {len(rows)} sources are up to date"
    if behind:
        text += f"; behind: {', '.join(behind)}"
    known = [d for d in map(_date, rows["last_day"]) if d is not None]
    if known:
        text += f"; the latest day loaded is {formats.day(max(known))}"
    return text + "."


def _is_behind(last: dt.date, today: dt.date) -> bool:
    return (today - last).days > STALE_AFTER


def _date(value: object) -> dt.date | None:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    return pd.Timestamp(value).date()  # type: ignore[arg-type]
