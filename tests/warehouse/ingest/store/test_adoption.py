"""Tables that connectors land one by one: in whatever order they come, the warehouse ends the same."""

from itertools import permutations

import pytest

from tests.warehouse.exports import Day, Desk, google, table
from tests.warehouse.state import assert_consistent, facts, rows, seen
from warehouse.ingest.load import LoadOptions

SYNCED = "2026-07-01T00:00:00"
BASIC_AD = table(
    "ad_id,date,account_id,impressions,inline_link_clicks,spend",
    [
        (77, "2026-06-01", 55, 100, 10, "5.50"),
        (77, "2026-06-02", 55, 90, 9, "4.50"),
        (78, "2026-06-01", 55, 10, 1, "1.00"),
    ],
)
# Ad 78 has a conversion on a day without impressions, ad 77 one that a better tier repeats.
ACTIONS = table(
    "_fivetran_id,ad_id,date,index,_7_d_click,_fivetran_synced,action_type,inline,value",
    [
        ("x1", 77, "2026-06-01", 0, "", SYNCED, "purchase", "", "2.0"),
        ("x1", 77, "2026-06-01", 1, "", SYNCED, "omni_purchase", "", "3.0"),
        ("x2", 78, "2026-06-02", 0, "", SYNCED, "omni_purchase", "", "1.0"),
    ],
)
VALUES = table(
    "ad_id,date,_fivetran_id,index,action_type,value,_fivetran_synced,_7_d_click",
    [
        (77, "2026-06-01", "x1", 0, "omni_purchase", "60.00", SYNCED, ""),
        (78, "2026-06-02", "x2", 0, "omni_purchase", "20.00", SYNCED, ""),
    ],
)
AD_HISTORY = table(
    "id,account_id,ad_set_id,campaign_id,creative_id,name,_fivetran_synced,updated_time",
    [
        (77, 55, 700, 900, 1, "old name", SYNCED, "2026-01-01T00:00:00"),
        (77, 55, 700, 900, 1, "First ad", SYNCED, "2026-05-01T00:00:00"),
        (78, 55, 701, 900, 1, "Second ad", SYNCED, "2026-05-01T00:00:00"),
    ],
)
AD_SET_HISTORY = table(
    "id,account_id,campaign_id,name,_fivetran_synced,updated_time",
    [(700, 55, 900, "Set A", SYNCED, "2026-05-01"), (701, 55, 900, "Set B", SYNCED, "2026-05-01")],
)
CAMPAIGN_HISTORY = table(
    "id,account_id,name,_fivetran_synced,updated_time", [(900, 55, "Summer", SYNCED, "2026-05-01")]
)
FACETS = {
    "facebook_ads_basic_ad_data.csv": BASIC_AD,
    "facebook_ads_basic_ad_actions_data.csv": ACTIONS,
    "facebook_ads_basic_ad_action_values_data.csv": VALUES,
}
LANDED = FACETS | {
    "facebook_ads_ad_history_data.csv": AD_HISTORY,
    "facebook_ads_ad_set_history_data.csv": AD_SET_HISTORY,
    "facebook_ads_campaign_history_data.csv": CAMPAIGN_HISTORY,
}
EXPECTED = [  # day, ad, ad set, campaign: its five measures
    ("2026-06-01", "77", "700", "900", "100", "10", "5.500000", "3.000000", "60.000000"),
    ("2026-06-01", "78", "701", "900", "10", "1", "1.000000", "None", "None"),
    ("2026-06-02", "77", "700", "900", "90", "9", "4.500000", "None", "None"),
    ("2026-06-02", "78", "701", "900", "None", "None", "None", "1.000000", "20.000000"),
]


def ad_days(warehouse):
    found = seen(
        warehouse,
        """SELECT date_day, ad_id, ad_group_id, campaign_id, impressions, clicks, spend, conversions, conversion_value
           FROM mart.ad_daily ORDER BY 1, 2""",
    )
    return [tuple(map(str, row)) for row in found]


@pytest.mark.parametrize(
    "order", list(permutations(FACETS)), ids=lambda names: "-".join(n.split("_")[-2] for n in names)
)
def test_tables_of_spend_conversions_and_values_meet_in_any_order(desk, order):
    for name in order:
        assert desk.load(LANDED[name], name).restated == 0
    found = facts(desk.warehouse)
    assert [(r[1], r[5], str(r[6]), *map(str, r[9:14])) for r in found] == [
        ("55", ad, day, *measures) for ad, day, measures in sorted((r[1], r[0], r[4:]) for r in EXPECTED)
    ]
    assert {r[14] for r in found if r[9] is not None} == {"link"}
    assert_consistent(desk.warehouse)


ORDERS = [
    list(LANDED),
    list(reversed(LANDED)),
    sorted(LANDED),
    ["facebook_ads_basic_ad_actions_data.csv", "facebook_ads_ad_history_data.csv", "facebook_ads_basic_ad_data.csv",
     "facebook_ads_campaign_history_data.csv", "facebook_ads_basic_ad_action_values_data.csv",
     "facebook_ads_ad_set_history_data.csv"],
]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS, ids=("facts first", "histories first", "by name", "mixed"))
def test_ads_find_their_parents_in_either_order(desk, order):
    for name in order:
        desk.load(LANDED[name], name)
        assert_consistent(desk.warehouse)
    assert ad_days(desk.warehouse) == EXPECTED
    assert seen(desk.warehouse, "SELECT account_id, campaign_id, campaign_name, id_is_name FROM mart.campaign") == [
        ("55", "900", "Summer", False)
    ]
    names = seen(desk.warehouse, "SELECT DISTINCT ad_id, ad_name, ad_group_name FROM mart.ad_daily ORDER BY 1")
    assert names == [("77", "First ad", "Set A"), ("78", "Second ad", "Set B")]


@pytest.mark.parametrize("order", ORDERS[:2], ids=("facts first", "histories first"))
def test_facts_loaded_once_more_stay_where_they_were_adopted(desk, order):
    for name in order:
        desk.load(LANDED[name], name)
    before = facts(desk.warehouse)
    for name in FACETS:
        again = desk.load(LANDED[name] + "\n", name)  # other bytes, the same rows
        assert (again.status, again.accepted) == ("unchanged", 0)
    assert facts(desk.warehouse) == before


def test_history_loaded_once_more_is_no_news(desk):
    for name in LANDED:
        desk.load(LANDED[name], name)
    again = desk.load(AD_HISTORY + "\n", "facebook_ads_ad_history_data.csv")
    assert (again.status, again.accepted) == ("unchanged", 0)
    assert again.skipped_by_reason == {"older version": 1, "already known": 2}


def test_a_download_with_parents_takes_over_what_waited(desk):
    """The ads manager's own report names campaign and ad set, and gives the same days as the landed table."""
    desk.load(BASIC_AD, "facebook_ads_basic_ad_data.csv")
    names = "Account ID,Campaign ID,Campaign name,Ad set ID,Ad set name,Ad ID,Ad name"
    header = f"{names},Day,Impressions,Link clicks,Amount spent (USD)"
    result = desk.load(
        table(
            header,
            [
                (55, 900, "Summer", 700, "Set A", 77, "First ad", "2026-06-01", 100, 10, "5.50"),
                (55, 900, "Summer", 700, "Set A", 77, "First ad", "2026-06-02", 95, 9, "4.75"),
            ],
        ),
        "report.csv",
    )
    assert (result.accepted, result.restated, result.skipped_by_reason) == (1, 1, {"already known": 1})
    assert result.vanished == 1  # ad 78, which the report of the same days does not have
    days = seen(desk.warehouse, "SELECT ad_id, campaign_id, spend FROM mart.ad_daily ORDER BY ad_id, date_day")
    assert [(a, c, str(s)) for a, c, s in days] == [
        ("77", "900", "5.500000"),
        ("77", "900", "4.750000"),
    ]
    assert_consistent(desk.warehouse)


LINKEDIN = table(
    "campaign_id,day,_fivetran_synced,clicks,impressions,cost_in_usd,cost_in_local_currency,external_website_conversions",
    [
        (41, "2026-06-01 00:00:00", SYNCED, 3, 30, "2.00", "2.50", 1),
        (42, "2026-06-01 00:00:00", SYNCED, 4, 40, "3.00", "3.50", 0),
    ],
)
LINKEDIN_CAMPAIGNS = table(
    "id,last_modified_time,account_id,campaign_group_id,created_time,name,version_tag",
    [(41, "2026-05-01", 508, 600, "2026-01-01", "Line A", 1), (42, "2026-05-01", 508, 600, "2026-01-01", "Line B", 1)],
)
LINKEDIN_ACCOUNTS = table(
    "id,name,currency,last_modified_time,created_time", [(508, "Our page", "EUR", "2026-05-01", "2026-01-01")]
)


@pytest.mark.parametrize("facts_first", [True, False])
def test_rows_without_an_account_find_it_in_either_order(desk, facts_first):
    tables = [
        ("linkedin_ad_campaign_history_data.csv", LINKEDIN_CAMPAIGNS),
        ("linkedin_ad_account_history_data.csv", LINKEDIN_ACCOUNTS),
    ]
    tables.insert(0 if facts_first else 2, ("linkedin_ad_analytics_by_campaign_data.csv", LINKEDIN))
    for name, content in tables:
        desk.load(content, name)
        assert_consistent(desk.warehouse)
    found = seen(
        desk.warehouse,
        "SELECT DISTINCT account_id, campaign_id, ad_group_id, currency FROM mart.ad_group_daily ORDER BY 3",
    )
    assert found == [("508", "600", "41", "EUR"), ("508", "600", "42", "EUR")]
    assert rows(desk.warehouse, "SELECT DISTINCT account_key FROM core.daily_rollup") == rows(
        desk.warehouse, "SELECT account_key FROM core.account WHERE account_id = '508'"
    )


def test_rows_of_an_unknown_campaign_go_with_the_known_ones_of_their_table(desk):
    """A line that is not in the history yet stays in the account that the other lines of the table belong to."""
    desk.load(LINKEDIN_CAMPAIGNS, "linkedin_ad_campaign_history_data.csv")
    desk.load(
        LINKEDIN + f"43,2026-06-01 00:00:00,{SYNCED},1,10,1.00,1.25,0\n", "linkedin_ad_analytics_by_campaign_data.csv"
    )
    found = seen(desk.warehouse, "SELECT account_id, ad_group_id FROM mart.ad_group_daily ORDER BY 2")
    assert found == [("508", "41"), ("508", "42"), ("508", "43")]


def test_a_campaign_of_the_platforms_own_account_moves_to_the_one_that_is_named(desk):
    days = [Day("2026-06-01"), Day("2026-06-02", spend="7.00")]
    desk.load(google(days, without=["Customer ID"]))
    result = desk.load(google(days))
    assert (result.accepted, result.skipped_by_reason) == (0, {"already known": 2})
    assert seen(desk.warehouse, "SELECT DISTINCT account_id FROM mart.campaign_daily") == [("1112223333",)]
    assert_consistent(desk.warehouse)


def test_no_move_into_an_account_of_another_currency(desk):
    desk.load(google([Day("2026-06-01", currency="EUR")], without=["Customer ID"]))
    desk.load(google([Day("2026-06-01", currency="USD")]))
    found = seen(desk.warehouse, "SELECT account_id, currency FROM mart.campaign_daily ORDER BY 1")
    assert found == [("1112223333", "USD"), ("google_ads", "EUR")]


def test_no_move_into_an_account_that_a_person_chose(desk):
    content = google([Day("2026-06-01")], without=["Customer ID"])
    desk.load(content)
    desk.load(content, account="copy")
    assert seen(desk.warehouse, "SELECT account_id FROM mart.campaign_daily ORDER BY 1") == [("copy",), ("google_ads",)]


def test_what_was_restated_before_the_move_stays_told(desk):
    name = "facebook_ads_basic_ad_data.csv"
    desk.load(BASIC_AD, name)
    desk.load(BASIC_AD.replace("5.50", "6.00"), name)
    desk.load(AD_HISTORY, "facebook_ads_ad_history_data.csv")
    told = seen(desk.warehouse, "SELECT campaign_id, old_spend::text, current_spend::text FROM mart.restatement")
    assert told == [("900", "5.500000", "6.000000")]


def test_landed_samples_leave_a_consistent_warehouse(desk: Desk, reference_data):
    """Every landed table that comes with the reference data, facts before histories, then histories before facts."""
    folder = reference_data / "ads" / "landed_fivetran"
    names = sorted(p.name for p in folder.glob("*.csv"))
    for name in names:
        desk.load_path(str(folder / name), LoadOptions())
    assert_consistent(desk.warehouse)
    keys = [row[:7] for row in facts(desk.warehouse)]
    for name in reversed(names):
        desk.load((folder / name).read_text() + "\n", name)
    assert_consistent(desk.warehouse)
    assert [row[:7] for row in facts(desk.warehouse)] == keys
