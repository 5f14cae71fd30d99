import polars as pl
import pytest

from warehouse.ingest.contract import LINE
from warehouse.ingest.totals import Checksum, kind_of, kind_of_text


def kind(*cells):
    columns = {str(i): pl.Series([cell], dtype=pl.String) for i, cell in enumerate(cells)}
    frame = pl.DataFrame({LINE: [1], **columns})
    return kind_of(frame).item()


@pytest.mark.parametrize(
    "cell",
    [
        "Total: Account", "Total: Performance Max campaigns", "Total : compte", "Gesamt: Konto", "Totale: account",
        "Suma: konto", "Totaal: account", "Łącznie: konto", "Total", "total", "Gesamt", "Total of 2 results",
        "Total of 1,204 results",
    ],
)  # fmt: skip
def test_total_rows(cell):
    assert kind(cell, "--", "5") == "total"
    assert kind("", " --", cell, "5") == "total"


@pytest.mark.parametrize(
    "cell", ["Total Wine | PMAX", "totalpass", "Totally", "Total Wine: Brand", "Gesamtkatalog", "Brand"]
)
def test_campaigns_that_only_sound_like_totals(cell):
    assert kind(cell, "5") is None


def test_blank_records_and_footers():
    assert kind("", None, " ") == "blank"
    assert kind("©2026 Microsoft Corporation. All rights reserved. ", None) == "footer"
    assert kind_of_text('"©2026 Microsoft Corporation. All rights reserved. "') == "footer"
    assert kind_of_text("Total: Account,12") == "total"
    assert kind_of_text("2026-09-01,broken") is None


def summed(spend, clicks, rows=2):
    checksum = Checksum()
    checksum.add_rows({"spend": pl.Series([spend]), "clicks": pl.Series([clicks])}, rows)
    return checksum


def test_a_total_within_rounding_says_nothing():
    checksum = summed(100.0, 5)
    checksum.add_total("Total: Account", {"spend": 100.015, "clicks": 5.0})
    assert checksum.findings(0) == []


def test_a_mismatch_names_both_numbers():
    checksum = summed(100.0, 5)
    checksum.add_total("Total", {"spend": 110.0, "clicks": 5.0})
    (finding,) = checksum.findings(3)
    assert (finding.code, finding.severity) == ("total_mismatch", "error")
    assert "100" in finding.message
    assert "110" in finding.message
    assert "3 rows were rejected" in finding.message


def test_counts_must_agree_exactly():
    checksum = summed(1.0, 5, rows=1000)
    checksum.add_total("Total", {"clicks": 6.0})
    assert len(checksum.findings(0)) == 1


def test_the_account_is_checked_and_its_parts_are_not():
    checksum = summed(100.0, 5)
    checksum.add_total("Total: Search campaigns", {"spend": 40.0})
    checksum.add_total("Total: Account", {"spend": 100.0})
    checksum.add_total("Total: Display campaigns", {"spend": 60.0})
    assert checksum.findings(0) == []
    parts = summed(100.0, 5)
    parts.add_total("Total: Search campaigns", {"spend": 40.0})
    parts.add_total("Total: Display campaigns", {"spend": 60.0})
    assert parts.findings(0) == []
