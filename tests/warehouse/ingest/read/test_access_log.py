"""Access logs of web servers: what is read of them, and what is not."""

import gzip
from pathlib import Path

import pytest

from tests.warehouse.ingest.read.shapes import saved, take_one
from warehouse.ingest.read.access_log import HEADER, looks_like_access_log

AGENT = "Mozilla/5.0 (X11)"
LINES = (
    f'203.0.113.9 - frank [10/Sep/2026:13:55:36 +0200] "GET /a?gclid=G1 HTTP/1.1" 200 2326 "https://x.y/" "{AGENT}"',
    f'shop.example:443 203.0.113.9 - - [10/Sep/2026:13:55:37 +0200] "POST /cart HTTP/2.0" 302 - "-" "{AGENT}"',
    '203.0.113.9 - - [10/Sep/2026:13:55:38 +0200] "GET /common HTTP/1.0" 404 12',
)


def test_what_a_record_says_without_whose_address_it_was(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, ("\n".join(LINES) + "\n").encode(), "access.log"))
    assert taken.table.header == HEADER
    assert list(zip(taken.lines, *zip(*taken.rows, strict=True), strict=True)) == [
        (1, "10/Sep/2026:13:55:36 +0200", "GET", "/a?gclid=G1", "200", "https://x.y/", AGENT),
        (2, "10/Sep/2026:13:55:37 +0200", "POST", "/cart", "302", "-", AGENT),
        (3, "10/Sep/2026:13:55:38 +0200", "GET", "/common", "404", None, None),
    ]


def test_what_cannot_be_read_is_said_without_the_address(tmp_path: Path) -> None:
    broken = "203.0.113.9 - - [10/Sep/2026:13:55:36 +0200] garbage\n203.0.113.9 whatever\n"
    taken = take_one(saved(tmp_path, (LINES[0] + "\n" + broken).encode(), "access.log"))
    assert [(m.line, m.code) for m in taken.misfits] == [(2, "NOT_A_REQUEST"), (3, "NOT_A_REQUEST")]
    assert not any("203.0.113.9" in m.raw for m in taken.misfits)


def test_a_packed_log_is_read_too(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, gzip.compress(LINES[0].encode()), "access.log.1.gz"))
    assert taken.lines == [1]


@pytest.mark.parametrize("text", ["Day,Campaign,Cost\n", "", '{"a": 1}', "203.0.113.9 - - no log at all"])
def test_other_text_is_no_log(text: str) -> None:
    assert not looks_like_access_log(text)
