import polars as pl
import pytest

from warehouse.errors import LoadRefused
from warehouse.ingest.ids import read_ids


def ids(*cells):
    return read_ids(pl.Series(cells, dtype=pl.String), "Campaign ID").to_list()


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("act_1700252260223815", "1700252260223815"),
        ("customers/123/campaigns/456", "456"),
        ("customers/1/adGroupAds/123~456", "456"),
        ("customers/1/adGroupCriteria/100031227574~71669451", "71669451"),
        ("urn:li:sponsoredCampaign:148633856", "148633856"),
        ("123-456-7890", "1234567890"),
        ("'120215518561610553", "120215518561610553"),
        ("359751135.0", "359751135"),
        ("t2_9wbo179l", "t2_9wbo179l"),
        (" 12 ", "12"),
        ("--", None),
        ("", None),
        (None, None),
    ],
)
def test_an_id_is_freed_of_its_wrapping(cell, plain):
    assert ids(cell, "99") == [plain, "99"]


def test_long_ids_keep_every_digit():
    assert ids("120215518561610553", "1789012345678901234") == ["120215518561610553", "1789012345678901234"]


@pytest.mark.parametrize("cell", ["1.20216E+17", "1,20216E+17", "1E+17", "120215518561610560.0"])
def test_ids_that_a_spreadsheet_rounded_are_refused(cell):
    with pytest.raises(LoadRefused, match="Campaign ID.*rounded by a spreadsheet"):
        ids("12", cell)
