from datetime import date

import polars as pl
import pytest

from ml.simulation.exports import campaign_days
from ml.simulation.exports.campaign_days import write_campaign_days

START = date(2024, 1, 1)


def test_every_key_once_and_as_many_rows_as_asked(tmp_path):
    path = tmp_path / "days.csv"
    write_campaign_days(path, rows=2_050, campaigns=100, seed=3, start=START)
    frame = pl.read_csv(path, try_parse_dates=True)
    assert frame.height == 2_050
    assert frame.select("campaign_id", "segments_date").is_unique().all()
    assert frame["segments_date"].min() == START
    assert frame["segments_date"].max() == date(2024, 1, 21)
    assert frame.filter(pl.col("segments_date") == date(2024, 1, 21)).height == 50


def test_money_is_in_micros_of_whole_cents_and_clicks_are_impressions(tmp_path):
    path = tmp_path / "days.csv"
    write_campaign_days(path, rows=1_000, campaigns=100, seed=3, start=START)
    frame = pl.read_csv(path)
    assert (frame["metrics_cost_micros"] % 10_000 == 0).all()
    assert (frame["metrics_clicks"] <= frame["metrics_impressions"]).all()
    cpc = frame["metrics_cost_micros"].sum() / frame["metrics_clicks"].sum() / 1e6
    assert 0.3 < cpc < 1.5


def test_same_seed_same_bytes(tmp_path):
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    write_campaign_days(first, rows=500, campaigns=20, seed=3, start=START)
    write_campaign_days(again, rows=500, campaigns=20, seed=3, start=START)
    write_campaign_days(other, rows=500, campaigns=20, seed=4, start=START)
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("rows", [99, 100, 101, 250])
def test_blocks_join_without_gap_or_second_header(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(campaign_days, "_BLOCK", 100)
    path = tmp_path / "days.csv"
    write_campaign_days(path, rows=rows, campaigns=7, seed=3, start=START)
    frame = pl.read_csv(path)
    assert frame.height == rows
    assert frame["campaign_id"].n_unique() == 7
    assert path.read_text().count("campaign_id") == 1
