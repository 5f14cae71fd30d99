"""Several hundred malformed export files, made from good ones of every shape, for whatever must survive them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.malformations.cells import spoiled_cells
from tests.malformations.containers import spoiled_containers
from tests.malformations.encodings import spoiled_bytes
from tests.malformations.headers import spoiled_headers
from tests.malformations.rows import spoiled_rows
from tests.malformations.sheet import good_sheets
from tests.malformations.spoiled import Spoiled


@dataclass(frozen=True, slots=True)
class MalformedFile:
    """A malformed file on disk and the least that must hold when it is loaded.

    Whatever is None cannot be known from outside. Always: no traceback, and read = accepted + rejected + skipped.
    """

    path: Path
    kind: str
    made_from: str
    note: str
    must_refuse: bool | None
    min_accepted: int | None
    max_accepted: int | None


def malformed_files(folder: Path, seed: int, *, per_kind: int = 2) -> list[MalformedFile]:
    """Write them below ``folder``, each in a folder of its own so that it keeps its natural name.

    Of each kind at most ``per_kind`` are made, from shapes that take turns. The good files they are made from are
    in ``folder / "good"``. The same arguments give the same bytes.
    """
    rng = random.Random(seed)
    sheets = good_sheets(folder / "good", seed)
    files: list[MalformedFile] = []
    spoilers = chain(
        spoiled_bytes(sheets, rng),
        spoiled_headers(sheets),
        spoiled_cells(sheets, rng),
        spoiled_rows(sheets, rng),
        spoiled_containers(sheets, rng),
    )
    for number, spoiled in enumerate(_taking_turns(list(spoilers), per_kind)):
        path = folder / f"{number:03d}" / spoiled.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(spoiled.content)
        must = (spoiled.must_refuse, spoiled.min_accepted, spoiled.max_accepted)
        files.append(MalformedFile(path, spoiled.kind, spoiled.made_from, spoiled.note, *must))
    return files


def _taking_turns(spoilers: list[Spoiled], per_kind: int) -> list[Spoiled]:
    kinds: dict[str, list[Spoiled]] = {}
    for spoiled in spoilers:
        kinds.setdefault(spoiled.kind, []).append(spoiled)
    chosen: list[Spoiled] = []
    for turn, alike in enumerate(kinds.values()):
        start = turn % len(alike)
        chosen += (alike[start:] + alike[:start])[:per_kind]
    return chosen
