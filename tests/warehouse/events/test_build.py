"""Journeys as they are built: what belongs to one, and that a change alone gives the same as everything anew."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.warehouse.events.history import RULES, History, at
from warehouse.engine import WriteSession
from warehouse.events.build import Built, Rules, build_journeys, is_due, remove_journeys
from warehouse.schema.events import TouchKind


@pytest.fixture
def history(empty_warehouse) -> History:
    return History(empty_warehouse).begin()


def paths_of(history: History) -> dict[int, list[tuple[str, bool]]]:
    """By customer: each journey's path, and whether it led to a conversion."""
    found: dict[int, list[tuple[str, bool]]] = {}
    for row in sorted(history.journeys(), key=lambda r: r[5]):
        found.setdefault(row[0], []).append((row[7], row[2] > 0))
    return found


def test_a_conversion_ends_the_touches_of_its_lookback(history) -> None:
    for days, channel in ((0, "video"), (4, "display"), (9, "search"), (13, "email")):
        history.touch(1, days, channel)
    key = history.convert(1, 13.5, value=99, new=True)
    history.build()
    converting, null = sorted(history.journeys(), key=lambda row: -row[2])
    assert converting == (
        1, "order", key, dt.date(2026, 3, 14), at(4), at(13.5), 3, "display > search > email", Decimal(99), None, "EUR",
        True,
    )  # fmt: skip
    assert (null[7], null[2] < 0, null[3], null[4], null[5]) == ("video", True, dt.date(2026, 3, 1), at(0), at(0))


def test_a_conversion_uses_up_its_touches(history) -> None:
    history.touch(1, 0, "video")
    history.convert(1, 1)
    history.touch(1, 2, "search")
    history.convert(1, 3)
    history.convert(1, 3)
    history.build()
    assert paths_of(history) == {1: [("video", True), ("search", True), ("", True)]}


def test_ends_of_the_lookback_and_of_the_touch_are_included(history) -> None:
    history.touch(1, 0, "video")
    history.touch(1, 10, "search")
    history.convert(1, 10)
    history.touch(2, 0, "video")
    history.convert(2, 10.001)
    history.build()
    assert paths_of(history) == {1: [("video > search", True)], 2: [("video", False), ("", True)]}


def test_touches_at_the_same_time_come_in_a_fixed_order(history) -> None:
    for channel in ("search", "display", "video"):
        history.touch(1, 5, channel)
    history.build()
    assert paths_of(history) == {1: [("display > search > video", False)]}


def test_null_paths_are_as_long_as_the_lookback_and_begin_on_another_day_for_every_customer(history) -> None:
    for customer in (10, 11):  # ten is a multiple of the lookback, eleven is one more
        for day in range(30):
            history.touch(customer, day)
    history.build()
    lengths = {c: [row[6] for row in sorted(history.journeys(), key=lambda r: r[5]) if row[0] == c] for c in (10, 11)}
    assert sum(lengths[10]) == sum(lengths[11]) == 30, "every touch is in one journey"
    assert max(*lengths[10], *lengths[11]) == RULES.lookback_days
    assert lengths[10][0] == lengths[11][0] + 1


def test_each_kind_of_conversion_has_journeys_of_its_own(history) -> None:
    history.touch(1, 0, "video")
    history.convert(1, 1, kind="lead", value=None)
    history.touch(1, 2, "email")
    history.convert(1, 5, kind="deal")
    history.build()
    found = {(row[1], row[7], row[2] > 0) for row in history.journeys()}
    assert found == {("lead", "video", True), ("lead", "email", False), ("deal", "video > email", True)}


def test_only_the_kinds_of_touches_in_the_rules_are_part_of_paths(history) -> None:
    history.touch(1, 0, "display", "impression")
    history.touch(1, 1, "search", "click")
    history.touch(1, 2, "email", "email_open")
    history.convert(1, 3)
    history.build()
    assert paths_of(history) == {1: [("display > search", True)]}
    history.build(Rules(10, (TouchKind.click,)))
    assert paths_of(history) == {1: [("search", True)]}


def test_what_does_not_count_and_who_is_not_known_has_no_journey(history) -> None:
    history.touch(1, 0)
    history.cancel(history.convert(1, 1))
    history.do("INSERT INTO core.conversion (account_key, kind, source_id, at, currency, counts, load_key) "
               "VALUES (:account, 'order', 'x', :at, 'EUR', true, 1)", account=history.account, at=at(1))  # fmt: skip
    history.build()
    assert paths_of(history) == {1: [("search", False)]}


def test_the_newest_touches_of_a_very_long_path_are_kept(history) -> None:
    history.do(
        """INSERT INTO core.touchpoint (at, touch_id, account_key, customer_key, kind, channel, load_key)
           SELECT timestamptz '2026-03-01' + n * interval '1 minute', gen_random_uuid(), :account, 1, 'click',
                  CASE WHEN n < 4800 THEN 'video' ELSE 'search' END, 1
           FROM generate_series(1, 5000) n""",
        account=history.account,
    )
    history.convert(1, 5)
    history.build()
    (row,) = history.journeys()
    assert row[6] == 5000
    assert row[7] == " > ".join(["search"] * 200)


def test_a_conversion_counts_on_the_day_of_its_accounts_zone(empty_warehouse) -> None:
    history = History(empty_warehouse).begin("Asia/Tokyo")
    history.convert(1, 0.75)
    history.build()
    assert [row[3] for row in history.journeys()] == [dt.date(2026, 3, 2)]


def test_counts_of_paths_are_those_of_the_journeys(history) -> None:
    for customer in (1, 2, 3):
        history.touch(customer, 0, "video")
        history.touch(customer, 1, "search")
    history.convert(1, 2, value=10, new=True)
    history.convert(2, 2, value=None)
    history.build()
    null, converted = history.paths()
    assert converted[3:] == (2, 1, Decimal(10), 1, 0, 0, Decimal(10), 0, 2 * 2 * 86_400, 0)
    assert null[3:] == (0, 0, 0, 0, 0, 0, 0, 0, 0, 1)


def test_nothing_touched_builds_nothing(history) -> None:
    history.touch(1, 0)
    assert is_due_of(history)
    assert history.build().customers is None
    assert not is_due_of(history)
    assert history.build().customers == 0
    history.touch(1, 1)
    assert history.build().customers == 1


def test_other_rules_build_everything_anew(history) -> None:
    history.touch(1, 0)
    history.convert(1, 5)
    history.build()
    assert history.build(Rules(lookback_days=3)).customers is None
    assert paths_of(history) == {1: [("search", False), ("", True)]}


def test_a_kind_of_conversion_seen_for_the_first_time_builds_everything_anew(history) -> None:
    history.touch(1, 0)
    history.convert(1, 1)
    history.touch(2, 0)
    history.build()
    history.convert(1, 2, kind="lead")
    assert history.build().customers is None
    assert {row[1] for row in history.journeys() if row[0] == 2} == {"order", "lead"}


def test_when_most_customers_were_touched_everybody_is_built(history) -> None:
    for customer in range(1, 4):
        history.touch(customer, 1)
    history.build()

    for customer in range(1, 1_001):
        history.touched(customer, 0)
    assert history.build().customers == 1_000  # so few are looked up one by one
    for customer in range(1, 1_002):
        history.touched(customer, 0)
    history.touch(2_000, 1, "email")
    assert history.build() == Built(None, 4)
    assert not is_due_of(history)


def test_what_somebody_writes_during_a_build_is_left_for_the_next(history) -> None:
    history.touch(1, 0)
    history.build()
    history.touch(1, 1)
    with history.warehouse.writing() as session:
        build_journeys(session, 1, RULES)
        history.touch(1, 2, "email")
    assert paths_of(history) == {1: [("search > search", False)]}
    assert history.build().customers == 1
    assert paths_of(history) == {1: [("search > search > email", False)]}


def test_a_build_that_does_not_end_changes_nothing(history) -> None:
    history.touch(1, 0)
    history.build()
    history.touch(1, 1)
    with history.warehouse.engine.connect() as connection:  # closed without a commit, as when the program is killed
        build_journeys(WriteSession(bind=connection), 1, RULES)
    assert paths_of(history) == {1: [("search", False)]}
    assert history.build().customers == 1
    assert paths_of(history) == {1: [("search > search", False)]}


def test_journeys_of_the_deleted_go_at_once_and_out_of_the_counts(history) -> None:
    for customer in (1, 2):
        history.touch(customer, 0, "video")
        history.convert(customer, 1)
    history.build()
    with history.warehouse.writing() as session:
        assert remove_journeys(session, 1, [1]) == 1
    assert set(paths_of(history)) == {2}
    assert [row[3] for row in history.paths()] == [1]


def test_advertisers_do_not_meet(empty_warehouse) -> None:
    one = History(empty_warehouse).begin()
    key = one.scalar("INSERT INTO core.advertiser (name) VALUES ('other') RETURNING advertiser_key")
    other = History(empty_warehouse, key).begin()
    one.touch(1, 0, "video")
    other.touch(2, 0, "search")
    assert one.build().journeys == 1
    assert is_due_of(other)
    assert other.build().journeys == 1
    assert (set(paths_of(one)), set(paths_of(other))) == ({1}, {2})


def is_due_of(history: History) -> bool:
    with history.warehouse.writing() as session:
        return is_due(session, history.account)
