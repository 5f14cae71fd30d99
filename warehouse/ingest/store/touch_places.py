"""Where touchpoints happened: account, campaign, ad group, ad, creative and channel of each row.

A file has few different places and many rows, so places are settled once and rows are joined to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.channels import channel_of_visit, named_channel
from warehouse.engine import WriteSession
from warehouse.ingest.contract import Assumption, Finding, Level, ParsedTable
from warehouse.ingest.matching import platform_named
from warehouse.ingest.store.accounts import AccountBook, StoredAccount
from warehouse.ingest.store.entities import EntityBook

PLACE: Final = (
    "platform", "account_id", "account_name", "currency", "channel", "utm_source", "utm_medium", "utm_campaign",
    "campaign_id", "campaign_name", "campaign_type", "ad_group_id", "ad_group_name", "ad_id", "ad_name", "creative_id",
)  # fmt: skip
KEYS: Final = {
    "account_key": pl.Int32(),
    "advertiser_key": pl.Int32(),
    "campaign_key": pl.Int32(),
    "ad_group_key": pl.Int32(),
    "ad_key": pl.Int32(),
    "creative_key": pl.Int32(),
    "channel": pl.String(),
}
_LEVELS: Final[tuple[Level, ...]] = ("ad", "ad_group", "campaign")
_PLACE = "__place"


@dataclass(slots=True)
class TouchPlaces:
    """The places of one load. ``accounts`` is the book of the table's own platform; rows may name others."""

    session: WriteSession
    table: ParsedTable
    accounts: AccountBook
    _settled: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={_PLACE: pl.UInt64(), **KEYS}))
    _books: dict[str, AccountBook] = field(default_factory=dict)
    _entities: dict[Level, EntityBook] = field(default_factory=dict)
    _unknown_platforms: set[str] = field(default_factory=set)

    def keys(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns of :data:`KEYS` for every row of a frame of ``TOUCHPOINT``."""
        said = [name for name in PLACE if frame[name].null_count() < frame.height]
        # The same word under another column is another place.
        seed = sum(1 << n for n, name in enumerate(PLACE) if name in said)
        place = frame.select(said).hash_rows(seed) if said else pl.repeat(0, frame.height, dtype=pl.UInt64, eager=True)
        rows = place.alias(_PLACE).to_frame()
        new = frame.select(PLACE).with_columns(place.alias(_PLACE)).unique(_PLACE, maintain_order=True)
        new = new.join(self._settled, on=_PLACE, how="anti", maintain_order="left")
        if not new.is_empty():
            self._settled = pl.concat([self._settled, self._settle(new)])
        return rows.join(self._settled, on=_PLACE, how="left", maintain_order="left").drop(_PLACE)

    def _settle(self, new: pl.DataFrame) -> pl.DataFrame:
        parts = []
        new = new.with_columns(platform=self._platforms(new))
        for (platform,), rows in new.group_by("platform", maintain_order=True):
            keyed = rows.with_columns(account_key=self._book(str(platform)).keys(rows))
            for level, part in _by_level(keyed):
                parts.append(self._with_entities(part, level))
        keyed = pl.concat(parts, how="diagonal")
        keyed = keyed.with_columns(creative_key=self._creatives(keyed), advertiser_key=self._advertisers(keyed))
        keyed = keyed.with_columns(channel=self._channels(keyed))
        return keyed.select(_PLACE, *(pl.col(name).cast(dtype) for name, dtype in KEYS.items()))

    def _platforms(self, rows: pl.DataFrame) -> pl.Series:
        """The platform of each place, in our name; the table's own where it says none."""
        names = {}
        for word in rows["platform"].drop_nulls().unique():
            known = platform_named(word)
            names[word] = known.name if known else "other_ads"
            if known is None and word not in self._unknown_platforms:
                self._unknown_platforms.add(word)
                words = f'The platform "{word}" is not known; its rows are of "Other ads".'
                self.table.findings.append(Finding("unknown_platform", "warning", words))
        return (
            rows["platform"]
            .replace_strict(names, default=None, return_dtype=pl.String)
            .fill_null(self.accounts.platform)
        )

    def _book(self, platform: str) -> AccountBook:
        if platform == self.accounts.platform:
            return self.accounts
        if platform not in self._books:
            # The accounts that were used are reported together, whatever their platform.
            self._books[platform] = replace(self.accounts, platform=platform, _known={})
        return self._books[platform]

    def _with_entities(self, rows: pl.DataFrame, level: Level | None) -> pl.DataFrame:
        nothing = pl.lit(None, pl.Int32())
        if level is None:
            return rows.with_columns(campaign_key=nothing, ad_group_key=nothing, ad_key=nothing)
        found = self._entity_book(level).keys(rows)
        keys: dict[str, pl.Series | pl.Expr] = {
            "campaign_key": found["campaign_key"],
            "ad_group_key": nothing,
            "ad_key": nothing,
        }
        if level != "campaign":
            keys[f"{level}_key"] = found["entity_key"]
        if level == "ad" and rows["ad_group_id"].null_count() < rows.height:
            keys["ad_group_key"] = self._entity_book("ad_group").keys(rows)["entity_key"]
        return rows.with_columns(**keys)

    def _entity_book(self, level: Level) -> EntityBook:
        if level not in self._entities:
            self._entities[level] = EntityBook(self.session, level, self.table.assumptions)
        return self._entities[level]

    def _creatives(self, rows: pl.DataFrame) -> pl.Series:
        """Keys of creatives, made where nothing but their id is known yet."""
        named = rows.select("account_key", "creative_id").drop_nulls().unique(maintain_order=True)
        if named.is_empty():
            return pl.repeat(None, rows.height, dtype=pl.Int32, eager=True)
        found = self.session.execute(
            text(_CREATIVES),
            {"accounts": named["account_key"].to_list(), "ids": named["creative_id"].to_list()},
        ).all()
        keys = pl.DataFrame(
            [tuple(row) for row in found],
            schema={"account_key": pl.Int32, "creative_id": pl.String, "creative_key": pl.Int32},
            orient="row",
        )
        pairs = rows.select("account_key", "creative_id")
        return pairs.join(keys, on=["account_key", "creative_id"], how="left", maintain_order="left")["creative_key"]

    def _advertisers(self, rows: pl.DataFrame) -> pl.Series:
        keys = rows["account_key"].unique().to_list()
        found = self.session.execute(text(_ADVERTISERS), {"keys": keys}).all()
        return rows["account_key"].replace_strict(dict(found), return_dtype=pl.Int32)

    def _channels(self, rows: pl.DataFrame) -> pl.Series:
        """What the source names, else the campaign's by the taxonomy, else by where the visit came from."""
        campaigns = rows["campaign_key"].drop_nulls().unique().to_list()
        by_campaign: dict[int, str] = (
            {row[0]: row[1] for row in self.session.execute(text(_CHANNELS), {"keys": campaigns})} if campaigns else {}
        )
        of_campaign = rows["campaign_key"].replace_strict(by_campaign, default=None, return_dtype=pl.String)
        of_visit = channel_of_visit(rows["utm_source"], rows["utm_medium"], rows["utm_campaign"])
        tagged = rows["utm_source"].is_not_null() | rows["utm_medium"].is_not_null()
        of_platform: dict[str, str] = {row[0]: row[1] for row in self.session.execute(text(_CHANNELS_OF_PLATFORMS))}
        default = rows["platform"].replace_strict(of_platform, default=None, return_dtype=pl.String)
        return pl.select(
            pl.coalesce(
                named_channel(rows["channel"]),
                of_campaign,
                pl.when(tagged).then(of_visit),
                default,
                of_visit,
            )
        ).to_series()

    @property
    def used(self) -> dict[int, StoredAccount]:
        """The accounts that rows belong to."""
        return self.accounts.used

    def note_untold_platform(self) -> None:
        """Say what the rows without a platform were taken for."""
        why = "rows name no platform"
        if self.accounts.platform == "other_ads":
            self.table.assumptions.append(Assumption("platform", "other_ads", why))


def _by_level(rows: pl.DataFrame) -> list[tuple[Level | None, pl.DataFrame]]:
    """The rows by the finest thing that they name."""
    left = rows
    parts: list[tuple[Level | None, pl.DataFrame]] = []
    for level in _LEVELS:
        names = left[f"{level}_id"].is_not_null() | left[f"{level}_name"].is_not_null()
        part, left = left.filter(names), left.filter(~names)
        if not part.is_empty():
            parts.append((level, part))
    return [*parts, (None, left)] if not left.is_empty() else parts


_CREATIVES = """
WITH named AS (
    SELECT * FROM unnest(CAST(:accounts AS int[]), CAST(:ids AS text[])) AS n (account_key, creative_id)
), made AS (
    INSERT INTO core.creative (account_key, creative_id) SELECT * FROM named ON CONFLICT DO NOTHING
    RETURNING account_key, creative_id, creative_key
)
SELECT * FROM made
UNION ALL
SELECT c.account_key, c.creative_id, c.creative_key
FROM core.creative c JOIN named n ON n.account_key = c.account_key AND n.creative_id = c.creative_id
"""

_ADVERTISERS = "SELECT account_key, advertiser_key FROM core.account WHERE account_key = ANY (CAST(:keys AS int[]))"

_CHANNELS = """
SELECT c.campaign_key, coalesce(r.channel, d.channel)
FROM core.campaign c
JOIN core.account a ON a.account_key = c.account_key
LEFT JOIN core.channel_rule r ON r.platform = a.platform AND r.type_key = c.type_key
LEFT JOIN core.channel_rule d ON d.platform = a.platform AND d.type_key = ''
WHERE c.campaign_key = ANY (CAST(:keys AS int[])) AND coalesce(r.channel, d.channel, 'other') <> 'other'
"""

_CHANNELS_OF_PLATFORMS = """
SELECT platform, channel FROM core.channel_rule WHERE type_key = '' AND channel <> 'other'
"""
