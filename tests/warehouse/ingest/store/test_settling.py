"""Settling everybody looks at the same neighbours as settling around seeds does."""

import random

import polars as pl
import pytest
from sqlalchemy import text

from warehouse.ingest.store import settling
from warehouse.ingest.store.copying import copy_frame, copy_out
from warehouse.ingest.store.resolution import shared_keys
from warehouse.schema.people import IdentifierKind


@pytest.mark.parametrize("seed", range(4))
def test_who_is_shared_is_the_same_counted_here_and_by_postgresql(empty_warehouse, seed):
    """Random links, of which some identifiers have many more than one person has; some are of another advertiser."""
    draw = random.Random(seed)
    kinds = [kind.value for kind in IdentifierKind]
    identifiers = pl.DataFrame(
        {
            "identifier_key": sorted(draw.sample(range(1, 2_000), 400)),
            "advertiser_key": [draw.choice([1, 1, 1, 2]) for _ in range(400)],
            "kind": [draw.choice(kinds) for _ in range(400)],
        }
    )
    identifiers = identifiers.with_columns(
        digest=pl.format("00000000-0000-0000-0000-{}", pl.col("identifier_key").cast(pl.String).str.zfill(12)),
        customer_key="identifier_key",
    )
    ours, others = (identifiers.filter(advertiser_key=a)["identifier_key"].to_list() for a in (1, 2))
    links = {tuple(sorted(draw.sample([hub, *group], 2))) for group in (ours, others) for hub in group[:9] * 40}
    links |= {tuple(sorted((hub, draw.choice(group[9:])))) for group in (ours, others) for hub in group[:9] * 30}
    tied = pl.DataFrame(sorted(links), schema={"low_key": pl.Int64, "high_key": pl.Int64}, orient="row")
    with empty_warehouse.writing() as session:
        session.execute(text("INSERT INTO core.advertiser (name) VALUES ('another')"))
        copy_frame(session, "core.identifier", identifiers, identifiers.columns)
        copy_frame(session, "core.identity_link", tied, tied.columns)
        session.execute(text("UPDATE core.identity_link SET withdrawn_at = now() WHERE low_key % 7 = 0"))
        session.execute(text("CREATE TEMPORARY TABLE settling (identifier_key bigint, step int) ON COMMIT DROP"))
        session.execute(
            text("INSERT INTO settling SELECT identifier_key, 0 FROM core.identifier WHERE advertiser_key = 1")
        )
        asked = shared_keys(copy_out(session, settling._NEIGHBOURS, settling._NEIGHBOURS_SCHEMA))
        everybody, live = settling._all(session, 1)
    counted = shared_keys(settling._neighbours(everybody, live))
    assert set(live.rows()) == {(low, high) for low, high in links if low % 7 and {low, high} <= set(ours)}
    assert set(counted) == set(asked) == set(everybody.filter("is_shared")["identifier_key"])
    assert 3 < len(asked) < 100
