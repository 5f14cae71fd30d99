"""Bytes -> tables of text: the entrance of reading.

What a file is, its bytes decide. Everything streams: memory does not grow with the file, workbooks excepted, whose
format has a limit of its own.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from warehouse.errors import LoadRefused
from warehouse.ingest.contract import Progress, RawTable
from warehouse.ingest.read.access_log import read_access_log
from warehouse.ingest.read.archives import gunzip, is_workbook, members, open_zip, packed_bytes
from warehouse.ingest.read.columnar import read_parquet
from warehouse.ingest.read.delimited import read_delimited
from warehouse.ingest.read.json_records import read_json
from warehouse.ingest.read.kinds import is_definition, kind_of, looks_like_export
from warehouse.ingest.read.places import file_system, is_remote, opened, remote_failures
from warehouse.ingest.read.streams import Source, counted
from warehouse.ingest.read.workbook import read_workbook
from warehouse.ingest.read.yaml_definitions import read_yaml

_NESTED_MOST = 3  # a gzip file in a zip archive in a gzip file


def open_tables(path: str, vocabulary: frozenset[str], progress: Progress | None = None) -> Iterator[RawTable]:
    """The tables of one file (local, ``s3://`` or ``gs://``), in the file's order.

    ``vocabulary`` has the normalised header names by which a header is known. A table's batches are to be read
    before the next table is asked for. ``progress`` is called with the number of bytes read from the file so far.
    Raises :class:`LoadRefused`, also while batches are read: then nothing of the file may be kept.
    """
    with opened(path) as file:
        failures = (Exception,) if is_remote(path) else ()
        name = path.rstrip("/").rsplit("/", 1)[-1].lower()
        yield from _tables(Source(path, name, counted(file, path, progress, failures)), vocabulary, depth=0)


def expand(paths: Sequence[str]) -> list[str]:
    """The files that ``paths`` mean, each once, sorted, but definitions of experiments first.

    Paths are files, folders with all below them, and globs; local or remote. A file that is named is always taken.
    Of folders and globs, hidden files and those that are no exports by their names (README, .md, truth.json …) are
    left out. Raises :class:`LoadRefused` for a path that means no file.
    """
    found: set[str] = set()
    for path in paths:
        matches = _remote_matches(path) if is_remote(path) else _local_matches(path)
        if not matches:
            raise LoadRefused(
                f"{path} matches no export.",
                remedy="Give files, folders or patterns with CSV, Excel, JSON or Parquet files (also .gz and .zip).",
            )
        found.update(matches)
    # What defines comes before what it defines, wherever it stands in the alphabet.
    return sorted(found, key=lambda path: (not is_definition(path), path))


def content_digest(path: str) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size in bytes of a file as it is stored. Raises :class:`LoadRefused`."""
    with opened(path) as file:
        failures = (Exception,) if is_remote(path) else ()
        stream = counted(file, path, None, failures)
        digest = hashlib.file_digest(stream, "sha256")
        return digest.hexdigest(), stream.tell()


def _tables(source: Source, vocabulary: frozenset[str], depth: int) -> Iterator[RawTable]:
    if depth > _NESTED_MOST:
        raise LoadRefused(f"{source.path} is an archive in an archive in an archive.", remedy="Unpack it once.")
    match kind_of(source.look(), source.path):
        case "gzip":
            yield from _tables(gunzip(source), vocabulary, depth + 1)
        case "zip":
            with open_zip(source) as archive:
                if is_workbook(archive):
                    yield from read_workbook(packed_bytes(archive), source, vocabulary)
                    return
                for member in members(archive, source):
                    yield from _tables(member, vocabulary, depth + 1)
        case "parquet":
            yield from read_parquet(source)
        case "json":
            yield from read_json(source, vocabulary)
        case "yaml":
            yield from read_yaml(source, vocabulary)
        case "access_log":
            yield from read_access_log(source)
        case "text":
            yield from read_delimited(source, vocabulary)


def _local_matches(path: str) -> list[str]:
    if Path(path).exists():
        return _below(Path(path)) if Path(path).is_dir() else [path]
    matches: list[str] = []
    for match in map(Path, glob.glob(path, recursive=True)):  # noqa: PTH207 - absolute patterns too
        matches += _below(match) if match.is_dir() else [str(match)] if looks_like_export(match.name) else []
    return matches


def _below(folder: Path) -> list[str]:
    found: list[str] = []
    for where, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        found += [str(Path(where, f)) for f in files if looks_like_export(f)]
    return found


def _remote_matches(path: str) -> list[str]:
    fs, inside = file_system(path)
    with remote_failures(path):
        if any(c in inside for c in "*?["):
            candidates = [f for f in fs.glob(inside) if not fs.isdir(f)]
        elif not inside.endswith("/") and fs.isfile(inside):
            return [path]
        else:
            candidates = fs.find(inside)
        root = inside.partition("*")[0].rpartition("/")[0]
        exports = [c for c in candidates if looks_like_export(c.removeprefix(root).lstrip("/"))]
        return [fs.unstrip_protocol(c) for c in exports]
