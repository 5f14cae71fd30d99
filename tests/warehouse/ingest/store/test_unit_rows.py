"""Assignments, exposures and outcomes: every shape, re-loads, restatements, and what does not fit its experiment."""

import json

import pytest
from sqlalchemy import text

from tests.warehouse.exports import table
from tests.warehouse.state import dump, rows, seen
from warehouse.ingest.store.experiment_book import experiment_of

TABLES = ("core.experiment", "core.experiment_arm", "core.experiment_unit", "core.assignment", "core.exposure",
          "core.unit_outcome")  # fmt: skip


def define(desk, **said):
    definition = {
        "id": "button", "unit": "user", "start": "2026-09-01", "stop": "2026-10-01",
        "arms": {"control": 0.5, "green": 0.5}, "metrics": ["orders", "revenue"],
    } | said  # fmt: skip
    return desk.load(json.dumps({"experiments": [definition]}), "experiments.json")


def assign(desk, *units, name="assignments.csv", header="experiment_id,user_id,variation,timestamp"):
    return desk.load(table(header, units), name)


def assigned(warehouse):
    return rows(
        warehouse,
        """SELECT coalesce(u.name, '-'), r.arm_id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
           FROM core.assignment a JOIN core.experiment_unit u USING (experiment_key, unit_key)
           JOIN core.experiment_arm r USING (arm_key) ORDER BY 2, 3, u.unit_key""",
    )


def outcomes(warehouse):
    return rows(
        warehouse,
        """SELECT metric, date::text, value::float, pre_value::float, is_treated FROM core.unit_outcome
           ORDER BY metric, date, value, pre_value""",
    )


def one_user(number, arm, at="2026-09-02T10:00:00Z"):
    return ["button", f"u{number}", arm, at]


def test_users_are_put_into_arms_and_known_by_a_digest_only(desk):
    define(desk)
    result = assign(desk, one_user(1, "control"), one_user(2, "green", "2026-09-03T00:30:00+02:00"))
    assert (result.source, result.accepted, result.rejected, result.findings) == ("experiments.assignments", 2, 0, [])
    assert (str(result.first_day), str(result.last_day)) == ("2026-09-02", "2026-09-02")
    assert assigned(desk.warehouse) == [("-", "control", "2026-09-02 10:00"), ("-", "green", "2026-09-02 22:30")]
    units = rows(
        desk.warehouse, "SELECT identifier_key IS NOT NULL, customer_key IS NOT NULL FROM core.experiment_unit"
    )
    assert units == [(True, True), (True, True)]
    everything = json.dumps(dump(desk.warehouse, *TABLES, "core.identifier", "core.customer", "landing.load"))
    assert "u1" not in everything.replace('"u1"', "u1").replace("assignments", "")


def test_loading_again_changes_nothing(desk):
    define(desk)
    units = [one_user(n, "control" if n % 2 else "green") for n in range(50)]
    assign(desk, *units)
    desk.load(table("experiment,user_id,exposed_at", [["button", f"u{n}", "2026-09-03T00:00:00Z"] for n in range(50)]))
    desk.load(table("experiment,user_id,metric,value", [["button", f"u{n}", "orders", n] for n in range(50)]))
    before = dump(desk.warehouse, *TABLES)
    again = [
        assign(desk, *units, one_user(0, "green"), name="b.csv"),
        desk.load(table("experiment,user_id,exposed_at",
                        [["button", f"u{n}", "2026-09-03T00:00:00+00:00"] for n in range(50)])),
        desk.load(table("experiment,user_id,metric,value",
                        [["button", f"u{n}", "orders", f"{n}.0"] for n in range(50)])),
    ]  # fmt: skip
    assert [(r.status, r.accepted) for r in again] == [("unchanged", 0)] * 3
    assert again[0].skipped_by_reason == {"already known": 50, "repeated row": 1}
    assert dump(desk.warehouse, *TABLES) == before


def test_an_earlier_time_restates_an_assignment(desk):
    define(desk)
    assign(desk, one_user(1, "green", "2026-09-05T00:00:00Z"))
    result = assign(desk, one_user(1, "green", "2026-09-04T00:00:00Z"), one_user(1, "green", "2026-09-06T00:00:00Z"))
    assert (result.accepted, result.restated, result.skipped_by_reason) == (1, 1, {"repeated row": 1})
    assert assigned(desk.warehouse) == [("-", "green", "2026-09-04 00:00")]


def test_an_unknown_arm_is_rejected_and_the_others_taken(desk):
    define(desk)
    result = assign(desk, one_user(1, "CONTROL"), one_user(2, "blue"))
    assert (result.accepted, result.rejected) == (1, 1)
    found = rows(desk.warehouse, 'SELECT line, code, reason, raw, "column" FROM landing.rejected_row')
    assert found == [(3, "unknown_arm", 'Experiment "button" has no arm "blue".', "blue", "arm")]


def test_a_unit_in_two_arms_is_taken_twice_and_said(desk):
    define(desk)
    result = assign(desk, one_user(1, "control"), one_user(1, "green"), one_user(2, "green"))
    assert (result.accepted, [f.code for f in result.findings]) == (3, ["unit_in_several_arms"])
    assert "more than one arm: 1." in result.findings[0].message
    arms = "SELECT arm_id, units, shared_units FROM mart.experiment_arm ORDER BY 1"
    assert seen(desk.warehouse, arms) == [("control", 0, 1), ("green", 1, 1)]


def test_rows_outside_of_the_experiment_are_said(desk):
    define(desk)
    result = assign(desk, one_user(1, "control", "2026-08-01T00:00:00Z"), one_user(2, "green"))
    assert [f.code for f in result.findings] == ["outside_of_the_period"]


def test_an_experiment_without_a_definition_takes_its_arms_from_the_rows(desk):
    result = desk.load("user_id,variation,timestamp\n1,0,2026-09-01T00:00:00Z\n2,1,2026-09-01T00:00:00Z\n",
                       "new_checkout_assignments.csv")  # fmt: skip
    assert result.accepted == 2
    assert {(a.field, a.value) for a in result.assumptions} >= {
        ("experiment", "new_checkout"), ("definition of experiment", "new_checkout"),
    }  # fmt: skip
    assert rows(desk.warehouse, "SELECT experiment_id, is_registered, unit::text FROM core.experiment") == [
        ("new_checkout", False, "user")
    ]
    assert rows(desk.warehouse, "SELECT arm_id, is_control FROM core.experiment_arm ORDER BY 1") == [
        ("0", True), ("1", False),
    ]  # fmt: skip
    later = define(desk, id="new_checkout", arms=[{"id": "0", "name": "Old"}, {"id": "1", "name": "New"}])
    assert (later.accepted, later.restated) == (1, 0)
    assert seen(desk.warehouse, "SELECT arm_id, arm_name, units FROM mart.experiment_arm ORDER BY 1") == [
        ("0", "Old", 1), ("1", "New", 1),
    ]  # fmt: skip
    assert rows(desk.warehouse, "SELECT is_registered FROM core.experiment") == [(True,)]


def test_a_definition_must_not_mean_other_units_than_came(desk):
    desk.load("experiment,user_id,arm\nbutton,1,control\n")
    result = define(desk, unit="geo")
    assert "Units of the experiment are known as users" in str(result.reason)


@pytest.mark.parametrize(
    ("name", "experiment"),
    [
        ("checkout_button_assignments.csv", "checkout_button"), ("ab_test_free-shipping.csv", "free-shipping"),
        ("experiment_results_price.ndjson", "price"), ("assignments.csv", "assignments"),
    ],
)  # fmt: skip
def test_the_experiment_of_a_files_name(name, experiment):
    assert experiment_of(name) == experiment


def test_exposures_go_to_the_arm_of_the_assignment(desk):
    define(desk)
    assign(desk, one_user(1, "control"), one_user(2, "green"), one_user(3, "green"), one_user(3, "control"))
    result = desk.load(
        table("experiment,user_id,exposed_at,arm", [
            ["button", "u1", "2026-09-03T10:00:00Z", None], ["button", "u1", "2026-09-04T10:00:00Z", None],
            ["button", "u2", "2026-09-03T10:00:00Z", "control"], ["button", "u3", "2026-09-03T10:00:00Z", None],
            ["button", "u4", "2026-09-03T10:00:00Z", None], ["button", "u5", "2026-09-03T10:00:00Z", "green"],
        ])
    )  # fmt: skip
    assert (result.source, result.accepted, result.rejected) == ("experiments.exposures", 4, 2)
    assert {f.code for f in result.findings} == {"unit_in_several_arms", "not_assigned", "exposed_to_another_arm"}
    assert rows(desk.warehouse, "SELECT line, code FROM landing.rejected_row ORDER BY 1") == [
        (5, "no_arm"),
        (6, "no_arm"),
    ]
    daily = "SELECT arm_id, date_day::text, exposures, units, new_units FROM mart.exposure_daily ORDER BY 1, 2"
    assert seen(desk.warehouse, daily) == [
        ("control", "2026-09-03", 2, 2, 2), ("control", "2026-09-04", 1, 1, 0), ("green", "2026-09-03", 1, 1, 1),
    ]  # fmt: skip


def test_a_log_that_is_named_so_is_one_of_exposures(desk):
    define(desk)
    assign(desk, one_user(1, "control"))
    result = desk.load("experiment_id,user_id,timestamp\nbutton,u1,2026-09-03T10:00:00Z\n", "exposures_2026_09.csv")
    assert (result.source, result.accepted) == ("experiments.exposure_log", 1)


def test_outcomes_by_metric_with_what_was_before(desk):
    define(desk)
    assign(desk, one_user(1, "control"), one_user(2, "green"))
    header = "experiment,user_id,metric,value,pre_value,date"
    result = desk.load(table(header, [
        ["button", "u1", "orders", 2, 1, "2026-09-05"], ["button", "u2", "orders", 3, None, "2026-09-05"],
        ["button", "u2", "revenue", "-12.50", None, "2026-09-05"], ["button", "u2", "clicks_", 1, None, "2026-09-05"],
    ]))  # fmt: skip
    assert (result.source, result.accepted) == ("experiments.outcomes", 4)
    assert [f.code for f in result.findings] == ["unregistered_metric"]
    again = desk.load(table(header, [["button", "u2", "orders", 4, 2, "2026-09-05"],
                                     ["button", "u1", "orders", 2, None, "2026-09-05"]]))  # fmt: skip
    assert (again.accepted, again.restated, again.skipped_by_reason) == (1, 1, {"already known": 1})
    moments = """SELECT arm_id, units, value_sum::float, value_squares::float, pre_units, pre_sum::float,
                        products::float
                 FROM mart.outcome_daily WHERE metric = 'orders' ORDER BY 1"""
    assert seen(desk.warehouse, moments) == [("control", 1, 2, 4, 1, 1, 2), ("green", 1, 4, 16, 1, 2, 8)]


def test_outcomes_with_a_column_for_each_metric_and_the_arm_beside_them(desk):
    """What an analyst hands over: one row per user, with the arm and what the user did."""
    result = desk.load(
        "user_id,group,orders,revenue,pre_orders,country\n1,control,1,10.5,0,DE\n2,treatment,0,,3,AT\n3,control,,,,DE\n",
        "button_results.csv",
    )
    assert (result.source, result.accepted, result.skipped_by_reason) == (
        "experiments.outcome_columns", 2, {"row without a value": 1},
    )  # fmt: skip
    assert outcomes(desk.warehouse) == [
        ("orders", None, 0.0, 3.0, None), ("orders", None, 1.0, 0.0, None), ("revenue", None, 10.5, None, None),
    ]  # fmt: skip
    assert assigned(desk.warehouse) == [("-", "control", None), ("-", "treatment", None)]
    days = "SELECT arm_id, date_day, units FROM mart.assignment_daily ORDER BY 1"
    assert seen(desk.warehouse, days) == [("control", None, 1), ("treatment", None, 1)]


def test_a_value_that_is_no_number_rejects_its_row(desk):
    result = desk.load("user_id,group,orders,revenue\n1,control,1,10\n2,treatment,two,5\n", "x_results.csv")
    assert (result.accepted, result.rejected) == (1, 1)
    assert rows(desk.warehouse, "SELECT line, code, raw FROM landing.rejected_row") == [(3, "bad_number", "")]


def test_geos_day_by_day_with_treated_periods(desk):
    define(desk, id="south", unit="geo", kind="geo", arms=["control", "off"], start="2026-09-03", stop="2026-09-05")
    assign(desk, ["south", "North", "control", None], ["south", "South", "off", "2026-09-03T00:00:00Z"],
           header="experiment,geo,arm,assigned_at")  # fmt: skip
    days = [["south", geo, f"2026-09-0{d}", d, 10 * d] for geo in ("north", "south") for d in range(1, 7)]
    result = desk.load(table("experiment,geo,date,orders,revenue", days))
    assert (result.source, result.accepted, result.findings) == ("experiments.outcome_columns", 12, [])
    treated = """SELECT geo, string_agg(to_char(date_day, 'FMDD'), ',' ORDER BY date_day) FILTER (WHERE is_treated),
                        sum(value)::float
                 FROM mart.geo_daily WHERE metric = 'revenue' GROUP BY geo ORDER BY geo"""
    assert seen(desk.warehouse, treated) == [("North", None, 210.0), ("South", "3,4", 210.0)]


def test_a_file_may_say_itself_what_was_treated(desk):
    define(desk, id="dark", unit="time_slot", kind="go_dark", arms=["on", "off"], metrics=["orders"])
    rows_ = [["dark", f"2026-09-0{d}", f"2026-09-0{d}", d, d in (3, 4)] for d in range(1, 6)]
    result = desk.load(table("experiment,time_slot,day,orders,is_treated", rows_))
    assert (result.accepted, result.findings) == (5, [])
    found = seen(desk.warehouse, "SELECT geo, is_treated, arm_id FROM mart.geo_daily ORDER BY 1")
    assert found == [(f"2026-09-0{d}", d in (3, 4), None) for d in range(1, 6)]


def test_geolift_panels_load_as_they_are_published(desk, reference_data):
    result = desk.load_path(str(reference_data / "effects" / "geolift_test.csv.gz"))[0]
    assert (result.source, result.rejected, result.account) == ("experiments.outcome_columns", 0, "experiments")
    geos, days, total = seen(
        desk.warehouse, "SELECT count(DISTINCT geo), count(DISTINCT date_day), sum(value) FROM mart.geo_daily"
    )[0]
    assert (geos, result.accepted) == (40, geos * days)
    assert total > 0


def test_sessions_are_known_by_a_digest_and_by_nobody(desk):
    define(desk, unit="session")
    assign(desk, ["button", "s-1", "control", None], header="experiment,session_id,arm,assigned_at")
    found = rows(desk.warehouse, "SELECT name, identifier_key, customer_key FROM core.experiment_unit")
    assert found == [(None, None, None)]


def test_a_unit_of_another_kind_is_rejected(desk):
    define(desk, unit="geo")
    result = assign(desk, one_user(1, "control"))
    assert "over geos, and the row names none" in str(result.reason)


def test_the_same_person_by_another_identifier_is_the_same_unit(desk):
    define(desk)
    assign(desk, ["button", "v1", "control", None], ["button", "v2", "green", None],
           header="experiment,anonymous_id,arm,assigned_at")  # fmt: skip
    result = desk.load(table("experiment,user_id,anonymous_id,metric,value", [["button", "u9", "v1", "orders", 5]]))
    assert (result.accepted, result.findings) == (1, [])
    assert seen(desk.warehouse, "SELECT arm_id, units FROM mart.outcome_daily") == [("control", 1)]
    assert rows(desk.warehouse, "SELECT count(*) FROM core.experiment_unit") == [(2,)]


FORGET = """
WITH gone AS (DELETE FROM core.experiment_unit WHERE unit_key = (SELECT min(unit_key) FROM core.experiment_unit)
              RETURNING identifier_key)
INSERT INTO core.forgotten (advertiser_key, kind, digest)
SELECT i.advertiser_key, i.kind, i.digest FROM core.identifier i JOIN gone USING (identifier_key)
"""


def test_who_was_deleted_is_not_taken_again(desk):
    define(desk)
    assign(desk, one_user(1, "control"), one_user(2, "green"))
    with desk.warehouse.writing() as session:
        session.execute(text(FORGET))
    result = assign(desk, one_user(2, "green"), one_user(1, "control"))
    assert (result.accepted, result.skipped_by_reason) == (0, {"already known": 1, "about a person who was deleted": 1})
    assert rows(desk.warehouse, "SELECT count(*) FROM core.assignment") == [(1,)]


def test_rows_of_several_experiments_may_stand_in_one_file(desk):
    define(desk)
    define(desk, id="price")
    result = assign(desk, one_user(1, "control"), ["price", "u1", "green", "2026-09-02T10:00:00Z"])
    assert (result.accepted, result.findings) == (2, [])
    assert rows(desk.warehouse, "SELECT count(DISTINCT experiment_key), count(*) FROM core.experiment_unit") == [(2, 2)]


def test_an_experiment_may_be_named_by_its_name(desk):
    define(desk, name="Green button")
    assert assign(desk, ["green BUTTON", "u1", "control", None]).accepted == 1
    assert rows(desk.warehouse, "SELECT count(*) FROM core.experiment") == [(1,)]


def test_what_is_stored_of_a_unit_goes_with_it(desk):
    desk.load("user_id,group,orders\n1,control,1\n2,treatment,2\n", "button_results.csv")
    desk.load("experiment,user_id,exposed_at\nbutton,1,2026-09-03T10:00:00Z\nbutton,2,2026-09-03T10:00:00Z\n")
    with desk.warehouse.writing() as session:
        session.execute(
            text("DELETE FROM core.experiment_unit WHERE unit_key = (SELECT min(unit_key) FROM core.exposure)")
        )
    for table_name in ("experiment_unit", "assignment", "exposure", "unit_outcome"):
        assert rows(desk.warehouse, f"SELECT count(*) FROM core.{table_name}") == [(1,)], table_name
