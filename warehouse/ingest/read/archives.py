"""Files in files: gzip and zip."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from warehouse.errors import LoadRefused
from warehouse.ingest.read.kinds import looks_like_export
from warehouse.ingest.read.streams import Source, counted, damaged, refuse_bomb, seekable, unpacked

_MEMBERS_MOST = 10_000
_ENCRYPTED = 0x1
_WORKBOOK = "xl/workbook.xml"
_OFFICE = "[Content_Types].xml"


def gunzip(source: Source) -> Source:
    """The file inside a gzip file."""
    inner = gzip.GzipFile(fileobj=source.stream)
    name = re.sub(r"\.gz$", "", source.name)
    return Source(source.path, name, unpacked(cast("BinaryIO", inner), source.path, source.taken))


def packed_bytes(archive: zipfile.ZipFile) -> bytes:
    """The archive itself, whole."""
    stream = archive.fp
    if stream is None:
        return b""
    stream.seek(0)
    return stream.read()


def open_zip(source: Source) -> zipfile.ZipFile:
    """A zip archive that is safe to read: whole, not encrypted, not a decompression bomb.

    Raises :class:`LoadRefused` otherwise.
    """
    try:
        archive = zipfile.ZipFile(seekable(source))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged(source.path, "zip archive or workbook", error) from error
    members = archive.infolist()
    if len(members) > _MEMBERS_MOST:
        raise LoadRefused(
            f"{source.path} has {len(members)} members.", remedy=f"Split it: {_MEMBERS_MOST} is the most."
        )
    if any(m.flag_bits & _ENCRYPTED for m in members):
        raise LoadRefused(f"{source.path} is protected with a password.", remedy="Unpack it and load what is inside.")
    refuse_bomb(source.path, sum(m.file_size for m in members), archive.start_dir)
    return archive


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether the archive is an Excel workbook (.xlsx)."""
    return _WORKBOOK in archive.namelist()


def members(archive: zipfile.ZipFile, source: Source) -> Iterator[Source]:
    """The members that may be exports, in the archive's order.

    Raises :class:`LoadRefused` when there is none.
    """
    names = archive.namelist()
    if _OFFICE in names:
        raise LoadRefused(
            f"{source.path} is an Office document without a worksheet.", remedy="Save the table as .xlsx or CSV."
        )
    found = [m for m in archive.infolist() if not m.is_dir() and looks_like_export(m.filename)]
    if not found:
        raise LoadRefused(
            f"{source.path} holds no export, only: {', '.join(names[:5]) or 'nothing'}.",
            remedy="CSV, Excel, JSON and Parquet files are read from a zip archive.",
        )
    for member in found:
        path = f"{source.path}!{member.filename}"
        try:
            inner = archive.open(member)
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            raise LoadRefused(f"{path} cannot be unpacked: {error}.", remedy="Pack the archive again.") from error
        name = member.filename.lower().rsplit("/", 1)[-1]
        # Its size was checked with the archive's, and a member gives no more than it says.
        yield Source(path, name, counted(cast("BinaryIO", inner), path, None, goes_back=False))
