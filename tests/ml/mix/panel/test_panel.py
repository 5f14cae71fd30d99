"""Several markets at once: what was put in is found, in all of them and in each, and what is no panel is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from ml.mix.panel.fit import fit_panel, panel_results
from ml.mix.panel.inputs import PanelChannel, PanelControl, PanelInput
from ml.mix.saturation import Floats
from warehouse.errors import BadSetting, NotEnoughData

ONE = (("geometric", "exponential"),)


def panel(seed: int, markets: int = 10, weeks: int = 104) -> tuple[PanelInput, Floats]:
    """Two channels that work alike everywhere, give or take a fifth; what each brought in each market (C, G)."""
    chance = np.random.default_rng(seed)
    size = chance.lognormal(0, 0.5, markets) * 1000
    time = np.arange(weeks)
    season = 1.5 * np.sin(2 * np.pi * time / 52.18)
    common = chance.normal(0, 0.3, weeks)
    weather = chance.normal(0, 1, (markets, weeks))
    outcome = 20 + chance.normal(0, 2, (markets, 1)) + season + common + 0.8 * weather
    outcome = outcome + chance.normal(0, 1.0, (markets, weeks))
    channels, brought = [], []
    for place, (alpha, beta) in enumerate(((0.5, 6.0), (0.2, 4.0))):
        wave = np.maximum(np.sin(2 * np.pi * (time + chance.integers(0, 9, (markets, 1))) / (8 + 3 * place)), 0)
        spend = (0.05 + wave) * chance.lognormal(0, 0.3, (markets, weeks))
        weights = (1 - alpha) * alpha ** np.arange(20)
        working = np.stack([np.convolve(row, weights)[:weeks] for row in spend])
        own = beta * (1 + 0.2 * chance.normal(size=(markets, 1)))
        effect = own * -np.expm1(-working / 0.9)
        outcome = outcome + effect
        channels.append(PanelChannel(f"channel_{place}", spend * size[:, None]))
        brought.append((effect * size[:, None]).sum(axis=1))
    days = tuple(dt.date(2024, 1, 1) + dt.timedelta(weeks=int(week)) for week in time)
    told = PanelInput(
        tuple(f"m{k}" for k in range(markets)), days, outcome * size[:, None], tuple(channels),
        (PanelControl("weather", weather),), size,
    )  # fmt: skip
    return told, np.array(brought)


def test_what_was_put_in_is_found_in_all_markets_and_in_each() -> None:
    told, brought = panel(1)
    fit = fit_panel(told, families=ONE, draws=300)
    assert fit.k_hat < 0.7
    inside = []
    for result, truth in zip(panel_results(fit), brought, strict=True):
        assert result.contribution.estimate == pytest.approx(truth.sum(), rel=0.15)
        assert result.contribution.low <= truth.sum() <= result.contribution.high
        inside += [one.low <= real <= one.high for one, real in zip(result.markets, truth, strict=True)]
        pooled = np.corrcoef([one.estimate / size for one, size in zip(result.markets, told.size, strict=True)],
                             truth / told.size)[0, 1]  # fmt: skip
        assert pooled > 0.7
    assert np.mean(inside) > 0.7


def test_the_same_seed_gives_the_same_answer() -> None:
    told, _ = panel(2, markets=3, weeks=60)
    one, other = (fit_panel(told, families=ONE, draws=20, seed=3).contributions for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"markets": ("a", "a", "b")}, "stands twice"),
        ({"size": np.array([1.0, 0.0, 2.0])}, "size above 0"),
        ({"outcome": np.ones((3, 59))}, "must be (3, 60)"),
    ],
)
def test_what_is_no_panel_is_refused(change: dict[str, object], words: str) -> None:
    told, _ = panel(2, markets=3, weeks=60)
    with pytest.raises(BadSetting) as refused:
        replace(told, **change)  # type: ignore[arg-type]
    assert words in str(refused.value)


def test_negative_spend_names_market_and_week() -> None:
    told, _ = panel(2, markets=3, weeks=60)
    spend = told.channels[0].spend.copy()
    spend[1, 4] = -1
    with pytest.raises(BadSetting, match=f"in m1 in {told.periods[4]}"):
        replace(told, channels=(PanelChannel("tv", spend),))


def test_one_market_is_no_panel() -> None:
    told, _ = panel(2, markets=3, weeks=60)
    with pytest.raises(NotEnoughData, match="at least two markets"):
        replace(told, markets=("m0",))
