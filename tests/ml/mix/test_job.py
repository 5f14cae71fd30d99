"""The job from loaded weeks to published fits: truth within the intervals, tests as rows, brand search, and moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text

from ml.budget.draws import Drawn, FamilyDraws
from ml.mix.job import MIX, settle
from ml.mix.reading import check_channels
from ml.worker import work_once
from tests.mix_world import ACCOUNT, CHANNELS, MixWorld, load_mix_world, write_trial
from warehouse import job_queue
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting
from warehouse.job_queue import JobState
from warehouse.local_owner import local_owner
from warehouse.queries import mix
from warehouse.queries.accounts import find_account
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

FEW = ["geometric+michaelis_menten", "geometric+hill"]
KNOWN = 98  # weeks of the first fit


@pytest.fixture(scope="module")
def world() -> MixWorld:
    return MixWorld()


@pytest.fixture(scope="module")
def warehouse(
    settings: Settings, engine: Engine, world: MixWorld, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    warehouse = Warehouse(settings, engine)
    load_mix_world(warehouse, tmp_path_factory.mktemp("mix") / "first", world, until=KNOWN)
    return warehouse


def run(warehouse: Warehouse, **parameters: Any) -> JobState:
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        account = find_account(session, ACCOUNT)
    with warehouse.writing() as session:
        key = job_queue.submit(
            session, job="mix", account_key=account, parameters=settle(parameters), requested_by=owner.id
        )
    assert work_once(warehouse, {"mix": MIX}, job_key=key)
    with warehouse.writing() as session:
        return job_queue.state(session, key)


@pytest.fixture(scope="module")
def refreshed(warehouse: Warehouse, world: MixWorld, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Fitted to the first weeks, then to all of them and a test of video."""
    assert run(warehouse, families=FEW).state == "done"
    assert "Nothing new" in (run(warehouse, families=FEW).stage or "")
    load_mix_world(warehouse, tmp_path_factory.mktemp("mix") / "all", world)
    with warehouse.writing() as session:
        write_trial(session, world)
    state = run(warehouse, families=FEW)
    assert state.state == "done", state.error
    return warehouse


@pytest.fixture
def session(refreshed: Warehouse) -> Iterator[ReadSession]:
    with refreshed.reading(local_owner(refreshed)) as session:
        yield session


@pytest.fixture
def fit(session: ReadSession) -> mix.Fit:
    (found,) = mix.mix_fits(session)
    return found


def test_the_weeks_are_whole_and_final_and_the_fit_is_sound(fit: mix.Fit, world: MixWorld) -> None:
    assert (fit.first_period, fit.last_period) == (world.weeks[0], world.weeks[-1])
    assert (fit.outcome, fit.goal, fit.currency, fit.periods, fit.period_days) == ("revenue", "order", "USD", 104, 7)
    assert fit.outcome_total == pytest.approx(world.revenue.sum(), abs=1)
    assert fit.status != "red"
    assert fit.words.startswith("Advertising brought ")


def test_intervals_hold_what_channels_truly_brought(session: ReadSession, fit: mix.Fit, world: MixWorld) -> None:
    channels = {one.channel: one for one in mix.mix_channels(session, fit.fit_key)}
    assert set(channels) == set(CHANNELS)
    for name, one in channels.items():
        truth = float(world.brought[name].sum())
        assert one.contribution_low <= truth <= one.contribution_high, name
        assert float(one.spend) == pytest.approx(world.spend[name].sum(), abs=1)
        assert one.roi == pytest.approx(one.contribution / float(one.spend))


def test_what_is_charged_for_demand_is_neither_a_cause_nor_a_control(session: ReadSession, fit: mix.Fit) -> None:
    left = [one.words for one in mix.mix_findings(session, fit.fit_key) if one.finding == "left-out"]
    assert len(left) == 1
    assert left[0].startswith("brand_search is left out: its spend follows")


def test_parts_of_every_week_sum_to_its_outcome(session: ReadSession, fit: mix.Fit, world: MixWorld) -> None:
    rows = mix.mix_contributions(session, fit.fit_key)
    for week, revenue in list(zip(world.weeks, world.revenue, strict=True))[::17]:
        assert sum(row.estimate for row in rows if row.period == week) == pytest.approx(revenue, abs=0.1)
    assert {row.kind for row in rows} == {"channel", "baseline", "unexplained"}


def test_a_test_is_a_row_for_the_whole_market_and_carry_over_is_added(
    session: ReadSession, fit: mix.Fit, world: MixWorld
) -> None:
    used, *unused = sorted(mix.mix_lifts(session, fit.fit_key), key=lambda one: not one.is_used)
    assert (used.experiment, used.channel, used.metric) == ("geo-video", "video", "revenue")
    assert (used.first_period, used.last_period) == (dt.date(2025, 3, 3), dt.date(2025, 3, 24))
    assert used.lift is not None
    assert used.se is not None
    assert used.lift > world.own_lift  # of these weeks' own ads alone
    assert abs(used.lift - world.lift) < 2 * used.se
    assert [one.reason for one in unused] == ["It is of one campaign, not of the whole channel."]
    assert {one.channel: one.tests for one in mix.mix_channels(session, fit.fit_key)}["video"] == 1


def test_draws_make_the_curves_anew(session: ReadSession, fit: mix.Fit) -> None:
    draws = mix.mix_draws(session, fit.fit_key)
    for channel in CHANNELS:
        mine = [one for one in draws if one.channel == channel]
        shapes = [[one.shape_1, *([] if one.shape_2 is None else [one.shape_2])] for one in mine]
        parts = [
            FamilyDraws(
                one.saturation, one.first_draw + np.arange(len(one.beta)), np.array(one.beta),
                tuple(np.array(values) for values in shape),
            )
            for one, shape in zip(mine, shapes, strict=True)
        ]  # fmt: skip
        points = [one for one in mix.response_curves(session, fit.fit_key) if one.channel == channel]
        drawn = Drawn.mixed(parts, top=float(points[-1].spend))
        assert drawn.count == fit.draws
        middle = np.median(drawn.by_draw(np.array([float(point.spend) for point in points])), axis=0)
        assert middle == pytest.approx([point.estimate for point in points], rel=1e-4, abs=1e-3)
        assert all(sum(one.weights) == pytest.approx(1) for one in mine)


def test_a_refresh_says_how_far_each_number_moved_and_what_had_become_known(session: ReadSession, fit: mix.Fit) -> None:
    moves = {one.channel: one for one in mix.mix_moves(session, fit.fit_key)}
    assert set(moves) == set(CHANNELS)
    before, after = mix.mix_fits(session, history=True)[::-1]
    assert (before.periods, after.fit_key) == (KNOWN, fit.fit_key)
    was = {one.channel: one.contribution for one in mix.mix_channels(session, before.fit_key)}
    for name, move in moves.items():
        assert move.before == pytest.approx(was[name])
        assert move.moved == pytest.approx(move.after / move.before - 1)
        if abs(move.moved) >= 0.02:
            assert "there are 6 more weeks" in move.words
            assert ("its tests are others" in move.words) == (name == "video")


def test_every_parameter_that_means_nothing_is_refused() -> None:
    for parameters in (
        {"outcome": "revenue"}, {"outcomes": []}, {"outcomes": ["clicks"]}, {"goal": "fame"}, {"weeks": 10},
        {"controls": ["brand search"]}, {"families": ["geometric"]}, {"families": ["geometric+line"]},
        {"returns": {"video": [0, 3]}}, {"returns": {"video": [float("nan"), 3]}}, {"draws": True}, {"organic": 1},
        {"without": "video"}, {"exposure": ["video", "video"]}, {"country": 1}, {"from": "soon"},
    ):  # fmt: skip
        with pytest.raises(BadSetting):
            settle(parameters)


def test_too_few_weeks_and_what_orders_do_not_tell_are_said(refreshed: Warehouse) -> None:
    short = run(refreshed, families=FEW, to="2024-06-30")
    assert short.state == "failed"
    assert "There are 26 whole and final weeks" in (short.error or "")
    margin = run(refreshed, families=FEW, outcomes=["margin"])
    assert margin.state == "failed"
    assert "The margin of the week of 2024-01-01 is not known of every order" in (margin.error or "")
    price = run(refreshed, families=FEW, controls=["price"])
    assert "is a part of revenue" in (price.error or "")
    holidays = run(refreshed, families=FEW, controls=["holidays"])
    assert "Nobody says whose holidays" in (holidays.error or "")


def test_the_fit_that_readers_follow_stays_when_a_run_fails(refreshed: Warehouse, fit: mix.Fit) -> None:
    assert run(refreshed, families=FEW, outcomes=["margin"]).state == "failed"
    with refreshed.reading(local_owner(refreshed)) as session:
        assert [one.fit_key for one in mix.mix_fits(session)] == [fit.fit_key]


def test_a_channel_is_left_out_and_another_works_by_what_is_shown(refreshed: Warehouse) -> None:
    asked = {"families": FEW, "outcomes": ["conversions"], "without": ["display"], "exposure": ["shopping"]}
    state = run(refreshed, **asked, returns={"brand_search": [0.2, 2]}, weeks=60)
    assert state.state == "done", state.error
    with refreshed.reading(local_owner(refreshed)) as session:
        (fit,) = mix.mix_fits(session)
        channels = {one.channel: one for one in mix.mix_channels(session, fit.fit_key)}
        assert set(channels) == {"video", "shopping", "brand_search"}
        assert fit.periods == 60
        assert channels["brand_search"].prior_roi == pytest.approx(0.2, rel=1e-3)
        shown = [row.exposure for row in mix.mix_contributions(session, fit.fit_key) if row.part == "shopping"]
        assert None not in shown
        curve = [one for one in mix.response_curves(session, fit.fit_key) if one.channel == "shopping"]
        usual = float(channels["shopping"].current)
        assert usual < float(curve[-1].spend) < 20 * usual  # in money, as it is bought
        tests = session.execute(text("SELECT reason FROM mart.mix_lift WHERE channel = 'video'")).scalars().all()
        assert tests == ["It measured revenue, not conversions."]


@pytest.mark.parametrize("name", ["without", "exposure", "demand_led"])
def test_a_channel_that_is_not_there_is_no_channel(name: str) -> None:
    with pytest.raises(BadSetting, match="'radio', which is no channel"):
        check_channels(settle({name: ["radio"]}), {"video"})


def test_a_return_of_a_channel_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadSetting, match="'radio', which is no channel"):
        check_channels(settle({"returns": {"radio": [1, 2]}}), {"video"})
    check_channels(settle({"returns": {"video": [1, 2]}}), {"video"})
