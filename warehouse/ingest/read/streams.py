"""Byte streams that count what they give, turn failures into words, and stop what unpacks without end."""

from __future__ import annotations

import io
import shutil
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, BinaryIO
from zipfile import BadZipFile

from warehouse.errors import LoadRefused
from warehouse.ingest.contract import Progress

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LOOK = 1 << 16  # how much of a stream can be looked at before it is read

_IN_MEMORY = 32 << 20
_UNPACKED_FREELY = 64 << 20
_UNPACKED_TIMES = 200  # exports pack 5 to 50 times smaller; deflate's limit is 1032

_Failures = tuple[type[Exception], ...]
_READ_FAILURES: _Failures = (OSError, EOFError, zlib.error, BadZipFile, RuntimeError, NotImplementedError)


@dataclass(slots=True)
class Source:
    """Bytes to read. ``path`` is what a person is told, ``name`` the base name, ``stream`` stands at the beginning."""

    path: str
    name: str
    stream: io.BufferedReader

    def look(self) -> bytes:
        """The first bytes, without taking them."""
        return self.stream.peek(LOOK)

    def taken(self) -> int:
        """How many bytes were taken from what the stream stands on."""
        return self.stream.raw.given if isinstance(self.stream.raw, _Watched) else 0


def counted(
    inner: BinaryIO, path: str, progress: Progress | None, failures: _Failures = (), *, goes_back: bool = True
) -> io.BufferedReader:
    """``inner`` as a stream that reports to ``progress`` how many bytes it gave so far.

    A failure while reading becomes :class:`LoadRefused`; ``failures`` adds to the kinds that count as one.
    ``goes_back`` says that seeking is cheap.
    """
    watch = progress or _ignore
    return io.BufferedReader(_Watched(inner, path, watch, _READ_FAILURES + failures, goes_back), LOOK)


def unpacked(inner: BinaryIO, path: str, packed_bytes: Callable[[], int]) -> io.BufferedReader:
    """A stream that unpacks, guarded: :class:`LoadRefused` when it is damaged or gives absurdly more than it takes."""

    def check(so_far: int) -> None:
        refuse_bomb(path, so_far, packed_bytes())

    # It could go back only by unpacking everything again, so it says that it cannot.
    return io.BufferedReader(_Watched(inner, path, check, _READ_FAILURES, goes_back=False), LOOK)


def damaged(
    path: str, what: str, error: Exception, remedy: str = "It was probably cut short: download it again."
) -> LoadRefused:
    """The refusal of a file that is ``what`` and cannot be read, with the first line of why."""
    why = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(". ")
    return LoadRefused(f"{path} is a damaged {what}: {why}.", remedy=remedy)


def refuse_bomb(path: str, unpacked_bytes: int, packed_bytes: int) -> None:
    """Raise :class:`LoadRefused` when the sizes are those of a decompression bomb rather than of an export."""
    if unpacked_bytes > max(_UNPACKED_FREELY, _UNPACKED_TIMES * packed_bytes):
        raise LoadRefused(
            f"{path} unpacks to more than {_UNPACKED_TIMES} times its size, which no export does.",
            remedy="If it is genuine, unpack it yourself and load the unpacked file.",
        )


def seekable(source: Source) -> IO[bytes]:
    """The stream itself when it can go back, else a copy of it that can (in memory while small, then on disk)."""
    if source.stream.seekable():
        return source.stream
    copy = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when its last reader drops it
    shutil.copyfileobj(source.stream, copy, 1 << 20)
    copy.seek(0)
    return copy


class _Watched(io.RawIOBase):
    """A raw stream over another that tells ``watch`` after every read how many bytes it gave."""

    def __init__(
        self, inner: BinaryIO, path: str, watch: Callable[[int], None], failures: _Failures, goes_back: bool
    ) -> None:
        self._inner = inner
        self._path = path
        self._watch = watch
        self._failures = failures
        self._goes_back = goes_back
        self.given = 0  # bytes

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._goes_back

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._inner.read(len(view))
        except self._failures as error:
            raise LoadRefused(
                f"{self._path} could not be read to its end: {error}.",
                remedy="It is damaged or was cut short: download it again.",
            ) from error
        view[: len(data)] = data
        self.given += len(data)
        self._watch(self.given)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def _ignore(_count: int) -> None:
    return
