"""How far the visits of each channel came: from the visit over product, cart and checkout to the purchase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.filters import Filter


@dataclass(frozen=True, slots=True)
class ChannelFunnel:
    """Sessions of a channel that came at least so far. A session of which only a later step is known passed all."""

    channel: str
    sessions: int
    product: int
    cart: int
    checkout: int
    purchase: int


def channel_funnel(session: ReadSession, filter_: Filter) -> list[ChannelFunnel]:
    """Sessions that began in the period (UTC) by channel, the most sessions first.

    Accounts and channels narrow it; what a visit does not tell of (campaign type, campaign) narrows nothing.
    """
    conditions, values = ["true"], dict[str, Any](start=filter_.start, end=filter_.end)
    if filter_.accounts:
        conditions.append("s.account_key = ANY (:accounts)")
        values["accounts"] = list(filter_.accounts)
    if filter_.channels:
        conditions.append("s.channel = ANY (:channels)")
        values["channels"] = list(filter_.channels)
    sql = _FUNNEL.format(where=" AND ".join(conditions))
    return [ChannelFunnel(*row) for row in session.execute(text(sql), values)]


_FUNNEL = """
SELECT s.channel, count(*), count(*) FILTER (WHERE s.funnel_step >= 1), count(*) FILTER (WHERE s.funnel_step >= 2),
       count(*) FILTER (WHERE s.funnel_step >= 3), count(*) FILTER (WHERE s.funnel_step >= 4)
FROM core.web_session s
WHERE s.began_at >= CAST(:start AS date) AND s.began_at < CAST(:end AS date) + 1 AND {where}
GROUP BY s.channel ORDER BY count(*) DESC, s.channel
"""
