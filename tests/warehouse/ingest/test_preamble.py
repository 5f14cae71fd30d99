import pytest

from tests.warehouse.ingest.tables import parse
from warehouse.ingest.preamble import zone_named
from warehouse.ingest.sources.microsoft_zones import ZONES

MICROSOFT = (
    '"Report Name: Campaign Performance"',
    '"Report Time: 9/1/2026 - 9/2/2026"',
    '"Time Zone: (GMT-08:00) Pacific Time (US & Canada); Tijuana"',
    '"Potential Incomplete Data: true"',
)


def test_microsoft_says_zone_period_and_that_days_are_not_final():
    table, rows = parse("TimePeriod,CampaignId,Spend,Impressions,Clicks\n2026-09-01,1,5.50,100,5\n", preamble=MICROSOFT)
    assert table.incomplete
    assert table.period == ("2026-09-01", "2026-09-02")
    assert rows["time_zone"].to_list() == ["America/Los_Angeles"]


def test_google_says_the_period():
    table, _ = parse(
        "Day,Campaign,Impr.,Clicks,Cost\n2026-09-01,A,100,5,5.50\n",
        preamble=("Campaign report", '"September 1, 2026 - September 3, 2026"'),
    )
    assert table.period == ("2026-09-01", "2026-09-03")
    assert not table.incomplete


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("(GMT-08:00) Pacific Time (US & Canada); Tijuana", "America/Los_Angeles"),
        ("PacificTimeUSCanadaTijuana", "America/Los_Angeles"),
        ("(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"),
        ("Europe/Paris", "Europe/Paris"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("GMT", "UTC"),
        ("Mars, Olympus Mons", None),
    ],
)
def test_zones_have_many_names(name, zone):
    assert zone_named(name, ZONES) == zone


def test_an_unknown_zone_is_a_finding():
    preamble = ('"Time Zone: Mars, Olympus Mons"',)
    table, rows = parse("TimePeriod,CampaignId,Spend,Impressions\n2026-09-01,1,5.50,100\n", preamble=preamble)
    assert [f.code for f in table.findings] == ["unknown_zone"]
    assert rows["time_zone"].to_list() == [None]
