import pytest

from tests.warehouse.ingest.tables import parse
from warehouse.errors import LoadRefused

GERMAN = "Tag,Kampagne,Währungscode,Kosten,Impr.,Klicks\n"
PLAIN = "Date,Campaign,Impressions,Clicks,Cost\n"


def google(*rows, **options):
    return parse(GERMAN + "\n".join(rows), delimiter=",", **options)


def test_the_cost_column_decides_for_the_whole_file():
    _, rows = google('2026-09-01,A,EUR,"1.234,56","12.345",120', '2026-09-02,A,EUR,"99,90",900,9')
    assert rows["spend"].to_list() == ["1234.56", "99.90"]
    assert rows["impressions"].to_list() == [12345, 900]


def test_counts_decide_where_the_cost_does_not():
    _, rows = google('2026-09-01,A,EUR,"1.234","12.345",120')
    assert rows["spend"].to_list() == ["1234"]


def test_an_undecidable_cost_is_refused():
    with pytest.raises(LoadRefused, match=r"1\.234.*two ways"):
        google('2026-09-01,A,EUR,"1.234",900,120')


def test_two_marks_in_one_cost_column_are_refused():
    with pytest.raises(LoadRefused, match="two ways"):
        google('2026-09-01,A,EUR,"1,50",900,120', "2026-09-02,A,EUR,1.50,900,120")


def test_a_later_batch_settles_what_the_first_leaves_open():
    _, rows = google('2026-09-01,A,EUR,"1.234",900,120', '2026-09-02,A,EUR,"99,90",900,9', batch=1)
    assert rows["spend"].to_list() == ["1234", "99.90"]


def test_cells_that_break_the_decided_mark_are_rejected():
    table, rows = google(
        *[f'2026-09-{n:02},A,EUR,"99,90",900,9' for n in range(1, 6)], "2026-09-06,A,EUR,1.50,900,9", batch=5
    )
    assert rows.height == 5
    assert [(r.column, r.code) for r in table.rejected] == [("Kosten", "bad_number")]


def ad_days(*days, batch=1000, mapping=None):
    lines = "\n".join(f"{day},A,100,5,{n}.50" for n, day in enumerate(days))
    return parse(PLAIN + lines, source="google_ads", batch=batch, mapping=mapping)


def test_a_day_above_twelve_decides_for_the_column():
    _, rows = ad_days("13/09/2026", "01/02/2026")
    assert [str(d) for d in rows["date"]] == ["2026-09-13", "2026-02-01"]
    _, rows = ad_days("9/13/2026", "1/2/2026")
    assert [str(d) for d in rows["date"]] == ["2026-09-13", "2026-01-02"]


def test_days_that_may_be_two_are_refused_and_can_be_said():
    with pytest.raises(LoadRefused, match="date_day_first"):
        ad_days("03/04/2026", "05/04/2026")
    _, rows = ad_days("03/04/2026", mapping={"Date": "date_day_first"})
    assert str(rows["date"][0]) == "2026-04-03"
    _, rows = ad_days("03/04/2026", mapping={"Date": "date_month_first"})
    assert str(rows["date"][0]) == "2026-03-04"


def test_days_in_two_orders_are_refused():
    with pytest.raises(LoadRefused, match="two orders"):
        ad_days("13/09/2026", "9/13/2026")
    with pytest.raises(LoadRefused, match="two orders"):
        ad_days("13/09/2026", "9/13/2026", batch=1)


def test_a_habit_that_later_days_contradict_is_refused():
    header = "Start Date (in UTC),Campaign Name,Currency,Total Spent,Impressions,Clicks\n"
    rows = "09/01/2026,A,USD,5.50,100,5\n13/01/2026,A,USD,5.50,100,5"
    assert [str(d) for d in parse(header + rows)[1]["date"]] == ["2026-01-09", "2026-01-13"]
    with pytest.raises(LoadRefused, match="date_day_first"):
        parse(header + rows, batch=1)


def test_a_source_with_a_habit_needs_no_evidence():
    header = "Start Date (in UTC),Campaign Name,Currency,Total Spent,Impressions,Clicks\n"
    _, rows = parse(header + "09/01/2026,A,USD,5.50,100,5")
    assert str(rows["date"][0]) == "2026-09-01"


def test_a_currency_sign_says_the_currency():
    _, rows = parse(PLAIN + '2026-09-01,A,100,5,"€12.50"\n', source="google_ads")
    assert rows["currency"].to_list() == ["EUR"]
    _, rows = parse(PLAIN + "2026-09-01,A,100,5,$12.50\n", source="google_ads")
    assert rows["currency"].to_list() == [None]


def test_two_currency_signs_are_refused():
    with pytest.raises(LoadRefused, match="several currency signs"):
        parse(PLAIN + "2026-09-01,A,100,5,€12.50\n2026-09-02,A,100,5,$12.50\n", source="google_ads")
