"""Totals, trend and breakdowns agree with each other and with ``mart.campaign_daily``, added up by hand."""

import datetime as dt
import math
from decimal import Decimal
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.warehouse.conftest import let_read_everything
from tests.warehouse.exports import Day, Desk, google, table
from tests.warehouse.state import EVERYTHING, rows, seen
from warehouse.errors import MissingRate
from warehouse.filters import Filter
from warehouse.metrics import METRICS
from warehouse.queries.campaigns import KPIS, Order, campaigns
from warehouse.queries.overview import breakdown, totals, totals_and_trend, trend
from warehouse.queries.rows import Position, campaign_days
from warehouse.queries.scope import read_scope
from warehouse.sessions import Warehouse
from warehouse.statements import counted, watch

FIRST, LAST = dt.date(2026, 2, 10), dt.date(2026, 7, 20)
DIMENSIONS = ("platform", "channel", "campaign_type", "campaign", "account", "day")
SUMS = ("spend", "impressions", "clicks", "conversions", "conversion_value")
META = "Campaign name,Campaign ID,Day,Impressions,Clicks (all),Amount spent (EUR),Purchases,Purchases conversion value"


def days():
    return [FIRST + dt.timedelta(days=i) for i in range((LAST - FIRST).days + 1)]


@pytest.fixture(scope="module")
def warehouse(settings, tmp_path_factory):
    """Google in USD (three campaigns of two types), Meta in EUR, rates on weekdays, orders of a shop in EUR."""
    warehouse = Warehouse.connect(settings)
    watch(warehouse.engine)
    let_read_everything(warehouse)
    desk = Desk(warehouse, tmp_path_factory.mktemp("files"))
    shown = [
        Day(d.isoformat(), c, f"{7 * int(c) + d.day}.{d.month:02d}", 100 * d.day + i, d.day, f"{d.day % 5}.50",
            None if c == "3" else f"{3 * d.day}.25", kind="Shopping" if c == "2" else "Search")
        for i, d in enumerate(days()) for c in "123" if not (c == "2" and d.weekday() == 6)
    ]  # fmt: skip
    desk.load(google(shown))
    desk.load(
        table(META, [("Social", 801, d, 50 + d.day, d.day, f"{d.day}.10", 1, f"{2 * d.day}.00") for d in days()]),
        "meta.csv", account="social",
    )  # fmt: skip
    weekdays = [d for d in (FIRST - dt.timedelta(days=3), *days()) if d.weekday() < 5]
    desk.load(table("date,from,to,rate", [(d, "EUR", "USD", f"1.{d.day:02d}") for d in weekdays]), "fx.csv")
    desk.load(
        table("Day,Orders,Net sales,Currency", [(d, 2, f"{d.day}.00", "EUR") for d in days()]),
        "o.csv",
        source="shopify",
    )
    assert all(r.status == "loaded" and not r.rejected for r in desk.results), desk.results
    yield warehouse
    warehouse.engine.dispose()


@pytest.fixture(scope="module")
def known(warehouse):
    """Every campaign-day of the mart, and the rates."""
    names = "date_day, platform, channel, campaign_type, account_id, campaign_id, currency, is_final"
    found = seen(warehouse, f"SELECT {names}, {', '.join(SUMS)} FROM mart.campaign_daily")
    columns = [*names.split(", "), *SUMS]
    rates = {
        (f, t, d): r
        for f, t, d, r in seen(warehouse, "SELECT from_currency, to_currency, date_day, rate FROM mart.fx_rate")
    }
    return [dict(zip(columns, row, strict=True)) for row in found], rates


def rate(rates, day, currency, wanted):
    """The newest rate of the last week, stated or turned round."""
    if currency == wanted:
        return Decimal(1)
    for turned in (False, True):
        for back in range(7):
            pair = (wanted, currency) if turned else (currency, wanted)
            found = rates.get((*pair, day - dt.timedelta(days=back)))
            if found:
                return 1 / found if turned else found
    raise KeyError(day)


def added(known, filter_, first, last, *, also=lambda row: True):
    """The sums of the mart's rows of a window that the filter lets through; None where nothing is reported."""
    lines, rates = known
    sums = dict.fromkeys(SUMS)
    for row in lines:
        if not (
            first <= row["date_day"] <= last
            and (not filter_.platforms or row["platform"] in filter_.platforms)
            and (not filter_.channels or row["channel"] in filter_.channels)
            and (not filter_.campaign_types or (row["campaign_type"] or "") in filter_.campaign_types)
            and also(row)
        ):
            continue
        factor = rate(rates, row["date_day"], row["currency"], filter_.currency)
        for name in SUMS:
            if row[name] is not None:
                amount = row[name] * (factor if name in ("spend", "conversion_value") else 1)
                sums[name] = (sums[name] or 0) + amount
    return sums


def unknown(value):
    return value is None or (isinstance(value, float) and math.isnan(value))


def close(left, right):
    if unknown(left) or unknown(right):
        return unknown(left) and unknown(right)
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-6)


def assert_kpis(found, sums, where):
    for name in KPIS:
        if name in found:
            assert close(found[name], METRICS[name].value(sums)), (where, name, found[name], sums)


@st.composite
def filters(draw):
    first = draw(st.dates(FIRST, LAST))
    last = draw(st.dates(first, LAST))
    return Filter(
        start=first,
        end=last,
        compare=draw(st.sampled_from(["none", "previous", "year"])),
        grain=draw(st.sampled_from(["day", "week", "month"])),
        currency=draw(st.sampled_from(["USD", "EUR"])),
        platforms=draw(st.sampled_from([(), ("google_ads",), ("meta_ads",), ("google_ads", "meta_ads")])),
        channels=draw(st.sampled_from([(), ("shopping",), ("paid_social", "paid_search")])),
        campaign_types=draw(st.sampled_from([(), ("Search",), ("",), ("Search", "Shopping")])),
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(filter_=filters())
def test_every_door_adds_up_to_the_same(warehouse, known, filter_):
    with warehouse.reading(EVERYTHING) as session:
        total = totals(session, filter_)
        trended = trend(session, filter_)
        both = totals_and_trend(session, filter_)
        by = {d: breakdown(session, filter_, d) for d in DIMENSIONS}
        listed = campaigns(session, filter_, order=Order("name", descending=False), limit=1000)
    assert both[0] == total
    assert both[1].equals(trended)
    now = added(known, filter_, filter_.start, filter_.end)
    assert_kpis(total.current, now, "totals")
    if filter_.compared:
        before = added(known, filter_, *filter_.compared)
        assert (total.previous is None) == (set(before.values()) == {None})
        if total.previous is not None:
            assert_kpis(total.previous, before, "totals before")
    else:
        assert total.previous is None
    keys = {
        "platform": "platform", "channel": "channel", "account": "account_id", "campaign": "campaign_id",
        "campaign_type": "campaign_type", "day": "date_day",
    }  # fmt: skip
    labels = dict(seen(warehouse, "SELECT account_key::text, account_id FROM mart.account"))
    labels_of_campaigns = dict(seen(warehouse, "SELECT campaign_key::text, campaign_id FROM mart.campaign"))
    for dimension, frame in by.items():
        for record in frame.to_dict("records"):
            key = record["key"]
            key = (
                labels[key] if dimension == "account" else labels_of_campaigns[key] if dimension == "campaign" else key
            )
            mine = added(
                known, filter_, filter_.start, filter_.end,
                also=lambda row, d=dimension, k=key: str(row[keys[d]] or "") == k,
            )  # fmt: skip
            assert_kpis(record, mine, (dimension, key))
        for name in ("spend", "revenue", "conversions"):
            parts = [v for v in frame[name] if not unknown(v)]
            assert close(sum(parts) if parts else None, total.current[name]), (dimension, name)
    for name in ("spend", "revenue", "conversions"):
        parts = [v for v in trended[name] if not unknown(v)]
        assert close(sum(parts) if parts else None, total.current[name]), name
        column = "conversion_value" if name == "revenue" else name
        assert close(sum(c.sums[column] or 0 for c in listed.rows), total.current[name] or 0)


def ask(warehouse, function, filter_, *more):
    with warehouse.reading(EVERYTHING) as session:
        return function(session, filter_, *more)


JUNE = Filter(dt.date(2026, 6, 3), dt.date(2026, 6, 30), currency="USD", platforms=("google_ads",))


@pytest.mark.parametrize("compare", ["previous", "year"])
@pytest.mark.parametrize("length", [1, 6, 7, 8, 28, 31, 365, 366])
def test_compared_days_fall_on_the_same_weekdays(compare, length):
    filter_ = Filter(LAST - dt.timedelta(days=length - 1), LAST, compare=compare)
    first, last = filter_.compared
    assert first.weekday() == filter_.start.weekday()
    assert (last - first).days + 1 == length
    assert last < filter_.start
    if compare == "previous":
        assert (filter_.start - last).days <= 7
    else:
        assert (filter_.start - first).days in (364, 728)


def test_the_trend_sets_each_day_beside_the_one_it_is_compared_with(warehouse, known):
    frame = ask(warehouse, trend, JUNE)
    assert len(frame) == 28
    for record in frame.to_dict("records"):
        day, compared = record["date"], record["compared_date"]
        assert compared == day - dt.timedelta(days=28)
        assert close(record["spend"], added(known, JUNE, day, day)["spend"])
        assert close(record["previous_spend"], added(known, JUNE, compared, compared)["spend"])


@pytest.mark.parametrize(("grain", "buckets"), [("week", 5), ("month", 1)])
def test_weeks_begin_on_monday_and_ends_may_be_ragged(warehouse, known, grain, buckets):
    frame = ask(warehouse, trend, Filter(JUNE.start, JUNE.end, grain=grain, currency="USD", platforms=("google_ads",)))
    assert len(frame) == buckets
    starts = [*frame["date"], JUNE.end + dt.timedelta(days=1)]
    assert starts[0] == JUNE.start  # a Wednesday
    assert all(s.weekday() == 0 for s in starts[1:-1])
    for record, following in zip(frame.to_dict("records"), starts[1:], strict=True):
        last = following - dt.timedelta(days=1)
        assert close(record["spend"], added(known, JUNE, record["date"], last)["spend"])


def test_campaigns_are_the_same_from_months_and_from_days(warehouse):
    """A whole year of a campaign comes from monthly sums and ragged ends; the same campaign alone, from its days."""
    filter_ = Filter(dt.date(2026, 2, 15), dt.date(2026, 7, 10), currency="USD", platforms=("google_ads",))
    for record in ask(warehouse, breakdown, filter_, "campaign").to_dict("records"):
        alone = ask(warehouse, totals, filter_.narrowed("campaign", record["key"])).current
        assert {n: record[n] for n in ("spend", "roas", "clicks")} == {n: alone[n] for n in ("spend", "roas", "clicks")}


def test_a_weekend_takes_fridays_rate(warehouse):
    saturday = Filter(dt.date(2026, 6, 6), dt.date(2026, 6, 6), currency="USD", platforms=("meta_ads",))
    assert ask(warehouse, totals, saturday).current["spend"] == Decimal("6.10") * Decimal("1.05")


def test_a_rate_may_be_turned_round(warehouse):
    friday = Filter(dt.date(2026, 6, 5), dt.date(2026, 6, 5), currency="EUR", platforms=("google_ads",))
    spend = sum(Decimal(f"{7 * c + 5}.06") for c in (1, 2, 3))
    assert close(ask(warehouse, totals, friday).current["spend"], spend / Decimal("1.05"))


@pytest.fixture
def without_some_rates(warehouse):
    """The warehouse while ten days of rates are missing."""
    with warehouse.writing() as session:
        lost = session.execute(text(_LOSE_RATES)).mappings().all()
    yield warehouse
    with warehouse.writing() as session:
        session.execute(text(_BRING_BACK), [dict(rate) for rate in lost])


_LOSE_RATES = """
DELETE FROM core.fx_rate WHERE date BETWEEN '2026-05-04' AND '2026-05-13'
RETURNING from_currency, to_currency, date, rate, load_key
"""
_BRING_BACK = """
INSERT INTO core.fx_rate (from_currency, to_currency, date, rate, load_key)
VALUES (:from_currency, :to_currency, :date, :rate, :load_key)
"""
MAY = Filter(dt.date(2026, 5, 1), dt.date(2026, 5, 31), currency="USD", compare="none")


@pytest.mark.parametrize("question", [totals, trend, *DIMENSIONS])
def test_a_sum_that_would_leave_money_out_is_refused(without_some_rates, question):
    answer = partial(breakdown, by=question) if isinstance(question, str) else question
    with pytest.raises(MissingRate, match=r"EUR to USD rate for days between 2026-05-08 and 2026-05-13") as refused:
        ask(without_some_rates, answer, MAY)
    assert "Load rates" in refused.value.remedy


def test_campaign_pages_refuse_too(without_some_rates):
    with without_some_rates.reading(EVERYTHING) as session, pytest.raises(MissingRate):
        campaigns(session, MAY, order=Order())


def test_what_needs_no_rate_is_not_refused(without_some_rates):
    assert ask(
        without_some_rates, totals, Filter(MAY.start, MAY.end, currency="USD", platforms=("google_ads",))
    ).current
    assert ask(without_some_rates, totals, Filter(MAY.start, MAY.end, currency="EUR", platforms=("meta_ads",))).current
    ask(without_some_rates, totals, Filter(dt.date(2026, 6, 1), dt.date(2026, 6, 30), currency="USD", compare="none"))


def test_rates_missing_in_the_compared_period_are_missed_too(without_some_rates):
    with pytest.raises(MissingRate):
        ask(without_some_rates, totals, Filter(dt.date(2026, 6, 1), dt.date(2026, 6, 28), currency="USD"))


def test_ratios_are_of_sums_and_not_of_what_is_unknown(warehouse, known):
    """Campaign 3 reports no value: its spend is in the ROAS's denominator, and the coverage says so."""
    total = ask(warehouse, totals, JUNE)
    sums = added(known, JUNE, JUNE.start, JUNE.end)
    assert total.current["roas"] == sums["conversion_value"] / sums["spend"]
    with_value = added(known, JUNE, JUNE.start, JUNE.end, also=lambda row: row["conversion_value"] is not None)
    assert close(total.value_coverage, with_value["spend"] / sums["spend"])
    third = ask(warehouse, breakdown, JUNE, "campaign").set_index("label").loc["Campaign 3"]
    assert unknown(third["roas"])


def test_the_claim_ratio_is_against_the_shops_orders(warehouse, known):
    filter_ = Filter(dt.date(2026, 6, 1), dt.date(2026, 6, 28), currency="USD")
    claimed = added(known, filter_, filter_.start, filter_.end)["conversion_value"]
    sold = sum(Decimal(d.day) * rate(known[1], d, "EUR", "USD") for d in days() if filter_.start <= d <= filter_.end)
    assert close(ask(warehouse, totals, filter_).current["claim_ratio"], claimed / sold)


def test_no_rows_are_none_and_not_zero(warehouse):
    nothing = ask(warehouse, totals, Filter(dt.date(2025, 1, 1), dt.date(2025, 1, 31), currency="USD"))
    assert set(nothing.current.values()) == {None}
    assert (nothing.previous, nothing.is_final) == (None, True)
    assert ask(
        warehouse, breakdown, Filter(dt.date(2025, 1, 1), dt.date(2025, 1, 31), currency="USD"), "campaign"
    ).empty


def test_days_that_are_not_final_are_told_apart(warehouse):
    frame = ask(warehouse, trend, Filter(FIRST, LAST, currency="USD", platforms=("google_ads",)))
    last_final = max(frame[frame["is_final"]]["date"])
    assert last_final == LAST - dt.timedelta(days=30)
    assert not ask(warehouse, totals, Filter(FIRST, LAST, currency="USD")).is_final
    assert ask(warehouse, totals, Filter(FIRST, last_final, currency="USD", platforms=("google_ads",))).is_final


def test_estimates_are_narrowed_like_everything_else(warehouse):
    with warehouse.writing() as session:
        for account in ("1112223333", "social"):
            session.execute(
                text(
                    """WITH a AS (SELECT account_key FROM core.account WHERE account_id = :account), r AS (
                        INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state)
                        SELECT 'estimate', account_key, '{}', '1', 1, 'done' FROM a RETURNING run_key, account_key),
                    p AS (INSERT INTO results.publication (job, account_key, run_key)
                          SELECT 'estimate', account_key, run_key FROM r)
                    INSERT INTO results.estimate
                    SELECT r.run_key, c.campaign_key, date '2026-06-10', 'spend', r.account_key, 'CPC x clicks',
                           10, 9, 11, 0.9
                    FROM r JOIN core.campaign c ON c.account_key = r.account_key"""
                ),
                {"account": account},
            )
    key = dict(rows(warehouse, "SELECT account_id, account_key FROM core.account"))["1112223333"]
    assert ask(warehouse, totals, JUNE).estimated == {"spend": 30}
    everything = Filter(JUNE.start, JUNE.end, currency="USD")
    assert ask(warehouse, totals, everything.narrowed("account", str(key))).estimated == {"spend": 30}
    assert ask(warehouse, totals, everything.narrowed("campaign_type", "Shopping")).estimated == {"spend": 10}
    assert ask(warehouse, totals, everything.narrowed("platform", "x_ads")).estimated == {}


def test_rows_page_by_page_are_every_row_once(warehouse, known):
    after, found = None, []
    with warehouse.reading(EVERYTHING) as session:
        while page := campaign_days(session, JUNE, limit=7, after=after):
            found += page
            after = Position(page[-1].date_day, page[-1].campaign_key)
    mine = [r for r in known[0] if r["platform"] == "google_ads" and JUNE.start <= r["date_day"] <= JUNE.end]
    assert len(found) == len(mine)
    assert len({(r.date_day, r.campaign_key) for r in found}) == len(mine)
    assert [r.date_day for r in found] == sorted((r.date_day for r in found), reverse=True)
    assert sum(r.spend for r in found) == sum(r["spend"] for r in mine)


def test_a_whole_view_costs_ten_statements_at_most(warehouse):
    with counted() as statements, warehouse.reading(EVERYTHING) as session:
        filter_ = read_scope(session).with_currency(Filter(FIRST, LAST), "USD")
        totals_and_trend(session, filter_)
        for dimension in ("platform", "channel", "campaign_type", "campaign"):
            breakdown(session, filter_, dimension)
    assert statements.count <= 10, statements.texts


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_currency_is_what_the_accounts_share_else_the_reporting_one(warehouse, currency):
    with warehouse.reading(EVERYTHING) as session:
        scope = read_scope(session)
    assert scope.with_currency(Filter(FIRST, LAST), currency).currency == currency
    assert scope.with_currency(Filter(FIRST, LAST, platforms=("meta_ads",)), "USD").currency == "EUR"
    assert scope.with_currency(Filter(FIRST, LAST, currency="SEK"), "USD").currency == "SEK"


def test_the_scope_tells_what_may_be_chosen(warehouse):
    with warehouse.reading(EVERYTHING) as session:
        scope = read_scope(session)
    assert (scope.first_day, scope.last_day) == (FIRST, LAST)
    assert [c.key for c in scope.platforms] == ["google_ads", "meta_ads"]
    assert {c.key for c in scope.channels} == {"paid_search", "paid_social", "shopping"}
    assert [c.key for c in scope.campaign_types] == ["Search", "Shopping"]


def test_the_cache_key_changes_with_everything_that_changes_an_answer(warehouse):
    def version():
        with warehouse.reading(EVERYTHING) as session:
            return read_scope(session).version

    changes = (
        "UPDATE core.channel_rule SET channel = 'video' WHERE platform = 'meta_ads'",
        "UPDATE core.account SET name = 'Renamed' WHERE account_id = 'social'",
        "UPDATE core.fx_rate SET load_key = load_key + 1 WHERE date = (SELECT max(date) FROM core.fx_rate)",
        "DELETE FROM results.publication",
        "UPDATE core.channel_rule SET channel = 'paid_social' WHERE platform = 'meta_ads'",
    )
    versions = [version()]
    for change in changes:
        with warehouse.writing() as session:
            session.execute(text(change))
        versions.append(version())
    assert all(a != b for a, b in pairwise(versions))
