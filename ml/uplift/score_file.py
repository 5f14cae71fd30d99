"""Files of scores and audiences: written for those who send, read again when it is known what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from ml.customer_file import numbers, read_texts
from ml.uplift.answer import Answer
from ml.uplift.audience import Audience, choose_audience
from ml.uplift.sample import Bools, Floats, Sample
from warehouse.errors import LoadRefused


def write_scores(file: Path, units: Sequence[str], answer: Answer, sample: Sample) -> None:
    """A row per customer: its uplift, what each feature adds to it, and what all have in common.

    Raises :class:`LoadRefused` where the file cannot be written.
    """
    shares = answer.learner.contributions(sample.features)
    columns = {
        "unit": list(units),
        "uplift": answer.uplift,
        "untreated": answer.untreated,
        "kind": answer.kind.tolist(),
        "treat": answer.treat,
        "judged": answer.held_out,
        "from everybody": shares[:, -1],
    }
    parts = {f"from {name}": shares[:, place] for place, name in enumerate(sample.names)}
    _write(pl.DataFrame({**columns, **parts}), file)


def write_audience(file: Path, units: Sequence[str], answer: Answer, *, holdout: float, salt: str) -> Audience:
    """A row for each customer worth treating: unit, uplift, and whether to treat or to hold out; the best first.

    Raises as :func:`choose_audience`, :class:`LoadRefused` where the file cannot be written.
    """
    chosen = choose_audience(units, answer.treat, holdout=holdout, salt=salt)
    frame = pl.DataFrame({"unit": list(units), "uplift": answer.uplift, "held_out": chosen.held_out.astype(np.int8)})
    _write(frame.filter(pl.Series(chosen.chosen)).sort("uplift", "unit", descending=[True, False]), file)
    return chosen


def read_audience(audience: Path, data: Path, *, unit: str, outcome: str) -> tuple[Floats, Bools, Floats]:
    """Predicted uplift, who was held out, and the outcome (n,) each, of all customers of an audience.

    Raises :class:`LoadRefused` where a customer of the audience is not in the data, or a cell is no number.
    """
    chosen = read_texts(audience, ("unit", "uplift", "held_out"))
    did = read_texts(data, (unit, outcome))
    twice = did.filter(pl.col(unit).is_duplicated())
    if twice.height:
        raise LoadRefused(
            f"{data.name}, row {twice['row'][1]}: {twice[unit][0]!r} was there before; a customer has one row.",
            remedy="Add up what the customer did.",
        )
    both = chosen.join(did.select(unit, outcome, there=pl.lit(value=True)), left_on="unit", right_on=unit, how="left")
    gone = both.filter(pl.col("there").is_null())
    if gone.height:
        raise LoadRefused(
            f"{gone.height:,} customers of the audience are not in {data.name}, {gone['unit'][0]!r} first: leaving "
            "out those who did nothing would make any audience look good.",
            remedy="Give every customer of the audience a row, with 0 for those who did nothing.",
        )
    held = numbers(audience.name, chosen, "held_out")
    if not np.isin(held, (0.0, 1.0)).all():
        raise LoadRefused(f"{audience.name}: held_out must be 0 or 1.", remedy="Use the file as it was written.")
    return numbers(audience.name, chosen, "uplift"), held == 1, numbers(data.name, both, outcome)


def _write(frame: pl.DataFrame, file: Path) -> None:
    try:
        frame.write_csv(file)
    except OSError as error:
        raise LoadRefused(f"{file} cannot be written: {error}.") from error
