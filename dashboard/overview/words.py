"""What the Overview says: its answer, what moved, and what must be known before the numbers are believed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, words
from dashboard.components.words import Chip, Crumb
from dashboard.overview.read import Shown, Withheld
from dashboard.state import DIMENSIONS, View
from warehouse.filters import Dimension, Filter
from warehouse.metrics import METRICS, Metric

QUESTION = "What did it cost, what did it bring, and what moved?"
_DOWN: tuple[Dimension, ...] = ("platform", "account", "channel", "campaign_type", "campaign")


def answer(shown: Shown) -> Component:
    """The one sentence, its comparison, and what moved."""
    current, before = shown.totals.current, shown.totals.previous
    if current["spend"] is None and current["impressions"] is None:
        return words.answer(QUESTION, f"Nothing is known {when(shown.view, shown)}{_about(shown)}.")
    spend, roas = METRICS["spend"], METRICS["roas"]
    said = f"Spend{_about(shown)} was {_number(current['spend'], spend, shown)} {when(shown.view, shown)}"
    if shown.is_comparable and before is not None:
        said += f", {_moved(current['spend'], before['spend'])} {than(shown.filter)}"
    if current["roas"] is not None:
        said += f"; claimed ROAS {formats.number(current['roas'], 'multiple')}"
        if shown.is_comparable and before is not None and before["roas"] is not None:
            said += f" (was {formats.number(before['roas'], roas.unit)})"
    return words.answer(QUESTION, said + ".", mark_name="credited", note=_notes(shown))


def banners(shown: Shown | Withheld) -> list[Component]:
    """What qualifies everything below: sources that are behind, rates that are missing, values nobody reports."""
    found = [_behind(shown)]
    if isinstance(shown, Shown):
        found += [_uncovered(shown), _incomparable(shown), _estimated(shown)]
    return [banner for banner in found if banner is not None]


def withheld(shown: Withheld) -> list[Component]:
    """Why no number is shown, and the views that can be shown instead."""
    said = f"No total can be shown in {shown.filter.currency}: exchange rates are missing."
    return [
        words.answer(QUESTION, said),
        words.banner("bad", shown.error.message, shown.error.remedy),
        cards.card(
            None,
            words.empty(
                "See one currency at a time instead",
                "Accounts in one currency need no rate. Everything is shown again once the rates are loaded.",
                command="causeway load RATES.csv",
                action=html.Div(_single_currencies(shown), className="cw-chips"),
            ),
        ),
    ]


def active_chips(view: View, names: Mapping[Dimension, Mapping[str, str]]) -> list[Chip]:
    """The filters in force, one chip for each dimension."""
    return [
        Chip(dimension, DIMENSIONS[dimension], ", ".join(names[dimension].get(key, key) for key in keys))
        for dimension, keys in view.filter.chosen().items()
    ]


def crumbs(view: View, names: Mapping[Dimension, Mapping[str, str]]) -> list[Crumb]:
    """The way down from everything; each step leads back to what was seen there."""
    chosen = view.filter.chosen()
    steps = [dimension for dimension in _DOWN if dimension in chosen]
    if not steps:
        return []
    found = [Crumb("Everything", "/" + view.cleared().search())]
    for i, dimension in enumerate(steps):
        label = ", ".join(names[dimension].get(key, key) for key in chosen[dimension])
        above = view
        for deeper in steps[i + 1 :]:
            above = above.without(deeper)
        found.append(Crumb(label, "/" + above.search(by=_below(dimension))))
    return found


def names_of(shown: Shown | Withheld) -> dict[Dimension, dict[str, str]]:
    """What the keys of each dimension are called."""
    scope = shown.scope
    found: dict[Dimension, dict[str, str]] = {
        "platform": {c.key: c.label for c in scope.platforms},
        "channel": {c.key: c.label for c in scope.channels},
        "campaign_type": {c.key: c.label for c in scope.campaign_types},
        "account": {str(a.account_key): a.name for a in scope.accounts},
        "campaign": {},
    }
    if isinstance(shown, Shown) and shown.campaigns is not None:
        pairs = zip(shown.campaigns["key"], shown.campaigns["label"], strict=True)
        found["campaign"] = {str(key): str(label) for key, label in pairs}
    elif isinstance(shown, Shown) and shown.rows is not None:
        found["campaign"] = {str(row.campaign_key): row.campaign_name for row in shown.rows}
    return found


def when(view: View, shown: Shown) -> str:
    """The period in words that fit behind a verb: ``in the 28 days to 21 Nov 2026``."""
    first, last = shown.filter.start, shown.filter.end
    if first == last:
        return f"on {formats.day(first)}"
    match view.period(shown.days):
        case "last7" | "last28" | "last90":
            return f"in the {shown.filter.days} days to {formats.day(last, weekday=False)}"
        case "this_month":
            return f"in {first:%B %Y} up to the {_ordinal(last.day)}"
        case "last_month":
            return f"in {first:%B %Y}"
        case "this_year":
            return f"in {first.year} up to {last.day} {last:%B}"
        case _:
            return f"over {formats.day_range(first, last)}"


def than(filter_: Filter) -> str:
    """The comparison in words that fit behind "more"."""
    if filter_.compare == "year":
        return f"than {against(filter_)}"
    return f"than {'in' if filter_.days % 7 == 0 else 'on'} {against(filter_)}"


def against(filter_: Filter) -> str:
    """The compared period as a noun."""
    if filter_.compare == "year":
        return "a year earlier, on the same weekdays"
    if filter_.days % 7 == 0:
        return f"the {filter_.days} days before"
    shift = filter_.shift or dt.timedelta(0)
    return f"the same weekdays {shift.days // 7} week{'s' * (shift.days > 7)} earlier"


def against_short(filter_: Filter) -> str:
    """The same for a tile."""
    if filter_.compare == "year":
        return "a year earlier"
    return f"{filter_.days} days before" if filter_.days % 7 == 0 else against(filter_).removeprefix("the ")


def _about(shown: Shown) -> str:
    names = names_of(shown)
    parts = [names[dimension].get(key, key) for dimension, keys in shown.filter.chosen().items() for key in keys]
    if not parts:
        return ""
    return f" on {' · '.join(parts)}" if len(parts) <= 3 else " on the selection"


def _number(value: Decimal | None, metric: Metric, shown: Shown) -> str:
    return formats.number(value, metric.unit, shown.currency)


def _moved(now: Decimal | None, before: Decimal | None) -> str:
    if now is None or not before:
        return "with nothing to compare it with"
    share = (now - before) / before
    if abs(share) < Decimal("0.0005"):
        return "no more and no less"
    return f"{formats.number(abs(share), 'percent')} {'more' if share > 0 else 'less'}"


def _notes(shown: Shown) -> list[Component | str]:
    sentences = [_movers(shown), _open_days(shown)]
    return [" ".join(s for s in sentences if s)]


def _movers(shown: Shown) -> str:
    """Which parts made most of the change of what is selected, or of spend where that is a ratio."""
    if shown.parts is None or not shown.is_comparable or shown.view.by in {"day", "rows"} or len(shown.parts) < 2:
        return ""
    metric = METRICS[shown.view.metric]
    if metric.is_ratio:
        metric = METRICS["spend"]
    moves = [
        (str(row["label"]), now - before)
        for row in shown.parts.to_dict("records")
        if (now := formats.to_float(row[metric.name])) == now
        and (before := formats.to_float(row[f"previous_{metric.name}"])) == before
    ]
    moves = sorted((move for move in moves if move[1]), key=lambda move: -abs(move[1]))[:3]
    if not moves:
        return ""
    said = ", ".join(f"{label} {formats.number(by, metric.unit, shown.currency, signed=True)}" for label, by in moves)
    return f"{metric.label} moved most in {said}."


def _open_days(shown: Shown) -> str:
    open_ = shown.trend[~shown.trend["is_final"].astype(bool)]
    if open_.empty:
        return ""
    first = pd.Timestamp(open_["date"].iloc[0]).date()
    if shown.filter.grain == "day":
        count = (shown.filter.end - first).days + 1
        which = "The last day is" if count == 1 else f"The last {count} days are"
    else:
        which = f"Days from {formats.day(first, weekday=False)} on are"
    return f"{which} not final: platforms still add conversions, so revenue and ROAS look lower than they will be."


def _behind(shown: Shown | Withheld) -> Component | None:
    """Accounts whose data end before the period does: the totals leave their last days out."""
    filter_ = shown.filter
    late = [
        (account, account.last_day)
        for account in shown.scope.accounts
        if account.last_day is not None
        and account.last_day < min(filter_.end, shown.days.last)
        and (not filter_.platforms or account.platform in filter_.platforms)
        and (not filter_.accounts or account.account_key in filter_.accounts)
    ]
    if not late:
        return None
    named = ", ".join(f"{a.platform_name} ({a.name}) after {formats.day(last, weekday=False)}" for a, last in late[:3])
    more = f" and {len(late) - 3} more" if len(late) > 3 else ""
    title = "A source is behind." if len(late) == 1 else f"{len(late)} sources are behind."
    link = dcc.Link("See what is loaded", href="/data", className="cw-button cw-button-quiet")
    return words.banner("caution", title, f"There is nothing of {named}{more}; the totals leave it out.", action=link)


def _single_currencies(shown: Withheld) -> list[Component]:
    accounts: dict[str, list[str]] = {}
    for account in shown.scope.accounts:
        if account.last_day:
            accounts.setdefault(account.currency, []).append(str(account.account_key))
    view = shown.view
    return [
        dcc.Link(
            f"Accounts in {currency}",
            href="/" + view.changed("account", keys, shown.days).changed("currency", currency, shown.days).search(),
            className="cw-button cw-button-plain",
        )
        for currency, keys in sorted(accounts.items())
    ]


def _uncovered(shown: Shown) -> Component | None:
    share = shown.totals.value_coverage
    if share is None or share >= Decimal("0.9995"):
        return None
    title = f"Revenue is known for {formats.number(share, 'percent')} of spend."
    silent = _silent_platforms(shown)
    if not silent and shown.totals.current["revenue"] is not None:
        text = "The rest is spend of days without any: most likely days without a sale, and then nothing is missing."
        return words.banner("info", title, text)
    who = f"{silent} report{'s' * (' and ' not in silent and ',' not in silent)}" if silent else "Some campaigns report"
    return words.banner(
        "caution" if share < Decimal("0.9") else "info",
        title,
        f"{who} no conversion value on the rest, so revenue, ROAS and ROI come out too low.",
    )


def _silent_platforms(shown: Shown) -> str:
    if shown.campaigns is None:
        return ""
    names = {c.key: c.label for c in shown.scope.platforms}
    silent = shown.campaigns[shown.campaigns["revenue"].isna() & shown.campaigns["spend"].notna()]
    found = [names.get(str(p), str(p)) for p in dict.fromkeys(silent["platform"].dropna())]
    return " and ".join(found) if len(found) < 3 else ", ".join(found[:2]) + " and others"


def _incomparable(shown: Shown) -> Component | None:
    compared = shown.filter.compared
    if compared is None or compared[0] >= shown.days.first:
        return None
    first = formats.day(shown.days.first, weekday=False)
    text = f"The data begin on {first}, and the compared period begins before that."
    return words.banner("info", "No change is shown.", text)


def _estimated(shown: Shown) -> Component | None:
    found = {measure: amount for measure, amount in shown.totals.estimated.items() if amount}
    if not found:
        return None
    label = {"spend": "spend", "conversion_value": "revenue"}
    said = " and ".join(
        f"{formats.number(amount, 'money', shown.currency)} of {label[measure]}" for measure, amount in found.items()
    )
    text: list[Component | str] = [
        f"No platform reported {said}; the amount is estimated by rule and is not part of the numbers below. ",
        html.Span(words.mark("associated")),
    ]
    return words.banner("info", "Some amounts are estimates.", text)


def _below(dimension: Dimension) -> str:
    return {"platform": "channel", "account": "channel", "channel": "campaign_type", "campaign_type": "campaign"}.get(
        dimension, "rows"
    )


def _ordinal(day: int) -> str:
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"
