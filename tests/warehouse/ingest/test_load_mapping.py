"""What people say about columns: now, and remembered for the account's next files."""

from decimal import Decimal

import pytest

from tests.warehouse.exports import table
from tests.warehouse.state import dump, one, rows, seen
from warehouse.errors import BadSetting

META = "date_start,campaign_id,campaign_name,spend,impressions,clicks,conversion"
GOOGLE = "day,campaign id,campaign,cost,impr.,clicks,conversion"


def meta(day="2026-06-01", value="183.00", *, account=None):
    header, row = META, [day, 900, "Summer", "5.00", 100, 10, value]
    if account:
        header, row = f"{header},account_id", [*row, account]
    return table(header, [row])


def value_and_count(desk, day="2026-06-01"):
    ((found),) = seen(
        desk.warehouse, "SELECT conversion_value, conversions FROM mart.campaign_daily WHERE date_day = :day", day=day
    )
    return found


def test_an_ambiguous_column_stays_empty_with_a_finding_until_it_is_mapped(desk):
    content = meta()
    result = desk.load(content, "meta.csv")
    assert value_and_count(desk) == (None, None)
    assert any("conversion" in f.message for f in result.findings)
    mapped = desk.load(content, "meta.csv", mapping={"conversion": "conversion_value"})
    assert (mapped.status, mapped.accepted) == ("loaded", 1)
    assert value_and_count(desk) == (Decimal("183.000000"), None)


def test_the_platforms_own_account_remembers(desk):
    desk.load(meta(), "meta.csv", mapping={"conversion": "conversion_value"})
    assert rows(desk.warehouse, "SELECT account_id, header, field FROM landing.column_mapping") == [
        ("meta_ads", "conversion", "conversion_value")
    ]
    later = desk.load(meta("2026-06-02"), "meta.csv")
    assert value_and_count(desk, "2026-06-02") == (Decimal("183.000000"), None)
    assert [(a.field, a.value, a.why) for a in later.assumptions if a.field.startswith("column")] == [
        ('column "conversion"', "conversion_value", "remembered for account meta_ads")
    ]


def test_asking_for_the_platforms_own_account_is_the_same(desk):
    desk.load(meta(), "meta.csv", account="meta_ads", mapping={"conversion": "conversion_value"})
    desk.load(meta("2026-06-02"), "meta.csv")
    assert value_and_count(desk, "2026-06-02") == (Decimal("183.000000"), None)


def test_what_one_account_means_is_not_what_another_means(desk):
    desk.load(meta(), "meta.csv", account="first", mapping={"conversion": "conversion_value"})
    desk.load(meta("2026-06-02"), "meta.csv", account="second", mapping={"conversion": "conversions"})
    desk.load(meta("2026-06-03"), "meta.csv", account="first")
    desk.load(meta("2026-06-04"), "meta.csv", account="second")
    desk.load(meta("2026-06-05"), "meta.csv", account="third")
    desk.load(meta("2026-06-06"), "meta.csv")
    assert value_and_count(desk, "2026-06-03") == (183, None)
    assert value_and_count(desk, "2026-06-04") == (None, 183)
    assert value_and_count(desk, "2026-06-05") == (None, None)
    assert value_and_count(desk, "2026-06-06") == (None, None)


def test_what_the_platforms_own_account_means_does_not_spill_to_another_platform(desk):
    desk.load(meta(), "meta.csv", mapping={"conversion": "conversion_value", "clicks": "ignore"})
    desk.load(table(GOOGLE, [["2026-06-02", 1, "Brand", "5.00", 100, 10, 3]]), "google.csv")
    assert one(desk.warehouse, "SELECT clicks FROM mart.campaign_daily WHERE platform = 'google_ads'") == 10


def test_files_that_name_their_account_meet_its_mapping(desk):
    desk.load(meta(account="act_55"), "meta.csv", mapping={"conversion": "conversion_value"})
    desk.load(meta("2026-06-02", account="act_55"), "meta.csv")
    desk.load(meta("2026-06-03", account="act_66"), "meta.csv")
    desk.load(meta("2026-06-04"), "meta.csv", account="elsewhere")
    assert value_and_count(desk, "2026-06-02") == (183, None)
    assert value_and_count(desk, "2026-06-03") == (None, None)
    assert value_and_count(desk, "2026-06-04") == (None, None)


def test_what_is_said_now_wins(desk):
    desk.load(meta(), "meta.csv", mapping={"conversion": "conversion_value"})
    desk.load(meta("2026-06-02"), "meta.csv", mapping={"Conversion": "conversions"})
    desk.load(meta("2026-06-03"), "meta.csv")
    assert value_and_count(desk, "2026-06-02") == (None, 183)
    assert value_and_count(desk, "2026-06-03") == (None, 183)


def test_a_file_loaded_before_its_columns_were_explained_is_read_again(desk):
    content = meta()
    first = desk.load(content, "meta.csv")
    desk.load(meta("2026-06-02"), "meta.csv", mapping={"conversion": "conversion_value"})
    (again,) = desk.load_path(first.path)
    assert (again.status, again.accepted) == ("loaded", 1)
    assert value_and_count(desk) == (183, None)


def test_the_same_file_with_the_same_mapping_is_unchanged_at_once(desk):
    content, said = meta(), {"conversion": "conversion_value"}
    desk.load(content, "meta.csv", mapping=said)
    before = dump(desk.warehouse, "landing.load", "landing.column_mapping", "core.performance")
    for _ in range(2):
        assert desk.load(content, "meta.csv", mapping=said).status == "unchanged"
    assert dump(desk.warehouse, "landing.load", "landing.column_mapping", "core.performance") == before


def test_a_file_that_nobody_knows_is_loaded_once_its_columns_are_explained(desk):
    header = "wann,was,geld,angesehen,geklickt"
    said = {"wann": "date", "was": "campaign_name", "geld": "spend", "angesehen": "impressions", "geklickt": "clicks"}
    refused = desk.load(table(header, [["2026-06-01", "Brand", "5.00", 100, 10]]), "export.csv", source="tiktok_ads")
    assert refused.status == "refused"
    assert "geld" in refused.reason
    taught = desk.load(
        table(header, [["2026-06-01", "Brand", "5.00", 100, 10]]), "export.csv", source="tiktok_ads", mapping=said
    )
    assert (taught.status, taught.account) == ("loaded", "tiktok_ads")
    known = desk.load(table(header, [["2026-06-02", "Brand", "6.00", 100, 10]]), "export.csv", source="tiktok_ads")
    assert (known.status, known.accepted) == ("loaded", 1)
    assert one(desk.warehouse, "SELECT sum(spend) FROM mart.campaign_daily") == 11


def test_a_field_that_does_not_exist_is_an_error_of_the_call(desk):
    with pytest.raises(BadSetting, match="there is no field"):
        desk.load(meta(), "meta.csv", mapping={"conversion": "convershun"})
    assert rows(desk.warehouse, "SELECT 1 FROM landing.load") == []
