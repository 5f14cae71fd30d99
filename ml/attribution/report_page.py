"""The report as one HTML page that prints well: no script, nothing from the network, figures drawn in the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Final

from ml.attribution.answer import ChannelCredit, PartCredit
from ml.attribution.methods import LIMITS, METHODS
from ml.attribution.report import Report
from warehouse.queries.attribution import Agreement

ROWS_SHOWN: Final = 40
_NONE: Final = "\N{EN DASH}"
_WIDTH, _HEIGHT = 320, 14  # of an interval's drawing


def page_of(report: Report) -> str:
    """The whole document."""
    parts = [
        _head(report),
        _results(report),
        _experiments(report),
        _compared(report),
        _shaken(report),
        _journeys(report),
        _method(report),
        _limits(),
        _again(report),
    ]
    title = f"Attribution of {_many(report)}: {report.title}"
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(report: Report) -> str:
    about = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(said)}</dd></div>" for name, said in report.about)
    return (
        f"<header><p class=kicker>Attribution of {_many(report)} · {report.written_at:%Y-%m-%d %H:%M} UTC</p>"
        f"<h1>{escape(report.title)}</h1><p class=answer>{_sentence(report)}</p></header>"
        f"<section><h2>What was asked</h2><dl>{about}</dl></section>"
    )


def _sentence(report: Report) -> str:
    """The answer in one sentence, with what kind of number it is."""
    answer, many = report.answer, _many(report)
    if answer.baseline is not None:
        base = answer.baseline
        return (
            f"{escape(answer.words)} Of {_count(answer.total_conversions)} {many}, {_count(base.estimate)} "
            f"({_count(base.low)} to {_count(base.high)}) would have come anyway. {_MARK_INCREMENTAL}"
        )
    given = sum(row.conversions for row in answer.credits)
    if not answer.credits or given <= 0:
        return f"No {report.goal} is credited to anything."
    top = answer.credits[0]
    return (
        f"By {escape(METHODS[answer.model].name)}, {escape(_item(report, top))} earns the most credit: "
        f"{_interval(top)} {many}, {top.conversions / given:.0%} of all that are credited. {_MARK_CREDITED}"
    )


def _results(report: Report) -> str:
    rows = report.answer.credits[:ROWS_SHOWN]
    is_split = any(isinstance(row, PartCredit) and row.item is not None for row in rows)
    has_cost = any(isinstance(row, PartCredit) and row.cost is not None for row in rows)
    least = min([0.0, *(row.low for row in rows)])
    most = max([1e-9, *(max(row.high, row.conversions) for row in rows)])
    names = ["Channel", *(["Part"] if is_split else []), _many(report).capitalize(), "Interval", ""]
    names += [f"Value{_in(report)}", *(["Cost", "CPA", "ROAS"] if has_cost else [])]
    if any(row.removal_effect is not None for row in rows):
        names.append("Removal effect")
    cells = []
    for row in rows:
        cell = [escape(report.name(row.channel))]
        if is_split:
            cell.append(escape((row.item if isinstance(row, PartCredit) else None) or "not told apart"))
        cell += [_number(row.conversions), f"{_number(row.low)} to {_number(row.high)}", _drawn(row, least, most)]
        cell.append(_amount(row.value))
        if has_cost and isinstance(row, PartCredit):
            cell += [_amount(row.cost), _amount(row.cpa), _amount(row.roas)]
        if "Removal effect" in names:
            cell.append(_NONE if row.removal_effect is None else f"{row.removal_effect:.1%}")
        cells.append(cell)
    more = len(report.answer.credits) - len(rows)
    note = f"<p class=note>And {more:,} smaller ones.</p>" if more > 0 else ""
    kind = "Incremental" if report.answer.baseline is not None else "Credited"
    said = "Dots are estimates, lines their intervals. "
    said += "They hold chance alone, not who would have come anyway." if report.answer.baseline is None else ""
    return _section(f"{kind} {_many(report)}", f"<p>{said}</p>{_table(names, cells)}{note}")


def _experiments(report: Report) -> str:
    """What tests found beside what models credit in the same part of the journeys."""
    found = [row for row in report.agreement if row.kind == "experiment"]
    if not found:
        return _section(
            "Agreement with experiments",
            "<p>No experiment says what any channel causes. Until one does, no number here can be called incremental: "
            "a credit counts who was there before a conversion. A test that switches a channel off, in some regions or "
            "for some weeks, is what would tell.</p>",
        )
    models = list(dict.fromkeys(row.model for row in found))
    tests = list(dict.fromkeys((row.other, row.channel) for row in found))
    by = {(row.model, row.other, row.channel): row for row in found}
    cells = []
    for other, channel in tests:
        one = by[next(model for model in models if (model, other, channel) in by), other, channel]
        cells.append([
            escape(other), escape(report.name(channel or "")), f"{_number(one.lift)} ± {_number(one.se)}",
            *(_verdict(by.get((model, other, channel))) for model in models),
        ])  # fmt: skip
    names = ["Test", "Channel", "Lift found", *(METHODS[model].name for model in models)]
    return _section(
        "Agreement with experiments",
        "<p>What each model credits in the part of the journeys that a test covered, and in brackets how many standard "
        "errors that is from what the test found. Up to two may be luck; more is marked.</p>" + _table(names, cells),
        wide=True,
    )


def _compared(report: Report) -> str:
    """Channels' conversions by every model, and how far the models are from the one that was asked."""
    if len(report.compared) < 2:
        return ""
    credit = {name: {row.channel: row for row in one.credits} for name, one in report.compared.items()}
    known = dict.fromkeys(row.channel for one in report.compared.values() for row in one.credits)
    order = sorted(known, key=lambda channel: -max(_of(rows, channel) for rows in credit.values()))
    cells = [
        [escape(report.name(channel)), *(_compact(rows.get(channel)) for rows in credit.values())] for channel in order
    ]
    names = ["Channel", *(METHODS[model].name for model in credit)]
    text = (
        "<p>The same journeys by other models, with intervals. Where they disagree, the choice of a model decides.</p>"
    )
    distances = [
        f"{escape(METHODS[row.other].name)} {row.distance:.2f}"
        for row in report.agreement
        if row.kind == "model" and row.model == report.answer.model != row.other and row.distance is not None
    ]
    far = (
        f"<p class=note>Distance of shares to {escape(METHODS[report.answer.model].name)}, from 0 (the same) to 2: "
        f"{', '.join(distances)}.</p>"
        if distances
        else ""
    )
    return _section("Models side by side", text + _table(names, cells) + far, wide=True)


def _shaken(report: Report) -> str:
    """How far the model's shares move with other luck, a shorter lookback, or lost consent."""
    found = [
        [_KINDS[row.kind], escape(row.other), f"{row.distance:.3f}"]
        for row in report.agreement
        if row.kind in _KINDS and row.model == report.answer.model and row.distance is not None
    ]
    if not found:
        return ""
    text = "<p>How far its shares are from those of the same model on other data: 0 for the same, 2 for all others.</p>"
    return _section("What shakes it", text + _table(["Shaken by", "How", "Distance"], found))


def _journeys(report: Report) -> str:
    """The paths behind the credit, and where channels stand in them."""
    parts = []
    if report.paths:
        cells = [
            [
                " → ".join(escape(report.name(channel)) for channel in path.channels),
                f"{path.conversions:,}",
                f"{path.null_paths:,}",
                ", ".join(f"{escape(report.name(name))} {_number(part)}" for name, part in path.credit.items()),
            ]
            for path in report.paths
        ]
        parts.append(_table(["Path", _many(report).capitalize(), "Led to none", "Credit"], cells))
    if report.positions:
        cells = [
            [escape(report.name(one.channel)), *(_number(part) for part in (one.only, one.early, one.mid, one.late))]
            for one in report.positions
        ]
        parts.append(_table(["Channel", "Only touch", "First", "Between", "Last"], cells))
    total = sum(one.conversions for one in report.touches)
    if total:
        several = sum(one.conversions for one in report.touches if one.at_least >= 2) / total
        said = f"{several:.0%} of {_many(report)} came after two touches or more: there models can differ."
        parts.insert(0, f"<p>{said}</p>")
    return _section("The journeys", "".join(parts)) if parts else ""


def _method(report: Report) -> str:
    """How the model works, and the others in a line each."""
    mine = METHODS[report.answer.model]
    others = "".join(
        f"<li><b>{escape(METHODS[model].name)}</b>: {escape(METHODS[model].line)}</li>"
        for model in report.compared
        if model != report.answer.model
    )
    return _section(
        f"Method: {mine.name}",
        f"<p>{escape(mine.line)} {escape(mine.how)}</p><p><b>It assumes:</b> {escape(mine.assumes)}</p>"
        + (f"<p>Beside it:</p><ul>{others}</ul>" if others else ""),
    )


def _limits() -> str:
    """What holds of every model."""
    return _section("What this cannot tell", f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in LIMITS)}</ul>")


def _again(report: Report) -> str:
    if not report.again:
        return ""
    return _section("Ask again", "".join(f"<pre>{escape(one)}</pre>" for one in report.again))


def _section(title: str, body: str, *, wide: bool = False) -> str:
    return f"<section{' class=wide' if wide else ''}><h2>{escape(title)}</h2>{body}</section>"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells are HTML; those of the first column name their row, and headers stand over numbers as these do."""
    first = rows[0] if rows else [""] * len(names)
    head = "".join(f"<th scope=col{_kind(cell)}>{escape(name)}</th>" for name, cell in zip(names, first, strict=True))
    body = "".join("<tr>" + "".join(_cells(row)) + "</tr>" for row in rows)
    return f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _cells(row: Sequence[str]) -> Iterator[str]:
    for place, cell in enumerate(row):
        yield f"<th scope=row>{cell}</th>" if place == 0 else f"<td{_kind(cell)}>{cell}</td>"


def _kind(cell: str) -> str:
    """The class of a cell with a number."""
    return " class=n" if cell[:1].isdigit() or cell[:1] in {"-", "\N{MINUS SIGN}", _NONE} else ""


def _drawn(row: ChannelCredit, least: float, most: float) -> str:
    """The interval as a line with a dot, on one scale with the others; the zero where it lies within."""
    scale = (_WIDTH - 8) / (most - least)
    low, high, middle, zero = (4 + (number - least) * scale for number in (row.low, row.high, row.conversions, 0.0))
    half = _HEIGHT / 2
    axis = f'<line class=zero x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{_HEIGHT}"/>'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{_interval(row)}">{axis}'
        f'<line class=range x1="{low:.1f}" x2="{high:.1f}" y1="{half}" y2="{half}"/>'
        f'<circle cx="{middle:.1f}" cy="{half}" r="4"/></svg>'
    )


def _verdict(row: Agreement | None) -> str:
    if row is None or row.errors is None:
        return _NONE
    said = f"{_number(row.credited)} ({row.errors:.1f})"
    return said if row.agrees else f"<b class=off>{said} ✗</b>"


def _compact(row: ChannelCredit | None) -> str:
    return (
        _NONE if row is None else f"{_number(row.conversions)}<small>{_number(row.low)} to {_number(row.high)}</small>"
    )


def _of(rows: dict[str, ChannelCredit], channel: str) -> float:
    return rows[channel].conversions if channel in rows else 0.0


def _item(report: Report, row: ChannelCredit) -> str:
    part = f": {row.item}" if isinstance(row, PartCredit) and row.item else ""
    return report.name(row.channel) + part


def _interval(row: ChannelCredit) -> str:
    return f"{_number(row.conversions)} ({_number(row.low)} to {_number(row.high)})"


def _number(value: float | None) -> str:
    """Whole from a hundred on, one decimal below."""
    if value is None:
        return _NONE
    text = f"{abs(value):,.0f}" if abs(value) >= 100 else f"{abs(value):,.1f}"
    return f"\N{MINUS SIGN}{text}" if value < 0 and text.strip("0.,") else text


def _count(value: float) -> str:
    return _number(float(round(value)) if abs(value) >= 10 else value)


def _amount(value: float | Decimal | None) -> str:
    """Cents below a thousand."""
    if value is None:
        return _NONE
    return f"{value:,.2f}" if -1_000 < float(value) < 1_000 else f"{value:,.0f}"


def _in(report: Report) -> str:
    return f", {report.currency}" if report.currency else ""


def _many(report: Report) -> str:
    return f"{report.goal}s"


_KINDS: Final = {"sampling": "Luck of the sample", "lookback": "A shorter lookback", "consent": "Lost consent"}
_MARK_CREDITED: Final = "<span class=mark>credited, not proven</span>"
_MARK_INCREMENTAL: Final = '<span class="mark proven">incremental</span>'
_STYLE: Final = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
