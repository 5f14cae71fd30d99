"""Creatives: the newest version of each, its picture, and the ads that run it.

A file may say a creative once or once per ad. What a row leaves out, another row or the warehouse says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import FURTHER, LINE, Finding, ParsedTable, RejectedRow
from warehouse.ingest.matching import platform_named
from warehouse.ingest.store.accounts import AccountBook
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.pictures import Pictures
from warehouse.ingest.texts import as_json, text_lists

_KEY: Final = ["account_key", "creative_id"]
_TEXTS: Final = ("name", "format", "headline", "body", "call_to_action", "image_reference", "landing_page", "language")
_FACTS: Final = ("duration_seconds", "width", "height", "first_day", "last_day")
_LISTS: Final = {"ads": "|;,", "tags": "|;,", "headlines": "|", "descriptions": "|"}

# What platforms call their formats; anything else is kept in small letters.
_FORMATS: Final = {
    **dict.fromkeys(("photo", "image_ad", "single_image", "picture", "static", "responsive_display_ad"), "image"),
    **dict.fromkeys(("video_ad", "video_responsive_ad", "single_video"), "video"),
    **dict.fromkeys(("text_ad", "expanded_text_ad", "expanded_dynamic_search_ad", "responsive_search_ad"), "text"),
    **dict.fromkeys(("shopping_product_ad", "dynamic_product_ad"), "product"),
    "share": "link",
}


@dataclass(slots=True)
class CreativesWriter:
    """Writes one parsed table of ``CREATIVE``. Such tables are as large as the number of ads."""

    session: WriteSession
    table: ParsedTable
    load_key: int
    accounts: AccountBook
    pictures: Pictures
    stored: Stored = field(default_factory=Stored)
    _frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, frame: pl.DataFrame) -> None:
        """Hold a frame until all rows of each creative are there."""
        if not frame.is_empty():
            self._frames.append(frame)

    def finish(self) -> Stored:
        """Write what is new or differs, and count."""
        if not self._frames:
            return self.stored
        rows = pl.concat(self._frames)
        rows = rows.with_columns(text_lists(rows[name], marks=marks) for name, marks in _LISTS.items())
        rows = self._with_accounts(rows.with_columns(ad_id=pl.col("ads").list.first()))
        if rows.is_empty():
            return self.stored
        rows = rows.sort("updated_at", LINE, nulls_last=False)
        self.stored.note_accounts(rows)
        newest = _newest(rows)
        links = newest.select(*_KEY, "ads").explode("ads").drop_nulls().rename({"ads": "ad_id"})
        self._note_ads_of_several(links)
        self._stage(self._with_pictures(newest), links.unique(["account_key", "ad_id"], keep="last"))
        written = self.session.execute(text(_WRITE_CREATIVES), {"load": self.load_key}).all()
        linked = self.session.execute(text(_WRITE_LINKS), {"load": self.load_key}).scalars().all()
        fresh = {row.creative_key for row in written if not row.known}
        changed = {row.creative_key for row in written if row.known} | {key for key in linked if key not in fresh}
        self.stored.accepted, self.stored.restated = len(fresh) + len(changed), len(changed)
        skipped = {
            "already known": len(newest) - self.stored.accepted,
            "further row of a creative": len(rows) - len(newest),
        }
        self.stored.skipped = {reason: count for reason, count in skipped.items() if count}
        self.table.findings += self.pictures.findings()
        return self.stored

    def _with_accounts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with the key of their account; those of a platform that nobody knows are rejected."""
        parts = []
        for (named,), part in rows.group_by("platform", maintain_order=True):
            platform = platform_named(str(named)) if named else None
            if named and platform is None:
                self.stored.rejected += [_of_no_platform(str(named), line) for line in part[LINE].to_list()]
                continue
            book = self.accounts.at(platform.name if platform else self.table.platform)
            parts.append(part.with_columns(account_key=book.keys(part)))
        return pl.concat(parts) if parts else rows.clear()

    def _with_pictures(self, newest: pl.DataFrame) -> pl.DataFrame:
        """The creatives with the digest of each picture, kept on the disk and entered for its account."""
        kept = [self.pictures.keep(ref) if ref else None for ref in newest["image_reference"].to_list()]
        images = {
            (key, image.digest): image
            for key, image in zip(newest["account_key"].to_list(), kept, strict=True)
            if image is not None
        }
        if images:
            self.session.execute(
                text(_ENTER_IMAGE),
                [
                    {"account": key, "digest": image.digest, "media_type": image.media_type, "bytes": image.size,
                     "width": image.width, "height": image.height}
                    for (key, _), image in images.items()
                ],
            )  # fmt: skip
        return newest.with_columns(
            pl.Series("image_digest", [image and image.digest for image in kept], dtype=pl.String),
            # What the export does not say of its picture, the picture does.
            width=pl.coalesce("width", pl.Series([image and image.width for image in kept], dtype=pl.Int64)),
            height=pl.coalesce("height", pl.Series([image and image.height for image in kept], dtype=pl.Int64)),
        )

    def _note_ads_of_several(self, links: pl.DataFrame) -> None:
        several = links.group_by("account_key", "ad_id", maintain_order=True).len().filter(pl.col("len") > 1)["ad_id"]
        if len(several):
            words = f"Ads under several creatives: {len(several)} ({', '.join(several.head(3))}). The last one counts."
            self.table.findings.append(Finding("ad_of_several_creatives", "warning", words))

    def _stage(self, creatives: pl.DataFrame, links: pl.DataFrame) -> None:
        for statement in _STAGES:
            self.session.execute(text(statement))
        copy_frame(self.session, "incoming_creative", creatives, (*_KEY, *_COLUMNS))
        copy_frame(self.session, "incoming_ad", links, ("account_key", "ad_id", "creative_id"))


def _of_no_platform(named: str, line: int) -> RejectedRow:
    return RejectedRow(line, "platform", "unknown_platform", f'"{named}" is no platform that is known.', named)


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per creative, of every field what was said last; lists as JSON, ``ads`` all that any row names."""
    said = (*_TEXTS, *_FACTS, "tags", "headlines", "descriptions", FURTHER)
    newest = rows.group_by(_KEY, maintain_order=True).agg(
        *(pl.col(name).drop_nulls().last() for name in said),
        pl.col("ads").explode().drop_nulls().unique(maintain_order=True),
    )
    first = {name: newest[name].list.first() for name in ("headlines", "descriptions")}
    landing = text_lists(newest["landing_page"]).list.first()
    assets = [
        as_json(
            [{"kind": "headline", "text": t} for t in h or ()] + [{"kind": "description", "text": t} for t in d or ()]
        )
        if h or d
        else None
        for h, d in zip(newest["headlines"].to_list(), newest["descriptions"].to_list(), strict=True)
    ]
    words = newest["format"].str.to_lowercase().str.replace_all(r"[\s-]+", "_")
    return newest.with_columns(
        pl.Series("assets", assets, dtype=pl.String),
        pl.Series("tags", [as_json(t) if t is not None else None for t in newest["tags"].to_list()], dtype=pl.String),
        words.replace(_FORMATS).alias("format"),
        landing.alias("landing_page"),
        headline=pl.coalesce("headline", first["headlines"]),
        body=pl.coalesce("body", first["descriptions"]),
        language=pl.col("language").str.to_lowercase(),
    ).rename({FURTHER: "metadata"})


_COLUMNS: Final = (*_TEXTS, *_FACTS, "image_digest", "tags", "assets", "metadata")

_STAGES: Final = (
    "DROP TABLE IF EXISTS incoming_creative, incoming_ad",
    f"""CREATE TEMPORARY TABLE incoming_creative ON COMMIT DROP AS
        SELECT account_key, creative_id, {", ".join(_COLUMNS)} FROM core.creative WITH NO DATA""",
    """CREATE TEMPORARY TABLE incoming_ad ON COMMIT DROP AS
       SELECT account_key, ad_id, ''::text AS creative_id FROM core.ad_creative WITH NO DATA""",
)

_ENTER_IMAGE: Final = """
INSERT INTO core.image (account_key, digest, media_type, bytes, width, height)
VALUES (:account, :digest, :media_type, :bytes, :width, :height) ON CONFLICT DO NOTHING
"""

# What is not said stays. A picture goes when the creative refers to another one, which was not there.
_WRITE_CREATIVES: Final = f"""
WITH said AS (
    SELECT d.account_key, d.creative_id, t.creative_key IS NOT NULL AS known,
           {", ".join(f"coalesce(d.{c}, t.{c}) AS {c}" for c in (*_TEXTS, *_FACTS))},
           CASE WHEN d.image_digest IS NOT NULL THEN d.image_digest
                WHEN d.image_reference IS NULL OR d.image_reference = t.image_reference THEN t.image_digest
           END AS image_digest,
           coalesce(d.tags, t.tags, '[]') AS tags, coalesce(d.assets, t.assets, '[]') AS assets,
           coalesce(t.metadata, '{{}}') || coalesce(jsonb_strip_nulls(d.metadata), '{{}}') AS metadata
    FROM incoming_creative d LEFT JOIN core.creative t USING (account_key, creative_id)
), differing AS (
    SELECT s.* FROM said s LEFT JOIN core.creative t USING (account_key, creative_id)
    WHERE NOT s.known OR ({", ".join(f"s.{c}" for c in _COLUMNS)})
          IS DISTINCT FROM ({", ".join(f"t.{c}" for c in _COLUMNS)})
), written AS (
    INSERT INTO core.creative (account_key, creative_id, {", ".join(_COLUMNS)}, load_key)
    SELECT account_key, creative_id, {", ".join(_COLUMNS)}, :load FROM differing
    ON CONFLICT (account_key, creative_id) DO UPDATE
    SET {", ".join(f"{c} = excluded.{c}" for c in _COLUMNS)}, load_key = excluded.load_key, updated_at = now()
    RETURNING creative_key, account_key, creative_id
)
SELECT w.creative_key, d.known FROM written w JOIN differing d USING (account_key, creative_id)
"""

_WRITE_LINKS: Final = """
WITH written AS (
    INSERT INTO core.ad_creative (account_key, ad_id, creative_key, load_key)
    SELECT i.account_key, i.ad_id, c.creative_key, :load
    FROM incoming_ad i JOIN core.creative c USING (account_key, creative_id)
    ON CONFLICT (account_key, ad_id) DO UPDATE SET creative_key = excluded.creative_key, load_key = excluded.load_key
    WHERE ad_creative.creative_key <> excluded.creative_key
    RETURNING creative_key
)
SELECT DISTINCT creative_key FROM written
"""
