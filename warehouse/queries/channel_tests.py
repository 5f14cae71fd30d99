"""What finished tests say of an advertiser's channels, in conversions of a kind: the evidence that models stand on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.schema.commerce import ConversionKind

# What an outcome is called that counts conversions of a kind, the best name first.
COUNTED: Final[Mapping[ConversionKind, list[str]]] = {
    ConversionKind.order: ["orders", "conversions", "purchases"],
    ConversionKind.lead: ["leads"],
    ConversionKind.deal: ["deals"],
    ConversionKind.offline: ["conversions"],
    ConversionKind.signup: ["signups", "sign_ups"],
}


@dataclass(frozen=True, slots=True)
class ChannelTest:
    """A test of a whole ``channel`` against no ads of it; ``*`` is all channels together.

    Its ads of ``first`` to ``last`` bring ``lift`` conversions among the people of the test, who make up the part
    ``share`` of all conversions. ``is_dark``: these people saw none of them.
    """

    experiment: str
    channel: str
    first: dt.date
    last: dt.date
    share: float
    is_dark: bool
    lift: float
    se: float


def channel_tests(session: ReadSession, advertiser_key: int, goal: ConversionKind) -> list[ChannelTest]:
    """Tests by published evidence, the oldest first; of an experiment with several metrics that fit, the first."""
    rows = session.execute(text(_TESTS), {"advertiser": advertiser_key, "metrics": COUNTED[goal]})
    return [ChannelTest(*row) for row in rows]


def conversions_between(session: ReadSession, account_key: int, first: dt.date, last: dt.date) -> dict[str, int]:
    """How many conversions the account's advertiser had in these days (UTC), by every name that an outcome may have."""
    rows = session.execute(text(_BETWEEN), {"account": account_key, "first": first, "last": last})
    counted = {ConversionKind(row.kind): int(row.conversions) for row in rows}
    return {name: counted[goal] for goal, names in COUNTED.items() if goal in counted for name in names}


_BETWEEN = """
SELECT c.kind::text AS kind, count(*) AS conversions
FROM core.account a
JOIN core.account b ON b.advertiser_key = a.advertiser_key
JOIN core.conversion c ON c.account_key = b.account_key
WHERE a.account_key = :account AND c.counts AND c.at >= CAST(:first AS date) AND c.at < CAST(:last AS date) + 1
GROUP BY c.kind
"""

_TESTS = """
SELECT x.experiment_id, x.channel, x.first_day, x.last_day, x.share, x.is_dark, x.lift, x.se FROM (
    SELECT DISTINCT ON (v.experiment_key, v.channel)
           v.experiment_key, v.experiment_id, v.channel, v.first_day, v.last_day, v.share, v.is_dark, v.lift, v.se
    FROM mart.lift_evidence v
    JOIN core.account a ON a.platform = v.platform AND a.account_id = v.account_id
    WHERE a.advertiser_key = :advertiser AND v.against = 'no_ads' AND v.campaign_id IS NULL
      AND v.metric = ANY (CAST(:metrics AS text[]))
    ORDER BY v.experiment_key, v.channel, array_position(CAST(:metrics AS text[]), v.metric)) x
ORDER BY x.first_day, x.experiment_key
"""
