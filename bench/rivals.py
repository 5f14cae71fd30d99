"""Rivals in an environment of their own, made once in the folder for temporary files: one task a process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Rivals:
    """The rivals' environment, by its interpreter, and the ``program`` that runs their tasks in it."""

    interpreter: Path
    program: Path
    longest: float

    @classmethod
    def made(cls, folder: str, packages: Sequence[str], program: str, longest: float) -> Rivals | None:
        """With these packages; None where the registry is not there. A task may take ``longest`` seconds."""
        home = Path(tempfile.gettempdir()) / folder
        interpreter = home / "bin" / "python"
        try:
            if not (home / "whole").exists():
                subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
                subprocess.run([interpreter, "-m", "pip", "install", "--quiet", *packages], check=True)
                (home / "whole").touch()
        except (OSError, subprocess.CalledProcessError):
            return None
        return cls(interpreter, Path(__file__).with_name(program), longest)

    def run(self, file: Path, task: str, *arguments: str) -> list[float] | None:
        """What a task measured, CPU-seconds first; None where it fails or takes too long."""
        command = [str(self.interpreter), str(self.program), task, str(file), *arguments]
        try:
            said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=self.longest).stdout
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return None
        line = next(line for line in said.splitlines() if line.startswith("MEASURED"))
        return [float(figure) for figure in line.split()[1:]]
