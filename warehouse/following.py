"""Whom one job's publishing concerns: the accounts for which another job, which stands on it, is to be done anew."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from sqlalchemy import text

from warehouse.engine import WriteSession


class Follow(Enum):
    """When a job is asked for after another: for the same account always, or where somebody wanted it before.

    ``new_evidence``: for all accounts of the advertiser where it was done, if the run says something new of channels.
    """

    always = "SELECT CAST(:account AS int)"
    where_done_before = "SELECT account_key FROM results.publication WHERE job = :job AND account_key = :account"
    new_evidence = """
SELECT p.account_key
FROM core.account a
JOIN core.account b ON b.advertiser_key = a.advertiser_key
JOIN results.publication p ON p.job = :job AND p.account_key = b.account_key
WHERE a.account_key = :account AND EXISTS (
    SELECT FROM results.lift_evidence v WHERE v.run_key = :run AND NOT EXISTS (
        SELECT FROM results.lift_evidence o
        WHERE o.run_key < v.run_key AND o.experiment_key = v.experiment_key
          AND (o.channel, o.metric, o.lift, o.se) = (v.channel, v.metric, v.lift, v.se)))
ORDER BY p.account_key
"""


def concerned(session: WriteSession, follow: Follow, *, job: str, run_key: int, account_key: int) -> Sequence[int]:
    """The accounts for which ``job`` is asked for, now that the run of an account is published."""
    given = {"job": job, "run": run_key, "account": account_key}
    return session.execute(text(follow.value), given).scalars().all()
