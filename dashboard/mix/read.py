"""Everything that one view of the mix shows: the fits, one of them with what was found, and its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.mix.asked import WITHHELD, Asked
from dashboard.reading import Reading
from warehouse.metrics import Unit
from warehouse.queries import mix
from warehouse.queries.mix import Channel, Contribution, CurvePoint, Finding, Fit, Lift, Move
from warehouse.queries.taxonomy import channels


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one fit. ``history`` are the fits of the same outcome, the newest first."""

    fit: Fit
    channels: Sequence[Channel]
    contributions: Sequence[Contribution]
    curves: Mapping[str, Sequence[CurvePoint]]
    findings: Sequence[Finding]
    lifts: Sequence[Lift]
    moves: Sequence[Move]
    history: Sequence[Fit]

    @property
    def unit(self) -> Unit:
        """The unit of the outcome."""
        return "money" if self.fit.is_money else "decimal"

    @property
    def is_withheld(self) -> bool:
        """Whether nothing that is told of channels can be believed."""
        return self.fit.status == "red"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view shows. ``names`` are what channels are called, ``account`` is one that a run can be asked for."""

    asked: Asked
    fits: Sequence[Fit]
    told: Told | None
    names: Mapping[str, str]
    account: str

    def name(self, channel: str) -> str:
        """What a channel is called."""
        return self.names.get(channel, channel.replace("_", " ").capitalize())

    @property
    def shows_numbers(self) -> bool:
        """Whether what channels brought is shown: where it can be believed, or where a reader insists."""
        return self.told is not None and (not self.told.is_withheld or self.asked.show == WITHHELD)


def read_mix(reading: Reading, query: Mapping[str, str]) -> Shown:
    """Read what an address shows. Raises :class:`BadFilter` where it means nothing."""
    asked, session = Asked.from_query(query), reading.session
    fits = mix.mix_fits(session)
    chosen = next((fit for fit in fits if outcome_of(fit) == asked.outcome), next(iter(fits), None))
    names = {one.channel: one.name for one in channels(session)}
    account = mix.spending_account(session)
    return Shown(asked, fits, None if chosen is None else _told(reading, chosen), names, account or "PLATFORM/ID")


def outcome_of(fit: Fit) -> str:
    """A fit as the address names it."""
    return f"{fit.outcome}:{fit.goal}:{fit.account_key}"


def _told(reading: Reading, fit: Fit) -> Told:
    session, curves = reading.session, dict[str, list[CurvePoint]]()
    for point in mix.response_curves(session, fit.fit_key):
        curves.setdefault(point.channel, []).append(point)
    every = mix.mix_fits(session, history=True)
    return Told(
        fit=fit,
        channels=mix.mix_channels(session, fit.fit_key),
        contributions=mix.mix_contributions(session, fit.fit_key),
        curves=curves,
        findings=mix.mix_findings(session, fit.fit_key),
        lifts=mix.mix_lifts(session, fit.fit_key),
        moves=mix.mix_moves(session, fit.fit_key),
        history=[one for one in every if outcome_of(one) == outcome_of(fit)],
    )
