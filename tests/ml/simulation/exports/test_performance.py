from datetime import date
from decimal import Decimal

import polars as pl

from ml.simulation.exports.performance import Reporting
from ml.simulation.exports.records import DAILY
from ml.simulation.people.records import CLAIMS, DELIVERY
from tests.ml.simulation.exports.made_up import frame

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))
PLACE = {"platform": "meta_ads", "campaign_id": "1", "ad_group_id": "11", "ad_id": "111"}
OTHER = PLACE | {"ad_id": "112"}
NAMES = pl.DataFrame(
    [
        {**place, "account_id": "9", "account_name": "Simulated", "currency": "USD", "campaign_name": "C",
         "campaign_type": "Sales", "ad_group_name": "G", "ad_name": f"A {place['ad_id']}"}
        for place in (PLACE, OTHER)
    ]
)  # fmt: skip


def reporting():
    found = Reporting((TUESDAY, WEDNESDAY))
    shown = {"date": MONDAY, "impressions": 100, "clicks": 10, "cost_micros": 1_234_999}
    claim = {"date": MONDAY, "ordered_on": MONDAY, "value_cents": 5_000}
    found.add(
        frame(DELIVERY, [PLACE | shown | {"region": "Ohio"}, PLACE | shown | {"region": "Texas"}, OTHER | shown]),
        frame(CLAIMS, [PLACE | claim | {"reported_on": MONDAY}, PLACE | claim | {"reported_on": TUESDAY}]),
    )
    found.add(
        frame(DELIVERY, [PLACE | shown | {"date": TUESDAY}, OTHER | shown | {"date": TUESDAY, "impressions": 0}]),
        frame(CLAIMS, [OTHER | claim | {"reported_on": TUESDAY, "ordered_on": TUESDAY}]),
    )
    return found


def told(level, as_of):
    rows = reporting().rows(level, as_of, NAMES)
    assert rows.columns == ["platform", *DAILY]
    return rows.select("date", "ad_id", "impressions", "spend", "conversions", "value").rows()


def test_regions_are_added_and_cents_are_whole():
    first, second = told("ad", TUESDAY)
    assert first == (MONDAY, "111", 200, Decimal("2.47"), Decimal(1), Decimal(50))
    assert second == (MONDAY, "112", 100, Decimal("1.23"), Decimal(0), Decimal(0))


def test_a_claim_is_dated_by_its_click_and_known_when_it_is_reported():
    assert told("ad", WEDNESDAY) == [
        (MONDAY, "111", 200, Decimal("2.47"), Decimal(2), Decimal(100)),
        (MONDAY, "112", 100, Decimal("1.23"), Decimal(1), Decimal(50)),
        (TUESDAY, "111", 100, Decimal("1.23"), Decimal(0), Decimal(0)),
    ]


def test_a_campaigns_rows_name_no_ads():
    assert told("campaign", WEDNESDAY) == [
        (MONDAY, None, 300, Decimal("3.70"), Decimal(3), Decimal(150)),
        (TUESDAY, None, 100, Decimal("2.47"), Decimal(0), Decimal(0)),
    ]
