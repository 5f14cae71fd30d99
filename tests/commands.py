"""The real command line, run as a program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import HOME_OF_THE_RUN
from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int

    @property
    def json(self) -> Any:
        """Standard output, which must be JSON and nothing else."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs `causeway` in an environment of its own. Without a database, it uses the embedded server under ``home``."""

    home: Path
    database_url: str | None

    @staticmethod
    def on(settings: Settings) -> Commands:
        return Commands(settings.home, settings.database_url)

    def run(self, *arguments: object, stdin: str = "", **more: str) -> Said:
        """Run to the end, at most two minutes."""
        done = subprocess.run(
            self._command(arguments),
            env=self._environment(more),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Said(done.stdout, done.stderr, done.returncode)

    def ok(self, *arguments: object, stdin: str = "") -> Said:
        """Run a command that must end well."""
        said = self.run(*arguments, stdin=stdin)
        assert said.code == 0, said
        return said

    @contextmanager
    def serving(self, *arguments: object, until: str, **more: str) -> Iterator[Serving]:
        """A command that stays, once it has printed a line with ``until``; killed at the end if it still runs."""
        process = subprocess.Popen(
            self._command(arguments),
            env=self._environment(more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        lines = []
        try:
            for line in process.stdout:
                lines.append(line)
                if until in line:
                    break
            else:
                raise AssertionError("".join(lines))
            yield Serving(process, "".join(lines))
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    @staticmethod
    def _command(arguments: tuple[object, ...]) -> list[str]:
        return [sys.executable, "-m", "causeway", *map(str, arguments)]

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        dropped = ("CAUSEWAY_", "PYTHONDONTWRITEBYTECODE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        own = {
            "CAUSEWAY_HOME": str(self.home),
            "CAUSEWAY_DATABASE_URL": self.database_url or "",
            # Compiled once for the whole run, wherever bytecode is not kept otherwise.
            "PYTHONPYCACHEPREFIX": str(Path(os.environ[HOME_OF_THE_RUN]) / "bytecode"),
        }
        return {**kept, **own, **more}


@dataclass(frozen=True, slots=True)
class Serving:
    """A command that stays, and what it has printed."""

    process: subprocess.Popen[str]
    words: str

    @property
    def address(self) -> str:
        """Where it serves, without a slash at the end."""
        return (
            next(word for word in self.words.split() if word.startswith("http://")).rstrip("/").removesuffix("/graphql")
        )

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.stdout is not None
        self.process.stdout.read()
        return self.process.wait(timeout=60)
