"""The Data page's sentences, on loads and freshness made by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from dashboard.loads.details import load_details
from dashboard.loads.words import answer, platform_names
from tests.dashboard.overview.test_words import text
from warehouse.queries.loads import LoadFinding, LoadSummary, Rejected

TODAY = dt.date(2026, 11, 22)


def load(**change: object) -> LoadSummary:
    usual = {
        "load_key": 7, "path": "/in/google.csv", "source": "google_ads.ui", "platform": "google_ads",
        "dataset": "performance", "account": "111", "status": "loaded", "reason": None, "rows_read": 1200,
        "accepted": 1100, "rejected": 2, "skipped": 98, "skipped_by_reason": {"total": 3, "already_known": 95},
        "restated": 40, "vanished": 1, "first_day": dt.date(2026, 10, 1), "last_day": dt.date(2026, 10, 31),
        "final_before": dt.date(2026, 10, 3), "assumptions": [], "seconds": 0.25, "findings": 0, "mapping": {},
        "started_at": dt.datetime(2026, 11, 1, 9, 5, tzinfo=dt.UTC),
    }  # fmt: skip
    return LoadSummary(**{**usual, **change})  # type: ignore[arg-type]


def fresh(**ages: int) -> pd.DataFrame:
    """Freshness of one account for each platform, its data ``age`` days old."""
    rows = [
        {
            "platform": platform,
            "account_id": "1",
            "account_name": "Shop",
            "level": "campaign",
            "first_day": dt.date(2026, 1, 1),
            "last_day": TODAY - dt.timedelta(days=age),
            "final_before": TODAY - dt.timedelta(days=30),
        }
        for platform, age in ages.items()
    ]
    return platform_names(pd.DataFrame(rows), {"google": "Google Ads", "linkedin": "LinkedIn Ads", "meta": "Meta Ads"})


@pytest.mark.parametrize(
    ("ages", "words"),
    [
        ({"google": 1, "linkedin": 9}, "1 file loaded, 2 rows rejected; Google Ads is 1 day old, LinkedIn Ads 9 days."),
        ({"google": 1, "meta": 1}, "every source has data up to yesterday."),
        ({"google": 0}, "Google Ads has data up to today."),
        ({"google": 12}, "Google Ads is 12 days old."),
    ],
)
def test_the_answer_says_how_old_the_oldest_numbers_are(ages, words) -> None:
    assert words in text(answer([load()], fresh(**ages), TODAY))


def test_what_was_refused_as_a_whole_is_counted() -> None:
    refused = load(status="refused", rows_read=0, accepted=0, rejected=0, skipped=0, restated=0, vanished=0)
    said = text(answer([load(), refused], fresh(google=1), TODAY))
    assert "1 file loaded, 1 refused, 2 rows rejected" in said
    assert "1,100 rows accepted, 40 of them restate earlier ones, 98 skipped" in said


def test_accounts_are_told_apart_only_where_a_platform_has_several() -> None:
    one = fresh(google=1)
    assert list(one["label"]) == ["Google Ads"]
    rows = pd.DataFrame(
        [
            {"platform": "google", "account_id": i, "account_name": f"Shop {i}", "level": level, "first_day": TODAY,
             "last_day": TODAY, "final_before": None}
            for i, level in (("1", "campaign"), ("1", "ad"), ("2", "campaign"))
        ]
    )  # fmt: skip
    two = platform_names(rows, {"google": "Google Ads"})
    assert list(two["label"]) == ["Google Ads · Shop 1", "Google Ads · Shop 2"]
    assert list(two["final_until"]) == [None, None]
    assert list(platform_names(rows.assign(level="order"), {})["final_until"]) == [TODAY, TODAY]


def test_details_add_up_and_give_every_reason() -> None:
    said = text(
        load_details(
            load(
                assumptions=[{"field": "currency", "value": "USD", "why": "the file does not say"}],
                mapping={"Kosten": "spend"},
            ),
            [LoadFinding(7, "/in/google.csv", "incomplete", "warning", "The report may be incomplete.")],
            [Rejected(1, 1458, "Day", "bad_date", '"2026-02-30" is not a day.', "2026-02-30,…")],
        )
    )
    for words in (
        "Read = accepted + rejected + skipped; 1 earlier rows of its range are gone.",
        "3 total, 95 already known",
        "40 of them restate earlier rows",
        "currency: USD the file does not say",
        "The report may be incomplete.",
        "Line 1,458, column Day",
        '"2026-02-30" is not a day.',
        "The first 1 of 2; mart.rejected_row has all.",
        "Kosten spend",
        "days before 3 Oct 2026",
    ):
        assert words in said, words


def test_a_refused_file_says_why() -> None:
    reason = "Nobody knows these columns. Map them with --map."
    said = text(load_details(load(status="refused", reason=reason), [], []))
    assert reason in said
