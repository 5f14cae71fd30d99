import pytest

from tests.warehouse.ingest.tables import parse
from warehouse.errors import LoadRefused


def refused(text, match, **options):
    with pytest.raises(LoadRefused, match=match) as caught:
        parse(text, **options)
    assert caught.value.remedy


def test_no_day_is_a_period_total_and_says_the_period():
    preamble = ("Campaign report", '"September 1, 2026 - September 3, 2026"')
    text = "Campaign,Currency code,Impr.,Clicks,Cost\nA,USD,100,5,5.50\n"
    refused(text, "period total from 2026-09-01 to 2026-09-03", preamble=preamble)


@pytest.mark.parametrize(
    ("header", "word"), [("Week", "week"), ("Month", "month"), ("Mois", "month"), ("Quartal", "quarter")]
)
def test_weeks_and_months_are_not_put_on_a_day(header, word):
    refused(f"{header},Campaign,Impr.,Clicks,Cost\n2026-09-01,A,100,5,5.50\n", f"segmented by {word}")


def test_metas_whole_range_is_refused():
    text = (
        "Reporting starts,Reporting ends,Ad set name,Amount spent (INR),Impressions\n2025-12-10,2026-08-10,A,5.50,100\n"
    )
    refused(text, "2025-12-10.*2026-08-10.*period total")


def test_metas_range_of_one_day_is_a_day():
    text = (
        "Reporting starts,Reporting ends,Ad set name,Amount spent (INR),Impressions\n2026-08-10,2026-08-10,A,5.50,100\n"
    )
    _, rows = parse(text)
    assert str(rows["date"][0]) == "2026-08-10"


def test_insights_over_several_days_are_refused():
    refused("date_start,date_stop,campaign_id,spend\n2026-09-01,2026-09-30,1,5.5\n", "period total")


def test_two_currencies_in_the_header():
    text = "Day,Campaign name,Amount spent (USD),Amount spent (EUR),Impressions\n2026-09-01,A,5.50,5.00,100\n"
    refused(text, "several currencies: EUR, USD")


def test_two_currencies_in_one_account():
    text = "Day,Campaign,Currency code,Impr.,Clicks,Cost\n2026-09-01,A,USD,100,5,5.50\n2026-09-01,B,EUR,100,5,5.50\n"
    refused(text, "Two currencies, USD and EUR")


def test_two_accounts_may_have_two_currencies():
    header = "Day,Customer ID,Campaign,Currency code,Impr.,Clicks,Cost\n"
    _, rows = parse(header + "2026-09-01,1,A,USD,9,5,5.50\n2026-09-01,2,B,EUR,9,5,5.50\n")
    assert rows["currency"].to_list() == ["USD", "EUR"]


def test_a_stated_currency_may_not_contradict_the_file():
    text = "Day,Campaign,Currency code,Impr.,Clicks,Cost\n2026-09-01,A,USD,100,5,5.50\n"
    refused(text, "in USD, not in EUR", currency="EUR")
    refused(
        "Day,Campaign name,Amount spent (USD),Impressions\n2026-09-01,A,5.50,100\n",
        "in USD, not in EUR",
        currency="EUR",
    )


def test_a_column_that_stands_twice():
    text = "Day,Campaign,Impr.,Clicks,Clicks,Cost\n2026-09-01,A,100,5,6,5.50\n"
    refused(text, '"Clicks" stands more than once')
    _, rows = parse(text, mapping={"Clicks__2": "ignore"})
    assert rows["clicks"].to_list() == [5]


def test_days_without_a_measure():
    refused("Day,Campaign,Currency code\n2026-09-01,A,USD\n", "No known export")


@pytest.mark.parametrize("header", ["W\u00c3\u00a4hrungscode", "W+AOQ-hrungscode", "W\ufffdhrungscode"])
def test_garbled_letters(header):
    refused(f"Tag,Kampagne,{header},Kosten,Impr.,Klicks\n2026-09-01,A,EUR,5,100,5\n", "garbled")


def test_a_currency_that_is_none():
    refused("Day,Campaign name,Amount spent (ZZZ),Impressions\n2026-09-01,A,5.50,100\n", '"ZZZ".*no currency')
