"""A warehouse for every test that loads: a database of its own, at the newest schema version."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, text

from tests.conftest import fresh_database
from tests.warehouse.state import EVERYTHING
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture
def empty_url(server_url: URL, template_database: str) -> Iterator[URL]:
    """The address of an empty warehouse of the test's own."""
    with fresh_database(server_url, template_database) as url:
        yield url


def let_read_everything(warehouse: Warehouse) -> None:
    """Grant every account to the reader that tests read the mart as."""
    with warehouse.writing() as session:
        session.execute(
            text("INSERT INTO ops.account_grant (reader, role) VALUES (:reader, 'viewer') ON CONFLICT DO NOTHING"),
            {"reader": EVERYTHING.id},
        )


@pytest.fixture
def empty_warehouse(empty_url: URL, tmp_path: Path) -> Iterator[Warehouse]:
    """An empty warehouse of the test's own."""
    settings = Settings(
        home=tmp_path / "home",
        database_url=empty_url.render_as_string(hide_password=False),
        secret_key="only-for-tests-" + "x" * 32,
    )
    warehouse = Warehouse.connect(settings, application_name="causeway-tests")
    let_read_everything(warehouse)
    yield warehouse
    warehouse.engine.dispose()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of Spark, where there is Java. For small data: what helps with much of it costs more than it saves."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none")
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed: uv sync --extra spark")
    settings = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1",
                "spark.sql.shuffle.partitions": "1", "spark.sql.adaptive.enabled": "false",
                "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
                "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
                "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("spark"))}  # fmt: skip
    session = sql.SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
