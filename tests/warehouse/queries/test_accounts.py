from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.warehouse.seed import GOOGLE, META, google_report, seed_two_accounts
from warehouse.access import Reader
from warehouse.errors import NotFound
from warehouse.ingest.load import LoadOptions, load_paths
from warehouse.local_owner import local_owner
from warehouse.queries.accounts import find_account
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


def test_an_account_is_found_by_what_people_call_it(
    settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    warehouse = Warehouse(settings, engine)
    seed = seed_two_accounts(warehouse, tmp_path_factory.mktemp("exports"))
    path = tmp_path_factory.mktemp("exports") / "same_id.csv"
    path.write_text(google_report(days=1), encoding="utf-8")
    (twin,) = load_paths(warehouse, [str(path)], LoadOptions(account=META))  # Google's account with Meta's id
    assert twin.status == "loaded"

    with warehouse.reading(local_owner(warehouse)) as session:
        assert find_account(session, GOOGLE) == seed.google
        assert find_account(session, f"meta_ads/{META}") == seed.meta
        with pytest.raises(NotFound, match=rf"2 platforms have an account.*google_ads/{META}, meta_ads/{META}"):
            find_account(session, META)
        with pytest.raises(NotFound, match=f"no account 'x'.*google_ads/{GOOGLE}"):
            find_account(session, "x")
    with warehouse.reading(Reader("user:999", "Stranger")) as session, pytest.raises(NotFound, match="none yet"):
        find_account(session, GOOGLE)
