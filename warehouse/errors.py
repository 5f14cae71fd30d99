"""Everything that Causeway refuses to do, as one family of errors.

Each error has a stable ``code`` for programs and a message for people. The message says what happened and
what to do next; it never holds a secret, so every door (page, GraphQL, SQL shell, command line) may show it.
"""

from __future__ import annotations


class CausewayError(Exception):
    """Base of all expected failures. ``remedy`` is the sentence that tells the reader what to do."""

    code = "ERROR"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class LoadRefused(CausewayError):
    """A whole file cannot be taken; nothing of it is in the warehouse."""

    code = "LOAD_REFUSED"


class BadFilter(CausewayError):
    """A filter, in whatever door it was written, has a value that means nothing."""

    code = "BAD_FILTER"


class MissingRate(CausewayError):
    """Amounts in several currencies were to be added and a day has no exchange rate."""

    code = "MISSING_RATE"


class NotFound(CausewayError):
    """The thing asked for does not exist, or the reader may not know that it does."""

    code = "NOT_FOUND"


class NotAllowed(CausewayError):
    """The reader is known, and lacks the role for this."""

    code = "NOT_ALLOWED"


class NotSignedIn(CausewayError):
    """The door asks who is there."""

    code = "NOT_SIGNED_IN"


class Conflict(CausewayError):
    """The same idempotency key with another body, or a change to something that changed meanwhile."""

    code = "CONFLICT"


class BadSetting(CausewayError):
    """A setting from the environment, a file or the command line that cannot be used."""

    code = "BAD_SETTING"


class WarehouseUnavailable(CausewayError):
    """No PostgreSQL answers, or it is not at the schema version that this program needs."""

    code = "WAREHOUSE_UNAVAILABLE"


class BadQuery(CausewayError):
    """A statement that somebody wrote by hand is not one query that only reads, or PostgreSQL refuses it."""

    code = "BAD_QUERY"


class NotEnoughData(CausewayError):
    """The history is too thin for an honest answer, so there is none."""

    code = "NOT_ENOUGH_DATA"


class BadImage(CausewayError):
    """A file that is to be a picture is none, is damaged, or is too large."""

    code = "BAD_IMAGE"


class Infeasible(CausewayError):
    """Rules that cannot hold together; the message names them, the remedy says what would do."""

    code = "INFEASIBLE"
