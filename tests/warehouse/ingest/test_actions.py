import pytest

from tests.warehouse.ingest.tables import parse
from warehouse.errors import LoadRefused

HEADER = "ad_id,date,action_type,value,_7_d_click,_fivetran_synced\n"
SYNCED = "2026-09-05 00:00:00"


def actions(*rows, **options):
    lines = "\n".join(f"{ad},{day},{kind},{value},{value},{SYNCED}" for ad, day, kind, value in rows)
    return parse(HEADER + lines, name="facebook_ads/basic_ad_actions.csv", **options)


def taken(frame):
    return {(row["ad_id"], str(row["date"]), row["segment"]): row["conversions"] for row in frame.iter_rows(named=True)}


def test_one_conversion_in_four_views_counts_once():
    table, rows = actions(
        ("1", "2026-09-01", "omni_purchase", "5"),
        ("1", "2026-09-01", "purchase", "5"),
        ("1", "2026-09-01", "offsite_conversion.fb_pixel_purchase", "5"),
        ("1", "2026-09-01", "view_content", "90"),
    )
    assert taken(rows) == {("1", "2026-09-01", "omni_purchase"): "5"}
    assert table.tally.skipped == {"other_action": 3}
    assert (table.facet, table.level, table.measures) == ("conversions", "ad", ("conversions",))
    assert "action_type" in table.segments


def test_each_ad_and_day_has_the_best_tier_that_it_has():
    _, rows = actions(
        ("1", "2026-09-01", "purchase", "5"),
        ("2", "2026-09-01", "offsite_conversion.fb_pixel_purchase", "3"),
        ("2", "2026-09-01", "onsite_conversion.purchase", "1"),
        ("1", "2026-09-02", "omni_purchase", "2"),
        ("1", "2026-09-02", "purchase", "2"),
    )
    assert taken(rows) == {
        ("1", "2026-09-01", "purchase"): "5",
        ("2", "2026-09-01", "offsite_conversion.fb_pixel_purchase"): "3",
        ("2", "2026-09-01", "onsite_conversion.purchase"): "1",
        ("1", "2026-09-02", "omni_purchase"): "2",
    }


def test_a_lower_tier_in_a_later_batch_is_left_out():
    _, rows = actions(
        ("1", "2026-09-01", "purchase", "5"), ("1", "2026-09-01", "offsite_conversion.fb_pixel_purchase", "5"), batch=1
    )
    assert taken(rows) == {("1", "2026-09-01", "purchase"): "5"}


def test_a_better_tier_after_rows_were_handed_on_is_refused():
    with pytest.raises(LoadRefused, match="Order the table by ad and date"):
        actions(
            ("1", "2026-09-01", "offsite_conversion.fb_pixel_purchase", "5"),
            ("1", "2026-09-01", "purchase", "5"),
            batch=1,
        )


def test_a_person_may_choose_the_action():
    _, rows = actions(
        ("1", "2026-09-01", "purchase", "5"),
        ("1", "2026-09-01", "add_to_cart", "9"),
        mapping={"action_type": "action:add_to_cart"},
    )
    assert taken(rows) == {("1", "2026-09-01", "add_to_cart"): "9"}


def test_values_are_a_facet_of_their_own():
    text = HEADER + f"1,2026-09-01,purchase,46787.82,46787.82,{SYNCED}"
    table, rows = parse(text, name="facebook_ads/basic_ad_action_values.csv")
    assert (table.source, table.facet) == ("meta_ads.fivetran.basic_ad_action_values", "values")
    assert rows["conversion_value"].to_list() == ["46787.82"]
    assert rows["conversions"].to_list() == [None]


INSIGHTS = "date_start\tdate_stop\tad_id\tcampaign_id\tspend\timpressions\tinline_link_clicks\tactions\taction_values\n"


def array(*pairs):
    inner = ", ".join(f"{{'action_type': '{kind}', 'value': '{value}', '1d_click': '1'}}" for kind, value in pairs)
    return f"[{inner}]".replace("'", "~")


def insights(*arrays):
    lines = [f"2026-09-0{n}\t2026-09-0{n}\t1\t2\t5.5\t100\t7\t{a}\t{v}" for n, (a, v) in enumerate(arrays, start=1)]
    quoted = "\n".join("\t".join('"' + c.replace("~", '""') + '"' for c in line.split("\t")) for line in lines)
    return parse(INSIGHTS + quoted, delimiter="\t", name="ads_insights.csv")


def test_arrays_of_actions_become_one_number():
    table, rows = insights(
        (array(("omni_purchase", "2"), ("purchase", "2"), ("link_click", "9")), array(("omni_purchase", "80.25"))),
        (array(("offsite_conversion.fb_pixel_purchase", "1"), ("onsite_conversion.purchase", "2")), "[]"),
        ("", ""),
    )
    assert [float(c) for c in rows["conversions"]] == [2, 3, 0]
    assert [float(v) for v in rows["conversion_value"]] == [80.25, 0, 0]
    assert rows["spend"].to_list() == ["5.5"] * 3
    assert table.measures == ("spend", "impressions", "clicks", "conversions", "conversion_value")
    assert table.click_definition == "link"


def test_a_broken_array_rejects_its_row_only():
    table, rows = insights((array(("purchase", "2")), "[]"), ("[{broken", "[]"), ("{}", "[]"))
    assert rows.height == 1
    assert [(r.line, r.column, r.code) for r in table.rejected] == [
        (3, "actions", "bad_actions"),
        (4, "actions", "bad_actions"),
    ]


META = "Day,Campaign name,Amount spent (USD),Impressions,Link clicks,Results,Result indicator\n"


def test_results_count_only_where_the_indicator_is_the_goal():
    _, rows = parse(
        META
        + "2026-09-01,A,5.5,100,7,3,actions:offsite_conversion.fb_pixel_purchase\n"
        + "2026-09-02,A,5.5,100,7,90,actions:link_click\n"
    )
    assert rows["conversions"].to_list() == ["3", None]


def test_results_without_an_indicator_are_left_out():
    table, rows = parse(
        "Day,Campaign name,Amount spent (USD),Impressions,Link clicks,Results\n2026-09-01,A,5.5,100,7,3\n"
    )
    assert rows["conversions"].to_list() == [None]
    assert "conversions" not in table.measures


def test_a_result_that_is_no_number_rejects_its_row():
    parsed, _ = parse(META + "2026-09-01,A,5.5,100,7,many,actions:omni_purchase\n")
    (rejected,) = parsed.rejected
    assert (rejected.column, rejected.code) == ("Results", "bad_number")
    assert rejected.reason.startswith('"many"')
    assert rejected.raw == "2026-09-01,A,5.5,100,7,many,actions:omni_purchase"
