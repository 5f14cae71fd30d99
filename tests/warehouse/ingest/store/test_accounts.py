"""Into which account rows go, in which currency and zone, and what is said of that."""

from tests.warehouse.exports import Day, every_day, google, table
from tests.warehouse.state import assert_consistent, dump, one, rows, seen

NAMELESS = {"without": ["Customer ID"]}
SILENT = {"without": ["Customer ID", "Currency code"]}


def accounts(desk):
    return rows(
        desk.warehouse, "SELECT account_id, currency, currency_is_stated FROM core.account ORDER BY account_key"
    )


def said(result, field):
    return [a.value for a in result.assumptions if a.field == field]


def test_everything_that_is_assumed_is_said(desk):
    result = desk.load(google([Day("2026-06-01")], **SILENT))
    assert (said(result, "account"), said(result, "currency"), said(result, "time zone")) == (
        ["google_ads"], ["USD"], ["UTC"],
    )  # fmt: skip
    assert accounts(desk) == [("google_ads", "USD", False)]
    assert seen(desk.warehouse, "SELECT jsonb_array_length(assumptions) >= 3 FROM mart.load") == [(True,)]


def test_nothing_is_assumed_of_what_the_file_says(desk):
    result = desk.load(google([Day("2026-06-01", currency="EUR")]))
    assert (result.account, said(result, "account"), said(result, "currency")) == ("1112223333", [], [])
    assert accounts(desk) == [("1112223333", "EUR", True)]


def test_a_stated_currency_replaces_an_assumed_one(desk):
    desk.load(google([Day("2026-06-01")], without=["Currency code"]))
    assert accounts(desk) == [("1112223333", "USD", False)]
    desk.load(google([Day("2026-06-02", currency="EUR")]))
    assert accounts(desk) == [("1112223333", "EUR", True)]
    later = desk.load(google([Day("2026-06-03")], without=["Currency code"]))
    assert said(later, "currency") == ["EUR"]


def test_a_named_account_with_another_currency_is_refused(desk):
    desk.load(google([Day("2026-06-01", currency="USD")]))
    before = dump(desk.warehouse)
    result = desk.load(google([Day("2026-06-02", currency="EUR")]))
    assert result.status == "refused"
    assert "EUR" in result.reason
    assert "--account" in result.reason
    assert dump(desk.warehouse) == before


def test_two_currencies_of_one_account_in_one_file_are_refused(desk):
    result = desk.load(google([Day("2026-06-01", currency="USD"), Day("2026-06-02", currency="EUR")]))
    assert result.status == "refused"
    assert accounts(desk) == []


def test_a_nameless_file_of_another_currency_goes_to_an_account_of_its_own(desk):
    desk.load(google([Day("2026-06-01", currency="USD")], **NAMELESS))
    result = desk.load(google([Day("2026-06-01", campaign="2", currency="EUR")], **NAMELESS))
    assert (result.account, result.restated) == ("google_ads-EUR", 0)
    again = desk.load(google([Day("2026-06-02", campaign="2", currency="EUR")], **NAMELESS))
    assert again.account == "google_ads-EUR"
    assert accounts(desk) == [("google_ads", "USD", True), ("google_ads-EUR", "EUR", True)]
    assert_consistent(desk.warehouse)


def test_known_campaigns_in_another_currency_than_their_account_are_refused(desk):
    """A campaign is of one account, and that has one currency: one of the two files is wrong."""
    desk.load(google([Day("2026-06-01", currency="USD")], **NAMELESS))
    before = dump(desk.warehouse)
    result = desk.load(google([Day("2026-06-02", currency="EUR")], **NAMELESS))
    assert result.status == "refused"
    assert "an account has one currency" in result.reason
    assert dump(desk.warehouse) == before


def test_two_currencies_in_a_nameless_file_are_refused(desk):
    result = desk.load(google([Day("2026-06-01"), Day("2026-06-01", campaign="2", currency="EUR")], **NAMELESS))
    assert (result.status, accounts(desk)) == ("refused", [])


def test_an_account_that_is_asked_for_does_not_take_another_currency(desk):
    desk.load(google([Day("2026-06-01")], **NAMELESS), account="shop")
    result = desk.load(google([Day("2026-06-02", currency="EUR")], **NAMELESS), account="shop")
    assert result.status == "refused"
    assert accounts(desk) == [("shop", "USD", True)]


def test_a_currency_said_by_the_user_speaks_for_a_silent_file(desk):
    result = desk.load(google([Day("2026-06-01")], **SILENT), account="shop", currency="SEK")
    assert (said(result, "currency"), accounts(desk)) == ([], [("shop", "SEK", True)])
    assert desk.load(google([Day("2026-06-02")], **SILENT), account="shop", currency="NOK").status == "refused"


def test_an_account_that_is_asked_for_wins_over_the_files_and_says_so(desk):
    result = desk.load(google([Day("2026-06-01")]), account="shop")
    assert result.account == "shop"
    assert [a.why for a in result.assumptions if a.field == "account"] == ["asked for; the file itself says 1112223333"]


def test_one_account_cannot_be_asked_for_when_the_file_has_several(desk):
    result = desk.load(google([Day("2026-06-01"), Day("2026-06-01", account="5")]), account="shop")
    assert result.status == "refused"
    assert "without --account" in result.reason


def test_the_same_id_at_two_platforms_is_two_accounts(desk):
    desk.load(google([Day("2026-06-01", account="55")]))
    desk.load(
        table("date_start,account_id,campaign_id,spend,impressions", [["2026-06-01", 55, 9, 1, 2]]), "meta_insights.csv"
    )
    assert one(desk.warehouse, "SELECT count(DISTINCT platform) FROM mart.account WHERE account_id = '55'") == 2


NAMES_ONLY = ("Day", "Account name", "Campaign", "Impr.", "Cost", "Currency code")
BOTH = ("Day", "Customer ID", *NAMES_ONLY[1:])


def test_an_account_without_an_id_is_known_by_its_name(desk):
    desk.load(google([Day("2026-06-01")], NAMES_ONLY))
    desk.load(google([Day("2026-06-02")], NAMES_ONLY))
    assert accounts(desk) == [("Shop 111-222-3333", "USD", True)]


def test_an_account_known_by_its_name_gets_its_id_when_a_file_brings_it(desk):
    desk.load(google([Day("2026-06-01")], NAMES_ONLY))
    result = desk.load(google([Day("2026-06-01")], BOTH))
    assert (result.accepted, result.skipped_by_reason) == (0, {"already known": 1})
    assert accounts(desk) == [("1112223333", "USD", True)]


def test_a_file_that_says_the_name_alone_meets_the_account_with_the_id(desk):
    desk.load(google([Day("2026-06-01")], BOTH))
    result = desk.load(google([Day("2026-06-01")], NAMES_ONLY))
    assert (result.status, result.account) == ("unchanged", "1112223333")


def test_a_name_that_two_accounts_share_is_neither(desk):
    header = "Day,Customer ID,Account name,Campaign,Impr.,Cost,Currency code"
    desk.load(table(header, [["2026-06-01", i, "Shop", "C", 1, 1, "USD"] for i in (1, 2)]))
    result = desk.load(table(header.replace("Customer ID,", ""), [["2026-06-01", "Shop", "C", 1, 1, "USD"]]))
    assert result.account == "Shop"
    assert len(accounts(desk)) == 3


def test_a_campaign_without_an_id_is_known_by_its_name_and_gets_its_id_later(desk):
    desk.load(google([Day("2026-06-01")], without=["Campaign ID"]))
    assert seen(desk.warehouse, "SELECT campaign_id, id_is_name FROM mart.campaign") == [("Campaign 1", True)]
    result = desk.load(google([Day("2026-06-01"), Day("2026-06-02")]))
    assert (result.accepted, result.skipped_by_reason) == (1, {"already known": 1})
    assert seen(desk.warehouse, "SELECT campaign_id, id_is_name FROM mart.campaign") == [("901", False)]
    back = desk.load(google([Day("2026-06-01"), Day("2026-06-02")], without=["Campaign ID"]))
    assert (back.status, back.accepted) == ("unchanged", 0)
    assert_consistent(desk.warehouse)


def test_a_name_that_two_new_ids_share_is_given_to_neither(desk):
    desk.load(google([Day("2026-06-01", name="Brand")], without=["Campaign ID"]))
    desk.load(google([Day("2026-06-01", name="Brand", campaign=c) for c in "12"]))
    known = seen(desk.warehouse, "SELECT campaign_id FROM mart.campaign ORDER BY 1")
    assert known == [("901",), ("902",), ("Brand",)]


def test_names_and_types_are_those_of_the_newest_day(desk):
    def named():
        return seen(desk.warehouse, "SELECT campaign_name, campaign_type FROM mart.campaign")[0]

    desk.load(google(every_day("2026-06-05", 3, name="Middle", kind="Search")))
    desk.load(google(every_day("2026-06-01", 3, name="Early", kind="Display")))
    assert named() == ("Middle", "Search")
    # Newest first, as some downloads are sorted.
    desk.load(google([Day("2026-06-09", name="Late", kind="Video"), Day("2026-06-08", name="Before", kind="Search")]))
    assert named() == ("Late", "Video")
    assert one(desk.warehouse, "SELECT DISTINCT campaign_type FROM mart.channel_daily") == "Video"
    assert_consistent(desk.warehouse)


def test_a_type_that_no_file_said_yet_is_filled_in_by_an_older_one(desk):
    desk.load(google(every_day("2026-06-05", 3), without=["Campaign type"]))
    desk.load(google(every_day("2026-06-01", 3, kind="Shopping")))
    assert one(desk.warehouse, "SELECT DISTINCT channel FROM mart.channel_daily") == "shopping"
    assert_consistent(desk.warehouse)
