import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.warehouse.ingest.read.shapes import take_one
from warehouse.errors import LoadRefused
from warehouse.ingest.read.open import content_digest, expand

CSV = b"Day,Campaign,Cost\n2026-09-01,Brand,1.50\n"
ROW = ("2026-09-01", "Brand", "1.50")
# More than one read of the remote stream.
LARGE = CSV + b"2026-09-02,Brand,1.50\n" * 800_000


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of an S3 server on this machine with a bucket ``exports``."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    client.create_bucket(Bucket="exports")
    for key in ("a.csv", "deep/b.csv", "deep/README.md", "deep/.hidden.csv"):
        client.put_object(Bucket="exports", Key=key, Body=CSV)
    client.put_object(Bucket="exports", Key="large.csv", Body=LARGE)
    yield address
    server.stop()


@pytest.fixture
def s3(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUSEWAY_S3_ENDPOINT_URL", bucket)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.mark.usefixtures("s3")
def test_object_of_a_bucket_is_read() -> None:
    taken = take_one("s3://exports/a.csv")
    assert (taken.rows, taken.table.path, taken.table.name) == ([ROW], "s3://exports/a.csv", "a.csv")


@pytest.mark.usefixtures("s3")
def test_large_object_is_read_in_parts() -> None:
    taken = take_one("s3://exports/large.csv")
    assert (len(taken.rows), taken.batches > 2) == (800_001, True)
    assert content_digest("s3://exports/large.csv") == (hashlib.sha256(LARGE).hexdigest(), len(LARGE))


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("s3://exports", ["s3://exports/a.csv", "s3://exports/deep/b.csv", "s3://exports/large.csv"]),
        ("s3://exports/deep/", ["s3://exports/deep/b.csv"]),
        ("s3://exports/*/*.csv", ["s3://exports/deep/b.csv"]),
        ("s3://exports/deep/README.md", ["s3://exports/deep/README.md"]),
    ],
)
def test_buckets_are_expanded_like_folders(path: str, found: list[str]) -> None:
    assert expand([path]) == found


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("s3://exports/none/", "matches no export"),
        ("s3://exports/x*.csv", "matches no export"),
        ("s3://nobody/", "cannot be reached|matches no export"),
    ],
)
def test_bucket_without_the_export_is_refused(path: str, words: str) -> None:
    with pytest.raises(LoadRefused, match=words):
        expand([path])


@pytest.mark.usefixtures("s3")
def test_object_that_is_not_there_is_refused() -> None:
    with pytest.raises(LoadRefused, match=r"s3://exports/none\.csv cannot be reached"):
        take_one("s3://exports/none.csv")


class _GoogleStorage(BaseHTTPRequestHandler):
    """As much of Google's storage as reading one object takes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        name = unquote(address.path.rpartition("/o/")[2])
        if name != "a.csv":
            self._answer(404, b"{}")
        elif "alt=media" in address.query or "/download/" in address.path:
            self._answer(200, CSV)
        else:
            item = {"kind": "storage#object", "bucket": "exports", "name": name, "size": str(len(CSV))}
            self._answer(200, json.dumps(item).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def test_google_storage_goes_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _GoogleStorage)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
    try:
        assert take_one("gs://exports/a.csv").rows == [ROW]
    finally:
        server.shutdown()
        server.server_close()
