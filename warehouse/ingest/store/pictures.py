"""Pictures that creatives refer to and that lie beside their export: found, checked and kept."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from warehouse.errors import BadImage, LoadRefused
from warehouse.images import LARGEST, ImageStore, StoredImage
from warehouse.ingest.contract import Finding
from warehouse.ingest.read.places import is_remote, opened

_ADDRESS: Final = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)


@dataclass(slots=True)
class Pictures:
    """The pictures of one load. ``folder`` is where the export lies, ``None`` where it is no file."""

    store: ImageStore
    folder: str | None
    _kept: dict[str, StoredImage | None] = field(default_factory=dict)
    _missing: list[str] = field(default_factory=list)
    _refused: Counter[str] = field(default_factory=Counter)

    def keep(self, reference: str) -> StoredImage | None:
        """The picture that a creative refers to; ``None`` for an address, and for what is not there or no picture."""
        if self.folder is None or _ADDRESS.match(reference):
            return None
        if reference not in self._kept:
            self._kept[reference] = self._read(reference)
        return self._kept[reference]

    def findings(self) -> list[Finding]:
        """What became of the pictures that were not kept."""
        found = []
        if self._missing:
            shown = ", ".join(self._missing[:3]) + (" ..." if len(self._missing) > 3 else "")
            words = f"Pictures that are not in the export's folder or below it: {len(self._missing)} ({shown})."
            found.append(Finding("picture_missing", "warning", f"{words} Put them there and load the file again."))
        found += [Finding("picture_refused", "warning", reason) for reason in self._refused]
        return found

    def _read(self, reference: str) -> StoredImage | None:
        data = self._bytes(reference.replace("\\", "/"))
        if data is None:
            self._missing.append(reference)
            return None
        try:
            return self.store.keep(data)
        except BadImage as error:
            self._refused[f"{reference}: {error}"] += 1
            return None

    def _bytes(self, reference: str) -> bytes | None:
        """The file's first bytes, one more than a picture may have. What lies elsewhere is not looked for."""
        folder = self.folder or ""
        if is_remote(folder):
            if ".." in reference.split("/"):
                return None
            place = f"{folder}/{reference.lstrip('/')}"
        else:
            root = Path(folder).resolve()
            found = (root / reference).resolve()
            if not found.is_relative_to(root) or not found.is_file():
                return None
            place = str(found)
        try:
            with opened(place) as file:
                return file.read(LARGEST + 1)
        except (LoadRefused, FileNotFoundError):
            return None


def folder_of(path: str) -> str:
    """The folder in which a file lies, local or in a bucket."""
    return path.rstrip("/").rpartition("/")[0] if is_remote(path) else str(Path(path).parent)
