"""The Overview's sentences, on totals and frames made by hand."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest

from dashboard.overview.read import Shown
from dashboard.overview.words import against_short, answer, banners, crumbs, names_of
from dashboard.state import Days, View
from warehouse.metrics import METRICS
from warehouse.queries.overview import Totals
from warehouse.queries.scope import AccountScope, Choice, Scope

LAST = dt.date(2026, 11, 21)
DAYS = Days(dt.date(2025, 9, 28), LAST)


def account(key: int, platform: str, last: dt.date = LAST) -> AccountScope:
    name = platform.replace("_", " ").title()
    return AccountScope(key, platform, name, str(key), f"Shop {key}", "USD", "UTC", DAYS.first, last)


SCOPE = Scope(
    accounts=(account(1, "google_ads"), account(2, "meta_ads")),
    platforms=(Choice("google_ads", "Google Ads"), Choice("meta_ads", "Meta Ads")),
    channels=(Choice("paid_search", "Paid search"), Choice("video", "Video")),
    campaign_types=(Choice("SEARCH", "SEARCH"),),
    watermark=3,
    version="v",
)


def kpis(spend: float | None, value: float | None) -> dict[str, Decimal | None]:
    sums = {
        "spend": None if spend is None else Decimal(str(spend)),
        "conversion_value": None if value is None else Decimal(str(value)),
        "impressions": None if spend is None else Decimal(1000),
    }
    return {name: metric.value(sums) for name, metric in METRICS.items()}


def parts(**moves: tuple[float, float]) -> pd.DataFrame:
    rows = [
        {"key": k, "label": k, "spend": Decimal(str(now)), "previous_spend": Decimal(str(before))}
        for k, (now, before) in moves.items()
    ]
    return pd.DataFrame(rows).assign(revenue=None, platform="google_ads")


def shown(query: dict[str, str] | None = None, **change: object) -> Shown:
    view = View.from_query(query or {}, DAYS)
    filter_ = replace(view.filter, currency="USD")
    dates = pd.date_range(filter_.start, filter_.end)
    found = Shown(
        view=view,
        scope=SCOPE,
        days=DAYS,
        filter=filter_,
        totals=Totals(kpis(41_200, 127_720), kpis(38_868, 132_000), "USD", True, Decimal(1), {}),
        trend=pd.DataFrame({"date": dates, "is_final": [True] * len(dates)}),
        parts=parts(Search=(30_000, 28_000), Video=(11_200, 10_868)),
        campaigns=parts(Brand=(100, 100)),
        rows=None,
    )
    return replace(found, **change)


def text(component: object) -> str:
    """The words in a component, in order."""
    if component is None or isinstance(component, str):
        return component or ""
    if isinstance(component, list):
        return " ".join(map(text, component))
    children = getattr(component, "children", None)
    return re.sub(r"\s+", " ", text(children).replace("\u202f", " "))


def test_the_answer_names_number_period_change_and_what_moved() -> None:
    said = text(answer(shown()))
    assert (
        "Spend was $41.2 k in the 28 days to 21 Nov 2026, 6.00 % more than in the 28 days before; "
        "claimed ROAS 3.10× (was 3.40×)." in said
    )
    assert "Spend moved most in Search +$2.00 k, Video +$332." in said
    assert "not final" not in said


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"period": "this_month"}, "in November 2026 up to the 21st, 6.00 % more than in the 21 days before"),
        ({"period": "last_month"}, "in October 2026, 6.00 % more than on the same weekdays 5 weeks earlier"),
        ({"from": "2026-11-03", "to": "2026-11-03"}, "on Tue 3 Nov 2026, 6.00 % more than on the same weekdays 1 week"),
        ({"compare": "year"}, "6.00 % more than a year earlier, on the same weekdays"),
        ({"compare": "none"}, "in the 28 days to 21 Nov 2026; claimed ROAS 3.10×."),
        ({"channel": "video", "platform": "meta_ads"}, "Spend on Meta Ads · Video was"),
    ],
)
def test_periods_comparisons_and_selections_in_words(query, words) -> None:
    assert words in text(answer(shown(query)))


def test_days_that_may_still_change_are_said() -> None:
    found = shown()
    found.trend.loc[25:, "is_final"] = False
    assert "The last 3 days are not final" in text(answer(found))
    found.trend.loc[:26, "is_final"] = True
    assert "The last day is not final" in text(answer(found))


def test_nothing_known_is_not_zero() -> None:
    found = shown(totals=Totals(kpis(None, None), None, "USD", True, None, {}))
    assert "Nothing is known in the 28 days to 21 Nov 2026" in text(answer(found))
    assert banners(found) == [], "the compared period has data; it is the selection that has none"


def test_a_change_against_days_without_data_is_not_claimed() -> None:
    found = shown({"period": "all", "compare": "year"})
    assert not found.is_comparable
    assert "more than" not in text(answer(found))
    assert "The data begin on 28 Sep 2025" in text(banners(found))


def test_a_source_that_is_behind_is_named_unless_it_is_not_looked_at() -> None:
    late = replace(SCOPE, accounts=(account(1, "google_ads"), account(2, "meta_ads", LAST - dt.timedelta(days=9))))
    assert "nothing of Meta Ads (Shop 2) after 12 Nov 2026" in text(banners(shown(scope=late)))
    assert banners(shown({"platform": "google_ads"}, scope=late)) == []
    assert banners(shown({"from": "2026-11-01", "to": "2026-11-10"}, scope=late)) == []


def test_spend_without_a_reported_value_is_said_with_whose_it_is() -> None:
    totals = Totals(kpis(100, 90), kpis(100, 80), "USD", True, Decimal("0.62"), {})
    said = text(banners(shown(totals=totals)))
    assert "Revenue is known for 62.0 % of spend. Google Ads reports no conversion value on the rest" in said


def test_days_without_a_value_of_campaigns_that_report_one_are_no_alarm() -> None:
    totals = Totals(kpis(100, 90), kpis(100, 80), "USD", True, Decimal("0.62"), {})
    reporting = parts(Brand=(100, 100)).assign(revenue=Decimal(90))
    (banner,) = banners(shown(totals=totals, campaigns=reporting))
    assert "Revenue is known for 62.0 % of spend." in text(banner)
    assert "most likely days without a sale" in text(banner)
    assert "too low" not in text(banner)
    assert "caution" not in banner.className


def test_estimates_are_marked_and_kept_apart() -> None:
    totals = Totals(kpis(100, 90), kpis(100, 80), "USD", True, Decimal(1), {"conversion_value": Decimal(1234)})
    said = text(banners(shown(totals=totals)))
    assert "$1.23 k of revenue" in said
    assert "is not part of the numbers below" in said
    assert "associated" in said


def test_the_way_back_up_keeps_what_is_above() -> None:
    view = View.from_query({"channel": "paid_search", "campaign_type": "SEARCH", "campaign": "7", "by": "rows"}, DAYS)
    trail = crumbs(view, names_of(shown()) | {"campaign": {"7": "Brand"}})
    assert [crumb.label for crumb in trail] == ["Everything", "Paid search", "SEARCH", "Brand"]
    assert "channel" not in trail[0].href
    assert "campaign_type" in trail[1].href.split("by=")[1]
    assert "campaign_type=" not in trail[1].href
    assert "campaign=7" not in trail[2].href
    assert crumbs(View.from_query({}, DAYS), names_of(shown())) == []


def test_a_tile_names_the_comparison_shortly() -> None:
    assert against_short(shown().filter) == "28 days before"
    assert against_short(shown({"compare": "year"}).filter) == "a year earlier"
    assert against_short(shown({"period": "last90"}).filter) == "same weekdays 13 weeks earlier"
