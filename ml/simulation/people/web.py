"""What a tracker sees of a visit: the events of sessions, one by one."""

from __future__ import annotations

import numpy as np
import polars as pl

from ml.simulation.people.records import EVENTS

_NAMES = np.array(["session_start", "page_view", "view_item", "add_to_cart", "begin_checkout", "purchase"])
_STEP_PAGES = np.array(["", "/products/trail-one", "/products/trail-one", "/checkout", "/thank-you"])
_FURTHER_PAGES = np.array(["/collections/shoes", "/products/trail-one", "/collections/jackets", "/journal", "/about"])


def page_events(sessions: pl.DataFrame) -> pl.DataFrame:
    """The events (columns ``EVENTS``) of sessions (columns ``SESSIONS``), session by session, in the order of time.

    A session begins with ``session_start`` and its landing page; the steps of the funnel come towards its end, each
    after a page view as far as there are any. Events are spread over the session's duration; the purchase is worth what
    was bought.
    """
    views, steps = sessions["page_views"].to_numpy(), sessions["funnel_step"].to_numpy()
    counts = 1 + views + steps
    of = np.repeat(np.arange(len(sessions)), counts)
    place = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)  # in the session, from 0
    paired = np.minimum(views, steps)[of]
    alone = views[of] - paired  # views that come before the first step
    behind = place - alone
    in_pairs = (behind > 0) & (behind <= 2 * paired)
    is_view = (place > 0) & ((behind <= 0) | (in_pairs & (behind % 2 == 1)))
    step = np.where(is_view | (place == 0), 0, np.where(in_pairs, behind // 2, behind - paired))
    number = np.where(behind <= 0, place, alone + (behind + 1) // 2)  # of a view, from 1
    code = np.where(place == 0, 0, np.where(is_view, 1, step + 1))
    page = np.where(step > 0, _STEP_PAGES[step], _FURTHER_PAGES[(number - 2) % len(_FURTHER_PAGES)])
    landed = (place == 0) | (is_view & (number == 1))
    elapsed = np.repeat(sessions["duration_seconds"].to_numpy() * 1_000_000, counts) * place // counts[of]
    purchase = pl.col("name") == _NAMES[-1]
    return (
        sessions.select("at", "session_id", "client", "user", "order_id", "revenue_cents", "landing_page")[of]
        .with_columns(
            pl.col("at") + pl.Series(elapsed).cast(pl.Duration("us")),
            pl.Series("sequence", place),
            pl.Series("name", _NAMES[code]),
            pl.when(pl.Series(landed)).then("landing_page").otherwise(pl.Series(page)).alias("page"),
        )
        .with_columns(
            pl.when(purchase).then("order_id").alias("order_id"),
            pl.when(purchase).then("revenue_cents").alias("value_cents"),
        )
        .select(pl.col(name).cast(kind) for name, kind in EVENTS.items())
    )
