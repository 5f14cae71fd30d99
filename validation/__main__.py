"""``python -m validation``: how far every model is from what is known to be true, written to docs/validation.md."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

MODULES = (
    "attribution", "experiments", "experiment_worlds", "lift", "uplift", "mix", "mix_simulated", "budget", "plans",
)  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "validation.md"


def main(arguments: Sequence[str]) -> None:
    """Validate, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    parser.add_argument("module", nargs="*", choices=[[], *MODULES], help="only these; the page is then not written")
    asked = parser.parse_args(arguments)
    lines = []
    for line in _page(asked.module or MODULES, reference_data(), arguments):
        lines.append(line)
        print(line, end="", flush=True)
    if not asked.module:
        PAGE.write_text("".join(lines), encoding="utf-8")


def reference_data() -> Path | None:
    """The folder of reference data: CAUSEWAY_REFERENCE_DATA, or ``shared/data`` beside the repository."""
    folder = Path(os.environ.get("CAUSEWAY_REFERENCE_DATA") or ROOT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def _page(modules: Sequence[str], reference: Path | None, arguments: Sequence[str]) -> Iterator[str]:
    today, command = dt.datetime.now(dt.UTC).date(), shlex.join(["python", "-m", "validation", *arguments])
    yield "# Against the truth\n\n"
    yield f"Written by `{command}` on {today}. Models see what an advertiser would see of\n"
    yield "a [simulated advertiser](simulation.md); the truth is what happens in the same world without each cause.\n"
    yield "" if reference else "Reference data was not there, so what needs it is left out.\n"
    began = time.process_time()
    for name in modules:
        module = import_module(f"validation.{name}")
        title, _, rest = (module.__doc__ or "").partition("\n")
        yield f"\n## {title.rstrip('.')}\n{rest.rstrip()}\n"
        yield from module.sections(reference)
    yield f"\nThis took {(time.process_time() - began) / 60:.0f} minutes of CPU.\n"


if __name__ == "__main__":
    main(sys.argv[1:])
