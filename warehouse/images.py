"""Pictures of creatives on disk, named by the digest of their bytes.

A picture is bytes that somebody else made. It is kept as it came and never decoded here: what it is, its first bytes
say; how large it is, its header says; and what is no PNG, JPEG, GIF or WebP, or too large, is not kept.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from warehouse.errors import BadImage, NotFound
from warehouse.settings import Settings

LARGEST: Final = 20 << 20  # bytes
MOST_PIXELS: Final = 40_000_000  # a photograph of a telephone has 12 to 50 million; an ad never needs more

_MAGIC: Final = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "WEBP"),
)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A picture that is kept: SHA-256 of its bytes (hexadecimal), media type, size in bytes and in pixels."""

    digest: str
    media_type: str
    size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ImageStore:
    """Pictures in a folder. The same bytes are one file, however often they are kept."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> ImageStore:
        """The store under ``CAUSEWAY_HOME``."""
        return cls(settings.home / "images")

    def keep(self, data: bytes) -> StoredImage:
        """Keep a picture. It is on the disk when this returns. Raises :class:`BadImage`."""
        image = described(data)
        place = self._place(image.digest)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            descriptor, draft = tempfile.mkstemp(dir=place.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(place)
        return image

    def find(self, digest: str) -> Path:
        """Where a picture lies. Raises :class:`NotFound`."""
        place = self._place(digest) if _DIGEST.fullmatch(digest) else None
        if place is None or not place.is_file():
            raise NotFound(
                "There is no such picture on this machine.", remedy="Load the creatives again beside their files."
            )
        return place

    def _place(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest


def described(data: bytes) -> StoredImage:
    """What the bytes are. Raises :class:`BadImage` for what is no picture, broken, or too large."""
    if len(data) > LARGEST:
        raise BadImage(f"The file is larger than {LARGEST >> 20} MB.", remedy="Save the picture smaller.")
    kind = next((kind for magic, kind in _MAGIC if magic.match(data)), None)
    if kind is None:
        raise BadImage("The file is no PNG, JPEG, GIF or WebP.", remedy="Save the picture in one of these formats.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is lower
            image = Image.open(io.BytesIO(data), formats=(kind,))  # reads the header only
            width, height = image.size
            if width * height <= MOST_PIXELS:
                image.verify()
    except Image.DecompressionBombError:
        width = height = MOST_PIXELS
    except Exception as error:  # every format has its own family: OSError, SyntaxError, ValueError, struct.error
        raise BadImage(f"The {kind} file is damaged: {error}.", remedy="Save the picture again.") from error
    if width * height > MOST_PIXELS:
        raise BadImage(
            f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels.", remedy="Save it smaller."
        )
    return StoredImage(hashlib.sha256(data).hexdigest(), f"image/{kind.lower()}", len(data), width, height)
