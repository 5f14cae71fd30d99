"""What a printed report of attribution is made of: an answer, other models beside it, and what speaks against it."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ml.attribution.agreement import agreement_of
from ml.attribution.answer import Answer, answer_of
from ml.attribution.held import Held
from ml.attribution.journey_shape import Bin, Position, positions, touches_before
from ml.attribution.methods import METHODS
from ml.attribution.models import Model
from ml.attribution.overlap import ALL
from ml.attribution.path_file import PathFile
from ml.attribution.question import Question, as_answer, credits_of, settled
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.queries.attribution import Agreement, CreditedPath, agreement, credited_paths
from warehouse.queries.taxonomy import channels

PATHS_SHOWN: Final = 15
_BESIDE: Final = ("first", "last", "linear", "position", "markov", "shapley")  # what a file's answer is compared with


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """``about`` says in pairs what was asked of what; ``answer`` are the credits of the model that was asked.

    ``compared`` has channels' credits by other models; ``names`` what channels are called. ``agreement``, ``paths``,
    ``positions`` and ``touches`` are empty where nothing is known of them. ``again`` is how to ask again.
    """

    title: str
    goal: str
    currency: str
    about: Sequence[tuple[str, str]]
    answer: Answer
    compared: Mapping[str, Answer]
    names: Mapping[str, str]
    agreement: Sequence[Agreement]
    paths: Sequence[CreditedPath]
    positions: Sequence[Position]
    touches: Sequence[Bin]
    again: Sequence[str]
    written_at: dt.datetime

    def name(self, channel: str) -> str:
        """What a channel is called, all of them together; one that nobody named by its key."""
        if channel == ALL:
            return "All channels"
        return self.names.get(channel, channel.replace("_", " ").capitalize() if self.names else channel)


def report_of(session: ReadSession, held: Held, question: Question) -> Report:
    """The report of a question about the warehouse's journeys. Raises as :func:`credits_of`."""
    run = held.run
    answer = as_answer(credits_of(session, held, question))
    usual = Question(question.model, customers=question.customers, worth=question.worth)
    compared = {}
    for model in dict.fromkeys([*(run.models if run else _BESIDE), question.model]):
        try:
            compared[model] = as_answer(credits_of(session, held, replace(usual, model=model)))
        except (BadSetting, NotEnoughData):  # takes too long now, or the data are too thin for it
            continue
    published = held.published
    return Report(
        title=held.store.name,
        goal=held.goal.value,
        currency=held.currency,
        about=_about(held, question, answer),
        answer=answer,
        compared=compared,
        names={one.channel: one.name for one in channels(session)},
        agreement=agreement(session, published) if published else (),
        paths=credited_paths(session, published, question.model, limit=PATHS_SHOWN) if published else (),
        positions=positions(held),
        touches=touches_before(held),
        again=_again(held, question),
        written_at=dt.datetime.now(dt.UTC),
    )


def report_of_file(file: PathFile, name: str, answer: Answer, model: Model) -> Report:
    """The report of a file of paths, whose answer by a model is known. Raises as :func:`answer_of`."""
    compared = {answer.model: answer}
    for beside in _BESIDE:
        if beside not in compared:
            compared[beside] = answer_of(file.paths, Model(beside), level=answer.level)
    names, conversions = list(compared), [by_channel(one, file.paths.channels) for one in compared.values()]
    both = agreement_of(names, [np.array(each) for each in conversions])
    return Report(
        title=name,
        goal="conversion",
        currency="",
        about=[
            ("File", f"{name}, {file.rows:,} row{'s' * (file.rows != 1)}"),
            ("Journeys", f"{float(file.paths.journeys.sum()):,.0f}"),
            *_of_answer(answer, _settings(model)),
        ],
        answer=answer,
        compared=compared,
        names={},
        agreement=[
            Agreement(one, "model", other, None, float(both.distance[a, b]), _known(both.rank[a, b]), *[None] * 5)
            for a, one in enumerate(names)
            for b, other in enumerate(names)
        ],
        paths=(),
        positions=(),
        touches=(),
        again=(),
        written_at=dt.datetime.now(dt.UTC),
    )


def by_channel(answer: Answer, known: Sequence[str]) -> list[float]:
    """The credited conversions in the order of the channels."""
    credit = {row.channel: row.conversions for row in answer.credits}
    return [credit.get(channel, 0.0) for channel in known]


def _about(held: Held, question: Question, answer: Answer) -> list[tuple[str, str]]:
    """What was asked of which journeys."""
    asked, run = settled(question, held.run), held.published
    told = [("Conversions", f"{held.goal.value}s from {held.first} to {held.last}")]
    told += _of_answer(answer, _settings(asked.model))
    lookback = asked.model.lookback
    said = f"{held.store.lookback_days} days, as the journeys are built"
    if lookback is not None:
        apart = [f"{channel} {days:g}" for channel, days in lookback.channels.items()]
        usual = [f"{lookback.days:g} days"] if np.isfinite(lookback.days) else [said]
        said = "; ".join(usual + apart)
    told.append(("Lookback", said))
    if question.customers != "all":
        told.append(("Customers", question.customers))
    if question.without:
        told.append(("Without", question.without))
    told.append(("Value", f"{question.worth} in {held.currency}"))
    as_published = run is not None and asked == settled(Question(question.model, by=question.by), run)
    told.append(("Worked out", f"run {run.run_key}, published" if run and as_published else "now, from path counts"))
    return told


def _of_answer(answer: Answer, settings: str) -> list[tuple[str, str]]:
    return [
        ("Model", METHODS[answer.model].name + settings),
        ("All conversions", f"{answer.total_conversions:,.0f}"),
        ("Without a known touch", f"{answer.untouched:,.0f}, credited to nobody"),
        ("Intervals", f"{answer.level:.0%}, Poisson bootstrap over paths" if answer.baseline is None
         else f"{answer.level:.0%}, of the posterior"),
    ]  # fmt: skip


def _settings(model: Model) -> str:
    """What the model is set to, as far as it matters to it."""
    if model.name == "markov":
        return f", order {model.order}"
    if model.name == "position":
        return f", {model.first:.0%} first and {model.last:.0%} last"
    return f", half-life {model.half_life_days:g} days" if model.name == "time_decay" else ""


def _again(held: Held, question: Question) -> list[str]:
    """The command that asks the same, and where what is published can be asked in SQL."""
    lookback = question.lookback
    window = None
    if lookback is not None:
        usual = [f"{lookback.days:g}"] if np.isfinite(lookback.days) else []
        window = ",".join([*usual, *(f"{channel}={days:g}" for channel, days in lookback.channels.items())])
    options: dict[str, object] = {
        "model": question.model, "by": ",".join(question.by), "goal": held.goal.value, "from": held.first,
        "to": held.last, "window": window, "order": question.order, "first": question.first, "last": question.last,
        "half-life": question.half_life_days, "views": question.view_weight, "without": question.without,
        "customers": None if question.customers == "all" else question.customers,
        "worth": None if question.worth == "revenue" else question.worth,
    }  # fmt: skip
    said = [word for name, value in options.items() if value not in {None, ""} for word in (f"--{name}", str(value))]
    again = [shlex.join(["causeway", "attribution", *said])]
    if held.published:
        where = f"run_key = {held.published.run_key}, goal = '{held.goal}', model = '{question.model}'"
        again.append(f"mart.attribution, {where}")
    return again


def _known(number: np.floating) -> float | None:
    return None if np.isnan(number) else float(number)
