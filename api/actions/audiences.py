"""Audiences saved, given out and held to their promise: by people who manage the account of the test.

Who is in an audience is for who may read every account of the advertiser; by what its customers are known is for
administrators alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl

from api.actions.acting import named, note, once
from api.identity import Identity, Role, Scope
from api.refusals import Invalid
from ml.uplift.audience import choose_audience
from ml.uplift.verifying import verified
from ml.uplift.worth import measure_of
from warehouse.changes import audiences as changes
from warehouse.changes.audiences import NewAudience
from warehouse.engine import ReadSession, WriteSession
from warehouse.errors import BadSetting, Conflict, NotEnoughData
from warehouse.queries import audiences as queries
from warehouse.queries import uplift, uplift_inputs
from warehouse.queries.audiences import Audience, KnownBy
from warehouse.sessions import Warehouse

MOST_SEED: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Saved:
    """An audience that was saved: how many customers are to be treated, and how many are held out."""

    audience_key: int
    name: str
    treat: int
    held_out: int
    predicted: float


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom to take: all whose effect times ``value`` is more than ``cost``, the best ``most`` of them at most.

    ``value`` and ``cost`` None are those of the run. ``holdout`` is the part that is not treated, by ``seed``.
    """

    value: Decimal | None = None
    cost: Decimal | None = None
    most: int | None = None
    holdout: Decimal = Decimal("0.1")
    seed: int = 1


def save_audience(
    warehouse: Warehouse, identity: Identity, *, readout_key: int, name: str, terms: Terms, key: str | None = None
) -> Saved:
    """Save customers worth treating as an audience, with a part held out at random.

    Raises :class:`Invalid`, :class:`Conflict` where nobody is proven to respond more than others or the name is taken,
    and :class:`NotEnoughData` where nobody is worth treating.
    """
    name = named(name, "The audience's name")
    _check(terms)
    with warehouse.reading(identity.reader) as session:
        readout = uplift.uplift_readout(session, readout_key)
        advertiser = uplift_inputs.advertiser_of(session, readout.account_key)
    identity.require(Role.manager, account_key=readout.account_key, scope=Scope.write)
    if readout.state != "proven":
        raise Conflict(
            f"There is nobody to choose: {readout.words}", remedy="Treat all customers or nobody, or run a larger test."
        )
    value = readout.value if terms.value is None else terms.value
    cost = readout.cost if terms.cost is None else terms.cost
    least = float(cost / value)

    def create(session: WriteSession) -> Saved:
        chosen = changes.candidates(session, readout_key, least, terms.most)
        members, held = _held_out(chosen, terms)
        made = NewAudience(
            readout.account_key, advertiser, readout_key, name, value, cost, least, terms.most, terms.holdout,
            terms.seed, members.height, held, _mean(members), readout.days or 1, identity.actor,
        )  # fmt: skip
        saved = Saved(changes.save_audience(session, made, members), name, members.height - held, held, made.predicted)
        note(session, identity, "audience.save", f"audience:{saved.audience_key}", after=_said(made))
        return saved

    body = {"readout": readout_key, "name": name, **_said(terms)}
    return once(warehouse, identity, action="audience.save", body=body, key=key, answer=Saved, create=create)


@dataclass(frozen=True, slots=True)
class Treated:
    """A customer to be treated, and by what they are known."""

    customer_key: int
    effect: float
    known: KnownBy | None


def export_audience(warehouse: Warehouse, identity: Identity, *, audience_key: int) -> list[Treated]:
    """Everybody of an audience who is to be treated, those held out left out; for administrators, and written down."""
    identity.require_administrator()
    with warehouse.reading(identity.reader) as session:
        audience = queries.audience(session, audience_key)
        members = queries.members_to_treat(session, audience_key)
    with warehouse.reading_identities() as session:
        known = queries.known_by(session, audience.advertiser_key, [one.customer_key for one in members])
    with warehouse.writing() as session:
        note(session, identity, "audience.export", f"audience:{audience_key}", after={"customers": len(members)})
    return [Treated(one.customer_key, one.effect, known.get(one.customer_key)) for one in members]


def csv_lines(treated: list[Treated]) -> Iterator[str]:
    """The lines of a CSV file: the customer, the effect, and the digests."""
    yield "customer_key,effect,email,phone,user\n"
    for one in treated:
        known = one.known
        digests = ("", "", "") if known is None else (known.email, known.phone, known.user)
        yield f"{one.customer_key},{one.effect:.6g},{','.join(digests)}\n"


def verify_audience(
    warehouse: Warehouse,
    identity: Identity,
    *,
    audience_key: int,
    since: dt.date | None = None,
    level: float = 0.9,
    outcomes: Mapping[int, float] | None = None,
) -> Audience:
    """Hold what an audience was predicted to do against what its customers did, by those held out.

    The warehouse counts from ``since``, the day after it was saved by itself, over as many days as the test had;
    ``outcomes`` by customer are taken instead where they are given. Raises :class:`NotEnoughData` where these days are
    not over, and :class:`Conflict` where only a file can tell the outcome.
    """
    with warehouse.reading(identity.reader) as session:
        audience = queries.audience(session, audience_key)
        identity.require(Role.manager, account_key=audience.account_key, scope=Scope.write)
        if outcomes is None:
            measure, days, did = _counted(session, audience, since)
        else:
            measure, days, did = "a file", None, _given(queries.everybody_of(session, audience_key), outcomes)
    found = verified(audience, did, measure, days, level, identity.actor)
    with warehouse.writing() as session:
        changes.write_verification(session, found)
        after = {"measure": measure, "predicted": found.predicted, "found": found.found, "is_kept": found.is_kept}
        note(session, identity, "audience.verify", f"audience:{audience_key}", after=after)
    with warehouse.reading(identity.reader) as session:
        return queries.audience(session, audience_key)


def _counted(
    session: ReadSession, audience: Audience, since: dt.date | None
) -> tuple[str, tuple[dt.date, dt.date], pl.DataFrame]:
    """What the warehouse counts of an audience."""
    measure = measure_of(audience.metric)
    if measure is None:
        raise Conflict(
            f"The warehouse does not count {audience.metric}.",
            remedy="Give what every customer did: causeway audience verify NAME --data FILE.",
        )
    saved_on = audience.created_at.date()
    first = since or saved_on + dt.timedelta(days=1)
    if first < saved_on:
        raise Invalid(f"since == {first} is before the audience was saved, on {saved_on}.")
    last = first + dt.timedelta(days=audience.days - 1)
    spans = uplift_inputs.source_spans(session, audience.advertiser_key)
    reach = max((span.last for span in spans.values()), default=saved_on)
    if reach < last:
        raise NotEnoughData(
            f"The effect was predicted over {audience.days} days, {first} to {last}, and data reach {reach}.",
            remedy="Verify it when these days are loaded.",
        )
    return measure, (first, last), queries.realised(session, audience, measure, first, last)


def _given(members: pl.DataFrame, outcomes: Mapping[int, float]) -> pl.DataFrame:
    """What a file says; everybody must be in it."""
    gone = [key for key in members["customer_key"] if key not in outcomes]
    if gone:
        raise Invalid(
            f"{len(gone):,} customers of the audience have no outcome, customer {gone[0]} first: leaving out those who "
            "did nothing would make any audience look good.",
            remedy="Give every customer of the audience an outcome, 0 for nothing.",
        )
    return members.with_columns(outcome=pl.Series([float(outcomes[key]) for key in members["customer_key"]]))


def _held_out(chosen: pl.DataFrame, terms: Terms) -> tuple[pl.DataFrame, int]:
    """The chosen with who is held out of them, and how many are."""
    everybody = chosen["customer_key"].is_not_null().to_numpy()
    try:
        audience = choose_audience(
            [str(key) for key in chosen["customer_key"]], everybody, holdout=float(terms.holdout), salt=str(terms.seed)
        )
    except BadSetting as error:
        raise Invalid(error.message, remedy=error.remedy) from error
    held = int(audience.held_out.sum())
    return chosen.with_columns(is_held_out=pl.Series(audience.held_out)), held


def _mean(members: pl.DataFrame) -> float:
    return float(members["effect"].to_numpy().mean())


def _check(terms: Terms) -> None:
    if terms.value is not None and not (terms.value.is_finite() and terms.value > 0):
        raise Invalid(f"value == {terms.value}, must be above 0: what one unit of the outcome is worth.")
    if terms.cost is not None and not (terms.cost.is_finite() and terms.cost >= 0):
        raise Invalid(f"cost == {terms.cost}, must be 0 or more: what treating one customer costs.")
    if terms.most is not None and terms.most < 1:
        raise Invalid(f"most == {terms.most}, must be 1 or more.")
    if not 0 < terms.holdout < 1 or round(terms.holdout, 3) != terms.holdout:
        raise Invalid(f"holdout == {terms.holdout}, must be above 0 and below 1, to three decimals, such as 0.1.")
    if not 1 <= terms.seed <= MOST_SEED:
        raise Invalid(f"seed == {terms.seed}, must be from 1 to {MOST_SEED}.")


def _said(what: NewAudience | Terms) -> dict[str, Any]:
    return {
        name: value if value is None or isinstance(value, int | float) else str(value)
        for name, value in asdict(what).items()
    }
