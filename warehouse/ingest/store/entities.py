"""Keys of campaigns, ad groups, ads and keywords: known ones looked up, new ones created, names kept current.

What an export leaves out gets a stand-in, said so in the load's assumptions: a campaign without an id is known by
its name, an account-level row belongs to "All campaigns", and an ad whose campaign is not in the file waits in
"Campaign not in the file" until a table that knows it arrives.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import Assumption, Level

UNKNOWN = "(unknown)"
WHOLE_ACCOUNT = "(account)"

_COLUMNS: dict[Level, tuple[str, ...]] = {
    "account": ("campaign_type",),
    "campaign": ("campaign_id", "campaign_name", "campaign_type"),
    "ad_group": ("campaign_id", "campaign_name", "campaign_type", "ad_group_id", "ad_group_name"),
    "ad": ("campaign_id", "campaign_name", "campaign_type", "ad_group_id", "ad_group_name", "ad_id", "ad_name"),
    "keyword": (
        "campaign_id", "campaign_name", "campaign_type", "ad_group_id", "ad_group_name", "keyword_id", "keyword_text",
    ),
}  # fmt: skip


@dataclass(slots=True)
class EntityBook:
    """Entities of one load.

    ``retyped`` holds campaigns whose type changed, so that rollups can follow; ``made`` the keys of entities that were
    not known before, by kind.
    """

    session: WriteSession
    level: Level
    assumptions: list[Assumption]
    retyped: set[int] = field(default_factory=set)
    made: dict[Level, set[int]] = field(default_factory=dict)
    _campaigns: dict[tuple[int, str], int] = field(default_factory=dict)
    _children: dict[tuple[str, int, str], tuple[int, int]] = field(default_factory=dict)
    _attributes: dict[int, _Said] = field(default_factory=dict)
    _names: dict[tuple[str, int], _Said] = field(default_factory=dict)

    def keys(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Columns ``entity_key`` and ``campaign_key`` for every row of a frame that has ``account_key``."""
        by = ["account_key", *_COLUMNS[self.level]]
        if "date" in frame.columns:
            last_days = frame.group_by(by, maintain_order=True).agg(pl.col("date").max().alias(_DAY)).sort(_DAY)
            distinct, rows = last_days.select(by), last_days.to_dicts()
        else:
            distinct = frame.select(by).unique(maintain_order=True)
            rows = distinct.to_dicts()
        self._find_campaigns(rows)
        if self.level in ("ad_group", "ad", "keyword"):
            self._find_children(rows)
        pairs = [self._pair(row) for row in rows]
        keyed = distinct.with_columns(
            entity_key=pl.Series([p[0] for p in pairs], dtype=pl.Int32),
            campaign_key=pl.Series([p[1] for p in pairs], dtype=pl.Int32),
        )
        found = frame.select(by).join(keyed, on=by, how="left", nulls_equal=True, maintain_order="left")
        return found.select("entity_key", "campaign_key")

    def write_attributes(self, older_than: Mapping[int, dt.date]) -> int:
        """Bring names and types to what the load said last; how many entities that changed.

        ``older_than`` has accounts with the last day known before the load: an export that ends earlier tells of the
        past, so it names only what has no name or type yet.
        """
        past = {"past_accounts": list(older_than), "past_days": list(older_than.values())}
        known = {k: v for k, v in self._attributes.items() if v.name or v.campaign_type}
        changes = 0
        if known:
            changed = self.session.execute(
                text(_NAME_CAMPAIGNS),
                past
                | {
                    "keys": list(known),
                    "days": [v.day for v in known.values()],
                    "names": [v.name for v in known.values()],
                    "types": [v.campaign_type for v in known.values()],
                },
            ).all()
            self.retyped |= {row.campaign_key for row in changed if row.retyped}
            changes += len(changed)
        for kind, (table, key, column) in _CHILD_TABLES.items():
            names = {k: said for (what, k), said in self._names.items() if what == kind}
            if names:
                parameters = {
                    "keys": list(names),
                    "days": [said.day for said in names.values()],
                    "names": [said.name for said in names.values()],
                }
                statement = text(_NAME_CHILDREN.format(table=table, key=key, column=column))
                changes += len(self.session.execute(statement, past | parameters).all())
        return changes

    def _pair(self, row: dict[str, Any]) -> tuple[int, int]:
        campaign_key = self._campaigns[row["account_key"], _campaign_id(row, self.level)]
        if self.level == "account":
            return campaign_key, campaign_key
        said = _Said(row.get(_DAY), row["campaign_name"], row["campaign_type"])
        self._attributes[campaign_key] = said.over(self._attributes.get(campaign_key))
        return (campaign_key, campaign_key) if self.level == "campaign" else self._child_pair(row, campaign_key)

    def _child_pair(self, row: dict[str, Any], campaign_key: int) -> tuple[int, int]:
        group_key, campaign_key = self._children["ad_group", campaign_key, _id(row, "ad_group")]
        self._note_name("ad_group", group_key, row)
        if self.level == "ad_group":
            return group_key, campaign_key
        entity_key, campaign_key = self._children[self.level, group_key, _id(row, self.level)]
        self._note_name(self.level, entity_key, row)
        return entity_key, campaign_key

    def _note_name(self, kind: Level, key: int, row: dict[str, Any]) -> None:
        said = _Said(row.get(_DAY), row[_NAMES[kind]], None)
        if said.name:
            self._names[kind, key] = said.over(self._names.get((kind, key)))

    def _find_campaigns(self, rows: Iterable[dict[str, Any]]) -> None:
        wanted: dict[tuple[int, str], dict[str, Any]] = {}
        for row in rows:
            identity = (row["account_key"], _campaign_id(row, self.level))
            if identity not in self._campaigns:
                wanted[identity] = row
        if not wanted:
            return
        if any(not row.get("campaign_id") and row.get("campaign_name") for row in wanted.values()):
            self._assume("campaign id", "the campaign's name", "the file has no campaign id")
        parameters = {
            "accounts": [account for account, _ in wanted],
            "ids": [identity for _, identity in wanted],
            "names": [_campaign_name(row, self.level) for row in wanted.values()],
            "types": [row["campaign_type"] or "" for row in wanted.values()],
            "by_name": [not row.get("campaign_id") for row in wanted.values()],
        }
        self.session.execute(text(_ADOPT), parameters)
        for found in self.session.execute(text(_CAMPAIGNS), parameters):
            self._campaigns[found.account_key, found.campaign_id] = found.campaign_key
            if found.is_new:
                self.made.setdefault("campaign", set()).add(found.campaign_key)

    def _find_children(self, rows: list[dict[str, Any]]) -> None:
        self._find("ad_group", rows)
        if self.level != "ad_group":
            self._find(self.level, rows)

    def _find(self, kind: Level, rows: list[dict[str, Any]]) -> None:
        wanted: dict[tuple[str, int, str], tuple[int, int, str, str]] = {}
        for row in rows:
            campaign_key = self._campaigns[row["account_key"], _campaign_id(row, self.level)]
            parent = campaign_key
            if kind != "ad_group":
                parent, campaign_key = self._children["ad_group", campaign_key, _id(row, "ad_group")]
            identity = (kind, parent, _id(row, kind))
            if identity not in self._children:
                wanted[identity] = (
                    row["account_key"], campaign_key, _id(row, kind), row[_NAMES[kind]] or _id(row, kind)
                )  # fmt: skip
        if not wanted:
            return
        table, key, column = _CHILD_TABLES[kind]
        parent_column = "campaign_key" if kind == "ad_group" else "ad_group_key"
        children = self.session.execute(
            text(_CHILDREN.format(table=table, key=key, column=column, parent=parent_column, extra=_EXTRA[kind])),
            {
                "parents": [parent for _, parent, _ in wanted],
                "accounts": [w[0] for w in wanted.values()],
                "campaigns": [w[1] for w in wanted.values()],
                "ids": [w[2] for w in wanted.values()],
                "names": [w[3] for w in wanted.values()],
                "unknown": UNKNOWN,
            },
        )
        for child in children:
            self._children[kind, child.asked_parent, child.id] = (child.key, child.campaign_key)
            if child.is_new:
                self.made.setdefault(kind, set()).add(child.key)

    def _assume(self, field_: str, value: str, why: str) -> None:
        assumption = Assumption(field_, value, why)
        if assumption not in self.assumptions:
            self.assumptions.append(assumption)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a load says of an entity on its last day (None: of now)."""

    day: dt.date | None
    name: str | None
    campaign_type: str | None

    def over(self, before: _Said | None) -> _Said:
        """Both, where the later one counts."""
        if before is None:
            return self
        late = self.day is None or before.day is None or self.day >= before.day
        new, old = (self, before) if late else (before, self)
        return _Said(new.day, new.name or old.name, new.campaign_type or old.campaign_type)


_DAY = "__day"
_NAMES = {"ad_group": "ad_group_name", "ad": "ad_name", "keyword": "keyword_text"}
_CHILD_TABLES = {
    "ad_group": ("ad_group", "ad_group_key", "name"),
    "ad": ("ad", "ad_key", "name"),
    "keyword": ("keyword", "keyword_key", "text"),
}


def _campaign_id(row: dict[str, Any], level: Level) -> str:
    if level == "account":
        kind = row["campaign_type"]
        return f"{WHOLE_ACCOUNT} {kind}" if kind else WHOLE_ACCOUNT
    return row["campaign_id"] or row["campaign_name"] or UNKNOWN


def _campaign_name(row: dict[str, Any], level: Level) -> str:
    if level == "account":
        kind = row["campaign_type"]
        return f"All {kind} campaigns" if kind else "All campaigns"
    return row["campaign_name"] or row["campaign_id"] or "Campaign not in the file"


def _id(row: dict[str, Any], kind: Level) -> str:
    return row[f"{kind}_id"] or row[_NAMES[kind]] or UNKNOWN


_WANTED = """
    SELECT * FROM unnest(CAST(:accounts AS int[]), CAST(:ids AS text[]), CAST(:names AS text[]),
                         CAST(:types AS text[]), CAST(:by_name AS boolean[]))
        AS w (account_key, campaign_id, name, campaign_type, by_name)
"""

# A campaign that was known by its name only gets its id when a file brings it.
_ADOPT = f"""
WITH wanted AS ({_WANTED})
UPDATE core.campaign c SET campaign_id = w.campaign_id, id_is_name = false
FROM wanted w
WHERE NOT w.by_name AND c.account_key = w.account_key AND c.id_is_name AND c.name = w.name
  AND NOT EXISTS (SELECT FROM core.campaign o WHERE o.account_key = w.account_key AND o.campaign_id = w.campaign_id)
  AND (SELECT count(*) FROM core.campaign s WHERE s.account_key = w.account_key AND s.id_is_name
         AND s.name = w.name) = 1
  AND (SELECT count(*) FROM wanted s WHERE s.account_key = w.account_key AND s.name = w.name) = 1
"""

_PAST = """
coalesce(s.day < (SELECT p.day FROM unnest(CAST(:past_accounts AS int[]), CAST(:past_days AS date[])) AS p (key, day)
                  WHERE p.key = t.account_key), false)
"""

_NAME_CAMPAIGNS = f"""
WITH said AS (
    SELECT t.campaign_key, t.campaign_type AS old_type,
           CASE WHEN s.name IS NULL OR ({_PAST} AND t.name <> t.campaign_id) THEN t.name ELSE s.name END AS name,
           CASE WHEN s.campaign_type IS NULL OR ({_PAST} AND t.campaign_type <> '') THEN t.campaign_type
                ELSE s.campaign_type END AS campaign_type
    FROM unnest(CAST(:keys AS int[]), CAST(:days AS date[]), CAST(:names AS text[]), CAST(:types AS text[]))
        AS s (campaign_key, day, name, campaign_type)
    JOIN core.campaign t ON t.campaign_key = s.campaign_key
)
UPDATE core.campaign c SET name = s.name, campaign_type = s.campaign_type FROM said s
WHERE c.campaign_key = s.campaign_key AND (c.name <> s.name OR c.campaign_type <> s.campaign_type)
RETURNING c.campaign_key, s.old_type <> s.campaign_type AS retyped
"""

_NAME_CHILDREN = f"""
UPDATE core.{{table}} t SET {{column}} = s.name
FROM unnest(CAST(:keys AS int[]), CAST(:days AS date[]), CAST(:names AS text[])) AS s (key, day, name)
WHERE t.{{key}} = s.key AND t.{{column}} <> s.name AND (NOT {_PAST} OR t.{{column}} = t.{{table}}_id)
RETURNING 1
"""

# A campaign without an id in the file is the known campaign of that name, if exactly one has it.
_CAMPAIGNS = f"""
WITH wanted AS ({_WANTED}), known AS (
    SELECT w.account_key, w.campaign_id, coalesce(c.campaign_key, n.campaign_key) AS campaign_key
    FROM wanted w
    LEFT JOIN core.campaign c ON c.account_key = w.account_key AND c.campaign_id = w.campaign_id
    LEFT JOIN (
        SELECT account_key, name, min(campaign_key) AS campaign_key FROM core.campaign
        WHERE account_key = ANY (CAST(:accounts AS int[]))
        GROUP BY account_key, name HAVING count(*) = 1
    ) n ON w.by_name AND n.account_key = w.account_key AND n.name = w.campaign_id
), made AS (
    INSERT INTO core.campaign (account_key, campaign_id, name, campaign_type, id_is_name)
    SELECT w.account_key, w.campaign_id, w.name, w.campaign_type, w.by_name
    FROM wanted w JOIN known k ON k.account_key = w.account_key AND k.campaign_id = w.campaign_id
    WHERE k.campaign_key IS NULL
    RETURNING account_key, campaign_id, campaign_key
)
SELECT account_key, campaign_id, campaign_key, false AS is_new FROM known WHERE campaign_key IS NOT NULL
UNION ALL SELECT account_key, campaign_id, campaign_key, true FROM made
"""

# An ad or ad group whose parent the file does not name is the known one with that id in the account, if exactly one
# has it: then its real parent comes with it.
_CHILDREN = """
WITH wanted AS (
    SELECT * FROM unnest(CAST(:parents AS int[]), CAST(:accounts AS int[]), CAST(:campaigns AS int[]),
                         CAST(:ids AS text[]), CAST(:names AS text[]))
        AS w (parent, account_key, campaign_key, id, name)
), orphan_parents AS (
    SELECT g.campaign_key AS parent FROM core.campaign g WHERE g.campaign_id = :unknown AND '{parent}' = 'campaign_key'
    UNION ALL
    SELECT g.ad_group_key FROM core.ad_group g WHERE g.ad_group_id = :unknown AND '{parent}' = 'ad_group_key'
), known AS (
    SELECT w.parent, w.account_key, w.campaign_key, w.id, w.name, coalesce(t.{key}, n.key) AS key,
           coalesce(t.campaign_key, n.campaign_key) AS known_campaign
    FROM wanted w
    LEFT JOIN core.{table} t ON t.{parent} = w.parent AND t.{table}_id = w.id
    LEFT JOIN (
        SELECT account_key, {table}_id AS id, min({key}) AS key, min(campaign_key) AS campaign_key
        FROM core.{table} WHERE account_key = ANY (CAST(:accounts AS int[])) AND {table}_id <> :unknown
        GROUP BY account_key, {table}_id HAVING count(*) = 1
    ) n ON n.account_key = w.account_key AND n.id = w.id AND w.parent IN (SELECT parent FROM orphan_parents)
), made AS (
    INSERT INTO core.{table} (account_key, campaign_key, {table}_id, {column}{extra})
    SELECT k.account_key, k.campaign_key, k.id, k.name{extra} FROM (SELECT *, parent AS ad_group_key FROM known) k
    WHERE k.key IS NULL
    RETURNING {parent} AS parent, {table}_id AS id, {key} AS key, campaign_key
)
SELECT parent AS asked_parent, id, key, known_campaign AS campaign_key, false AS is_new FROM known WHERE key IS NOT NULL
UNION ALL SELECT parent, id, key, campaign_key, true FROM made
"""

_EXTRA = {"ad_group": "", "ad": ", ad_group_key", "keyword": ", ad_group_key"}
