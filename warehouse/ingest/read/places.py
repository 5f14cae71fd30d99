"""Where files are: on this machine, or in a bucket through fsspec."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import fsspec

from warehouse.errors import LoadRefused
from warehouse.settings import Settings

_BUCKETS = frozenset({"s3", "gs"})
_BLOCK = 8 << 20


def is_remote(path: str) -> bool:
    return "://" in path


def file_system(path: str) -> tuple[Any, str]:
    """The fsspec file system of a remote path, and the path inside it.

    Raises :class:`LoadRefused` for anything but ``s3://`` and ``gs://``.
    """
    scheme = path.partition("://")[0].lower()
    if scheme not in _BUCKETS:
        raise LoadRefused(f"{path}: files are not read from {scheme}://.", remedy="Give a local path, s3:// or gs://.")
    options: dict[str, Any] = {"use_listings_cache": False}
    endpoint = Settings.from_environment().s3_endpoint_url
    if scheme == "s3" and endpoint:
        options["endpoint_url"] = endpoint
    if scheme == "gs":
        # Else the client first asks over gRPC of what kind the bucket is, and where only HTTP gets through it waits
        # half a minute for no answer. It reads this when it is first imported, which the next lines do.
        os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
        if os.environ.get("STORAGE_EMULATOR_HOST"):
            options["token"] = "anon"  # noqa: S105 - an emulator asks for none
    with remote_failures(path):
        fs, inside = fsspec.core.url_to_fs(path, **options)
    return fs, inside


@contextmanager
def remote_failures(path: str) -> Iterator[None]:
    """Turn what a bucket's client raises into :class:`LoadRefused`."""
    try:
        yield
    except LoadRefused:
        raise
    except Exception as error:  # every client has its own family: OSError, botocore's, google.auth's, aiohttp's
        what = str(error) or type(error).__name__
        raise LoadRefused(
            f"{path} cannot be reached: {what}.", remedy="Check the path, the credentials and the network."
        ) from error


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The bytes of a local or remote file, as a stream that can seek. Raises :class:`LoadRefused`."""
    if is_remote(path):
        fs, inside = file_system(path)
        with remote_failures(path):
            file = fs.open(inside, "rb", block_size=_BLOCK, cache_type="readahead")  # bounds what it keeps
    else:
        try:
            file = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115 - closed below; the reader buffers
        except OSError as error:
            raise LoadRefused(
                f"{path} cannot be opened: {error.strerror}.", remedy="Check the path and who may read it."
            ) from error
    with file:
        yield file
