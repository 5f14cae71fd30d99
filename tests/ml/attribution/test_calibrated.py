from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from ml.attribution.agreement import share_distance
from ml.attribution.calibrated import Calibrated, Lift, calibrate, contacts
from ml.attribution.models import Model, attribute
from ml.attribution.overlap import ALL
from ml.attribution.paths import Floats, Paths, paths_from_lists
from warehouse.errors import BadSetting, NotEnoughData

SEEDS = 24
ERROR = 0.15  # of a test, relative to what it measures


@pytest.fixture(scope="module")
def credit(confounded: Paths) -> Floats:
    return attribute(confounded, Model("markov")).conversions


def true(truth: Mapping[str, Any], kind: str) -> Floats:
    return np.array([truth[f"{kind}_incremental"][channel] for channel in truth["channels"]])


def trials(paths: Paths, credit: Floats, effects: Floats, errors: Floats, tested: int) -> Iterator[Calibrated]:
    """Calibrations by other tests each time, of as many channels drawn at random."""
    for seed in range(SEEDS):
        generator = np.random.default_rng(seed)
        some = generator.permutation(effects.size)[:tested]
        found = effects + errors * generator.standard_normal(effects.size)
        yield calibrate(paths, credit, [Lift(paths.channels[c], found[c], errors[c]) for c in some])


@pytest.mark.parametrize(("tested", "most"), [(8, 0.1), (4, 0.204)])
def test_confounded_journeys_are_put_right(
    confounded: Paths, credit: Floats, truth: dict[str, Any], tested: int, most: float
) -> None:
    """Share errors on the mean of the seeds; the uncalibrated credit is off by .41."""
    parts, alone = true(truth, "shapley"), true(truth, "loo")
    assert confounded.channels == tuple(truth["channels"])
    assert share_distance(credit, parts) > 0.408
    errors, covered, of_total = [], [], []
    for found in trials(confounded, credit, alone, ERROR * alone, tested):
        errors.append(share_distance(found.conversions, parts))
        covered += list((found.low <= alone) & (alone <= found.high))
        of_total.append(found.total.low <= parts.sum() <= found.total.high)
        assert found.total.estimate + found.baseline.estimate == pytest.approx(confounded.conversions.sum())
        assert found.conversions.sum() == pytest.approx(found.total.estimate)
    assert np.mean(errors) <= most
    assert 0.8 <= np.mean(covered) <= 0.97
    assert np.mean(of_total) >= 0.8


def test_without_effects_nothing_is_proven(confounded: Paths, credit: Floats) -> None:
    proofs = 0
    for found in trials(confounded, credit, np.zeros(8), np.full(8, 90.0), 8):
        proofs += found.words != "Nothing is proven: what the experiments found may be luck."
    assert proofs <= 0.1 * SEEDS  # one of the channels, or their total: each once in twenty times


def simple() -> tuple[Paths, Floats]:
    paths = paths_from_lists([["ad", "direct"], ["mail"], ["radio"]], [100, 100, 100], nulls=[900, 900, 900])
    return paths, attribute(paths, Model("linear")).conversions


def test_exact_tests_decide() -> None:
    paths, credit = simple()
    found = calibrate(paths, credit, [Lift("ad", 20, 0.01), Lift("mail", 5, 0.01)])
    assert found.tested.tolist() == [True, False, True, False]
    assert found.conversions[[0, 2]] == pytest.approx([20, 5], abs=0.1)
    assert found.conversions[1] == 0.0  # nobody was addressed who came directly
    assert found.low[3] < found.conversions[3] < found.high[3]
    assert found.high[3] - found.low[3] > 20
    assert found.proven.tolist() == [True, False, True, False]
    assert found.total.estimate == pytest.approx(found.conversions.sum())


def test_channels_add_no_more_than_there_is() -> None:
    paths, credit = simple()
    found = calibrate(paths, credit, [Lift("ad", 150, 20), Lift("mail", 110, 20), Lift("radio", 50, 20)])
    assert found.total.estimate < paths.conversions.sum()
    assert found.baseline.low >= 0
    with pytest.raises(BadSetting, match="more than the 300 conversions"):
        calibrate(paths, credit, [Lift("ad", 600, 1), Lift("mail", 300, 1), Lift("radio", 300, 1)])


def test_several_tests_weigh_by_their_precision_and_cover_parts() -> None:
    paths, credit = simple()
    twice = calibrate(paths, credit, [Lift("ad", 20, 1.0), Lift("ad", 40, 1e6)])
    assert twice.conversions[0] == pytest.approx(20, abs=0.5)
    quarter = calibrate(paths, credit, [Lift("ad", 5, 0.01, covered=0.25)])
    assert quarter.conversions[0] == pytest.approx(20, abs=0.2)


def test_a_test_of_direct_visits_is_believed() -> None:
    paths, credit = simple()
    assert calibrate(paths, credit, [Lift("direct", 30, 0.01)]).conversions[1] == pytest.approx(30, abs=0.1)


def test_a_test_of_all_channels_settles_the_total() -> None:
    paths, credit = simple()
    alone = [Lift("ad", 20, 2.0), Lift("mail", 20, 2.0)]
    for whole in (60.0, 90.0, 150.0):
        found = calibrate(paths, credit, [*alone, Lift(ALL, whole, 3.0)])
        assert found.total.estimate == pytest.approx(whole, abs=2)
        assert 3 < found.total.high - found.total.low < 13
        assert found.total.estimate + found.baseline.estimate == pytest.approx(300)
        assert found.conversions[[0, 2]] == pytest.approx([20, 20], abs=2)
        assert found.tested.tolist() == [True, False, True, False]
    untested = [calibrate(paths, credit, [*alone, Lift(ALL, whole, 3.0)]).conversions[3] for whole in (45.0, 150.0)]
    assert untested[0] < untested[1]  # what is left for the channel without a test


def test_a_test_of_all_channels_alone_is_an_answer_too() -> None:
    paths, credit = simple()
    found = calibrate(paths, credit, [Lift(ALL, 30, 4.0, covered=0.5)])
    assert found.total.estimate == pytest.approx(60, abs=4)
    assert found.words == "Experiments prove that the channels together add conversions, and of none alone."
    nothing = calibrate(paths, credit, [Lift(ALL, 1, 4.0)])
    assert nothing.words.startswith("Nothing is proven")
    twice = calibrate(paths, credit, [Lift(ALL, 30, 1.0), Lift(ALL, 60, 1e6)])
    assert twice.total.estimate == pytest.approx(30, abs=1)


def test_tests_that_contradict_each_other_are_refused() -> None:
    paths, credit = simple()
    with pytest.raises(BadSetting, match="contradict each other"):
        calibrate(paths, credit, [Lift("ad", 60, 1), Lift("mail", 60, 1), Lift("radio", 60, 1), Lift(ALL, -50, 0.1)])


def test_a_test_of_one_campaign_tells_less_of_its_channel() -> None:
    paths, credit = simple()
    whole = calibrate(paths, credit, [Lift("ad", 10, 0.5, covered=0.5)])
    part = calibrate(paths, credit, [Lift("ad", 10, 0.5, covered=0.5, campaign="brand")])
    assert part.tested.tolist() == whole.tested.tolist() == [True, False, False, False]
    assert whole.high[0] - whole.low[0] < 5
    assert part.high[0] - part.low[0] > 4 * (whole.high[0] - whole.low[0])
    assert part.low[0] < 20 < part.high[0]


def test_contacts_count_journeys_once() -> None:
    paths = paths_from_lists([["a", "b", "a"], ["b"]], [2, 1], nulls=[3, 4])
    assert contacts(paths).tolist() == [5, 10]


def test_refusals() -> None:
    paths, credit = simple()
    with pytest.raises(NotEnoughData, match="No experiment says"):
        calibrate(paths, credit, [])
    with pytest.raises(NotEnoughData, match="no conversions"):
        calibrate(paths.weighted(0 * paths.conversions, paths.nulls), credit, [Lift("ad", 1, 1)])
    for lift, message in (
        (Lift("radar", 1, 1), "no path has the channel 'radar'"),
        (Lift("ad", float("nan"), 1), "is no measurement"),
        (Lift("ad", 1, -1), "is no measurement"),
        (Lift("ad", 1, 1, covered=0), "covered == 0"),
    ):
        with pytest.raises(BadSetting, match=message):
            calibrate(paths, credit, [lift])
