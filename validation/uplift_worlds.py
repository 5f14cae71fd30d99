"""Uplift in simulated advertisers: what a test on the site teaches, against what it does to every single customer.

The same world is lived with everybody in the one arm, and with everybody in the other; what a customer orders more is
the customer's true uplift. The learner sees what a shop would see: arms, orders, and what was known before the test.
Then the rule is carried out: the world lives on for as many days, in which those are treated of whom it says so, by
what is known of them by then; and once more without any treatment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from ml.simulation.people.records import Day
from ml.simulation.people.run import Run
from ml.simulation.people.today import causes
from ml.simulation.people.trials import SiteTest
from ml.simulation.people.world import World
from ml.simulation.run import simulated_world
from ml.uplift.answer import answer_of
from ml.uplift.curve import curve_of, profit_at
from ml.uplift.estimate import Estimate
from ml.uplift.ranking import ranking_of
from ml.uplift.sample import Bools, Floats, Sample, features_of

DAYS: Final = 260  # of the world as planned; it is lived to the end of the test
VALUE, COST = 80.0, 2.0
TEST: Final = 0  # the first one on the site, which has an effect


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A test's customers as a learner sees them, and the true uplift (n,) of each.

    ``world`` was lived to the end of the ``test``; ``after`` is what is known of everybody by then.
    """

    sample: Sample
    uplift: Floats
    world: World
    test: SiteTest
    after: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of a world with its interval, and what is true, by figure; ``proven``: that some respond more."""

    said: dict[str, Estimate]
    true: dict[str, float]
    proven: bool


def lived_trial(seed: int, customers: int) -> Trial:
    """Live a world to the end of its test, once as it is and once for either arm."""
    world = simulated_world(customers=customers, days=DAYS, seed=seed)
    test = Run(world.config).site_tests[TEST]
    days = list(world.days(test.last + 1))
    arms = pl.concat([day.assignments for day in days]).filter(pl.col("experiment_id") == test.id)
    did = world.outcomes().filter(pl.col("experiment_id") == test.id).select("customer", "orders")
    table = (
        arms.select("customer", "arm").unique("customer", keep="first", maintain_order=True)
        .join(did, on="customer", maintain_order="left")
    )  # fmt: skip
    treated = (table["arm"] == "treatment").to_numpy()
    features = _features(table["customer"], _known(days[: test.first], world, test.first))
    sample = Sample.of(features, table["orders"].to_numpy().astype(np.float64), treated, float(treated.mean()))
    both = [_orders(world, arm, test.first, test.last) for arm in (0, 1)]
    everybody = pl.Series("customer", np.arange(world.config.customers), dtype=table["customer"].dtype)
    after = _features(everybody, _known(days, world, test.last + 1))
    return Trial(sample, (both[1] - both[0])[table["customer"].to_numpy()], world, test, after)


def judged(seed: int, customers: int) -> Judged:
    """Learn from a world's test, and hold every figure against the customers' true uplift."""
    trial = lived_trial(seed, customers)
    answer = answer_of(trial.sample, seed=seed)
    scores, truth = answer.uplift[answer.held_out], trial.uplift[answer.held_out]
    profit = profit_at(curve_of(scores, answer.effects, seed=seed), value=VALUE, cost=COST)
    exact = ranking_of(scores, truth, draws=20)
    chosen = scores > profit.least
    said = {
        "effect of treating all": answer.ranking.effect,
        "Qini": answer.ranking.qini,
        "policy against nobody": profit.gain,
        "policy against everybody": profit.over_everybody,
        "policy carried out afterwards, against nobody": profit.gain,
    }
    after = answer.learner.predict(features_of(trial.after)[0])
    true = {
        "effect of treating all": exact.effect.estimate,
        "Qini": exact.qini.estimate,
        "policy against nobody": float(np.where(chosen, VALUE * truth - COST, 0.0).mean()),
        "policy against everybody": float(np.where(chosen, 0.0, COST - VALUE * truth).mean()),
        "policy carried out afterwards, against nobody": carried_out(trial, after > profit.least),
    }
    return Judged(said, true, answer.ranking.qini.low > 0)


def carried_out(trial: Trial, chosen: Bools) -> float:
    """What treating the chosen (people,) brings per customer who comes in as many days after the test as it had."""
    run = Run(trial.world.config)
    for _ in range(trial.test.last + 1):
        run.step(write=False)
    first, last = trial.test.last + 1, 2 * trial.test.last - trial.test.first + 1
    (treated, came), (untreated, _) = (_lived_on(run, trial.test, who, first, last) for who in (chosen, chosen & False))
    return float((VALUE * (treated - untreated) - COST * chosen)[came].mean())


def _lived_on(run: Run, test: SiteTest, chosen: Bools, first: int, last: int) -> tuple[Floats, Bools]:
    """(people,) orders in the days after a test in which the chosen are treated, and who came in these days."""
    twin = run.copy()
    twin.site_tests = (replace(test, first=first, last=last), *run.site_tests[1:])
    twin.people.entered[TEST] = False
    twin.as_it_was = causes(2, len(run.stage.ads), len(run.site_tests), len(run.dark_tests))
    twin.as_it_was.arms[:, TEST] = (0, 1)
    twin.people.cause[:] = chosen
    for _ in range(first, last + 1):
        twin.step(write=False)
    return _orders_in(twin, first, last), twin.people.entered[TEST].astype(np.bool_)


def _features(customers: pl.Series, known: pl.DataFrame) -> pl.DataFrame:
    """What is known of each of these customers; who did nothing did it no time."""
    counts = ("visits", "ad_clicks", "emails_opened", "orders_before")
    return (
        customers.to_frame("customer")
        .join(known, on="customer", how="left", maintain_order="left")
        .with_columns(pl.col(name).fill_null(0) for name in counts)
        .drop("customer")
    )


def _known(days: list[Day], world: World, first: int) -> pl.DataFrame:
    """What was known of customers who left a trace before the test: customer, then features."""
    began = world.config.first_day + timedelta(days=first)
    sessions = pl.concat([day.sessions for day in days]).filter(pl.col("client").is_not_null())
    met = sessions.group_by("customer").agg(
        visits=pl.len(),
        days_since_visit=(pl.lit(began) - pl.col("at").dt.date().max()).dt.total_days(),
        mobile_share=(pl.col("device") == "mobile").mean(),
    )
    clicks = pl.concat([day.touchpoints for day in days]).filter(pl.col("kind") == "click")
    mails = pl.concat([day.emails for day in days]).filter(pl.col("kind") == "open")
    bought = pl.concat([day.orders.filter(~pl.col("is_test")) for day in days])
    return (
        met.join(clicks.group_by("customer").agg(ad_clicks=pl.len()), on="customer", how="full", coalesce=True)
        .join(mails.group_by("customer").agg(emails_opened=pl.len()), on="customer", how="full", coalesce=True)
        .join(
            bought.group_by("customer").agg(
                orders_before=pl.len(),
                days_since_order=(pl.lit(began) - pl.col("at").dt.date().max()).dt.total_days(),
            ),
            on="customer", how="full", coalesce=True,
        )
    )  # fmt: skip


def _orders(world: World, arm: int, first: int, last: int) -> Floats:
    """(people,) orders in the days of the test, had everybody been in this arm."""
    run = Run(world.config)
    run.as_it_was.arms[0, TEST] = arm
    for _ in range(last + 1):
        run.step(write=False)
    return _orders_in(run, first, last)


def _orders_in(run: Run, first: int, last: int) -> Floats:
    """(people,) orders from one day to another."""
    day, person = np.concatenate(run.log.day), np.concatenate(run.log.person).astype(np.int64)
    these = (day >= first) & (day <= last)
    return np.bincount(person[these], minlength=run.config.customers).astype(np.float64)


def rows(found: list[Judged]) -> Iterator[tuple[str, float, float, float]]:
    """Of each figure: the share of worlds whose interval holds the truth, and the means of what is said and is true."""
    for name in found[0].said:
        held = [one.said[name].low <= one.true[name] <= one.said[name].high for one in found]
        said, true = (np.mean([values[name] for values in which]) for which in (
            [{n: e.estimate for n, e in one.said.items()} for one in found], [one.true for one in found]
        ))  # fmt: skip
        yield name, float(np.mean(held)), float(said), float(true)
