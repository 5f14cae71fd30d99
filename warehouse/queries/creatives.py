"""What ads show: creatives, what they did, and whose a picture is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound

LARGEST_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Creative:
    """One row of ``mart.creative``, with the ids of the ads that show it."""

    creative_key: int
    platform: str
    account_id: str
    account_name: str
    creative_id: str
    creative_name: str | None
    format: str | None
    headline: str | None
    body: str | None
    call_to_action: str | None
    landing_page: str | None
    language: str | None
    tags: list[str]
    assets: list[dict[str, str]]
    metadata: dict[str, Any]
    image_reference: str | None
    image_path: str | None
    width: int | None
    height: int | None
    duration_seconds: Decimal | None
    first_day: dt.date | None
    last_day: dt.date | None
    ad_ids: list[str]
    updated_at: dt.datetime
    load_key: int | None


@dataclass(frozen=True, slots=True)
class CreativeDay:
    """One row of ``mart.creative_daily``, in the account's own currency."""

    date_day: dt.date
    currency: str
    impressions: int | None
    clicks: int | None
    spend: Decimal | None
    conversions: Decimal | None
    conversion_value: Decimal | None
    is_final: bool


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that somebody may see, and what it is."""

    digest: str
    media_type: str


def creatives(session: ReadSession, *, format_: str | None = None, limit: int = 100, after: int = 0) -> list[Creative]:
    """Creatives by their key, after one; all, or those of a format."""
    sql = f"""
SELECT {_COLUMNS} FROM mart.creative c
WHERE c.creative_key > :after AND (CAST(:format AS text) IS NULL OR c.format = :format)
ORDER BY c.creative_key LIMIT :limit
"""
    given = {"after": after, "format": format_, "limit": min(limit, LARGEST_PAGE)}
    return [Creative(*row) for row in session.execute(text(sql), given)]


def creative(session: ReadSession, creative_key: int) -> Creative:
    """One creative. Raises :class:`NotFound`, also when the reader may not see it."""
    sql = f"SELECT {_COLUMNS} FROM mart.creative c WHERE c.creative_key = :key"
    row = session.execute(text(sql), {"key": creative_key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no creative {creative_key}.")
    return Creative(*row)


def creative_days(session: ReadSession, creative_key: int, *, limit: int = 100) -> list[CreativeDay]:
    """The newest days of a creative, newest first; none where the platform delivers no ads."""
    sql = """
SELECT d.date_day, d.currency, d.impressions, d.clicks, d.spend, d.conversions, d.conversion_value, d.is_final
FROM mart.creative_daily d WHERE d.creative_key = :key ORDER BY d.date_day DESC LIMIT :limit
"""
    given = {"key": creative_key, "limit": min(limit, LARGEST_PAGE)}
    return [CreativeDay(*row) for row in session.execute(text(sql), given)]


def image(session: ReadSession, digest: str) -> Image:
    """A picture by its digest. Raises :class:`NotFound` unless the reader may read an account that shows it."""
    sql = "SELECT i.digest, i.media_type FROM core.image i WHERE i.digest = :digest LIMIT 1"
    row = session.execute(text(sql), {"digest": digest}).one_or_none()
    if row is None:
        raise NotFound("There is no such picture.")
    return Image(*row)


_COLUMNS: Final = """
c.creative_key, c.platform, c.account_id, c.account_name, c.creative_id, c.creative_name, c.format, c.headline, c.body,
c.call_to_action, c.landing_page, c.language, c.tags, c.assets, c.metadata, c.image_reference, c.image_path, c.width,
c.height, c.duration_seconds, c.first_day, c.last_day,
ARRAY(SELECT l.ad_id FROM core.ad_creative l WHERE l.creative_key = c.creative_key ORDER BY l.ad_id) AS ad_ids,
c.updated_at, c.load_key
"""
