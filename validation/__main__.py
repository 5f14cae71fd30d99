"""``python -m validation``: how far every model is from what is known to be true, written to docs/validation.md."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from validation.pages import heading, write_sections

MODULES = (
    "attribution", "experiments", "experiment_worlds", "lift", "uplift", "mix", "mix_simulated", "budget", "plans",
)  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "validation.md"
OPENING = """# Against the truth

Models see what an advertiser would see of a [simulated advertiser](simulation.md); the truth is what happens in the
same world without each cause. `make validate` writes all of it; each section says when it was written, and by what.
"""


def main(arguments: Sequence[str]) -> None:
    """Validate, print, and write the sections of the page that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    parser.add_argument("module", nargs="*", choices=[[], *MODULES], help="only these")
    written = dict(_section(name, reference_data()) for name in parser.parse_args(arguments).module or MODULES)
    write_sections(PAGE, OPENING, [_told(name)[0] for name in MODULES], written)


def reference_data() -> Path | None:
    """The folder of reference data: CAUSEWAY_REFERENCE_DATA, or ``shared/data`` beside the repository."""
    folder = Path(os.environ.get("CAUSEWAY_REFERENCE_DATA") or ROOT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def _section(name: str, reference: Path | None) -> tuple[str, str]:
    """The title of a module's section, and what it says."""
    title, words = _told(name)
    print(f"\n## {title}", flush=True)
    lines, began = [], time.process_time()
    for line in import_module(f"validation.{name}").sections(reference):
        lines.append(line)
        print(line, end="", flush=True)
    minutes = (time.process_time() - began) / 60
    left_out = "" if reference else " Reference data was not there, so what needs it is left out."
    today = dt.datetime.now(dt.UTC).date()
    dated = f"By `python -m validation {name}` on {today}, in {minutes:.0f} minutes of CPU.{left_out}"
    return title, "\n".join([words, "", dated, "", "".join(lines).strip("\n")])


def _told(name: str) -> tuple[str, str]:
    return heading(import_module(f"validation.{name}").__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
