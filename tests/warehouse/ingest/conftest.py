import pytest

from tests.warehouse.exports import Desk


@pytest.fixture
def desk(empty_warehouse, tmp_path):
    """A desk before an empty warehouse."""
    return Desk(empty_warehouse, tmp_path / "files")
